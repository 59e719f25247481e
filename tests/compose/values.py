"""Fixed values that the tests of compose build mails from: golden bytes depend on them."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from inspect import getdoc
from pathlib import Path

from mailgateway.compose.builder import Composed
from mailgateway.compose.templates import Templates
from mailgateway.model.message import Address, Attachment, Body, Message
from mailgateway.model.site import Site
from mailgateway.model.ticket import Status, Ticket
from mailgateway.model.tokens import Key, Keyring

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
SHIPPED = {
    file.relative_to(ROOT / "templates").as_posix(): file.read_text("utf-8")
    for file in sorted((ROOT / "templates").rglob("*.*"))
}
TEMPLATES = Templates(SHIPPED)
SITE = Site(
    mailbox="support",
    address="support@acme.example",
    display_name="Acme Support",
    plus_addressing=True,
    host="acme.example",
    prefix="SUP",
    keyring=Keyring((Key("k", b"a key for tests"),)),
    own_addresses=frozenset({"support@acme.example"}),
)
TICKET = Ticket(
    number=1042,
    ref="SUP-1042-QX",
    title="Drucker läuft nicht",
    status=Status.NEW,
    queue="support",
    kind="question",
    priority=3,
    mailbox="support",
    customer=None,
    requester=7,
    requester_address="joerg@example.com",
    participants=("joerg@example.com",),
    tags=(),
    merged_into=None,
    created_at=NOW,
    changed_at=NOW,
)
WORDS = "Guten Tag,\n\nunser Drucker läuft seit heute nicht mehr.\nBitte helfen Sie uns."
MESSAGE = Message(
    headers=(),
    message_id="first@example.com",
    in_reply_to="",
    references=(),
    subject="Drucker läuft nicht",
    sender=Address("Jörg Müller", "joerg@example.com"),
    reply_to=(),
    to=(Address("", "support@acme.example"),),
    cc=(),
    return_path="joerg@example.com",
    date=NOW,
    body=Body(WORDS, "", "", WORDS),
    attachments=(Attachment("Fehler 12.png", "image/png", 74_812, inline=False, content_id="", digest="00"),),
    reports=(),
    forwarded=None,
    partial=False,
    digest="00",
    defects=(),
)


def read(raw: bytes) -> EmailMessage:
    """Return a mail as the standard library reads it."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def part(raw: bytes, kind: str) -> str:
    """Return the `plain` or `html` part of a mail, its lines ended by a line feed."""
    body = read(raw).get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def headers(composed: Composed) -> EmailMessage:
    """Return a composed mail as the standard library reads it."""
    return read(composed.mail.raw)


def variable_table(variables: type) -> str:
    """Return the table of docs/templates.md for a dataclass of variables, made from its docstring."""
    _, _, attributes = (getdoc(variables) or "").partition("Attributes:\n")
    found = re.findall(r"^    (\w+): (.+(?:\n        .+)*)", attributes, re.MULTILINE)
    rows = [f"| `{name}` | {' '.join(text.split())} |" for name, text in found]
    return "\n".join(["| name | what it holds |", "|---|---|", *rows]) + "\n"
