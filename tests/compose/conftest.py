"""Values that the tests of compose build their mails from."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailgateway.compose.templates import Templates
from mailgateway.model.message import Address, Attachment, Body, Message
from mailgateway.model.site import Site
from mailgateway.model.ticket import Status, Ticket
from mailgateway.model.tokens import Key, Keyring

NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.fixture(scope="session")
def shipped():
    return {file.relative_to(TEMPLATES).as_posix(): file.read_text("utf-8") for file in TEMPLATES.rglob("*.*")}


@pytest.fixture(scope="session")
def templates(shipped):
    return Templates(shipped)


@pytest.fixture
def site():
    return Site(
        mailbox="support",
        address="support@acme.example",
        display_name="Acme Support",
        plus_addressing=True,
        host="acme.example",
        prefix="SUP",
        keyring=Keyring((Key("k", b"a key for tests"),)),
        own_addresses=frozenset({"support@acme.example"}),
    )


@pytest.fixture
def ticket():
    return Ticket(
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


@pytest.fixture
def message():
    text = "Guten Tag,\n\nunser Drucker läuft seit heute nicht mehr.\nBitte helfen Sie uns."
    return Message(
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
        body=Body(text, "", "", text),
        attachments=(Attachment("Fehler 12.png", "image/png", 74_812, False, "", "00"),),
        reports=(),
        forwarded=False,
        partial=False,
        digest="00",
        defects=(),
    )
