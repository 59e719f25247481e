"""The notices that agents get: of a person's words, and of what was decided about them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain

from mailgateway.app.plan.answers import fallback
from mailgateway.app.plan.changes import Case, Changes
from mailgateway.app.snapshot import Snapshot
from mailgateway.compose.addresses import deliverable
from mailgateway.compose.notification import Happening, NotificationRequest, notification
from mailgateway.model.decision import Answer, NewTicket
from mailgateway.model.effects import (
    Acknowledge,
    AddTags,
    ChangePriority,
    ChangeStatus,
    CutMail,
    Effect,
    IgnoreMail,
    Inform,
    JoinParts,
    MarkBounce,
    MissQuota,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    Refuse,
    StaySilent,
    TakeQuota,
)
from mailgateway.model.people import Agent
from mailgateway.model.ticket import EventKind, Ticket
from mailgateway.rules.kinds.split import SUGGEST

REPLY_DAYS = 90
"""How long an agent may answer a notice by its reply address."""


def told_agents(effect: NotifyAgents, snapshot: Snapshot) -> tuple[Agent, ...]:
    """Return the agents to tell: one whose address cannot be written to must not set the mail aside."""
    agents = (agent for agent in snapshot.config.agents if set(agent.roles) & set(_roles(effect, snapshot)))
    return tuple(agent for agent in agents if deliverable(agent.mailbox.address))


def _roles(effect: NotifyAgents, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the roles that are told: those the rules name, else the configured ones."""
    return effect.roles or snapshot.config.notify.roles


def notify(case: Case, effect: NotifyAgents, outbox: Sequence[int]) -> Changes:
    """Return one notice for each agent to tell, under the outbox ids given."""
    happening = _happening(case, effect)
    expires = (case.now + timedelta(days=REPLY_DAYS)).date()
    agents = told_agents(effect, case.snapshot)
    composed = [
        notification(
            case.snapshot.templates,
            case.reading.site,
            NotificationRequest(happening, agent, number, case.now, expires),
        )
        for agent, number in zip(agents, outbox, strict=True)
    ]
    told = ", ".join(agent.id for agent in agents) or "nobody has the role"
    roles = ", ".join(_roles(effect, case.snapshot))
    event = case.event(EventKind.NOTIFIED, effect.rule, f"roles: {roles}", ("to", told))
    fallbacks = chain.from_iterable(fallback(case, effect.rule, one) for one in composed[:1])
    return Changes(events=(event, *fallbacks), outgoing=tuple(one.mail for one in composed))


def _happening(case: Case, effect: NotifyAgents) -> Happening:
    threading, ticket, customer = case.threading, case.some_ticket(), case.known.customer
    return Happening(
        ticket=_as_decided(ticket, case.effects),
        message=case.reading.message,
        is_new=isinstance(ticket, NewTicket),
        customer_name=customer.name if customer else "",
        standing=threading.standing,
        verified=threading.verified,
        visibility=threading.visibility,
        decided=_decided(case, effect),
        because=case.because,
        mentions=tuple(filter(None, map(case.ref_of, threading.mentions))),
        piece=case.piece,
        siblings=tuple(map(case.ref_of, case.siblings)),
        suggested=_suggested(case),
    )


def _suggested(case: Case) -> int:
    """Return how many tickets `#split` would make of the mail where rules only suggest it, 0 where they do not."""
    items = case.assessment.facts.get("list.items")
    return items if case.decision.answer("split") == SUGGEST and isinstance(items, int) else 0


def _as_decided(ticket: NewTicket | Ticket, effects: Sequence[Effect]) -> NewTicket | Ticket:
    """Return the ticket with the status and the priority that the same mail gives it."""
    for effect in effects:
        if isinstance(effect, ChangeStatus):
            ticket = replace(ticket, status=effect.status)
        elif isinstance(effect, ChangePriority) and not (isinstance(ticket, Ticket) and ticket.priority_by_hand):
            ticket = replace(ticket, priority=effect.priority)
    return ticket


def _decided(case: Case, effect: NotifyAgents) -> str:
    """Return the answers of the rules and the other effects, each with the rules that asked for them, in one line."""
    answers = ", ".join(words for answer in case.answers if (words := _answered(answer)))
    effects = (f"{_done(case, one)} (rule {one.rule})" for one in case.effects if one is not effect)
    return "; ".join((answers, *effects) if answers else effects)


def _answered(answer: Answer) -> str:
    """Return an answer in words, "" where it answers nothing; what was told is said of the mail that told it."""
    value = " + ".join(answer.value) if isinstance(answer.value, tuple) else str(answer.value or "")
    if not value or answer.name == "told":
        return ""
    words = answer.name if answer.value is True else f"{answer.name.replace('_', ' ')} {value}"
    by = answer.rule or ("default" if answer.name in _WITH_DEFAULT else "")
    return f"{words} ({by})" if by else words


def _done(case: Case, effect: Effect) -> str:
    """Return what an effect does in words."""
    words = _IN_WORDS[type(effect)]
    if isinstance(effect, OpenTicket) and effect.follows:
        return f"{words} that goes on from {case.ref_of(effect.follows)}"
    if isinstance(effect, Acknowledge | Inform) and effect.told:
        told = ", ".join(f"{one.template} ({one.rule})" if one.rule else one.template for one in effect.told)
        return f"{words}, told {told}"
    return f"{words} with {effect.template}" if isinstance(effect, Refuse) else words


_WITH_DEFAULT = frozenset({"queue", "kind", "priority"})
_IN_WORDS: dict[type[Effect], str] = {
    OpenTicket: "a new ticket",
    PostMessage: "added to the ticket",
    ChangeStatus: "status changed",
    ChangePriority: "priority changed",
    AddTags: "tagged",
    TakeQuota: "counts for a quota",
    MissQuota: "over a quota",
    CutMail: "cut into several tickets",
    JoinParts: "its parts are one ticket again",
    Acknowledge: "acknowledged",
    Inform: "answered",
    Refuse: "refused",
    NotifyAgents: "agents told",
    StaySilent: "no answer sent",
    IgnoreMail: "ignored",
    MarkBounce: "delivery marked as failed",
}
