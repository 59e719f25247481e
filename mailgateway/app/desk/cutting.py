"""What a cut by hand changes: values in, values out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailgateway.app.acts import Act, given_back, quota_events, taken_place
from mailgateway.app.cuts import SIBLING, description, differences
from mailgateway.app.desk.change import Held
from mailgateway.app.desk.sections import Section
from mailgateway.app.plan.new_ticket import MARKS
from mailgateway.app.ports import HandChange
from mailgateway.model.cut import Cut, Description, Piece, Whole
from mailgateway.model.decision import NewTicket
from mailgateway.model.effects import MissQuota, NotifyAgents, OpenTicket, TakeQuota
from mailgateway.model.quota import QuotaEntry
from mailgateway.model.ticket import Event, EventKind, Status, Ticket
from mailgateway.rules.kinds.split import TAG_SUGGESTED

_PRIORITY_CHANGES = frozenset({EventKind.PRIORITY, EventKind.GRANTED})


@dataclass(frozen=True, slots=True)
class Decided:
    """What the rules make of one part.

    Attributes:
        opened: The ticket it would be.
        quota: The places that it takes, and those that were used up.
        notice: Which agents are told of it.
    """

    opened: OpenTicket
    quota: tuple[TakeQuota | MissQuota, ...] = ()
    notice: NotifyAgents | None = None


@dataclass(frozen=True, slots=True)
class PartTicket:
    """The ticket of one part.

    Attributes:
        section: Its words.
        number: The number of its ticket: the one that is cut, or a new one.
        ref: That ticket's ID.
        decided: By today's rules; None for what of a reply stays on its ticket, which no rule decides anew.
    """

    section: Section
    number: int
    ref: str
    decided: Decided | None = None


@dataclass(frozen=True, slots=True)
class HandCut:
    """A mail that a person cuts.

    Attributes:
        held: The ticket it is on.
        message: The store's number of the mail.
        opened: Whether the ticket was made of it: then it becomes what its part is.
        keeps_priority: Whether the ticket's priority stays, with its places of quotas (`was_reprioritised`).
        author: The address that the new tickets belong to.
        parts: Two at least, in the order of the mail.
        whole: What today's rules make of the whole mail.
    """

    held: Held
    message: int
    opened: bool
    keeps_priority: bool
    author: str
    parts: tuple[PartTicket, ...]
    whole: OpenTicket | None = None

    @property
    def ticket(self) -> Ticket:
        """The ticket that is cut."""
        return self.held.ticket

    @property
    def staying(self) -> PartTicket:
        """The part that stays on it."""
        return next(part for part in self.parts if part.section.stays)


def was_reprioritised(ticket: Ticket, history: Sequence[Event]) -> bool:
    """Return whether a ticket's priority was changed since it was opened: by hand, by a reply, by an exception."""
    return ticket.priority_by_hand or any(event.kind in _PRIORITY_CHANGES for event in history)


def cut_by_hand(cut: HandCut, act: Act) -> HandChange:
    """Return what changes: the new tickets, the place of each part, and what the rules say of them."""
    ticket, now = cut.ticket, description(cut.ticket)
    after = _after(cut, now)
    whole = Whole(now, after, tuple(place.entry.key for place in cut.held.places)) if cut.opened else None
    pieces = tuple(
        Piece(part.number, number, part.section.piece, part.section.files)
        for number, part in enumerate(cut.parts, start=1)
    )
    made = Cut(ticket.number, pieces, whole, cut.message)
    entries = tuple(_entries(cut, act))
    return HandChange(
        act.at,
        (*_events(cut, made, differences(now, after), act), *quota_events(entries, act), *_misses(cut, act)),
        tickets=tuple(_new_ticket(cut, part) for part in cut.parts if not part.section.stays),
        cuts=(made,),
        quota=entries,
    )


def _after(cut: HandCut, now: Description) -> Description:
    """Return what the ticket is from now on: what the rules make of its part; its status stays."""
    part = cut.staying
    if not cut.opened or part.decided is None:
        return now
    opened = part.decided.opened
    of_whole = {TAG_SUGGESTED, *(cut.whole.tags if cut.whole else ())} - set(opened.tags)
    kept = (tag for tag in now.tags if tag not in of_whole)
    return Description(
        title=part.section.title or now.title,
        status=now.status,
        queue=opened.queue,
        kind=opened.kind,
        priority=now.priority if cut.keeps_priority else opened.priority,
        tags=tuple(dict.fromkeys((*kept, *opened.tags))),
    )


