"""Priority: how urgent a ticket is. The order of the rules does not matter, and a cap always beats a raise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mailgateway.model.effects import Told
from mailgateway.rules.evaluation import Evaluation
from mailgateway.rules.facts import MOST_URGENT
from mailgateway.rules.faults import At, near
from mailgateway.rules.kind import Kind, Outcomes
from mailgateway.rules.tables import PriorityNumber, RuleFile, RuleTable, Table, TemplateName
from mailgateway.rules.terms import Stage
from mailgateway.rules.values import Rule, SiteWords

PRIORITY_CHANGED = "priority-changed"
"""The text that says why a ticket has another priority than the customer stated."""
RAISED_AND_CAPPED = "raised-and-capped"


class PriorityAnswer(Table):
    """What a priority rule answers."""

    raise_to: PriorityNumber | None = None
    """The ticket is at least as urgent as this; 1 is most urgent."""
    cap_at: PriorityNumber | None = None
    """The ticket is not more urgent than this; a cap beats every raise."""
    as_stated: bool = False
    """Whether the ticket starts from the priority the customer states, instead of the default."""


class PriorityRule(RuleTable):
    """One rule of priority."""

    priority: PriorityAnswer = PriorityAnswer()
    """The answer."""
    tell: TemplateName | None = None
    """The template that tells the customer, where the rule gets what it asks for; one of the templates of site.toml."""


class PriorityFile(RuleFile):
    """A file of kind priority."""

    kind: Literal["priority"]
    """What the file holds."""
    rule: tuple[PriorityRule, ...] = ()
    """The rules, in any order."""


@dataclass(frozen=True, slots=True)
class Priority:
    """What a rule of priority asks for; 0 and "" for nothing."""

    raise_to: int = 0
    cap_at: int = 0
    as_stated: bool = False
    tell: str = ""


def _outcome(table: RuleTable, at: At, outcomes: Outcomes) -> Priority:
    if not isinstance(table, PriorityRule):
        raise TypeError("a rule of priority")
    answer = table.priority
    check_priority(answer.raise_to, at / "priority" / "raise_to", outcomes)
    check_priority(answer.cap_at, at / "priority" / "cap_at", outcomes)
    if answer.raise_to is None and answer.cap_at is None and not answer.as_stated:
        helps = ("add priority.raise_to, priority.cap_at or priority.as_stated = true",)
        outcomes.faults.error("E133", "this rule answers nothing", at.value, "no priority in it", helps)
    check_template(table.tell, at / "tell", outcomes)
    return Priority(answer.raise_to or 0, answer.cap_at or 0, answer.as_stated, table.tell or "")


def check_priority(priority: int | None, at: At, outcomes: Outcomes) -> None:
    """Note a priority for which site.toml has no name."""
    names = outcomes.site.priorities
    if priority is not None and priority > len(names):
        helps = (f"site.toml names {len(names)}: {', '.join(names)}",)
        outcomes.faults.error("E132", f"there is no priority {priority}", at.value, "not in site.toml", helps)


def check_template(template: str | None, at: At, outcomes: Outcomes) -> None:
    """Note a template that site.toml does not name, or that is in no folder of templates."""
    if template is None:
        return
    named, known = outcomes.site.templates, outcomes.known
    if template not in named:
        outcomes.faults.unknown_word(template, at.value, "not in site.toml under templates", named)
    elif known is not None and template not in known.templates:
        helps = (f"write templates/LANGUAGE/told/{template}.txt", *near(template, known.templates, "there are"))
        outcomes.faults.warn("W051", f'there is no template "{template}"', at.value, "the customer is not told", helps)


PRIORITY: Kind[Priority] = Kind(
    name="priority",
    meaning="How urgent a ticket is: from the default the most urgent raise wins, then every cap is applied.",
    file=PriorityFile,
    table="rule",
    stage=Stage.ROUTED,
    outcome=_outcome,
    answers=("priority", "told", "tags"),
    policy="The most urgent of default and all `raise_to`, then the least urgent of all `cap_at`, in any order.",
    for_replies=True,
)


def prioritise(evaluation: Evaluation) -> None:
    """Answer the priority. A reply raises it at most, and never changes what an agent set by hand.

    Where the rules cost too much it is the default: a raise without the caps that come after it is none.
    """
    matched = list(evaluation.matching(PRIORITY, on_reply=evaluation.on_reply))
    if evaluation.is_over:
        matched = []  # the caps that were not tried any more would have had their say
    start, by = _start(evaluation, matched)
    raises = [rule for rule in matched if 0 < rule.outcome.raise_to < start]
    raised = min((rule.outcome.raise_to for rule in raises), default=start)
    cap = max((rule.outcome.cap_at for rule in matched), default=0)
    final = max(raised, cap)
    if evaluation.on_reply:
        final = min(final, start)
    deciding = [rule for rule in matched if rule.outcome.cap_at == cap] if final > raised else []
    deciding = deciding or [rule for rule in raises if rule.outcome.raise_to == raised] or by
    if raises and cap > raised:
        evaluation.tag(RAISED_AND_CAPPED)
    evaluation.answer("priority", final, ", ".join(rule.id for rule in deciding))
    if evaluation.on_reply or evaluation.seen.facts.get("ticket.priority") is None:  # an example may give a new one's
        set_priority(evaluation, final)
    wanted = [] if evaluation.on_reply else [rule for rule in matched if rule.outcome.raise_to == final]
    _tell(evaluation, final, deciding, wanted)


def set_priority(evaluation: Evaluation, priority: int) -> None:
    """Make a priority a fact for the stages to come."""
    evaluation.seen.answer("ticket.priority", priority)
    evaluation.seen.answer("ticket.is_priority", priority <= MOST_URGENT)


def _start(evaluation: Evaluation, matched: Sequence[Rule[Priority]]) -> tuple[int, list[Rule[Priority]]]:
    """Return where the priority starts from, and the rules that make it start from what is stated."""
    seen = evaluation.seen.facts
    if evaluation.on_reply:
        current = seen.get("ticket.priority")
        return (current if isinstance(current, int) else evaluation.rules.site.priority), []
    stated = seen.get("stated.priority")
    rules = [rule for rule in matched if rule.outcome.as_stated]
    if rules and isinstance(stated, int) and not isinstance(stated, bool):
        return max(1, min(stated, len(evaluation.rules.site.priorities))), rules
    return evaluation.rules.site.priority, []


def _tell(
    evaluation: Evaluation, final: int, deciding: Sequence[Rule[Priority]], wanted: Sequence[Rule[Priority]]
) -> None:
    """Note what the customer is told: where a rule says so, or where the priority is not the one stated in words.

    A rule whose wish came true has its say also where the customer stated the same priority: `please call`.
    """
    seen, site = evaluation.seen.facts, evaluation.rules.site
    stated = seen.get("stated.priority")
    rule = next((rule for rule in (*deciding, *wanted) if rule.outcome.tell), None)
    differs = isinstance(stated, int) and stated != final and seen.get("stated.by") in {"line", "subject"}
    if rule is None and not differs:
        return
    decided = rule or (deciding[0] if deciding else None)
    template = rule.outcome.tell if rule else PRIORITY_CHANGED
    values = priority_values(site, stated if isinstance(stated, int) else None, final)
    told = Told(template, decided.id if decided else "", (*values, ("why", decided.why if decided else "")))
    evaluation.told.append(told)


def priority_values(site: SiteWords, stated: int | None, final: int) -> tuple[tuple[str, str], ...]:
    """Return a priority as templates print it, beside the one that was stated."""
    return (
        ("stated", "" if stated is None else str(stated)),
        ("stated_name", "" if stated is None else site.priority_name(stated)),
        ("priority", str(final)),
        ("priority_name", site.priority_name(final)),
    )
