"""Mails to send: claimed with the attempt committed first, settled for each recipient alone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.columns import printable
from mailgateway.adapters.store.engine import Database
from mailgateway.adapters.store.events import event_changes, touched_changes
from mailgateway.adapters.store.names import sent_alias_changes
from mailgateway.adapters.store.outgoing import DONE, QUEUED, outgoing_changes
from mailgateway.adapters.store.rows import Change, Row, carry_out
from mailgateway.adapters.store.tables import outbox, outbox_recipient, raw_outbox
from mailgateway.model.ledger import Delivery, DeliveryState, OutgoingMail, RecipientResult
from mailgateway.model.ticket import Event, EventKind
from mailgateway.parsers.references import relay_ids

Settled = tuple[Delivery, Sequence[RecipientResult], datetime | None]

_bind = sa.bindparam
_IS_QUEUED = outbox.c.state == sa.literal_column(f"'{QUEUED}'")
_RECIPIENT_QUEUED = outbox_recipient.c.state == sa.literal_column(f"'{DeliveryState.QUEUED.value}'")
_DUE = (
    sa.select(outbox.c.id, outbox.c.attempts)
    .where(_IS_QUEUED, outbox.c.due_at <= _bind("now"))
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(_bind("at_most"))
    # Several daemons take from one outbox: what another has just claimed is passed over, not waited for.
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    outbox.update().where(outbox.c.id == _bind("of_outbox")).values(attempts=_bind("attempt"), due_at=_bind("again_at"))
)
_CLAIMED = (
    sa.select(
        outbox.c.id,
        outbox.c.ticket,
        outbox.c.attempts,
        outbox.c.created_at,
        outbox.c.envelope_sender,
        outbox.c.message_id,
        raw_outbox.c.raw,
    )
    .join_from(outbox, raw_outbox)
    .where(outbox.c.id.in_(_bind("ids", expanding=True)))
    .order_by(outbox.c.due_at, outbox.c.id)
)
_RECIPIENTS = (
    sa.select(outbox_recipient.c.outbox, outbox_recipient.c.recipient)
    .where(outbox_recipient.c.outbox.in_(_bind("ids", expanding=True)), _RECIPIENT_QUEUED)
    .order_by(outbox_recipient.c.outbox, outbox_recipient.c.position)
)
_OF_RECIPIENT = (outbox_recipient.c.outbox == _bind("of_outbox"), outbox_recipient.c.recipient == _bind("of_recipient"))
_ANSWER: dict[str, sa.BindParameter[Any]] = {"code": _bind("answer"), "text": _bind("words")}
# Whoever sends is right about what was taken: a result that comes late (another attempt was claimed meanwhile) still
# counts as sent, while a failure does not undo what is sent.
_SENT = (
    outbox_recipient.update()
    .where(*_OF_RECIPIENT)
    .values(state=DeliveryState.SENT.value, settled_at=_bind("at"), **_ANSWER)
)
_FAILED = (
    outbox_recipient.update()
    .where(*_OF_RECIPIENT, _RECIPIENT_QUEUED)
    .values(state=DeliveryState.FAILED.value, settled_at=_bind("at"), **_ANSWER)
)
_PUT_OFF = outbox_recipient.update().where(*_OF_RECIPIENT, _RECIPIENT_QUEUED).values(**_ANSWER)
_ONE_IS_QUEUED = sa.exists().where(outbox_recipient.c.outbox == outbox.c.id, _RECIPIENT_QUEUED)
_DONE = outbox.update().where(outbox.c.id == _bind("of_outbox"), ~_ONE_IS_QUEUED).values(state=DONE)
_DUE_AGAIN = (
    outbox.update()
    .where(outbox.c.id == _bind("of_outbox"), outbox.c.attempts == _bind("attempt"), _IS_QUEUED)
    .values(due_at=_bind("again_at"))
)
_RENEW = _DUE_AGAIN.where(outbox.c.due_at < _bind("again_at"))


class Deliveries:
    """The part of the store that fulfils `Outbox`."""

    _database: Database

    def post(self, compose: Callable[[int], OutgoingMail], at: datetime) -> None:
        """Put one mail of no ticket into the outbox, due at once."""
        with self._database.write() as transaction:
            (number,) = transaction.numbers.take("outbox_number", 1)
            carry_out(transaction.connection, outgoing_changes((compose(number),), at))

    def claim(self, now: datetime, limit: int, retry_at: Mapping[int, datetime]) -> tuple[Delivery, ...]:
        """Claim deliveries that are due: attempt + 1 and the next attempt's time are committed first."""
        if limit < 1:
            return ()
        with self._database.write() as transaction:
            connection = transaction.connection
            due = connection.execute(_DUE, {"now": now, "at_most": limit}).all()
            if not due:
                return ()
            connection.execute(_CLAIM, [_claim(row.id, row.attempts + 1, retry_at) for row in due])
            return _claimed(connection, [row.id for row in due])

    def renew_claims(self, deliveries: Sequence[Delivery], until: datetime) -> None:
        """Put off to `until` when claims that are not settled are due again; another's are left alone."""
        with self._database.write() as transaction:
            transaction.connection.execute(_RENEW, [_again(delivery, until) for delivery in deliveries])

    def settle_all(self, settled: Sequence[Settled], now: datetime) -> None:
        """Write down what the relay said, in one commit; a failed recipient becomes an event on the ticket."""
        if not settled:
            return
        with self._database.write() as transaction:
            connection = transaction.connection
            aliases = sent_alias_changes(_named_ids(settled), connection.dialect.name)
            carry_out(connection, (*_settlement(settled, now), *aliases))


