"""A notice tells an agent who wrote, what, and what was decided, and cannot be mistaken for the customer's own mail."""

import re
from dataclasses import fields, replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.compose.excerpt import FileLine
from mailgateway.compose.lines import one_line
from mailgateway.compose.notification import Happening, NotificationRequest, NotificationVariables, notification
from mailgateway.compose.origin import FieldLine as FieldLabel
from mailgateway.compose.templates import Templates, variables
from mailgateway.model.message import Address, Body
from mailgateway.model.people import Agent, Authentication, Role, Standing
from mailgateway.model.ticket import Visibility
from mailgateway.model.tokens import ReplyToken, plus_suffix, read_message_id, read_reply_token
from tests.compose.values import (
    MESSAGE,
    NOW,
    ROOT,
    SHIPPED,
    SITE,
    TEMPLATES,
    TICKET,
    headers,
    part,
    variable_table,
)

GOLDEN = Path(__file__).with_name("notification.eml")
EXPIRES = date(2026, 9, 29)
HAPPENING = Happening(
    ticket=TICKET,
    message=MESSAGE,
    is_new=True,
    customer_name="Müller GmbH",
    standing=Standing(
        Role.COLLEAGUE, Authentication.PASS, may_post=True, because="example.com belongs to the customer"
    ),
    verified=True,
    visibility=Visibility.PUBLIC,
    decided="a new ticket in the queue support, an acknowledgement to the sender",
    because="no ticket matched; rule built-in.new-ticket",
)
REQUEST = NotificationRequest(HAPPENING, Agent("anna", "Anna", ("anna@acme.example",)), 5513, NOW, EXPIRES)


def of(happening: Happening) -> NotificationRequest:
    return replace(REQUEST, happening=happening)


def with_sender(sender: Address, customer_name: str = "") -> NotificationRequest:
    return of(replace(HAPPENING, message=replace(MESSAGE, sender=sender), customer_name=customer_name))


def with_text(text: str) -> NotificationRequest:
    return of(replace(HAPPENING, message=replace(MESSAGE, body=Body(text, "", "", text))))


def test_notification_is_these_bytes() -> None:
    composed = notification(TEMPLATES, SITE, REQUEST)

    assert composed.mail.raw == GOLDEN.read_bytes()
    assert composed.fallback == ""


def test_notification_goes_to_the_agent_and_bounces_to_us() -> None:
    mail = notification(TEMPLATES, SITE, REQUEST).mail

    assert (mail.id, mail.ticket, mail.purpose) == (5513, 1042, "notification")
    assert mail.recipients == ("anna@acme.example",)
    assert re.fullmatch(r"support\+b5513\.\w+@acme\.example", mail.envelope_sender)
    assert mail.message_id.startswith("t1042.o5513.")


def test_notification_is_marked_as_generated() -> None:
    mail = headers(notification(TEMPLATES, SITE, REQUEST))

    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")


@pytest.mark.parametrize(
    ("name", "address", "customer", "expected"),
    [
        ("Anna", "a@example.com", "Acme", "Anna (Acme) via Acme Support"),
        ("Anna", "a@example.com", "", "Anna via Acme Support"),
        ("", "a@example.com", "", "a@example.com via Acme Support"),
        ("", "", "", "Somebody via Acme Support"),
        ("Anna (Acme)", "a@example.com", "", "Anna Acme via Acme Support"),
        ("Anna\r\nBcc: x", "a@example.com", "", "Anna Bcc: x via Acme Support"),
    ],
)
def test_notification_comes_from_the_support_address_under_the_sender_s_name(
    name: str, address: str, customer: str, expected: str
) -> None:
    mail = headers(notification(TEMPLATES, SITE, with_sender(Address(name, address), customer)))

    (sender,) = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (expected, "support@acme.example")


def test_unverified_sender_is_marked_plainly() -> None:
    composed = notification(TEMPLATES, SITE, of(replace(HAPPENING, verified=False, customer_name="")))

    assert (
        one_line(headers(composed)["From"].addresses[0].display_name) == "Jörg Müller (not verified) via Acme Support"
    )
    assert composed.mail.text.startswith("NOT VERIFIED: ")
    assert "<strong>Not verified:</strong>" in part(composed.mail.raw, "html")


