"""The phrases of `phrases/split.toml`, found in words in linear time."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailgateway.phrases import all_of, phrases

_WORD = re.compile(r"[^\W_]{1,60}")
_TABLES = phrases("split")


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case; apostrophes and hyphens end one."""
    return _WORD.findall(text.lower())


@dataclass(slots=True)
class Phrases:
    """Phrases of any language, by their first word; a word that ends in `*` is a stem."""

    _by_word: dict[str, list[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(list))
    _stems: set[int] = field(default_factory=set)

    def add(self, phrase: str) -> None:
        """Take a phrase up."""
        found = tuple(phrase.split())
        self._by_word[found[0]].append(found[1:])
        if found[0].endswith("*"):
            self._stems.add(len(found[0]) - 1)

    def at(self, words: Sequence[str], at: int) -> int:
        """Return how many words the longest phrase at a place has, 0 where none is there, or no word."""
        if at >= len(words):
            return 0
        word, most = words[at], 0
        stems = [f"{word[:size]}*" for size in self._stems if size <= len(word)]
        for key in (word, *stems):
            for rest in self._by_word.get(key, ()) if key in self._by_word else ():
                if all(map(_fits, rest, words[at + 1 : at + 1 + len(rest)])) and len(words) > at + len(rest):
                    most = max(most, 1 + len(rest))
        return most

    def begins(self, words: Sequence[str]) -> int:
        """Return how many words the longest phrase has that the words begin with, 0 where they begin with none."""
        return self.at(words, 0)

    def found(self, words: Sequence[str]) -> int:
        """Return where the first phrase begins, -1 where there is none."""
        return next((at for at in range(len(words)) if self.at(words, at)), -1)

    def within(self, words: Sequence[str]) -> bool:
        """Return whether any phrase stands among the words."""
        return self.found(words) >= 0


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
DONE, VAGUE, PLACE = phrases_of("done"), phrases_of("vague"), phrases_of("place")
EACH, EACH_ANNOUNCED = phrases_of("each"), phrases_of("each_announced")
PRONOUN, EXPLETIVE = phrases_of("pronoun"), phrases_of("expletive")
ASKS_FIRST, PROCESS = phrases_of("asks_first"), phrases_of("process")
STEP_WORDS, TRIED_WORDS, ANSWER_WORDS = phrases_of("step_words"), phrases_of("tried_words"), phrases_of("answer_words")
QUOTING = phrases_of("quoting")
REPORT = phrases_of("report")
NUMBERS = tuple(phrases_of(name) for name in ("two", "three", "four", "five"))
ORDINALS = tuple(phrases_of(name) for name in ("first", "second", "third", "fourth"))
ON, POINTING, HANDLING = phrases_of("on"), phrases_of("pointing"), phrases_of("handling")
LAST, INTRODUCED = phrases_of("last"), phrases_of("introduced")
NOUNS = all_of(_TABLES["noun"])
COMMON = frozenset(all_of(_TABLES["common"]))
