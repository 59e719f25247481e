"""Mails with a single weak mark of a machine: what else must be there, and the people who have the same mark."""

import pytest

from mailgateway.model.message import Message, MessageKind
from mailgateway.triage.classify import classify
from tests.factories import PLAIN_SITE, message

OURS = "t1042.o5512.aabbccddeeffgghhj@example.com"
SUPPRESS = ("x-auto-response-suppress", "DR, OOF, AutoReply")
BULK = ("precedence", "bulk")
AWAY = "I am out of the office until 14 March."
TICKET = "Thank you for contacting us. Your request has been received."


def kind(mail: Message) -> MessageKind:
    return classify(mail, PLAIN_SITE.own_addresses).kind


@pytest.mark.parametrize(
    ("subject", "text", "in_reply_to"),
    [
        ("Absent: Re: [SUP-1042-QX] Invoice copies", "Until Friday.", ""),
        ("Urlaub: AW: Rechnung", "Bis Freitag.", ""),
        ("Отпуск: Re: Счёт", "До пятницы.", ""),
        ("休暇: [SUP-1042-QX] 請求書", "金曜日まで。", ""),
        ("Holiday - SUP-1042-QX", "Until Friday.", ""),
        ("Absent Re: Invoice copies", "Until Friday.", ""),
        ("Urlaub [SUP-1042-QX] Rechnung", "Bis Freitag.", ""),
        ("Out of office", "Until Friday.", OURS),
        ("Frånvaro: fakturan", "Till fredag.", OURS),
        ("Away: Re: Printer", f"{AWAY} Urgent? Ask Petra.", OURS),
    ],
)
def test_an_absence_that_only_asks_for_silence_is_one(subject: str, text: str, in_reply_to: str) -> None:
    assert kind(message(SUPPRESS, subject=subject, text=text, in_reply_to=in_reply_to)) is MessageKind.OUT_OF_OFFICE


@pytest.mark.parametrize(
    ("subject", "text", "in_reply_to"),
    [
        ("Vacation: how do I book it?", "Please tell me.", OURS),
        ("Holiday: opening hours", "Please put them on the page.", OURS),
        ("Urlaub", "Bitte tragt mich ein.", OURS),
        ("Away", "The scanner puts away its arm.", OURS),
        ("Holiday: Re: opening hours", "When are you open?", OURS),
        ("Absence: Re: opening hours", "何時に開きますか\uff1f", OURS),
        ("Abwesenheit: Prüfen Sie das Modul?", "Was fehlt?", ""),
        ("Out of office replies do not work", "See above.", OURS),
        ("Re: Out of office", "Thanks.", OURS),
        ("Vacation module", "It is broken.", ""),
        ("Vacation module of SUP-1042-QX", "It is broken.", ""),
        ("Vacations Re: none", "It is broken.", ""),
        ("Absence: list of July", "Attached.", ""),
    ],
)
def test_a_person_whose_program_asks_for_silence_is_a_person(subject: str, text: str, in_reply_to: str) -> None:
    assert kind(message(SUPPRESS, subject=subject, text=text, in_reply_to=in_reply_to)) is MessageKind.PERSON


def test_the_same_words_without_the_mark_are_a_persons() -> None:
    mail = message(subject="Absent: Re: [SUP-1042-QX] Invoice copies", text="Until Friday.")

    assert kind(mail) is MessageKind.PERSON


@pytest.mark.parametrize("value", ["DR, RN", "None", ""])
def test_the_mark_must_ask_for_no_automatic_answer(value: str) -> None:
    mail = message((SUPPRESS[0], value), subject="Absent: Re: [SUP-1042-QX] Invoice copies", text="Until Friday.")

    assert kind(mail) is MessageKind.PERSON


@pytest.mark.parametrize(
    ("subject", "text", "in_reply_to"),
    [
        ("Re: Printer", TICKET, ""),
        ("Re: Printer", "Noted.", OURS),
        ("Your mail [SUP-1042-QX]", "Noted.", ""),
        ("We have it", TICKET, ""),
    ],
)
def test_bulk_on_an_answer_to_us_is_an_automatic_answers(subject: str, text: str, in_reply_to: str) -> None:
    found = classify(message(BULK, subject=subject, text=text, in_reply_to=in_reply_to), PLAIN_SITE.own_addresses)

    assert (found.kind, found.is_answer, found.reason) == (MessageKind.AUTO_REPLY, True, "Precedence: bulk")


@pytest.mark.parametrize(
    "headers",
    [
        (BULK, ("list-unsubscribe", "<mailto:out@example.org>")),
        (BULK, ("x-mailing-list", "printers@example.org")),
        (("precedence", "list"),),
    ],
)
def test_with_any_mark_of_a_list_it_is_a_lists(headers: tuple[tuple[str, str], ...]) -> None:
    assert kind(message(*headers, subject="Re: Printer", text=TICKET, in_reply_to=OURS)) is MessageKind.LIST


def test_bulk_that_answers_nothing_is_a_lists() -> None:
    assert kind(message(BULK, subject="News of March", text="New printers.")) is MessageKind.LIST
