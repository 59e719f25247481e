"""Life cycle: what a customer's words on a ticket change: reopen it, close it, or begin a new one."""

from dataclasses import dataclass
from typing import Literal

from mailgateway.rules.evaluation import Evaluation
from mailgateway.rules.faults import At
from mailgateway.rules.kind import Kind, Outcomes
from mailgateway.rules.kinds.priority import check_template
from mailgateway.rules.tables import RuleFile, RuleTable, TemplateName
from mailgateway.rules.terms import Stage

REOPEN, CLOSE, NEW_TICKET, LEAVE = "reopen", "close", "new ticket", "leave"


class LifecycleRule(RuleTable):
    """One rule of lifecycle."""

    on: Literal["reply"] = "reply"
    """Always replies."""
    then: Literal["reopen", "close", "new ticket", "leave"]
    """What becomes of the ticket. `new ticket`: the mail opens one that is linked to the old."""
    tell: TemplateName | None = None
    """The template that tells the customer; one of the templates of site.toml."""


class LifecycleFile(RuleFile):
    """A file of kind lifecycle."""

    kind: Literal["lifecycle"]
    """What the file holds."""
    rule: tuple[LifecycleRule, ...] = ()
    """The rules; the first that matches decides."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What a rule of lifecycle asks for."""

    then: str
    tell: str = ""


def _outcome(table: RuleTable, at: At, outcomes: Outcomes) -> Lifecycle:
    if not isinstance(table, LifecycleRule):
        raise TypeError("a rule of lifecycle")
    check_template(table.tell, at / "tell", outcomes)
    return Lifecycle(table.then, table.tell or "")


LIFECYCLE: Kind[Lifecycle] = Kind(
    name="lifecycle",
    meaning="What a customer's words on a ticket change: reopen it, close it, or begin a new one that is linked to it.",
    file=LifecycleFile,
    table="rule",
    stage=Stage.PRIORITISED,
    outcome=_outcome,
    answers=("then", "told"),
    policy="The first matching rule decides; where none matches the ticket stays as it is.",
    is_ordered=True,
    for_replies=True,
    stops=lambda _: True,
)


def live(evaluation: Evaluation) -> str:
    """Answer what becomes of the ticket a reply is put on; LEAVE where no rule matches."""
    matched = list(evaluation.matching(LIFECYCLE, on_reply=True))
    if not matched:
        return LEAVE
    deciding = matched[0]
    unused = tuple(rule.id for rule in matched[1:] if rule.outcome.then != deciding.outcome.then)
    evaluation.answer("then", deciding.outcome.then, deciding.id, unused)
    if deciding.outcome.tell:
        evaluation.tell(deciding.outcome.tell, deciding)
    return deciding.outcome.then
