"""Names that others gave, from the mail that teaches them to the mail that is found by them: the gateway's own code."""

from base64 import b64encode
from contextlib import closing
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from mailgateway.adapters.smtp import SmtpRelay
from mailgateway.app.deliver import Delivering, deliver_due
from mailgateway.app.pace import Pace
from mailgateway.config import DeliveryConfig, SmtpAccess
from mailgateway.model.ledger import MailState
from mailgateway.model.ticket import EventKind
from tests.app.parts import Desk, mail
from tests.servers import PATIENCE_S, SmtpSink

CARLA, HELPDESK = "Carla <carla@customer.example>", "Help desk <help@customer.example>"
BLOCK = bytes.fromhex("01d5c0366905" + "ab" * 16)
SES = "0102018c5e1b2a3f-0a1b2c3d-1111-2222-3333-444455556666-000000"
AUTOMATIC = "Auto-Submitted: auto-replied"


def outlook(topic: str, more: bytes = b"") -> tuple[str, str]:
    return f"Thread-Index: {b64encode(BLOCK + more).decode()}", f"Thread-Topic: {topic}"


def acknowledgement(desk: Desk) -> EmailMessage:
    """Return the newest acknowledgement, which waits to be sent."""
    claimed = desk.store.claim(desk.clock.now(), 100, {1: desk.clock.now() + timedelta(hours=1)})
    mails = [message_from_bytes(one.raw, policy=policy.default) for one in claimed]
    found = [one for one in mails if isinstance(one, EmailMessage) and one["In-Reply-To"]]
    return found[-1]


def process(desk: Desk, *raws: bytes) -> None:
    desk.arrive(*raws)
    desk.drain()


def because(desk: Desk, ticket: int = 1) -> str:
    return [event.because for event in desk.store.history(ticket) if event.kind is EventKind.MESSAGE][-1]


# --- another system's number


@pytest.fixture
def numbered(desk: Desk) -> Desk:
    """Return the desk with a ticket for which the requester's help desk has the number 99."""
    process(desk, mail("first", sender=HELPDESK, subject="Printer"))
    original = acknowledgement(desk)
    answer = (f"In-Reply-To: {original['Message-ID']}", AUTOMATIC)
    process(desk, mail("auto", *answer, sender=HELPDESK, subject=f"[Ticket#99] {original['Subject']}"))
    return desk


@pytest.mark.parametrize("subject", ["[Ticket#99] Toner", "AW: Ticket #99: Toner", "[#99]"])
def test_a_later_mail_with_the_number_of_their_system_goes_on_the_ticket(numbered: Desk, subject: str) -> None:
    process(numbered, mail("later", sender=HELPDESK, subject=subject))

    assert numbered.posts(1) == [f"{name}@customer.example" for name in ("first", "auto", "later")]
    assert because(numbered) == "another system's number for {}; the sender writes from the requester's address".format(
        numbered.store.ticket("1").ref
    )


@pytest.mark.parametrize("sender", ["Mallory <mallory@evil.example>", "Colin <colin@customer.example>"])
def test_the_number_gives_nobody_standing(numbered: Desk, sender: str) -> None:
    process(numbered, mail("later", sender=sender, subject="[Ticket#99] Toner"))

    assert len(numbered.posts(1)) == 2
    assert numbered.posts(2) == ["later@customer.example"]


def test_a_number_that_their_system_gives_twice_counts_no_more(numbered: Desk) -> None:
    process(numbered, mail("second", sender=HELPDESK, subject="Scanner"))
    answer = f"In-Reply-To: {acknowledgement(numbered)['Message-ID']}"
    process(numbered, mail("auto2", answer, AUTOMATIC, sender=HELPDESK, subject="[Ticket#99] Scanner"))

    process(numbered, mail("later", sender=HELPDESK, subject="[Ticket#99] Toner"))

    assert [numbered.posts(number)[-1] for number in (1, 2, 3)] == [
        f"{name}@customer.example" for name in ("auto", "auto2", "later")
    ]


def test_a_person_who_names_a_number_teaches_none(desk: Desk) -> None:
    process(desk, mail("first", subject="Printer"))
    answer = f"In-Reply-To: {acknowledgement(desk)['Message-ID']}"
    process(desk, mail("answer", answer, subject="[Order #12345] Printer"))

    process(desk, mail("later", subject="[Order #12345] is missing"))

    assert (len(desk.posts(1)), len(desk.posts(2))) == (2, 1)


# --- ids that relays and Exchange give


def test_an_answer_to_the_id_that_the_relay_gave_goes_on_the_ticket(desk: Desk, smtp_sink: SmtpSink) -> None:
    smtp_sink.answer("DATA", f"250 Ok {SES}")
    process(desk, mail("first", subject="Printer"))
    access = SmtpAccess(host=smtp_sink.host, port=smtp_sink.port, security="none", timeout_s=PATIENCE_S)
    with closing(SmtpRelay(access, "")) as relay:
        assert deliver_due(Delivering(desk.store, relay, desk.clock, DeliveryConfig()), Pace(0)) == 2

    process(desk, mail("answer", f"In-Reply-To: <{SES}@eu-west-1.amazonses.com>", subject="Toner"))

    assert desk.posts(1) == ["first@customer.example", "answer@customer.example"]
    assert because(desk).startswith("it answers a message of ours")


def test_an_answer_to_the_id_from_before_exchange_goes_on_the_ticket(desk: Desk) -> None:
    process(desk, mail("first", "X-Microsoft-Original-Message-ID: <original@customer.example>", subject="Printer"))

    process(desk, mail("answer", "References: <original@customer.example>", subject="Toner"))

    assert desk.posts(1) == ["first@customer.example", "answer@customer.example"]


def test_the_second_copy_of_a_mail_that_exchange_gave_another_id_is_a_duplicate(desk: Desk) -> None:
    original = "X-Microsoft-Original-Message-ID: <first@customer.example>"
    rewritten = mail("rewritten", original, subject="Printer")

    process(desk, mail("first", subject="Printer"), rewritten)
    process(desk, rewritten)

    assert desk.states() == [MailState.PROCESSED, MailState.DUPLICATE, MailState.DUPLICATE]


# --- conversations of Outlook


def test_a_follow_up_whose_references_were_dropped_goes_on_the_ticket(desk: Desk) -> None:
    process(desk, mail("first", *outlook("Printer"), subject="Printer"))

    process(desk, mail("more", *outlook("Printer", b"12345"), subject="AW: Printer"))

    assert desk.posts(1) == ["first@customer.example", "more@customer.example"]
    assert because(desk).startswith("it continues an Outlook conversation of")


def test_an_old_mail_answered_to_write_of_something_else_is_a_new_ticket(desk: Desk) -> None:
    process(desk, mail("first", *outlook("Printer"), subject="Printer"))

    process(desk, mail("other", *outlook("Printer", b"12345"), subject="Invoice"))

    assert desk.titles() == ["Printer", "Invoice"]


def test_a_stranger_in_the_conversation_gets_an_own_ticket(desk: Desk) -> None:
    process(desk, mail("first", *outlook("Printer"), subject="Printer"))

    stranger = mail("other", *outlook("Printer", b"12345"), sender="m@evil.example", subject="Re: Printer")
    process(desk, stranger)
    process(desk, mail("more", *outlook("Printer", b"67890"), sender=CARLA, subject="AW: Printer"))

    assert (len(desk.posts(1)), len(desk.posts(2))) == (2, 1)
