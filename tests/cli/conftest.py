"""What all tests of the commands share."""

from datetime import datetime, timedelta

import pytest

from mailgateway.cli import stores
from tests.app.parts import NOW, real_now


class AfterTheMails(datetime):
    """A clock that is later than the mails of the tests, also on a machine whose own is not."""

    @classmethod
    def now(cls, _zone: object = None) -> datetime:  # type: ignore[override]  # always in UTC
        return max(real_now(), NOW + timedelta(days=1))


@pytest.fixture(autouse=True)
def commands_come_after_the_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "datetime", AfterTheMails)
