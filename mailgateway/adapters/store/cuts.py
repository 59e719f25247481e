"""What cutting a message and undoing it write: parts, links between their tickets, and all that a join gives back."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mailgateway.adapters.store.changes import description_changes
from mailgateway.adapters.store.documents import texts_document, whole_document
from mailgateway.adapters.store.engine import Transaction
from mailgateway.adapters.store.merges import merge_changes
from mailgateway.adapters.store.parts import ticket_part
from mailgateway.adapters.store.quota import quota_changes, usage
from mailgateway.adapters.store.rows import Change, Row
from mailgateway.adapters.store.tables import ticket_link
from mailgateway.adapters.store.tickets import tickets_numbered
from mailgateway.app.ports import Merge
from mailgateway.model.cut import Cut, Join, Piece
from mailgateway.model.quota import QuotaEntryKind
from mailgateway.model.ticket import Ticket
from mailgateway.triage.thread import resolve

_PART = ticket_part.insert()
_FORGET_PARTS = ticket_part.delete().where(
    ticket_part.c.first == sa.bindparam("of_first"), ticket_part.c.message == sa.bindparam("of_message")
)
_LINK = {
    "sqlite": sqlite.insert(ticket_link).on_conflict_do_nothing().inline(),
    "postgresql": postgresql.insert(ticket_link).on_conflict_do_nothing().inline(),
}
_UNLINK = ticket_link.delete().where(
    ticket_link.c.ticket == sa.bindparam("of_ticket"), ticket_link.c.other == sa.bindparam("of_other")
)


def cut_changes(cuts: Sequence[Cut], dialect: str) -> tuple[Change, ...]:
    """Return what cuts insert, whose messages are on all their tickets by then: parts, and links both ways."""
    links = [
        {"ticket": one.ticket, "other": other.ticket}
        for cut in cuts
        for one in cut.pieces
        for other in cut.pieces
        if one.ticket != other.ticket
    ]
    return Change(_PART, [_row(cut, piece) for cut in cuts for piece in cut.pieces]), Change(_LINK[dialect], links)


def _row(cut: Cut, piece: Piece) -> Row:
    return {
        "ticket": piece.ticket,
        "message": cut.message,
        "number": piece.number,
        "first": cut.first,
        "text": piece.text,
        "files": texts_document(piece.files),
        "whole": whole_document(cut.whole) if cut.whole is not None and piece.ticket == cut.first else "",
    }


def join_changes(transaction: Transaction, joins: Sequence[Join], at: datetime) -> tuple[Change, ...]:
    """Return what undone cuts change.

    A ticket that became part of another since it was cut stays so: its words are there. Where that is the first one,
    the others become part of the same ticket, and nothing is described anew.
    """
    return tuple(change for join in joins for change in _join_changes(transaction, join, at))


def _join_changes(transaction: Transaction, join: Join, at: datetime) -> tuple[Change, ...]:
    connection, cut = transaction.connection, join.cut
    tickets = tickets_numbered(connection, (cut.first, *cut.others), lock=True)
    taken = [one for one in join.quota if one.kind is QuotaEntryKind.TAKEN]
    usage(transaction, [one.key for one in taken])  # a place is taken under the lock of its count
    merges = _merges(cut, tickets)
    is_merged = any(one.number == cut.first and one.merged_into is not None for one in tickets)
    described = [(cut.first, join.description)] if join.description is not None and not is_merged else []
    return (
        *merge_changes(merges, connection.dialect.name),
        # An entry writes down the priority of its moment: of a place that is given back the part's, of one that is
        # taken that of the ticket which takes it as a whole.
        *quota_changes([one for one in join.quota if one.kind is not QuotaEntryKind.TAKEN], at),
        *description_changes(described, at),
        *quota_changes(taken, at),
        Change(_FORGET_PARTS, [{"of_first": cut.first, "of_message": cut.message}]),
        Change(_UNLINK, [{"of_ticket": cut.first, "of_other": other} for other in cut.others]),
    )


def _merges(cut: Cut, tickets: Sequence[Ticket]) -> tuple[Merge, ...]:
    target = resolve(cut.first, tickets)
    into = cut.first if target is None else target.number
    whole = {one.number for one in tickets if one.merged_into is None}
    return tuple(Merge(other, into) for other in cut.others if other in whole and other != into)
