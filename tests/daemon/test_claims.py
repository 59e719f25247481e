"""Mails that take longer to send than their claim lasts: another daemon does not send them meanwhile."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
import structlog

from mailgateway.adapters.clock import SystemClock
from mailgateway.app.deliver import Delivering
from mailgateway.app.pace import Pace
from mailgateway.config import DeliveryConfig
from mailgateway.daemon import workers
from mailgateway.daemon.workers import Sender, deliver_some
from mailgateway.errors import TemporaryError
from mailgateway.model.ledger import Delivery, RecipientResult
from tests.app.parts import Desk, Instead, mail, raising, real_now
from tests.servers import eventually
from tests.store.steps import next_due

SHORT = DeliveryConfig(first_retry_s=1.0)
CLOCK = SystemClock()


class SlowRelay:
    """Takes a mail when its first claim would have run out, and lets another daemon look what is due then."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.sent, self.others = desk, 0, list[Delivery]()

    def send(self, _sender: str, recipients: Sequence[str], _raw: bytes) -> tuple[RecipientResult, ...]:
        first_end = next_due(self.desk.store)
        assert first_end is not None
        eventually(lambda: CLOCK.now() > first_end)
        self.others.extend(self.desk.store.claim(CLOCK.now(), 10, {1: CLOCK.now() + timedelta(hours=1)}))
        self.sent += 1
        return tuple(RecipientResult(recipient, 250, "ok") for recipient in recipients)

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def relay(desk: Desk) -> SlowRelay:
    """Return a relay for the two mails that wait in the outbox, an answer and a notice."""
    desk.clock.at = real_now()
    desk.arrive(mail("m1"))
    desk.drain()
    return SlowRelay(desk)


def sender(relay: SlowRelay, outbox: object) -> Sender:
    work = Delivering(outbox, relay, CLOCK, SHORT)  # type: ignore[arg-type]  # a wrapper has what the real one has
    return Sender(work, Pace(0), threading.Event(), threading.Event())


def test_a_mail_that_takes_longer_than_its_claim_is_sent_by_nobody_else(desk: Desk, relay: SlowRelay) -> None:
    tried = deliver_some(sender(relay, desk.store))

    assert (tried, relay.sent, relay.others) == (2, 2, [])
    assert dict(desk.store.backlog().deliveries)["queued"] == 0
    assert "claim" not in {thread.name for thread in threading.enumerate()}


def test_a_claim_that_cannot_be_renewed_runs_out_and_the_rest_is_not_tried(desk: Desk, relay: SlowRelay) -> None:
    gone = Instead(desk.store, renew_claims=raising(TemporaryError("gone")))

    with structlog.testing.capture_logs() as log:
        deliver_some(sender(relay, gone))

    assert (relay.sent, len(relay.others)) == (1, 2)
    assert "claim.not_renewed" in {line["event"] for line in log}


def test_a_relay_that_keeps_mails_for_too_long_has_its_claim_run_out(
    desk: Desk, relay: SlowRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LONGEST_CLAIM", timedelta(0))

    deliver_some(sender(relay, desk.store))

    assert (relay.sent, len(relay.others)) == (1, 2)
