"""Names that others gave: what is read of a mail, where it leads, what is learnt from it."""

from base64 import b64encode
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.cut import Cut, KnownCut, Piece
from mailgateway.model.decision import Known, Rung, Threading
from mailgateway.model.message import Address, Classification, MessageKind, Relay, Through
from mailgateway.model.names import ForeignRef, KnownNames, Learnt, Names
from mailgateway.model.people import Authentication
from mailgateway.model.ticket import Ticket, Visibility
from mailgateway.model.tokens import thread_index
from mailgateway.triage.duplicate import duplicate_of, reused_id
from mailgateway.triage.keys import keys as keys_of
from mailgateway.triage.learn import learnt
from mailgateway.triage.thread import thread
from tests.factories import (
    CUSTOMER_ADDRESS,
    KEYRING,
    PERSON,
    customer,
    keys,
    known,
    known_message,
    message,
    report,
    site,
    threading,
    ticket,
)

TODAY = date(2025, 3, 1)
STRANGER = "mallory@evil.example"
DOMAIN = "customer.example"
BLOCK = bytes.fromhex("01d5c0366905" + "ab" * 16)
INDEX = b64encode(BLOCK).decode()
LONGER = b64encode(BLOCK + b"12345").decode()
SES = "0102018c5e1b2a3f-0a1b2c3d-1111-2222-3333-444455556666-000000"
AUTO_REPLY = Classification(MessageKind.AUTO_REPLY, "proof", "proof", is_answer=True)
ALERT = Classification(MessageKind.AUTO_REPLY, "proof", "proof")
BOUNCE = Classification(MessageKind.BOUNCE, "proof", "proof")
OTHERS_TICKET = ticket(1043, requester_address="other@x.example", participants=("other@x.example",), customer=None)


def names_of(
    *headers: tuple[str, str], authentication: Authentication = Authentication.NONE, **changes: object
) -> Names:
    return keys_of(message(*headers, **changes), site(), TODAY, authentication).names  # type: ignore[arg-type]


def threaded(
    names: KnownNames,
    *tickets: Ticket,
    sender: str = CUSTOMER_ADDRESS,
    classification: Classification = PERSON,
    cuts: tuple[KnownCut, ...] = (),
) -> Threading:
    held = known(names=names, tickets=tickets or (ticket(),), cuts=cuts)
    return thread(message(sender=sender), classification, keys(), held, site())


def in_conversation(*numbers: int) -> KnownNames:
    return KnownNames(conversation=numbers or (1042,))


def numbered(*refs: tuple[str, int | None]) -> KnownNames:
    return KnownNames(refs=tuple(ForeignRef(DOMAIN, ref, number) for ref, number in refs or (("99", 1042),)))


def place(found: Threading) -> tuple[Rung, int | None, tuple[int, ...]]:
    return found.rung, found.ticket.number if found.ticket else None, found.mentions


# --- what a mail carries


def test_a_conversation_is_its_index_and_its_topic() -> None:
    first = names_of(("thread-index", INDEX), ("thread-topic", "Printer"), subject="Printer")
    answer = names_of(("thread-index", LONGER), ("thread-topic", "Printer"), subject="AW: [SUP-1-BC] printer")

    assert first == answer == Names(conversation=f"{BLOCK.hex()}:printer")


@pytest.mark.parametrize(
    ("index", "topic", "subject"),
    [
        (INDEX, "Printer", "Re: Invoice"),
        (INDEX, "", "Printer"),
        (INDEX, "", ""),
        ("", "Printer", "Printer"),
        ("AQ==", "Printer", "Printer"),
    ],
)
def test_an_index_without_its_topic_as_the_subject_is_no_conversation(index: str, topic: str, subject: str) -> None:
    assert names_of(("thread-index", index), ("thread-topic", topic), subject=subject).conversation == ""


def test_a_conversation_of_ours_is_not_theirs() -> None:
    ours = thread_index(KEYRING, 1042)

    assert names_of(("thread-index", ours), ("thread-topic", "Printer"), subject="Printer") == Names()


def test_a_number_is_of_the_senders_domain() -> None:
    assert names_of(subject="[Ticket#99] Printer") == Names(ref_owner=DOMAIN, refs=("99",))


