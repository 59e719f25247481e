"""From the outbox to the relay: at least once, each mail with a Message-ID that never changes.

The attempt is committed before it is made. While it is made nobody else makes it: the claim is renewed however slow the
relay is (the caller sees to that), and what it did not last for is not tried. A crash after the relay took a mail and
before that was written down sends the same bytes again; the receiving side can tell by the Message-ID.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from mailgateway.app.pace import Pace
from mailgateway.app.ports import Clock, Outbox, Relay
from mailgateway.config import DeliveryConfig
from mailgateway.errors import TemporaryError
from mailgateway.model.ledger import Delivery, RecipientResult

CLAIM = 20
"""Mails claimed with one commit and settled with one: what a crash may send twice."""
BACKOFF_STEPS = 32
"""From this attempt on the wait no longer grows, whatever the configuration."""

log = structlog.get_logger()

Settled = tuple[Delivery, tuple[RecipientResult, ...], datetime | None]


@dataclass(frozen=True, slots=True)
class Delivering:
    """What a round of the deliverer works with.

    Attributes:
        outbox: The database.
        relay: The way out.
        clock: The time.
        config: How long to wait and when to give up.
        owed: What the relay said and could not be written down because the database was gone; first thing at the next
            call, since what it took would go out again otherwise.
    """

    outbox: Outbox
    relay: Relay
    clock: Clock
    config: DeliveryConfig
    owed: list[Settled] = field(default_factory=list)


@dataclass(slots=True)
class Claim:
    """Mails that are ours to send until the claim runs out. For two threads: one sends, one renews.

    Attributes:
        work: Where they were claimed.
        deliveries: The mails.
        lasts: From one renewal on.
        runs_out_at: Aware, UTC. From then on another daemon may have them.
    """

    work: Delivering
    deliveries: tuple[Delivery, ...]
    lasts: timedelta
    runs_out_at: datetime

    @property
    def is_held(self) -> bool:
        """Whether it has not run out."""
        return self.work.clock.now() < self.runs_out_at

    def renew(self) -> None:
        """Make it last anew; once it ran out there is nothing to renew, also where it did so meanwhile.

        Raises:
            TemporaryError: The database is gone.
        """
        until = self.work.clock.now() + self.lasts
        if self.is_held:
            self.work.outbox.renew_claims(self.deliveries, until)
        if self.is_held:
            self.runs_out_at = until


Renewing = Callable[[Claim], AbstractContextManager[object]]
"""Returns a context in which a claim is renewed."""


def backoff_s(attempt: int, config: DeliveryConfig, jitter: float) -> float:
    """Return the seconds to wait after an attempt.

    Args:
        attempt: Counted from 1.
        config: The first and the longest wait.
        jitter: 0 <= x < 1; spreads the wait over 75 % to 125 % of its length.
    """
    length = min(config.first_retry_s * 2.0 ** min(attempt - 1, BACKOFF_STEPS), config.longest_retry_s)
    return length * (0.75 + jitter / 2)


def deliver_due(
    work: Delivering, pace: Pace, may_go_on: Callable[[], bool] = lambda: True, renewing: Renewing = nullcontext
) -> int:
    """Try the deliveries that are due, at most `CLAIM` and at most what the pace allows now.

    Args:
        work: Outbox, relay, clock, configuration.
        pace: The cap on mails per minute.
        may_go_on: Asked between mails; what is claimed and then not tried for that is due again at once. So is what a
            slow relay left no time for: once its claim has run out, another daemon may send it.
        renewing: Keeps the claim from running out while its mails are sent.

    Returns:
        How many were tried; 0 when nothing was due.

    Raises:
        TemporaryError: The database is gone.
    """
    _settle(work)
    now = work.clock.now()
    again_at = _retry_times(work, now)
    claimed = work.outbox.claim(now, min(CLAIM, pace.allowance(now)), again_at)
    if not claimed:
        return 0
    pace.spend(len(claimed), now)
    runs_out_at = min(again_at.values())
    claim = Claim(work, claimed, runs_out_at - now, runs_out_at)
    with renewing(claim):
        settled = _try_all(work, claimed, lambda: may_go_on() and claim.is_held)
    for delivery, results, due_at in settled:
        _say(delivery, results, due_at)
    work.owed.extend(settled)
    _settle(work)
    return len(claimed)


def _settle(work: Delivering) -> None:
    if work.owed:
        work.outbox.settle_all(tuple(work.owed), work.clock.now())
        work.owed.clear()


def _retry_times(work: Delivering, now: datetime) -> dict[int, datetime]:
    jitter = work.clock.jitter()
    return {
        attempt: now + timedelta(seconds=backoff_s(attempt, work.config, jitter)) for attempt in range(1, BACKOFF_STEPS)
    }


def _try_all(work: Delivering, claimed: Sequence[Delivery], may_go_on: Callable[[], bool]) -> list[Settled]:
    """Send one after the other; once the relay is gone the rest is not tried against it."""
    settled: list[Settled] = []
    gone = ""
    for delivery in claimed:
        if not may_go_on():
            settled.append(_not_tried(work, delivery))
            continue
        if gone:
            settled.append(_put_off(work, delivery, gone))
            continue
        try:
            results = work.relay.send(delivery.envelope_sender, delivery.recipients, delivery.raw)
        except TemporaryError as error:
            gone = str(error)
            settled.append(_put_off(work, delivery, gone))
        except Exception as error:  # per outbox row: one that cannot be sent stops no other
            log.exception("mail.bug", outbox=delivery.id)
            settled.append(_put_off(work, delivery, repr(error)))
        else:
            settled.append((delivery, results, _due_again(work, delivery, results)))
    return settled


def _not_tried(work: Delivering, delivery: Delivery) -> Settled:
    """Return a claim as it is given back untried: nobody was asked, so neither wait nor age counts."""
    results = tuple(RecipientResult(recipient, 0, "not tried") for recipient in delivery.recipients)
    return delivery, results, work.clock.now()


def _put_off(work: Delivering, delivery: Delivery, why: str) -> Settled:
    results = tuple(RecipientResult(recipient, 0, why) for recipient in delivery.recipients)
    return delivery, results, _due_again(work, delivery, results)


def _due_again(work: Delivering, delivery: Delivery, results: Sequence[RecipientResult]) -> datetime | None:
    """Return when to try what was not decided, None where all was or the mail is too old (RFC 5321 section 4.5.4.1)."""
    now = work.clock.now()
    undecided = any(result.is_undecided for result in results)
    if not undecided or now - delivery.created_at > timedelta(hours=work.config.give_up_after_h):
        return None
    return now + timedelta(seconds=backoff_s(delivery.attempt, work.config, work.clock.jitter()))


def _say(delivery: Delivery, results: Sequence[RecipientResult], due_at: datetime | None) -> None:
    refused = [result for result in results if not result.is_accepted]
    if not refused:
        log.info("mail.sent", outbox=delivery.id, ticket=delivery.ticket, recipients=len(results))
        return
    log.warning(
        "mail.not_sent",
        outbox=delivery.id,
        ticket=delivery.ticket,
        attempt=delivery.attempt,
        again_at=due_at,
        answers=[f"{result.code} {result.text}" for result in refused],
    )
