"""What becomes of tickets when a cut is undone: values in, values out."""

from collections.abc import Mapping, Sequence

from mailgateway.app.acts import Act, given_back, places, quota_events
from mailgateway.errors import PermanentError
from mailgateway.model.cut import Cut, Description, Join, KnownCut, Whole
from mailgateway.model.quota import QuotaEntry, QuotaEntryKind, QuotaRecord
from mailgateway.model.ticket import Event, EventKind, Status, Ticket

_CAUSE = "the mail is one ticket again"
_WAITS = frozenset({Status.NEW, Status.OPEN, Status.WAITING, Status.HELD})
_DONE = frozenset({Status.RESOLVED, Status.CLOSED})


def description(ticket: Ticket) -> Description:
    """Return what of a ticket a cut changes, as it stands now."""
    return Description(ticket.title, ticket.status, ticket.queue, ticket.kind, ticket.priority, ticket.tags)


def differences(before: Description, after: Description) -> tuple[tuple[str, str], ...]:
    """Return (name, "old > new") of every field that changes, as details of an event; the status has its own."""
    pairs = (
        ("title", before.title, after.title),
        ("queue", before.queue, after.queue),
        ("kind", before.kind, after.kind),
        ("priority", str(before.priority), str(after.priority)),
        ("tags", ", ".join(before.tags), ", ".join(after.tags)),
    )
    return tuple((name, f"{old} > {new}") for name, old, new in pairs if old != new)


def obstacle(cut: Cut, tickets: Sequence[Ticket]) -> str:
    """Return why a cut cannot be undone, "" where it can: one of its tickets became part of one outside the cut.

    Args:
        cut: The cut.
        tickets: Those of its pieces, and what they were merged into.
    """
    found = _by_number(tickets)
    for piece in cut.pieces:
        into = found[piece.ticket].merged_into
        if into is not None and (piece.ticket == cut.first or into != cut.first):
            target = found[into].ref if into in found else str(into)
            return f"{found[piece.ticket].ref} is part of {target}"
    return ""


def joined(known: KnownCut, tickets: Sequence[Ticket], act: Act) -> tuple[Join, tuple[Event, ...]]:
    """Return how a cut is undone, with its events: the other tickets become part of the first.

    The first gets back what it was before, but for what somebody changed since: that stays. Places of quotas are made
    as they were. Of a mail that was cut as a reply the first ticket keeps what it is.

    Args:
        known: The cut, with what the ledger of quotas says of its tickets.
        tickets: Those of its pieces, and what they were merged into.
        act: Who, when and why.

    Raises:
        PermanentError: One of the tickets became part of another one; ask `obstacle` first where that must not end
            a mail.
    """
    cut, found = known.cut, _by_number(tickets)
    why_not = obstacle(cut, tickets)
    if why_not:
        raise PermanentError(f"the parts cannot be one ticket again: {why_not}")
    first, others = found[cut.first], [found[number] for number in cut.others]
    now = description(first)
    then = _reopened(_restored(cut.whole, first) if cut.whole else now, others)
    entries = _entries(known, then.priority, act)
    refs = ", ".join(one.ref for one in others)
    events = (
        act.event(EventKind.JOINED, first.number, ("from", refs), *differences(now, then)),
        *(
            act.event(EventKind.MERGED, one.number, ("into", first.ref))
            for one in others
            if one.status is not Status.MERGED
        ),
        *_status_event(now.status, then.status, first, act),
        *quota_events(entries, act),
    )
    return Join(cut, None if then == now else then, entries), events


def _by_number(tickets: Sequence[Ticket]) -> Mapping[int, Ticket]:
    return {one.number: one for one in tickets}


def _restored(whole: Whole, ticket: Ticket) -> Description:
    """Return what a ticket was before the cut, where nobody changed it since; tags that were added since stay."""
    before, after, now = whole.before, whole.after, description(ticket)
    gone = {tag for tag in after.tags if tag not in now.tags}
    added = tuple(tag for tag in now.tags if tag not in after.tags and tag not in before.tags)
    keeps_priority = ticket.priority_by_hand or now.priority != after.priority
    return Description(
        title=before.title if now.title == after.title else now.title,
        status=before.status if now.status == after.status else now.status,
        queue=before.queue if now.queue == after.queue else now.queue,
        kind=before.kind if now.kind == after.kind else now.kind,
        priority=now.priority if keeps_priority else before.priority,
        tags=(*(tag for tag in before.tags if tag not in gone), *added),
    )


def _reopened(then: Description, others: Sequence[Ticket]) -> Description:
    """Return the first ticket as open where it is done with and another part still waits."""
    if then.status in _DONE and any(one.status in _WAITS for one in others):
        return Description(then.title, Status.OPEN, then.queue, then.kind, then.priority, then.tags)
    return then


def _status_event(before: Status, after: Status, ticket: Ticket, act: Act) -> tuple[Event, ...]:
    details = (("from", str(before)), ("to", str(after)))
    return () if before is after else (act.event(EventKind.STATUS, ticket.number, *details),)


def _entries(known: KnownCut, priority: int, act: Act) -> tuple[QuotaEntry, ...]:
    """Return the places that are given back, and then those that the first ticket takes again.

    It takes none where it stays less urgent than it was before the cut: somebody lowered it since.
    """
    first, whole = known.cut.first, known.cut.whole
    taken = places(known.quota)
    stays = [one for one in taken if one.entry.ticket == first and _stays(one, whole)]
    back = given_back([one for one in taken if one not in stays], act, _CAUSE)
    held = {one.entry.key for one in stays}
    wanted = whole.quota if whole and priority <= whole.before.priority else ()
    again = (
        QuotaEntry(key, first, 1, QuotaEntryKind.TAKEN, act.actor, act.why(_CAUSE))
        for key in dict.fromkeys(wanted)
        if key not in held
    )
    return (*back, *again)


def _stays(place: QuotaRecord, whole: Whole | None) -> bool:
    """Return whether the first ticket keeps a place: it had it before, or a reply took it with another priority."""
    return whole is None or place.entry.key in whole.quota or place.priority != whole.after.priority
