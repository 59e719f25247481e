"""How commands print: JSON lines for programs, tables for people, errors on standard error.

Colours appear on a terminal only, and never where NO_COLOR is set. Exit codes: 0 fine, 1 error, 2 wrong usage.
"""

import dataclasses
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from enum import Enum
from pathlib import PurePath

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mailgateway.adapters.files import LoadedConfig
from mailgateway.diagnostics import DiagnosedError, Diagnostic, printable, render
from mailgateway.errors import MailgatewayError

EXIT_ERROR = 1

_WIDE = 1000  # columns where nobody looks: a pipe gets every cell whole, on one line


def _jsonable(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if isinstance(value, (Enum, PurePath)):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def json_line(value: object) -> str:
    """Return a value as JSON on one line: dataclasses and models as objects, times as ISO 8601, enums as their text."""
    line = json.dumps(value, default=_jsonable, ensure_ascii=False)
    return line if _shows(line) else json.dumps(value, default=_jsonable)


def _shows(line: str) -> bool:
    """Return whether a line can be written as it is: no control characters, and all of it in the output's encoding."""
    try:
        line.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return line.isprintable()


def print_json(*values: object) -> None:
    """Print values as JSON, one a line."""
    for value in values:
        sys.stdout.write(json_line(value) + "\n")
    sys.stdout.flush()


def _console(*, stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False, emoji=False, markup=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if value is None:
        return Text("")
    if isinstance(value, (tuple, list)):
        return Text(printable(", ".join(map(str, value))))
    return Text(printable(str(value)))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table for people.

    Args:
        columns: The headings.
        rows: One value for each column: text, numbers, times, None for nothing, tuples (joined by commas) or
            rich `Text` where a colour matters.
    """
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*map(_cell, row))
    _console().print(table)


def print_fields(fields: Mapping[str, object]) -> None:
    """Print names and values below each other, for one thing shown to people."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in fields.items():
        table.add_row(name, _cell(value))
    _console().print(table)


def print_text(text: str) -> None:
    """Print text for people on standard output; control characters are made visible."""
    sys.stdout.write(printable(text) + "\n")


def print_diagnostics(diagnostics: Sequence[Diagnostic], texts: Mapping[str, str]) -> None:
    """Print faults of files on standard output, for a command whose result they are; nothing where there are none."""
    if diagnostics:
        console = _console()
        color = console.is_terminal and not console.no_color
        sys.stdout.write(render(diagnostics, texts, color=color) + "\n\n")


def _report(word: str, style: str, text: str) -> None:
    _console(stderr=True).print(Text.assemble((f"{word}: ", style), printable(text)), soft_wrap=True)


def note(text: str) -> None:
    """Print a remark on standard error."""
    _console(stderr=True).print(Text(printable(text)), soft_wrap=True)


def warn(text: str) -> None:
    """Print a warning on standard error."""
    _report("warning", "bold yellow", text)


def report_warnings(loaded: LoadedConfig) -> None:
    """Print what an admin should look at in the configuration, on standard error."""
    if loaded.warnings:
        _print_rendered(loaded.warning_text(color=_colors()))


def fail(error: MailgatewayError) -> None:
    """Print an error on standard error, in full; faults of a file with their lines."""
    if isinstance(error, DiagnosedError):
        _print_rendered(error.render(color=_colors()))
    else:
        _report("error", "bold red", str(error))


def _colors() -> bool:
    console = _console(stderr=True)
    return console.is_terminal and not console.no_color


def _print_rendered(text: str) -> None:
    sys.stderr.write(text + "\n\n")
    sys.stderr.flush()


@contextmanager
def errors_told() -> Iterator[None]:
    """Turn a MailgatewayError into one message on standard error and exit code 1.

    Raises:
        typer.Exit: In its place.
    """
    try:
        yield
    except MailgatewayError as error:
        fail(error)
        raise typer.Exit(EXIT_ERROR) from error
