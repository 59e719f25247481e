"""What effects change of tickets: a new one, a message, status, priority, tags, places of quotas."""

from collections.abc import Iterator

from mailgateway.app.acts import taken_place
from mailgateway.app.plan.changes import Case, Changes
from mailgateway.app.plan.cutting import cut_events
from mailgateway.model.decision import NewTicket, Post, PriorityChange, StatusChange, TagsAdded
from mailgateway.model.effects import (
    Acknowledge,
    AddTags,
    ChangePriority,
    ChangeStatus,
    MissQuota,
    OpenTicket,
    PostMessage,
    Refuse,
    StaySilent,
    TakeQuota,
)
from mailgateway.model.ticket import Event, EventKind, Status, Visibility

_FOLLOWED = "it goes on from that one, which is closed for too long"
_NAMED = "the mail names it and was not put there"


def open_ticket(case: Case, effect: OpenTicket) -> Changes:
    """Return the new ticket with its first message, and what is to be said of it."""
    ticket = case.ticket
    if not isinstance(ticket, NewTicket):
        raise TypeError("a ticket is opened by the effect that says so")
    post = Post(ticket.number, Visibility.PUBLIC, verified=True)
    return Changes(tickets=(ticket,), posts=(post,), events=tuple(_opening(case, effect, ticket)))


def _opening(case: Case, effect: OpenTicket, ticket: NewTicket) -> Iterator[Event]:
    yield case.event(EventKind.OPENED, effect.rule, case.because, ("by", case.actor))
    for number in ticket.links:
        if number not in case.siblings:
            because = _FOLLOWED if number == effect.follows else _NAMED
            yield case.event(EventKind.LINKED, effect.rule, because, ("to", str(number)))
    yield from cut_events(case)
    if effect.assignee:
        rule = _rule_for(case, "assignee", effect.rule)
        yield case.event(EventKind.ASSIGNED, rule, "so the rules say", ("to", effect.assignee))
    if effect.status is Status.HELD:
        yield case.event(EventKind.HELD, _rule_for(case, "hold", effect.rule), _why_held(case))
    elif effect.status is Status.REFUSED:
        yield case.event(EventKind.REFUSED, _rule_for(case, "refuse", effect.rule), _why_refused(case))


def _rule_for(case: Case, name: str, otherwise: str) -> str:
    """Return the rule that gave an answer, where one did."""
    answer = case.answer(name)
    return answer.rule if answer and answer.rule else otherwise


def _why_held(case: Case) -> str:
    reason = case.answer("hold")
    silent = (effect.because for effect in case.effects if isinstance(effect, StaySilent))
    return str(reason.value) if reason and reason.value else next(silent, "an agent must decide")


def _why_refused(case: Case) -> str:
    if not any(isinstance(effect, Refuse | Acknowledge) for effect in case.effects):
        return "the sender is told nothing"
    refused = next((effect.template for effect in case.effects if isinstance(effect, Refuse)), "")
    answer = case.answer("refuse")
    return f"the sender is told what to do instead: {refused or (answer.value if answer else '')}"


def post_message(case: Case, effect: PostMessage) -> Changes:
    """Return the message's place on the ticket that was found."""
    ticket, threading = case.found_ticket(), case.threading
    details = (("by", case.actor), ("rung", str(threading.rung)))
    event = case.event(EventKind.MESSAGE, effect.rule, threading.because, *details)
    post = Post(ticket.number, threading.visibility, threading.verified)
    return Changes(posts=(post,), events=(event, *cut_events(case)))


def change_status(case: Case, effect: ChangeStatus) -> Changes:
    """Return the new status of the ticket that was found; nothing where it has it, as one that was just joined may."""
    ticket = case.found_ticket()
    if ticket.status is effect.status:
        return Changes()
    details = (("from", str(ticket.status)), ("to", str(effect.status)))
    event = case.event(EventKind.STATUS, effect.rule, f"{case.actor} wrote", *details)
    return Changes(status_changes=(StatusChange(ticket.number, effect.status),), events=(event,))


def change_priority(case: Case, effect: ChangePriority) -> Changes:
    """Return the new priority of the ticket that was found; nothing where a person set it."""
    ticket = case.found_ticket()
    if ticket.priority_by_hand:
        return Changes()
    details = (("from", str(ticket.priority)), ("to", str(effect.priority)))
    event = case.event(EventKind.PRIORITY, effect.rule, f"{case.actor} wrote", *details)
    return Changes(priority_changes=(PriorityChange(ticket.number, effect.priority),), events=(event,))


def add_tags(case: Case, effect: AddTags) -> Changes:
    """Return the words that the ticket that was found does not have yet; nothing where it has them all."""
    ticket = case.found_ticket()
    tags = tuple(dict.fromkeys(tag for tag in effect.tags if tag not in ticket.tags))
    if not tags:
        return Changes()
    event = case.event(EventKind.TAGGED, effect.rule, f"{case.actor} wrote", ("tags", ", ".join(tags)))
    return Changes(tags_added=(TagsAdded(ticket.number, tags),), events=(event,))


def take_quota(case: Case, effect: TakeQuota) -> Changes:
    """Return the ticket's place in a quota; a granted one is over what is allowed and takes none."""
    entry = taken_place(effect, case.some_ticket().number)
    kind = EventKind.GRANTED if effect.granted else EventKind.QUOTA_TAKEN
    return Changes(quota=(entry,), events=(case.event(kind, effect.rule, entry.because, *effect.key.details),))


def miss_quota(case: Case, effect: MissQuota) -> Changes:
    """Return the event that a grant reads later: which quota had no place, and what it kept the ticket from."""
    case.some_ticket()
    details = effect.missed.details
    return Changes(events=(case.event(EventKind.OVER_QUOTA, effect.rule, "no place was free", *details),))
