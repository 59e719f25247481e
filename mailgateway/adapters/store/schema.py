"""The state of a database's schema, and the way forward; there is none back."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from mailgateway import migrations
from mailgateway.adapters.store.engine import Database, engine_for, sqlite_path
from mailgateway.errors import PermanentError

_UPGRADE_LOCK = 0x6D61696C  # PostgreSQL: two daemons that start at once upgrade one after the other


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Where a database stands.

    Attributes:
        current: The last step it has, "" for an empty database.
        head: The last step this program has.
        pending: The steps that `upgrade` would take, in order.
        known: False where `current` is no step of this program: a newer one was here.
    """

    current: str
    head: str
    pending: tuple[str, ...]
    known: bool


def status(url: str) -> SchemaStatus:
    """Return where a database stands; a SQLite file that is missing is an empty one, and is not made.

    Raises:
        TemporaryError: It does not answer.
        PermanentError: The URL is none.
    """
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return _standing("")
    database = Database(engine_for(url))
    try:
        with database.read() as connection:
            return _standing(_current(connection))
    finally:
        database.close()


def upgrade(url: str) -> SchemaStatus:
    """Bring a database to this program's schema, in one transaction; return where it stood before.

    Raises:
        TemporaryError: It does not answer.
        PermanentError: A newer program was here, or the URL is none.
    """
    path = sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(engine_for(url))
    try:
        with database.write() as transaction:
            connection = transaction.connection
            if transaction.is_postgres:
                connection.execute(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK).select())
            before = _standing(_current(connection))
            _refuse_newer(before)
            if before.pending:
                command.upgrade(_config(connection), "head")
    finally:
        database.close()
    return before


def check_schema(url: str) -> None:
    """Return where the database is at this program's schema.

    Raises:
        TemporaryError: It does not answer.
        PermanentError: It is older or newer.
    """
    found = status(url)
    _refuse_newer(found)
    if found.pending:
        step = found.current or "empty"
        raise PermanentError(
            f"the database is at schema step {step}, this program needs {found.head}: run `mailgateway db upgrade`"
        )


def _refuse_newer(found: SchemaStatus) -> None:
    if not found.known:
        raise PermanentError(
            f"the database is at schema step {found.current}, which this program (up to {found.head}) does not know:"
            " a newer mailgateway was here; install that one, or restore a backup made before"
        )


def _current(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def _standing(current: str) -> SchemaStatus:
    scripts = ScriptDirectory.from_config(_config())
    steps = [script.revision for script in reversed(list(scripts.walk_revisions()))]
    known = not current or current in steps
    pending = steps[steps.index(current) + 1 :] if current in steps else steps
    return SchemaStatus(current, steps[-1], tuple(pending) if known else (), known)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
