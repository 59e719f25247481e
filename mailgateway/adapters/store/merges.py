"""Tickets that become part of others: the other gets people and messages, and the merged one keeps its own.

That a merged ticket stays as it was is what makes it possible to look back, and to take the merge back.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mailgateway.adapters.store.rows import Change
from mailgateway.adapters.store.tables import participant, ticket, ticket_message
from mailgateway.app.ports import Merge
from mailgateway.model.cut import Cut
from mailgateway.model.ticket import Status

_bind = sa.bindparam
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
_PLACE = _PLACES.where(ticket_message.c.message == _bind("of_message"))
_PARTICIPANT_COLUMNS = ["ticket", "position", "address"]
_PLACE_COLUMNS = ["ticket", "message", "visibility", "verified"]


class _Inserts:
    """The statements that copy from ticket to ticket, in one dialect: what is there already is passed over."""

    def __init__(self, dialect: str) -> None:
        insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
        self.people = insert(participant).from_select(_PARTICIPANT_COLUMNS, _THEIRS).on_conflict_do_nothing()
        self.messages = insert(ticket_message).from_select(_PLACE_COLUMNS, _PLACES).on_conflict_do_nothing()
        self.message = insert(ticket_message).from_select(_PLACE_COLUMNS, _PLACE).on_conflict_do_nothing()


_INSERT = {dialect: _Inserts(dialect) for dialect in ("sqlite", "postgresql")}


def merge_changes(merges: Sequence[Merge], dialect: str) -> tuple[Change, ...]:
    """Return what merges change."""
    rows = [{"of_ticket": one.ticket, "into": one.into} for one in merges]
    insert = _INSERT[dialect]
    return Change(_MERGED, rows), Change(insert.people, rows), Change(insert.messages, rows)


def shared_changes(cuts: Sequence[Cut], dialect: str) -> tuple[Change, ...]:
    """Return what puts messages that are cut, as they stand on the first ticket, and its people on the others."""
    rows = [{"of_ticket": cut.first, "into": other, "of_message": cut.message} for cut in cuts for other in cut.others]
    insert = _INSERT[dialect]
    return Change(insert.people, rows), Change(insert.message, rows)
