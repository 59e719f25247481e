"""Quotas: the rows that are locked while one is counted, and the ledger that is counted.

A place is taken only in a transaction that holds the count's row, so that daemons count one after the other. What
gives a place back needs no such lock: who counts meanwhile finds the quota fuller than it is, never emptier.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.columns import BIG, UtcTime, indexable, printable
from mailgateway.adapters.store.engine import Transaction
from mailgateway.adapters.store.rows import Change, Found, Row
from mailgateway.adapters.store.tables import metadata, ticket
from mailgateway.model.quota import QuotaEntry, QuotaEntryKind, QuotaKey, QuotaRecord, Usage

_KEY = ("quota", "holder", "period")

quota_count = sa.Table(
    "quota_count",
    metadata,
    sa.Column("quota", sa.Text, primary_key=True, comment="its id in the rule files"),
    sa.Column("holder", sa.Text, primary_key=True, comment="the customer's id or the contact's address"),
    sa.Column("period", sa.Text, primary_key=True, comment="the first day in the holder's zone, ISO 8601"),
    sqlite_with_rowid=False,
    comment="what is counted by itself; locked by who counts, until the place is taken or not",
)


def _text(name: str, comment: str = "") -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, comment=comment or None)


quota_entry = sa.Table(
    "quota_entry",
    metadata,
    sa.Column("id", BIG, sa.Identity(), primary_key=True),
    *(_text(name) for name in _KEY),
    sa.Column("ticket", BIG, sa.ForeignKey("ticket.number"), nullable=False),
    sa.Column("amount", BIG, nullable=False, comment="1 takes a place, -1 gives it back, 0 changes nothing"),
    _text("kind", "taken, given_back or granted"),
    sa.Column("priority", BIG, nullable=False, comment="the ticket's in that moment"),
    _text("actor", "rule:ID, agent:ID or admin"),
    _text("because", "for a person to read"),
    sa.Column("at", UtcTime, nullable=False),
    sa.ForeignKeyConstraint(_KEY, [f"quota_count.{name}" for name in _KEY]),
    comment="the ledger of the quotas: rows are added, never changed",
)
sa.Index("ix_quota_entry_count", *(quota_entry.c[name] for name in _KEY), quota_entry.c.id)
sa.Index("ix_quota_entry_ticket", quota_entry.c.ticket, quota_entry.c.id)

_bind = sa.bindparam
_NEW = {
    "sqlite": sqlite.insert(quota_count).on_conflict_do_nothing().inline(),
    "postgresql": postgresql.insert(quota_count).on_conflict_do_nothing().inline(),
}
# NO KEY UPDATE: a new entry refers to the row, which must not wait for who counts (PostgreSQL 13.3.2).
_LOCK = (
    sa.select(quota_count.c.quota)
    .where(*(quota_count.c[name] == _bind(f"of_{name}") for name in _KEY))
    .with_for_update(key_share=True)
)
_SUM = sa.func.sum(quota_entry.c.amount)
_GRANTS = sa.func.sum(sa.case((quota_entry.c.kind == QuotaEntryKind.GRANTED.value, 1), else_=0))
_PLACES = (
    sa.select(ticket.c.ref, _SUM.label("places"), _GRANTS.label("grants"))
    .join_from(quota_entry, ticket)
    .where(*(quota_entry.c[name] == _bind(f"of_{name}") for name in _KEY))
    .group_by(ticket.c.number, ticket.c.ref)
    .having(sa.or_(_SUM > 0, _GRANTS > 0))
    .order_by(sa.func.min(quota_entry.c.id))
)
_PRIORITY = sa.select(ticket.c.priority).where(ticket.c.number == _bind("of_ticket")).scalar_subquery()
_ENTRY = quota_entry.insert().values(ticket=_bind("of_ticket"), priority=_PRIORITY).inline()
_OF_TICKETS = (
    sa.select(quota_entry)
    .where(quota_entry.c.ticket.in_(_bind("of_tickets", expanding=True)))
    .order_by(quota_entry.c.id)
)


def usage(transaction: Transaction, keys: Sequence[QuotaKey]) -> tuple[Usage, ...]:
    """Return how much of each quota is used, in the order of the keys, locked until the transaction ends.

    The rows are locked in the order of the keys themselves, whatever order they are asked in, so that two
    transactions wait for each other in one direction only.
    """
    found = {key: _usage(transaction, key) for key in sorted(set(keys), key=_row)}
    return tuple(found[key] for key in keys)


def _usage(transaction: Transaction, key: QuotaKey) -> Usage:
    connection = transaction.connection
    quota, holder, period = _row(key)
    of_key = {"of_quota": quota, "of_holder": holder, "of_period": period}
    if connection.execute(_LOCK, of_key).first() is None:
        # Whoever makes the same row meanwhile is waited for; its row is there then, and is what has to be locked.
        connection.execute(_NEW[connection.dialect.name], {"quota": quota, "holder": holder, "period": period})
        connection.execute(_LOCK, of_key).one()
    rows = connection.execute(_PLACES, of_key).all()
    return Usage(
        key,
        used=sum(int(row.places) for row in rows),
        tickets=tuple(row.ref for row in rows if row.places > 0),
        granted=tuple(row.ref for row in rows if row.grants > 0),
    )


def _row(key: QuotaKey) -> tuple[str, str, str]:
    """Return the key as it is stored."""
    return indexable(key.quota), indexable(key.holder), indexable(key.period)


def quota_changes(entries: Sequence[QuotaEntry], at: datetime) -> tuple[Change, ...]:
    """Return what entries insert; after the tickets, whose priority they write down."""
    return (Change(_ENTRY, [_entry_row(one, at) for one in entries]),)


def _entry_row(entry: QuotaEntry, at: datetime) -> Row:
    return {
        **dict(zip(_KEY, _row(entry.key), strict=True)),
        "of_ticket": entry.ticket,
        "amount": entry.amount,
        "kind": entry.kind.value,
        "actor": printable(entry.actor),
        "because": printable(entry.because),
        "at": at,
    }


def quota_records(connection: Connection, *numbers: int) -> tuple[QuotaRecord, ...]:
    """Return what the ledger says of tickets, oldest first."""
    return tuple(_record(row) for row in connection.execute(_OF_TICKETS, {"of_tickets": numbers}))


def _record(row: Found) -> QuotaRecord:
    entry = QuotaEntry(
        key=QuotaKey(row.quota, row.holder, row.period),
        ticket=row.ticket,
        amount=row.amount,
        kind=QuotaEntryKind(row.kind),
        actor=row.actor,
        because=row.because,
    )
    return QuotaRecord(row.at, entry, row.priority)
