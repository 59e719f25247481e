"""The database: SQLAlchemy Core on SQLite and PostgreSQL, behind the ports `Ledger`, `Outbox` and `Desk`.

Crash guarantee: a method has committed durably when it returns, or it has changed nothing.
"""

from mailgateway.adapters.store.store import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
