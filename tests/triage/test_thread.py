from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.decision import Keys, Known, Rung, Threading
from mailgateway.model.message import Classification, MessageKind
from mailgateway.model.people import Authentication, Role, Standing
from mailgateway.model.ticket import Status, Ticket, Visibility
from mailgateway.model.tokens import ReplyToken, message_id
from mailgateway.triage.thread import MAX_MERGES, resolve, thread
from tests.factories import (
    CUSTOMER_ADDRESS,
    KEYRING,
    PERSON,
    contact,
    customer,
    delivery,
    keys,
    known,
    known_message,
    message,
    site,
    ticket,
)

STRANGER = "mallory@evil.example"
AGENT_ADDRESS = "anna@acme.example"
BOUNCE = Classification(MessageKind.BOUNCE, "proof", "proof", is_answer=True)
ABSENCE = Classification(MessageKind.OUT_OF_OFFICE, "proof", "proof", is_answer=True)
TOKEN = ReplyToken(1042, 7, "", Visibility.PUBLIC, date(2025, 6, 1))
ANNAS_TOKEN = ReplyToken(1042, None, "anna", Visibility.PUBLIC, date(2025, 6, 1))
OURS = message_id(KEYRING, 1042, 5512, "acme.example")

BY_TOKEN = (keys(tokens=(TOKEN,), ticket_numbers=(1042,), contacts=(7,)), known(tickets=(ticket(),)))
BY_SIGNED_ID = (keys(message_ids=(OURS,), ticket_numbers=(1042,), deliveries=(5512,)), known(tickets=(ticket(),)))
BY_CONVERSATION = (keys(conversations=(1042,), ticket_numbers=(1042,)), known(tickets=(ticket(),)))
BY_STORED_ID = (
    keys(message_ids=("provider@relay",)),
    known(referred=(known_message("provider@relay", 1042, ours=True),), tickets=(ticket(),)),
)
BY_RECEIVED_ID = (
    keys(message_ids=("m0@customer.example",)),
    known(referred=(known_message("m0@customer.example", 1042),), tickets=(ticket(),)),
)
BY_REF = (keys(refs=("SUP-1042-QX",)), known(refs=(("SUP-1042-QX", 1042),), tickets=(ticket(),)))
BY_DELIVERY = (keys(deliveries=(5512,)), known(deliveries=(delivery(),), tickets=(ticket(),)))

EVERY_WAY = [
    pytest.param(BY_TOKEN, Rung.REPLY_ADDRESS, id="reply address"),
    pytest.param(BY_SIGNED_ID, Rung.OUR_MESSAGE_ID, id="signed id"),
    pytest.param(BY_STORED_ID, Rung.OUR_MESSAGE_ID, id="stored id"),
    pytest.param(BY_CONVERSATION, Rung.OUR_MESSAGE_ID, id="conversation index"),
    pytest.param(BY_DELIVERY, Rung.DELIVERY, id="bounce address"),
    pytest.param(BY_RECEIVED_ID, Rung.RECEIVED_MESSAGE_ID, id="received id"),
    pytest.param(BY_REF, Rung.TICKET_ID, id="ticket ID"),
]
OUR_WAYS, OTHERS_WAYS = EVERY_WAY[:5], EVERY_WAY[5:]
Way = tuple[Keys, Known]


def threaded(way: Way, sender: str = CUSTOMER_ADDRESS, classification: Classification = PERSON) -> Threading:
    looked_up, held = way
    return thread(message(sender=sender), classification, looked_up, held, site())


def place(found: Threading) -> tuple[Rung, int | None, Visibility, bool]:
    return found.rung, found.ticket.number if found.ticket else None, found.visibility, found.verified


