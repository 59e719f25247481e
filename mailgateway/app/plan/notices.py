"""The notices that agents get: of a person's words, and of what was decided about them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from mailgateway.app.plan.answers import fallback
from mailgateway.app.plan.changes import Case, Changes
from mailgateway.app.snapshot import Snapshot
from mailgateway.app.telling import decided_in_words
from mailgateway.compose.addresses import deliverable
from mailgateway.compose.builder import Composed
from mailgateway.compose.notification import Happening, NotificationRequest, notification
from mailgateway.model.decision import NewTicket
from mailgateway.model.effects import ChangePriority, ChangeStatus, Effect, NotifyAgents
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
    composed = notices(_happening(case, effect), effect, outbox, (case.snapshot, case.now))
    roles, told = told_in_words(effect, case.snapshot)
    event = case.event(EventKind.NOTIFIED, effect.rule, roles, ("to", told))
    fallbacks = chain.from_iterable(fallback(case, effect.rule, one) for one in composed[:1])
    return Changes(events=(event, *fallbacks), outgoing=tuple(one.mail for one in composed))


def notices(
    happening: Happening, effect: NotifyAgents, outbox: Sequence[int], begun: tuple[Snapshot, datetime]
) -> list[Composed]:
    """Return a notice for each of `told_agents`.

    Args:
        happening: What it tells.
        effect: Whom it tells.
        outbox: An id for each.
        begun: What admins wrote, and the time.
    """
    snapshot, now = begun
    site, expires = snapshot.sites[happening.ticket.mailbox], (now + timedelta(days=REPLY_DAYS)).date()
    requests = (
        NotificationRequest(happening, agent, number, now, expires)
        for agent, number in zip(told_agents(effect, snapshot), outbox, strict=True)
    )
    return [notification(snapshot.templates, site, request) for request in requests]


def told_in_words(effect: NotifyAgents, snapshot: Snapshot) -> tuple[str, str]:
    """Return the roles that a notice is for and the agents who get it, as its event says them."""
    told = ", ".join(agent.id for agent in told_agents(effect, snapshot)) or "nobody has the role"
    return f"roles: {', '.join(_roles(effect, snapshot))}", told


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
        decided=decided_in_words(case.answers, (one for one in case.effects if one is not effect), case.ref_of),
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