def _claim(number: int, attempt: int, retry_at: Mapping[int, datetime]) -> Row:
    return {"of_outbox": number, "attempt": attempt, "again_at": retry_at[min(attempt, max(retry_at))]}


def _claimed(connection: Connection, numbers: Sequence[int]) -> tuple[Delivery, ...]:
    ids = {"ids": list(numbers)}
    recipients: dict[int, list[str]] = {number: [] for number in numbers}
    for number, recipient in connection.execute(_RECIPIENTS, ids):
        recipients[number].append(recipient)
    rows = {row.id: row for row in connection.execute(_CLAIMED, ids)}
    return tuple(
        Delivery(
            id=row.id,
            ticket=row.ticket,
            attempt=row.attempts,
            created_at=row.created_at,
            envelope_sender=row.envelope_sender,
            recipients=tuple(recipients[row.id]),
            raw=bytes(row.raw),
            message_id=row.message_id,
        )
        for row in (rows[number] for number in numbers)
    )


def _settlement(settled: Sequence[Settled], now: datetime) -> tuple[Change, ...]:
    """Return what the relay's answers change."""
    sent: list[Row] = []
    put_off: list[Row] = []
    failed: list[tuple[Delivery, RecipientResult]] = []
    for delivery, results, due_at in settled:
        for result in results:
            if result.is_accepted:
                sent.append(_answer(delivery, result, now))
            elif result.is_undecided and due_at is not None:
                put_off.append(_answer(delivery, result))
            else:
                failed.append((delivery, result))
    events = [_failure(delivery, result, now) for delivery, result in failed]
    return (
        Change(_SENT, sent),
        Change(_PUT_OFF, put_off),
        Change(_FAILED, [_answer(delivery, result, now) for delivery, result in failed]),
        Change(_DONE, [{"of_outbox": delivery.id} for delivery, _, _ in settled]),
        Change(_DUE_AGAIN, [_again(delivery, due_at) for delivery, _, due_at in settled if due_at is not None]),
        *event_changes(events),
        *touched_changes(events),
    )


def _named_ids(settled: Sequence[Settled]) -> list[tuple[int, str]]:
    """Return (outbox id, Message-ID) for the ids that relays gave to what they took, each once."""
    named: dict[tuple[int, str], None] = {}
    for delivery, results, _ in settled:
        known = (delivery.message_id, delivery.envelope_sender, *(result.recipient for result in results))
        envelope = {name.lower() for name in known}
        told = (name for result in results if result.is_accepted for name in relay_ids(result.text))
        named.update(((delivery.id, name), None) for name in told if name.lower() not in envelope)
    return list(named)


def _answer(delivery: Delivery, result: RecipientResult, at: datetime | None = None) -> Row:
    answer: Row = {
        "of_outbox": delivery.id,
        "of_recipient": result.recipient,
        "answer": result.code,
        "words": printable(result.text),
    }
    return answer if at is None else {**answer, "at": at}


def _again(delivery: Delivery, due_at: datetime) -> Row:
    return {"of_outbox": delivery.id, "attempt": delivery.attempt, "again_at": due_at}


def _failure(delivery: Delivery, result: RecipientResult, now: datetime) -> Event:
    words = f"{result.code} {result.text}" if result.code else result.text
    return Event(
        at=now,
        kind=EventKind.SEND_FAILED,
        actor="gateway",
        because=f"the mail to {result.recipient} could not be sent: {words}",
        ticket=delivery.ticket,
        details=(("recipient", result.recipient), ("outbox", str(delivery.id)), ("code", str(result.code))),
    )
