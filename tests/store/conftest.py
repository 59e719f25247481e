"""The databases of the contract suite: SQLite and PostgreSQL, each test with an empty one."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from mailgateway.adapters.store import SqlStore, open_store
from mailgateway.adapters.store.engine import Database, engine_for
from mailgateway.adapters.store.schema import _config, upgrade
from mailgateway.adapters.store.tables import SEQUENCES, metadata
from mailgateway.app.ports import Lease
from tests.servers import Postgres
from tests.store.first_release import fill
from tests.store.values import MAILBOX, NOW

BOTH = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "mailgateway.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    url = postgres.create_database()
    upgrade(url)
    return url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "mailgateway.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database at the current schema."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    url = str(request.getfixturevalue("postgres_url"))
    empty(url)
    return url


@pytest.fixture(params=BOTH)
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database nothing was done to."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new.sqlite"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.create_database()


@pytest.fixture
def upgraded(new_url: str) -> Iterator[SqlStore]:
    """Return the store of a database that was made by revision 0001, filled, and upgraded."""
    database = Database(engine_for(new_url))
    with database.write() as transaction:
        command.upgrade(_config(transaction.connection), "0001")
        fill(transaction.connection)
    database.close()
    upgrade(new_url)
    store = open_store(new_url)
    yield store
    store.close()


def empty(url: str) -> None:
    engine = sa.create_engine(url)
    tables = ", ".join(table.name for table in metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {tables} RESTART IDENTITY"))
        for sequence in SEQUENCES:
            connection.execute(sa.text(f"ALTER SEQUENCE {sequence} RESTART"))
    engine.dispose()


@pytest.fixture
def open_another(url: str) -> Iterator[Callable[[], SqlStore]]:
    """Return a function that opens the database again, as another daemon does."""
    opened: list[SqlStore] = []

    def another() -> SqlStore:
        opened.append(open_store(url))
        return opened[-1]

    yield another
    for store in opened:
        store.close()


@pytest.fixture
def store(open_another: Callable[[], SqlStore]) -> SqlStore:
    return open_another()


@pytest.fixture
def lease(store: SqlStore) -> Lease:
    lease = store.acquire(MAILBOX, "daemon-1", NOW, 60)
    assert lease is not None
    return lease
