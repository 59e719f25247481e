import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from mailgateway import __version__
from mailgateway.adapters.store import SqlStore, documents, tables
from mailgateway.app.ports import Batch, Lease, TicketMessage
from mailgateway.errors import PermanentError
from mailgateway.model.decision import (
    Answer,
    BounceMark,
    Decision,
    Post,
    ReservedIds,
    StatusChange,
    Step,
    Tried,
)
from mailgateway.model.effects import Acknowledge, CutMail, OpenTicket, TakeQuota, Told
from mailgateway.model.ledger import MailState
from mailgateway.model.people import Contact
from mailgateway.model.ticket import EventKind, Status, Visibility
from tests.store.steps import begun, look_up, next_due, ticket_of, write
from tests.store.values import (
    AGENT,
    ANNA,
    MINUTE,
    NOW,
    TICKET,
    event,
    keys,
    message,
    new_ticket,
    opened,
)


def test_a_new_ticket_is_there_with_all_its_parts(store: SqlStore, lease: Lease) -> None:
    outcome = ticket_of(store, lease, 1, message())

    assert store.ticket("1") == TICKET
    assert store.history(1) == outcome.events
    assert store.entry(outcome.mail).state is MailState.PROCESSED
    assert store.entry(outcome.mail).subject == "It is broken"
    assert store.entry(outcome.mail).tickets == (1,)
    first, second, third = store.messages(1)
    assert first == TicketMessage(
        id=first.id,
        at=NOW,
        incoming=True,
        sender=ANNA,
        recipients=("support@help.test",),
        subject="It is broken",
        text="It is broken.",
        visibility=Visibility.PUBLIC,
        verified=True,
        kind="person",
        message_id="m1@example.com",
        mail=outcome.mail,
    )
    assert [(one.kind, one.visibility, one.recipients) for one in (second, third)] == [
        ("acknowledgement", Visibility.PUBLIC, (ANNA,)),
        ("notification", Visibility.INSIDE, (AGENT,)),
    ]


def test_message_facts_and_trace_are_kept_whole(store: SqlStore, lease: Lease) -> None:
    tried = (Tried("when", "customer.plan is gold", held=True, evidence="gold"), Tried("unless", "x", None, ""))
    decision = Decision(
        (
            OpenTicket("r1", "support", "question", 3),
            Acknowledge("r2", (Told("used", "q", (("used_by", "SUP-9-QX"),)),)),
            CutMail("r3", OpenTicket("r1", "support", "question", 3), (TakeQuota("q", "acme", "2026-03-01"),)),
        ),
        (
            Step("r1", matched=True, evidence="gold", stage="priority", tried=tried),
            Step("r1", matched=False, evidence="", stage="priority", part=2),
        ),
        "built-in",
        (
            Answer("priority", 3, "q", ("r1",)),
            Answer("tags", ("over-quota",), "q"),
            Answer("hold", value=False, rule="", part=1),
        ),
        tzdata="2026a",
    )
    outcome = ticket_of(store, lease, 1, message(), decision=decision)
    assert outcome.facts is not None

    with store._database.read() as connection:
        row = connection.execute(sa.select(tables.message).where(tables.message.c.incoming)).one()
        files = connection.execute(sa.select(tables.attachment)).all()

    assert documents.message_of(row.document) == outcome.message
    assert documents.facts_of(row.facts) == outcome.facts.values
    # The conditions come back from the facts and the revision: what is kept is the evidence.
    assert documents.trace_of(row.trace) == tuple(step._replace(tried=()) for step in decision.trace)
    assert documents.answers_of(row.answers) == decision.answers
    assert (row.revision, row.tzdata, row.program) == ("built-in", "2026a", __version__)
    assert [effect["effect"] for effect in json.loads(row.effects)] == ["OpenTicket", "Acknowledge", "CutMail"]
    assert documents.effects_of(row.effects) == decision.effects
    assert json.loads(row.effects)[1]["told"] == [
        {"template": "used", "rule": "q", "values": [["used_by", "SUP-9-QX"]], "part": 0}
    ]
    assert [(one.name, one.digest) for one in files] == [("a.txt", "d" * 64)]


