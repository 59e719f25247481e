from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.conftest import desk, empty_database
from tests.daemon.house import House
from tests.servers import Dovecot, SmtpSink

__all__ = ["desk", "empty_database"]


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, new_user: Callable[[], str]) -> House:
    return House(tmp_path, dovecot, smtp_sink, {"support": new_user()})
