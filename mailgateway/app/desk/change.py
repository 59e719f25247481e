"""What a person does to tickets by hand: merge, spam, invalid, priority, grant.

Each is one transaction: the tickets are locked, a pure function says what changes, and that is written. Everything
that changes is an event with who did it and why. A place that a ticket took of a quota is given back by a row of its
own in the ledger; what was written before stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mailgateway.app.acts import Act, given_back, places, quota_events
from mailgateway.app.desk.again import tried_again
from mailgateway.app.ports import ByHand, Desk, HandChange, Merge
from mailgateway.errors import NotFoundError, PermanentError
from mailgateway.model.decision import PriorityChange, StatusChange, TagsAdded
from mailgateway.model.quota import OverQuota, QuotaEntry, QuotaEntryKind, QuotaKey, QuotaRecord, over_quota
from mailgateway.model.ticket import Event, EventKind, Status, Ticket
from mailgateway.triage.thread import resolve

SPAM, INVALID = "spam", "invalid"
"""The tags of tickets that were closed because they were no issues."""


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket as it stands, locked, with what the ledger of quotas says of it."""

    ticket: Ticket
    quota: tuple[QuotaRecord, ...] = ()

    @property
    def places(self) -> tuple[QuotaRecord, ...]:
        """The places that it took and did not give back, oldest first."""
        return places(self.quota)


# --- the use cases: what to lock, and what to ask ----------------------------------------------------------


@tried_again
def merge(desk: Desk, ticket: int, into: int, act: Act) -> None:
    """Make a ticket part of another; its IDs, and replies to it, lead to the other from now on.

    Where `into` is itself part of a third, the ticket becomes part of that one.

    Raises:
        NotFoundError: There is no such ticket.
        PermanentError: It is part of another already, or would become part of itself.
    """
    with desk.by_hand() as hand:
        found = hand.tickets((ticket, into))
        held = held_ticket(hand, found, ticket)
        hand.write(merged(held, _one_of(found, into, follow=True), act))


@tried_again
def dismiss(desk: Desk, ticket: int, tag: str, act: Act) -> None:
    """Close a ticket that is no issue: spam, or invalid. Nobody is written to.

    Raises:
        NotFoundError: There is no such ticket.
        PermanentError: It was merged, or is marked so already.
    """
    with desk.by_hand() as hand:
        hand.write(dismissed(held_ticket(hand, hand.tickets((ticket,)), ticket), tag, act))


@tried_again
def set_priority(desk: Desk, ticket: int, priority: int, act: Act) -> None:
    """Set a ticket's priority: no rule changes it from now on.

    Raises:
        NotFoundError: There is no such ticket.
        PermanentError: It was merged, or a person gave it this priority already.
    """
    with desk.by_hand() as hand:
        hand.write(prioritised(held_ticket(hand, hand.tickets((ticket,)), ticket), priority, act))


@tried_again
def grant(desk: Desk, ticket: int, act: Act) -> None:
    """Make an exception from a quota: the ticket gets the priority that the used-up quota took from it.

    Raises:
        NotFoundError: There is no such ticket.
        PermanentError: It was merged, no quota was used up for it, or the exception was made already.
    """
    with desk.by_hand() as hand:
        held = held_ticket(hand, hand.tickets((ticket,)), ticket)
        hand.write(granted(held, hand.history(ticket), act))


def held_ticket(hand: ByHand, found: Sequence[Ticket], number: int) -> Held:
    """Return a ticket with its quotas.

    Raises:
        NotFoundError: There is none.
        PermanentError: It was merged: the one it is part of is the one to change.
    """
    ticket = _one_of(found, number)
    if ticket.merged_into is not None:
        target = _one_of(found, ticket.merged_into)
        raise PermanentError(f"{ticket.ref} is part of {target.ref} already")
    return Held(ticket, hand.quota(number))


def _one_of(found: Sequence[Ticket], number: int, *, follow: bool = False) -> Ticket:
    ticket = resolve(number, found) if follow else next((one for one in found if one.number == number), None)
    if ticket is None:
        raise NotFoundError(f"there is no ticket {number}")
    return ticket


# --- what changes: pure ------------------------------------------------------------------------------------