def write_and_fail(batch: Batch, mail: int) -> None:
    batch.write(opened(mail, batch.reserve(1, 2), message()))
    raise ZeroDivisionError


def test_a_failing_mail_is_rolled_back_alone(store: SqlStore, lease: Lease) -> None:
    bad, good = begun(store, lease, 1, 2)

    with store.batch(lease) as batch:
        with pytest.raises(ZeroDivisionError), batch.savepoint():
            write_and_fail(batch, bad)
        with batch.savepoint():
            batch.write(opened(good, batch.reserve(1, 2), message(2)))

    assert [(entry.id, entry.state) for entry in store.entries()] == [
        (good, MailState.PROCESSED),
        (bad, MailState.ACKNOWLEDGED),
    ]
    assert [ticket.number for ticket in store.tickets()] == [2]


def test_a_failing_batch_changes_nothing(store: SqlStore, lease: Lease) -> None:
    (mail,) = begun(store, lease, 1)

    with pytest.raises(ZeroDivisionError), store.batch(lease) as batch:
        write_and_fail(batch, mail)

    assert store.entry(mail).state is MailState.ACKNOWLEDGED
    assert store.tickets() == ()
    assert next_due(store) is None


def test_numbers_are_never_given_out_twice(store: SqlStore, lease: Lease) -> None:
    reserved = []

    for _ in range(2):
        with store.batch(lease) as batch:
            reserved += [batch.reserve(2, 1), batch.reserve(0, 40), batch.reserve(1, 0)]

    tickets = [number for ids in reserved for number in ids.tickets]
    mails = [number for ids in reserved for number in ids.outbox]
    assert tickets == sorted(set(tickets))
    assert len(tickets) == 6
    assert mails == sorted(set(mails))
    assert len(mails) == 82


def test_a_duplicate_names_the_first_copy_and_has_its_subject(store: SqlStore, lease: Lease) -> None:
    first = ticket_of(store, lease, 1, message())
    (second,) = begun(store, lease, 2)
    outcome = replace(
        opened(second, ReservedIds((9,), (8, 9)), message()),
        state=MailState.DUPLICATE,
        reason="the same mail",
        duplicate_of=first.mail,
        message=None,
        classification=None,
        facts=None,
        decision=None,
        tickets=(),
        posts=(),
        events=(),
        outgoing=(),
    )

    write(store, lease, outcome)

    entry = store.entry(second)
    assert (entry.state, entry.reason, entry.subject, entry.tickets) == (
        MailState.DUPLICATE,
        "the same mail",
        "It is broken",
        (1,),
    )
    assert len(store.messages(1)) == 3


