"""Statements compiled once and then given to the driver as text.

For the few statements that are executed for every mail: SQLAlchemy's way through its cache costs more than SQLite takes
to carry them out. Events and errors are SQLAlchemy's as ever; values go in by the types of the columns, and come out
as the driver has them, so a statement whose rows hold times is not for this.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult, Dialect

Statement = sa.Select[*tuple[Any, ...]] | sa.Insert | sa.Update | sa.Delete

_MOST = 256
"""Statements that are kept; there are far fewer."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as the driver takes it.

    Attributes:
        sql: The text.
        names: Of its parameters, in their order, where the driver takes them by position.
        by_position: Whether it does.
        fixed: Parameters whose value is part of the statement.
        processors: What makes the driver's value of ours, for the parameters that need it.
    """

    sql: str
    names: tuple[str, ...]
    by_position: bool
    fixed: Mapping[str, object]
    processors: Mapping[str, Callable[[Any], Any]]

    def parameters(self, row: Mapping[str, object]) -> tuple[object, ...] | dict[str, object]:
        """Return a row as the driver takes it."""
        values = {**self.fixed, **row}
        for name, process in self.processors.items():
            values[name] = process(values[name])
        if self.by_position:
            return tuple([values[name] for name in self.names])
        return {name: values[name] for name in self.names}


def look_up(connection: Connection, statement: Statement, row: Mapping[str, object]) -> "CursorResult[Any]":
    """Execute a select; its rows have the driver's values under the names of the columns."""
    prepared = _prepared(statement, connection.dialect, ())
    return connection.exec_driver_sql(prepared.sql, prepared.parameters(row))


def change(connection: Connection, statement: Statement, rows: Sequence[Mapping[str, object]]) -> None:
    """Execute a statement for all rows at once; they have the same names."""
    prepared = _prepared(statement, connection.dialect, tuple(rows[0]))
    connection.exec_driver_sql(prepared.sql, [prepared.parameters(row) for row in rows])


@lru_cache(_MOST)
def _prepared(statement: Statement, dialect: Dialect, columns: tuple[str, ...]) -> _Prepared:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns) or None)
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    processors = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
    return _Prepared(
        sql=str(compiled),
        names=tuple(compiled.positiontup or binds),
        by_position=compiled.positional,
        fixed={name: bind.effective_value for name, bind in binds.items() if not bind.required},
        processors={name: process for name, process in processors.items() if process is not None},
    )
