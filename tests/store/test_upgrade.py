"""A database of the first release is brought forward with everything in it: tickets, messages, quotas."""

from dataclasses import replace

import sqlalchemy as sa

from mailgateway.adapters.store import SqlStore
from mailgateway.app.desk import Act, set_priority
from mailgateway.model.people import Customer
from mailgateway.model.quota import QuotaEntry, QuotaEntryKind, QuotaKey, Usage
from mailgateway.model.ticket import EventKind
from tests.store.cut_mails import AFTER, cut_by_hand, standing, undo
from tests.store.steps import look_up, write
from tests.store.values import ANNA, MAILBOX, NOW, TICKET, keys, message, new_ticket, opened


def test_tickets_of_the_first_release_are_as_they_were(upgraded: SqlStore) -> None:
    at = NOW.replace(microsecond=0)

    assert upgraded.tickets() == (replace(TICKET, participants=(ANNA,), tags=(), created_at=at, changed_at=at),)
    assert [(one.kind, one.actor) for one in upgraded.history(1)] == [(EventKind.OPENED, "rule:new-ticket")]
    assert [(one.text, one.mail) for one in upgraded.messages(1)] == [("It is broken.", 1), ("It is broken.", None)]
    assert upgraded.quota(1) == ()


def test_messages_of_the_first_release_have_no_answers(upgraded: SqlStore) -> None:
    with upgraded._database.read() as connection:
        rows = connection.execute(sa.text("SELECT answers, tzdata, program FROM message")).all()

    assert [tuple(row) for row in rows] == [("[]", "", "")] * 2


def test_what_the_first_release_wrote_is_counted_by_the_new_indexes(upgraded: SqlStore) -> None:
    lease = upgraded.acquire(MAILBOX, "daemon-1", NOW, 60)
    assert lease is not None
    upgraded.import_customers([Customer("acme", "Acme")], [("Anna", ANNA, "acme")])

    first = look_up(upgraded, lease, keys(message(9)))
    colleague = look_up(upgraded, lease, keys(message(9), sender="bert@example.com"))

    assert (first.recent_answers, first.answers_to_domain, first.recent_subjects) == (1, 1, ("It is broken",))
    assert (colleague.recent_answers, colleague.answers_to_domain, colleague.recent_subjects) == (0, 1, ())
    assert first.open_tickets == ()


def test_the_customers_tickets_of_the_first_release_are_open(upgraded: SqlStore) -> None:
    lease = upgraded.acquire(MAILBOX, "daemon-1", NOW, 60)
    assert lease is not None
    upgraded.import_customers([Customer("acme", "Acme", domains=("example.com",))], [])
    with upgraded._database.write() as transaction:
        transaction.connection.execute(sa.text("UPDATE ticket SET customer = 'acme'"))

    known = look_up(upgraded, lease, keys(message(9)))

    assert known.open_tickets == (("SUP-1-QX", "It is broken"),)


def test_quotas_and_hands_work_on_what_the_first_release_left(upgraded: SqlStore) -> None:
    lease = upgraded.acquire(MAILBOX, "daemon-1", NOW, 60)
    assert lease is not None
    key = QuotaKey("q", "acme", "2026-03-01")
    (pending,) = upgraded.begin(lease, NOW, 10)

    set_priority(upgraded, 1, 1, Act(NOW, "admin", "they called"))
    with upgraded.batch(lease) as batch:
        before = batch.usage([key])
        ids = batch.reserve(1, 2)
    entry = QuotaEntry(key, 2, 1, QuotaEntryKind.TAKEN, "rule:q", "the first")
    write(upgraded, lease, opened(pending.id, ids, message(2), tickets=(new_ticket(2),), quota=(entry,)))
    with upgraded.batch(lease) as batch:
        after = batch.usage([key])

    assert (before, after) == ((Usage(key, 0),), (Usage(key, 1, ("SUP-2-QX",)),))
    found = {one.number: (one.priority, one.priority_by_hand, one.assignee) for one in upgraded.tickets()}
    assert found == {1: (1, True, ""), 2: (3, False, "")}


def test_what_the_first_release_left_is_whole_and_can_be_cut(upgraded: SqlStore) -> None:
    lease = upgraded.acquire(MAILBOX, "daemon-1", NOW, 60)
    assert lease is not None
    found = look_up(upgraded, lease, keys(message(9), ticket_numbers=(1,)))
    was = standing(upgraded, 1)

    cut = cut_by_hand(upgraded, 1, AFTER, (2,), ())
    parts = [[(one.part, one.text) for one in upgraded.messages(number) if one.incoming] for number in (1, 2)]
    undo(upgraded, 2)

    assert (found.cuts, cut.message) == ((), 1)
    assert parts == [[(1, "Hello.\nItem 1.")], [(2, "Hello.\nItem 2.")]]
    # New tickets have a second person, who stays with the ticket that takes them in.
    people = replace(was.ticket, participants=(ANNA,))
    assert standing(upgraded, 1) == replace(was, ticket=people)
