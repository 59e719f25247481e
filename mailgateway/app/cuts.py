"""What becomes of tickets when a cut is undone: values in, values out."""

from collections.abc import Sequence
from dataclasses import replace

from mailgateway.app.acts import Act, given_back, places, quota_events
from mailgateway.model.cut import Description, Join, KnownCut, Whole
from mailgateway.model.quota import FullQuota, OverQuota, QuotaEntry, QuotaEntryKind, QuotaRecord
from mailgateway.model.ticket import Event, EventKind, Status, Ticket
from mailgateway.triage.thread import resolve

SIBLING = "another part of the same mail"
"""Why tickets that a mail was cut into are linked."""
_CAUSE = "the mail is one ticket again"
_WAITS = frozenset({Status.NEW, Status.OPEN, Status.WAITING, Status.HELD})
_DONE = frozenset({Status.RESOLVED, Status.CLOSED, Status.REFUSED})


def description(ticket: Ticket) -> Description:
    """Return what of a ticket a cut changes, as it stands now."""
    return Description(ticket.title, ticket.status, ticket.queue, ticket.kind, ticket.priority, ticket.tags)


def described(ticket: Ticket, then: Description) -> Ticket:
    """Return a ticket as it is once it is described so."""
    return replace(
        ticket,
        title=then.title,
        status=then.status,
        queue=then.queue,
        kind=then.kind,
        priority=then.priority,
        tags=then.tags,
    )


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


def joined(
    known: KnownCut, tickets: Sequence[Ticket], act: Act, full: Sequence[FullQuota] = ()
) -> tuple[Join, tuple[Event, ...]]:
    """Return how a cut is undone, with its events: the other tickets become part of the first.

    The first gets back what it was before, but for what somebody changed since: that stays. Places of quotas are made
    as they were, but for those of full quotas. Of a mail that was cut as a reply the first ticket keeps what it is. A
    ticket that became part of another since the cut stays so; where that is the first one, the others become part of
    the same.

    Args:
        known: The cut, with what the ledger of quotas says of its tickets.
        tickets: Those of its pieces, and what they were merged into.
        act: Who, when and why.
        full: Quotas that have no place left; () where a person undoes the cut, who may go beyond them.
    """
    cut, found = known.cut, {one.number: one for one in tickets}
    first = found[cut.first]
    others = [found[number] for number in cut.others if found[number].merged_into is None]
    whole, missed = _within(known, full) if first.merged_into is None else (None, ())
    now = description(first)
    restored = _restored(whole, first) if whole else now
    then = now if first.merged_into is not None else _reopened(restored, (first, *others))
    entries = _entries(known, whole, then.priority, act)
    into = resolve(cut.first, tickets) or first
    events = (
        act.event(
            EventKind.JOINED, into.number, ("from", ", ".join(one.ref for one in others)), *differences(now, then)
        ),
        *(act.event(EventKind.MERGED, one.number, ("into", into.ref)) for one in others if one.number != into.number),
        *_status_event(now.status, then.status, first, act),
        *quota_events(entries, act),
        *(act.event(EventKind.OVER_QUOTA, first.number, *one.details) for one in missed),
    )
    return Join(cut, None if then == now else then, entries), events


def _within(known: KnownCut, full: Sequence[FullQuota]) -> tuple[Whole | None, tuple[OverQuota, ...]]:
    """Return what the first ticket is to be again within quotas that are full, and those that it is too much for.

    A place that a part of the mail has passes to the whole. One that none had since the whole alone was of the sort
    that is counted may be taken by now: else who cuts and joins mails would have as many as he likes.
    """
    whole, caps = known.cut.whole, {one.quota: one.cap_at for one in full}
    held = {one.entry.key for one in places(known.quota)}
    missed = tuple(key for key in whole.quota if key.quota in caps and key not in held) if whole else ()
    if whole is None or not missed:
        return whole, ()
    before = whole.before.priority
    capped = max(before, min(whole.after.priority, max(caps[key.quota] for key in missed)))
    # Which of the others count a priority is not known here: where that is lost the customer keeps their places.
    left = tuple(key for key in whole.quota if key not in missed and capped == before)
    within = Whole(replace(whole.before, priority=capped), whole.after, left)
    return within, tuple(OverQuota(key, before) for key in missed)


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


def _reopened(then: Description, parts: Sequence[Ticket]) -> Description:
    """Return the first ticket as open where it would be done with, or refused, and a part still waits."""
    if then.status in _DONE and any(one.status in _WAITS for one in parts):
        return replace(then, status=Status.OPEN)
    return then


def _status_event(before: Status, after: Status, ticket: Ticket, act: Act) -> tuple[Event, ...]:
    details = (("from", str(before)), ("to", str(after)))
    return () if before is after else (act.event(EventKind.STATUS, ticket.number, *details),)


def _entries(known: KnownCut, whole: Whole | None, priority: int, act: Act) -> tuple[QuotaEntry, ...]:
    """Return the places that are given back, and then those that the first ticket takes again.

    It takes none where it stays less urgent than it was before the cut: somebody lowered it since.
    """
    first = known.cut.first
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