def test_a_number_from_free_mail_is_of_the_address_alone() -> None:
    assert names_of(subject="[Ticket#99]", sender="Carla@gmail.com").ref_owner == "carla@gmail.com"


@pytest.mark.parametrize("address", ["", "root"])
def test_a_number_of_nobody_says_nothing(address: str) -> None:
    assert names_of(subject="[Ticket#99]", sender=address) == Names()


def test_a_number_under_a_forged_or_typed_address_says_nothing() -> None:
    relay = Relay(Through.FORM, Address("", "web@acme.example"))

    forged = names_of(subject="[Ticket#99]", authentication=Authentication.FAIL)
    typed = names_of(subject="[Ticket#99]", relay=relay)

    assert forged == typed == Names()


def test_the_id_from_before_exchange_is_an_id_of_the_mail_and_refers_to_its_copy() -> None:
    mail = message(("x-microsoft-original-message-id", "<a@x> <m1@customer.example> <b@x>"), in_reply_to="c@x")

    looked_up = keys_of(mail, site(), TODAY)

    assert (looked_up.names.other_ids, looked_up.message_ids) == (("a@x", "b@x"), ("c@x", "a@x", "b@x"))


def test_an_id_of_amazon_ses_is_looked_up_without_its_region_too() -> None:
    regional = f"{SES}@eu-west-1.amazonses.com"

    answer = keys_of(message(in_reply_to=regional), site(), TODAY)
    bounce = keys_of(message(reports=(report(original_message_id=regional),)), site(), TODAY)

    assert answer.message_ids == bounce.message_ids == (regional, f"{SES}@amazonses.com")


# --- copies


def test_a_copy_that_exchange_gave_another_id_is_a_duplicate() -> None:
    copy = keys(message_id="new@exchange", names=Names(other_ids=("m1@customer.example",)))
    held = known(same_id=(known_message("m1@customer.example", digest="d1", mail=4),))

    assert (duplicate_of(held, copy), reused_id(held, copy)) == (4, "")
    assert duplicate_of(held, replace(copy, message_id="")) == 4


def test_another_mail_under_the_former_id_is_no_duplicate_and_no_defect() -> None:
    changed = keys(message_id="new@exchange", names=Names(other_ids=("m1@customer.example",)))
    held = known(same_id=(known_message("m1@customer.example", digest="d2", mail=4),))

    assert (duplicate_of(held, changed), reused_id(held, changed)) == (None, "")


# --- threading: conversations


def test_the_requesters_mail_in_a_conversation_goes_on_its_ticket() -> None:
    found = threaded(in_conversation())

    assert place(found) == (Rung.CONVERSATION, 1042, ())
    assert (found.visibility, found.verified) == (Visibility.PUBLIC, True)
    assert found.because == (
        "it continues an Outlook conversation of SUP-1042-QX; the sender writes from the requester's address"
    )


def test_a_stranger_in_a_conversation_gets_a_ticket_that_names_the_other() -> None:
    assert place(threaded(in_conversation(), sender=STRANGER)) == (Rung.NONE, None, (1042,))


def test_a_conversation_on_two_tickets_of_the_sender_leads_to_none() -> None:
    found = threaded(in_conversation(1042, 1044), ticket(1042), ticket(1044))

    assert place(found) == (Rung.NONE, None, (1042, 1044))
    assert found.because == "names SUP-1042-QX, SUP-1044-QX, and which of them is meant is not clear"


def of_mail(first: int, *others: int) -> KnownCut:
    return KnownCut(Cut(first, tuple(Piece(one, part, "") for part, one in enumerate((first, *others), 1))))


@pytest.mark.parametrize(
    ("cuts", "expected"),
    [
        ((of_mail(1042, 1043, 1044),), (Rung.CONVERSATION, 1042, ())),
        ((of_mail(1043, 1044), of_mail(1042, 1043)), (Rung.CONVERSATION, 1042, ())),
        ((of_mail(1042, 1043),), (Rung.NONE, None, (1042, 1043, 1044))),
    ],
    ids=["one mail", "and a reply to a part", "and another ticket"],
)
def test_a_conversation_on_the_tickets_of_one_mail_goes_on_the_first(
    cuts: tuple[KnownCut, ...], expected: tuple[Rung, int | None, tuple[int, ...]]
) -> None:
    found = threaded(in_conversation(1042, 1043, 1044), ticket(1042), ticket(1043), ticket(1044), cuts=cuts)

    assert place(found) == expected


