"""What rules tell customers: in every language, with every value, and never at the cost of the mail."""

import re
from dataclasses import fields
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.compose.templates import Paragraph, Templates
from mailgateway.compose.told import MAX_VALUE, ToldVariables, about, paragraph
from mailgateway.model.effects import Told
from tests.compose.values import ROOT, SHIPPED, SITE, TEMPLATES, TICKET, variable_table

LANGUAGES = ("de", "en", "fr", "ru", "sv")
NAMES = ("closed-too-long", "joined", "over-limit", "priority-changed", "priority-quota-used", "refused")
ALL = tuple(product(NAMES, LANGUAGES))
PARTS = "{% for part in parts %}{{ part.ref }}{% endfor %}"
VALUES = {
    "quota": "enterprise-priority",
    "allow": "1",
    "per": "calendar month",
    "used_by": "SUP-12-AB",
    "next_on": "2026-12-01",
    "stated": "1",
    "stated_name": "critical",
    "priority": "3",
    "priority_name": "normal",
    "why": "Test systems never wake anybody up.",
}


def said(name: str, language: str = "en", site: dict[str, str] | None = None, **values: str) -> Paragraph:
    templates = Templates(SHIPPED, site) if site else TEMPLATES
    return paragraph(templates, SITE, TICKET, language, Told(name, "a-rule", tuple(values.items())))


def test_every_language_has_every_template_as_text_and_html() -> None:
    # Notices go to agents, and those are written in English.
    mails = {f"{name}.{kind}" for name in ("acknowledgement", "information", "refusal") for kind in ("txt", "html")}
    told = {f"told/{name}.{kind}" for name in NAMES for kind in ("txt", "html")}

    shipped = {
        language: {file.partition("/")[2] for file in SHIPPED if file.startswith(f"{language}/")}
        for language in {file.partition("/")[0] for file in SHIPPED if "/" in file}
    }

    notices = {"notification.txt", "notification.html"}
    assert shipped == {language: mails | told | (notices if language == "en" else set()) for language in LANGUAGES}
    assert TEMPLATES.told == NAMES


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_a_customer_can_be_told_is_in_these_words(language: str) -> None:
    golden = (ROOT / "tests" / "compose" / "told" / f"{language}.txt").read_text("utf-8")

    assert "\n\n".join(said(name, language, **VALUES).text for name in NAMES) + "\n" == golden


def test_changed_priority_is_named_beside_the_stated_one_with_the_reason() -> None:
    assert said("priority-changed", **VALUES).text == (
        'You asked for the priority "critical".\n'
        'This ticket has the priority "normal".\n'
        "Reason: Test systems never wake anybody up."
    )


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"priority": "3"}, 'This ticket has the priority "3".'),
        ({"stated": "1", "priority": "3"}, 'You asked for the priority "1".\nThis ticket has the priority "3".'),
        ({}, ""),
    ],
)
def test_what_a_rule_does_not_give_is_left_out(values: dict[str, str], text: str) -> None:
    assert said("priority-changed", **values).text == text


@pytest.mark.parametrize(
    ("per", "words"),
    [
        ("calendar day", "today"),
        ("calendar week", "this week"),
        ("month", "this month"),
        ("calendar quarter", "this quarter"),
        ("calendar year", "this year"),
        ("moon", "this period"),
        ("", "this period"),
    ],
)
def test_period_is_written_in_words(per: str, words: str) -> None:
    assert said("over-limit", per=per).text == (
        f"The tickets agreed for {words} are already used.\nThis one has been taken in all the same."
    )


@pytest.mark.parametrize(("name", "language"), ALL)
def test_every_paragraph_renders_with_all_values_and_with_none(name: str, language: str) -> None:
    full, bare = said(name, language, **VALUES), said(name, language)

    assert (full.fallback, bare.fallback) == ("", "")
    assert full.text
    assert re.sub(r"<[^>]+>|\s+", "", full.html) == re.sub(r"\s+", "", full.text)
    assert "\n\n" not in full.text + bare.text


@pytest.mark.parametrize(("name", "language"), ALL)
def test_hostile_values_are_inert(name: str, language: str) -> None:
    hostile = "<script>alert(1)</script>{{ 7*7 }}\r\nBcc: all@example.com"

    told = said(name, language, **dict.fromkeys(VALUES, hostile))

    assert "<script" not in told.html
    assert "49" not in told.html + told.text
    assert "\nBcc" not in told.text


def test_value_is_cut() -> None:
    assert len(said("priority-changed", why="x" * 9999).text) == len("Reason: ") + MAX_VALUE


def test_paragraph_stands_under_the_id_of_the_ticket_it_is_about() -> None:
    told = Paragraph("One line.\nTwo.", "<p>One line.</p>", "a fault")

    assert about(told, "SUP-1043-AB") == Paragraph(
        "[SUP-1043-AB]:\nOne line.\nTwo.",
        '<p style="margin-bottom:4px"><strong>[SUP-1043-AB]:</strong></p>\n<p>One line.</p>',
        "a fault",
    )


def test_paragraph_that_says_nothing_is_about_no_ticket() -> None:
    nothing = Paragraph("", "", "a fault")

    assert about(nothing, "SUP-1043-AB") == nothing


