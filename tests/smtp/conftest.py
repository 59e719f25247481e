"""Relays of ours to throw-away servers."""

from collections.abc import Iterator

import pytest

from mailgateway.adapters.smtp import Limits, SmtpRelay
from mailgateway.config import SmtpAccess
from tests.servers import PATIENCE_S, SmtpSink
from tests.smtp.values import RelayTo


@pytest.fixture
def relay_to() -> Iterator[RelayTo]:
    """Return a maker of relays; all are closed in the end."""
    made: list[SmtpRelay] = []

    def make(port: int, limits: Limits | None = None, **changes: object) -> SmtpRelay:
        settings = {"host": "127.0.0.1", "port": port, "security": "none", "timeout_s": PATIENCE_S}
        access = SmtpAccess.model_validate(settings | changes)
        made.append(SmtpRelay(access, "secret", "gateway.example.test", limits))
        return made[-1]

    yield make
    for relay in made:
        relay.close()


@pytest.fixture
def relay(smtp_sink: SmtpSink, relay_to: RelayTo) -> SmtpRelay:
    return relay_to(smtp_sink.port)
