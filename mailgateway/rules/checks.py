"""What shows only when all files are seen together: double ids, rules that never act, names of quotas."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from mailgateway.diagnostics import Diagnostic, Document, Mark, Position, Severity
from mailgateway.rules.conditions import Condition
from mailgateway.rules.faults import At, Faults, near
from mailgateway.rules.kinds.all import RULE_KINDS
from mailgateway.rules.kinds.calendars import CalendarsFile, past_holidays
from mailgateway.rules.kinds.priority import Priority
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


def cross_checks(
    files: Sequence[OneFile],
    rules: Mapping[str, tuple[Rule[object], ...]],
    examples: Sequence[Example],
    today: date | None,
    faults: Faults,
) -> None:
    """Note what is wrong between rules and between files."""
    every = [rule for of_kind in rules.values() for rule in of_kind]
    _double_ids(every, faults)
    _too_many(every, faults)
    _quota_names(every, rules.get("quota", ()), faults)
    _never_reached(rules.get("routing", ()), faults)
    _raised_and_capped(rules.get("priority", ()), faults)
    _spread(files, faults)
    _without_example(files, every, examples, faults)
    if today is not None:
        _past_holidays(files, today, faults)


def _double_ids(rules: Sequence[Rule[object]], faults: Faults) -> None:
    first: dict[str, Rule[object]] = {}
    for rule in rules:
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


def _quota_names(rules: Sequence[Rule[object]], quotas: Sequence[Rule[object]], faults: Faults) -> None:
    known = [quota.id for quota in quotas]
    for rule in rules:
        for condition in rule.conditions:
            name = condition.fact.removeprefix("usage.")
            if name != condition.fact and name not in known:
                message = f'there is no quota called "{name}"'
                faults.error("E203", message, rule.place, f'"{rule.id}" asks for it', near(name, known, "quotas"))


def _never_reached(rules: Sequence[Rule[object]], faults: Faults) -> None:
    """Note rules behind one that stops every mail they could match."""
    stoppers: list[Rule[object]] = []
    for rule in rules:
        culprit = next((one for one in stoppers if _covers(one, rule)), None)
        if culprit is not None:
            same_file = culprit.place.path == rule.place.path
            where = f"line {culprit.place.line}" if same_file else str(culprit.place)
            faults.warn(
                "W010",
                f'rule "{rule.id}" can never be reached',
                rule.place,
                "every mail it could match is stopped before it",
                (f'move it above "{culprit.id}" ({where}), or remove "stop" there',),
                (Mark(culprit.place, f'"{culprit.id}" stops first'),),
            )
        if getattr(rule.outcome, "stop", False) and rule.starts is None and rule.ends is None:
            stoppers.append(rule)


def _covers(wide: Rule[object], narrow: Rule[object]) -> bool:
    """Return whether every mail that `narrow` matches is surely matched by `wide`: it asks all that `wide` asks."""
    asked = {_question(condition) for condition in narrow.conditions}
    return all(_question(condition) in asked for condition in wide.conditions)


def _question(condition: Condition) -> tuple[str, object]:
    return condition.clause, condition.test


def _raised_and_capped(rules: Sequence[Rule[object]], faults: Faults) -> None:
    """Note a cap and a raise with the very same conditions: the raise can never act."""
    caps = [rule for rule in rules if isinstance(rule.outcome, Priority) and rule.outcome.cap_at]
    for rule in rules:
        if not isinstance(rule.outcome, Priority) or not rule.outcome.raise_to:
            continue
        cap = next((one for one in caps if one.outcome.cap_at > rule.outcome.raise_to and _covers(one, rule)), None)  # type: ignore[attr-defined]  # caps are of Priority
        if cap is not None and cap is not rule:
            faults.warn(
                "W011",
                f'rule "{rule.id}" can never act',
                rule.place,
                "what it raises is capped",
                (f'"{cap.id}" caps every ticket that this one raises; a cap always beats a raise',),
                (Mark(cap.place, f'"{cap.id}" caps'),),
            )


def _spread(files: Sequence[OneFile], faults: Faults) -> None:
    """Note kinds whose order matters and that stand in several files: their order is the files' names."""
    for kind in RULE_KINDS:
        of_kind = [one for one in files if one.file.kind == kind.name]
        if kind.is_ordered and len(of_kind) > 1:
            names = ", ".join(one.document.path for one in of_kind)
            place = At(of_kind[1].document, ("kind",)).value
            faults.warn(
                "W040",
                f"{kind.name} is spread over files",
                place,
                "the order of its rules matters",
                (f"they are read in this order: {names}",),
            )


def _without_example(
    files: Sequence[OneFile], rules: Sequence[Rule[object]], examples: Sequence[Example], faults: Faults
) -> None:
    shown = {example.rule for example in examples}
    shipped = {one.document.path for one in files if one.is_shipped}
    for rule in rules:
        if rule.id not in shown and rule.place.path not in shipped:
            helps = ("add an example: it runs before the rule goes live, and in mailgateway rules test",)
            faults.warn("W012", f'rule "{rule.id}" has no example', rule.place, "nobody knows that it works", helps)


def _past_holidays(files: Sequence[OneFile], today: date, faults: Faults) -> None:
    for one in files:
        if isinstance(one.file, CalendarsFile):
            for at in past_holidays(one.file, At(one.document, ()), today):
                place: Position = at.value
                faults.warn("W031", "all of these holidays are over", place, f"before {today}", ("add the next ones",))
