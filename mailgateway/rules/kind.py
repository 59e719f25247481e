"""What a kind of rule file is: one value of `Kind`, made in one module of `kinds`, says everything about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from mailgateway.rules.faults import At, Faults
from mailgateway.rules.tables import RuleFile, RuleTable
from mailgateway.rules.terms import Stage
from mailgateway.rules.values import Known, Rule, SiteWords

O = TypeVar("O")  # noqa: E741 -- the outcome of a kind


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What outcomes are read with.

    Attributes:
        site: The site's words.
        faults: Where faults are noted.
        known: What the configuration knows, None where there is none.
    """

    site: SiteWords
    faults: Faults
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Kind(Generic[O]):
    """A kind of file that holds rules.

    Attributes:
        name: As the files say it.
        meaning: For the documentation, a sentence or two.
        file: The model of the whole file.
        table: The name of its rules, as in `[[rule]]`.
        stage: Which facts its rules see.
        outcome: Makes what a rule asks for of the rule as it was read, and notes faults in it.
        answers: What examples may expect.
        policy: How several matching rules combine, for the documentation.
        is_ordered: Whether the order of the rules matters.
        for_replies: Whether rules may look at replies.
        stops: Whether no later rule of the kind can act on a mail that a rule with this outcome matches.
    """

    name: str
    meaning: str
    file: type[RuleFile]
    table: str
    stage: Stage
    outcome: Callable[[RuleTable, At, Outcomes], O]
    answers: tuple[str, ...]
    policy: str
    is_ordered: bool = False
    for_replies: bool = False
    stops: Callable[[O], bool] = lambda _: False

    def own(self, rule: Rule[object]) -> Rule[O]:
        """Return a rule of this kind as one."""
        if rule.kind != self.name:
            raise TypeError(f"{rule.id} is a rule of {rule.kind}, not of {self.name}")
        return cast("Rule[O]", rule)

    def ends_at(self, rule: Rule[object]) -> bool:
        """Return whether a rule of this kind, where it matches, is the last that can act."""
        return self.stops(self.own(rule).outcome)
