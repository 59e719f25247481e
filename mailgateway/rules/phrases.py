"""Phrases as admins write them, and how a text that was cut into words is searched for thousands of them.

A phrase is words in a row, `word*` for every word that begins so, and `a ... b` for up to three words between. What a
word and a sentence are is said in words.py; what a phrase means to a rule is not known here. Regular expressions and
globs live in patterns.py.

Most phrases are rejected by one look into the set of the text's words; the others are one substring search, or one
run of RE2 where there is something between the words. All of it is linear in the text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import re2

from mailgateway.rules.words import (
    STEM_CHARS,
    Hit,
    Key,
    Words,
    ends_sentence,
    evidence,
    folded_words,
    is_unspaced,
    pieces,
    valid_text,
    words_of,
)

__all__ = [
    "Hit",
    "Phrase",
    "PhraseError",
    "PhraseList",
    "Words",
    "evidence",
    "find",
    "find_any",
    "phrase",
    "phrase_list",
    "words_of",
]

MAX_PHRASE_CHARS = 200
MAX_WORDS_BETWEEN = 3
"""How many words `...` stands for at most; next to a script without spaces, twice as many characters."""
MAX_GAPS = 5


class PhraseError(ValueError):
    """A phrase cannot be used; the text is a sentence for the admin who wrote it."""


class Span(Protocol):
    """What is needed of RE2's matches, which come without types."""

    def start(self) -> int:
        """Return where the match begins: in characters of a text, in octets of bytes."""

    def end(self) -> int:
        """Return where it ends."""


class Regexp(Protocol):
    """What is needed of RE2's compiled expressions, which come without types."""

    def search(self, text: str | bytes) -> Span | None:
        """Return the leftmost match, None where there is none."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, ready to be searched. Made by `phrase`.

    Attributes:
        text: As it was written.
        keys: Entries of the index that a text must have, all of them, for the phrase to be in it.
        key: One of them that few texts have, "" where there is none.
        needle: What to look for in the line; where there is a regexp, that is used instead.
        regexp: For what is more than some words in a row.
    """

    text: str
    keys: frozenset[Key] = field(compare=False, repr=False)
    key: Key = field(compare=False, repr=False)
    needle: str = field(compare=False, repr=False)
    regexp: Regexp | None = field(compare=False, repr=False)