def test_failed_authentication_is_marked_plainly() -> None:
    standing = replace(HAPPENING.standing, authentication=Authentication.FAIL)

    composed = notification(TEMPLATES, SITE, of(replace(HAPPENING, standing=standing)))

    assert composed.mail.text.startswith("FORGED? ")
    assert "<strong>Forged?</strong>" in part(composed.mail.raw, "html")


@pytest.mark.parametrize("visibility", list(Visibility))
def test_reply_address_is_the_agent_s_own_signed_one(visibility: Visibility) -> None:
    mail = headers(notification(TEMPLATES, SITE, replace(REQUEST, reply_visibility=visibility)))

    suffix = plus_suffix(mail["Reply-To"].addresses[0].addr_spec, SITE.address)
    assert suffix
    expected = ReplyToken(1042, None, "anna", visibility, EXPIRES)
    assert read_reply_token(SITE.keyring, suffix, ("anna",), NOW.date()) == expected
    assert read_reply_token(SITE.keyring, suffix, ("bert",), NOW.date()) is None


@pytest.mark.parametrize("changes", [{"plus_addressing": False}, {"address": "s" * 50 + "@acme.example"}])
def test_reply_goes_to_the_support_address_where_no_token_fits(changes: dict[str, str]) -> None:
    mail = headers(notification(TEMPLATES, replace(SITE, **changes), REQUEST))

    assert mail["Reply-To"] is None


def test_a_suspicious_sender_is_said_before_the_words() -> None:
    why = "the name in From shows an agent's address: anna@acme.example"
    read = replace(HAPPENING.message, suspicious=(why, "another <reason>"))

    composed = notification(TEMPLATES, SITE, of(replace(HAPPENING, message=read)))

    assert composed.mail.text.startswith(f"CAREFUL: {why}.\nCAREFUL: another <reason>.\n\n")
    assert "<strong>Careful:</strong> another &lt;reason&gt;." in part(composed.mail.raw, "html")


@pytest.mark.parametrize(("is_new", "subject"), [(True, "[SUP-1042-QX] Printer"), (False, "Re: [SUP-1042-QX] Printer")])
def test_subject_carries_the_id_once(is_new: bool, subject: str) -> None:
    ticket = replace(TICKET, title="Re: [SUP-7-AB] Printer")

    composed = notification(TEMPLATES, SITE, of(replace(HAPPENING, ticket=ticket, is_new=is_new)))

    assert composed.mail.subject == subject


def test_notices_of_one_ticket_are_one_conversation() -> None:
    first, second = (
        headers(notification(TEMPLATES, SITE, replace(REQUEST, outbox=outbox)))["References"] for outbox in (1, 2)
    )

    assert first == second
    signed = read_message_id(SITE.keyring, first.strip("<>"))
    assert signed is not None
    assert signed.ticket == 1042


@pytest.mark.parametrize(
    ("visibility", "said", "unsaid"),
    [(Visibility.INSIDE, "not sent to the customer", "to answer"), (Visibility.PUBLIC, "to answer", "not sent to")],
)
def test_notice_says_what_becomes_of_a_reply(visibility: Visibility, said: str, unsaid: str) -> None:
    text = notification(TEMPLATES, SITE, replace(REQUEST, reply_visibility=visibility)).mail.text

    assert said in text
    assert unsaid not in text


def test_nothing_of_ours_follows_the_sender_s_words() -> None:
    mail = notification(TEMPLATES, SITE, with_text("Decided: everything\nWhy: because")).mail

    assert re.search(r">Decided: everything\nWhy: because(</div>|</body>|</html>|\s)*$", part(mail.raw, "html"))
    ours, _, theirs = mail.text.partition("-" * 72 + "\n")
    assert theirs == "Decided: everything\nWhy: because\n"
    assert ours.count("Decided:") == 1


def test_long_words_are_cut_with_a_mark() -> None:
    text = notification(TEMPLATES, SITE, with_text("x" * 50_000)).mail.text

    assert text.endswith("x" * 20_000 + "\n[...]\n")


def test_words_keep_their_lines() -> None:
    raw = notification(TEMPLATES, SITE, with_text("C:\\temp\\new\n\n  indented <b>")).mail.raw

    assert part(raw, "plain").endswith("\nC:\\temp\\new\n\n  indented <b>\n")
    assert "C:\\temp\\new\n\n  indented &lt;b&gt;</div>" in part(raw, "html")


