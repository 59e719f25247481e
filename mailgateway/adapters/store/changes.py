"""What changes tickets that exist: status, priority, tags. The same rows for a mail's outcome and a person's hand."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mailgateway.adapters.store.columns import indexable
from mailgateway.adapters.store.rows import Change, listed
from mailgateway.adapters.store.tables import ticket, ticket_tag
from mailgateway.model.cut import Description
from mailgateway.model.decision import PriorityChange, StatusChange, TagsAdded

_bind = sa.bindparam
_OF_TICKET = ticket.update().where(ticket.c.number == _bind("of_ticket"))
_STATUS = _OF_TICKET.values(status=_bind("new_status"), changed_at=_bind("at"))
_PRIORITY = _OF_TICKET.values(priority=_bind("new_priority"), changed_at=_bind("at"))
# Whoever decides has locked the ticket and seen the mark; that a person wins is said once more where it is written.
_PRIORITY_BY_RULE = _PRIORITY.where(ticket.c.priority_by_hand.is_(sa.false()))
_DESCRIPTION = _STATUS.values(
    title=_bind("new_title"), queue=_bind("new_queue"), kind=_bind("new_kind"), priority=_bind("new_priority")
)
_NO_TAGS = ticket_tag.delete().where(ticket_tag.c.ticket == _bind("of_ticket"))
_TAGS = ticket_tag.insert()
_BY_HAND = _OF_TICKET.values(priority_by_hand=True)
_BEHIND = sa.select(
    _bind("of_ticket", type_=ticket_tag.c.ticket.type),
    sa.func.coalesce(sa.func.max(ticket_tag.c.position), -1) + 1,
    _bind("new_tag", type_=sa.Text),
).where(ticket_tag.c.ticket == _bind("of_ticket"))
_COLUMNS = ["ticket", "position", "tag"]
_TAG = {
    "sqlite": sqlite.insert(ticket_tag).from_select(_COLUMNS, _BEHIND).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(ticket_tag).from_select(_COLUMNS, _BEHIND).on_conflict_do_nothing(),
}


def status_changes(changes: Sequence[StatusChange], at: datetime) -> tuple[Change, ...]:
    """Return what new statuses update."""
    rows = [{"of_ticket": one.ticket, "new_status": one.status.value, "at": at} for one in changes]
    return (Change(_STATUS, rows),)


def priority_changes(changes: Sequence[PriorityChange], at: datetime) -> tuple[Change, ...]:
    """Return what new priorities update that a rule gives: not where a person set the priority."""
    return (Change(_PRIORITY_BY_RULE, _priority_rows(changes, at)),)


def hand_priority_changes(changes: Sequence[PriorityChange], kept: Sequence[int], at: datetime) -> tuple[Change, ...]:
    """Return what new priorities update that a person gives.

    Args:
        changes: On any tickets.
        kept: The tickets whose priority no rule changes from now on.
        at: Aware, UTC.
    """
    return Change(_PRIORITY, _priority_rows(changes, at)), Change(_BY_HAND, [{"of_ticket": number} for number in kept])


def description_changes(described: Sequence[tuple[int, Description]], at: datetime) -> tuple[Change, ...]:
    """Return what makes tickets what descriptions say; tags that these do not name go."""
    rows = [
        {
            "of_ticket": number,
            "new_title": one.title,
            "new_status": one.status.value,
            "new_queue": one.queue,
            "new_kind": one.kind,
            "new_priority": one.priority,
            "at": at,
        }
        for number, one in described
    ]
    tags = [row for number, one in described for row in listed(number, "tag", one.tags)]
    numbers = [{"of_ticket": number} for number, _ in described]
    return Change(_DESCRIPTION, rows), Change(_NO_TAGS, numbers), Change(_TAGS, tags)


def _priority_rows(changes: Sequence[PriorityChange], at: datetime) -> list[dict[str, object]]:
    return [{"of_ticket": one.ticket, "new_priority": one.priority, "at": at} for one in changes]


def tag_changes(added: Sequence[TagsAdded], dialect: str) -> tuple[Change, ...]:
    """Return what new tags insert, behind those that are there; a tag that is there is passed over."""
    rows = [{"of_ticket": one.ticket, "new_tag": indexable(tag)} for one in added for tag in one.tags]
    return (Change(_TAG[dialect], rows),)
