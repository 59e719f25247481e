"""Messages that are cut into several tickets: their table, and the cuts that are found by it and locked."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.columns import BIG
from mailgateway.adapters.store.documents import texts_of, whole_of
from mailgateway.adapters.store.prepared import look_up
from mailgateway.adapters.store.quota import quota_records
from mailgateway.adapters.store.rows import Found
from mailgateway.adapters.store.tables import metadata
from mailgateway.adapters.store.tickets import tickets_numbered, with_targets
from mailgateway.model.cut import Cut, KnownCut, Piece
from mailgateway.model.ticket import Ticket

MOST_TICKETS = 64
"""Numbers of tickets for which the statement is kept."""

ticket_part = sa.Table(
    "ticket_part",
    metadata,
    sa.Column("ticket", BIG, primary_key=True, autoincrement=False),
    sa.Column("message", BIG, primary_key=True, autoincrement=False),
    sa.Column("number", BIG, nullable=False, comment="which part, from 1, in the order of the mail"),
    sa.Column(
        "first",
        BIG,
        sa.ForeignKey("ticket.number"),
        nullable=False,
        comment="the ticket that takes the others in when the cut is undone",
    ),
    sa.Column("text", sa.Text, nullable=False, comment="the part with what all parts need"),
    sa.Column("files", sa.Text, nullable=False, comment="JSON: the names of the attachments that belong to it"),
    sa.Column("whole", sa.Text, nullable=False, comment="JSON: what the first ticket was before; empty on the others"),
    sa.ForeignKeyConstraint(["ticket", "message"], ["ticket_message.ticket", "ticket_message.message"]),
    sqlite_with_rowid=False,
    comment="messages that are cut into several tickets; the rows of a cut go when it is undone",
)
sa.Index("ix_ticket_part_first", ticket_part.c.first, ticket_part.c.message)


def locked_with_cuts(
    connection: Connection, numbers: Collection[int]
) -> tuple[tuple[Ticket, ...], tuple[KnownCut, ...]]:
    """Return tickets, with those they were merged into, and the cuts that these are of, the latest first.

    The tickets of the pieces are among the tickets. All are locked together, in the order of their numbers: whoever
    locked one and then looked for the rest would meet somebody who began at the other end. What was merged or cut while
    the locks were waited for is locked behind them: there PostgreSQL may still end one of two writers, who tries again.

    Args:
        connection: A write transaction.
        numbers: The tickets asked for; those that do not exist are passed over.
    """
    if not numbers:
        return (), ()
    ahead = with_targets(connection, numbers)
    pieces = _pieces(connection, ahead)
    if pieces:
        ahead = with_targets(connection, {*ahead, *(row.ticket for row in pieces)})
    tickets = tickets_numbered(connection, ahead, lock=True)
    asked = followed(numbers, tickets)
    if not pieces and asked <= ahead:
        return tickets, ()
    # What was found before the lock may have changed, and a ticket that another became part of may be of a cut.
    pieces = _pieces(connection, asked)
    if not {row.ticket for row in pieces} <= {ticket.number for ticket in tickets}:
        tickets = tickets_numbered(connection, {*asked, *(row.ticket for row in pieces)}, lock=True)
    return tickets, _known(connection, pieces)


def followed(numbers: Collection[int], tickets: Sequence[Ticket]) -> set[int]:
    """Return the numbers with those of the tickets that they were merged into."""
    into = {ticket.number: ticket.merged_into for ticket in tickets}
    reached: set[int] = set()
    ahead = set(numbers)
    while ahead:
        reached |= ahead
        ahead = {target for number in ahead if (target := into.get(number)) is not None} - reached
    return reached


def cuts_of(connection: Connection, ticket: int) -> tuple[Cut, ...]:
    """Return the cuts that a ticket is of, the latest first; nothing is locked."""
    return _cuts(_pieces(connection, (ticket,)))


def _known(connection: Connection, rows: Sequence[Found]) -> tuple[KnownCut, ...]:
    """Return the cuts of rows with what the ledger says of their tickets."""
    return tuple(
        KnownCut(cut, quota_records(connection, *(piece.ticket for piece in cut.pieces))) for cut in _cuts(rows)
    )


def _cuts(rows: Sequence[Found]) -> tuple[Cut, ...]:
    """Return the cuts of rows; the latest made the newest tickets."""
    by_cut: dict[tuple[int, int], dict[int, Found]] = {}
    for row in rows:  # a line for each ticket asked for that is of the cut
        by_cut.setdefault((row.first, row.message), {})[row.ticket] = row
    cuts = [_cut(tuple(lines.values())) for lines in by_cut.values()]
    return tuple(sorted(cuts, key=lambda cut: max(piece.ticket for piece in cut.pieces), reverse=True))


def _cut(lines: Sequence[Found]) -> Cut:
    return Cut(
        first=lines[0].first,
        pieces=tuple(Piece(line.ticket, line.number, line.text, texts_of(line.files)) for line in lines),
        whole=next((whole_of(line.whole) for line in lines if line.whole), None),
        message=lines[0].message,
    )


def _pieces(connection: Connection, numbers: Collection[int]) -> Sequence[Found]:
    """Return the rows of all pieces of the cuts that these tickets are of, in the order of the mails."""
    asked = {f"of_ticket{position}": number for position, number in enumerate(sorted(numbers))}
    return look_up(connection, _pieces_of(len(asked)), asked).all()


@lru_cache(MOST_TICKETS)
def _pieces_of(count: int) -> sa.Select[*tuple[Any, ...]]:
    """Return the select for so many tickets: most mails ask for one."""
    own = ticket_part.alias("own")
    numbers = [sa.bindparam(f"of_ticket{position}", type_=BIG) for position in range(count)]
    same_cut = sa.and_(ticket_part.c.first == own.c.first, ticket_part.c.message == own.c.message)
    return (
        sa.select(ticket_part)
        .join_from(own, ticket_part, same_cut)
        .where(own.c.ticket.in_(numbers))
        .order_by(ticket_part.c.message, ticket_part.c.number)
    )
