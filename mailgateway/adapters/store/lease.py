"""Who may fetch and process a mailbox: one lease for each, with a number that fences former owners off."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.engine import Database, Transaction
from mailgateway.adapters.store.tables import mailbox_lease
from mailgateway.app.ports import Lease
from mailgateway.errors import FencedError

NOBODY = ""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_MAILBOX = mailbox_lease.c.mailbox == sa.bindparam("of")
_HELD = sa.select(mailbox_lease.c.owner, mailbox_lease.c.fence, mailbox_lease.c.expires_at).where(_MAILBOX)
_HELD_FOR_UPDATE = _HELD.with_for_update()
# FOR SHARE: a takeover, which updates the row, waits until the transaction that checked its fence has committed.
_FENCE = sa.select(mailbox_lease.c.fence).where(_MAILBOX).with_for_update(read=True)
_TAKE = (
    mailbox_lease.update()
    .where(_MAILBOX)
    .values(owner=sa.bindparam("new_owner"), fence=sa.bindparam("new_fence"), expires_at=sa.bindparam("until"))
)
_RELEASE = (
    mailbox_lease.update()
    .where(_MAILBOX, mailbox_lease.c.fence == sa.bindparam("held_fence"))
    .values(owner=NOBODY, expires_at=_LONG_AGO)
)
FREE_ALL = mailbox_lease.update().values(owner=NOBODY, expires_at=_LONG_AGO)
"""For a database whose daemons are gone for good."""

_NOBODYS = {"owner": NOBODY, "fence": 0, "expires_at": _LONG_AGO}


class Leases:
    """The part of the store that gives out mailboxes."""

    _database: Database

    def acquire(
        self, mailbox: str, owner: str, now: datetime, ttl_s: float, is_dead: Callable[[str], bool] = lambda _: False
    ) -> Lease | None:
        """Take or prolong the lease of a mailbox; None while somebody else holds it, unless that one is dead."""
        with self._database.write() as transaction:
            connection = transaction.connection
            connection.execute(_make_row(transaction), {"mailbox": mailbox, **_NOBODYS})
            held = connection.execute(_HELD_FOR_UPDATE, {"of": mailbox}).one()
            if held.owner != owner and held.expires_at > now and not is_dead(held.owner):
                return None
            fence = held.fence if held.owner == owner else held.fence + 1
            expires_at = now + timedelta(seconds=ttl_s)
            taken = {"of": mailbox, "new_owner": owner, "new_fence": fence, "until": expires_at}
            connection.execute(_TAKE, taken)
        return Lease(mailbox, fence, expires_at)

    def release(self, lease: Lease) -> None:
        """Give a lease back so that another daemon need not wait for its end; a lost one is left alone."""
        with self._database.write() as transaction:
            transaction.connection.execute(_RELEASE, {"of": lease.mailbox, "held_fence": lease.fence})


def _make_row(transaction: Transaction) -> sa.Insert:
    insert = postgresql.insert if transaction.is_postgres else sqlite.insert
    return insert(mailbox_lease).on_conflict_do_nothing()


def check_fence(connection: Connection, lease: Lease) -> None:
    """Return where the lease is still held, and see to it that it is until the end of the transaction.

    Raises:
        FencedError: Another daemon holds the mailbox.
    """
    if connection.execute(_FENCE, {"of": lease.mailbox}).scalar() != lease.fence:
        raise FencedError(f"the lease of mailbox {lease.mailbox} was lost")
