"""What is to be inserted, as values: rows for one table at a time, in an order that foreign keys allow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Row = dict[str, object]
"""What goes in: values by the name of column or parameter."""

Found = sa.Row[*tuple[Any, ...]]
"""What comes out of a select."""


@dataclass(frozen=True, slots=True)
class Change:
    """One statement and the rows it is executed for; nothing where there are none."""

    statement: sa.Insert | sa.Update | sa.Delete
    rows: Sequence[Mapping[str, object]]


def carry_out(connection: Connection, changes: Iterable[Change]) -> None:
    """Execute each change with all of its rows at once."""
    for change in changes:
        if change.rows:
            connection.execute(change.statement, change.rows)
