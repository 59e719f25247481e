"""Events as rows and rows as events."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from mailgateway.adapters.store.columns import printable
from mailgateway.adapters.store.documents import pairs_document, pairs_of
from mailgateway.adapters.store.rows import Change, Found
from mailgateway.adapters.store.tables import event, ticket
from mailgateway.model.ticket import Event, EventKind

_EVENT = event.insert().inline()
_CHANGED = ticket.update().where(ticket.c.number == sa.bindparam("of_ticket")).values(changed_at=sa.bindparam("at"))


def event_changes(events: Iterable[Event]) -> tuple[Change, ...]:
    """Return what events insert, in their order."""
    return (
        Change(
            _EVENT,
            [
                {
                    "at": one.at,
                    "kind": one.kind.value,
                    "actor": printable(one.actor),
                    "because": printable(one.because),
                    "ticket": one.ticket,
                    "mail": one.mail,
                    "details": pairs_document(one.details),
                }
                for one in events
            ],
            can_wait=True,
        ),
    )


def touched_changes(events: Sequence[Event], new: frozenset[int] = frozenset()) -> tuple[Change, ...]:
    """Return what sets `changed_at` of the tickets that events are about.

    Args:
        events: In their order.
        new: Tickets written in this moment, which have the right time.
    """
    latest = {one.ticket: one.at for one in events if one.ticket is not None and one.ticket not in new}
    return (Change(_CHANGED, [{"of_ticket": number, "at": latest[number]} for number in sorted(latest)]),)


def event_of(row: Found) -> Event:
    """Return the event of a row with the columns of `event`."""
    return Event(row.at, EventKind(row.kind), row.actor, row.because, row.ticket, row.mail, pairs_of(row.details))
