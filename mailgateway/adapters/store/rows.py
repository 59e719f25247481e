"""What is to be inserted, as values: rows for one table at a time, in an order that foreign keys allow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store import prepared
from mailgateway.adapters.store.columns import indexable

Row = dict[str, object]
"""What goes in: values by the name of column or parameter."""

Found = sa.Row[*tuple[Any, ...]]
"""What comes out of a select."""


@dataclass(frozen=True, slots=True)
class Change:
    """One statement and the rows it is executed for; nothing where there are none."""

    statement: sa.Insert | sa.Update | sa.Delete
    rows: Sequence[Mapping[str, object]]
    can_wait: bool = False
    """Whether no look-up of the same transaction needs it, so that many mails' rows can go in one statement."""


class Waiting:
    """Changes that wait for the end of a transaction; those of a savepoint that is rolled back are forgotten."""

    def __init__(self) -> None:
        self._changes: list[Change] = []

    def add(self, changes: Iterable[Change]) -> None:
        """Keep the changes that can wait."""
        self._changes.extend(change for change in changes if change.can_wait)

    def mark(self) -> int:
        """Return where a savepoint begins."""
        return len(self._changes)

    def forget(self, mark: int) -> None:
        """Drop what came since a mark."""
        del self._changes[mark:]

    def carry_out(self, connection: Connection) -> None:
        """Execute each statement once with the rows of all changes that share it, in their order."""
        rows: dict[sa.Insert | sa.Update | sa.Delete, list[Mapping[str, object]]] = {}
        for change in self._changes:
            rows.setdefault(change.statement, []).extend(change.rows)
        self._changes.clear()
        carry_out(connection, (Change(statement, together) for statement, together in rows.items()))


def carry_out(connection: Connection, changes: Iterable[Change]) -> None:
    """Execute each change with all of its rows at once."""
    for change in changes:
        if change.rows:
            prepared.change(connection, change.statement, change.rows)


def listed(ticket: int, name: str, texts: Sequence[str]) -> list[Row]:
    """Return the rows of texts that a ticket has in an order, each once; `name` is their column's."""
    once = dict.fromkeys(indexable(text) for text in texts)
    return [{"ticket": ticket, "position": position, name: text} for position, text in enumerate(once)]
