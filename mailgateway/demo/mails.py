"""The six mails of the demo: what customers and machines really send, in small."""

from collections.abc import Callable
from dataclasses import dataclass

from mailgateway.model.ticket import Ticket

SUPPORT = "support@demo.example"


@dataclass(frozen=True, slots=True)
class Told:
    """What the customer knows when the later mails are written.

    Attributes:
        ticket: The first mail's ticket.
        acknowledgement: The Message-ID of its acknowledgement.
    """

    ticket: Ticket
    acknowledgement: str


def new_problem() -> bytes:
    """Return a customer's first mail."""
    return _mail(
        "Anna Berg <anna@acme.example>",
        "Printer on floor 3 prints blank pages",
        "Hello,\n\nsince this morning our LaserFast 300 prints only blank pages.\nWe changed the toner yesterday."
        "\n\nBest regards\nAnna Berg\nAcme Ltd",
        "Message-ID: <first@acme.example>",
    )


def reply_with_id(told: Told) -> bytes:
    """Return the customer's reply with the ticket ID in its subject and nothing else that leads to the ticket."""
    return _mail(
        "Anna Berg <anna@acme.example>",
        f"AW: [{told.ticket.ref}] Printer on floor 3 prints blank pages",
        "The test page is blank too.\n\nOn Monday Demo Support wrote:\n> We have your mail.\n> A person reads it.",
        "Message-ID: <second@acme.example>",
    )


def reply_with_references(told: Told) -> bytes:
    """Return a reply whose subject was rewritten: only References lead to the ticket."""
    return _mail(
        "Anna Berg <anna@acme.example>",
        "It is the toner!",
        "With the old cartridge it prints again. Can you send us a new one?",
        "Message-ID: <third@acme.example>",
        f"In-Reply-To: <{told.acknowledgement}>",
        f"References: <first@acme.example> <{told.acknowledgement}>",
    )


def out_of_office(told: Told) -> bytes:
    """Return what Anna's mail system answers to our acknowledgement: a machine, never answered."""
    return _mail(
        "Anna Berg <anna@acme.example>",
        f"Automatic reply: [{told.ticket.ref}] Printer on floor 3 prints blank pages",
        "I am out of the office until Monday.",
        "Message-ID: <ooo@acme.example>",
        "Auto-Submitted: auto-replied",
        f"In-Reply-To: <{told.acknowledgement}>",
    )


def stranger(told: Told) -> bytes:
    """Return a mail of somebody who only knows the number."""
    return _mail(
        "Mallory <mallory@elsewhere.example>",
        f"Re: [{told.ticket.ref}] Printer",
        "Please send me everything you have on this ticket.",
        "Message-ID: <stranger@elsewhere.example>",
    )


def two_issues(_: Told) -> bytes:
    """Return a mail that holds two issues: each becomes a ticket, and one acknowledgement names both."""
    return _mail(
        "Ben Ode <ben@tools.example>",
        "Two questions",
        "Hello,\n\nwe have two separate issues:\n\n1. The nightly backup of our file server fails since Monday."
        "\n2. How do we add a second administrator to our account?\n\nRegards\nBen Ode",
        "Message-ID: <two@tools.example>",
    )


FOLLOWING: tuple[tuple[str, Callable[[Told], bytes]], ...] = (
    ("a reply with the ticket ID in its subject", reply_with_id),
    ("a reply without it, but with References", reply_with_references),
    ("an out-of-office answer", out_of_office),
    ("a stranger who quotes the number", stranger),
    ("two issues in one mail", two_issues),
)
"""What happens after the first mail, in order."""


def _mail(sender: str, subject: str, text: str, *headers: str) -> bytes:
    lines = (
        f"Return-Path: <{sender.rpartition('<')[2].rstrip('>')}>",
        f"From: {sender}",
        f"To: Demo Support <{SUPPORT}>",
        f"Subject: {subject}",
        *headers,
        "Date: Mon, 02 Nov 2026 09:00:00 +0000",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "",
        text,
        "",
    )
    return "\n".join(lines).replace("\n", "\r\n").encode()
