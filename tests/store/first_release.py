"""What a database of revision 0001 held: a ticket with two mails, one that waits to be read and one to be sent."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Rows = tuple[tuple[str, dict[str, Any]], ...]

AT = "2026-03-01 12:00:00.000000"
_MAIL = {
    "mailbox": "support",
    "folder": "INBOX",
    "uidvalidity": 7,
    "received_at": AT,
    "size_bytes": 21,
    "blob": "",
    "partial": False,
    "answerable": True,
    "as_person": False,
    "attempts": 1,
    "running": False,
    "due_at": None,
    "reason": "",
    "traceback": "",
    "duplicate_of": None,
    "now_folder": "",
    "now_uidvalidity": 0,
    "now_uid": 0,
}
_MESSAGE = {
    "at": AT,
    "kind_reason": "",
    "no_answer": "",
    "subject": "It is broken",
    "text": "It is broken.",
    "document": "",
    "facts": "[]",
    "effects": "[]",
    "trace": "[]",
    "revision": "built-in 1",
}

ROWS: Rows = (
    ("mail", {**_MAIL, "id": 1, "uid": 1, "state": "processed", "ended_at": AT}),
    ("mail", {**_MAIL, "id": 2, "uid": 2, "state": "acknowledged", "ended_at": None, "attempts": 0}),
    ("raw_mail", {"mail": 2, "raw": b"Subject: mail 2\r\n\r\nwords"}),
    ("contact", {"name": "Anna", "address": "anna@example.com", "customer": None, "undeliverable": ""}),
    (
        "ticket",
        {
            "number": 1,
            "ref": "SUP-1-QX",
            "title": "It is broken",
            "status": "new",
            "queue": "support",
            "kind": "question",
            "priority": 3,
            "mailbox": "support",
            "customer": None,
            "requester": 1,
            "merged_into": None,
            "created_at": AT,
            "changed_at": AT,
        },
    ),
    ("ticket_ref", {"ref": "SUP-1-QX", "ticket": 1}),
    ("participant", {"ticket": 1, "position": 0, "address": "anna@example.com"}),
    (
        "outbox",
        {
            "id": 1,
            "ticket": 1,
            "purpose": "acknowledgement",
            "envelope_sender": "",
            "message_id": "t1.o1.mac@help.test",
            "created_at": AT,
            "state": "queued",
            "attempts": 0,
            "due_at": AT,
        },
    ),
    ("raw_outbox", {"outbox": 1, "raw": b"Subject: x\r\n\r\nwe have it\r\n"}),
    (
        "outbox_recipient",
        {
            "outbox": 1,
            "position": 0,
            "recipient": "anna@example.com",
            "address": "anna@example.com",
            "state": "queued",
            "code": 0,
            "text": "",
            "settled_at": None,
            "bounced_at": None,
            "answered_at": AT,
        },
    ),
    (
        "message",
        {
            **_MESSAGE,
            "id": 1,
            "mail": 1,
            "outbox": None,
            "incoming": True,
            "message_id": "m1@example.com",
            "digest": "digest1",
            "kind": "person",
            "sender": "anna@example.com",
            "sender_name": "Anna",
            "recipients": '["support@help.test"]',
        },
    ),
    (
        "message",
        {
            **_MESSAGE,
            "id": 2,
            "mail": None,
            "outbox": 1,
            "incoming": False,
            "message_id": "t1.o1.mac@help.test",
            "digest": "",
            "kind": "acknowledgement",
            "sender": "",
            "sender_name": "",
            "recipients": '["anna@example.com"]',
        },
    ),
    ("ticket_message", {"ticket": 1, "message": 1, "visibility": "public", "verified": True}),
    ("ticket_message", {"ticket": 1, "message": 2, "visibility": "public", "verified": True}),
    (
        "event",
        {
            "at": AT,
            "kind": "opened",
            "actor": "rule:new-ticket",
            "because": "",
            "ticket": 1,
            "mail": 1,
            "details": "[]",
        },
    ),
)
"""(table, row), in an order that foreign keys allow."""

NUMBERS = {"mail_number": 2, "message_number": 2, "ticket_number": 1, "outbox_number": 1}
"""The last numbers given out."""


def fill(connection: Connection) -> None:
    """Write it all into a database that is at revision 0001."""
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        connection.execute(sa.text("SET LOCAL TIME ZONE 'UTC'"))
    for table, row in ROWS:
        columns, values = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
        connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)  # noqa: S608 -- our own
    number = "UPDATE counter SET value = :last WHERE name = :name" if is_sqlite else "SELECT setval(:name, :last)"
    for name, last in NUMBERS.items():
        connection.execute(sa.text(number), {"name": name, "last": last})
