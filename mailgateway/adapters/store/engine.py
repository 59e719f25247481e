"""Connections and transactions, on both databases; every passing failure leaves as `TemporaryError`.

SQLite: one writer at a time by nature. Threads of one store queue for it in order here, other processes in SQLite's
busy handler. A commit is on the disk when it returns (WAL, synchronous=FULL).
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from mailgateway.adapters.store.numbers import Numbers, numbers_for
from mailgateway.errors import ConflictError, PermanentError, TemporaryError

PATIENCE_S = 30.0
"""How long anything waits for a lock; beyond it, it is a TemporaryError."""

_CONFLICTS = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
_WRITE = {"mailgateway_write": True}
_SQL_FAULT = 1  # SQLITE_ERROR: the statement is wrong, which no waiting cures
_PROGRAM_LIMIT = "54"  # the class of SQLSTATE


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open write transaction and the numbers that may be taken in it."""

    connection: Connection
    numbers: Numbers

    @property
    def is_postgres(self) -> bool:
        """Whether rows can be locked one by one."""
        return self.connection.dialect.name == "postgresql"


class Queue:
    """A lock that threads get in the order in which they asked, so that none starves behind a busy one."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._holder: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Return a context that is entered when it is this thread's turn.

        Raises:
            TemporaryError: It was not within PATIENCE_S.
            RuntimeError: This thread has it already: it would wait for itself.
        """
        self._acquire()
        try:
            yield
        finally:
            self._release()

    def _acquire(self) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._holder == me:
                raise RuntimeError("a write inside a write transaction of the same thread")
            if self._holder is None and not self._waiting:
                self._holder = me
                return
            called = threading.Event()
            self._waiting.append(called)
        self._wait(called)
        self._holder = me

    def _wait(self, called: threading.Event) -> None:
        if called.wait(PATIENCE_S):
            return
        with self._guard:
            if not called.is_set():
                self._waiting.remove(called)
                raise TemporaryError("the database is busy: no turn to write")

    def _release(self) -> None:
        with self._guard:
            self._holder = None
            if self._waiting:
                # The place is handed over, not set free: nobody who comes now can slip in between.
                self._holder = -1
                self._waiting.popleft().set()


class Database:
    """One database: `read()` and `write()` are the only ways to a connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**_WRITE)
        self._queue = Queue()

    @property
    def is_postgres(self) -> bool:
        """Whether it is PostgreSQL; SQLite otherwise."""
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Return a context with a connection that sees one state of the database and changes nothing."""
        with translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Return a context with a transaction: committed when it is left, rolled back when by an exception."""
        if self.is_postgres:
            with self._transaction() as transaction:
                yield transaction
        else:
            with self._queue.turn(), self._transaction() as transaction:
                yield transaction

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        with translated(), self._writer.begin() as connection:
            transaction = Transaction(connection, numbers_for(connection))
            yield transaction
            transaction.numbers.settle()

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


def engine_for(url: str) -> Engine:
    """Return an engine for a SQLAlchemy URL, `sqlite:///PATH` or `postgresql+psycopg://...`; connects to nothing yet.

    Raises:
        PermanentError: The URL is none, or of another database.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise PermanentError("the database URL cannot be read") from error
    if parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return _sqlite_engine(parsed)
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return _postgres_engine(parsed.set(drivername="postgresql+psycopg"))
    raise PermanentError(f"the database must be a SQLite file or PostgreSQL (psycopg), not {parsed.drivername}")


def sqlite_path(url: str) -> Path | None:
    """Return where a SQLite database lies, None for PostgreSQL.

    Raises:
        PermanentError: As for `engine_for`.
    """
    parsed = engine_for(url).url
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _sqlite_engine(url: sa.URL) -> Engine:
    # isolation_level None turns the driver's own transaction handling off: it would begin late and DEFERRED, and a
    # transaction that reads first and writes later fails at once when another wrote in between.
    engine = sa.create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": PATIENCE_S, "check_same_thread": False},
        pool_size=8,
        max_overflow=-1,
        hide_parameters=True,  # an error is logged and kept: no words of a mail in it
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -16000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("mailgateway_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _postgres_engine(url: sa.URL) -> Engine:
    patience_ms = int(PATIENCE_S * 1000)
    return sa.create_engine(
        url,
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=32,
        pool_timeout=PATIENCE_S,
        hide_parameters=True,
        connect_args={"connect_timeout": 10, "options": f"-c lock_timeout={patience_ms} -c timezone=UTC"},
    )


@contextmanager
def translated() -> Iterator[None]:
    """Return a context out of which a passing failure of the database comes as `TemporaryError`.

    Where PostgreSQL ended one of two writers that waited for each other it is a `ConflictError`.
    What the database finds wrong with a value is a `PermanentError`; what it finds wrong with us stays as it is.
    """
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise TemporaryError("the database is busy: no connection is free") from error
    except sa.exc.DataError as error:
        raise PermanentError(f"the database does not take a value: {_words(error)}") from error
    except sa.exc.DBAPIError as error:
        if not _will_pass(error):
            raise
        failure = ConflictError if isinstance(error.orig, _CONFLICTS) else TemporaryError
        raise failure(f"database: {_words(error)}") from error


def _will_pass(error: sa.exc.DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.OperationalError):
        return cause.sqlite_errorcode & 0xFF != _SQL_FAULT
    if isinstance(cause, psycopg.errors.ReadOnlySqlTransaction):
        return True  # after a failover we may still talk to the former primary
    # A value beyond what the database can hold is the same at the next attempt: the mail's fault, and counted as such.
    return isinstance(cause, psycopg.OperationalError) and (cause.sqlstate or "")[:2] != _PROGRAM_LIMIT


def _words(error: sa.exc.DBAPIError) -> str:
    return " ".join(str(error.orig).split())
