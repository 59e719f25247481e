"""Mails that take longer to send than their claim lasts: another daemon does not send them meanwhile."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

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

LASTS = DeliveryConfig(first_retry_s=30.0)
"""Far longer than a test takes."""


class AheadClock(SystemClock):
    """The machine's clock, which a test puts forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass(slots=True)
class SlowRelay:
    """Keeps each mail until something happened, and lets another daemon look what is due when the first claim ends."""

    desk: Desk
    clock: AheadClock
    sent: int = 0
    others: list[Delivery] = field(default_factory=list)
    kept_until: Callable[[datetime], object] = lambda _first_end: True

    def send(self, _sender: str, recipients: Sequence[str], _raw: bytes) -> tuple[RecipientResult, ...]:
        first_end = next_due(self.desk.store)
        assert first_end is not None
        eventually(lambda: self.kept_until(first_end))
        self.others.extend(self.desk.store.claim(first_end, 10, {1: first_end + timedelta(hours=1)}))
        self.sent += 1
        return tuple(RecipientResult(recipient, 250, "ok") for recipient in recipients)

    def close(self) -> None:
        """Nothing is open."""

    def is_renewed(self, first_end: datetime) -> bool:
        due = next_due(self.desk.store)
        return due is not None and due > first_end

    def let_run_out(self, first_end: datetime) -> bool:
        """Put the clock forward to the end of the claim, once it was not renewed."""
        self.clock.ahead += max(first_end - self.clock.now(), timedelta(0))
        return True


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Renew claims so often that a test need not wait for it."""
    monkeypatch.setattr(workers, "RENEWALS", 500)


@pytest.fixture
def relay(desk: Desk) -> SlowRelay:
    """Return a relay for the two mails that wait in the outbox, an answer and a notice."""
    desk.clock.at = real_now()
    desk.arrive(mail("m1"))
    desk.drain()
    return SlowRelay(desk, AheadClock())


def sender(relay: SlowRelay, outbox: object) -> Sender:
    work = Delivering(outbox, relay, relay.clock, LASTS)  # type: ignore[arg-type]  # a wrapper has what the real one has
    return Sender(work, Pace(0), threading.Event(), threading.Event())


def is_renewing() -> bool:
    return "claim" in {thread.name for thread in threading.enumerate()}


def test_a_mail_that_takes_longer_than_its_claim_is_sent_by_nobody_else(desk: Desk, relay: SlowRelay) -> None:
    relay.kept_until = relay.is_renewed

    tried = deliver_some(sender(relay, desk.store))

    assert (tried, relay.sent, relay.others) == (2, 2, [])
    assert dict(desk.store.backlog().deliveries)["queued"] == 0
    assert not is_renewing()


def test_a_claim_that_cannot_be_renewed_runs_out_and_the_rest_is_not_tried(desk: Desk, relay: SlowRelay) -> None:
    gone = Instead(desk.store, renew_claims=raising(TemporaryError("gone")))

    with structlog.testing.capture_logs() as log:
        relay.kept_until = lambda end: "claim.not_renewed" in [line["event"] for line in log] and relay.let_run_out(end)
        deliver_some(sender(relay, gone))

    assert (relay.sent, len(relay.others)) == (1, 2)


def test_a_relay_that_keeps_mails_for_too_long_has_its_claim_run_out(
    desk: Desk, relay: SlowRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LONGEST_CLAIM", timedelta(0))
    relay.kept_until = lambda end: not is_renewing() and relay.let_run_out(end)

    deliver_some(sender(relay, desk.store))

    assert (relay.sent, len(relay.others)) == (1, 2)
