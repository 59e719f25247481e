"""Recorded decisions are read as a stream, in the order in which they were made, and nothing waits for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from mailgateway.adapters.store import SqlStore
from mailgateway.adapters.store.recorded import PAGE
from mailgateway.adapters.store.tables import message as message_table
from mailgateway.app import desk
from mailgateway.app.ports import HandChange, Lease, RecordedDecision, RecordedFacts, Window
from mailgateway.model.decision import Answer, Decision, Facts, Outcome, Step
from mailgateway.model.effects import Acknowledge, ChangePriority, OpenTicket, Told
from mailgateway.model.quota import QuotaEntry, QuotaEntryKind, QuotaKey
from mailgateway.model.ticket import Event, EventKind, Status
from mailgateway.rules.recount import HandAct
from tests.store.cut_mails import cut_mail, undo
from tests.store.steps import begun, ticket_of, write
from tests.store.values import NOW, event, fetched, message, opened

KEY = QuotaKey("priority-tickets", "acme", "2026-03-01")
ALWAYS = Window(NOW - timedelta(days=30), NOW + timedelta(days=30))
LATER = NOW + timedelta(minutes=5)
DECIDED = Decision(
    effects=(
        OpenTicket("new-ticket", "support", "question", 2, ("angry",), status=Status.HELD),
        ChangePriority("raised", 1),
        Acknowledge("acknowledge", (Told("because", "raised", (("why", "so"),)),)),
    ),
    trace=(Step("raised", matched=True, evidence="nothing works", stage="priority"),),
    revision="12345678",
    answers=(Answer("priority", 2, "raised"), Answer("tags", ("angry",), "")),
    tzdata="2026a",
)


def facts(number: int) -> Facts:
    return Facts((("text", f"mail {number}"), ("ticket.found", False), ("arrived", None), ("mail.to", ("a", "b"))))


def decided(store: SqlStore, lease: Lease, uid: int, **changes: object) -> Outcome:
    """Write a mail that was decided and became a ticket with the number of its UID."""
    return ticket_of(store, lease, uid, message(uid), **{"facts": facts(uid), "decision": DECIDED, **changes})


def recorded(uid: int, number: int = 0) -> RecordedFacts:
    return RecordedFacts(number or 3 * uid - 2, uid, NOW, NOW, f"SUP-{uid}-QX", facts(uid))


def arrived(store: SqlStore, lease: Lease, uid: int, at: datetime) -> int:
    """Take a mail in that arrived at a time, and return its number in the ledger."""
    store.receive(lease, [replace(fetched(uid), received_at=at)])
    store.acknowledge(lease, "INBOX", 7, {uid: None})
    (begun_mail,) = store.begin(lease, NOW, 1)
    return begun_mail.id


def forget_facts(url: str, number: int) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(message_table.update().where(message_table.c.id == number).values(facts=""))
    engine.dispose()


def test_the_stream_has_every_decision_in_the_order_they_were_made_with_its_ticket(
    store: SqlStore, lease: Lease
) -> None:
    for uid in (1, 2, 3):
        decided(store, lease, uid)

    found = tuple(store.decided(ALWAYS))

    assert [replace(one, message=0) for one in found] == [replace(recorded(uid), message=0) for uid in (1, 2, 3)]
    assert [one.message for one in found] == sorted(one.message for one in found)
    assert store.count_decided(ALWAYS) == 3


def test_a_mail_that_was_cut_has_the_ticket_of_its_first_part_also_once_that_took_the_others_in(
    store: SqlStore, lease: Lease
) -> None:
    opened_by = tuple(event(EventKind.OPENED, number, 1) for number in (1, 2, 3))
    cut_mail(store, lease, 1, facts=facts(1), events=opened_by)
    decided(store, lease, 2, events=(event(EventKind.OPENED, 4, 2),))
    cut = [one.ticket for one in store.decided(ALWAYS)]

    undo(store, 1)
    desk.merge(store, 4, 1, desk.Act(LATER, "admin", "same"))

    assert cut == [one.ticket for one in store.decided(ALWAYS)] == ["SUP-1-QX", "SUP-4-QX"]


def test_the_window_is_one_of_arrival(store: SqlStore, lease: Lease) -> None:
    for uid, days in ((1, 3), (2, 2), (3, 1)):
        mail = arrived(store, lease, uid, NOW - timedelta(days=days))
        with store.batch(lease) as batch:
            batch.write(opened(mail, batch.reserve(1, 2), message(uid)))
    window = Window(NOW - timedelta(days=2), NOW - timedelta(days=1))

    assert [one.mail for one in store.decided(window)] == [2]
    assert store.count_decided(window) == 1
    assert list(store.decided(Window(NOW, LATER))) == []


def test_more_decisions_than_a_page_come_each_once(store: SqlStore, lease: Lease) -> None:
    count = 2 * PAGE + 1
    mails = begun_all(store, lease, count)
    with store.batch(lease) as batch:
        for number, mail in enumerate(mails, 1):
            batch.write(opened(mail, batch.reserve(1, 2), message(number)))

    assert [one.mail for one in store.decided(ALWAYS)] == list(mails)
    assert store.count_decided(ALWAYS) == count


def begun_all(store: SqlStore, lease: Lease, count: int) -> tuple[int, ...]:
    store.receive(lease, [fetched(uid) for uid in range(1, count + 1)])
    store.acknowledge(lease, "INBOX", 7, dict.fromkeys(range(1, count + 1)))
    return tuple(mail.id for mail in store.begin(lease, NOW, count))


def test_a_daemon_goes_on_deciding_while_the_stream_is_read_and_what_it_decides_is_not_in_it(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]
) -> None:
    for uid in (1, 2):
        decided(store, lease, uid)
    reader = open_another()

    stream = reader.decided(ALWAYS)
    first = next(stream)
    decided(store, lease, 3)
    rest = list(stream)

    assert [first.mail, *(one.mail for one in rest)] == [1, 2]


def test_a_message_belongs_to_the_ticket_it_was_put_on_whatever_took_that_over_since(
    store: SqlStore, lease: Lease
) -> None:
    for uid in (1, 2, 3):
        decided(store, lease, uid)
    act = desk.Act(LATER, "admin", "the same")
    desk.merge(store, 3, 1, act)
    desk.merge(store, 1, 2, act)

    assert [one.ticket for one in store.decided(ALWAYS)] == ["SUP-1-QX", "SUP-2-QX", "SUP-3-QX"]


def test_removed_facts_are_none_and_the_places_the_mail_took_are_known(store: SqlStore, lease: Lease, url: str) -> None:
    with store.batch(lease) as batch:
        batch.usage([KEY])
    entry = QuotaEntry(KEY, 1, 1, QuotaEntryKind.TAKEN, "rule:priority-tickets", "it counts")
    decided(store, lease, 1, quota=(entry,))
    decided(store, lease, 2)
    (first, _) = store.decided(ALWAYS)
    forget_facts(url, first.message)

    found = list(store.decided(ALWAYS))

    assert [replace(one, message=0) for one in found] == [
        RecordedFacts(0, 1, NOW, NOW, "SUP-1-QX", None, ((KEY, 3),)),
        replace(recorded(2), message=0),
    ]


def test_what_people_did_is_read_and_what_rules_did_is_not(store: SqlStore, lease: Lease) -> None:
    with store.batch(lease) as batch:
        batch.usage([KEY])
    entry = QuotaEntry(KEY, 1, 1, QuotaEntryKind.TAKEN, "rule:priority-tickets", "it counts")
    decided(store, lease, 1, quota=(entry,))
    for uid in (2, 3, 4):
        decided(store, lease, uid)
    by_rule = replace(event(EventKind.TAGGED, 4), actor="rule:tagger", details=(("tags", "spam"),))
    plain = Event(LATER, EventKind.NOTE, "admin", "", 4)
    with store.by_hand() as hand:
        hand.write(HandChange(LATER, (by_rule, plain)))
    act = desk.Act(LATER, "agent:anna", "so it is")

    desk.set_priority(store, 1, 4, act)
    desk.dismiss(store, 2, desk.SPAM, act)
    desk.merge(store, 3, 4, act)

    assert list(store.hand_acts(ALWAYS)) == [
        HandAct(LATER, "SUP-1-QX", below=4),
        HandAct(LATER, "SUP-1-QX", KEY),
        HandAct(LATER, "SUP-2-QX"),
        HandAct(LATER, "SUP-3-QX"),
    ]
    assert list(store.hand_acts(Window(LATER + timedelta(seconds=1), ALWAYS.until))) == []


def test_acts_on_more_tickets_than_a_page_come_each_once(store: SqlStore, lease: Lease) -> None:
    decided(store, lease, 1)
    spam = Event(LATER, EventKind.TAGGED, "admin", "", 1, details=(("tags", "spam"),))
    with store.by_hand() as hand:
        hand.write(HandChange(LATER, (spam,) * (2 * PAGE)))

    assert len(list(store.hand_acts(ALWAYS))) == 2 * PAGE


def test_the_decisions_of_a_ticket_are_read_back_whole(store: SqlStore, lease: Lease) -> None:
    decided(store, lease, 1)
    decided(store, lease, 2)
    (mail,) = begun(store, lease, 3)
    with store.batch(lease) as batch:
        plain = opened(mail, batch.reserve(1, 2), message(3), tickets=(), facts=facts(3), decision=DECIDED)
        posts = tuple(replace(post, ticket=1) for post in plain.posts)
        write_on = replace(plain, posts=posts, outgoing=(), events=())
    write(store, lease, write_on)

    found = store.decisions(1)

    assert [replace(one, message=0, program="") for one in found] == [
        RecordedDecision(0, mail, NOW, facts(mail), DECIDED, "") for mail in (1, 3)
    ]
    assert all(one.program for one in found)
    assert store.decisions(99) == ()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_reading_is_a_read_only_transaction(store: SqlStore) -> None:
    with store._reading() as connection:
        shown = connection.execute(sa.text("SHOW transaction_read_only")).scalar_one()

    assert shown == "on"


def test_the_first_release_recorded_facts_that_are_read_as_well(upgraded: SqlStore) -> None:
    everything = Window(datetime.fromisoformat("2000-01-01T00:00:00Z"), datetime.fromisoformat("2100-01-01T00:00:00Z"))

    found = list(upgraded.decided(everything))

    assert len(found) == upgraded.count_decided(everything) > 0