def merged(held: Held, into: Ticket, act: Act) -> HandChange:
    """Return what a merge changes: both tickets get the event, and places of quotas are given back.

    Raises:
        PermanentError: Both are one ticket, or the other is at the end of more merges than are followed.
    """
    ticket = held.ticket
    if into.merged_into is not None:
        raise PermanentError(f"{into.ref} is part of too many tickets; name the last of them")
    if ticket.number == into.number:
        raise PermanentError(f"{ticket.ref} cannot become part of itself")
    back = given_back(held.places, act, f"merged into {into.ref}")
    return HandChange(
        act.at,
        (
            act.event(EventKind.MERGED, ticket.number, ("into", into.ref)),
            act.event(EventKind.MERGED, into.number, ("from", ticket.ref)),
            *quota_events(back, act),
        ),
        merges=(Merge(ticket.number, into.number),),
        quota=back,
    )


def dismissed(held: Held, tag: str, act: Act) -> HandChange:
    """Return what is changed on a ticket that is no issue: it is closed and tagged, and gives its places back.

    Raises:
        PermanentError: It has the tag already.
    """
    ticket = held.ticket
    if tag in ticket.tags:
        raise PermanentError(f"{ticket.ref} is marked as {tag} already")
    back = given_back(held.places, act, f"marked as {tag}")
    closes = ticket.status is not Status.CLOSED
    details = (("from", str(ticket.status)), ("to", str(Status.CLOSED)))
    return HandChange(
        act.at,
        (
            act.event(EventKind.TAGGED, ticket.number, ("tags", tag)),
            *((act.event(EventKind.STATUS, ticket.number, *details),) if closes else ()),
            *quota_events(back, act),
        ),
        status_changes=(StatusChange(ticket.number, Status.CLOSED),) if closes else (),
        tags_added=(TagsAdded(ticket.number, (tag,)),),
        quota=back,
    )


def prioritised(held: Held, priority: int, act: Act) -> HandChange:
    """Return what a priority set by hand changes.

    A place of a quota is given back where the ticket becomes less urgent than it was when it took the place: which
    priorities a quota counts is known to the rule files alone, and in doubt the customer gets the place back. A ticket
    that a person makes more urgent takes none.

    Args:
        held: The ticket.
        priority: 1 is most urgent.
        act: Who, when and why.

    Raises:
        PermanentError: It was given the same by hand already.
    """
    ticket = held.ticket
    if ticket.priority == priority and ticket.priority_by_hand:
        raise PermanentError(f"{ticket.ref} has priority {priority} by hand already")
    left = [place for place in held.places if priority > place.priority]
    back = given_back(left, act, f"lowered to priority {priority}")
    return HandChange(
        act.at,
        (_priority_event(ticket, priority, act), *quota_events(back, act)),
        priority_changes=(PriorityChange(ticket.number, priority),),
        kept_priorities=(ticket.number,),
        quota=back,
    )


def granted(held: Held, history: Sequence[Event], act: Act) -> HandChange:
    """Return what an exception changes: an entry for every quota that was used up, and the priority it took.

    The priority is not one set by hand: a later reply may still make the ticket more urgent by the rules.

    Raises:
        PermanentError: No quota was used up for the ticket, or the exception was made already.
    """
    ticket = held.ticket
    misses = _misses(history)
    done = {one.entry.key for one in held.quota if one.entry.kind is QuotaEntryKind.GRANTED}
    done |= {one.entry.key for one in held.places}
    wanted = [miss for miss in misses if miss.key not in done]
    if not wanted:
        known = "the exception was made already" if misses else "no quota was used up for it"
        raise PermanentError(f"nothing to grant to {ticket.ref}: {known}")
    priority = min(ticket.priority, *(miss.uncapped for miss in wanted))
    changes = priority != ticket.priority
    return HandChange(
        act.at,
        (
            *(act.event(EventKind.GRANTED, ticket.number, *miss.details) for miss in wanted),
            *((_priority_event(ticket, priority, act),) if changes else ()),
        ),
        priority_changes=(PriorityChange(ticket.number, priority),) if changes else (),
        quota=tuple(_exception(miss.key, ticket, act) for miss in wanted),
    )


def _misses(history: Sequence[Event]) -> tuple[OverQuota, ...]:
    """Return the quotas that were used up for a ticket, each once, as the last event about it says."""
    found = (over_quota(event.details) for event in history if event.kind is EventKind.OVER_QUOTA)
    return tuple({miss.key: miss for miss in found if miss is not None}.values())


def _exception(key: QuotaKey, ticket: Ticket, act: Act) -> QuotaEntry:
    return QuotaEntry(key, ticket.number, 0, QuotaEntryKind.GRANTED, act.actor, act.because)


def _priority_event(ticket: Ticket, priority: int, act: Act) -> Event:
    return act.event(EventKind.PRIORITY, ticket.number, ("from", str(ticket.priority)), ("to", str(priority)))
