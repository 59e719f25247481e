"""Guards: limits against loops and floods. They only ever take an answer away.

Machines are never answered: that is in the program and no file changes it (design.md section 6, RFC 3834).
"""

from dataclasses import dataclass
from typing import Literal

from mailgateway.rules.evaluation import TAG_LIMIT, Evaluation
from mailgateway.rules.faults import At
from mailgateway.rules.kind import Kind, Outcomes
from mailgateway.rules.tables import Line, RuleFile, RuleTable, Tag
from mailgateway.rules.terms import Stage


class GuardRule(RuleTable):
    """One guard."""

    silent: Line
    """Why no automatic answer is sent: stands in the ticket's history."""
    tag: Tag | None = None
    """A word put on the ticket."""


class GuardsFile(RuleFile):
    """A file of kind guards."""

    kind: Literal["guards"]
    """What the file holds."""
    rule: tuple[GuardRule, ...] = ()
    """The guards; any that matches is enough."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What a guard asks for."""

    silent: str
    tag: str = ""


def _outcome(table: RuleTable, at: At, outcomes: Outcomes) -> Guard:
    if not isinstance(table, GuardRule):
        raise TypeError("a guard")
    if not table.silent:
        helps = ("say why no answer is sent: it stands in the ticket's history",)
        outcomes.faults.error("E130", "silent needs a reason", (at / "silent").value, "nothing stands here", helps)
    return Guard(table.silent, table.tag or "")


GUARDS: Kind[Guard] = Kind(
    name="guards",
    meaning="Limits against loops and floods: whether a person's mail is answered automatically.",
    file=GuardsFile,
    table="rule",
    stage=Stage.PRIORITISED,
    outcome=_outcome,
    answers=("silent", "tags"),
    policy="Any matching guard takes the automatic answer away; the first one gives the reason.",
)


def guard(evaluation: Evaluation) -> tuple[str, str]:
    """Answer whether a mail stays without an automatic answer; return the guard's id and why, ("", "") for neither.

    A mail that cost the stages before too much is guarded all the same: else it would be answered without a limit.
    """
    evaluation.begin_anew()
    matched = list(evaluation.matching(GUARDS, on_reply=False))
    if not matched:
        return (TAG_LIMIT, "the guards cost more than they may") if evaluation.is_over else ("", "")
    for rule in matched:
        evaluation.tag(rule.outcome.tag)
    evaluation.answer("silent", matched[0].outcome.silent, ", ".join(rule.id for rule in matched))
    return matched[0].id, matched[0].outcome.silent
