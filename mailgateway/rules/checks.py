"""What shows only when all files are seen together: double ids, rules that never act, names of quotas."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from mailgateway.diagnostics import Diagnostic, Document, Mark, Position, Severity
from mailgateway.rules.conditions import Mentions
from mailgateway.rules.doubts import (
    note_double_holidays,
    note_doubtful_cuts,
    note_missing_examples,
    note_missing_limit,
    note_past_days,
    note_spread,
)
from mailgateway.rules.faults import At, Faults, near
from mailgateway.rules.kinds.lists import ListsFile
from mailgateway.rules.program import PROGRAM_RULES
from mailgateway.rules.reach import note_unreachable
from mailgateway.rules.tables import RuleFile
from mailgateway.rules.values import Example, Rule

MAX_RULES = 2_000
MAX_PHRASES = 20_000


class OneFile(Protocol):
    """A file that was read."""

    @property
    def document(self) -> Document:
        """Its values and places."""

    @property
    def file(self) -> RuleFile:
        """The same as the kind's model."""

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with the program."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All files together.

    Attributes:
        files: Those that could be read.
        rules: By kind, in the order they are tried.
        examples: Every example.
        faulty: The places of rules of which a part could not be read: nothing is concluded from them.
    """

    files: Sequence[OneFile]
    rules: Mapping[str, tuple[Rule[object], ...]]
    examples: Sequence[Example]
    faulty: frozenset[Position] = frozenset()

    @property
    def sound(self) -> Mapping[str, tuple[Rule[object], ...]]:
        """The rules without those that are faulty."""
        return {
            kind: tuple(rule for rule in rules if rule.place not in self.faulty) for kind, rules in self.rules.items()
        }


def cross_checks(whole: Whole, today: date | None, faults: Faults) -> None:
    """Note what is wrong between rules and between files.

    Args:
        whole: All files.
        today: The day from which holidays and rules count as over; None for no look at them.
        faults: Where it is noted.
    """
    every = [rule for of_kind in whole.rules.values() for rule in of_kind]
    own = [rule for rule in every if not rule.is_shipped]
    _too_many(own, faults)
    _too_many_phrases(whole, own, faults)
    _quota_names(every, whole.rules.get("quota", ()), faults)
    note_unreachable(whole.sound, faults)
    note_doubtful_cuts(whole.sound.get("split", ()), faults)
    read = [(At(one.document, ()), one.file) for one in whole.files]
    note_spread(read, faults)
    note_missing_examples(own, whole.examples, faults)
    guards = whole.rules.get("guards", ())
    if guards == whole.sound.get("guards", ()):
        note_missing_limit(read, guards, faults)
    note_double_holidays(read, faults)
    if today is not None:
        note_past_days(read, whole.rules, today, faults)


def note_double_ids(rules: Iterable[Rule[object]], faults: Faults) -> None:
    """Note every id that is used again, by a rule that is switched off too, and those of the program's own rules."""
    first: dict[str, Rule[object]] = {}
    for rule in rules:
        if rule.id in PROGRAM_RULES:
            helps = (f"these are taken: {', '.join(PROGRAM_RULES)}",)
            faults.error("E401", f'the id "{rule.id}" is used twice', rule.place, "a rule of the program has it", helps)
        before = first.setdefault(rule.id, rule)
        if before is not rule:
            marks = (Mark(before.place, "it is here already"),)
            faults.add(
                Diagnostic(
                    Severity.ERROR,
                    "E401",
                    f'the id "{rule.id}" is used twice',
                    rule.place,
                    "used again here",
                    ("an id is unique over all files: it stands in explain, replay and the ticket's history",),
                    marks,
                )
            )


def _too_many(rules: Sequence[Rule[object]], faults: Faults) -> None:
    if len(rules) > MAX_RULES:
        faults.error("E501", f"there are {len(rules)} rules", rules[MAX_RULES].place, f"at most {MAX_RULES} are used")


def _too_many_phrases(whole: Whole, own: Sequence[Rule[object]], faults: Faults) -> None:
    """Note it where lists and conditions have more different phrases together than are searched for."""
    lists = [
        (At(one.document, ("phrases",)), one.file.phrases) for one in whole.files if isinstance(one.file, ListsFile)
    ]
    asked = (one.test for rule in own for one in rule.conditions)
    in_rules = {phrase.text for test in asked if isinstance(test, Mentions) for phrase in test.phrases.phrases}
    count = len(in_rules.union(*(phrases for _, named in lists for phrases in named.values())))
    if count > MAX_PHRASES:
        place = lists[-1][0].value if lists else own[0].place
        faults.error("E501", f"there are {count} phrases", place, f"at most {MAX_PHRASES} are searched for")


def _quota_names(rules: Sequence[Rule[object]], quotas: Sequence[Rule[object]], faults: Faults) -> None:
    known = [quota.id for quota in quotas]
    for rule in rules:
        for condition in rule.conditions:
            name = condition.fact.removeprefix("usage.")
            if name != condition.fact and name not in known:
                message = f'there is no quota called "{name}"'
                faults.error("E203", message, rule.place, f'"{rule.id}" asks for it', near(name, known, "quotas"))
