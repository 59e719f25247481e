"""Words and numbers that mean a priority: `high`, `hoch`, `1 - critical`, `Sev 1`. Where they stand is parsers.stated.

In doubt nothing is meant: two levels at once (a choice in a form that nobody made), a number beside a word that means
quite another one, a word beside others that belong to no level.
"""

import re
import unicodedata
from dataclasses import dataclass

from mailgateway.phrases import all_of, phrases

LOWEST = 5
MAX_STATEMENT = 200
"""Characters that can be such a statement; longer texts mean nothing."""


def folded(text: str) -> str:
    """Return a text as words are compared: without case, accents, and the width of letters."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


_TABLES = phrases("stated")
_LEVELS = {"urgent": 1, "highest": 1, "high": 2, "normal": 3, "low": 4, "unhurried": 4, "lowest": 5}
_WORDS = {folded(word): level for table, level in _LEVELS.items() for word in all_of(_TABLES[table])}
_SPEAKING = frozenset(folded(word) for table in ("urgent", "unhurried") for word in all_of(_TABLES[table]))
LABELS = frozenset(folded(label) for label in all_of(_TABLES["labels"]))
"""What stands before the colon of `Priority: high`, folded."""

P = "p\u0440\u043f"
"""The letter of `P1`, in Latin and as Russians write it."""

_NUMBER = re.compile(rf"(?:[{P}s]|sev|prio)?[ -]?([0-9])")
_SHORT = re.compile(rf"[{P}]-?[0-9]|(?:sev|prio)[ -]?[0-9]")
# A hyphen stands between statements where it joins no words.
_BETWEEN = re.compile(r"[^\w\s'\u2019-]+|\s-+\s|(?<=\d)-+|^-+\s|\s-+$")
_WORD = re.compile(r"\w[\w'\u2019-]*")


@dataclass(frozen=True, slots=True)
class Scale:
    """The priorities there are.

    Attributes:
        names: The site's, folded, from priority 1; () where it has none: then there are 1 to 5.
    """

    names: tuple[str, ...] = ()

    def of_value(self, text: str) -> int | None:
        """Return what folded text beside a label means: `1`, `P1`, `high`, `1 - critical`, `high (all is down)`."""
        if text.strip() in self.names:
            return self._named(text.strip())
        pieces = [_words(piece) for piece in _BETWEEN.split(text)] if len(text) <= MAX_STATEMENT else []
        meant = [(self._number(piece), self._word(piece)) for piece in pieces if piece]
        if not meant or meant[0] == (None, None):
            return None
        numbers, words = {number for number, _ in meant if number}, {word for _, word in meant if word}
        if len(numbers) > 1 or len(words) > 1:
            return None
        is_contradiction = any(abs(number - word) > 1 for number in numbers for word in words)
        return None if is_contradiction else next(level for level in meant[0] if level)

    def of_mark(self, text: str, *, alone: bool) -> int | None:
        """Return what folded text that stands by itself means: `high priority`, `priority 1`, `P1`, `Sev 1`.

        Args:
            text: The whole of what is set off.
            alone: Whether words such as `urgent` are a mark without more.
        """
        words = _words(text) if len(text) <= MAX_STATEMENT else ""
        if words in _SPEAKING:
            return self._word(words) if alone else None
        if _SHORT.fullmatch(words) or _unlabelled(words) != words:
            return self._number(words) or self._word(words)
        return None

    def capped(self, level: int) -> int:
        """Return a level as one of these: the least urgent there is where it lies beyond."""
        return min(level, len(self.names) or LOWEST)

    def _named(self, words: str) -> int | None:
        return self.names.index(words) + 1 if words in self.names else None

    def _word(self, words: str) -> int | None:
        """Return what a name of the site's, else a word of any language means, with a label beside it or not."""
        for each in (words, _unlabelled(words)):
            level = self._named(each) or _WORDS.get(each)
            if level:
                return self.capped(level)
        return None

    def _number(self, words: str) -> int | None:
        """Return what `1`, `P1` or `priority 1` means; `P0` is as urgent as it gets, a mere 0 is unclear."""
        found = _NUMBER.fullmatch(words) or _NUMBER.fullmatch(_unlabelled(words))
        if not found:
            return None
        number = int(found[1]) or (0 if found[0] == found[1] else 1)
        return number if number and number == self.capped(number) else None


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text))


def _unlabelled(words: str) -> str:
    """Return words without a label among them: `high-priority` gives `high`."""
    return " ".join(word for word in words.replace("-", " ").split() if word not in LABELS)
