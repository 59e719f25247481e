"""The ticket that a mail opens, or one part of a mail, and what its author gets for it."""

from dataclasses import replace

from mailgateway.model.effects import Acknowledge, Effect, IgnoreMail, OpenTicket, Refuse, StaySilent
from mailgateway.model.ticket import Status
from mailgateway.rules.evaluation import TAG_CUT, Evaluation
from mailgateway.rules.kinds.guards import guard
from mailgateway.rules.kinds.priority import prioritise
from mailgateway.rules.kinds.quota import count
from mailgateway.rules.program import SILENCES


def opened(evaluation: Evaluation, rule: str, follows: int = 0) -> list[Effect]:
    """Return the ticket that priority and quota make of a routed mail, or that routing has it ignored."""
    ignored = evaluation.answered("ignore")
    if ignored:
        return [IgnoreMail(ignored.rule, str(ignored.value))]
    ticket, places = ticket_of(evaluation, rule, follows)
    return [ticket, *places]


def ticket_of(evaluation: Evaluation, rule: str, follows: int = 0) -> tuple[OpenTicket, list[Effect]]:
    """Return the ticket that priority and quota make of what was routed, and what it takes of quotas."""
    prioritise(evaluation)
    count(evaluation)
    ticket = OpenTicket(
        rule=rule,
        queue=evaluation.text("queue"),
        kind=evaluation.text("kind"),
        priority=evaluation.priority(),
        tags=tags(evaluation),
        assignee=evaluation.text("assignee"),
        status=_status(evaluation),
        follows=follows,
    )
    return ticket, evaluation.effects


def _status(evaluation: Evaluation) -> Status:
    if evaluation.answered("hold"):
        return Status.HELD
    return Status.REFUSED if evaluation.answered("refuse") else Status.NEW


def with_answer(evaluation: Evaluation, effects: list[Effect]) -> list[Effect]:
    """Return the ticket and what its author gets. A guard may put a word on the ticket: it is there from the start."""
    answer = _answered(evaluation)
    words = tags(evaluation)
    return [*(replace(one, tags=words) if isinstance(one, OpenTicket) else one for one in effects), answer]


def _answered(evaluation: Evaluation) -> Effect:
    """Return what the author of a new ticket gets: an acknowledgement, a refusal, or nothing."""
    silent = silence(evaluation)
    held, refused = evaluation.answered("hold"), evaluation.answered("refuse")
    if silent:
        return silent
    if held:
        return StaySilent(held.rule, f"held: {held.value}")
    if refused:
        return Refuse(refused.rule, str(refused.value))
    return Acknowledge("acknowledge", tuple(evaluation.told))


def silence(evaluation: Evaluation) -> StaySilent | None:
    """Return why nothing is answered, None where something may be."""
    for rule, because in SILENCES:
        if evaluation.first((rule,)):
            return StaySilent(rule.id, because or said(evaluation, "mail.no_answer"))
    rule_id, because = guard(evaluation)
    return StaySilent(rule_id, because) if rule_id else None


def tags(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the words to put on the ticket, one of them where a text was too long to be searched to its end."""
    if evaluation.seen.is_cut:
        evaluation.tag(TAG_CUT)
    return tuple(evaluation.tags)


def roles(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the roles that are told: routing's, else () for the configured ones."""
    role = evaluation.text("role")
    return (role,) if role else ()


def said(evaluation: Evaluation, name: str) -> str:
    """Return a fact as text, "" where it is unknown."""
    return str(evaluation.seen.facts.get(name) or "")