def both(first: Way, second: Way) -> Way:
    """What is looked up and known by two ways at once."""
    (a, held), (b, also_held) = first, second
    looked_up = keys(
        tokens=a.tokens + b.tokens,
        message_ids=a.message_ids + b.message_ids,
        refs=a.refs + b.refs,
        deliveries=a.deliveries + b.deliveries,
    )
    return looked_up, known(
        referred=held.referred + also_held.referred,
        refs=held.refs + also_held.refs,
        deliveries=held.deliveries + also_held.deliveries,
        tickets=held.tickets + also_held.tickets,
    )


# --- the ladder


@pytest.mark.parametrize(("way", "rung"), EVERY_WAY)
def test_the_requesters_words_go_on_the_ticket_by_every_rung(way: Way, rung: Rung) -> None:
    found = threaded(way)

    assert place(found) == (rung, 1042, Visibility.PUBLIC, True)
    assert (found.standing.role, found.mentions) == (Role.REQUESTER, ())
    assert "SUP-1042-QX" in found.because


def test_a_mail_that_names_nothing_belongs_to_no_ticket() -> None:
    found = threaded((keys(), known()))

    assert found == Threading(
        Rung.NONE,
        None,
        Visibility.PUBLIC,
        verified=True,
        standing=Standing(Role.STRANGER, Authentication.NONE, may_post=True, because="is not known"),
        mentions=(),
        because="names no ticket",
    )


def test_an_id_of_a_ticket_that_does_not_exist_is_no_hit() -> None:
    found = threaded((keys(refs=("SUP-1-BC",), message_ids=("x@y",), tokens=(TOKEN,), deliveries=(3,)), known()))

    assert place(found) == (Rung.NONE, None, Visibility.PUBLIC, True)


def test_the_stored_ticket_of_our_message_comes_before_the_one_in_its_id() -> None:
    stored = known(referred=(known_message(OURS, 1043, ours=True),), tickets=(ticket(1043), ticket(1042)))

    found = threaded((BY_SIGNED_ID[0], stored))

    assert place(found) == (Rung.OUR_MESSAGE_ID, 1043, Visibility.PUBLIC, True)


def test_a_message_of_ours_without_a_ticket_is_no_hit() -> None:
    ours = message_id(KEYRING, None, 5512, "acme.example")

    found = threaded((keys(message_ids=(ours,), deliveries=(5512,)), known(deliveries=(delivery(5512, None),))))

    assert found.ticket is None


# --- several hits


def test_the_highest_rung_wins_and_the_others_are_told() -> None:
    other = (keys(refs=("SUP-1043-QX",)), known(refs=(("SUP-1043-QX", 1043),), tickets=(ticket(), ticket(1043))))

    found = threaded(both(BY_TOKEN, other))

    assert place(found) == (Rung.REPLY_ADDRESS, 1042, Visibility.PUBLIC, True)
    assert found.because == (
        "a signed reply address SUP-1042-QX; the sender writes from the requester's address;"
        " not followed: the ticket ID SUP-1043-QX"
    )


def test_hits_that_agree_are_one_reason() -> None:
    found = threaded(both(BY_TOKEN, BY_REF))

    assert found.because == "a signed reply address SUP-1042-QX; the sender writes from the requester's address"


def test_the_newest_of_several_ids_wins() -> None:
    looked_up = keys(message_ids=("new@x", "old@x"))
    held = known(
        referred=(known_message("old@x", 1042, ours=True), known_message("new@x", 1043, ours=True)),
        tickets=(ticket(1042), ticket(1043)),
    )

    found = threaded((looked_up, held))

    assert place(found) == (Rung.OUR_MESSAGE_ID, 1043, Visibility.PUBLIC, True)


def test_of_several_ticket_ids_the_first_with_standing_wins() -> None:
    held = known(
        refs=(("SUP-1042-QX", 1042), ("SUP-1043-QX", 1043)),
        tickets=(ticket(1042), ticket(1043, requester_address="other@x", participants=("other@x",))),
    )

    found = threaded((keys(refs=("SUP-1043-QX", "SUP-1042-QX")), held))

    assert place(found) == (Rung.TICKET_ID, 1042, Visibility.PUBLIC, True)
    assert "not followed: the ticket ID SUP-1043-QX" in found.because


