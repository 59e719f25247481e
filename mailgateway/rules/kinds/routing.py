"""Routing: where a mail that opens a ticket goes, what it is, and whether it is answered at all."""

from dataclasses import dataclass
from typing import Literal

from mailgateway.rules.evaluation import Evaluation
from mailgateway.rules.faults import At, near
from mailgateway.rules.kind import Kind, Outcomes
from mailgateway.rules.kinds.priority import check_template
from mailgateway.rules.tables import (
    AgentName,
    KindName,
    Line,
    QueueName,
    RoleName,
    RuleFile,
    RuleTable,
    Table,
    Tag,
    TemplateName,
)
from mailgateway.rules.terms import Stage
from mailgateway.rules.values import Rule


class Route(Table):
    """What a routing rule answers."""

    queue: QueueName | None = None
    """The pile the ticket lies on; one of the queues of site.toml."""
    kind: KindName | None = None
    """What the ticket is; one of the kinds of site.toml."""
    assignee: AgentName | None = None
    """The id of the agent it is given to."""
    role: RoleName | None = None
    """The role whose agents are told, instead of the configured ones."""
    tags: tuple[Tag, ...] = ()
    """Words put on the ticket; those of all matching rules add up."""
    hold: bool = False
    """No answer is sent; an agent decides. Needs `because`."""
    refuse: TemplateName | None = None
    """The template that tells the customer what to do instead; one of the templates of site.toml."""
    ignore: bool = False
    """The mail is kept and listed, without a ticket. Needs `because`."""
    because: Line = ""
    """Why it is held, refused or ignored, for the people who look at it later."""


class RoutingRule(RuleTable):
    """One rule of routing."""

    route: Route = Route()
    """The answers."""
    stop: bool = False
    """Whether no later rule of routing is tried for a mail that this one matches."""


class RoutingFile(RuleFile):
    """A file of kind routing."""

    kind: Literal["routing"]
    """What the file holds."""
    rule: tuple[RoutingRule, ...] = ()
    """The rules, tried from top to bottom."""


@dataclass(frozen=True, slots=True)
class Routing:
    """What a rule of routing asks for; "" for no answer."""

    queue: str = ""
    kind: str = ""
    assignee: str = ""
    role: str = ""
    tags: tuple[str, ...] = ()
    hold: str = ""
    refuse: str = ""
    ignore: str = ""
    stop: bool = False


def _outcome(table: RuleTable, at: At, outcomes: Outcomes) -> Routing:
    if not isinstance(table, RoutingRule):
        raise TypeError("a rule of routing")
    route, site = table.route, outcomes.site
    for key, known in (("queue", site.queues), ("kind", site.kinds), ("role", site.roles)):
        word = getattr(route, key)
        if word is not None and known and word not in known:
            label = f"not in site.toml under {key}s"
            outcomes.faults.unknown_word(word, (at / "route" / key).value, label, known)
    check_template(route.refuse, at / "route" / "refuse", outcomes)
    _check_agents(route, at / "route", outcomes)
    if (route.hold or route.ignore) and not route.because:
        what = "hold" if route.hold else "ignore"
        helps = ('add because = "...": whoever finds the mail later wants to know',)
        outcomes.faults.error(
            "E130", f"{what} needs a reason", (at / "route" / what).key, "no because beside it", helps
        )
    if sum((route.hold, route.ignore, route.refuse is not None)) > 1:
        outcomes.faults.error(
            "E131", "a mail is held, refused or ignored, not several of these", (at / "route").key, "choose one"
        )
    return Routing(
        queue=route.queue or "",
        kind=route.kind or "",
        assignee=route.assignee or "",
        role=route.role or "",
        tags=route.tags,
        hold=route.because if route.hold else "",
        refuse=route.refuse or "",
        ignore=route.because if route.ignore else "",
        stop=table.stop,
    )


def _check_agents(route: Route, at: At, outcomes: Outcomes) -> None:
    """Note agents and roles that the configuration does not have."""
    if outcomes.known is None:
        return
    for key, known in (("assignee", outcomes.known.agents), ("role", outcomes.known.roles)):
        word = getattr(route, key)
        if word is not None and word not in known:
            what = "agent" if key == "assignee" else "role"
            message = f'no agent has the role "{word}"' if key == "role" else f'there is no agent "{word}"'
            helps = near(word, known, f"{what}s")
            outcomes.faults.warn("W052", message, (at / key).value, "not in the configuration", helps)


ROUTING: Kind[Routing] = Kind(
    name="routing",
    meaning="Where a mail that opens a ticket goes and who gets it, or whether it is held, refused or ignored.",
    file=RoutingFile,
    table="rule",
    stage=Stage.MAIL,
    outcome=_outcome,
    answers=("queue", "kind", "assignee", "role", "tags", "hold", "refuse", "ignore"),
    policy="The first matching rule that gives an answer decides it; tags add up; `stop` ends the file.",
    is_ordered=True,
    stops=lambda outcome: outcome.stop,
)

_FIRST = ("queue", "kind", "assignee", "role", "hold", "refuse", "ignore")


def route(evaluation: Evaluation) -> None:
    """Answer queue, kind, assignee, role, hold, refuse, ignore: the first matching rule that gives it; tags add up."""
    matched: list[Rule[Routing]] = []
    for rule in evaluation.matching(ROUTING, on_reply=False):
        matched.append(rule)
        evaluation.tag(*rule.outcome.tags)
        if rule.outcome.stop:
            break
    site = evaluation.rules.site
    for name in _FIRST:
        _first(evaluation, name, matched, {"queue": site.queue, "kind": site.kind}.get(name, ""))
    given = evaluation.seen.facts.get("ticket.tags")
    there = given if isinstance(given, tuple) else ()
    evaluation.seen.answer("ticket.tags", (*there, *(tag for tag in evaluation.tags if tag not in there)))


def _first(evaluation: Evaluation, name: str, matched: list[Rule[Routing]], default: str) -> None:
    giving = [(rule.id, str(getattr(rule.outcome, name))) for rule in matched if getattr(rule.outcome, name)]
    rule, value = giving[0] if giving else ("", default)
    if value:
        unused = tuple(other for other, theirs in giving[1:] if theirs != value)
        evaluation.answer(name, value, rule, unused)
    if name in {"queue", "kind"} and evaluation.seen.facts.get(f"ticket.{name}") is None:
        evaluation.seen.answer(f"ticket.{name}", value)