def test_template_of_the_site_comes_first_and_knows_the_mail_and_further_values() -> None:
    source = "{{ ticket_id }} {{ site_name }} {{ support_address }} {{ rule }} {{ language }} {{ further }}"

    told = said("refused", site={"en/told/refused.txt": source, "en/told/refused.html": "<b>!</b>"}, further="42")

    assert told == Paragraph("SUP-1042-QX Acme Support support@acme.example a-rule en 42", "<b>!</b>")


def test_site_may_add_a_paragraph_as_text_alone() -> None:
    templates = Templates(SHIPPED, {"en/told/By-Phone.txt": "Call us:\n<1234>\n\nor 5678\n"})

    told = paragraph(templates, SITE, TICKET, "en", Told("by-phone", "a-rule"))

    assert told == Paragraph("Call us:\n<1234>\n\nor 5678", "<p>Call us:<br>\n&lt;1234&gt;</p>\n<p>or 5678</p>")
    assert templates.told == ("by-phone", *NAMES)
    assert templates.problems == ()


@pytest.mark.parametrize(
    ("language", "files", "text"),
    [
        ("de-AT", ("de", "en", "sv"), "de"),
        ("fr", ("de", "en", "sv"), "en"),
        ("fr", ("sv", "de"), "de"),
        ("", ("sv", "en"), "en"),
    ],
)
def test_paragraph_in_a_foreign_language_is_better_than_none(language: str, files: tuple[str, ...], text: str) -> None:
    own = {f"{folder}/told/own.txt": "{{ language }}" for folder in files}

    assert said("own", language, own) == Paragraph(text, f"<p>{text}</p>")


def test_paragraph_that_does_not_exist_is_empty_and_says_so() -> None:
    assert said("no-such\nname") == Paragraph("", "", "template told/no-such name: there is none")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ nonsense }}", "template en/told/refused: UndefinedError: 'nonsense' is undefined"),
        ("{% if %}", "template en/told/refused: line 1: TemplateSyntaxError: Expected an expression"),
    ],
)
def test_paragraph_of_the_site_that_fails_is_replaced_by_the_shipped_one(source: str, reason: str) -> None:
    told = said("refused", site={"en/told/refused.txt": source})

    shipped = said("refused")
    assert (told.text, told.html) == (shipped.text, shipped.html)
    assert told.fallback.startswith(reason)


def test_paragraph_of_the_site_alone_that_fails_is_empty_and_says_why() -> None:
    assert said("own", site={"en/told/own.txt": "{{ nonsense }}"}) == Paragraph(
        "", "", "template en/told/own: UndefinedError: 'nonsense' is undefined"
    )


@pytest.mark.parametrize("file", ["en/acknowledgement.txt", "de/acknowledgement.html", "fr/refusal.txt"])
def test_mail_of_the_site_that_leaves_out_what_rules_tell_is_a_problem(file: str) -> None:
    silent, loud = (
        f"Subject: x\n\n{PARTS}\n",
        f"Subject: x\n\n{PARTS}{{% for one in told %}}{{{{ one }}}}{{% endfor %}}\n",
    )

    assert Templates(SHIPPED, {file: silent}).problems == (
        f"template {file}: it does not use `told`: what rules tell the customer is missing from the mail",
    )
    assert Templates(SHIPPED, {file: loud}).problems == ()


@pytest.mark.parametrize(("file", "is_needed"), [("sv/acknowledgement.txt", True), ("sv/refusal.txt", False)])
def test_acknowledgement_of_the_site_that_leaves_out_the_tickets_of_a_cut_mail_is_a_problem(
    file: str, *, is_needed: bool
) -> None:
    silent = "Subject: x\n\n{% for one in told %}{{ one }}{% endfor %}\n"

    problem = (
        f"template {file}: it does not use `parts`: the tickets that a mail was cut into are missing from the mail"
    )
    assert Templates(SHIPPED, {file: silent}).problems == ((problem,) if is_needed else ())


@given(st.text(max_size=50), st.text(max_size=10))
def test_any_name_in_any_language_is_looked_for_in_vain(name: str, language: str) -> None:
    told = paragraph(TEMPLATES, SITE, TICKET, language, Told(f"x{name}", "a-rule"))

    assert (told.text, told.html) == ("", "")
    assert told.fallback.endswith("there is none")


@given(st.dictionaries(st.sampled_from([*VALUES]), st.text()), *map(st.sampled_from, (NAMES, LANGUAGES)))
def test_any_value_can_be_told(values: dict[str, str], name: str, language: str) -> None:
    assert paragraph(TEMPLATES, SITE, TICKET, language, Told(name, "a-rule", tuple(values.items()))).fallback == ""


def test_every_variable_is_in_the_docs() -> None:
    table = variable_table(ToldVariables)

    assert [f"| `{field.name}` |" for field in fields(ToldVariables)] == re.findall(r"\| `\w+` \|", table)
    assert table in (ROOT / "docs" / "templates.md").read_text("utf-8")
    assert {*VALUES} | {"ticket_id", "site_name", "support_address", "rule"} == {
        field.name for field in fields(ToldVariables)
    }
