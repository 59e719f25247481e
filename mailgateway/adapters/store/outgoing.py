"""The rows of mails to send."""

from collections.abc import Sequence
from datetime import datetime

from mailgateway.adapters.store.columns import domain_of, indexable
from mailgateway.adapters.store.rows import Change, Row
from mailgateway.adapters.store.tables import outbox, outbox_recipient, raw_outbox
from mailgateway.model.ledger import DeliveryState, OutgoingMail

QUEUED, DONE = "queued", "done"
ACKNOWLEDGEMENT = "acknowledgement"
"""The purpose of what the author of a mail gets for the tickets that it made."""
NOTIFICATION = "notification"
"""The purpose of what agents get: no answer to anybody, and inside."""
NOTICE = "notice"
"""The purpose of what admins get: no answer to anybody, and of no ticket."""

_OUTBOX = outbox.insert()
_RAW = raw_outbox.insert()
_RECIPIENT = outbox_recipient.insert()


def outgoing_changes(mails: Sequence[OutgoingMail], at: datetime) -> tuple[Change, ...]:
    """Return what mails to send insert; they are due at once."""
    return (
        Change(_OUTBOX, [_outbox(one, at) for one in mails]),
        Change(_RAW, [{"outbox": one.id, "raw": one.raw} for one in mails], can_wait=True),
        Change(_RECIPIENT, [row for one in mails for row in _recipients(one, at)]),
    )


def _outbox(mail: OutgoingMail, at: datetime) -> Row:
    return {
        "id": mail.id,
        "ticket": mail.ticket,
        "purpose": mail.purpose,
        "envelope_sender": mail.envelope_sender,
        "message_id": mail.message_id,
        "created_at": at,
        "state": QUEUED,
        "attempts": 0,
        "due_at": at,
    }


def _recipients(mail: OutgoingMail, at: datetime) -> list[Row]:
    answered_at = None if mail.purpose in {NOTIFICATION, NOTICE} else at
    return [
        {
            "outbox": mail.id,
            "position": position,
            "recipient": recipient,
            "address": indexable(recipient.lower()),
            "state": DeliveryState.QUEUED.value,
            "code": 0,
            "text": "",
            "settled_at": None,
            "bounced_at": None,
            "answered_at": answered_at,
            "domain": indexable(domain_of(recipient.lower())),
        }
        for position, recipient in enumerate(mail.recipients)
    ]