def test_a_reply_changes_status_time_and_history(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    (mail,) = begun(store, lease, 2)
    later = NOW + MINUTE
    reply = replace(
        opened(mail, ReservedIds((9,), (8, 9)), message(2)),
        at=later,
        tickets=(),
        posts=(Post(1, Visibility.INSIDE, verified=False),),
        status_changes=(StatusChange(1, Status.OPEN),),
        events=(event(EventKind.MESSAGE, 1, mail, later), event(EventKind.STATUS, 1, mail, later)),
        outgoing=(),
    )

    write(store, lease, reply)

    assert store.ticket("1") == replace(TICKET, status=Status.OPEN, changed_at=later)
    last = store.messages(1)[-1]
    assert (last.message_id, last.visibility, last.verified) == ("m2@example.com", Visibility.INSIDE, False)
    assert store.history(1)[-2:] == reply.events


def test_one_message_may_lie_on_several_tickets(store: SqlStore, lease: Lease) -> None:
    (mail,) = begun(store, lease, 1)
    posts = (Post(1, Visibility.PUBLIC, verified=True), Post(2, Visibility.PUBLIC, verified=True))
    tickets = (new_ticket(1), new_ticket(2, links=(1, 1), requester_address="Bert@Example.com"))
    events = (event(EventKind.OPENED, 1), event(EventKind.OPENED, 2))
    with store.batch(lease) as batch:
        batch.reserve(2, 2)
        batch.write(
            replace(opened(mail, ReservedIds((1,), (1, 2)), message()), tickets=tickets, posts=posts, events=events)
        )

    known = look_up(store, lease, keys(message(2), message_ids=("m1@example.com",)))

    assert [one.tickets for one in known.referred] == [(1, 2)]
    assert [ticket.requester_address for ticket in known.tickets] == [ANNA, "bert@example.com"]


def test_one_person_is_one_contact_in_any_case(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    second = ticket_of(store, lease, 2, message(2), tickets=(new_ticket(2, requester_address=ANNA.upper()),))

    assert store.ticket(str(second.tickets[0].number)).requester == store.ticket("1").requester


def test_a_lasting_bounce_ends_delivery_and_contact(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    (mail,) = begun(store, lease, 2)
    mark = BounceMark(1, ANNA, permanent=True, because="5.1.1 no such user")
    nothing = {"tickets": (), "posts": (), "events": (), "outgoing": ()}

    write(store, lease, replace(opened(mail, ReservedIds((9,), (8, 9)), message(2)), bounces=(mark,), **nothing))

    assert look_up(store, lease, keys(message(3))).contact == Contact(1, "Anna", ANNA, None, "5.1.1 no such user")
    assert recipient_states(store) == [(1, "failed", "5.1.1 no such user"), (2, "queued", "")]


def test_a_passing_bounce_is_noted_and_ends_nothing(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    (mail,) = begun(store, lease, 2)
    marks = (BounceMark(1, ANNA, permanent=False, because="4.2.2 full"), BounceMark(None, "x@y.z", True, ""))  # noqa: FBT003 -- permanent
    nothing = {"tickets": (), "posts": (), "events": (), "outgoing": ()}

    write(store, lease, replace(opened(mail, ReservedIds((9,), (8, 9)), message(2)), bounces=marks, **nothing))

    assert look_up(store, lease, keys(message(3))).contact == Contact(1, "Anna", ANNA, None)
    assert recipient_states(store) == [(1, "queued", "4.2.2 full"), (2, "queued", "")]


def test_a_report_says_nothing_of_those_the_mail_did_not_go_to(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    (mail,) = begun(store, lease, 2)
    mark = BounceMark(2, ANNA, permanent=True, because="5.1.1 forged")  # mail 2 went to an agent
    nothing = {"tickets": (), "posts": (), "events": (), "outgoing": ()}

    write(store, lease, replace(opened(mail, ReservedIds((9,), (8, 9)), message(2)), bounces=(mark,), **nothing))

    assert look_up(store, lease, keys(message(3))).contact == Contact(1, "Anna", ANNA, None)
    assert recipient_states(store) == [(1, "queued", ""), (2, "queued", "")]


def recipient_states(store: SqlStore) -> list[tuple[int, str, str]]:
    columns = tables.outbox_recipient.c
    with store._database.read() as connection:
        query = sa.select(columns.outbox, columns.state, columns.text).order_by(columns.outbox)
        return [tuple(row) for row in connection.execute(query)]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_what_postgresql_refuses_is_permanent(store: SqlStore, lease: Lease) -> None:
    (mail,) = begun(store, lease, 1)
    bad = opened(mail, ReservedIds((1,), (1, 2)), message(subject="a\0b"))

    with pytest.raises(PermanentError, match="does not take a value"):
        write(store, lease, bad)

    assert store.entry(mail).state is MailState.ACKNOWLEDGED
