"""Recorded decisions, read page by page: each page is a short read transaction of its own that locks nothing.

Only what was there when reading began is read, so that a daemon that goes on deciding does not make it endless.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.documents import answers_of, effects_of, kept_facts, pairs_of, trace_of
from mailgateway.adapters.store.engine import Database
from mailgateway.adapters.store.quota import quota_entry
from mailgateway.adapters.store.rows import Found
from mailgateway.adapters.store.tables import event, mail, message, ticket, ticket_message
from mailgateway.app.ports import RecordedDecision, RecordedFacts, Window
from mailgateway.model.decision import Decision
from mailgateway.model.quota import QuotaEntryKind, QuotaKey, key_of
from mailgateway.model.ticket import EventKind
from mailgateway.rules.recount import HandAct

PAGE = 500
"""Decisions that are in memory at once."""
_NO_ISSUE = frozenset({"spam", "invalid"})
_CLOCKS_DIFFER = timedelta(days=1)
_ANY = 1
"""The priority of a place of which the ledger says none."""

_bind = sa.bindparam
# A mail is decided after it arrived, but for clocks that differ: no look at mails that were decided long before.
_IN_WINDOW = (
    message.c.id > _bind("after"),
    message.c.id <= _bind("last"),
    message.c.at >= _bind("decided_since"),
    mail.c.received_at >= _bind("since"),
    mail.c.received_at < _bind("until"),
)
_COUNT = sa.select(sa.func.count()).select_from(message.join(mail, mail.c.id == message.c.mail)).where(*_IN_WINDOW)
_LAST = sa.select(sa.func.coalesce(sa.func.max(message.c.id), 0))
_DECIDED = (
    sa.select(message.c.id, message.c.mail, message.c.at, mail.c.received_at, message.c.facts)
    .join_from(message, mail, mail.c.id == message.c.mail)
    .where(*_IN_WINDOW)
    .order_by(message.c.id)
    .limit(PAGE)
)
_TICKETS = (
    sa.select(ticket_message.c.message, ticket.c.number, ticket.c.ref, ticket.c.merged_into)
    .join_from(ticket_message, ticket)
    .where(ticket_message.c.message.in_(_bind("messages", expanding=True)))
    .order_by(ticket_message.c.message, ticket.c.number)
)
_OPENED = (
    sa.select(ticket_message.c.message, ticket.c.ref)
    .join_from(ticket_message, ticket)
    .join(message, message.c.id == ticket_message.c.message)
    .join(event, sa.and_(event.c.ticket == ticket.c.number, event.c.mail == message.c.mail))
    .where(ticket_message.c.message.in_(_bind("messages", expanding=True)), event.c.kind == EventKind.OPENED.value)
    .order_by(ticket_message.c.message, ticket.c.number.desc())
)
_PARTS = (
    sa.select(ticket_message.c.message, ticket.c.ref, event.c.details)
    .join_from(ticket_message, ticket)
    .join(message, message.c.id == ticket_message.c.message)
    .join(event, sa.and_(event.c.ticket == ticket.c.number, event.c.mail == message.c.mail))
    .where(
        ticket_message.c.message.in_(_bind("messages", expanding=True)),
        event.c.kind == EventKind.SPLIT.value,
        event.c.actor.like("rule:%"),
    )
    .order_by(event.c.id)
)
_TAKEN = (
    sa.select(quota_entry)
    .join_from(quota_entry, ticket)
    .where(
        ticket.c.ref == _bind("of_ref"),
        quota_entry.c.kind == QuotaEntryKind.TAKEN.value,
        quota_entry.c.at == _bind("of_at"),
    )
    .order_by(quota_entry.c.id)
)
_BY_HAND = (
    EventKind.MERGED,
    EventKind.TAGGED,
    EventKind.PRIORITY,
    EventKind.QUOTA_GIVEN_BACK,
    EventKind.QUOTA_TAKEN,
)
_WITH_PRIORITY = (
    sa.select(sa.func.min(quota_entry.c.priority))
    .where(
        event.c.kind == EventKind.QUOTA_TAKEN.value,
        quota_entry.c.ticket == event.c.ticket,
        quota_entry.c.at == event.c.at,
        quota_entry.c.kind == QuotaEntryKind.TAKEN.value,
    )
    .scalar_subquery()
)
_LAST_EVENT = sa.select(sa.func.coalesce(sa.func.max(event.c.id), 0))
_ACTS = (
    sa.select(event.c.id, event.c.at, event.c.kind, event.c.details, ticket.c.ref, _WITH_PRIORITY.label("priority"))
    .join_from(event, ticket, ticket.c.number == event.c.ticket)
    .where(
        event.c.id > _bind("after"),
        event.c.id <= _bind("last"),
        event.c.at >= _bind("since"),
        event.c.kind.in_([kind.value for kind in _BY_HAND]),
        event.c.actor.not_like("rule:%"),
    )
    .order_by(event.c.id)
    .limit(PAGE)
)
_DECISIONS = (
    sa.select(
        message.c.id,
        message.c.mail,
        message.c.at,
        message.c.facts,
        message.c.effects,
        message.c.trace,
        message.c.revision,
        message.c.answers,
        message.c.tzdata,
        message.c.program,
    )
    .join_from(ticket_message, message)
    .where(ticket_message.c.ticket == _bind("of_ticket"), message.c.incoming, message.c.revision != "")
    .order_by(message.c.id)
)


class RecordedDecisions:
    """The part of the store behind `rules replay` and `rules explain --ticket`."""

    _database: Database

    def count_decided(self, window: Window) -> int:
        """Return how many mails that arrived in a window were decided."""
        with self._reading() as connection:
            everything = {"after": 0, "last": connection.execute(_LAST).scalar_one(), **_times(window)}
            return int(connection.execute(_COUNT, everything).scalar_one())

    def decided(self, window: Window) -> Iterator[RecordedFacts]:
        """Yield the mails that arrived in a window and were decided until now, in the order of the decisions."""
        with self._reading() as connection:
            last = connection.execute(_LAST).scalar_one()
        page = self._page(window, 0, last)
        while page:
            yield from page
            page = self._page(window, page[-1].message, last) if len(page) == PAGE else []

    def _page(self, window: Window, after: int, last: int) -> list[RecordedFacts]:
        with self._reading() as connection:
            rows = connection.execute(_DECIDED, {"after": after, "last": last, **_times(window)}).all()
            on = _on(connection, [row.id for row in rows])
            tickets = _tickets(connection, on)
            parts = _parts(connection, [number for number, several in on.items() if len(several) > 1])
            recorded = (_recorded(connection, row, tickets.get(row.id, "")) for row in rows)
            return [replace(one, parts=parts.get(one.message, ())) for one in recorded]

    def hand_acts(self, window: Window) -> Iterator[HandAct]:
        """Yield what people did to tickets in a window that gives places of quotas back or takes some, oldest first."""
        with self._reading() as connection:
            last = connection.execute(_LAST_EVENT).scalar_one()
        after, found = 0, PAGE
        while found == PAGE:
            with self._reading() as connection:
                rows = connection.execute(_ACTS, {"after": after, "last": last, "since": window.since}).all()
            yield from (act for row in rows if (act := _act(row)) is not None)
            after, found = (rows[-1].id if rows else after), len(rows)

    def decisions(self, ticket: int) -> tuple[RecordedDecision, ...]:
        """Return the decisions on the mails of a ticket, oldest first."""
        with self._reading() as connection:
            return tuple(_decision(row) for row in connection.execute(_DECISIONS, {"of_ticket": ticket}))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._database.read() as connection:
            if self._database.is_postgres:
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            yield connection


def _times(window: Window) -> dict[str, datetime]:
    return {"since": window.since, "until": window.until, "decided_since": window.since - _CLOCKS_DIFFER}


def _on(connection: Connection, messages: Sequence[int]) -> dict[int, list[Found]]:
    """Return the tickets each message is on."""
    on: dict[int, list[Found]] = {}
    if messages:
        for row in connection.execute(_TICKETS, {"messages": list(messages)}):
            on.setdefault(row.message, []).append(row)
    return on


def _tickets(connection: Connection, on: Mapping[int, Sequence[Found]]) -> dict[int, str]:
    """Return the ticket each message opened or was put on; not the ones that took that ticket over by hand later."""
    # Where one of the tickets became part of another, history says which was there first.
    merged = [number for number, rows in on.items() if _into(rows)]
    opened = connection.execute(_OPENED, {"messages": merged}).all() if merged else ()
    return {number: _first(rows).ref for number, rows in on.items()} | {row.message: row.ref for row in opened}


def _parts(connection: Connection, messages: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the tickets that rules cut messages into, in the order of the parts, also where that was undone."""
    found: dict[int, dict[int, str]] = {}
    for row in connection.execute(_PARTS, {"messages": list(messages)}) if messages else ():
        number = dict(pairs_of(row.details)).get("part", "")
        if number.isdecimal():
            found.setdefault(row.message, {})[int(number)] = row.ref
    return {number: tuple(refs[part] for part in sorted(refs)) for number, refs in found.items()}