def test_a_strangers_ticket_in_a_conversation_does_not_take_it_from_the_participants() -> None:
    assert place(threaded(in_conversation(1043, 1042), ticket(), OTHERS_TICKET)) == (Rung.CONVERSATION, 1042, ())


def test_a_conversation_on_two_tickets_that_were_merged_leads_to_the_one() -> None:
    merged = ticket(1042, merged_into=1044)

    assert place(threaded(in_conversation(1042, 1044), merged, ticket(1044))) == (Rung.CONVERSATION, 1044, ())


@pytest.mark.parametrize("classification", [ALERT, AUTO_REPLY, BOUNCE])
@pytest.mark.parametrize("sender", [CUSTOMER_ADDRESS, STRANGER])
def test_a_machines_mails_under_one_index_are_no_conversation(classification: Classification, sender: str) -> None:
    assert place(threaded(in_conversation(), sender=sender, classification=classification)) == (Rung.NONE, None, ())


def test_a_ticket_id_comes_before_a_conversation_and_that_before_a_foreign_number() -> None:
    tickets = (ticket(1042), ticket(1044), ticket(1045))
    named = KnownNames(conversation=(1044,), refs=(ForeignRef(DOMAIN, "99", 1045),))
    held = known(names=named, refs=(("SUP-1042-QX", 1042),), tickets=tickets)

    by_id = thread(message(), PERSON, keys(refs=("SUP-1042-QX",)), held, site())
    by_conversation = thread(message(), PERSON, keys(), held, site())

    assert (place(by_id), place(by_conversation)) == ((Rung.TICKET_ID, 1042, ()), (Rung.CONVERSATION, 1044, ()))


# --- threading: numbers of other systems


@pytest.mark.parametrize("classification", [PERSON, ALERT])
def test_a_number_that_the_senders_system_gave_leads_to_its_ticket(classification: Classification) -> None:
    found = threaded(numbered(), classification=classification)

    assert place(found) == (Rung.FOREIGN_REF, 1042, ())
    assert found.because == ("another system's number for SUP-1042-QX; the sender writes from the requester's address")


def test_a_colleague_of_the_domain_needs_standing_for_a_number() -> None:
    held = known(names=numbered(), tickets=(ticket(),), customer=customer(), customer_by="domain")
    colleague = message(sender="colin@customer.example")

    unproved = thread(colleague, PERSON, keys(), held, site())
    proved = thread(colleague, PERSON, keys(authentication=Authentication.PASS), held, site())

    assert place(unproved) == (Rung.NONE, None, (1042,))
    assert place(proved) == (Rung.FOREIGN_REF, 1042, ())


def test_a_machine_without_standing_is_not_ignored_for_a_number() -> None:
    """Mail of machines that names a ticket is ignored; a number of their own system is their business."""
    found = threaded(numbered(), sender="noreply@customer.example", classification=ALERT)

    assert place(found) == (Rung.NONE, None, ())


def test_a_number_that_two_tickets_have_leads_to_none() -> None:
    assert place(threaded(numbered(("99", None)))) == (Rung.NONE, None, ())


def test_numbers_of_two_tickets_lead_to_none_of_them() -> None:
    found = threaded(numbered(("99", 1042), ("98", 1044)), ticket(1042), ticket(1044))

    assert place(found) == (Rung.NONE, None, (1042, 1044))


