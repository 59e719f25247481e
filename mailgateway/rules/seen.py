"""What one decision sees: facts and the answers of earlier stages, each text cut into words once, the work counted."""

from collections.abc import Mapping
from datetime import datetime

from mailgateway.model.calendar import Calendar
from mailgateway.model.decision import Fact
from mailgateway.rules.words import MAX_TEXT_CHARS, Words, fold, valid_text, words_of

MAX_CONDITIONS = 50_000
"""Conditions that one decision tries."""
MAX_SEARCHED_CHARS = 64 * 1024 * 1024
"""Characters that the regular expressions of one decision search."""
YEARS = range(2, 9999)
"""Those in which every zone and every period of a moment can be worked out."""


class WorkLimitError(Exception):
    """A decision costs more than it may: it ends the same way however fast the machine is."""


class Seen:
    """Facts as conditions look at them. Made for one decision, and not shared."""

    __slots__ = (
        "_asked", "_folded", "_texts", "_words", "calendars", "chars_searched", "conditions_tried", "facts", "found",
        "is_cut",
    )  # fmt: skip

    def __init__(self, facts: Mapping[str, Fact], calendars: Mapping[str, Calendar]) -> None:
        self.facts = dict(facts)
        self.calendars = calendars
        self.found: dict[int, tuple[bool | None, str]] = {}
        """What tests found, by the identity of the test: a list is searched once a message."""
        self.conditions_tried = 0
        self.chars_searched = 0
        self.is_cut = False
        """Whether a text was longer than what is searched."""
        self._texts: dict[str, str | None] = {}
        self._words: dict[str, Words] = {}
        self._folded: dict[str, str] = {}
        self._asked: dict[str, list[int]] = {}

    def answer(self, name: str, value: Fact) -> None:
        """Make an answer a fact for the stages to come."""
        self.forget(name)
        self.facts[name] = value

    def forget(self, name: str) -> None:
        """Make a fact unknown for the stages to come, and with it all that was found by looking at it."""
        self.facts.pop(name, None)
        self._texts.pop(name, None)
        self._words.pop(name, None)
        for test in self._asked.pop(name, ()):
            self.found.pop(test, None)

    def remember(self, name: str, test: int, found: tuple[bool | None, str]) -> tuple[bool | None, str]:
        """Return what a test found, which is kept until the fact it looks at changes."""
        self._asked.setdefault(name, []).append(test)
        self.found[test] = found
        return found

    def begin_anew(self) -> None:
        """Count the work from zero again."""
        self.conditions_tried = self.chars_searched = 0

    def text(self, name: str) -> str | None:
        """Return a fact as the text that is searched, None where it is unknown; several texts are lines of one."""
        if name not in self._texts:
            value = self.facts.get(name)
            whole = None if value is None else _joined(value)
            self.is_cut = self.is_cut or (whole is not None and len(whole) > MAX_TEXT_CHARS)
            self._texts[name] = None if whole is None else valid_text(whole[:MAX_TEXT_CHARS])
        return self._texts[name]

    def words(self, name: str) -> Words | None:
        """Return the words of a fact, None where it is unknown."""
        words = self._words.get(name)
        if words is not None:
            return words
        text = self.text(name)
        if text is None:
            return None
        words = self._words[name] = words_of(text)
        return words

    def folded(self, text: str) -> str:
        """Return a name, address or file name as such are compared, valid Unicode; each is folded once."""
        found = self._folded.get(text)
        if found is None:
            found = self._folded[text] = fold(valid_text(text))
        return found

    def time(self, name: str) -> datetime | None:
        """Return a fact that is a time, aware; None where it is unknown, or is no moment that can be reckoned with."""
        value = self.facts.get(name)
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            return None
        return at if at is not None and at.tzinfo is not None and at.year in YEARS else None

    def searched(self, chars: int) -> None:
        """Count characters that a regular expression goes through.

        Raises:
            WorkLimitError: It is too many in all.
        """
        self.chars_searched += chars
        if self.chars_searched > MAX_SEARCHED_CHARS:
            raise WorkLimitError(f"over {MAX_SEARCHED_CHARS} characters searched by regular expressions")


def _joined(value: Fact) -> str:
    return "\n".join(value) if isinstance(value, tuple) else str(value)
