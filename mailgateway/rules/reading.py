"""From `when` and `unless` as they were written to conditions: words, types and names are checked here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from mailgateway.diagnostics import Position
from mailgateway.model.calendar import Calendar
from mailgateway.rules.conditions import (
    AmongNumbers,
    Between,
    Condition,
    Contains,
    InCalendar,
    Is,
    Like,
    Matches,
    Mentions,
    OneOf,
    Test,
)
from mailgateway.rules.faults import At, Faults, near
from mailgateway.rules.patterns import PatternError, glob, matches_empty, pattern
from mailgateway.rules.phrases import PhraseError, PhraseList, phrase, phrase_list
from mailgateway.rules.terms import FactType, Stage, Term
from mailgateway.rules.values import Known, SiteWords
from mailgateway.rules.vocabulary import VOCABULARY, Vocabulary
from mailgateway.rules.words import fold

SHORTEST_PHRASE = 3
"""A phrase with fewer characters is probably a mistake."""
MOST = 10**12
"""What stands for no upper bound."""


@dataclass(frozen=True, slots=True)
class Context:
    """What conditions are read with.

    Attributes:
        site: The site's words.
        lists: Named lists of phrases.
        calendars: By id.
        vocabulary: The facts there are.
        tests: Tests made so far, so that the same question is one test in all rules.
        known: What the configuration knows, None where there is none.
    """

    site: SiteWords
    lists: Mapping[str, PhraseList]
    calendars: Mapping[str, Calendar]
    vocabulary: Vocabulary = VOCABULARY
    tests: dict[object, Test] = field(default_factory=dict)
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """One condition as it was written."""

    term: Term
    name: str
    value: object
    at: At


def known_names(term: Term, site: SiteWords) -> tuple[str, ...] | None:
    """Return the only names that a fact may have, None where it may have any."""
    words: tuple[str, ...] | None = getattr(site, term.site) if term.site else None
    return term.names or words


class ConditionReader:
    """Reads the conditions of the rules of one file."""

    def __init__(self, context: Context, kind: str, stage: Stage, faults: Faults) -> None:
        self._context, self._kind, self._stage, self._faults = context, kind, stage, faults

    def read(self, rule: Mapping[str, object], at: At, *, on_reply: bool) -> tuple[Condition, ...]:
        """Return the conditions of a rule, those of `when` first; faulty ones are noted and left out.

        Args:
            rule: The rule as it was written.
            at: Where it stands.
            on_reply: Whether it looks at replies: all facts of the ticket are known to it.
        """
        stage = Stage.PRIORITISED if on_reply else self._stage
        clauses: tuple[Literal["when", "unless"], ...] = ("when", "unless")
        return tuple(
            condition
            for clause in clauses
            for line in self._lines(rule.get(clause), "", at / clause)
            if self._is_known(line, stage)
            for condition in self._conditions(clause, line)
        )

    def _lines(self, written: object, prefix: str, at: At) -> Iterator[_Line]:
        """Yield every fact that is named, with what stands there."""
        if not isinstance(written, Mapping):
            return
        for key, value in written.items():
            name = f"{prefix}.{key}" if prefix else str(key)
            term = self._context.vocabulary.get(name)
            if term is not None:
                yield _Line(term, name, value, at / key)
            elif self._context.vocabulary.below(name) or self._context.vocabulary.get(f"{name}.x") is not None:
                yield from self._below(value, name, at / key)
            else:
                where = f"in {prefix}" if prefix else f'in "rule.{at.path[-1]}"'
                self._faults.error(
                    "E110",
                    f'unknown name "{key}"',
                    (at / key).key,
                    f"not known {where}",
                    near(str(key), self._context.vocabulary.below(prefix)),
                )

    def _below(self, value: object, name: str, at: At) -> Iterator[_Line]:
        if isinstance(value, Mapping):
            yield from self._lines(value, name, at)
            return
        below = self._context.vocabulary.below(name)
        helps = (f"write one of: {', '.join(f'{name}.{one}' for one in below)}",) if below else ()
        self._faults.error("E112", f'"{name}" alone is no fact', at.key, "a name is missing after it", helps)

    def _is_known(self, line: _Line, stage: Stage) -> bool:
        if line.term.stage <= stage:
            return True
        self._faults.error(
            "E113",
            f'"{line.name}" is not known yet in {self._kind}',
            line.at.key,
            "decided later",
            ("a file sees the answers of earlier files only: routing, then split, priority, quota",),
        )
        return False

    def _conditions(self, clause: Literal["when", "unless"], line: _Line) -> Iterator[Condition]:
        if line.term.type in {FactType.TEXT, FactType.TIME}:
            yield from self._asked(clause, line)
            return
        read = _READERS[line.term.type](self, line)
        if read is not None:
            test, words = read
            yield Condition(clause, line.name, f"{line.name} {words}", self._once(test))

    def _once(self, test: Test) -> Test:
        return self._context.tests.setdefault(test, test)

    def _asked(self, clause: Literal["when", "unless"], line: _Line) -> Iterator[Condition]:
        """Yield the conditions of a fact of which something is asked by name: `text.mentions = ...`."""
        operators = _ASKED[line.term.type]
        if not isinstance(line.value, Mapping):
            helps = tuple(f"write {clause}.{line.name}.{operator} = ..." for operator in operators)
            self._faults.error("E112", f'nothing is asked of "{line.name}"', line.at.value, "say how", helps)
            return
        for operator, value in line.value.items():
            read = operators.get(operator)
            at = line.at / operator
            if read is None:
                self._faults.error(
                    "E114",
                    f'unknown name "{operator}"',
                    at.key,
                    f'not known of "{line.name}"',
                    near(str(operator), operators),
                )
                continue
            result = read(self, _Line(line.term, line.name, value, at))
            if result is not None:
                yield Condition(clause, line.name, f"{line.name} {result[1]}", self._once(result[0]))

    # --- what may be asked of a text ------------------------------------------------------------------------

    def mentions(self, line: _Line) -> tuple[Test, str] | None:
        """Return the test of a text for phrases and lists of phrases."""
        texts = self._texts(line)
        lists = [found for at, text in texts if (found := self._phrases(text, at)) is not None]
        if not texts or len(lists) < len(texts):
            return None
        key = tuple(text for _, text in texts)
        phrases = lists[0] if len(lists) == 1 else phrase_list(one for found in lists for one in found.phrases)
        return Mentions(line.name, phrases), f"mentions {', '.join(key)}"

    def _phrases(self, text: str, at: Position) -> PhraseList | None:
        if not text.startswith("@"):
            return read_phrase(text, at, self._faults)
        name = text[1:]
        if name not in self._context.lists:
            lists = [f"@{one}" for one in self._context.lists]
            helps = near(text, lists, "lists") or (f"write it under [phrases] in a file of kind lists: {name} = [...]",)
            self._faults.error("E201", f'there is no list called "{name}"', at, "in no file of kind lists", helps)
            return None
        return self._context.lists[name]

    def contains(self, line: _Line) -> tuple[Test, str] | None:
        """Return the test of a text for pieces."""
        texts = self._texts(line)
        empty = next((at for at, text in texts if not text), None)
        if empty is not None:
            self._faults.error("E202", "an empty text is in every text", empty, "nothing stands here")
            return None
        pieces = tuple(text for _, text in texts)
        return (Contains(line.name, pieces), f"contains {', '.join(pieces)}") if pieces else None

    def matches(self, line: _Line) -> tuple[Test, str] | None:
        """Return the test of a text for regular expressions."""
        texts = self._texts(line)
        patterns = []
        for at, text in texts:
            try:
                patterns.append(pattern(text))
            except PatternError as error:
                # The text begins after the opening quote; in quotes with escapes the place is near enough.
                place = Position(at.path, at.line, at.column + 1 + error.offset, max(1, error.length))
                helps = (error.help,) if error.help else ()
                whole = at if error.offset + error.length > at.length else place
                self._faults.error("E301", "this regular expression cannot be used", whole, str(error), helps)
                return None
            if matches_empty(patterns[-1]):
                self._faults.warn("W020", "this pattern matches the empty text", at, "so it matches every mail")
        shown = ", ".join(text for _, text in texts)
        return (Matches(line.name, tuple(patterns)), f"matches {shown}") if patterns else None

    # --- the other types ------------------------------------------------------------------------------------

    def names(self, line: _Line) -> tuple[Test, str] | None:
        """Return the test of a name against one or several."""
        texts = self._texts(line)
        known = known_names(line.term, self._context.site)
        wrong = [(at, text) for at, text in texts if known is not None and text not in known]
        for at, text in wrong:
            place = f"in site.toml under {line.term.site}" if line.term.site else f'a value of "{line.name}"'
            self._faults.unknown_word(text, at, f"not {place}", known or ())
        if wrong or not texts:
            return None
        wanted = tuple(text for _, text in texts)
        return OneOf(line.name, frozenset(map(fold, wanted))), f"is {_one_of(wanted)}"

    def patterns(self, line: _Line) -> tuple[Test, str] | None:
        """Return the test of addresses or file names against patterns."""
        globs = []
        texts = self._texts(line)
        for at, text in texts:
            try:
                globs.append(glob(text))
            except PatternError as error:
                self._faults.error("E302", "this pattern cannot be used", at, str(error))
                return None
        return (Like(line.name, tuple(globs)), f"is like {', '.join(text for _, text in texts)}") if globs else None

    def number(self, line: _Line) -> tuple[Test, str] | None:
        """Return the test of a number: one, one of some, or two bounds."""
        value = line.value
        written = value if isinstance(value, list) else [value]
        numbers = [one for one in written if isinstance(one, int) and not isinstance(one, bool)]
        if numbers and len(numbers) == len(written):
            return AmongNumbers(line.name, frozenset(numbers)), f"is {_one_of(tuple(map(str, numbers)))}"
        if isinstance(value, Mapping) and value and all(map(_is_number, value.values())):
            return self._bounds(line, value)
        self._wrong(line, "a number", "3, [1, 2] or { at_least = 2, at_most = 12 }")
        return None

    def _bounds(self, line: _Line, value: Mapping[str, int]) -> tuple[Test, str] | None:
        unknown = [key for key in value if key not in {"at_least", "at_most"}]
        for key in unknown:
            helps = near(key, ("at_least", "at_most"))
            self._faults.error("E114", f'unknown name "{key}"', (line.at / key).key, "not known of a number", helps)
        least, most = value.get("at_least", -MOST), value.get("at_most", MOST)
        if least > most:
            self._faults.error("E112", "no number is in this range", line.at.value, "at_least is above at_most")
        if unknown or least > most:
            return None
        words = [f"at least {least}"] * (least > -MOST) + [f"at most {most}"] * (most < MOST)
        return Between(line.name, least, most), f"is {' and '.join(words)}"

    def yes_no(self, line: _Line) -> tuple[Test, str] | None:
        """Return the test of a yes or no."""
        if isinstance(line.value, bool):
            return Is(line.name, line.value), f"is {'true' if line.value else 'false'}"
        self._wrong(line, "true or false", "true")
        return None

    def in_hours(self, line: _Line) -> tuple[Test, str] | None:
        """Return the test of a time against opening hours."""
        return self._calendar(line, "in_hours", holidays=False)

    def on_holiday(self, line: _Line) -> tuple[Test, str] | None:
        """Return the test of a time against holidays."""
        return self._calendar(line, "on_holiday", holidays=True)

    def _calendar(self, line: _Line, operator: str, *, holidays: bool) -> tuple[Test, str] | None:
        texts = self._texts(line)
        wrong = [(at, text) for at, text in texts if text not in self._context.calendars]
        for at, text in wrong:
            helps = near(text, self._context.calendars, "calendars")
            self._faults.error("E412", f'there is no calendar called "{text}"', at, "in no file of calendars", helps)
        names = tuple(text for _, text in texts)
        if wrong or not names:
            return None
        return InCalendar(line.name, names, holidays), f"{operator.replace('_', ' ')} {', '.join(names)}"

    # --- values ---------------------------------------------------------------------------------------------

    def _texts(self, line: _Line) -> list[tuple[Position, str]]:
        """Return the texts of a value that is one or a list, with their places; [] after a fault."""
        if isinstance(line.value, str):
            return [(line.at.value, line.value)]
        if isinstance(line.value, list) and line.value and all(isinstance(one, str) for one in line.value):
            return [((line.at / i).value, one) for i, one in enumerate(line.value)]
        self._wrong(line, "text or a list of texts", '"..." or ["...", "..."]')
        return []

    def _wrong(self, line: _Line, wanted: str, example: str) -> None:
        dotted = ".".join(str(part) for part in line.at.path if isinstance(part, str) and part != "rule")
        self._faults.error(
            "E112",
            f'"{dotted}" must be {wanted}',
            line.at.value,
            "cannot stand here",
            (f"write for example {example}",),
        )


def read_phrase(text: str, at: Position, faults: Faults) -> PhraseList | None:
    """Return a phrase as a list of one; None where it cannot be used, which is noted."""
    try:
        read = phrase(text)
    except PhraseError as error:
        faults.error("E202", "this phrase cannot be used", at, str(error))
        return None
    if len(text.strip("* ")) < SHORTEST_PHRASE and text.isascii():
        faults.warn("W021", f'"{text}" is a very short phrase', at, "it will match by accident")
    return phrase_list((read,))


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _one_of(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"one of {', '.join(words)}"


_Reader = Callable[[ConditionReader, _Line], tuple[Test, str] | None]

_READERS: dict[FactType, _Reader] = {
    FactType.NAME: ConditionReader.names,
    FactType.PATTERN: ConditionReader.patterns,
    FactType.NUMBER: ConditionReader.number,
    FactType.YES_NO: ConditionReader.yes_no,
}
_ASKED: dict[FactType, dict[str, _Reader]] = {
    FactType.TEXT: {
        "mentions": ConditionReader.mentions,
        "contains": ConditionReader.contains,
        "matches": ConditionReader.matches,
    },
    FactType.TIME: {"in_hours": ConditionReader.in_hours, "on_holiday": ConditionReader.on_holiday},
}
OPERATORS: Mapping[FactType, tuple[str, ...]] = {kind: tuple(asked) for kind, asked in _ASKED.items()}
"""What may be asked by name, for the schema and the documentation."""
