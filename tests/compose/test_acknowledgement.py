"""The acknowledgement of a new ticket says what was understood and promises no more than is true."""

import re
from dataclasses import fields, replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.compose.acknowledgement import AcknowledgementVariables, acknowledgement
from mailgateway.compose.answer import AnswerRequest
from mailgateway.compose.excerpt import FileLine
from mailgateway.compose.templates import Templates, variables
from mailgateway.errors import PermanentError
from mailgateway.model.message import Address, Attachment, Body, Protection
from mailgateway.model.ticket import Visibility
from mailgateway.model.tokens import ReplyToken, read_reply_token
from tests.compose.values import MESSAGE, NOW, ROOT, SHIPPED, SITE, TEMPLATES, TICKET, headers, part, variable_table

GOLDEN = Path(__file__).with_name("acknowledgement.eml")


REQUEST = AnswerRequest(ticket=TICKET, message=MESSAGE, outbox=5512, now=NOW)


def with_text(text: str) -> AnswerRequest:
    return replace(REQUEST, message=replace(REQUEST.message, body=Body(text, "", "", text)))


def test_acknowledgement_is_these_bytes() -> None:
    composed = acknowledgement(TEMPLATES, SITE, REQUEST)

    assert composed.mail.raw == GOLDEN.read_bytes()
    assert composed.fallback == ""


def test_reply_to_is_a_signed_address_of_the_ticket() -> None:
    composed = acknowledgement(TEMPLATES, SITE, REQUEST)
    without_plus = acknowledgement(TEMPLATES, replace(SITE, plus_addressing=False), REQUEST)

    suffix = str(headers(composed)["Reply-To"]).partition("+")[2].partition("@")[0]
    token = read_reply_token(SITE.keyring, suffix, (), NOW.date())
    assert token == ReplyToken(1042, None, "", Visibility.PUBLIC, NOW.date() + timedelta(days=3650))
    assert headers(without_plus)["Reply-To"] is None


def test_acknowledgement_goes_to_the_sender_from_the_support_address() -> None:
    composed = acknowledgement(TEMPLATES, SITE, REQUEST)

    mail = composed.mail
    assert (mail.id, mail.ticket, mail.purpose) == (5512, 1042, "acknowledgement")
    assert (mail.envelope_sender, mail.recipients) == ("", ("joerg@example.com",))
    assert mail.message_id.startswith("t1042.o5512.")
    assert str(headers(composed)["From"]) == "Acme Support <support@acme.example>"
    assert headers(composed)["Auto-Submitted"] == "auto-replied"


def test_acknowledgement_of_a_sender_without_an_address_is_refused() -> None:
    nobody = replace(REQUEST, message=replace(REQUEST.message, sender=Address("Jörg", "")))

    with pytest.raises(PermanentError):
        acknowledgement(TEMPLATES, SITE, nobody)


def test_acknowledgement_threads_under_the_mail_it_answers() -> None:
    message = replace(REQUEST.message, references=("a@example.com", "b@example.com"), in_reply_to="b@example.com")

    mail = headers(acknowledgement(TEMPLATES, SITE, replace(REQUEST, message=message)))

    assert mail["In-Reply-To"] == "<first@example.com>"
    assert mail["References"].split() == ["<a@example.com>", "<b@example.com>", "<first@example.com>"]


def test_acknowledgement_of_a_mail_without_references_keeps_what_it_answered() -> None:
    message = replace(REQUEST.message, in_reply_to="b@example.com")

    mail = headers(acknowledgement(TEMPLATES, SITE, replace(REQUEST, message=message)))

    assert mail["References"].split() == ["<b@example.com>", "<first@example.com>"]


def test_acknowledgement_of_a_mail_without_an_id_has_no_thread() -> None:
    mail = headers(acknowledgement(TEMPLATES, SITE, replace(REQUEST, message=replace(REQUEST.message, message_id=""))))

    assert (mail["In-Reply-To"], mail["References"]) == (None, None)


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("Printer", "[SUP-1042-QX] Re: Printer"),
        ("Re: AW: Printer", "[SUP-1042-QX] Re: Printer"),
        ("Re: [SUP-99-AB] Printer", "[SUP-1042-QX] Re: Printer"),
        ("", "[SUP-1042-QX] Your mail"),
        ("Re:", "[SUP-1042-QX] Your mail"),
        ("x" * 1000, "[SUP-1042-QX] Re: " + "x" * 149 + "…"),
        ("{{ ticket_id }}", "[SUP-1042-QX] Re: {{ ticket_id }}"),
    ],
)
def test_subject_carries_our_id_once_and_no_other(title: str, subject: str) -> None:
    composed = acknowledgement(TEMPLATES, SITE, replace(REQUEST, ticket=replace(REQUEST.ticket, title=title)))

    assert (headers(composed)["Subject"], composed.mail.subject) == (subject, subject)


def test_subject_of_a_site_s_template_gets_the_id_where_it_lacks_it() -> None:
    own = Templates(SHIPPED, {"en/acknowledgement.txt": "Subject: Thank you\n\n{{ title }}\n"})

    assert acknowledgement(own, SITE, REQUEST).mail.subject == "[SUP-1042-QX] Thank you"


def test_broken_template_of_the_site_is_reported_and_the_mail_goes_out() -> None:
    own = Templates(SHIPPED, {"en/acknowledgement.txt": "Subject: x\n\n{{ customer }}\n"})

    composed = acknowledgement(own, SITE, REQUEST)

    assert composed.mail == acknowledgement(TEMPLATES, SITE, REQUEST).mail
    assert composed.fallback == "template en/acknowledgement: UndefinedError: 'customer' is undefined"


