"""The way of a mail through the ledger, in steps that tests begin from."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from mailgateway.adapters.store import SqlStore
from mailgateway.adapters.store.tables import outbox
from mailgateway.app.ports import Lease
from mailgateway.model.decision import Keys, Known, Outcome
from mailgateway.model.ledger import Delivery, DeliveryState, RecipientResult
from mailgateway.model.message import Message
from tests.store.values import NOW, fetched, keys, opened


def received(store: SqlStore, lease: Lease, *uids: int) -> None:
    store.receive(lease, [fetched(uid) for uid in uids])


def acknowledged(store: SqlStore, lease: Lease, *uids: int) -> None:
    received(store, lease, *uids)
    store.acknowledge(lease, "INBOX", 7, dict.fromkeys(uids))


def begun(store: SqlStore, lease: Lease, *uids: int) -> tuple[int, ...]:
    """Return the ledger ids of mails whose attempt is begun."""
    acknowledged(store, lease, *uids)
    return tuple(mail.id for mail in store.begin(lease, NOW, 100))


def write(store: SqlStore, lease: Lease, outcome: Outcome) -> None:
    with store.batch(lease) as batch:
        batch.write(outcome)


def look_up(store: SqlStore, lease: Lease, wanted: Keys) -> Known:
    with store.batch(lease) as batch:
        return batch.known(wanted, NOW)


def ticket_of(store: SqlStore, lease: Lease, uid: int, read: Message, **changes: object) -> Outcome:
    """Write the outcome of a mail that becomes a ticket, and return it."""
    (mail,) = begun(store, lease, uid)
    with store.batch(lease) as batch:
        batch.known(keys(read), NOW)
        outcome = replace(opened(mail, batch.reserve(1, 2), read), **changes)  # type: ignore[arg-type]
        batch.write(outcome)
    return outcome


def settle(
    store: SqlStore, delivery: Delivery, results: Sequence[RecipientResult], now: datetime, due_at: datetime | None
) -> None:
    store.settle_all([(delivery, results, due_at)], now)


def next_due(store: SqlStore) -> datetime | None:
    """Return when the next delivery is due, None where none waits."""
    waiting = outbox.c.state == DeliveryState.QUEUED.value
    with store._database.read() as connection:
        due: datetime | None = connection.execute(sa.select(sa.func.min(outbox.c.due_at)).where(waiting)).scalar()
    return due
