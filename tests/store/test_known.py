from dataclasses import replace
from datetime import timedelta

import pytest

from mailgateway.adapters.store import SqlStore
from mailgateway.app.desk import Act, merge
from mailgateway.app.ports import Lease
from mailgateway.model.decision import (
    Known,
    KnownDelivery,
    KnownMessage,
    ReservedIds,
)
from mailgateway.model.ledger import MailState
from mailgateway.model.message import Address
from mailgateway.model.people import Contact, Customer
from mailgateway.model.ticket import EventKind, Status
from tests.store.steps import begun, look_up, ticket_of
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
    outgoing,
)

EMPTY_KEYS = keys(message(), message_id="", digest="", sender="")


def test_an_empty_store_knows_nothing(store: SqlStore, lease: Lease) -> None:
    wanted = keys(
        message(), message_ids=("x",), refs=("SUP-1-QX",), ticket_numbers=(1,), contacts=(1,), deliveries=(1,)
    )

    assert look_up(store, lease, wanted) == Known()
    assert look_up(store, lease, EMPTY_KEYS) == Known()


def test_only_an_acknowledgement_is_known_by_its_words(store: SqlStore, lease: Lease) -> None:
    outcome = ticket_of(store, lease, 1, message())
    names = ("m1@example.com", *(one.message_id for one in outcome.outgoing))

    known = look_up(store, lease, keys(message(2), message_ids=names))

    assert [one.purpose for one in outcome.outgoing] == ["acknowledgement", "notification"]
    assert [one.acknowledgement for one in known.referred] == ["", "we have it", ""]


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
            KnownMessage(ours, "", ours=True, mail=None, tickets=(1,), acknowledgement=outcome.outgoing[0].text),
            KnownMessage("m1@example.com", "digest1", ours=False, mail=outcome.mail, tickets=(1,)),
        ),
        refs=(("SUP-1-QX", 1),),
        tickets=(TICKET,),
        contact=anna,
        contacts=(anna,),
        deliveries=(KnownDelivery(1, 1, ours, (ANNA,)),),
        recent_answers=1,
        answers_to_domain=1,
        recent_subjects=("It is broken",),
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


def test_a_merged_ticket_brings_the_one_it_is_part_of(store: SqlStore, lease: Lease) -> None:
    for number in (1, 2, 3):
        ticket_of(store, lease, number, message(number))
    merge(store, 1, 2, Act(NOW, "admin", "same"))
    merge(store, 2, 3, Act(NOW, "admin", "same"))

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


def test_answers_to_a_domain_are_counted_for_an_hour_and_notices_never(store: SqlStore, lease: Lease) -> None:
    recipients = (ANNA, "Bert@Example.com", "x@sub.example.com", "example.com", "z@otherexample.com")
    sent = tuple(outgoing(number, None, one) for number, one in enumerate(recipients, start=50))
    ticket_of(store, lease, 1, message(), outgoing=(*sent, outgoing(60, None, "c@example.com", "notification")))
    asked = (
        (ANNA, MINUTE),
        ("new@example.com", MINUTE),
        (ANNA, timedelta(minutes=61)),
        ("example.com", MINUTE),
        ("", MINUTE),
    )

    with store.batch(lease) as batch:
        found = [batch.known(keys(message(3), sender=sender), NOW + after) for sender, after in asked]

    counts = [(one.recent_answers, one.answers_to_domain) for one in found]
    assert counts == [(1, 2), (0, 2), (0, 0), (1, 0), (0, 0)]


def test_the_newest_subjects_of_the_senders_last_hour_are_known(store: SqlStore, lease: Lease) -> None:
    begun_mails = begun(store, lease, *range(1, 26))
    with store.batch(lease) as batch:
        for number, mail in enumerate(begun_mails, start=1):
            sender = Address("", "Anna@Example.com" if number > 1 else "bert@example.com")
            read = message(number, subject=f"mail {number}", sender=sender)
            at = NOW + number * MINUTE
            batch.write(replace(opened(mail, batch.reserve(1, 2), read, outgoing=()), at=at))

        def subjects(sender: str, after: timedelta) -> tuple[str, ...]:
            return batch.known(keys(message(99), sender=sender), NOW + after).recent_subjects

        assert subjects(ANNA, 26 * MINUTE) == tuple(f"mail {number}" for number in range(25, 5, -1))
        assert subjects(ANNA, 84 * MINUTE) == ("mail 25",)
        assert subjects(ANNA, 85 * MINUTE) == ()
        assert subjects("bert@example.com", 26 * MINUTE) == ("mail 1",)
        assert subjects("", 26 * MINUTE) == ()


def test_a_mail_that_is_put_back_is_not_among_the_senders_mails(store: SqlStore, lease: Lease) -> None:
    (mail,) = begun(store, lease, 1)
    ignored = replace(opened(mail, ReservedIds((1,), (0, 0)), message()), state=MailState.IGNORED, reason="of no use")
    with store.batch(lease) as batch:
        batch.write(replace(ignored, tickets=(), posts=(), events=(), outgoing=()))

    before = look_up(store, lease, keys(message())).recent_subjects
    store.retry(mail, "admin", NOW)
    after = look_up(store, lease, keys(message())).recent_subjects

    assert (before, after) == (("It is broken",), ())


def test_our_own_mails_are_no_mails_of_their_sender(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    store.add_note(1, "done", event(EventKind.NOTE, 1))

    senders = ("support@help.test", "gateway", AGENT)
    assert [look_up(store, lease, keys(message(2), sender=one)).recent_subjects for one in senders] == [()] * 3


def test_the_customers_open_tickets_are_known_newest_first(store: SqlStore, lease: Lease) -> None:
    store.import_customers([Customer("acme", "Acme", domains=("example.com",)), Customer("other", "Other")], [])
    mails = begun(store, lease, *range(1, 60))
    with store.batch(lease) as batch:
        for mail, status in zip(mails, [*Status, *[Status.OPEN] * 51], strict=True):
            ids = batch.reserve(1, 0)
            customer = "other" if mail == mails[-1] else "acme"
            new = new_ticket(ids.tickets[0], title=f"{status} {mail}", status=status, customer=customer)
            batch.write(
                replace(opened(mail, ReservedIds(ids.tickets, (0, 0)), message(mail)), tickets=(new,), outgoing=())
            )
        acme = batch.known(keys(message(99)), NOW).open_tickets
        unknown = batch.known(keys(message(99), sender="x@nowhere.test"), NOW).open_tickets

    assert acme == tuple((f"SUP-{number}-QX", f"open {number}") for number in range(58, 8, -1))
    assert unknown == ()


@pytest.mark.parametrize("status", Status)
def test_a_ticket_is_open_until_it_is_resolved_closed_merged_or_refused(
    store: SqlStore, lease: Lease, status: Status
) -> None:
    store.import_customers([Customer("acme", "Acme", domains=("example.com",))], [])
    ticket_of(store, lease, 1, message(), tickets=(new_ticket(1, status=status, customer="acme"),))

    known = look_up(store, lease, keys(message(2)))

    is_open = status not in {Status.RESOLVED, Status.CLOSED, Status.MERGED, Status.REFUSED}
    assert known.open_tickets == ((("SUP-1-QX", "It is broken"),) if is_open else ())


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