def test_original_is_quoted_within_a_bound() -> None:
    lines = [f"line {number} " + "x" * 300 for number in range(1000)]

    text = acknowledgement(TEMPLATES, SITE, with_text("\n".join(lines))).mail.text

    assert text.count("\n> line") == 6
    assert "\n> [...]\n" in text
    assert len(text) < 2500


def test_short_mail_is_quoted_whole_without_a_mark() -> None:
    text = acknowledgement(TEMPLATES, SITE, with_text("Hello\n\nHelp")).mail.text

    assert "You wrote:\n> Hello\n> Help\n" in text
    assert "[...]" not in text


def test_mail_without_text_is_not_quoted() -> None:
    assert "You wrote" not in acknowledgement(TEMPLATES, SITE, with_text("")).mail.text


def test_files_are_named_and_pictures_in_the_text_are_not() -> None:
    file = Attachment("", "application/pdf", 2_500_000, inline=False, content_id="", digest="")
    files = [replace(file, name=f"f{number}.pdf") for number in range(25)]
    logo = replace(file, name="logo.png", inline=True)
    message = replace(REQUEST.message, attachments=(logo, *files))

    text = acknowledgement(TEMPLATES, SITE, replace(REQUEST, message=message)).mail.text

    assert "- f0.pdf (2.5 MB)\n" in text
    assert "- and 5 more\n" in text
    assert "f20.pdf" not in text
    assert "logo.png" not in text


def test_partial_mail_is_said_to_be_partial() -> None:
    partial = replace(REQUEST, message=replace(REQUEST.message, partial=True))

    assert "only its beginning was\nread" in acknowledgement(TEMPLATES, SITE, partial).mail.text
    assert "only its beginning" not in acknowledgement(TEMPLATES, SITE, REQUEST).mail.text


def test_encrypted_mail_is_said_to_be_unreadable() -> None:
    signed, encrypted = (
        acknowledgement(TEMPLATES, SITE, replace(REQUEST, message=replace(REQUEST.message, protection=each))).mail.text
        for each in Protection
    )

    assert "Your mail is encrypted, and we cannot read it." in encrypted
    assert "encrypted" not in signed


def test_quoted_number_is_answered_the_same_whether_its_ticket_exists_or_not() -> None:
    message = replace(REQUEST.message, subject="Re: [SUP-7-AB] Printer")

    text = acknowledgement(TEMPLATES, SITE, replace(REQUEST, message=message)).mail.text

    assert "Your mail names a ticket number. It was not added to a ticket of that number" in text
    assert "SUP-7-AB" not in text


def test_number_in_the_text_is_answered_too() -> None:
    assert "names a ticket number" in acknowledgement(TEMPLATES, SITE, with_text("see SUP-7-AB")).mail.text
    assert "names a ticket number" not in acknowledgement(TEMPLATES, SITE, REQUEST).mail.text


def test_hostile_name_and_text_are_inert_in_html() -> None:
    hostile = "<img src=x onerror=alert(1)>{{ 7*7 }}"
    message = replace(
        REQUEST.message,
        sender=Address(hostile, "a@example.com"),
        body=Body(hostile, "", "", hostile),
        attachments=(Attachment(hostile, "text/plain", 1, inline=False, content_id="", digest=""),),
    )

    page = part(acknowledgement(TEMPLATES, SITE, replace(REQUEST, message=message)).mail.raw, "html")

    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;{{ 7*7 }}") == 3


@given(name=st.text(st.characters(exclude_categories=())), text=st.text(), title=st.text())
def test_any_mail_is_acknowledged(name: str, text: str, title: str) -> None:
    message = replace(MESSAGE, sender=Address(name, "joerg@example.com"), body=Body(text, "", "", text))
    request = replace(REQUEST, message=message, ticket=replace(TICKET, title=title))

    composed = acknowledgement(TEMPLATES, SITE, request)

    assert composed.fallback == ""
    assert headers(composed)["Subject"].startswith("[SUP-1042-QX] ")
    assert composed.mail.recipients == ("joerg@example.com",)


COMBINATIONS = list(product([0, 1, 25], ["", "words"], *[[True, False]] * 3))


@pytest.mark.parametrize(("many", "filled", "partial", "mentioned", "cut"), COMBINATIONS)
def test_template_renders_with_every_combination(
    many: int, filled: str, partial: bool, mentioned: bool, cut: bool
) -> None:
    values = AcknowledgementVariables(
        ticket_id="SUP-1-AB",
        title=filled,
        site_name="Acme",
        support_address="support@acme.example",
        sender_name=filled,
        quote=(filled,) if filled else (),
        quote_cut=cut,
        files=(FileLine("a.pdf", "1 kB"),) * many,
        more_files=many,
        partial=partial,
        names_other_ticket=mentioned,
    )

    words = TEMPLATES.render("acknowledgement", "en", variables(values))

    assert words.fallback == ""
    assert "SUP-1-AB" in words.subject
    for shown in (words.text, words.html):
        assert ("has been kept" in shown, "names a ticket" in shown, "a.pdf" in shown) == (partial, mentioned, many > 0)
    assert "\n\n\n" not in words.text


def test_every_variable_is_in_the_docs() -> None:
    table = variable_table(AcknowledgementVariables)

    assert [f"| `{field.name}` |" for field in fields(AcknowledgementVariables)] == re.findall(r"\| `\w+` \|", table)
    assert table in (ROOT / "docs" / "templates.md").read_text("utf-8")
