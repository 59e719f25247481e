"""From the outbox to a real SMTP server: at least once, and what it says is written down for each recipient."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.adapters.smtp import SmtpRelay
from mailgateway.app.deliver import CLAIM, Claim, Delivering, backoff_s, deliver_due
from mailgateway.app.pace import Pace
from mailgateway.app.ports import Lease
from mailgateway.config import DeliveryConfig, SmtpAccess
from mailgateway.errors import TemporaryError
from mailgateway.model.decision import Outcome
from mailgateway.model.ledger import OutgoingMail, RecipientResult
from mailgateway.model.ticket import EventKind
from tests.app.parts import Desk, Instead, mail, raising
from tests.servers import PATIENCE_S, SmtpSink
from tests.store.steps import next_due

ANNA, BO = "anna@customer.example", "bo@customer.example"
FREE = Pace(0)
DELIVERY = DeliveryConfig(first_retry_s=30, longest_retry_s=3600, give_up_after_h=24)


@dataclass(slots=True)
class Office:
    """A ticket whose mails wait in the outbox, and the way out."""

    desk: Desk
    sink: SmtpSink
    relay: SmtpRelay

    def work(self, **wrapped: object) -> Delivering:
        plain = Delivering(self.desk.store, self.relay, self.desk.clock, DELIVERY)
        return replace(plain, **wrapped)  # type: ignore[arg-type]  # wrappers have what the real ones have

    def deliver(self, pace: Pace = FREE, may_go_on: Callable[[], bool] = lambda: True, **wrapped: object) -> int:
        return deliver_due(self.work(**wrapped), pace, may_go_on)

    def queued(self) -> int:
        return dict(self.desk.store.backlog().deliveries).get("queued", 0)

    def due_in_s(self) -> float | None:
        due = next_due(self.desk.store)
        return None if due is None else (due - self.desk.clock.now()).total_seconds()

    def failures(self, ticket: int = 1) -> list[str]:
        return [e.because for e in self.desk.store.history(ticket) if e.kind is EventKind.SEND_FAILED]

    def write(self, count: int, recipients: Sequence[str] = (ANNA,)) -> None:
        """Put mails into the outbox: acknowledgements of new tickets, addressed as the test wants."""

        def addressed(sent: OutgoingMail) -> OutgoingMail:
            return replace(sent, recipients=tuple(recipients))

        for number in range(count):
            name = f"m{self.desk.uid}-{number}"  # each from somebody else: nobody is answered without end
            self.desk.arrive(mail(name, sender=f"{name}@customer.example"))
        with_recipients = self.desk.work(rewriting(self.desk, addressed), agent=())
        self.desk.drain(with_recipients)


def rewriting(desk: Desk, change: Callable[[OutgoingMail], OutgoingMail]) -> Instead:
    """Return the store into which outgoing mails are written with a change."""

    @contextmanager
    def batch(lease: Lease) -> Iterator[Any]:
        with desk.store.batch(lease) as real:

            def write(outcome: Outcome) -> None:
                real.write(replace(outcome, outgoing=tuple(map(change, outcome.outgoing))))

            yield Instead(real, write=write)

    return Instead(desk.store, batch=batch)


@pytest.fixture
def office(desk: Desk, smtp_sink: SmtpSink) -> Iterator[Office]:
    access = SmtpAccess(host=smtp_sink.host, port=smtp_sink.port, security="none", timeout_s=PATIENCE_S)
    with closing(SmtpRelay(access, "")) as relay:
        yield Office(desk, smtp_sink, relay)


# --- how long to wait ------------------------------------------------------------------------------------------------


@given(
    attempt=st.integers(1, 10**6),
    first_s=st.floats(0.01, 86_400),
    longest_s=st.floats(0.01, 86_400),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_backoff_is_within_a_quarter_of_its_length_and_bounded(
    attempt: int, first_s: float, longest_s: float, jitter: float
) -> None:
    written = DeliveryConfig(first_retry_s=first_s, longest_retry_s=longest_s)

    wait_s = backoff_s(attempt, written, jitter)

    length_s = first_s * 2 ** min(attempt - 1, 60)
    bounded_s = min(length_s, longest_s)
    assert 0.75 * bounded_s * 0.999 <= wait_s <= 1.25 * bounded_s * 1.001
    assert wait_s <= 1.25 * longest_s


def test_backoff_doubles_until_it_is_longest() -> None:
    waits = [backoff_s(attempt, DELIVERY, 0.5) for attempt in range(1, 10)]

    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


# --- what the relay says -------------------------------------------------------------------------------------------


def test_an_accepted_mail_is_sent_once(office: Office) -> None:
    office.write(1)

    tried = [office.deliver(), office.deliver()]

    (sent,) = office.sink.mails
    assert (tried, office.queued(), office.due_in_s()) == ([1, 0], 0, None)
    assert (sent.sender, sent.recipients) == ("", (ANNA,))
    assert office.failures() == []


def test_4xx_is_tried_again_later_and_each_time_later_still(office: Office) -> None:
    office.write(1)
    office.sink.answer("RCPT", "451 4.3.0 later", about=ANNA, times=2)
    waits = []

    for _ in range(2):
        office.deliver()
        waits.append(office.due_in_s())
        office.desk.clock.advance((waits[-1] or 0) - 0.001)
        assert office.deliver() == 0
        office.desk.clock.advance(0.001)
    office.deliver()

    assert waits == [30, 60]
    assert (len(office.sink.mails), office.queued(), office.failures()) == (1, 0, [])


def test_5xx_is_final_and_an_event_on_the_ticket(office: Office) -> None:
    office.write(1)
    office.sink.answer("RCPT", "550 5.1.1 nobody here", about=ANNA)

    office.deliver()

    assert (office.queued(), office.due_in_s()) == (0, None)
    assert office.failures() == [f"the mail to {ANNA} could not be sent: 550 5.1.1 nobody here"]


def test_one_recipient_refused_hurts_the_other_not(office: Office) -> None:
    office.write(1, recipients=(ANNA, BO))
    office.sink.answer("RCPT", "550 5.1.1 nobody here", about=ANNA)

    office.deliver()

    assert [sent.recipients for sent in office.sink.mails] == [(BO,)]
    assert (office.queued(), len(office.failures())) == (0, 1)


def test_one_recipient_put_off_is_tried_again_alone(office: Office) -> None:
    office.write(1, recipients=(ANNA, BO))
    office.sink.answer("RCPT", "450 4.2.0 greylisted", about=BO, times=1)

    office.deliver()
    office.desk.clock.advance(60)
    office.deliver()

    assert [sent.recipients for sent in office.sink.mails] == [(ANNA,), (BO,)]
    assert office.sink.mails[0].raw == office.sink.mails[1].raw


def test_a_relay_that_is_down_loses_nothing_and_is_asked_once_a_round(office: Office) -> None:
    office.write(3)
    asked: list[str] = []

    def send(sender: str, recipients: Sequence[str], raw: bytes) -> tuple[RecipientResult, ...]:
        asked.append(recipients[0])
        return office.relay.send(sender, recipients, raw)

    with office.sink.down():
        tried = office.deliver(relay=Instead(office.relay, send=send))
    waiting = office.queued()
    office.desk.clock.advance(60)
    office.deliver()

    assert (tried, asked, waiting) == (3, [ANNA], 3)
    assert (len(office.sink.mails), office.queued(), office.failures()) == (3, 0, [])


def test_a_mail_that_nobody_took_in_time_fails_with_an_event(office: Office) -> None:
    office.write(1)
    office.sink.answer("RCPT", "451 4.3.0 later", about=ANNA)
    office.desk.clock.advance(24 * 3600)
    office.deliver()
    still = office.queued()

    office.desk.clock.advance(3600)
    office.deliver()

    assert (still, office.queued()) == (1, 0)
    assert office.failures() == [f"the mail to {ANNA} could not be sent: 451 4.3.0 later"]


def test_a_claim_that_never_comes_back_is_due_again_by_itself(office: Office) -> None:
    office.write(1)

    with pytest.raises(TemporaryError):
        office.deliver(outbox=Instead(office.desk.store, settle_all=raising(TemporaryError("gone"))))
    waits = office.due_in_s()
    office.desk.clock.advance(30)
    office.deliver()

    assert waits == 30
    first, second = office.sink.mails
    assert first.raw == second.raw


def test_a_bug_in_one_row_stops_no_other(office: Office) -> None:
    office.write(3)
    bug = raising(ZeroDivisionError("a bug"))
    answers = iter([office.relay.send, bug, office.relay.send])

    def send(*sent: Any) -> object:  # noqa: ANN401 -- passed on
        return next(answers)(*sent)

    tried = office.deliver(relay=Instead(office.relay, send=send))

    assert (tried, len(office.sink.mails), office.queued(), office.due_in_s()) == (3, 2, 1, 30)


def test_pace_caps_what_is_claimed(office: Office) -> None:
    office.write(5)
    pace = Pace(2)

    tried = [office.deliver(pace), office.deliver(pace)]
    office.desk.clock.advance(60)
    tried.append(office.deliver(pace))

    assert (tried, len(office.sink.mails)) == ([2, 0, 2], 4)


def test_one_round_claims_no_more_than_a_crash_may_double(office: Office) -> None:
    office.write(CLAIM + 1)

    assert [office.deliver(), office.deliver(), office.deliver()] == [CLAIM, 1, 0]


def test_what_a_stopping_gateway_did_not_try_is_due_at_once_however_old(office: Office) -> None:
    office.write(3)
    office.desk.clock.advance(100 * 3600)
    answers = iter([True, False, False])

    office.deliver(may_go_on=lambda: next(answers))
    sent, due = len(office.sink.mails), office.due_in_s()
    office.deliver()

    assert (sent, due) == (1, 0)
    assert (len(office.sink.mails), office.queued(), office.failures()) == (3, 0, [])


def test_what_the_relay_took_is_not_sent_again_because_the_database_was_gone_then(office: Office) -> None:
    office.write(3)
    work = office.work(outbox=Instead(office.desk.store, settle_all=raising(TemporaryError("the database is gone"))))
    with pytest.raises(TemporaryError):
        deliver_due(work, FREE)
    office.desk.clock.advance(3600)

    tried = deliver_due(replace(work, outbox=office.desk.store), FREE)

    assert (tried, office.queued(), len(office.sink.mails), work.owed) == (0, 0, 3, [])


def test_what_a_slow_relay_left_no_time_for_is_due_at_once(office: Office) -> None:
    office.write(3)

    def slowly(sender: str, recipients: Sequence[str], raw: bytes) -> tuple[RecipientResult, ...]:
        office.desk.clock.advance(DELIVERY.first_retry_s * 0.6)
        return office.relay.send(sender, recipients, raw)

    office.deliver(relay=Instead(office.relay, send=slowly))

    assert (len(office.sink.mails), office.queued(), office.due_in_s()) == (2, 1, 0.0)


def test_what_a_slow_relay_takes_long_for_is_nobody_elses_while_its_claim_is_renewed(office: Office) -> None:
    office.write(3)
    claims: list[Claim] = []
    others: list[object] = []

    def renewing(claim: Claim) -> AbstractContextManager[object]:
        claims.append(claim)
        return nullcontext()

    def slowly(sender: str, recipients: Sequence[str], raw: bytes) -> tuple[RecipientResult, ...]:
        office.desk.clock.advance(DELIVERY.first_retry_s * 0.6)
        claims[0].renew()
        now = office.desk.clock.now()
        others.extend(office.desk.store.claim(now, CLAIM, {1: now}))
        return office.relay.send(sender, recipients, raw)

    deliver_due(office.work(relay=Instead(office.relay, send=slowly)), FREE, renewing=renewing)

    assert (len(office.sink.mails), others, office.queued()) == (3, [], 0)


@pytest.mark.parametrize("passes", [(31.0, 0.0), (0.0, 31.0)], ids=["before", "meanwhile"])
def test_a_claim_that_ran_out_is_not_renewed(office: Office, passes: tuple[float, float]) -> None:
    office.write(1)
    clock = office.desk.clock
    again_at = clock.now() + timedelta(seconds=30)
    claimed = office.desk.store.claim(clock.now(), 1, {1: again_at})

    def renew_claims(*asked: Any) -> None:  # noqa: ANN401 -- passed on
        office.desk.store.renew_claims(*asked)
        clock.advance(passes[1])

    outbox = Instead(office.desk.store, renew_claims=renew_claims)
    claim = Claim(office.work(outbox=outbox), claimed, timedelta(seconds=30), again_at)
    clock.advance(passes[0])

    claim.renew()

    assert (claim.is_held, claim.runs_out_at) == (False, again_at)


def test_a_claim_says_when_each_attempt_is_due_again(office: Office) -> None:
    office.write(1)
    later: list[datetime] = []

    def claim(now: datetime, limit: int, retry_at: dict[int, datetime]) -> object:
        later.extend(retry_at.values())
        return office.desk.store.claim(now, limit, retry_at)

    office.deliver(outbox=Instead(office.desk.store, claim=claim))

    now = office.desk.clock.now()
    assert later[:3] == [now + timedelta(seconds=wait) for wait in (30, 60, 120)]
    assert max(later) == now + timedelta(seconds=DELIVERY.longest_retry_s)
