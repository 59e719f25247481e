import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mailgateway.adapters.store import SqlStore, engine, open_store
from mailgateway.adapters.store.columns import INDEXED_OCTETS, UtcTime, indexable, printable
from mailgateway.adapters.store.engine import engine_for, translated
from mailgateway.adapters.store.schema import upgrade
from mailgateway.adapters.store.tables import folder_seen
from mailgateway.app.ports import Lease
from mailgateway.errors import MailgatewayError, PermanentError, TemporaryError
from tests.servers import Postgres
from tests.store.steps import received
from tests.store.values import MAILBOX, NOW, fetched

SQLITE_ONLY = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    "url", ["", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "postgresql+pg8000://x/y", "///"]
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(PermanentError, match="database"):
        engine_for(url)


@SQLITE_ONLY
def test_sqlite_commits_to_the_disk_and_checks_references(store: SqlStore) -> None:
    pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}

    with store._database.read() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas}

    assert found == pragmas


@SQLITE_ONLY
def test_a_locked_database_is_temporary(
    store: SqlStore, lease: Lease, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PATIENCE_S", 0.01)
    impatient = open_store(url)

    with store.batch(lease), pytest.raises(TemporaryError, match="database is locked"):
        impatient.saw_folder(MAILBOX, "INBOX", NOW)

    impatient.close()


@SQLITE_ONLY
def test_a_thread_that_gets_no_turn_gives_up(store: SqlStore, lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "PATIENCE_S", 0.01)
    raised: list[MailgatewayError] = []

    def write() -> None:
        try:
            store.saw_folder(MAILBOX, "INBOX", NOW)
        except MailgatewayError as error:
            raised.append(error)

    with store.batch(lease):
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()

    assert [type(error) for error in raised] == [TemporaryError]
    assert store.saw_folder(MAILBOX, "INBOX", NOW) is True


@SQLITE_ONLY
def test_a_write_inside_a_write_is_a_bug_and_no_deadlock(store: SqlStore, lease: Lease) -> None:
    with store.batch(lease), pytest.raises(RuntimeError, match="same thread"):
        store.give_back(1, "", NOW)

    assert store.saw_folder(MAILBOX, "INBOX", NOW) is True


@SQLITE_ONLY
def test_a_full_disk_is_temporary_and_loses_nothing(store: SqlStore, lease: Lease) -> None:
    received(store, lease, 1)
    with store._database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limited = f"PRAGMA max_page_count = {pages + 1}"
    sa.event.listen(store._database._engine, "begin", lambda connection: connection.exec_driver_sql(limited))
    big = fetched(2).raw * 10_000

    with pytest.raises(TemporaryError, match="full"):
        store.receive(lease, [replace(fetched(2), raw=big)])

    assert [entry.location.uid for entry in store.entries()] == [1]


def test_a_database_that_is_not_there_is_temporary(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}", f"postgresql+psycopg://gateway@/x?host={tmp_path}"):
        with pytest.raises(TemporaryError):
            open_store(url)


def test_a_wrong_statement_is_a_bug(store: SqlStore) -> None:
    with pytest.raises(sa.exc.DBAPIError), store._database.read() as connection:
        connection.execute(sa.text("SELECT * FROM nothing"))


def test_what_the_driver_says_of_a_lost_connection_is_temporary() -> None:
    with pytest.raises(TemporaryError, match="server closed the connection"), translated():
        raise sa.exc.OperationalError("SELECT 1", None, psycopg.OperationalError("server closed\nthe connection"))


def test_a_database_that_only_reads_for_now_is_temporary() -> None:
    refused = psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction")

    with pytest.raises(TemporaryError, match="read-only"), translated():
        raise sa.exc.InternalError("INSERT", None, refused)


def test_a_value_beyond_the_limits_of_the_database_is_not_waited_for() -> None:
    refused = psycopg.errors.ProgramLimitExceeded("index row size 9000 exceeds btree maximum 2704")

    with pytest.raises(sa.exc.OperationalError), translated():
        raise sa.exc.OperationalError("INSERT", None, refused)


def test_what_a_statement_carried_is_not_in_its_error(store: SqlStore) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught, store._database.read() as connection:
        connection.execute(sa.text("SELECT :words FROM nothing"), {"words": "my secret words"})

    assert "secret" not in str(caught.value)


def test_a_store_outlives_a_restart_of_postgresql(own_postgres: Postgres) -> None:
    url = own_postgres.create_database()
    upgrade(url)
    store = open_store(url)
    lease = store.acquire(MAILBOX, "one", NOW, 60)
    assert lease is not None

    own_postgres.stop("immediate")
    with pytest.raises(TemporaryError):
        store.receive(lease, [fetched(1)])
    own_postgres.start()

    assert store.receive(lease, [fetched(1)]) == 1
    store.close()


def test_a_connection_cut_inside_a_batch_is_temporary_and_rolls_back(own_postgres: Postgres) -> None:
    url = own_postgres.create_database()
    upgrade(url)
    store = open_store(url)
    lease = store.acquire(MAILBOX, "one", NOW, 60)
    assert lease is not None

    with pytest.raises(TemporaryError):
        reserve_after(store, lease, lambda: own_postgres.stop("immediate"))
    own_postgres.start()

    assert store.receive(lease, [fetched(1)]) == 1
    store.close()


def reserve_after(store: SqlStore, lease: Lease, stop: Callable[[], None]) -> None:
    with store.batch(lease) as batch, batch.savepoint():
        stop()
        batch.reserve(1, 1)


def test_times_are_kept_to_the_microsecond_in_utc(store: SqlStore) -> None:
    eastern = datetime(2026, 7, 1, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=5, minutes=30)))

    store.saw_folder(MAILBOX, "INBOX", eastern)

    assert store.acquire(MAILBOX, "one", eastern, 0.5) is not None
    with store._database.read() as connection:
        found = connection.execute(sa.text("SELECT count(*) FROM folder_seen")).scalar()
        at = connection.execute(sa.select(folder_seen.c.first_at)).scalar_one()
    assert (found, at, at.tzinfo) == (1, datetime(2026, 6, 30, 21, 34, 5, 678901, tzinfo=UTC), UTC)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_a_naive_time_is_refused(dialect: sa.Dialect) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        UtcTime().process_bind_param(datetime(2026, 1, 1), dialect)  # noqa: DTZ001 -- the mistake that is meant


def test_long_texts_are_indexed_by_beginning_and_sum() -> None:
    short, long = "ä" * (INDEXED_OCTETS // 2), "ä" * (INDEXED_OCTETS // 2) + "x"

    assert indexable(short) == short
    assert indexable(long) == indexable(long)
    assert indexable(long) != indexable(long + "y")
    assert len(indexable(long).encode()) <= INDEXED_OCTETS
    assert len(indexable("\ud800" * 2000)) < INDEXED_OCTETS


def test_any_text_can_be_made_printable() -> None:
    assert printable("a\0b\ud800c\n") == "a\ufffdb\\ud800c\n"