def test_a_ticket_without_standing_does_not_hide_one_of_a_lower_rung() -> None:
    others = ticket(1043, requester_address="other@x", participants=("other@x",))
    received = (
        keys(message_ids=("m9@x",)),
        known(referred=(known_message("m9@x", 1043),), tickets=(ticket(), others)),
    )

    found = threaded(both(BY_REF, received))

    assert place(found) == (Rung.TICKET_ID, 1042, Visibility.PUBLIC, True)


# --- strangers


@pytest.mark.parametrize(("way", "rung"), OUR_WAYS)
def test_a_stranger_who_holds_a_token_or_id_stays_unverified_and_inside(way: Way, rung: Rung) -> None:
    found = threaded(way, STRANGER)

    assert place(found) == (rung, 1042, Visibility.INSIDE, False)
    assert (found.standing.role, found.standing.may_post, found.mentions) == (Role.STRANGER, False, ())


@pytest.mark.parametrize(("way", "rung"), OTHERS_WAYS)
def test_a_stranger_who_quotes_a_number_gets_a_new_ticket_that_names_the_other(way: Way, rung: Rung) -> None:
    found = threaded(way, STRANGER)

    assert rung in {Rung.TICKET_ID, Rung.RECEIVED_MESSAGE_ID}
    assert place(found) == (Rung.NONE, None, Visibility.PUBLIC, True)
    assert (found.mentions, found.standing.may_post) == ((1042,), True)
    assert found.because == "names SUP-1042-QX, but the sender has nothing to do with the ticket"


def test_a_ticket_named_twice_is_mentioned_once() -> None:
    assert threaded(both(BY_REF, BY_RECEIVED_ID), STRANGER).mentions == (1042,)


@pytest.mark.parametrize(("way", "rung"), EVERY_WAY)
def test_a_forged_sender_is_a_stranger_by_every_rung(way: Way, rung: Rung) -> None:
    looked_up, held = way

    found = threaded((replace(looked_up, authentication=Authentication.FAIL), held))

    assert (found.verified and found.ticket is not None, found.visibility is Visibility.PUBLIC) == (
        False,
        found.ticket is None,
    )
    assert (found.ticket is None) == (rung in {Rung.TICKET_ID, Rung.RECEIVED_MESSAGE_ID})


def test_a_colleague_by_address_replies_to_all_on_the_ticket() -> None:
    looked_up, held = BY_RECEIVED_ID
    colleague = replace(held, contact=contact("colin@customer.example"), customer=customer(), customer_by="address")

    found = threaded((looked_up, colleague), "colin@customer.example")

    assert place(found) == (Rung.RECEIVED_MESSAGE_ID, 1042, Visibility.PUBLIC, True)


# --- agents


def test_an_agents_words_are_inside_for_now() -> None:
    looked_up, held = BY_TOKEN

    found = threaded((replace(looked_up, tokens=(ANNAS_TOKEN,)), held), AGENT_ADDRESS)

    assert place(found) == (Rung.REPLY_ADDRESS, 1042, Visibility.INSIDE, True)
    assert found.standing.role is Role.AGENT


def test_an_agents_token_for_another_ticket_gives_no_power_on_this_one() -> None:
    looked_up, held = BY_REF

    found = threaded((replace(looked_up, tokens=(replace(ANNAS_TOKEN, ticket=1),)), held), AGENT_ADDRESS)

    assert (found.ticket, found.mentions) == (None, (1042,))


def test_an_agents_token_counts_on_the_ticket_that_took_its_ticket_over() -> None:
    merged = known(tickets=(ticket(1042, merged_into=1043, status=Status.MERGED), ticket(1043)))

    found = threaded((keys(tokens=(ANNAS_TOKEN,)), merged), AGENT_ADDRESS)

    assert (place(found)[:2], found.standing.role) == ((Rung.REPLY_ADDRESS, 1043), Role.AGENT)


