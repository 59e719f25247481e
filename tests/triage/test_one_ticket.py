"""Who asks that the tickets of a mail be one, and who does not; in doubt nobody does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.phrases import phrases
from mailgateway.triage.one_ticket import COMMAND, MAX_WORDS, asks_one_ticket

TEMPLATES = Path(__file__).parents[2] / "templates"
LANGUAGES = {"en", "sv", "ru", "de", "fr"}

REQUESTS = [
    "Please keep this as one.",
    "please keep this as\none ticket",
    "Hi,\n\nplease keep these as one ticket, they have the same cause.\n\nThanks\nCarla",
    "Could you merge them into one ticket?",
    "One ticket is enough, thanks.",
    "Please don't split this.",
    "We did not ask for three tickets, please keep this as one.",
    "Keep everything in one ticket if possible!",
    "Can you please put all of these in one case",
    "Why not keep it as a single ticket?",
    "Please keep this as one because it is all about the same server.",
    "Please unsplit.",
    "Behåll det här som ett ärende, tack.",
    "Det räcker med ett ärende.",
    "Slå ihop dem till ett ärende, tack",
    "Kan ni hantera allt i samma ärende?",
    "Пожалуйста, оставьте это как одну заявку.",
    "Объедините всё в одну заявку, пожалуйста.",
    "Достаточно одной заявки.",
    "Прошу объединить заявки",
    "Нельзя ли оставить это одной заявкой?",
    "Bitte behandeln Sie das als ein Ticket.",
    "Ein Ticket reicht.",
    "Könnten Sie das bitte als ein Ticket behalten?",
    "Bitte alles in einem Ticket zusammenfassen.",
    "Bitte fassen Sie die Tickets zusammen",
    "Merci de garder tout cela dans un seul ticket.",
    "Merci de garder un seul ticket.",
    "Merci de ne garder qu'un seul ticket.",
    "Un seul ticket suffit, merci.",
    "Pouvez-vous regrouper ces demandes en un seul ticket s'il vous plaît ?",
]

OTHER_WORDS = [
    "",
    "Do not keep this as one.",
    "please do not keep this as one ticket",
    "Don\u2019t merge them into one ticket",
    "Never keep these in one ticket.",
    "Please keep this as one ticket. No, wait: do not keep this as one ticket.",
    "Please keep the first two as one ticket.",
    "Why did you keep this as one ticket?",
    "I would rather not have this as one ticket",
    "If you keep this as one ticket, the second question will be lost.",
    "Please treat this as one of our priorities",
    "Please merge these into one file.",
    "please combine them as one PDF",
    "Please put this one ticket on hold.",
    "Please do not split the order.",
    "Please keep them together in one parcel",
    "I got only one ticket.",
    "The text says #unsplit somewhere",
    "Behåll det inte som ett ärende.",
    "Ett ärende räcker inte.",
    "Пожалуйста, не оставляйте это одной заявкой",
    "Одной заявки не достаточно",
    "Bitte nicht als ein Ticket behandeln.",
    "Ein Ticket reicht nicht.",
    "Ne gardez pas tout dans un seul ticket.",
    "Un ticket suffit pas",
]


QUOTED = [
    'Should I write "please keep this as one"?',
    "Should I write \u201cplease keep this as one\u201d?",
    "Should I write 'please keep this as one'?",
    "Should I write \u2018please don\u2019t split this\u2019?",
    "You said that \u00abplease keep this as one\u00bb would help.",
    "Your mail says: \u201eBitte alles in einem Ticket zusammenfassen\u201c.",
    "Should I write please keep this as one?",
    "What do I have to do, reply: please keep this as one ticket?",
    "Do we just say please\nkeep this as one ?",
    "Ska jag skriva behåll det här som ett ärende?",
    "Мне написать объедините заявки?",
    "Soll ich ein Ticket reicht schreiben?",
    "Soll ich schreiben: ein Ticket reicht?",
    "Dois-je écrire un seul ticket suffit ?",
]

NOT_QUOTED = [
    'The "printer" and the "scanner" stand side by side. Please keep this as one ticket.',
    'Please keep the "scanner" mail apart no more: one ticket is enough.',
    'The rack is 19" wide and 24" deep, please keep this as one ticket',
    "Don't worry, it's the same cause: please keep this as one.",
    "I am writing to ask you to keep this as one ticket.",
    "Shall I write again tomorrow? Please keep this as one ticket.",
    "Could you merge them into one ticket and then write to me?",
]


@pytest.mark.parametrize("text", QUOTED)
def test_words_that_are_quoted_or_asked_about_ask_for_nothing(text: str) -> None:
    assert not asks_one_ticket(text)


@pytest.mark.parametrize("text", NOT_QUOTED)
def test_what_stands_beside_a_quotation_or_a_question_is_heard(text: str) -> None:
    assert asks_one_ticket(text)


@pytest.mark.parametrize("text", REQUESTS)
def test_who_asks_for_one_ticket_in_a_short_answer_is_heard(text: str) -> None:
    assert asks_one_ticket(text)


@pytest.mark.parametrize("text", OTHER_WORDS)
def test_who_says_the_contrary_or_something_else_asks_for_nothing(text: str) -> None:
    assert not asks_one_ticket(text)


@pytest.mark.parametrize(("more", "heard"), [(0, True), (1, False)])
def test_a_long_answer_is_about_more(more: int, *, heard: bool) -> None:
    asked = "Please keep this as one."
    text = "Thanks. " * (MAX_WORDS - len(asked.split()) + more)

    assert asks_one_ticket(text + asked) is heard


@pytest.mark.parametrize("line", [COMMAND, f"  {COMMAND} ", COMMAND.upper(), f"{COMMAND}.", f"{COMMAND}!"])
def test_the_command_alone_on_a_line_counts_in_a_text_of_any_length(line: str) -> None:
    assert asks_one_ticket("word " * 500 + f"\n{line}\nDo not keep this as one.")


@pytest.mark.parametrize("line", [f"{COMMAND} 2", f"> {COMMAND}", f'"{COMMAND}"', f'{COMMAND}".', "# unsplit"])
def test_a_line_that_has_more_than_the_command_is_none(line: str) -> None:
    assert not asks_one_ticket(line)


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    assert asks_one_ticket(text) in {True, False}


def test_every_table_has_the_five_languages() -> None:
    names = ("whole", "verb", "object", "one", "noun", "alone", "then", "courtesy", "against", "writing")

    assert {name: set(rows) for name, rows in phrases("join").items()} == dict.fromkeys(names, LANGUAGES)


@pytest.mark.parametrize("text", [text for rows in phrases("join")["whole"].values() for text in rows])
def test_every_whole_request_is_one_and_its_negation_is_none(text: str) -> None:
    negations = ("not", "inte", "не", "nicht", "pas")

    assert asks_one_ticket(text)
    assert not any(asks_one_ticket(f"{negation} {text}") for negation in negations)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_what_an_acknowledgement_says_is_no_request_wherever_it_is_cut(language: str) -> None:
    lines = TEMPLATES.joinpath(language, "acknowledgement.txt").read_text(encoding="utf-8").split("\n")
    last = next(number for number, line in enumerate(lines) if COMMAND in line)

    asked = [begin for begin in range(last + 1) if asks_one_ticket("\n".join(lines[begin : last + 1]))]

    assert not asked
