import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgateway.adapters.store.schema import upgrade
from tests.app.account import Account, open_account
from tests.app.parts import Desk, open_desk
from tests.servers import Dovecot


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "gateway.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def desk(empty_database: Path, tmp_path: Path) -> Iterator[Desk]:
    path = tmp_path / "gateway.db"
    shutil.copy(empty_database, path)
    opened = open_desk(f"sqlite:///{path}", tmp_path)
    yield opened
    opened.store.close()


@pytest.fixture
def account(desk: Desk, dovecot: Dovecot, unique_user: str) -> Iterator[Account]:
    with open_account(desk, dovecot, unique_user) as opened:
        yield opened
