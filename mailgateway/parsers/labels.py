"""Lines that name something and its value: `Label: value`, a cell beside another, a label alone above its value."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_MAX_LABEL = 60
_MAX_WORDS = 6
_MAX_LINE = 2_000
_FRAME = "*_#>•·-–—|[]()「」【】■◆●○:\uff1a \t"  # noqa: RUF001 -- forms really have them
_SPACES = re.compile(r"[\s_-]+")
_NUMBER = re.compile(r"(?:\d{1,2}[.)]|\(\d{1,2}\))\s*(?=\D)")
# Tried in this order; each is a fixed string, so a line is read a bounded number of times.
_BETWEEN = ("\t", " | ", ":", "\uff1a", " = ", "=>", " – ", " - ")  # noqa: RUF001 -- the dash of word processors
_SURE = frozenset({"\t", " | ", ":", "\uff1a"})
_RULE = frozenset("-_=*~+# \t—–.")  # noqa: RUF001 -- as above


@dataclass(frozen=True, slots=True)
class Labelled:
    """A line with a label.

    Attributes:
        label: As it is written, without marks around it.
        value: What stands beside it on the line, "" where nothing does.
        key: What the label is known as, "" where it is not known.
        cell: Whether it is a table's row.
    """

    label: str
    value: str
    key: str
    cell: bool = False


def plain(label: str) -> str:
    """Return a label as labels are compared: without marks, numbers and case, hyphens and spaces alike."""
    bare = _NUMBER.sub("", label[: 2 * _MAX_LABEL].strip(_FRAME), count=1)
    return _SPACES.sub(" ", bare).strip().casefold()


def known_labels(table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return what each label is known as, by its plain form; of two the first counts."""
    found: dict[str, str] = {}
    for key, labels in table.items():
        for label in labels:
            found.setdefault(plain(label), key)
    return found


def labelled(line: str, known: Mapping[str, str]) -> Labelled | None:
    """Return what a line says under which label, None where it has none.

    A label that is not known counts where a colon or a cell's border sets it off and it is short.
    """
    line = line[:_MAX_LINE].strip()
    if not line:
        return None
    for between in _BETWEEN:
        before, found, after = line.partition(between)
        label = before.strip(_FRAME)
        if not found or not label or len(label) > _MAX_LABEL:
            continue
        key = key_of(label, known)
        value = _value(after, between)
        if key or (between in _SURE and _may_be_label(label, after, between)):
            return Labelled(label, value, key, cell=between in {"\t", " | "})
    key = key_of(line, known) if len(line) <= _MAX_LABEL else ""
    return Labelled(line.strip(_FRAME), "", key) if key else None


def key_of(label: str, known: Mapping[str, str]) -> str:
    """Return what a label is known as, whole, without what stands in brackets, or one side of a slash; else ""."""
    name = plain(label)
    if name in known:
        return known[name]
    for cut in ("(", "[", "\uff08", "?"):
        name = name.partition(cut)[0].strip()
    sides = (name, *(side.strip() for side in name.split("/", 3)))
    return next((known[side] for side in sides if side in known), "")


def is_rule(line: str) -> bool:
    """Return whether a line is a separator and nothing else."""
    return len(line.strip()) >= 2 and not set(line[:_MAX_LINE]) - _RULE  # noqa: PLR2004 -- "--" is the shortest


def _value(after: str, between: str) -> str:
    if between in {"\t", " | "}:
        after = after.strip().strip("|").strip().removeprefix(":")
    return after.lstrip(" \t*-:").rstrip(" \t*") if between != ":" else after.strip(" \t*")


def _may_be_label(label: str, after: str, between: str) -> bool:
    spaced = between != ":" or not after or after[0] in " \t*"  # "https://" and "10:30" are no labels
    return spaced and label[0].isalpha() and len(label.split()) <= _MAX_WORDS and not label.endswith((".", "!", ","))
