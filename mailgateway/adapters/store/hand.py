"""The transaction in which a person changes tickets: they are locked first, then decided about, then written."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.changes import hand_priority_changes, status_changes, tag_changes
from mailgateway.adapters.store.engine import Transaction
from mailgateway.adapters.store.events import event_changes, event_of, touched_changes
from mailgateway.adapters.store.quota import quota_changes, quota_records
from mailgateway.adapters.store.rows import Change, carry_out
from mailgateway.adapters.store.tables import event, participant, ticket, ticket_message
from mailgateway.adapters.store.tickets import tickets_numbered
from mailgateway.app.ports import HandChange, Merge
from mailgateway.model.quota import QuotaRecord
from mailgateway.model.ticket import Event, Status, Ticket

_bind = sa.bindparam
_HISTORY = sa.select(event).where(event.c.ticket == _bind("of_ticket")).order_by(event.c.id)
_MERGED = (
    ticket.update()
    .where(ticket.c.number == _bind("of_ticket"))
    .values(status=Status.MERGED.value, merged_into=_bind("into"))
)
_INTO = _bind("into", type_=ticket.c.number.type)
_LAST = (
    sa.select(sa.func.coalesce(sa.func.max(participant.c.position), -1) + 1)
    .where(participant.c.ticket == _INTO)
    .scalar_subquery()
)
_THEIRS = sa.select(_INTO, _LAST + participant.c.position, participant.c.address).where(
    participant.c.ticket == _bind("of_ticket")
)
_PLACES = sa.select(
    _INTO, ticket_message.c.message, ticket_message.c.visibility, ticket_message.c.verified
).where(ticket_message.c.ticket == _bind("of_ticket"))  # fmt: skip
_PARTICIPANT_COLUMNS = ["ticket", "position", "address"]
_PLACE_COLUMNS = ["ticket", "message", "visibility", "verified"]
_PARTICIPANTS = {
    "sqlite": sqlite.insert(participant).from_select(_PARTICIPANT_COLUMNS, _THEIRS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(participant).from_select(_PARTICIPANT_COLUMNS, _THEIRS).on_conflict_do_nothing(),
}
_MESSAGES = {
    "sqlite": sqlite.insert(ticket_message).from_select(_PLACE_COLUMNS, _PLACES).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(ticket_message).from_select(_PLACE_COLUMNS, _PLACES).on_conflict_do_nothing(),
}


class SqlByHand:
    """Fulfils `ByHand`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def tickets(self, numbers: Sequence[int]) -> tuple[Ticket, ...]:
        """Return those that exist, and those they were merged into, by number; locked against other writers."""
        return tickets_numbered(self._transaction.connection, numbers, lock=True)

    def quota(self, ticket: int) -> tuple[QuotaRecord, ...]:
        """Return what the ledger of quotas says of a ticket, oldest first."""
        return quota_records(self._transaction.connection, ticket)

    def history(self, ticket: int) -> tuple[Event, ...]:
        """Return a ticket's events, oldest first."""
        return history(self._transaction.connection, ticket)

    def write(self, change: HandChange) -> None:
        """Write what is changed."""
        connection = self._transaction.connection
        dialect = connection.dialect.name
        changes = (
            *_merge_changes(change.merges, dialect),
            *status_changes(change.status_changes, change.at),
            # Before the priority: an entry writes down the priority that the ticket has while it is made.
            *quota_changes(change.quota, change.at),
            *hand_priority_changes(change.priority_changes, change.kept_priorities, change.at),
            *tag_changes(change.tags_added, dialect),
            *event_changes(change.events),
            *touched_changes(change.events),
        )
        carry_out(connection, changes)


def history(connection: Connection, ticket: int) -> tuple[Event, ...]:
    """Return a ticket's events, oldest first."""
    return tuple(event_of(row) for row in connection.execute(_HISTORY, {"of_ticket": ticket}))


def _merge_changes(merges: Sequence[Merge], dialect: str) -> tuple[Change, ...]:
    """Return what merges change: the other ticket gets people and messages, and the merged one keeps its own.

    That a merged ticket stays as it was is what makes it possible to look back, and to take the merge back.
    """
    rows = [{"of_ticket": one.ticket, "into": one.into} for one in merges]
    return Change(_MERGED, rows), Change(_PARTICIPANTS[dialect], rows), Change(_MESSAGES[dialect], rows)
