"""The short answers: what was decided on a reply, and a refusal that holds nothing of what it refuses."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from mailgateway.compose.answer import AnswerRequest
from mailgateway.compose.builder import Composed
from mailgateway.compose.replies import InformationVariables, RefusalVariables, information, refusal
from mailgateway.compose.templates import Paragraph, Templates
from mailgateway.compose.told import paragraph
from mailgateway.errors import PermanentError
from mailgateway.model.effects import Told
from mailgateway.model.message import Address, Relay, Through
from mailgateway.model.site import Site
from tests.compose.values import MESSAGE, NOW, ROOT, SHIPPED, SITE, TEMPLATES, TICKET, headers, part, variable_table

Make = Callable[[Templates, Site, AnswerRequest], Composed]
HERE = Path(__file__).parent
USED = Told(
    "priority-quota-used",
    "enterprise-priority",
    (("allow", "1"), ("per", "calendar month"), ("used_by", "SUP-12-AB"), ("next_on", "2026-08-01")),
)
REPLY = AnswerRequest(
    ticket=TICKET,
    message=replace(MESSAGE, message_id="second@example.com", references=("first@example.com",)),
    outbox=5513,
    now=NOW,
    told=(paragraph(TEMPLATES, SITE, TICKET, "en", USED),),
)
NEW = AnswerRequest(
    ticket=TICKET,
    message=MESSAGE,
    outbox=5514,
    now=NOW,
    language="de",
    told=(paragraph(TEMPLATES, SITE, TICKET, "de", Told("refused", "not-by-mail")),),
)


def typed(request: AnswerRequest) -> AnswerRequest:
    """Return the answer to somebody whose address was typed into a form."""
    relay = Relay(Through.FORM, Address("", "form@acme.example"))
    return replace(request, message=replace(request.message, relay=relay))


def test_information_is_these_bytes() -> None:
    composed = information(TEMPLATES, SITE, REPLY)

    assert composed.mail.raw == (HERE / "information.eml").read_bytes()
    assert (composed.mail.purpose, composed.mail.envelope_sender, composed.fallback) == ("information", "", "")


def test_refusal_is_these_bytes() -> None:
    composed = refusal(TEMPLATES, SITE, NEW)

    assert composed.mail.raw == (HERE / "refusal.eml").read_bytes()
    assert (composed.mail.purpose, composed.mail.envelope_sender, composed.fallback) == ("refusal", "", "")


def test_refusal_holds_nothing_that_the_sender_wrote() -> None:
    spam = replace(
        MESSAGE, subject="Buy pills", sender=Address("Pills at evil.example", "victim@example.com"), attachments=()
    )

    mail = refusal(TEMPLATES, SITE, replace(NEW, message=spam, ticket=replace(TICKET, title="Buy pills"))).mail

    assert "ills" not in f"{mail.subject}\n{mail.text}\n{part(mail.raw, 'html')}"


def test_answers_to_a_relay_that_takes_no_null_sender_bounce_to_a_signed_address() -> None:
    strict = replace(SITE, null_sender=False)

    senders = [make(TEMPLATES, strict, REPLY).mail.envelope_sender for make in (information, refusal)]

    assert [re.fullmatch(r"support\+b\S+@acme\.example", sender) is not None for sender in senders] == [True, True]


@pytest.mark.parametrize("make", [information, refusal])
def test_typed_address_gets_none_of_the_words_typed_beside_it(make: Make) -> None:
    composed = make(TEMPLATES, SITE, typed(REPLY))

    assert str(headers(composed)["To"]) == "joerg@example.com"
    assert not re.search("Jörg|Müller|Drucker", f"{composed.mail.subject}\n{composed.mail.text}")


@pytest.mark.parametrize("make", [information, refusal])
def test_answer_to_a_sender_without_an_address_is_refused(make: Make) -> None:
    with pytest.raises(PermanentError):
        make(TEMPLATES, SITE, replace(REPLY, message=replace(MESSAGE, sender=Address("Jörg", ""))))


@pytest.mark.parametrize("make", [information, refusal])
def test_paragraph_is_markup_in_html_alone(make: Make) -> None:
    told = (Paragraph("a < b", "<p>a &lt; b</p>"),)

    mail = make(TEMPLATES, SITE, replace(REPLY, told=told)).mail

    assert "\n\na < b\n\n" in mail.text
    assert "\n<p>a &lt; b</p>\n" in part(mail.raw, "html")


def test_template_of_the_site_that_fails_is_reported() -> None:
    own = Templates(SHIPPED, {"en/refusal.txt": "Subject: x\n\n{{ title }}\n"})

    composed = refusal(own, SITE, REPLY)

    assert composed.mail == refusal(TEMPLATES, SITE, REPLY).mail
    assert composed.fallback == "template en/refusal: UndefinedError: 'title' is undefined"


@pytest.mark.parametrize("variables", [InformationVariables, RefusalVariables])
def test_every_variable_is_in_the_docs(variables: type) -> None:
    table = variable_table(variables)

    assert [f"| `{field.name}` |" for field in fields(variables)] == re.findall(r"\| `\w+` \|", table)
    assert table in (ROOT / "docs" / "templates.md").read_text("utf-8")
