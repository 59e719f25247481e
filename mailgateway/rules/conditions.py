"""Conditions: what may be asked of a fact, and what is found.

A test finds (held, evidence); held is None where the fact is unknown, which holds neither in `when` nor in `unless`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from mailgateway.model.decision import Fact, Tried
from mailgateway.rules.patterns import Glob, Pattern, search
from mailgateway.rules.phrases import PhraseList, find_any
from mailgateway.rules.seen import MAX_CONDITIONS, Seen, WorkLimitError
from mailgateway.rules.times import is_holiday, is_open
from mailgateway.rules.words import EVIDENCE_CHARS, evidence, valid_text

Finding = tuple[bool | None, str]
"""Whether it holds (None: unknown), and what was seen."""
UNKNOWN: Finding = (None, "(unknown)")
NO_WORDS: Finding = (False, "no such words")


class Test(Protocol):
    """A question about facts."""

    def find(self, seen: Seen) -> Finding:
        """Return whether it holds, and the evidence."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a rule's `when` or `unless`.

    Attributes:
        clause: Which of the two.
        fact: The fact it looks at.
        words: The condition as people read it.
        test: The question.
    """

    clause: Literal["when", "unless"]
    fact: str
    words: str
    test: Test
    no_words: Tried = field(init=False, compare=False, repr=False)
    """What most conditions of most mails come to: made once, and not for every mail."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "no_words", Tried(self.clause, self.words, *NO_WORDS))

    def tried(self, seen: Seen) -> Tried:
        """Return what the condition finds; the same test is asked once a decision.

        Raises:
            WorkLimitError: The decision costs too much.
        """
        seen.conditions_tried += 1
        if seen.conditions_tried > MAX_CONDITIONS:
            raise WorkLimitError(f"over {MAX_CONDITIONS} conditions tried")
        key = id(self.test)
        found = seen.found.get(key)
        if found is None:
            found = seen.remember(self.fact, key, self.test.find(seen))
        return self.no_words if found is NO_WORDS else Tried(self.clause, self.words, found[0], found[1])

    def lets_through(self, tried: Tried) -> bool:
        """Return whether the rule may match as far as this condition goes."""
        return tried.held is True if self.clause == "when" else tried.held is not True


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whether a text mentions one of some phrases as whole words."""

    fact: str
    phrases: PhraseList

    def find(self, seen: Seen) -> Finding:
        """Return whether it does, with the words around the first."""
        words = seen.words(self.fact)
        if words is None:
            return UNKNOWN
        hit = find_any(words, self.phrases)
        return NO_WORDS if hit is None else (True, evidence(words.text, hit))


@dataclass(frozen=True, slots=True)
class Contains:
    """Whether a text has one of some pieces in it, whatever the case."""

    fact: str
    pieces: tuple[str, ...]

    def find(self, seen: Seen) -> Finding:
        """Return whether it does, with the piece."""
        text = seen.text(self.fact)
        if text is None:
            return UNKNOWN
        folded = text.casefold()
        found = next((piece for piece in self.pieces if piece.casefold() in folded), None)
        return (False, "not in the text") if found is None else (True, cut(f'"{found}"'))


@dataclass(frozen=True, slots=True)
class Matches:
    """Whether one of some regular expressions finds something in a text."""

    fact: str
    patterns: tuple[Pattern, ...]

    def find(self, seen: Seen) -> Finding:
        """Return whether one does, with the words around the hit."""
        text = seen.text(self.fact)
        if text is None:
            return UNKNOWN
        for pattern in self.patterns:
            seen.searched(len(text))
            hit = search(pattern, text)
            if hit is not None:
                return True, evidence(text, hit)
        return False, "no match"


@dataclass(frozen=True, slots=True)
class OneOf:
    """Whether a name is one of some names, whatever the case."""

    fact: str
    names: frozenset[str]

    def find(self, seen: Seen) -> Finding:
        """Return whether it is, with the name."""
        value = seen.facts.get(self.fact)
        if value is None:
            return UNKNOWN
        name = shown(value)
        return seen.folded(name) in self.names, cut(name)


@dataclass(frozen=True, slots=True)
class Like:
    """Whether an address or file name, or one of several, is like one of some patterns."""

    fact: str
    globs: tuple[Glob, ...]

    def find(self, seen: Seen) -> Finding:
        """Return whether one is, with the first such name."""
        value = seen.facts.get(self.fact)
        if value is None:
            return UNKNOWN
        names = value if isinstance(value, tuple) else (shown(value),)
        found = next((name for name in names if any(glob.fits(seen.folded(name)) for glob in self.globs)), None)
        return (False, cut(", ".join(names) or "none")) if found is None else (True, cut(found))


@dataclass(frozen=True, slots=True)
class Between:
    """Whether a number lies between two bounds, both included."""

    fact: str
    least: int
    most: int

    def find(self, seen: Seen) -> Finding:
        """Return whether it does, with the number."""
        value = seen.facts.get(self.fact)
        if not isinstance(value, int) or isinstance(value, bool):
            return UNKNOWN
        return self.least <= value <= self.most, cut(str(value))


@dataclass(frozen=True, slots=True)
class AmongNumbers:
    """Whether a number is one of some numbers."""

    fact: str
    numbers: frozenset[int]

    def find(self, seen: Seen) -> Finding:
        """Return whether it is, with the number."""
        value = seen.facts.get(self.fact)
        if not isinstance(value, int) or isinstance(value, bool):
            return UNKNOWN
        return value in self.numbers, cut(str(value))


@dataclass(frozen=True, slots=True)
class Is:
    """Whether a yes or no is as wanted."""

    fact: str
    wanted: bool

    def find(self, seen: Seen) -> Finding:
        """Return whether it is, with the answer."""
        value = seen.facts.get(self.fact)
        return (value is self.wanted, shown(value)) if isinstance(value, bool) else UNKNOWN


@dataclass(frozen=True, slots=True)
class InCalendar:
    """Whether a time lies in the opening hours, or on a holiday, of one of some calendars."""

    fact: str
    calendars: tuple[str, ...]
    holidays: bool

    def find(self, seen: Seen) -> Finding:
        """Return whether it does, with the time in the calendar's zone."""
        at = seen.time(self.fact)
        if at is None:
            return UNKNOWN
        test: Callable[..., bool] = is_holiday if self.holidays else is_open
        outside = "a working day of" if self.holidays else "outside"
        inside = "a holiday of" if self.holidays else "inside"
        calendars = [seen.calendars[name] for name in self.calendars]
        found = next((calendar for calendar in calendars if test(calendar, at)), None)
        named = found or calendars[0]
        local = at.astimezone(named.zone.tzinfo)
        return found is not None, cut(f"{local:%a %d %b %H:%M} is {inside if found else outside} {named.id}")


def shown(value: Fact) -> str:
    """Return a fact as people read it."""
    if value is None:
        return "(unknown)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def cut(text: str) -> str:
    """Return a text on one line, cut to what evidence may be long, without the surrogates that nothing can store."""
    line = valid_text(" ".join(text.split()))
    return line if len(line) <= EVIDENCE_CHARS else line[: EVIDENCE_CHARS - 1] + "…"