def _first(rows: Sequence[Found]) -> Found:
    return next((row for row in rows if row.number not in _into(rows)), rows[0])


def _into(rows: Sequence[Found]) -> frozenset[int]:
    """Return which of the tickets took others of them over."""
    return frozenset(row.merged_into for row in rows) & frozenset(row.number for row in rows)


def _recorded(connection: Connection, row: Found, ref: str) -> RecordedFacts:
    facts = kept_facts(row.facts)
    if facts is not None:
        return RecordedFacts(row.id, row.mail, row.at, row.received_at, ref, facts)
    entries = connection.execute(_TAKEN, {"of_ref": ref, "of_at": row.at}).all() if ref else ()
    taken = tuple((QuotaKey(one.quota, one.holder, one.period), int(one.priority)) for one in entries)
    return RecordedFacts(row.id, row.mail, row.at, row.received_at, ref, None, taken)


def _act(row: Found) -> HandAct | None:
    """Return what an event gives back or takes, None where nothing."""
    details = dict(pairs_of(row.details))
    match EventKind(row.kind):
        case EventKind.MERGED if "into" in details:
            return HandAct(row.at, row.ref)
        case EventKind.TAGGED if details.get("tags") in _NO_ISSUE:
            return HandAct(row.at, row.ref)
        case EventKind.PRIORITY if details.get("to", "").isdecimal():
            return HandAct(row.at, row.ref, below=int(details["to"]))
        case EventKind.QUOTA_GIVEN_BACK | EventKind.QUOTA_TAKEN if key := key_of(details.items()):
            taken = row.kind == EventKind.QUOTA_TAKEN.value
            return HandAct(row.at, row.ref, key, takes=(row.priority or _ANY) if taken else 0)
        case _:
            return None


def _decision(row: Found) -> RecordedDecision:
    decision = Decision(
        effects=effects_of(row.effects),
        trace=trace_of(row.trace),
        revision=row.revision,
        answers=answers_of(row.answers),
        tzdata=row.tzdata,
    )
    return RecordedDecision(row.id, row.mail, row.at, kept_facts(row.facts), decision, row.program)
