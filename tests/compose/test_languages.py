"""The mails to customers say the same in every language that is shipped."""

import re
from dataclasses import replace
from html import unescape
from itertools import product

import pytest

from mailgateway.compose.acknowledgement import AcknowledgementVariables
from mailgateway.compose.answer import PartLine
from mailgateway.compose.excerpt import FileLine
from mailgateway.compose.replies import InformationVariables, RefusalVariables
from mailgateway.compose.templates import Paragraph, Rendered, variables
from tests.compose.values import ROOT, TEMPLATES

LANGUAGES = ("de", "en", "fr", "ru", "sv")
TOLD = (Paragraph("What is told.", "<p>What is told.</p>"), Paragraph("And this.", "<p>And this.</p>"))
FULL = AcknowledgementVariables(
    ticket_id="SUP-1042-QX",
    title="Printer",
    site_name="Acme Support",
    support_address="support@acme.example",
    sender_name="Carla",
    quote=("It burns.", "Please help."),
    quote_cut=True,
    files=(FileLine("a.pdf", "75 kB"),),
    more_files=2,
    partial=True,
    names_other_ticket=True,
    encrypted=True,
    told=TOLD,
    follows="SUP-8-AB",
)
BARE = replace(
    FULL,
    title="",
    sender_name="",
    quote=(),
    quote_cut=False,
    files=(),
    more_files=0,
    partial=False,
    names_other_ticket=False,
    encrypted=False,
    told=(),
    follows="",
)
PARTS = (PartLine("SUP-1042-QX", "Printer jams"), PartLine("SUP-1043-AB", ""), PartLine("SUP-1044-CD", "Invoice"))
CUT = replace(FULL, told=(), quote=(), files=(), more_files=0, partial=False, encrypted=False, parts=PARTS)
SHORT = InformationVariables("SUP-1042-QX", "Printer", "Acme Support", "support@acme.example", "Carla", TOLD)
REFUSED = RefusalVariables("SUP-1042-QX", "Acme Support", "support@acme.example", TOLD[:1])
MAILS = (
    ("acknowledgement", FULL),
    ("acknowledgement", BARE),
    ("acknowledgement", CUT),
    ("acknowledgement", replace(BARE, parts=PARTS[:2])),
    ("acknowledgement", replace(BARE, parts=PARTS[:2], cut_later=True)),
    ("information", SHORT),
    ("information", replace(SHORT, title="", sender_name="")),
    ("refusal", REFUSED),
)


def rendered(language: str) -> list[Rendered]:
    return [TEMPLATES.render(name, language, variables(values)) for name, values in MAILS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_mails_to_customers_are_in_these_words(language: str) -> None:
    golden = (ROOT / "tests" / "compose" / "mails" / f"{language}.txt").read_text("utf-8")

    assert f"{'-' * 72}\n".join(f"Subject: {mail.subject}\n\n{mail.text}" for mail in rendered(language)) == golden


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_has_the_words_of_the_text(language: str) -> None:
    for mail in rendered(language):
        body = unescape(re.sub(r"<[^>]+>", "", mail.html.partition("<body")[2]))
        missing = set(mail.text.split()) - set(body.split()) - {">", "-", "[...]"}
        assert (missing, mail.fallback, f'<html lang="{language}">' in mail.html) == (set(), "", True)


@pytest.mark.parametrize(("language", "flags"), list(product(LANGUAGES, product([True, False], repeat=5))))
def test_acknowledgement_renders_with_every_combination(language: str, flags: tuple[bool, ...]) -> None:
    partial, encrypted, named, follows, is_cut = flags
    values = replace(
        FULL,
        partial=partial,
        encrypted=encrypted,
        names_other_ticket=named,
        follows="SUP-8-AB" if follows else "",
        quote_cut=not partial,
        more_files=0,
        told=TOLD[:1],
        parts=PARTS if is_cut else (),
    )

    mail = TEMPLATES.render("acknowledgement", language, variables(values))

    assert mail.fallback == ""
    for shown in (mail.text, mail.html):
        assert ("SUP-8-AB" in shown, "SUP-1043-AB" in shown, "#unsplit" in shown) == (follows, is_cut, is_cut)
    assert ("[...]" in mail.text) == (not partial)
    assert "\n\n\n" not in mail.text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "{} issues,"),
        ("de", "{} Anliegen,"),
        ("sv", "{} saker,"),
        ("fr", "{} demandes,"),
        ("ru", "{} вопросов,"),
    ],
)
def test_issues_are_counted(language: str, words: str) -> None:
    for count in (5, 11, 12, 14, 20, 25, 111, 112):
        assert words.format(count) in cut_into(count, language).text


@pytest.mark.parametrize(
    ("count", "words"),
    [(2, "2 вопроса,"), (4, "4 вопроса,"), (21, "21 вопрос,"), (22, "22 вопроса,"), (101, "101 вопрос,")],
)
def test_issues_are_counted_as_russian_counts(count: int, words: str) -> None:
    assert words in cut_into(count, "ru").text


def cut_into(count: int, language: str) -> Rendered:
    many = replace(BARE, parts=tuple(PartLine(f"SUP-{number}-AB", "x") for number in range(count)))
    return TEMPLATES.render("acknowledgement", language, variables(many))


@pytest.mark.parametrize(
    ("language", "asking"),
    [
        ("en", '"please keep this as one" or "#unsplit".'),
        ("de", "„bitte als ein Ticket behandeln“ oder „#unsplit“."),
        ("sv", "skriver du ”behåll det som ett ärende” eller ”#unsplit”."),
        ("fr", "écrivez «\xa0merci de garder un seul ticket\xa0» ou «\xa0#unsplit\xa0»."),
        ("ru", "напишите «пожалуйста, оставьте одной заявкой» или «#unsplit»."),
    ],
)
def test_way_back_to_one_ticket_is_quoted_words_that_nobody_writes_like_that(language: str, asking: str) -> None:
    mail = TEMPLATES.render("acknowledgement", language, variables(CUT))

    # Where a mail program quotes without marks the line stands among the customer's own words.
    assert [line for line in mail.text.split("\n") if "#unsplit" in line] == [asking]
    assert asking in unescape(mail.html)
