"""What the acknowledgement of a cut mail says to write really works, whatever program the customer answers with."""

import re
from email.message import EmailMessage

import pytest

from mailgateway.model.ticket import Status
from tests.app.parts import Desk, mail
from tests.app.programs import PROGRAMS, Program
from tests.app.test_answers_to_cut_mail import content, sent, tickets

TWO = {
    "de": "wir haben zwei verschiedene Anliegen:\n1. Der Drucker druckt seit Montag nicht mehr.\n"
    "2. Wie legen wir einen zweiten Administrator an?",
    "en": "we have two separate issues:\n1. The printer does not print since Monday.\n"
    "2. How do we add a second administrator?",
    "fr": "nous avons deux demandes différentes :\n1. L'imprimante n'imprime plus depuis lundi.\n"
    "2. Comment ajouter un deuxième administrateur ?",
    "ru": "Есть два отдельных вопроса:\n1. Принтер не печатает уже неделю.\n2. Как добавить второго администратора?",
    "sv": "vi har två olika ärenden:\n1. Skrivaren skriver inte ut sedan i måndags.\n"
    "2. Hur lägger vi till en ny administratör?",
}
COMMAND = "#unsplit"
IN_MARKS = re.compile(r"[\"”„«]\s?([^\"”“«»]{12,60}?)\s?[\"”“»]")


def acknowledged(desk: Desk, language: str) -> EmailMessage:
    """Return the acknowledgement of a mail that became two tickets."""
    site = desk.written.site.model_copy(update={"languages": (language,)})
    desk.written = desk.written.model_copy(update={"site": site})
    desk.arrive(mail("several", text=TWO[language]))
    desk.drain()
    desk.clock.advance(60)
    (acknowledgement,) = sent(desk, "carla@customer.example")
    assert len(tickets(desk)) == 2
    return acknowledgement


def answered(desk: Desk, to: EmailMessage, program: Program, text: str) -> None:
    content_type, body = program(to, text)
    raw = mail("answer", f"In-Reply-To: {to['Message-ID']}", subject=f"Re: {to['Subject']}", text=body)
    desk.arrive(raw.replace(b"text/plain", content_type.encode(), 1))
    desk.drain()


def phrase_of(acknowledgement: EmailMessage) -> str:
    """Return what the mail says to write to have one ticket again."""
    text = " ".join(content(acknowledgement).split())
    assert COMMAND in text
    return str(IN_MARKS.findall(text)[-1])


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("language", sorted(TWO))
def test_the_words_of_the_acknowledgement_make_one_ticket(desk: Desk, language: str, program: Program) -> None:
    acknowledgement = acknowledged(desk, language)

    answered(desk, acknowledgement, program, f"{phrase_of(acknowledgement).capitalize()}.")

    assert [(one.status, one.merged_into) for one in tickets(desk)] == [(Status.NEW, None), (Status.MERGED, 1)]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("language", sorted(TWO))
def test_the_line_of_the_acknowledgement_makes_one_ticket(desk: Desk, language: str, program: Program) -> None:
    acknowledgement = acknowledged(desk, language)

    answered(desk, acknowledgement, program, COMMAND)

    assert [(one.status, one.merged_into) for one in tickets(desk)] == [(Status.NEW, None), (Status.MERGED, 1)]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("number", [1, 2])
def test_the_number_of_a_ticket_in_an_answer_says_which_it_is_about(desk: Desk, program: Program, number: int) -> None:
    acknowledgement = acknowledged(desk, "en")

    answered(desk, acknowledgement, program, f"It is solved ({tickets(desk)[number - 1].ref}).")

    assert [("answer@customer.example" in desk.posts(one)) for one in (1, 2)] == [number == 1, number == 2]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("language", sorted(TWO))
@pytest.mark.parametrize("text", ["", "OK!"])
def test_what_an_answer_only_quotes_is_neither_cut_nor_undoes_a_cut(
    desk: Desk, language: str, program: Program, text: str
) -> None:
    acknowledgement = acknowledged(desk, language)

    answered(desk, acknowledgement, program, text)

    assert [(one.status, one.tags) for one in tickets(desk)] == [(Status.NEW, ())] * 2


@pytest.mark.parametrize(
    "head",
    ["---------- Forwarded message ---------\n", "Begin forwarded message:\n\n", "-----Original Message-----\n", ""],
)
def test_a_mail_that_is_forwarded_without_a_word_is_not_cut(desk: Desk, head: str) -> None:
    fields = "From: Anna <anna@customer.example>\nSent: Monday, November 2, 2026 10:00\nTo: Carla\nSubject: Things\n\n"

    desk.arrive(mail("forward", subject="Fwd: Things", text=f"{head}{fields}{TWO['en']}"))
    desk.drain()

    assert [(one.title, one.tags) for one in tickets(desk)] == [("Things", ())]