_GAP = re.compile(r"\.{3}|…")
_STAR = re.compile(r"([-'.@]?)\*(?!\S)")


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of a phrase: how a word must begin or what it must be, and whether others may stand before the next."""

    start: str
    is_prefix: bool
    has_gap: bool

    @property
    def key(self) -> str:
        """Return what the index holds of a text that has such a word, "" where that cannot be said."""
        if not self.is_prefix:
            return self.start
        return self.start[:STEM_CHARS] if len(self.start) >= STEM_CHARS else ""


def phrase(text: str) -> Phrase:
    """Return a phrase: words in a row, `word*` for all words that begin so, `a ... b` for up to three between.

    Raises:
        PhraseError: No word in it, too long, a `*` or `...` where it has no meaning, or more than a sentence.
    """
    if len(text) > MAX_PHRASE_CHARS:
        raise PhraseError(f"a phrase has at most {MAX_PHRASE_CHARS} characters, this one has {len(text)}")
    before, *found = pieces(valid_text(text))
    words = folded_words(found[::2])
    if not any(words):
        raise PhraseError("a phrase needs at least one word of letters or digits")
    if "*" in before:
        raise PhraseError(_STAR_PROBLEM)
    parts = [_part(word, gap) for word, gap in zip(words, [*found[1:-1:2], f"{found[-1]} "], strict=True)]
    if parts[-1].has_gap or _GAP.search(before):
        raise PhraseError('"..." stands between two words, not at an end of the phrase')
    if sum(part.has_gap for part in parts) > MAX_GAPS:
        raise PhraseError(f'a phrase has "..." at most {MAX_GAPS} times')
    if any(_ends_sentence(gap) for gap in found[1:-1:2]):
        raise PhraseError("a phrase cannot go over the end of a sentence: this one would never be found")
    return _compiled(text, parts)


_STAR_PROBLEM = 'a "*" stands at the end of a word, as in "upgrad*"'


def _part(word: str, gap: str) -> _Part:
    """Return a word of a phrase from the word and what stands between it and the next."""
    star = _STAR.match(gap)
    rest = gap[star.end() :] if star else gap
    if "*" in rest or (star and not rest):
        raise PhraseError(_STAR_PROBLEM)
    gaps = len(_GAP.findall(rest))
    if gaps > 1:
        raise PhraseError('between two words "..." stands once')
    return _Part(word + (star[1] if star else ""), star is not None, gaps == 1)


def _ends_sentence(gap: str) -> bool:
    """Return whether a text with this between two words would have a sentence end there."""
    return ends_sentence(_GAP.sub("", _STAR.sub("", gap, count=1), count=1))


def _compiled(text: str, parts: list[_Part]) -> Phrase:
    """Return the phrase that is made of these words."""
    words = [part.key for part in parts if part.key]
    pairs = [(a.start, b.start) for a, b in pairwise(parts) if not (a.is_prefix or a.has_gap or b.is_prefix)]
    keys: frozenset[Key] = frozenset((*words, *pairs))
    key: Key = max(pairs, key=lambda pair: len(pair[0] + pair[1]), default=max(words, key=len, default=""))
    needle = "".join(f" {part.start}" for part in parts) + ("" if parts[-1].is_prefix else " ")
    if not any(part.is_prefix or part.has_gap for part in parts[:-1]):
        return Phrase(text, keys, key, needle, None)
    pattern = "".join(
        f" {re2.escape(part.start)}{'[^ ]*' * part.is_prefix}{_between(part, after) * part.has_gap}"
        for part, after in zip(parts, [*parts[1:], parts[-1]], strict=True)
    )
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    return Phrase(text, keys, key, needle, re2.compile(f"{pattern} ", options))


def _between(part: _Part, after: _Part) -> str:
    """Return the expression for what a `...` stands for between two words."""
    most = MAX_WORDS_BETWEEN * (2 if is_unspaced(part.start) or is_unspaced(after.start) else 1)
    return f"(?: [^ ]+){{0,{most}}}?"


def find(words: Words, phrase: Phrase) -> Hit | None:
    """Return the leftmost place of a phrase in a text, None where it is not mentioned."""
    if not phrase.keys <= words.index:
        return None
    if phrase.regexp is not None:
        found = phrase.regexp.search(words.encoded)
        if found is None:
            return None
        before = len(words.encoded[: found.start()].decode())
        length = len(words.encoded[found.start() : found.end()].decode())
        return words.hit(before + 1, before + length - 1)
    start = words.line.find(phrase.needle)
    if start < 0:
        return None
    return words.hit(start + 1, words.line.index(" ", start + len(phrase.needle) - 1))


@dataclass(frozen=True, slots=True)
class PhraseList:
    """Phrases of which any will do. Made by `phrase_list`.

    Attributes:
        phrases: As they were given.
        keys: One entry of the index for each phrase: a text that has none of them mentions no phrase.
    """

    phrases: tuple[Phrase, ...]
    keys: frozenset[Key] = field(compare=False, repr=False)


def phrase_list(phrases: Iterable[Phrase]) -> PhraseList:
    """Return phrases as a list that is searched at once."""
    given = tuple(phrases)
    return PhraseList(given, frozenset(each.key for each in given))


def find_any(words: Words, phrases: PhraseList) -> Hit | None:
    """Return the place of the first phrase, in the order of the list, that a text mentions; None without one."""
    index = words.index
    if phrases.keys.isdisjoint(index):
        return None
    for each in phrases.phrases:
        if each.key in index and (hit := find(words, each)) is not None:
            return hit
    return None
