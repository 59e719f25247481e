"""Kinds that only the words of a mail show, and the people who use the same words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from mailgateway.model.message import Absence, Address, Body, Classification, Message, MessageKind
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


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Out of Office", MessageKind.PERSON),
        ("Out of Office: Printer", MessageKind.PERSON),
        ("Out of Office: [SUP-1042-QX] Printer", MessageKind.OUT_OF_OFFICE),
    ],
)
def test_a_formula_alone_is_a_persons_unless_it_repeats_a_subject_of_ours(subject: str, expected: MessageKind) -> None:
    assert kind(message(subject=subject, text="I am out of the office. I answer when I return.")) is expected


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Automatic reply: settings", "The automatic reply says that I am out of the office until my return."),
        ("Automatic reply: settings", "I am on leave; until my return the automatic reply must go out."),
        ("Out of office", "I am out of the office next week."),
        ("Out of office", "Tom is out of the office until my return."),
        ("Out of Office: holidays", "Is it open? I am on leave until my return."),
        ("Auto-Reply: your ticket", "Thanks, that helps."),
        ("Read: your mail", "Your message was read by all of us. We agree."),
        ("Read: the manual", "All of it has been read by us."),
        ("Delivered: two printers", "They were put down in the hall; one has been delivered to the wrong office."),
        ("Verification required", "You are on the whitelist, so that your message arrives."),
    ],
)
def test_people_who_use_the_formulas_of_machines_stay_people(subject: str, text: str) -> None:
    assert classify(message(subject=subject, text=text), OWN) == PERSON


def test_an_answer_without_re_that_quotes_an_automatic_reply_is_a_persons() -> None:
    answer = message(
        subject="Automatic reply: Printer",
        in_reply_to="x@y",
        body=Body("Then I wait.", "> I am away", "", "Then I wait.\n> I am away"),
    )

    assert classify(answer, OWN) == PERSON
    assert kind(replace(answer, body=Body("", "", "", ""))) is MessageKind.OUT_OF_OFFICE


def test_what_somebody_says_that_a_machine_wrote_is_a_persons() -> None:
    told = f"Your system wrote to us:\n\nThis is an automated message. {TICKET}"

    assert kind(message(subject="Re: Printer", text=told, in_reply_to="x@y")) is MessageKind.PERSON


@pytest.mark.parametrize(
    ("mark", "subject", "expected"),
    [
        (("auto-submitted", "auto-generated"), "AUTO: Karl is out of the office", MessageKind.OUT_OF_OFFICE),
        (("auto-submitted", "auto-generated"), "AUTO: Disk is full", MessageKind.AUTO_REPLY),
        (("precedence", "bulk"), "On vacation with us", MessageKind.LIST),
    ],
)
def test_a_looser_subject_needs_a_mark_and_somebody_who_is_away(
    mark: tuple[str, str], subject: str, expected: MessageKind
) -> None:
    assert kind(message(mark, subject=subject, text="Hello.")) is expected


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
                text="Your message has been held. It takes a one-time verification: https://x.example/1",
            ),
            MessageKind.CHALLENGE,
        ),
        (
            message(
                AUTOMATIC,
                subject="Re: Printer",
                text="To have your message delivered, prove that you are a human: http://x.example.",
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
        ("Read: Printer", "Your message was read on Monday, 10:15.", MessageKind.RECEIPT),
        ("Gelesen: Drucker", "Ihre Nachricht wurde am 4.3. um 10.15 Uhr gelesen.", MessageKind.RECEIPT),
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
    ("text", "expected"),
    [("Your relay is blocked.", MessageKind.PERSON), ("This is an automated report.", MessageKind.AUTO_REPLY)],
)
def test_a_postmaster_is_a_person_or_a_machine_and_gets_no_automatic_answer(text: str, expected: MessageKind) -> None:
    classification = classify(message(sender="postmaster@client.example", text=text), OWN)

    assert (classification.kind, classification.no_answer) == (expected, "From: postmaster@client.example")


def test_a_program_that_says_so_is_a_machine() -> None:
    mail = message(("x-cron-env", "<SHELL=/bin/sh>"), date=datetime(2025, 3, 1, tzinfo=UTC))

    assert classify(mail, OWN).reason == "X-Cron-Env: <shell=/bin/sh>"
