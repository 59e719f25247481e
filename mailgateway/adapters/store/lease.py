"""Who may fetch and process a mailbox: one lease for each, with a number that fences former owners off."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.engine import Database, Transaction
from mailgateway.adapters.store.rows import Found
from mailgateway.adapters.store.tables import mailbox_lease
from mailgateway.app.ports import Lease
from mailgateway.errors import FencedError

NOBODY = ""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_MAILBOX = mailbox_lease.c.mailbox == sa.bindparam("of")
_HELD = sa.select(mailbox_lease.c.owner, mailbox_lease.c.fence, mailbox_lease.c.expires_at).where(_MAILBOX)
# A takeover locks the row FOR UPDATE, which cannot be had while a transaction that checked its fence (FOR KEY SHARE) is
# open; it does not wait for that, which could take minutes, but comes again. The owner's own renewal changes no key
# and waits for neither.
_FREE_FOR_UPDATE = _HELD.with_for_update(skip_locked=True)
_FENCE = sa.select(mailbox_lease.c.fence).where(_MAILBOX).with_for_update(read=True, key_share=True)
_RENEW = (
    mailbox_lease.update()
    .where(mailbox_lease.c.owner == sa.bindparam("of_owner"))
    .values(expires_at=sa.bindparam("until"))
    .returning(mailbox_lease.c.mailbox, mailbox_lease.c.fence)
)
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
        """Take or prolong the lease of a mailbox; None while somebody else holds it, unless that one is dead.

        None too while its former owner's last transaction is open.
        """

        def is_anothers(held: Found) -> bool:
            return held.owner != owner and held.expires_at > now and not is_dead(held.owner)

        with self._database.read() as connection:
            seen = connection.execute(_HELD, {"of": mailbox}).one_or_none()
        if seen is not None and is_anothers(seen):
            return None
        with self._database.write() as transaction:
            connection = transaction.connection
            connection.execute(_make_row(transaction), {"mailbox": mailbox, **_NOBODYS})
            held = connection.execute(_FREE_FOR_UPDATE, {"of": mailbox}).one_or_none()
            if held is None or is_anothers(held):
                return None
            fence = held.fence if held.owner == owner else held.fence + 1
            expires_at = now + timedelta(seconds=ttl_s)
            taken = {"of": mailbox, "new_owner": owner, "new_fence": fence, "until": expires_at}
            connection.execute(_TAKE, taken)
        return Lease(mailbox, fence, expires_at)

    def renew(self, owner: str, now: datetime, ttl_s: float) -> tuple[Lease, ...]:
        """Prolong all leases of an owner at once; return them, by mailbox."""
        until = now + timedelta(seconds=ttl_s)
        with self._database.write() as transaction:
            rows = transaction.connection.execute(_RENEW, {"of_owner": owner, "until": until}).all()
        return tuple(Lease(mailbox, fence, until) for mailbox, fence in sorted(rows))

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
