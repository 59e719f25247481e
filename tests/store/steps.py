"""The way of a mail through the ledger, in steps that tests begin from."""

from dataclasses import replace

from mailgateway.adapters.store import SqlStore
from mailgateway.app.ports import Lease
from mailgateway.model.decision import Keys, Known, Outcome
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
