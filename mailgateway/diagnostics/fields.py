"""The models of files that people edit, and what they know about a key: its table, its type, its range, in words."""

from collections.abc import Iterator
from typing import Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from mailgateway.diagnostics.values import KeyPath

_GROUPED = 1_000_000  # numbers from here are written with commas


class Section(BaseModel):
    """A table of a file that people edit: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)


def section_of(field: FieldInfo) -> type[Section] | None:
    """Return the table a key holds, also where it is a list of tables; None for a plain value."""
    return next(
        (part for part in parts_of(field.annotation) if isinstance(part, type) and issubclass(part, Section)), None
    )


def is_list(field: FieldInfo) -> bool:
    """Return whether a key holds a list."""
    return get_origin(field.annotation) is tuple


def words_of(field: FieldInfo) -> tuple[str, ...]:
    """Return the only texts a key may have, () where it is free."""
    return tuple(
        str(part) for part in parts_of(field.annotation) if get_origin(part) is Literal for part in get_args(part)
    )


def field_at(root: type[Section], path: KeyPath) -> FieldInfo | None:
    """Return the field a path leads to, None where the models have no such key. Indexes lead into lists."""
    section: type[Section] | None = root
    field = None
    for name in (part for part in path if isinstance(part, str)):
        field = _field(section, name) if section else None
        section = section_of(field) if field else None
    return field


def _field(section: type[Section], name: str) -> FieldInfo | None:
    """Return a field by the name it has in the file."""
    by_alias = (field for field in section.model_fields.values() if field.alias == name)
    return section.model_fields.get(name) or next(by_alias, None)


def names_of(section: type[Section]) -> list[str]:
    """Return the names of a table's keys as they stand in the file, in the order of the model."""
    return [field.alias or name for name, field in section.model_fields.items()]


def section_at(root: type[Section], path: KeyPath) -> type[Section] | None:
    """Return the table a path leads to, None where it is none; the empty path is the root."""
    if not any(isinstance(part, str) for part in path):
        return root
    field = field_at(root, path)
    return section_of(field) if field else None


def tables(root: type[Section], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], type[Section]]]:
    """Yield every table below a table with the names that lead to it, in the order of the models."""
    for name, field in root.model_fields.items():
        section = section_of(field)
        if section:
            yield (*path, name), section
            yield from tables(section, (*path, name))


def range_of(field: FieldInfo) -> str:
    """Return the numbers a key may have, such as `from 1 to 65535`, "" where there is no bound."""
    bounds = {type(bound): _bound(bound) for bound in _metadata(field) if isinstance(bound, (Ge, Gt, Le))}
    if bounds.keys() == {Ge, Le}:
        return f"from {bounds[Ge][1]} to {bounds[Le][1]}"
    return ", ".join(f"{words} {number}" for words, number in bounds.values())


def _metadata(field: FieldInfo) -> Iterator[object]:
    """Yield what is said of a key's values, also where it stands in an alternative such as `Number | None`."""
    yield from field.metadata
    for part in parts_of(field.annotation):
        if isinstance(part, FieldInfo):
            yield from part.metadata


def _bound(bound: Ge | Gt | Le) -> tuple[str, str]:
    match bound:
        case Ge():
            return "at least", _number(bound.ge)
        case Gt():
            return "more than", _number(bound.gt)
        case Le():
            return "at most", _number(bound.le)


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and value >= _GROUPED else str(value)


def parts_of(annotation: object) -> Iterator[object]:
    """Yield an annotation and all that it is made of."""
    yield annotation
    if get_origin(annotation) is not Literal:
        for part in get_args(annotation):
            yield from parts_of(part)
