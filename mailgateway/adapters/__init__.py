"""The outside world: one module or package for each thing in it. Adapters fulfil `app.ports`."""
