from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mailgateway.adapters.store import SqlStore, documents, tables
from mailgateway.app.ports import Batch, Lease, TicketMessage
from mailgateway.errors import PermanentError
from mailgateway.model.decision import (
    BounceMark,
    Known,
    KnownDelivery,
    KnownMessage,
    Post,
    ReservedIds,
    StatusChange,
)
from mailgateway.model.ledger import MailState
from mailgateway.model.message import Address
from mailgateway.model.people import Contact, Customer
from mailgateway.model.ticket import EventKind, Status, Ticket, Visibility
from tests.store.steps import begun, look_up, ticket_of, write
from tests.store.values import (
    AGENT,
    ANNA,
    MAILBOX,
    MINUTE,
    NOW,
    event,
    keys,
    message,
    new_ticket,
    opened,
    outgoing,
)

TICKET = Ticket(
    number=1,
    ref="SUP-1-QX",
    title="It is broken",
    status=Status.NEW,
    queue="support",
    kind="question",
    priority=3,
    mailbox=MAILBOX,
    customer=None,
    requester=1,
    requester_address=ANNA,
    participants=(ANNA, "bert@example.com"),
    tags=("new", "angry"),
    merged_into=None,
    created_at=NOW,
    changed_at=NOW,
)
EMPTY_KEYS = keys(message(), message_id="", digest="", sender="")


def test_an_empty_store_knows_nothing(store: SqlStore, lease: Lease) -> None:
    wanted = keys(
        message(), message_ids=("x",), refs=("SUP-1-QX",), ticket_numbers=(1,), contacts=(1,), deliveries=(1,)
    )

    assert look_up(store, lease, wanted) == Known()
    assert look_up(store, lease, EMPTY_KEYS) == Known()


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
    outcome = ticket_of(store, lease, 1, message())
    assert outcome.facts is not None
    assert outcome.decision is not None

    with store._database.read() as connection:
        row = connection.execute(sa.select(tables.message).where(tables.message.c.incoming)).one()
        files = connection.execute(sa.select(tables.attachment)).all()

    assert documents.message_of(row.document) == outcome.message
    assert documents.facts_of(row.facts) == outcome.facts.values
    assert documents.trace_of(row.trace) == outcome.decision.trace
    assert row.revision == "built-in"
    assert '"effect": "OpenTicket"' in row.effects
    assert [(one.name, one.digest) for one in files] == [("a.txt", "d" * 64)]


def test_the_next_mail_finds_everything_by_its_keys(store: SqlStore, lease: Lease) -> None:
    outcome = ticket_of(store, lease, 1, message())
    ours = outcome.outgoing[0].message_id
    wanted = keys(
        message(2),
        message_ids=(ours, "m1@example.com"),
        refs=("SUP-9-ZZ", "SUP-1-QX"),
        contacts=(1, 99),
    )

    known = look_up(store, lease, wanted)

    anna = Contact(1, "Anna", ANNA, None)
    assert known == Known(
        referred=(
            KnownMessage(ours, "", ours=True, mail=None, tickets=(1,)),
            KnownMessage("m1@example.com", "digest1", ours=False, mail=outcome.mail, tickets=(1,)),
        ),
        refs=(("SUP-1-QX", 1),),
        tickets=(TICKET,),
        contact=anna,
        contacts=(anna,),
        deliveries=(KnownDelivery(1, 1, ours, (ANNA,)),),
        recent_answers=1,
    )


def test_a_second_copy_is_found_by_its_id(store: SqlStore, lease: Lease) -> None:
    outcome = ticket_of(store, lease, 1, message())

    known = look_up(store, lease, keys(message()))

    assert known.same_id == (KnownMessage("m1@example.com", "digest1", ours=False, mail=outcome.mail, tickets=(1,)),)
    assert known.same_digest == ()
    assert known.tickets == (TICKET,)


def test_a_second_copy_without_an_id_is_found_by_its_digest(store: SqlStore, lease: Lease) -> None:
    nameless = message(message_id="")
    outcome = ticket_of(store, lease, 1, nameless)

    known = look_up(store, lease, keys(nameless))

    assert known.same_digest == (KnownMessage("", "digest1", ours=False, mail=outcome.mail, tickets=(1,)),)
    assert known.same_id == ()


def test_our_own_mail_is_no_copy_of_a_received_one(store: SqlStore, lease: Lease) -> None:
    outcome = ticket_of(store, lease, 1, message())

    known = look_up(store, lease, keys(message(2, message_id=outcome.outgoing[0].message_id)))

    assert known.same_id == ()