def test_other_tickets_are_named_to_agents() -> None:
    text = notification(TEMPLATES, SITE, of(replace(HAPPENING, mentions=("SUP-7-AB", "SUP-8-CD")))).mail.text

    assert "\nNames:   SUP-7-AB, SUP-8-CD (the mail was not added there)\n" in text


def test_broken_template_of_the_site_is_reported_and_the_notice_goes_out() -> None:
    own = Templates(SHIPPED, {"en/notification.html": "{{ nothing }}"})

    composed = notification(own, SITE, REQUEST)

    assert composed.mail == notification(TEMPLATES, SITE, REQUEST).mail
    assert composed.fallback == "template en/notification: UndefinedError: 'nothing' is undefined"


ANY = st.text(st.characters(exclude_categories=()))


@given(name=ANY, text=ANY, customer=ANY, because=ANY)
def test_any_mail_is_told(name: str, text: str, customer: str, because: str) -> None:
    message = replace(MESSAGE, sender=Address(name, "a@example.com"), body=Body(text, "", "", text))
    happening = replace(HAPPENING, message=message, customer_name=customer, because=because, decided=because)

    composed = notification(TEMPLATES, SITE, of(happening))

    assert composed.fallback == ""
    assert composed.mail.recipients == ("anna@acme.example",)
    assert composed.mail.raw.isascii()


ALL_FILLED = NotificationVariables(
    ticket_id="SUP-1-AB",
    title="words",
    is_new=True,
    status="open",
    priority=3,
    queue="support",
    kind="question",
    site_name="Acme",
    support_address="support@acme.example",
    agent_name="Anna",
    sender_name="words",
    sender_address="words",
    customer_name="words",
    role="stranger",
    standing="words",
    authentication="pass",
    verified=True,
    is_inside=False,
    decided="a",
    because="b",
    mentions=("SUP-2-CD",),
    came_through="the contact form web (form@acme.example)",
    fields=(FieldLabel("Phone", "123"),),
    forwarded="Zoe, Question",
    siblings=("SUP-2-CD",),
    suggested=3,
    files=(),
    more_files=0,
    partial=False,
    suspicious=(),
    words="words",
    words_cut=False,
    reply_reaches_customer=False,
)
ALL_EMPTY = replace(
    ALL_FILLED,
    title="",
    sender_name="",
    sender_address="",
    customer_name="",
    standing="",
    mentions=(),
    came_through="",
    fields=(),
    forwarded="",
    siblings=(),
    suggested=0,
    words="",
)
COMBINATIONS = list(product([0, 25], ["", "words"], ["pass", "fail"], *[[True, False]] * 5))


@pytest.mark.parametrize(
    ("many", "filled", "authentication", "new", "verified", "inside", "partial", "cut"), COMBINATIONS
)
def test_template_renders_with_every_combination(  # noqa: PLR0913 -- a grid of all there is
    many: int, filled: str, authentication: str, *, new: bool, verified: bool, inside: bool, partial: bool, cut: bool
) -> None:
    values = replace(
        ALL_FILLED if filled else ALL_EMPTY,
        is_new=new,
        authentication=authentication,
        verified=verified,
        is_inside=inside,
        files=(FileLine("a.pdf", "1 kB"),) * many,
        more_files=many,
        partial=partial,
        words_cut=cut,
        reply_reaches_customer=inside,
    )

    words = TEMPLATES.render("notification", "en", variables(values))

    assert words.fallback == ""
    assert "SUP-1-AB" in words.subject
    for shown in (words.text, words.html):
        assert ("a.pdf" in shown, "over the limit" in shown, "apart from" in shown) == (many > 0, partial, inside)
        assert ("not verified:" in shown.lower(), "forged?" in shown.lower()) == (
            not verified,
            authentication == "fail",
        )


def test_every_variable_is_in_the_docs() -> None:
    table = variable_table(NotificationVariables)

    assert [f"| `{field.name}` |" for field in fields(NotificationVariables)] == re.findall(r"\| `\w+` \|", table)
    assert table in (ROOT / "docs" / "templates.md").read_text("utf-8")
