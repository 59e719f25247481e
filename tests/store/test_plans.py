"""No query of the daily work walks through a table: its cost must not grow with what is done."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store import SqlStore
from mailgateway.app.desk import Act, dismiss, grant, merge, set_priority
from mailgateway.app.ports import HandChange, Lease, Window
from mailgateway.model.cut import Cut, Whole
from mailgateway.model.decision import PriorityChange, TagsAdded
from mailgateway.model.ledger import MailState, RecipientResult
from mailgateway.model.names import ForeignRef, Learnt, Names
from mailgateway.model.people import Customer
from mailgateway.model.quota import OverQuota, QuotaEntry, QuotaEntryKind, QuotaKey
from mailgateway.model.ticket import Event, EventKind, Status
from tests.store.cut_mails import AFTER, BEFORE, cut_mail, pieces, undo
from tests.store.steps import acknowledged, begun, look_up, received, ticket_of
from tests.store.values import ANNA, MAILBOX, MINUTE, NOW, event, keys, message

SMALL = {"counter", "mailbox_lease", "folder_seen"}
"""Tables with a handful of rows for ever."""
# With an index that holds nothing but what waits, walking along it is the point.
WAITING = {"ix_mail_received", "ix_mail_acknowledged", "ix_mail_aside", "ix_mail_ignored", "ix_mail_duplicate"} | {
    "ix_outbox_queued",
    "ix_outbox_recipient_queued",
}
# Walks that end after LIMIT rows, in the order of an index.
ORDERED = {"ix_ticket_changed", "ix_ticket_status_changed", "ix_ticket_customer_changed"}

Statement = tuple[str, object]


@pytest.fixture
def statements(store: SqlStore) -> list[Statement]:
    """Return the statements that the store will have executed, each once, with parameters."""
    seen: dict[str, object] = {}

    def note(_: Connection, __: object, statement: str, parameters: object, ___: object, many: bool) -> None:
        if re.match(r"SELECT|UPDATE|DELETE", statement) and "nextval" not in statement:
            seen.setdefault(statement, parameters[0] if many else parameters)  # type: ignore[index]

    sa.event.listen(store._database._engine, "before_cursor_execute", note)
    whole_day(store)
    return list(seen.items())


def whole_day(store: SqlStore) -> None:
    """Do everything the daemon does, and every list of the commands."""
    lease = store.acquire(MAILBOX, "me", NOW, 60)
    assert lease is not None
    learnt = Learnt(("a@x",), "conversation", (ForeignRef("example.com", "99", 1),))
    outcome = ticket_of(store, lease, 1, message(), learnt=learnt)
    fetch(store, lease)
    ticket_of(store, lease, 3, message(3, message_id=""))
    process(store, lease)
    deliver(store)
    for states in ((), *((state,) for state in MailState)):
        store.entries(states)
    store.raw(outcome.mail)
    for statuses, customer in (((), ""), ((Status.NEW,), ""), ((), "acme"), ((Status.NEW,), "acme")):
        store.tickets(statuses, customer)
    store.ticket("SUP-1-QX")
    store.history(1)
    store.messages(1)
    store.mail_history(outcome.mail)
    store.backlog()


def fetch(store: SqlStore, lease: Lease) -> None:
    store.known_uids(MAILBOX, "INBOX", 7, [1, 2])
    store.saw_folder(MAILBOX, "INBOX", NOW)
    received(store, lease, 2)
    store.unacknowledged(MAILBOX)
    store.resume_after(MAILBOX, "INBOX", 7)
    acknowledged(store, lease, 2)
    store.resume_after(MAILBOX, "INBOX", 7)
    (mail,) = begun(store, lease)
    store.give_back(mail, "", NOW)
    store.put_back([mail], NOW)
    store.set_aside(mail, "", "", NOW)
    store.ignore(mail, "", "", NOW)
    store.retry(mail, "", NOW)
    store.set_aside(mail, "", "", NOW)


def process(store: SqlStore, lease: Lease) -> None:
    store.import_customers([Customer("acme", "Acme", domains=("example.com",))], [])
    wanted = keys(
        message(4), message_ids=("a", "b"), refs=("SUP-1-QX",), ticket_numbers=(2,), contacts=(1,), deliveries=(1,)
    )
    look_up(store, lease, replace(wanted, names=Names(("c",), "conversation", "example.com", ("99",))))
    store.change_status(1, Status.OPEN, event(EventKind.STATUS, 1))
    by_hand(store, lease)


def by_hand(store: SqlStore, lease: Lease) -> None:
    key = QuotaKey("q", "acme", "2026-03-01")
    with store.batch(lease) as batch:
        batch.usage([key])
    number = ticket_of(store, lease, 5, message(5), outgoing=()).tickets[0].number
    missed = Event(NOW, EventKind.OVER_QUOTA, "rule:q", "used up", number, details=OverQuota(key, 1).details)
    ticket_of(
        store,
        lease,
        6,
        message(6),
        events=(missed,),
        outgoing=(),
        quota=(QuotaEntry(key, number, 1, QuotaEntryKind.TAKEN, "rule:q", ""),),
        priority_changes=(PriorityChange(1, 2),),
        tags_added=(TagsAdded(1, ("over-quota",)),),
    )
    with store.batch(lease) as batch:
        batch.usage([key])
    store.quota(number)
    act = Act(NOW, "admin", "")
    set_priority(store, number, 4, act)
    grant(store, number, act)
    dismiss(store, number, "spam", act)
    merge(store, number, 1, act)
    cut_and_undo(store, lease)


def cut_and_undo(store: SqlStore, lease: Lease) -> None:
    first = cut_mail(store, lease, 7, 2).tickets[0].number
    look_up(store, lease, keys(message(9), ticket_numbers=(first,)))
    store.cuts(first)
    undo(store, first)
    with store.by_hand() as hand:
        number = hand.words(first)[0].message
        cut_again = Cut(first, pieces(first, first + 1), Whole(BEFORE, AFTER), number)
        hand.write(HandChange(NOW, (), cuts=(cut_again,)))
    list(store.decided(Window(NOW - MINUTE, NOW + MINUTE)))


def deliver(store: SqlStore) -> None:
    claimed = store.claim(NOW, 10, {1: NOW + MINUTE})
    store.renew_claims(claimed, NOW + 2 * MINUTE)
    answers = (250, 451, 550, 250)
    store.settle_all(
        [
            (one, [RecipientResult(ANNA, code, "<12345678@relay.example>")], NOW + MINUTE)
            for one, code in zip(claimed, answers, strict=True)
        ],
        NOW,
    )


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_sqlite_finds_everything_by_index(store: SqlStore, statements: list[Statement]) -> None:
    with store._database.read() as connection:
        plans = {
            statement: [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in statements
        }

    walks = {statement: walk for statement, plan in plans.items() if (walk := [s for s in plan if is_walk(s)])}
    assert walks == {}
    assert len(plans) > 40
    indexes = {word for plan in plans.values() for step in plan for word in step.split()}
    assert indexes >= {"ix_outbox_recipient_domain", "ix_message_sender", "ix_ticket_open", "ix_ticket_part_first"}


def is_walk(step: str) -> bool:
    scan = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
    if scan is None or scan[1] in SMALL or scan[2] in WAITING | ORDERED:
        return False
    if step == "SCAN CONSTANT ROW":
        return False  # two counts in one row
    return step != "SCAN mail"  # `queue list` without a state: backwards along the key, ended by LIMIT


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_postgresql_can_find_everything_by_index(store: SqlStore, statements: list[Statement]) -> None:
    with store._database.write() as transaction:
        connection = transaction.connection
        # The tables are empty, where walking through is cheapest: what is asked is whether there is another way.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plans = {
            statement: [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
            for statement, parameters in statements
        }

    walks = {statement: walk for statement, plan in plans.items() if (walk := [s for s in plan if is_seq_scan(s)])}
    assert walks == {}
    assert len(plans) > 40


def is_seq_scan(step: str) -> bool:
    scan = re.search(r"Seq Scan on (\w+)", step)
    return scan is not None and scan[1] not in SMALL


def test_the_check_sees_a_walk() -> None:
    assert [is_walk(step) for step in ("SCAN ticket", "SCAN event USING INDEX ix_event_ticket")] == [True, True]
    assert is_seq_scan("  ->  Seq Scan on ticket  (cost=0.00..1.00)")
