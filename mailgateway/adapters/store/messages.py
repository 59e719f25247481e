"""The rows of messages: what came in, what goes out, notes; their files and their places on tickets."""

from collections.abc import Sequence
from datetime import datetime

from mailgateway import __version__
from mailgateway.adapters.store.columns import indexable
from mailgateway.adapters.store.documents import (
    answers_document,
    effects_document,
    facts_document,
    message_document,
    texts_document,
    trace_document,
)
from mailgateway.adapters.store.outgoing import NOTIFICATION
from mailgateway.adapters.store.rows import Change, Row
from mailgateway.adapters.store.tables import attachment, message, ticket_message
from mailgateway.model.decision import Outcome
from mailgateway.model.ledger import OutgoingMail
from mailgateway.model.message import Classification, Message
from mailgateway.model.ticket import Event, Visibility

NOTE = "note"

_MESSAGE = message.insert()
_PLACE = ticket_message.insert()
_ATTACHMENT = attachment.insert()

_BLANK: Row = {
    "mail": None,
    "outbox": None,
    "incoming": False,
    "message_id": "",
    "digest": "",
    "kind_reason": "",
    "no_answer": "",
    "sender": "",
    "sender_name": "",
    "recipients": "[]",
    "subject": "",
    "text": "",
    "document": "",
    "facts": "",
    "effects": "",
    "trace": "",
    "revision": "",
    "answers": "[]",
    "tzdata": "",
    "program": "",
    "sender_key": "",
}


def messages_needed(outcome: Outcome) -> int:
    """Return how many message numbers the outcome takes."""
    return (outcome.message is not None) + len(outcome.outgoing)


def message_changes(outcome: Outcome, numbers: Sequence[int]) -> tuple[Change, ...]:
    """Return what the outcome's message and its mails to send insert, as messages.

    Args:
        outcome: What the mail changes.
        numbers: `messages_needed` fresh numbers.
    """
    rows: list[Row] = []
    places: list[Row] = []
    files: list[Row] = []
    sent = numbers
    if outcome.message is not None:
        first, sent = numbers[0], numbers[1:]
        rows.append(_incoming(first, outcome.message, outcome))
        places.extend(_place(p.ticket, first, p.visibility, verified=p.verified) for p in outcome.posts)
        files.extend(_files(first, outcome.message))
    sent_rows, sent_places = sent_changes(outcome.outgoing, sent, outcome.at)
    return (
        Change(_MESSAGE, [*rows, *sent_rows.rows]),
        Change(_PLACE, [*places, *sent_places.rows]),
        Change(_ATTACHMENT, files, can_wait=True),
    )


def sent_changes(mails: Sequence[OutgoingMail], numbers: Sequence[int], at: datetime) -> tuple[Change, Change]:
    """Return what mails to send insert, as messages on their tickets, each under a fresh number."""
    numbered = tuple(zip(numbers, mails, strict=True))
    rows = [_outgoing(number, mail, at) for number, mail in numbered]
    places = [
        _place(mail.ticket, number, Visibility.INSIDE if mail.purpose == NOTIFICATION else Visibility.PUBLIC)
        for number, mail in numbered
        if mail.ticket is not None
    ]
    return Change(_MESSAGE, rows), Change(_PLACE, places)


def note_changes(number: int, ticket: int, text: str, event: Event) -> tuple[Change, ...]:
    """Return what an inside note inserts; its sender is who wrote it."""
    row = {**_BLANK, "id": number, "at": event.at, "kind": NOTE, "sender": event.actor, "text": text}
    return Change(_MESSAGE, [row]), Change(_PLACE, [_place(ticket, number, Visibility.INSIDE)])


def _incoming(number: int, read: Message, outcome: Outcome) -> Row:
    return {
        **_BLANK,
        "id": number,
        "mail": outcome.mail,
        "incoming": True,
        "at": outcome.at,
        "message_id": indexable(read.message_id),
        "digest": read.digest,
        "sender": read.sender.address,
        "sender_key": indexable(read.sender.key),
        "sender_name": read.sender.name,
        "recipients": texts_document(tuple(one.address for one in (*read.to, *read.cc))),
        "subject": read.subject,
        "text": read.body.text,
        "document": message_document(read),
        **_kind(outcome.classification),
        **_reasons(outcome),
    }


def _kind(classification: Classification | None) -> Row:
    if classification is None:
        return {"kind": ""}
    return {
        "kind": classification.kind.value,
        "kind_reason": classification.reason,
        "no_answer": classification.no_answer,
    }


def _reasons(outcome: Outcome) -> Row:
    reasons: Row = {}
    if outcome.facts is not None:
        reasons["facts"] = facts_document(outcome.facts.values)
    if outcome.decision is not None:
        reasons["effects"] = effects_document(outcome.decision.effects)
        reasons["trace"] = trace_document(outcome.decision.trace)
        reasons["revision"] = outcome.decision.revision
        reasons["answers"] = answers_document(outcome.decision.answers)
        reasons["tzdata"] = outcome.decision.tzdata
        reasons["program"] = __version__
    return reasons


def _outgoing(number: int, mail: OutgoingMail, at: datetime) -> Row:
    return {
        **_BLANK,
        "id": number,
        "outbox": mail.id,
        "at": at,
        "message_id": indexable(mail.message_id),
        "kind": mail.purpose,
        "recipients": texts_document(mail.recipients),
        "subject": mail.subject,
        "text": mail.text,
    }


def _place(ticket: int, number: int, visibility: Visibility, *, verified: bool = True) -> Row:
    return {"ticket": ticket, "message": number, "visibility": visibility.value, "verified": verified}


def _files(number: int, read: Message) -> list[Row]:
    return [
        {
            "message": number,
            "position": position,
            "name": one.name,
            "content_type": one.content_type,
            "size_bytes": one.size_bytes,
            "inline": one.inline,
            "content_id": one.content_id,
            "digest": one.digest,
        }
        for position, one in enumerate(read.attachments)
    ]
