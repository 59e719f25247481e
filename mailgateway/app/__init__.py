"""The use cases: what happens to a mail from the server to the reply. The world is behind `ports`."""
