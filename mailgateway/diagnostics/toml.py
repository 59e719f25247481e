"""TOML with places: tomllib says what a text means, tree-sitter only where each key stands."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from mailgateway.diagnostics.values import DiagnosedError, Diagnostic, KeyPath, Mark, Place, Position, Severity

_LANGUAGE = Language(tree_sitter_toml.language())
_DEEPEST = 64  # keys below that depth have no place of their own
_KEYS = frozenset({"bare_key", "quoted_key", "dotted_key"})
_CONTINUATION = 0x80  # UTF-8: the bytes of a character after its first are 10xxxxxx
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Cannot redefine", "Duplicate inline table key")
_HINTS = {
    "Invalid value": "text stands in quotes; numbers, true and false do not",
    "Cannot overwrite a value": "the key stands here a second time; keep one of the two",
    "Duplicate inline table key": "the key stands here a second time; keep one of the two",
    "Cannot declare": "the table stands here a second time; keep one of the two",
    "Expected '=' after a key": "a line is: key = value",
    "Unescaped '\\' in a string": "write the backslash twice, or put the text in single quotes",
    "Expected newline or end of document": "one key = value on a line; text stands in quotes",
    "Unterminated string": "the closing quote is missing",
    "Illegal character '\\n'": "the closing quote is missing on this line",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML file that was read.

    Attributes:
        path: As it is shown.
        text: Without a byte order mark.
        values: As tomllib reads them.
        places: Where the keys stand.
    """

    path: str
    text: str
    values: Mapping[str, object]
    places: Mapping[KeyPath, Place]

    @property
    def texts(self) -> dict[str, str]:
        """The text by path, as `render` wants it."""
        return {self.path: self.text}

    def place(self, path: KeyPath) -> Place:
        """Return the place of a key, else of the innermost table around it that has one, else the first character."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        start = Position(self.path, 1, 1)
        return Place(start, start)


def read_toml(raw: bytes, path: str) -> Document:
    """Return a TOML file's values and the places of its keys.

    Args:
        raw: The file's content; UTF-8 with or without a byte order mark.
        path: As it is to be shown.

    Raises:
        DiagnosedError: It is not UTF-8 (E002) or not TOML (E001); with the line and column.
    """
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _not_utf8(raw, error.start, path) from error
    try:
        values = tomllib.loads(text)
        _refuse_deep(values)
    except tomllib.TOMLDecodeError as error:
        raise DiagnosedError([_syntax_fault(str(error), text, path)], {path: text}) from error
    except (RecursionError, ValueError) as error:  # nested too deep; a number beyond what Python converts
        fault = Diagnostic(Severity.ERROR, "E001", "not usable TOML", Position(path, 1, 1), _reason(error))
        raise DiagnosedError([fault], {path: text}) from error
    return Document(path, text, values, locate(text, path))


def _refuse_deep(values: Mapping[str, object]) -> None:
    """Refuse what whoever walks through the values could not: tomllib reads dotted keys to any depth.

    Raises:
        RecursionError: Tables and lists are nested below _DEEPEST.
    """
    level: list[object] = [values]
    for _ in range(_DEEPEST + 1):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise RecursionError


def _inside(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()


def frozen(value: object) -> object:
    """Return a value of TOML with tuples for lists, as the models have them."""
    if isinstance(value, Mapping):
        return {key: frozen(inner) for key, inner in value.items()}
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else "a number has too many digits"


def _not_utf8(raw: bytes, offset: int, path: str) -> DiagnosedError:
    before = raw[:offset].decode("utf-8").removeprefix("\ufeff")
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    fault = Diagnostic(
        Severity.ERROR,
        "E002",
        "the file is not UTF-8",
        Position(path, line, column, 1),
        f"the byte {raw[offset]:#04x} cannot stand here",
        ("save the file as UTF-8",),
    )
    return DiagnosedError([fault], {path: raw.decode("utf-8", "replace").removeprefix("\ufeff")})


def _syntax_fault(words: str, text: str, path: str) -> Diagnostic:
    at = _AT.search(words)
    what = words[: at.start()] if at else words
    position = _fault_position(at, text, path)
    hints = tuple(hint for start, hint in _HINTS.items() if what.startswith(start))
    if what.startswith(_TWICE):
        return _twice(position, text, hints)
    return Diagnostic(Severity.ERROR, "E001", "not valid TOML", position, _lower(what), hints)


def _twice(position: Position, text: str, hints: tuple[str, ...]) -> Diagnostic:
    """Return the fault of a key that stands in a text twice: tomllib reports where the second statement ends."""
    lines = text.split("\n")
    before = locate("\n".join(lines[: position.line - 1]), position.path)
    again = next((path for path, place in locate(text, position.path).items() if place.key.line == position.line), ())
    marks = (Mark(before[again].key, "it is here already"),) if again in before else ()
    line = lines[position.line - 1]
    column = len(line) - len(line.lstrip()) + 1
    whole = Position(position.path, position.line, column, len(line.strip()))
    return Diagnostic(Severity.ERROR, "E001", "not valid TOML", whole, "given a second time here", hints, marks)


def _fault_position(at: re.Match[str] | None, text: str, path: str) -> Position:
    lines = text.replace("\r\n", "\n").split("\n")
    if at and at[1]:
        line, column = int(at[1]), int(at[2])
    else:
        line, column = len(lines), len(lines[-1]) + 1
    length = 1 if line <= len(lines) and column <= len(lines[line - 1]) else 0
    return Position(path, line, column, length)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def locate(text: str, path: str = "") -> Mapping[KeyPath, Place]:
    """Return where every key and value of a TOML text stands.

    Tables, arrays of tables, dotted keys, inline tables and quoted keys; a table that exists only as part of a longer
    key stands where that part is. Keys deeper than 64 are left out, and so are those in what is not TOML.

    Args:
        text: TOML; anything else gives what could be recognised in it, perhaps nothing.
        path: The file as the positions are to show it.
    """
    raw = text.encode("utf-8", "surrogatepass")
    finder = _Finder(_Columns(text, raw, path))
    finder.document(Parser(_LANGUAGE).parse(raw).root_node)
    return finder.places


class _Columns:
    """Byte offsets to lines and columns."""

    def __init__(self, text: str, raw: bytes, path: str) -> None:
        self._text, self._path = text, path
        self._line_starts = [0, *(i + 1 for i, c in enumerate(text) if c == "\n")]
        # For text beyond ASCII: how many characters begin before each byte.
        self._characters = (
            None if text.isascii() else list(accumulate(((b & 0xC0) != _CONTINUATION for b in raw), initial=0))
        )

    def position(self, first: Node, last: Node | None = None) -> Position:
        """Return the place of a node, or of all from one node to another; of several lines the first."""
        start, end = self._offset(first.start_byte), self._offset((last or first).end_byte)
        line = bisect_right(self._line_starts, start)
        line_end = self._text.find("\n", start, end)
        stop = end if line_end < 0 else line_end
        length = len(self._text[start:stop].removesuffix("\r"))
        return Position(self._path, line, start - self._line_starts[line - 1] + 1, length)

    def _offset(self, byte: int) -> int:
        return byte if self._characters is None else self._characters[byte]


@dataclass(slots=True)
class _Finder:
    """Walks a syntax tree once and notes places."""

    columns: _Columns
    places: dict[KeyPath, Place] = field(default_factory=dict)
    elements: dict[KeyPath, int] = field(default_factory=dict)
    """How many `[[...]]` each array of tables has so far."""

    def document(self, root: Node) -> None:
        for node in root.named_children:
            if node.type == "pair":
                self.pair(node, ())
            elif node.type in {"table", "table_array_element"}:
                self.table(node)

    def table(self, node: Node) -> None:
        """Note a table with a header and all that stands below it."""
        keys = _key_parts(node)
        close = next((child for child in node.children if child.type in {"]", "]]"}), None)
        if not keys or close is None:
            return
        path = self.parents(keys, ())
        place = Place(self.columns.position(keys[-1]), self.columns.position(node.children[0], close))
        if node.type == "table_array_element":
            self.places.setdefault(path, place)
            index = self.elements.get(path, 0)
            self.elements[path] = index + 1
            path = (*path, index)
        self.places[path] = place
        for child in node.named_children:
            if child.type == "pair":
                self.pair(child, path)

    def parents(self, keys: Sequence[Node], base: KeyPath) -> KeyPath:
        """Return the path a key means below `base`, and note the tables it goes through.

        A part that names an array of tables means its last element, as in `[[mailbox]]` ... `[mailbox.imap]`.
        """
        path = base
        for key in keys[:-1][:_DEEPEST]:
            path = (*path, _name(key))
            position = self.columns.position(key)
            self.places.setdefault(path, Place(position, position))
            if path in self.elements:
                path = (*path, self.elements[path] - 1)
        return (*path, _name(keys[-1]))

    def pair(self, node: Node, base: KeyPath) -> None:
        """Note one `key = value`."""
        keys = _key_parts(node)
        if not keys:
            return
        path = self.parents(keys, base)
        value = [child for child in node.named_children if child.type != "comment"][-1]
        self.places[path] = Place(self.columns.position(keys[-1]), self.columns.position(value))
        self.inside(value, path)

    def inside(self, value: Node, path: KeyPath) -> None:
        """Note what stands in an inline table or an array."""
        if len(path) > _DEEPEST:
            return
        if value.type == "inline_table":
            for child in value.named_children:
                if child.type == "pair":
                    self.pair(child, path)
        elif value.type == "array":
            elements = [child for child in value.named_children if child.type != "comment"]
            for index, element in enumerate(elements):
                position = self.columns.position(element)
                self.places[*path, index] = Place(position, position)
                self.inside(element, (*path, index))


def _key_parts(node: Node) -> list[Node]:
    """Return the parts of the key that a pair or a table header begins with, first to last."""
    key = next((child for child in node.named_children if child.type in _KEYS), None)
    parts: list[Node] = []
    while key is not None and key.type == "dotted_key":  # nested to the left: ((a . b) . c)
        parts.append(key.named_children[-1])
        key = key.named_children[0]
    if key is not None:
        parts.append(key)
    return parts[::-1]


def _name(key: Node) -> str:
    """Return what a part of a key means, without quotes and escapes."""
    written = (key.text or b"").decode("utf-8", "replace")
    if key.type != "quoted_key":
        return written
    try:
        return next(iter(tomllib.loads(f"{written} = 0")), written)
    except tomllib.TOMLDecodeError:
        return written
