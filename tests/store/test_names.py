"""Names that others gave, on both databases."""

from dataclasses import replace

import pytest

from mailgateway.adapters.store import SqlStore
from mailgateway.adapters.store.names import MOST_TICKETS
from mailgateway.app.ports import Lease
from mailgateway.model.decision import KnownMessage, Outcome, Post
from mailgateway.model.ledger import RecipientResult
from mailgateway.model.names import ForeignRef, KnownNames, Learnt, Names
from mailgateway.model.ticket import Visibility
from tests.store.steps import begun, look_up, settle, ticket_of
from tests.store.values import ANNA, MINUTE, NOW, keys, message, opened

SES = "0102018c5e1b2a3f-0a1b2c3d-1111-2222-3333-444455556666-000000"
RETRY_AT = {1: NOW + MINUTE}
OWNER = "example.com"


def on_ticket(store: SqlStore, lease: Lease, number: int, learnt: Learnt) -> Outcome:
    return ticket_of(store, lease, number, message(number), learnt=learnt)


def names_of(store: SqlStore, lease: Lease, names: Names) -> KnownNames:
    return look_up(store, lease, keys(message(99), names=names)).names


def numbers(ticket: int | None, *refs: str) -> Learnt:
    return Learnt(refs=tuple(ForeignRef(OWNER, ref, ticket) for ref in refs))


# --- further ids


def test_a_received_message_is_found_by_a_further_id(store: SqlStore, lease: Lease) -> None:
    outcome = on_ticket(store, lease, 1, Learnt(other_ids=("a@x", "b@x", "a@x")))

    known = look_up(store, lease, keys(message(2), message_ids=("b@x", "m1@example.com", "c@x")))

    found = KnownMessage("b@x", "digest1", ours=False, mail=outcome.mail, tickets=(1,))
    assert known.referred == (found, replace(found, message_id="m1@example.com"))
    assert [one.number for one in known.tickets] == [1]


def test_a_copy_is_found_whichever_of_the_two_has_the_further_id(store: SqlStore, lease: Lease) -> None:
    on_ticket(store, lease, 1, Learnt(other_ids=("original@x",)))

    later_original = look_up(store, lease, keys(message(2, message_id="original@x")))
    later_copy = look_up(store, lease, keys(message(2), names=Names(other_ids=("m1@example.com",))))

    assert [one.mail for one in later_original.same_id] == [one.mail for one in later_copy.same_id] != []


@pytest.mark.parametrize("recipients", [(ANNA,), (ANNA, "bert@example.com")])
def test_the_id_that_the_relay_gave_leads_to_our_message(
    store: SqlStore, lease: Lease, recipients: tuple[str, ...]
) -> None:
    outcome = ticket_of(store, lease, 1, message())
    first, _ = store.claim(NOW, 10, RETRY_AT)
    settle(store, first, [RecipientResult(one, 250, f"Ok {SES}") for one in recipients], NOW, None)

    known = look_up(store, lease, keys(message(2), message_ids=(f"{SES}@amazonses.com",)))

    assert known.referred == (
        KnownMessage(f"{SES}@amazonses.com", "", ours=True, mail=None, tickets=(1,), acknowledgement="we have it"),
    )
    assert [one.id for one in known.deliveries] == [outcome.outgoing[0].id]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (451, "try again, <12345678@relay.example>"),
        (250, f"2.0.0 <{ANNA}> saved"),
        (250, "2.0.0 <ANNA@EXAMPLE.COM> saved"),
        (250, "<t1.o1.mac@help.test> queued"),
    ],
)
def test_what_is_no_id_of_a_mail_that_was_taken_is_not_kept(
    store: SqlStore, lease: Lease, code: int, text: str
) -> None:
    ticket_of(store, lease, 1, message())
    first, _ = store.claim(NOW, 10, RETRY_AT)
    settle(store, first, [RecipientResult(ANNA, code, text)], NOW, NOW)

    known = look_up(store, lease, keys(message(2), message_ids=("12345678@relay.example", ANNA, "t1.o1.mac@help.test")))

    assert [one.message_id for one in known.referred] == ["t1.o1.mac@help.test"]


