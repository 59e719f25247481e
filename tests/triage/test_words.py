"""Kinds that only the words of a mail show, and the people who use the same words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from mailgateway.model.message import Absence, Address, Classification, Message, MessageKind
from mailgateway.triage.classify import classify
from tests.factories import PERSON, PLAIN_SITE, message, report

OWN = PLAIN_SITE.own_addresses
AUTOMATIC = ("auto-submitted", "auto-replied")
AWAY = "I am out of the office."
TICKET = "Thank you for contacting us. Your request has been received."


def kind(mail: Message) -> MessageKind:
    return classify(mail, OWN).kind


# --- absence or another automatic answer


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        ("Automatic reply: Printer", AWAY, MessageKind.OUT_OF_OFFICE),
        ("Automatic reply: Printer", TICKET, MessageKind.AUTO_REPLY),
        ("Automatic reply: Printer", f"{TICKET} {AWAY}", MessageKind.OUT_OF_OFFICE),
        ("Auto-Reply: Printer", TICKET, MessageKind.AUTO_REPLY),
        ("Auto-Reply: Printer", AWAY, MessageKind.OUT_OF_OFFICE),
        ("Auto-Reply: Printer", "Hello.", MessageKind.AUTO_REPLY),
        ("Re: Printer", "Hello.", MessageKind.PERSON),
        ("Auto-Reply does not work", TICKET, MessageKind.PERSON),
    ],
)
def test_subject_and_text_tell_an_absence_from_other_answers(subject: str, text: str, expected: MessageKind) -> None:
    assert kind(message(subject=subject, text=text, in_reply_to="o1@acme.example")) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(AWAY, MessageKind.OUT_OF_OFFICE), (TICKET, MessageKind.AUTO_REPLY), ("Hello.", MessageKind.AUTO_REPLY)],
)
def test_the_text_of_a_marked_answer_says_whether_somebody_is_away(text: str, expected: MessageKind) -> None:
    assert kind(message(AUTOMATIC, subject="Re: Printer", text=text)) is expected


def test_a_marked_mail_that_says_that_it_has_ours_is_an_answer() -> None:
    monitor = message(("auto-submitted", "auto-generated"), text="Disk full.")
    ticket_system = message(("auto-submitted", "auto-generated"), text=TICKET)

    assert [classify(mail, OWN).is_answer for mail in (monitor, ticket_system)] == [False, True]


def test_a_mark_on_an_answer_is_enough_for_a_text_about_an_absence() -> None:
    bulk = message(("precedence", "bulk"), text=AWAY)

    assert (kind(bulk), kind(replace(bulk, in_reply_to="x@y"))) == (MessageKind.LIST, MessageKind.OUT_OF_OFFICE)


def test_an_answer_without_any_mark_is_known_by_what_only_machines_write() -> None:
    text = f"Dear customer,\n{TICKET}\nThis is an automated message, please do not reply."

    kinds = [
        kind(message(subject="Re: Printer", text=text, in_reply_to="o1@acme.example")),
        kind(message(subject="Re: Printer", text=f"{text} Is it?", in_reply_to="o1@acme.example")),
        kind(message(subject="Re: Printer", text=f"Your mail says: {text}".replace("\n", " "), in_reply_to="x@y")),
        kind(message(subject="Re: Printer", text=text)),
    ]

    assert kinds == [MessageKind.AUTO_REPLY, MessageKind.PERSON, MessageKind.PERSON, MessageKind.PERSON]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Out of Office", "How do I set this up? I am out of the office."),
        ("Out of Office", "Please add a button for it."),
        ("Automatic reply: where?", AWAY),
        ("On vacation", AWAY),
        ("Vacationing", AWAY),
    ],
)
def test_people_who_begin_with_the_words_of_a_responder_stay_people(subject: str, text: str) -> None:
    assert classify(message(subject=subject, text=text), OWN) == PERSON


def test_a_formula_and_the_text_that_belongs_to_it_are_enough_without_any_mark() -> None:
    assert kind(message(subject="Out of Office", text=AWAY)) is MessageKind.OUT_OF_OFFICE


def test_an_absence_has_its_dates() -> None:
    mail = message(AUTOMATIC, subject="Out of office", text="Away from 3 March until 14 March.")

    classification = classify(mail, OWN)

    proof = "Subject: out of office, Auto-Submitted: auto-replied"
    absent = Absence(date(2025, 3, 3), date(2025, 3, 14))
    assert classification == Classification(MessageKind.OUT_OF_OFFICE, proof, proof, is_answer=True, absent=absent)


def test_an_absence_in_a_mail_without_a_date_has_only_dates_with_a_year() -> None:
    mail = message(AUTOMATIC, subject="Out of office", text="Away from 3 March until 14 March 2025.", date=None)

    assert classify(mail, OWN).absent == Absence(None, date(2025, 3, 14))


# --- challenges


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (message(("x-boxtrapper-verify", "yes"), subject="hello"), MessageKind.CHALLENGE),
        (
            message(return_path="", subject="Please confirm your message", text="So that your message arrives: click."),
            MessageKind.CHALLENGE,
        ),
        (
            message(
                subject="Please confirm your message",
                text="Your message has been held. It takes a one-time verification.",
            ),
            MessageKind.CHALLENGE,
        ),
        (
            message(
                AUTOMATIC,
                subject="Re: Printer",
                text="To have your message delivered, prove that you are a human.",
                in_reply_to="o1@acme.example",
            ),
            MessageKind.CHALLENGE,
        ),
        (message(subject="Please confirm your message", text="Was it yours?"), MessageKind.PERSON),
        (
            message(subject="Printer", text="You are on the whitelist, in order for your message."),
            MessageKind.PERSON,
        ),
    ],
)
def test_a_filter_that_asks_who_writes_is_a_challenge(mail: Message, expected: MessageKind) -> None:
    assert kind(mail) is expected


# --- receipts and reports


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        ("Read: Printer", "Your message was read on Monday.", MessageKind.RECEIPT),
        ("Gelesen: Drucker", "Ihre Nachricht wurde gelesen.", MessageKind.RECEIPT),
        ("Read: Printer", "Please look at it.", MessageKind.PERSON),
        ("Read: Printer", "It has been read by us, what now?", MessageKind.PERSON),
        ("Read: Printer", f"It has been read. {'And more. ' * 200}", MessageKind.PERSON),
        ("Reading: Printer", "It has been read.", MessageKind.PERSON),
    ],
)
def test_a_receipt_is_known_by_its_subject_and_its_few_words(subject: str, text: str, expected: MessageKind) -> None:
    assert kind(message(subject=subject, text=text)) is expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("failed", MessageKind.BOUNCE),
        ("delayed", MessageKind.BOUNCE),
        ("delivered", MessageKind.RECEIPT),
        ("relayed", MessageKind.RECEIPT),
        ("complaint", MessageKind.FEEDBACK),
    ],
)
@pytest.mark.parametrize("sender", ["system@mx.example", "support@acme.example"])
def test_what_a_report_says_decides_its_kind(action: str, expected: MessageKind, sender: str) -> None:
    classification = classify(message(reports=(report(action=action),), sender=sender), OWN)

    assert (classification.kind, classification.is_answer) == (expected, True)


def test_a_report_that_names_nobody_and_comes_from_nobody_is_a_bounce() -> None:
    mail = message(reports=(report(""),), sender="")

    assert classify(mail, OWN).reason == "a delivery report of a mail system: failed"


# --- mail systems


def test_a_mail_system_is_known_by_its_name_too() -> None:
    mail = message(subject="Undeliverable: Printer")
    system = replace(mail, sender=Address("Mail Delivery System", "exchange@client.example"))

    assert kind(mail) is MessageKind.PERSON
    assert classify(system, OWN).reason == "From: Mail Delivery System, Subject: undeliver"


def test_an_absence_reply_to_a_subject_about_a_bounce_is_no_bounce() -> None:
    mail = message(subject="Automatic reply: Undelivered mail", return_path="", text=AWAY, in_reply_to="x@y")

    assert kind(mail) is MessageKind.OUT_OF_OFFICE


@pytest.mark.parametrize(
    ("in_reply_to", "expected"), [("o1@acme.example", MessageKind.PERSON), ("", MessageKind.AUTO_REPLY)]
)
def test_a_postmaster_who_answers_is_a_person_and_gets_no_automatic_answer(
    in_reply_to: str, expected: MessageKind
) -> None:
    classification = classify(message(sender="postmaster@client.example", in_reply_to=in_reply_to), OWN)

    assert (classification.kind, classification.no_answer) == (expected, "From: postmaster@client.example")


def test_a_program_that_says_so_is_a_machine() -> None:
    mail = message(("x-cron-env", "<SHELL=/bin/sh>"), date=datetime(2025, 3, 1, tzinfo=UTC))

    assert classify(mail, OWN).reason == "X-Cron-Env: <shell=/bin/sh>"
