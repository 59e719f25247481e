"""What one decision sees: facts and the answers of earlier stages, each text cut into words once, the work counted."""

from collections.abc import Mapping
from datetime import datetime

from mailgateway.model.calendar import Calendar
from mailgateway.model.decision import Fact
from mailgateway.rules.words import MAX_TEXT_CHARS, Words, valid_text, words_of

MAX_CONDITIONS = 50_000
"""Conditions that one decision tries."""
MAX_SEARCHED_CHARS = 64 * 1024 * 1024
"""Characters that the regular expressions of one decision search."""


class WorkLimitError(Exception):
    """A decision costs more than it may: it ends the same way however fast the machine is."""


class Seen:
    """Facts as conditions look at them. Made for one decision, and not shared."""

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

    def answer(self, name: str, value: Fact) -> None:
        """Make an answer a fact for the stages to come."""
        self.facts[name] = value

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
        text = self.text(name)
        if text is None:
            return None
        if name not in self._words:
            self._words[name] = words_of(text)
        return self._words[name]

    def time(self, name: str) -> datetime | None:
        """Return a fact that is a time, aware; None where it is unknown."""
        value = self.facts.get(name)
        return datetime.fromisoformat(value) if isinstance(value, str) else None

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