def test_a_mail_that_was_sent_twice_is_found_by_both_ids(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    first, _ = store.claim(NOW, 10, RETRY_AT)
    answers = ("<11111111@relay.example>", "<22222222@relay.example>", "<22222222@relay.example>")
    for answer in answers:
        settle(store, first, [RecipientResult(ANNA, 250, answer)], NOW, None)

    known = look_up(store, lease, keys(message(2), message_ids=("22222222@relay.example", "11111111@relay.example")))

    assert [one.tickets for one in known.referred] == [(1,), (1,)]


# --- conversations


def test_a_conversation_has_the_tickets_its_verified_mails_are_on(store: SqlStore, lease: Lease) -> None:
    on_ticket(store, lease, 1, Learnt(conversation="c"))
    on_ticket(store, lease, 2, Learnt(conversation="c"))
    unverified = (Post(1, Visibility.INSIDE, verified=False),)
    added = {"tickets": (), "posts": unverified, "outgoing": (), "events": ()}
    ticket_of(store, lease, 3, message(3), learnt=Learnt(conversation="d"), **added)

    found = [names_of(store, lease, Names(conversation=name)) for name in ("c", "d", "")]

    assert found == [KnownNames(conversation=(2, 1)), KnownNames(), KnownNames()]


def test_the_tickets_of_a_conversation_come_with_it(store: SqlStore, lease: Lease) -> None:
    on_ticket(store, lease, 1, Learnt(conversation="c" * 5000))

    known = look_up(store, lease, keys(message(2), names=Names(conversation="c" * 5000)))

    assert [one.number for one in known.tickets] == [1]


def test_of_a_conversation_on_many_tickets_the_newest_are_looked_at(store: SqlStore, lease: Lease) -> None:
    for number in range(1, MOST_TICKETS + 3):
        on_ticket(store, lease, number, Learnt(conversation="c"))

    found = names_of(store, lease, Names(conversation="c"))

    assert found.conversation == tuple(range(MOST_TICKETS + 2, 2, -1))


# --- numbers of other systems


def test_a_number_is_known_to_its_owner_alone(store: SqlStore, lease: Lease) -> None:
    on_ticket(store, lease, 1, numbers(1, "99", "ABC-1"))

    theirs = names_of(store, lease, Names(ref_owner=OWNER, refs=("ABC-1", "7", "99")))
    others = names_of(store, lease, Names(ref_owner="other.example", refs=("99",)))

    assert theirs == KnownNames(refs=(ForeignRef(OWNER, "ABC-1", 1), ForeignRef(OWNER, "99", 1)))
    assert others == KnownNames()


def test_the_ticket_of_a_number_comes_with_it(store: SqlStore, lease: Lease) -> None:
    on_ticket(store, lease, 1, numbers(1, "99"))

    known = look_up(store, lease, keys(message(2), names=Names(ref_owner=OWNER, refs=("99",))))

    assert [one.number for one in known.tickets] == [1]


@pytest.mark.parametrize(
    ("tickets", "left"), [((1, 1), 1), ((1, 2), None), ((1, 2, 1), None), ((1, None), None), ((1, None, 1), None)]
)
def test_a_number_that_two_mails_teach_of_two_tickets_is_of_no_use(
    store: SqlStore, lease: Lease, tickets: tuple[int | None, ...], left: int | None
) -> None:
    """Each may have been decided before the other was written, so the database has the last word."""
    for number in (1, 2, 3):
        ticket_of(store, lease, number, message(number))
    for number, ticket in enumerate(tickets, 10):
        ticket_of(store, lease, number, message(number), learnt=numbers(ticket, "99"))

    assert names_of(store, lease, Names(ref_owner=OWNER, refs=("99",))).refs == (ForeignRef(OWNER, "99", left),)


def test_what_a_mail_taught_is_known_to_the_next_of_its_batch(store: SqlStore, lease: Lease) -> None:
    lesson = replace(numbers(1, "99"), conversation="c", other_ids=("a@x",))
    wanted = keys(message(3), message_ids=("a@x",), names=Names(conversation="c", ref_owner=OWNER, refs=("99",)))
    (mail,) = begun(store, lease, 1)

    with store.batch(lease) as batch:
        batch.write(opened(mail, batch.reserve(1, 2), message(), learnt=lesson))
        known = batch.known(wanted, NOW)

    assert known.names == KnownNames((1,), lesson.refs)
    assert [one.tickets for one in known.referred] == [(1,)]
