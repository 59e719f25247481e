"""The transaction in which a person changes tickets: they are locked first, then decided about, then written."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.changes import (
    description_changes,
    hand_priority_changes,
    status_changes,
    tag_changes,
)
from mailgateway.adapters.store.cuts import cut_changes, join_changes
from mailgateway.adapters.store.engine import Transaction
from mailgateway.adapters.store.events import event_changes, event_of, touched_changes
from mailgateway.adapters.store.merges import merge_changes, shared_changes
from mailgateway.adapters.store.messages import sent_changes
from mailgateway.adapters.store.new_tickets import new_ticket_changes
from mailgateway.adapters.store.outgoing import outgoing_changes
from mailgateway.adapters.store.parts import followed, locked_with_cuts
from mailgateway.adapters.store.quota import quota_changes, quota_records, usage
from mailgateway.adapters.store.rows import Change, carry_out
from mailgateway.adapters.store.tables import event
from mailgateway.adapters.store.words import author, words
from mailgateway.app.ports import Author, HandChange, Words
from mailgateway.model.cut import Cut, Description, KnownCut
from mailgateway.model.quota import QuotaEntryKind, QuotaKey, QuotaRecord, Usage
from mailgateway.model.ticket import Event, Ticket

_HISTORY = sa.select(event).where(event.c.ticket == sa.bindparam("of_ticket")).order_by(event.c.id)


class SqlByHand:
    """Fulfils `ByHand`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def tickets(self, numbers: Sequence[int]) -> tuple[Ticket, ...]:
        """Return those that exist, and those they were merged into, by number; locked against other writers."""
        found, _ = locked_with_cuts(self._transaction.connection, numbers)
        reached = followed(numbers, found)
        return tuple(one for one in found if one.number in reached)

    def quota(self, ticket: int) -> tuple[QuotaRecord, ...]:
        """Return what the ledger of quotas says of a ticket, oldest first."""
        return quota_records(self._transaction.connection, ticket)

    def history(self, ticket: int) -> tuple[Event, ...]:
        """Return a ticket's events, oldest first."""
        return history(self._transaction.connection, ticket)

    def words(self, ticket: int) -> tuple[Words, ...]:
        """Return what customers' people wrote on a ticket, but for what is cut, newest first."""
        return words(self._transaction.connection, ticket)

    def author(self, message: int, ticket: Ticket, now: datetime) -> Author | None:
        """Return who wrote a message that is on a ticket; None where what was read of it is no longer kept."""
        return author(self._transaction.connection, message, ticket, now)

    def cuts(self, ticket: int) -> tuple[KnownCut, ...]:
        """Return the cuts, not undone, that a ticket is of, the latest first; their tickets are locked."""
        _, found = locked_with_cuts(self._transaction.connection, (ticket,))
        return tuple(one for one in found if any(piece.ticket == ticket for piece in one.cut.pieces))

    def usage(self, keys: Sequence[QuotaKey]) -> tuple[Usage, ...]:
        """Return how much is used of quotas, in the order of the keys; locked against other writers."""
        return usage(self._transaction, keys)

    def take_numbers(self, count: int) -> tuple[int, ...]:
        """Return fresh ticket numbers; gaps are allowed."""
        return self._transaction.numbers.take("ticket_number", count)

    def take_outbox(self, count: int) -> tuple[int, ...]:
        """Return fresh outbox ids; gaps are allowed."""
        return self._transaction.numbers.take("outbox_number", count)

    def write(self, change: HandChange) -> None:
        """Write what is changed."""
        carry_out(self._transaction.connection, _changes(self._transaction, change))


def _changes(transaction: Transaction, change: HandChange) -> tuple[Change, ...]:
    """Return all that a hand changes, what only depends on what was there before first."""
    dialect = transaction.connection.dialect.name
    taken = [one for one in change.quota if one.kind is QuotaEntryKind.TAKEN]
    others = [one for one in change.quota if one.kind is not QuotaEntryKind.TAKEN]
    new = frozenset(one.number for one in change.tickets)
    numbers = transaction.numbers.take("message_number", len(change.outgoing))
    return (
        *new_ticket_changes(change.tickets, change.at, dialect),
        *outgoing_changes(change.outgoing, change.at),
        *sent_changes(change.outgoing, numbers, change.at),
        *merge_changes(change.merges, dialect),
        *join_changes(transaction, change.joins, change.at),
        *status_changes(change.status_changes, change.at),
        # An entry writes down the priority that the ticket has while it is made: of a place that is given back or
        # granted the one before all that changes here, of one that is taken the one that takes it.
        *quota_changes(others, change.at),
        *shared_changes(change.cuts, dialect),
        *cut_changes(change.cuts, dialect),
        *description_changes(_cut_descriptions(change.cuts), change.at),
        *hand_priority_changes(change.priority_changes, change.kept_priorities, change.at),
        *quota_changes(taken, change.at),
        *tag_changes(change.tags_added, dialect),
        *event_changes(change.events),
        *touched_changes(change.events, new),
    )


def _cut_descriptions(cuts: Sequence[Cut]) -> list[tuple[int, Description]]:
    return [(cut.first, cut.whole.after) for cut in cuts if cut.whole is not None]


def history(connection: Connection, ticket: int) -> tuple[Event, ...]:
    """Return a ticket's events, oldest first."""
    return tuple(event_of(row) for row in connection.execute(_HISTORY, {"of_ticket": ticket}))