# --- machines


@pytest.mark.parametrize("sender", [CUSTOMER_ADDRESS, STRANGER])
@pytest.mark.parametrize("classification", [BOUNCE, ABSENCE])
@pytest.mark.parametrize(("way", "rung"), OUR_WAYS)
def test_a_machine_that_holds_one_of_our_ids_is_kept_inside_whoever_sent_it(
    way: Way, rung: Rung, classification: Classification, sender: str
) -> None:
    found = threaded(way, sender, classification)

    assert place(found) == (rung, 1042, Visibility.INSIDE, sender == CUSTOMER_ADDRESS)


@pytest.mark.parametrize(("way", "rung"), OTHERS_WAYS)
def test_a_machine_with_a_bare_number_needs_the_standing_of_its_sender(way: Way, rung: Rung) -> None:
    known_sender, stranger = threaded(way, CUSTOMER_ADDRESS, ABSENCE), threaded(way, STRANGER, ABSENCE)

    assert place(known_sender) == (rung, 1042, Visibility.INSIDE, True)
    assert (stranger.ticket, stranger.mentions) == (None, (1042,))


def test_a_bounce_looks_for_its_delivery_first() -> None:
    other = (keys(deliveries=(9,)), known(deliveries=(delivery(9, 1043),), tickets=(ticket(), ticket(1043))))

    way = both(BY_TOKEN, other)

    assert [threaded(way, STRANGER, kind).rung for kind in (BOUNCE, PERSON)] == [Rung.DELIVERY, Rung.REPLY_ADDRESS]


def test_a_delivery_named_by_the_bounce_address_comes_before_one_found_by_message_id() -> None:
    held = known(deliveries=(delivery(4, 1042), delivery(9, 1043)), tickets=(ticket(), ticket(1043)))

    found = threaded((keys(deliveries=(9,)), held), STRANGER, BOUNCE)

    assert found.ticket == ticket(1043)


def test_a_delivery_found_by_message_id_alone_is_a_hit() -> None:
    found = threaded((keys(), known(deliveries=(delivery(),), tickets=(ticket(),))), STRANGER, BOUNCE)

    assert place(found) == (Rung.DELIVERY, 1042, Visibility.INSIDE, False)


# --- merged and closed tickets


def merged(number: int, into: int) -> Ticket:
    return ticket(number, merged_into=into, status=Status.MERGED)


def test_a_merged_id_resolves_to_the_end_of_the_chain() -> None:
    tickets = (merged(1042, 1043), merged(1043, 1044), ticket(1044))

    assert resolve(1042, tickets) == ticket(1044)


def test_a_circle_of_merges_ends() -> None:
    tickets = (merged(1, 2), merged(2, 3), merged(3, 1))

    assert resolve(1, tickets) == merged(3, 1)
    assert resolve(7, (merged(7, 7),)) == merged(7, 7)


def test_a_chain_into_nothing_ends_at_the_last_ticket() -> None:
    assert resolve(1, (merged(1, 2),)) == merged(1, 2)
    assert resolve(3, (merged(1, 2),)) is None


def test_an_endless_chain_is_bounded() -> None:
    tickets = tuple(merged(number, number + 1) for number in range(1000))

    assert resolve(0, tickets) == merged(MAX_MERGES, MAX_MERGES + 1)


@given(st.dictionaries(st.integers(1, 8), st.none() | st.integers(1, 8)), st.integers(1, 8))
def test_any_merges_resolve(merges: dict[int, int | None], number: int) -> None:
    tickets = tuple(ticket(one, merged_into=into) for one, into in merges.items())

    found = resolve(number, tickets)

    assert (found is None) == (number not in merges)


@pytest.mark.parametrize("status", Status)
def test_the_id_of_a_ticket_in_any_state_resolves(status: Status) -> None:
    looked_up, held = BY_REF

    found = threaded((looked_up, replace(held, tickets=(ticket(status=status),))))

    assert found.ticket == ticket(status=status)
