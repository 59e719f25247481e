r"""Regular expressions of rule files, run by RE2, and globs for addresses and file names: both in linear time.

RE2 has no look-around and no back-references: that is the price for never hanging. Its `\b`, `\w` and `\d` know
ASCII only; whole words of any script are the business of phrases.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import re2

from mailgateway.rules.phrases import Regexp
from mailgateway.rules.words import MAX_TEXT_CHARS, Hit, fold, valid_text

MAX_PATTERN_CHARS = 2_000
MAX_GLOB_CHARS = 500
MAX_PATTERN_BYTES = 8 * 1024 * 1024
"""What a compiled expression may take of memory, its caches included."""


class PatternError(ValueError):
    """A regular expression or glob cannot be used.

    Attributes:
        message: What is wrong, in one line.
        offset: Where in the expression, in characters.
        length: How many characters of it are the culprit, at least 1 (unless the expression is empty).
        help: What to write instead, "" where the message says it all.
    """

    def __init__(self, message: str, offset: int = 0, length: int = 0, help: str = "") -> None:  # noqa: A002 -- its name everywhere
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.length = length
        self.help = help


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression, ready to be searched. Made by `pattern`."""

    text: str
    regexp: Regexp = field(compare=False, repr=False)


def pattern(text: str) -> Pattern:
    """Return a regular expression in RE2's syntax; `(?i)` in front makes it ignore case.

    Raises:
        PatternError: RE2 cannot use it, or it is over MAX_PATTERN_CHARS.
    """
    if len(text) > MAX_PATTERN_CHARS:
        raise PatternError(
            f"a regular expression has at most {MAX_PATTERN_CHARS} characters, this one has {len(text)}", 0, len(text)
        )
    surrogate = next((offset for offset, (a, b) in enumerate(zip(text, valid_text(text), strict=True)) if a != b), None)
    if surrogate is not None:
        raise PatternError(
            "this is no character", surrogate, 1, "write it as \\x{FFFD} if you mean the replacement mark"
        )
    problem = _problem(text)
    if problem:
        raise _explained(text, problem)
    return Pattern(text, re2.compile(text, _options()))


def search(pattern: Pattern, text: str) -> Hit | None:
    """Return the leftmost match within the first MAX_TEXT_CHARS characters, None where there is none.

    Lone surrogates count as U+FFFD. Offsets are in characters.
    """
    found = pattern.regexp.search(valid_text(text[:MAX_TEXT_CHARS]))
    return Hit(found.start(), found.end()) if found else None


def matches_empty(pattern: Pattern) -> bool:
    """Return whether a pattern matches the empty text, and so most likely every text: a mistake in a rule."""
    return pattern.regexp.search("") is not None


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = MAX_PATTERN_BYTES
    options.log_errors = False
    options.never_capture = True
    return options


def _problem(text: str) -> str:
    """Return what RE2 says against an expression, "" where it takes it."""
    try:
        re2.compile(text, _options())
    except re2.error as error:
        return str(error.args[0].decode("utf-8", "replace"))
    return ""


# --- what is wrong, and where ----------------------------------------------------------------------------------

_LOOK_AROUND = (
    "a look ahead or behind, (?= (?! (?<= (?<!, is not available, since it can make a search run for ever; "
    'put the words that must not stand there into a second pattern under "unless"'
)
_GROUPS = "groups are (…), (?:…) and (?P<name>…); flags are (?i), (?m), (?s) and (?U)"
_REPEATS = "one repetition to a piece: * + ? {2} {2,5}, each also with ? behind it; at most 1000 times in all"
_ESCAPES = "to find the sign itself put a backslash before it; a character by its number is \\x{2022}"
_HELPS: tuple[tuple[str, str], ...] = (
    (r"invalid perl operator: \(\?<?[=!]", _LOOK_AROUND),
    (r"invalid perl operator: \(\?#", "comments are not available here; write one in the rule file, after #"),
    (r"invalid (?:perl operator|named capture)", _GROUPS),
    (r"invalid escape sequence: \\[1-9]", "a group's text cannot be asked for again: no back-references"),
    (r"invalid escape sequence: \\[Z]", "the end of the text is \\z"),
    (r"invalid escape sequence: \\[uUN]", "a character by its number is \\x{2022}"),
    (r"invalid escape sequence", _ESCAPES),
    (r"trailing \\", "a backslash stands before another sign; for the backslash itself write two"),
    (r"(?:bad|invalid) repetition", _REPEATS),
    (
        r"no argument for repetition",
        "put something before it that is repeated; for the sign itself put a backslash before it",
    ),
    (r"(?:missing|unexpected) \)", "for the bracket itself put a backslash before it"),
    (r"missing \]", "for the bracket itself put a backslash before it"),
    (r"invalid character class", "a range goes from the lower character to the higher one; put a minus sign last"),
    (r"pattern too large", "fewer or smaller repetitions: {1,1000} of something long is too much"),
)