def _new_ticket(cut: HandCut, part: PartTicket) -> NewTicket:
    ticket, opened = cut.ticket, _decided(part).opened
    marks = tuple(tag for tag in MARKS if tag in ticket.tags)
    return NewTicket(
        number=part.number,
        ref=part.ref,
        title=part.section.title or ticket.title,
        status=_status(opened),
        queue=opened.queue,
        kind=opened.kind,
        priority=opened.priority,
        mailbox=ticket.mailbox,
        customer=ticket.customer,
        requester_name="",
        requester_address=cut.author,
        participants=(cut.author,),
        tags=tuple(dict.fromkeys((*opened.tags, *marks))),
        links=tuple(other.number for other in cut.parts if other is not part),
        assignee=opened.assignee,
    )


def _status(opened: OpenTicket) -> Status:
    """Return a new ticket's status. One that rules refuse is new: its author is not told, so a person has to look."""
    return Status.NEW if opened.status is Status.REFUSED else opened.status


def _decided(part: PartTicket) -> Decided:
    if part.decided is None:
        raise TypeError("every part that becomes a ticket was decided")
    return part.decided


# --- events ------------------------------------------------------------------------------------------------


def _events(cut: HandCut, made: Cut, changed: tuple[tuple[str, str], ...], act: Act) -> Iterator[Event]:
    for number, part in enumerate(cut.parts, start=1):
        place = made.place(number)
        if part.section.stays:
            yield act.event(EventKind.SPLIT, part.number, *place, *changed)
        else:
            yield act.event(EventKind.OPENED, part.number, ("by", act.actor))
            yield act.event(EventKind.SPLIT, part.number, *place)
            yield from _decisions(part, act)
        for other in cut.parts:
            if other is not part:
                details = (("to", str(other.number)),)
                yield Event(act.at, EventKind.LINKED, act.actor, SIBLING, part.number, act.mail, details)


def _decisions(part: PartTicket, act: Act) -> Iterator[Event]:
    opened = _decided(part).opened
    by_rules = "so the rules say"
    if opened.assignee:
        details = (("to", opened.assignee),)
        yield Event(act.at, EventKind.ASSIGNED, f"rule:{opened.rule}", by_rules, part.number, details=details)
    if opened.status is Status.HELD:
        yield Event(act.at, EventKind.HELD, f"rule:{opened.rule}", by_rules, part.number)


def _misses(cut: HandCut, act: Act) -> Iterator[Event]:
    for part in _counted(cut):
        for miss in _decided(part).quota:
            if isinstance(miss, MissQuota):
                actor, because = f"rule:{miss.rule}", "no place was free"
                yield Event(act.at, EventKind.OVER_QUOTA, actor, because, part.number, act.mail, miss.missed.details)


# --- quotas ------------------------------------------------------------------------------------------------


def _counted(cut: HandCut) -> Iterator[PartTicket]:
    """Yield the parts whose places are as the rules say: not that of a ticket which keeps its priority."""
    for part in cut.parts:
        if part.decided and not (part.section.stays and (cut.keeps_priority or not cut.opened)):
            yield part


def _entries(cut: HandCut, act: Act) -> Iterator[QuotaEntry]:
    """Yield the difference between the places that the tickets should have and those that they have."""
    counted = list(_counted(cut))
    held = {place.entry.key: place for place in cut.held.places} if cut.staying in counted else {}
    kept = {one.key for one in _takes(cut.staying)} if cut.staying in counted else set()
    yield from given_back([place for key, place in held.items() if key not in kept], act, "the mail is cut")
    for part in counted:
        for one in _takes(part):
            if not (part is cut.staying and one.key in held):
                yield taken_place(one, part.number)


def _takes(part: PartTicket) -> Iterator[TakeQuota]:
    return (one for one in _decided(part).quota if isinstance(one, TakeQuota))
