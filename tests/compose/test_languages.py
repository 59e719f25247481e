"""The mails to customers say the same in every language that is shipped."""

import re
from dataclasses import replace
from html import unescape
from itertools import product

import pytest

from mailgateway.compose.acknowledgement import AcknowledgementVariables
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
SHORT = InformationVariables("SUP-1042-QX", "Printer", "Acme Support", "support@acme.example", "Carla", TOLD)
REFUSED = RefusalVariables("SUP-1042-QX", "Acme Support", "support@acme.example", TOLD[:1])
MAILS = (
    ("acknowledgement", FULL),
    ("acknowledgement", BARE),
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


@pytest.mark.parametrize(("language", "flags"), list(product(LANGUAGES, product([True, False], repeat=4))))
def test_acknowledgement_renders_with_every_combination(language: str, flags: tuple[bool, ...]) -> None:
    partial, encrypted, named, follows = flags
    values = replace(
        FULL,
        partial=partial,
        encrypted=encrypted,
        names_other_ticket=named,
        follows="SUP-8-AB" if follows else "",
        quote_cut=not partial,
        more_files=0,
        told=TOLD[:1],
    )

    mail = TEMPLATES.render("acknowledgement", language, variables(values))

    assert mail.fallback == ""
    assert ("SUP-8-AB" in mail.text, "[...]" in mail.text) == (follows, not partial)
    assert "\n\n\n" not in mail.text