@given(
    st.lists(st.integers(1, 5), max_size=4),
    st.lists(st.none() | st.integers(1, 5), max_size=4),
    st.sets(st.integers(1, 5)),
    st.sampled_from([PERSON, ALERT, BOUNCE]),
)
def test_names_of_others_lead_to_no_ticket_but_the_only_one_of_the_sender(
    conversation: list[int], refs: list[int | None], theirs: set[int], classification: Classification
) -> None:
    nobody = {"requester_address": "x@x", "participants": ("x@x",), "customer": None}
    tickets = tuple(ticket(n) if n in theirs else ticket(n, **nobody) for n in range(1, 6))
    named = KnownNames(tuple(conversation), tuple(ForeignRef(DOMAIN, str(i), ref) for i, ref in enumerate(refs)))

    found = threaded(named, *tickets, classification=classification).ticket

    possible = [set(conversation) & theirs, {ref for ref in refs if ref} & theirs]
    assert found is None or {found.number} in possible


# --- learning


def taught(
    kind: MessageKind, place: Threading, refs: tuple[str, ...] = ("99",), held: Known | None = None
) -> tuple[ForeignRef, ...]:
    names = Names(ref_owner=DOMAIN, refs=refs)
    return learnt(kind, place, keys(names=names), held or known(), site()).refs


@pytest.mark.parametrize("rung", [Rung.REPLY_ADDRESS, Rung.OUR_MESSAGE_ID, Rung.RECEIVED_MESSAGE_ID])
def test_an_automatic_answer_by_an_id_teaches_its_number(rung: Rung) -> None:
    assert taught(MessageKind.AUTO_REPLY, threading(ticket(), rung=rung)) == (ForeignRef(DOMAIN, "99", 1042),)


@pytest.mark.parametrize(
    "rung", sorted(set(Rung) - {Rung.REPLY_ADDRESS, Rung.OUR_MESSAGE_ID, Rung.RECEIVED_MESSAGE_ID})
)
def test_an_automatic_answer_by_what_anybody_writes_teaches_nothing(rung: Rung) -> None:
    assert taught(MessageKind.AUTO_REPLY, threading(ticket(), rung=rung)) == ()


def test_an_unverified_answer_or_one_without_a_ticket_teaches_nothing() -> None:
    unverified = threading(ticket(), rung=Rung.OUR_MESSAGE_ID, verified=False)

    assert taught(MessageKind.AUTO_REPLY, unverified) == taught(MessageKind.AUTO_REPLY, threading()) == ()


@pytest.mark.parametrize("kind", sorted(set(MessageKind) - {MessageKind.AUTO_REPLY}))
def test_nothing_but_an_automatic_answer_teaches_a_number(kind: MessageKind) -> None:
    assert taught(kind, threading(ticket(), rung=Rung.OUR_MESSAGE_ID)) == ()


def test_a_number_in_the_tickets_own_title_is_not_the_answers() -> None:
    about_an_order = threading(ticket(title="Question on [#12345]"), rung=Rung.OUR_MESSAGE_ID)

    assert taught(MessageKind.AUTO_REPLY, about_an_order, ("12345", "99")) == (ForeignRef(DOMAIN, "99", 1042),)


@pytest.mark.parametrize(
    ("holder", "lesson"),
    [
        (1042, ()),
        (None, ()),
        (1041, ()),
        (1043, (ForeignRef(DOMAIN, "99", None),)),
        (7, (ForeignRef(DOMAIN, "99", None),)),
    ],
)
def test_a_number_that_another_ticket_has_is_of_no_use_from_then_on(
    holder: int | None, lesson: tuple[ForeignRef, ...]
) -> None:
    merged = ticket(1041, merged_into=1042)
    held = known(names=numbered(("99", holder)), tickets=(merged, ticket(), ticket(1043)))

    assert taught(MessageKind.AUTO_REPLY, threading(ticket(), rung=Rung.OUR_MESSAGE_ID), ("99",), held) == lesson


def test_a_persons_conversation_and_every_further_id_are_learnt() -> None:
    carried = keys(names=Names(("a@x",), "conversation", DOMAIN, ("99",)))

    lessons = [learnt(kind, threading(), carried, known(), site()) for kind in (MessageKind.PERSON, MessageKind.LIST)]
    unverified = learnt(MessageKind.PERSON, threading(ticket(), verified=False), carried, known(), site())

    assert lessons == [Learnt(("a@x",), "conversation"), Learnt(("a@x",))]
    assert unverified == Learnt(("a@x",))