def _explained(text: str, problem: str) -> PatternError:
    """Return RE2's complaint with the place of the culprit and advice."""
    kind, _, piece = problem.partition(": ")
    offset, length = _PLACES.get(kind, _place)(text, piece)
    shown = kind if kind in _PLACES else problem
    advice = next((words for sign, words in _HELPS if re.match(sign, problem)), "")
    return PatternError(shown, offset, length, advice)


def _place(text: str, piece: str) -> tuple[int, int]:
    """Return where a piece is the culprit: the first place up to which the expression fails for it."""
    starts = (match.start() for match in re.finditer(re.escape(piece), text))
    failing = (at for at in starts if _problem(text[: at + len(piece)]).endswith(f": {piece}"))
    return next(failing, 0), len(piece)


def _bracket(text: str, _: str) -> tuple[int, int]:
    """Return where a round bracket stands that has no other half."""
    opened: list[int] = []
    for match in _BRACKETS.finditer(text):
        if match[0] == "(":
            opened.append(match.start())
        elif match[0] == ")" and not opened:
            return match.start(), 1
        elif match[0] == ")":
            opened.pop()
    return (opened[-1], 1) if opened else (0, len(text))


_BRACKETS = re.compile(r"\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|[()]", re.DOTALL)
_PLACES: dict[str, Callable[[str, str], tuple[int, int]]] = {
    "missing )": _bracket,
    "unexpected )": _bracket,
    "missing ]": lambda text, piece: (len(text) - len(piece), 1),
    "trailing \\": lambda text, _: (len(text) - 1, 1),
    "pattern too large - compile failed": lambda text, _: (0, len(text)),
}
"""Complaints whose piece is not the culprit but the whole expression or the rest of it."""


# --- globs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern for a whole address or file name. Made by `glob`.

    Attributes:
        text: As it was written.
        parts: What stands between the stars.
        regexp: Where there is a `?`.
    """

    text: str
    parts: tuple[str, ...] = field(compare=False, repr=False)
    regexp: Regexp | None = field(compare=False, repr=False)

    def matches(self, value: str) -> bool:
        """Return whether an address or file name is like this, in any case, from its first character to its last."""
        return self.fits(fold(valid_text(value)))

    def fits(self, folded: str) -> bool:
        """Return the same of a value that is folded already and valid."""
        if self.regexp is not None:
            return self.regexp.search(folded) is not None
        return _fits(self.parts, folded)


def glob(text: str) -> Glob:
    """Return a glob: `*` is any number of characters, `?` is one, everything else is itself in any case.

    Raises:
        PatternError: It is empty or over MAX_GLOB_CHARS.
    """
    if not text.strip():
        raise PatternError("an empty pattern matches nothing")
    if len(text) > MAX_GLOB_CHARS:
        raise PatternError(f"a pattern has at most {MAX_GLOB_CHARS} characters, this one has {len(text)}", 0, len(text))
    parts = tuple(fold(part) for part in valid_text(text).split("*"))
    if "?" not in text:
        return Glob(text, parts, None)
    pieces = ("".join("." if char == "?" else re2.escape(char) for char in part) for part in parts)
    return Glob(text, parts, re2.compile(rf"(?s)\A{'.*'.join(pieces)}\z", _options()))


def _fits(parts: tuple[str, ...], value: str) -> bool:
    """Return whether a value is these parts with anything between them: each is looked for once, after the last."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return value == first
    at, end = len(first), len(value) - len(last)
    if at > end or not value.startswith(first) or not value.endswith(last):
        return False
    for part in parts[1:-1]:
        at = value.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
