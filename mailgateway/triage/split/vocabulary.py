"""The phrases of `phrases/split.toml`, found in words in linear time."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import NamedTuple, TypeAlias

from mailgateway.phrases import all_of, phrases

Words: TypeAlias = tuple[str, ...]
"""Words of a text in their order, in lower case."""

_WORD = re.compile(r"[^\W_]{1,60}")
_TABLES = phrases("split")
_SHORT_CHARS = 2_000
_MOST_TEXTS = 512
_MOST_WORDS = 32_768
_FEW_WORDS = 40
_MANY_WORDS = 500  # A longer text is not remembered


def words_of(text: str) -> Words:
    """Return the words of a text in lower case, a Russian yo as ye; apostrophes and hyphens end one."""
    return _remembered(text) if len(text) <= _SHORT_CHARS else _words(text)


def _words(text: str) -> Words:
    return tuple(_WORD.findall(_folded(text)))


_remembered = lru_cache(_MOST_TEXTS)(_words)
"""What a mail holds is looked at again for each way to cut it."""


def _folded(text: str) -> str:
    return text.lower().replace("\u0451", "\u0435")


class Row(NamedTuple):
    """A phrase: the words behind its first one, its kind, and whether one of these words is a stem."""

    rest: tuple[str, ...]
    kind: str
    has_stem: bool


_ROWS: dict[str, dict[int, list[Row]]] = {}
"""By the first word of a phrase, or its stem with `*`: the phrases of each table, by its number."""
_SIZES: set[int] = set()
"""How long the stems are."""
_NUMBERS = count()
_NONE: Mapping[int, Sequence[Row]] = {}
_NO_MATCH = (0, "")


@lru_cache(_MOST_WORDS)
def _rows_of(word: str) -> Mapping[int, Sequence[Row]]:
    """Return the phrases that a word may begin, the longest first, by the number of their table."""
    found: dict[int, list[Row]] = {}
    for key in (word, *(f"{word[:size]}*" for size in _SIZES if size <= len(word))):
        for table, rows in _ROWS.get(key, {}).items():
            found.setdefault(table, []).extend(rows)
    for rows in found.values():
        rows.sort(key=lambda row: -len(row.rest))
    return found or _NONE


@lru_cache(_MOST_TEXTS)
def _begun(words: Words) -> frozenset[int]:
    """Return the numbers of the tables of which a phrase may begin among words: of most tables none does."""
    return frozenset().union(*map(_rows_of, words))


@dataclass(slots=True, eq=False)
class Phrases:
    """A table of phrases of any language, by their first word; a word that ends in `*` is a stem.

    All tables have one index, so that a word is looked up once however many tables are asked for it.
    """

    _table: int = field(default_factory=lambda: next(_NUMBERS))

    def add(self, phrase: str, kind: str = "") -> None:
        """Take a phrase up, of a kind where they are of several."""
        first, *rest = _folded(phrase).split()
        has_stem = any(word.endswith("*") for word in rest)
        _ROWS.setdefault(first, {}).setdefault(self._table, []).append(Row(tuple(rest), kind, has_stem))
        if first.endswith("*"):
            _SIZES.add(len(first) - 1)
        _rows_of.cache_clear()
        _begun.cache_clear()

    def match(self, words: Words, at: int) -> tuple[int, str]:
        """Return how many words the longest phrase at a place has, and its kind; 0 where none is there, or no word."""
        return _longest(_rows_of(words[at]).get(self._table, ()), words, at) if at < len(words) else _NO_MATCH

    def at(self, words: Words, at: int) -> int:
        """Return how many words the longest phrase at a place has, 0 where none is there, or no word."""
        return self.match(words, at)[0]

    def begins(self, words: Words) -> int:
        """Return how many words the longest phrase has that the words begin with, 0 where they begin with none."""
        rows = _rows_of(words[0]).get(self._table) if words else None
        return _longest(rows, words, 0)[0] if rows else 0

    def opens(self, text: str) -> bool:
        """Return whether a text begins with a phrase; most texts are left after their first word."""
        first = _WORD.search(_folded(text))
        return first is not None and self._table in _rows_of(first[0]) and self.begins(words_of(text)) > 0

    def found(self, words: Words) -> int:
        """Return where the first phrase begins, -1 where there is none."""
        if _FEW_WORDS < len(words) <= _MANY_WORDS and self._table not in _begun(words):
            return -1
        for at, rows in enumerate(map(_rows_of, words)):
            if self._table in rows and _longest(rows[self._table], words, at)[0]:
                return at
        return -1

    def places(self, words: Words) -> Sequence[int]:
        """Return where a first word of a phrase stands."""
        return [at for at, rows in enumerate(map(_rows_of, words)) if self._table in rows]

    def kinds(self, words: Words) -> list[str]:
        """Return the kinds of the phrases among the words, of those that overlap the first."""
        found, end = [], 0
        for at, rows in enumerate(map(_rows_of, words)):
            if at >= end and self._table in rows:
                size, kind = _longest(rows[self._table], words, at)
                found += [kind] if size else []
                end = at + size
        return found

    def within(self, words: Words) -> bool:
        """Return whether any phrase stands among the words."""
        return self.found(words) >= 0


def _longest(rows: Sequence[Row], words: Words, at: int) -> tuple[int, str]:
    """Return how many words the first of the phrases has that stands at a place, and its kind."""
    for rest, kind, has_stem in rows:
        if not rest:
            return 1, kind
        behind = words[at + 1 : at + 1 + len(rest)]
        if behind == rest or (has_stem and len(behind) == len(rest) and all(map(_fits, rest, behind))):
            return 1 + len(rest), kind
    return _NO_MATCH


def _fits(wanted: str, word: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def phrases_of(table: str, file: str = "split") -> Phrases:
    """Return the phrases of a table of `phrases/FILE.toml`, of all languages."""
    found = Phrases()
    for phrase in all_of(phrases(file)[table]):
        found.add(phrase)
    return found


PROBLEM, QUESTION, REQUEST = phrases_of("problem"), phrases_of("question"), phrases_of("request")
ANNOUNCED, SEPARATE, TOGETHER = phrases_of("announced"), phrases_of("separate"), phrases_of("together")
GREETING, CLOSING, SHARED = phrases_of("greeting"), phrases_of("closing"), phrases_of("shared")
BARE, ABOUT = phrases_of("bare"), phrases_of("about")
APART, UNIT, ONE_EACH = phrases_of("apart"), phrases_of("unit"), phrases_of("one_each")
ANOTHER, ALSO, PERHAPS_ANOTHER = phrases_of("another"), phrases_of("also"), phrases_of("perhaps_another")
APART_WITHIN, BACK, KIND_WORDS = phrases_of("apart_within"), phrases_of("back"), phrases_of("kind_words")
ANOTHER_WITHIN, NO_CLOSING = phrases_of("another_within"), phrases_of("no_closing")
VAGUE, PLACE = phrases_of("vague"), phrases_of("place")
EACH, EACH_ANNOUNCED = phrases_of("each"), phrases_of("each_announced")
PRONOUN, EXPLETIVE = phrases_of("pronoun"), phrases_of("expletive")
ASKS_FIRST, PROCESS = phrases_of("asks_first"), phrases_of("process")
STEP_WORDS, TRIED_WORDS, ANSWER_WORDS = phrases_of("step_words"), phrases_of("tried_words"), phrases_of("answer_words")
QUOTING, PARTS, OURSELVES = phrases_of("quoting"), phrases_of("parts"), phrases_of("ourselves")
REPORT = phrases_of("report")
NUMBERS = tuple(phrases_of(name) for name in ("two", "three", "four", "five"))
ORDINALS = tuple(phrases_of(name) for name in ("first", "second", "third", "fourth"))
ON, POINTING, HANDLING = phrases_of("on"), phrases_of("pointing"), phrases_of("handling")
AND, CAUSE = phrases_of("and"), phrases_of("cause")
IN_TIME, EVERYTHING = phrases_of("in_time"), phrases_of("everything")
LAST, INTRODUCED = phrases_of("last"), phrases_of("introduced")
NOUNS = all_of(_TABLES["noun"])
COMMON = frozenset(map(_folded, all_of(_TABLES["common"])))
