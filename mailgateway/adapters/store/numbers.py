"""Numbers taken before their rows are written: sequences on PostgreSQL, a counter table on SQLite."""

from collections import deque
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.tables import counter

_BLOCK = 32
_IN_BLOCKS = frozenset({"message_number", "outbox_number"})  # nobody sees these, so a round trip fetches many

_COUNTERS = sa.select(counter.c.name, counter.c.value)
_SET_COUNTER = counter.update().where(counter.c.name == sa.bindparam("of")).values(value=sa.bindparam("last"))
_NEXT = sa.text("SELECT nextval(CAST(:name AS regclass)) FROM generate_series(1, :count)")


class Numbers(Protocol):
    """Numbers of one transaction."""

    def take(self, sequence: str, count: int) -> tuple[int, ...]:
        """Return fresh numbers of a sequence (`tables.SEQUENCES`), ascending."""

    def settle(self) -> None:
        """Write down what was taken; called once, before the commit."""


class CountedNumbers:
    """On SQLite: read once, counted in memory (there is no other writer), written once before the commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last: dict[str, int] = {}
        self._taken: set[str] = set()

    def take(self, sequence: str, count: int) -> tuple[int, ...]:
        """Return fresh numbers of a sequence, ascending."""
        if not count:
            return ()
        if not self._last:
            self._last = {row.name: row.value for row in self._connection.execute(_COUNTERS)}
        first = self._last[sequence] + 1
        self._last[sequence] += count
        self._taken.add(sequence)
        return tuple(range(first, first + count))

    def settle(self) -> None:
        """Write down what was taken."""
        if self._taken:
            rows = [{"of": name, "last": self._last[name]} for name in sorted(self._taken)]
            self._connection.execute(_SET_COUNTER, rows)


class SequenceNumbers:
    """On PostgreSQL: taken at once and for ever, whatever becomes of the transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._spare: dict[str, deque[int]] = {name: deque() for name in _IN_BLOCKS}

    def take(self, sequence: str, count: int) -> tuple[int, ...]:
        """Return fresh numbers of a sequence, ascending."""
        if not count:
            return ()
        if sequence not in _IN_BLOCKS:
            return self._fetch(sequence, count)
        spare = self._spare[sequence]
        if len(spare) < count:
            spare.extend(self._fetch(sequence, max(_BLOCK, count)))
        return tuple(spare.popleft() for _ in range(count))

    def _fetch(self, sequence: str, count: int) -> tuple[int, ...]:
        return tuple(self._connection.execute(_NEXT, {"name": sequence, "count": count}).scalars())

    def settle(self) -> None:
        """Nothing is left to write."""


def numbers_for(connection: Connection) -> Numbers:
    """Return the numbers of a transaction."""
    if connection.dialect.name == "sqlite":
        return CountedNumbers(connection)
    return SequenceNumbers(connection)
