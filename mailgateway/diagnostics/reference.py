"""The keys of a table of a file that people edit, as rows of a Markdown table: for pages made from the models."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import get_origin

from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from mailgateway.diagnostics.fields import Section, is_list, parts_of, range_of, section_of, words_of

HEAD = ("| key | type | default | meaning |", "|---|---|---|---|")
"""The head of such a table."""
Types = tuple[tuple[object, str], ...]
"""What people call a value, the most special first: by the pattern of a text, a mark, or the Python type."""


def row(name: str, field: FieldInfo, types: Types) -> str:
    """Return a key with its type, default and meaning as a row."""
    default = "required" if field.is_required() else f"`{written(field.default)}`" if _has_default(field) else ""
    return cells(f"`{name}`", type_words(field, types), default, one_line(field.description))


def _has_default(field: FieldInfo) -> bool:
    return field.default is not None and field.default_factory is None


def cells(*texts: str) -> str:
    """Return texts as a row of a table."""
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def in_order(fields: Iterable[tuple[str, FieldInfo]]) -> list[tuple[str, FieldInfo]]:
    """Return keys with those first that are required."""
    return sorted(fields, key=lambda named: not named[1].is_required())


def keys_of(table: type[Section]) -> dict[str, FieldInfo]:
    """Return the keys of a table under their names in the file."""
    return {field.alias or name: field for name, field in table.model_fields.items()}


def type_words(field: FieldInfo, types: Types) -> str:
    """Return the type of a key in words, with the values it may have."""
    words = words_of(field)
    if words:
        return " or ".join(f"`{word}`" for word in words)
    kinds = {_kind_key(part) for part in (*parts_of(field.annotation), *field.metadata)}
    name = "table" if section_of(field) else next(name for kind, name in types if kind in kinds)
    numbers = range_of(field)
    return (f"list of {name.replace('address', 'addresse')}s" if is_list(field) else name) + (
        f", {numbers}" if numbers else ""
    )


def _kind_key(part: object) -> object:
    """Return what tells the type of a value: the form of a text, the mark of a file name, or the Python type."""
    if isinstance(part, StringConstraints):
        return part.pattern
    return part if isinstance(part, (str, type)) else get_origin(part)


def written(value: object) -> str:
    """Return a default as it is written in the file."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, Section):
        inside = (f"{name} = {written(getattr(value, name))}" for name in value.model_fields_set)
        return "{ " + ", ".join(inside) + " }"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {written(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)


def one_line(text: str | None) -> str:
    """Return a docstring on one line."""
    return " ".join((text or "").split())