def test_a_mail_of_the_same_batch_is_known_to_the_next(store: SqlStore, lease: Lease) -> None:
    first, _ = begun(store, lease, 1, 2)

    with store.batch(lease) as batch:
        batch.write(opened(first, batch.reserve(1, 2), message()))
        known = batch.known(keys(message(2), message_ids=("m1@example.com",)), NOW)

    assert [one.tickets for one in known.referred] == [(1,)]


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
    assert store.next_due() is None


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


def test_a_merged_ticket_brings_the_one_it_is_part_of(store: SqlStore, lease: Lease) -> None:
    for number in (1, 2, 3):
        ticket_of(store, lease, number, message(number))
    store.merge(1, 2, event(EventKind.LINKED))
    store.merge(2, 3, event(EventKind.LINKED))

    known = look_up(store, lease, keys(message(4), refs=("SUP-1-QX",)))

    assert known.refs == (("SUP-1-QX", 1),)
    assert [(one.number, one.merged_into) for one in known.tickets] == [(1, 2), (2, 3), (3, None)]


def test_the_customer_is_the_contacts_before_the_domains(store: SqlStore, lease: Lease) -> None:
    by_domain = Customer("acme", "Acme", "gold", ("example.com", "acme.test"), "de", "Europe/Berlin")
    by_contact = Customer("other", "Other")
    store.import_customers([by_domain, by_contact], [("Bert", "Bert@Example.com", "other")])

    found = {
        sender: look_up(store, lease, keys(message(), sender=sender))
        for sender in ("x@example.com", "bert@example.com", "x@sub.example.com", "nobody", "@example.com")
    }

    assert {sender: (known.customer, known.customer_by) for sender, known in found.items()} == {
        "x@example.com": (replace(by_domain, domains=("acme.test", "example.com")), "domain"),
        "bert@example.com": (by_contact, "address"),
        "x@sub.example.com": (None, ""),
        "nobody": (None, ""),
        "@example.com": (replace(by_domain, domains=("acme.test", "example.com")), "domain"),
    }


def test_a_requester_with_a_customers_domain_is_not_put_under_the_customer(store: SqlStore, lease: Lease) -> None:
    store.import_customers([Customer("acme", "Acme", domains=("example.com",))], [])

    ticket_of(store, lease, 1, message(), tickets=(new_ticket(1, customer="acme"),))

    known = look_up(store, lease, keys(message(2)))
    assert known.contact == Contact(1, "Anna", ANNA, None)
    assert known.customer_by == "domain"
    assert store.ticket("1").customer == "acme"


def test_answers_are_counted_for_an_hour_and_notices_to_agents_never(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    ticket_of(store, lease, 2, message(2), outgoing=(outgoing(50, None, ANNA.upper()),))
    counts = []

    for sender, after in ((ANNA, MINUTE), (ANNA, timedelta(minutes=61)), (AGENT, MINUTE)):
        with store.batch(lease) as batch:
            counts.append(batch.known(keys(message(3), sender=sender), NOW + after).recent_answers)

    assert counts == [2, 0, 0]


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


def recipient_states(store: SqlStore) -> list[tuple[int, str, str]]:
    columns = tables.outbox_recipient.c
    with store._database.read() as connection:
        query = sa.select(columns.outbox, columns.state, columns.text).order_by(columns.outbox)
        return [tuple(row) for row in connection.execute(query)]


def test_ids_and_addresses_of_any_length_are_found_again(store: SqlStore, lease: Lease) -> None:
    long_id, long_address = "i" * 50_000, "a" * 50_000 + "@example.com"
    read = message(message_id=long_id, sender=Address("", long_address))
    tickets = (new_ticket(1, requester_address=long_address, participants=(long_address,)),)
    ticket_of(store, lease, 1, read, tickets=tickets)

    known = look_up(store, lease, keys(read, message_ids=(long_id,)))

    assert [one.message_id for one in known.same_id] == [long_id]
    assert [one.tickets for one in known.referred] == [(1,)]
    assert known.contact is not None


def test_many_references_are_looked_up_at_once(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())

    known = look_up(store, lease, keys(message(2), message_ids=(*(f"x{n}" for n in range(500)), "m1@example.com")))

    assert [one.message_id for one in known.referred] == ["m1@example.com"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_what_postgresql_refuses_is_permanent(store: SqlStore, lease: Lease) -> None:
    (mail,) = begun(store, lease, 1)
    bad = opened(mail, ReservedIds((1,), (1, 2)), message(subject="a\0b"))

    with pytest.raises(PermanentError, match="does not take a value"):
        write(store, lease, bad)

    assert store.entry(mail).state is MailState.ACKNOWLEDGED
