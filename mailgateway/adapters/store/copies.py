"""One consistent copy of a whole database in a file, and the way back into an empty one."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from mailgateway.adapters.store.engine import Database, engine_for, sqlite_path
from mailgateway.adapters.store.lease import FREE_ALL
from mailgateway.adapters.store.tables import counter
from mailgateway.errors import PermanentError, TemporaryError

SQLITE_FILE, POSTGRES_FILE = "database.sqlite", "database.pgdump"

NUMBERS_SKIPPED = {
    # What was given out after the backup was made is in people's mailboxes: a Message-ID used for a second mail is
    # thrown away as a copy, and an ID in a customer's old mail must not mean somebody else's ticket.
    "ticket_number": 1_000,
    "outbox_number": 1_000_000,
    "mail_number": 0,
    "message_number": 0,
}

_SKIP_COUNTER = (
    counter.update().where(counter.c.name == sa.bindparam("of")).values(value=counter.c.value + sa.bindparam("by"))
)
_SKIP_SEQUENCE = sa.text("SELECT setval(CAST(:of AS regclass), nextval(CAST(:of AS regclass)) + :by)")


def copy_name(url: str) -> str:
    """Return what the copy of a database is called in a backup."""
    return SQLITE_FILE if sqlite_path(url) else POSTGRES_FILE


def can_copy(url: str) -> bool:
    """Return whether this machine can copy the database: PostgreSQL's needs its own programs."""
    return sqlite_path(url) is not None or bool(shutil.which("pg_dump"))


def copy_database(url: str, copy: Path) -> None:
    """Write a copy of the database as it is at one moment; others may write to it meanwhile.

    Raises:
        TemporaryError: It cannot be read, or the disk is full.
        PermanentError: The copy is damaged.
    """
    path = sqlite_path(url)
    if path is None:
        _run_postgres("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
    else:
        with _sqlite_trouble():
            _copy_sqlite(path, copy)


def _copy_sqlite(path: Path, copy: Path) -> None:
    # The backup API in one step: one read transaction, which in WAL mode keeps no writer waiting.
    with (
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # a single file, without -wal and -shm
        (verdict,) = target.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise PermanentError(f"the database is damaged: {verdict}")


def refuse_existing(url: str) -> None:
    """Return where nothing is at the URL that a restored database would overwrite.

    Raises:
        PermanentError: There is something.
    """
    path = sqlite_path(url)
    if path is None:
        _refuse_tables(url)
    elif path.exists():
        raise PermanentError(f"{path} exists already; move it away first, nothing is overwritten")


def _refuse_tables(url: str) -> None:
    database = Database(engine_for(url))
    try:
        with database.read() as connection:
            tables = sa.inspect(connection).get_table_names()
    finally:
        database.close()
    if tables:
        raise PermanentError(f"the database has tables already ({tables[0]}, ...); restore into an empty one")


def restore_database(copy: Path, url: str) -> None:
    """Put a copy in the place of a database that is not there; its numbers go on well above those of the copy.

    Args:
        copy: On SQLite it is moved, and must lie on the same disk.
        url: Where to.

    Raises:
        TemporaryError: The database does not answer, or the disk is full.
        PermanentError: PostgreSQL's programs are missing or refuse it.
    """
    path = sqlite_path(url)
    if path is None:
        _run_postgres("pg_restore", url, "--exit-on-error", "--single-transaction", "--no-owner", str(copy))
        _make_ready(url)
    else:
        with _sqlite_trouble():
            _make_ready(f"sqlite:///{copy}")
            copy.rename(path)


def _make_ready(url: str) -> None:
    """Let numbers go on well above those of the copy, and the mailboxes of its daemons go free."""
    database = Database(engine_for(url))
    try:
        with database.write() as transaction:
            skip = _SKIP_SEQUENCE if transaction.is_postgres else _SKIP_COUNTER
            for name, skipped in NUMBERS_SKIPPED.items():
                transaction.connection.execute(skip, {"of": name, "by": skipped})
            transaction.connection.execute(FREE_ALL)
    finally:
        database.close()


def _run_postgres(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on a database; its password is not on the command line."""
    found = shutil.which(program)
    if found is None:
        raise PermanentError(f"{program} is not on the PATH: install PostgreSQL's client programs")
    parsed = engine_for(url).url
    address = sa.URL.create(
        "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, parsed.query
    ).render_as_string()
    password = {"PGPASSWORD": parsed.password} if parsed.password else {}
    command = [found, f"--dbname={address}", *arguments]
    run = subprocess.run(command, env=os.environ | password, capture_output=True, text=True, check=False)  # noqa: S603 -- our own arguments
    if run.returncode:
        raise TemporaryError(f"{program}: {' '.join(run.stderr.split())}")


@contextmanager
def _sqlite_trouble() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise TemporaryError(f"database: {error}") from error
