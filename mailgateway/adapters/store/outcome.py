"""Everything one mail changes, as rows: one statement for each table that gets any."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from mailgateway.adapters.store.changes import priority_changes, status_changes, tag_changes
from mailgateway.adapters.store.columns import indexable, printable
from mailgateway.adapters.store.cuts import cut_changes, join_changes
from mailgateway.adapters.store.engine import Transaction
from mailgateway.adapters.store.events import event_changes, touched_changes
from mailgateway.adapters.store.messages import message_changes, messages_needed
from mailgateway.adapters.store.names import name_changes
from mailgateway.adapters.store.new_tickets import new_ticket_changes
from mailgateway.adapters.store.outgoing import outgoing_changes
from mailgateway.adapters.store.quota import quota_changes
from mailgateway.adapters.store.rows import Change, Waiting, carry_out
from mailgateway.adapters.store.tables import contact, mail, outbox_recipient
from mailgateway.model.cut import Cut
from mailgateway.model.decision import BounceMark, Outcome
from mailgateway.model.ledger import DeliveryState

_bind = sa.bindparam
_END = (
    mail.update()
    .where(mail.c.id == _bind("of_mail"))
    .values(
        state=_bind("new_state"),
        reason=_bind("new_reason"),
        duplicate_of=_bind("first_copy"),
        ended_at=_bind("at"),
        running=False,
    )
)
_OF_RECIPIENT = (outbox_recipient.c.outbox == _bind("of_outbox"), outbox_recipient.c.address == _bind("of_address"))
_DELAYED = outbox_recipient.update().where(*_OF_RECIPIENT).values(text=_bind("words"), bounced_at=_bind("at"))
_FAILED = _DELAYED.values(state=DeliveryState.FAILED.value)
# A report may name anybody: it says something of those alone to whom the mail went that it is about.
_UNDELIVERABLE = (
    contact.update()
    .where(contact.c.address == _bind("of_address"), sa.exists().where(*_OF_RECIPIENT))
    .values(undeliverable=_bind("words"))
)


def write_outcome(transaction: Transaction, outcome: Outcome, waiting: Waiting) -> None:
    """Write everything one mail changes, its final state included; what can wait is left in `waiting`."""
    connection = transaction.connection
    numbers = transaction.numbers.take("message_number", messages_needed(outcome))
    new = frozenset(one.number for one in outcome.tickets)
    changes = (
        *new_ticket_changes(outcome.tickets, outcome.at, connection.dialect.name),
        *outgoing_changes(outcome.outgoing, outcome.at),
        *message_changes(outcome, numbers),
        *cut_changes(_cuts(outcome, numbers), connection.dialect.name),
        *name_changes(outcome, numbers, connection.dialect.name),
        *join_changes(transaction, outcome.joins, outcome.at),
        *status_changes(outcome.status_changes, outcome.at),
        *priority_changes(outcome.priority_changes, outcome.at),
        *tag_changes(outcome.tags_added, connection.dialect.name),
        *quota_changes(outcome.quota, outcome.at),
        *_bounce_changes(outcome.bounces, outcome.at),
        *event_changes(outcome.events),
        *touched_changes(outcome.events, new),
        _end(outcome),
    )
    carry_out(connection, (change for change in changes if not change.can_wait))
    waiting.add(changes)


def _cuts(outcome: Outcome, numbers: Sequence[int]) -> tuple[Cut, ...]:
    return (replace(outcome.cut, message=numbers[0]),) if outcome.cut is not None else ()


def _bounce_changes(bounces: Sequence[BounceMark], at: datetime) -> tuple[Change, ...]:
    """Return what delivery reports change: a passing failure is noted, a lasting one ends delivery and contact."""
    marks = [
        (
            one.permanent,
            {"of_outbox": one.delivery, "of_address": indexable(one.recipient), "words": _words(one), "at": at},
        )
        for one in bounces
        if one.delivery is not None
    ]
    return (
        Change(_FAILED, [row for permanent, row in marks if permanent]),
        Change(_DELAYED, [row for permanent, row in marks if not permanent]),
        Change(_UNDELIVERABLE, [row for permanent, row in marks if permanent]),
    )


def _words(bounce: BounceMark) -> str:
    # A contact is deliverable while this is empty, so a report without words still has to say something.
    return printable(bounce.because) or "delivery failed"


def _end(outcome: Outcome) -> Change:
    end = {
        "of_mail": outcome.mail,
        "new_state": outcome.state.value,
        "new_reason": printable(outcome.reason),
        "first_copy": outcome.duplicate_of,
        "at": outcome.at,
    }
    return Change(_END, [end], can_wait=True)
