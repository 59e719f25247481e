"""Mails that are cut into tickets, and the state that undoing a cut has to give back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailgateway.adapters.store import SqlStore
from mailgateway.app.acts import Act
from mailgateway.app.cuts import description, joined
from mailgateway.app.ports import HandChange, Lease, TicketMessage
from mailgateway.model.cut import Cut, Description, Piece, Whole
from mailgateway.model.decision import NewTicket, Outcome, Post
from mailgateway.model.quota import QuotaEntry, QuotaEntryKind, QuotaKey, QuotaRecord, Usage
from mailgateway.model.ticket import Status, Ticket, Visibility
from tests.store.steps import begun
from tests.store.values import MINUTE, NOW, message, new_ticket, opened

KEY = QuotaKey("urgent-tickets", "acme", "2026-03-01")
OTHER_KEY = QuotaKey("tickets", "acme", "2026-03-01")
ACT = Act(NOW + MINUTE, "agent:olga", "it is one thing")
BEFORE = Description("Two things", Status.NEW, "support", "incident", 1, ("new", "angry"))
AFTER = Description("Item 1", Status.NEW, "sales", "question", 3, ("new",))


def taken(key: QuotaKey, ticket: int) -> QuotaEntry:
    return QuotaEntry(key, ticket, 1, QuotaEntryKind.TAKEN, f"rule:{key.quota}", "it counts")


def given_back(key: QuotaKey, ticket: int) -> QuotaEntry:
    return QuotaEntry(key, ticket, -1, QuotaEntryKind.GIVEN_BACK, "agent:olga", "two things")


def pieces(*tickets: int) -> tuple[Piece, ...]:
    return tuple(Piece(one, number, f"Hello.\nItem {number}.", ("a.txt",)) for number, one in enumerate(tickets, 1))


def described(ticket: NewTicket, to: Description) -> NewTicket:
    return replace(
        ticket,
        title=to.title,
        status=to.status,
        queue=to.queue,
        kind=to.kind,
        priority=to.priority,
        tags=to.tags,
    )


def usage(store: SqlStore, lease: Lease, *keys: QuotaKey) -> tuple[Usage, ...]:
    with store.batch(lease) as batch:
        return batch.usage(keys)


def cut_mail(store: SqlStore, lease: Lease, uid: int, count: int = 3, **changes: object) -> Outcome:
    """Write a mail that is cut into new tickets, the first as `AFTER` says; return what was written."""
    (mail,) = begun(store, lease, uid)
    with store.batch(lease) as batch:
        ids = batch.reserve(count, 2)
        first, *others = ids.tickets
        outcome = opened(
            mail,
            ids,
            message(uid),
            tickets=(described(new_ticket(first), AFTER), *(new_ticket(number) for number in others)),
            posts=tuple(Post(number, Visibility.PUBLIC, verified=True) for number in ids.tickets),
            cut=Cut(first, pieces(*ids.tickets), Whole(BEFORE, AFTER)),
            outgoing=(),
        )
        batch.write(replace(outcome, **changes))  # type: ignore[arg-type] # the names are checked when it runs
    return replace(outcome, **changes)  # type: ignore[arg-type]


def undo(store: SqlStore, ticket: int, act: Act = ACT) -> bool:
    """Undo the latest cut that a ticket is of; return whether there was one."""
    with store.by_hand() as hand:
        tickets = hand.tickets((ticket,))
        known = hand.cuts(ticket)
        if known:
            tickets = hand.tickets([piece.ticket for piece in known[0].cut.pieces])
            join, events = joined(known[0], tickets, act)
            hand.write(HandChange(act.at, events, joins=(join,)))
        return bool(known)


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a ticket has to be as before once a cut is undone: all but its history and when it changed."""

    ticket: Ticket
    messages: tuple[TicketMessage, ...]
    places: tuple[tuple[QuotaKey, int], ...]


def standing(store: SqlStore, number: int) -> Standing:
    ticket = replace(store.ticket(str(number)), changed_at=NOW)
    return Standing(ticket, store.messages(number), places(store.quota(number)))


def places(records: Sequence[QuotaRecord]) -> tuple[tuple[QuotaKey, int], ...]:
    """Return the counts that a ticket has a place of, with the priority noted where it took the last."""
    held: dict[QuotaKey, int] = {}
    for record in records:
        if record.entry.kind is QuotaEntryKind.TAKEN:
            held[record.entry.key] = record.priority
        else:
            held.pop(record.entry.key, None)
    return tuple(sorted(held.items(), key=repr))


def cut_by_hand(
    store: SqlStore, ticket: int, after: Description, others: Sequence[int], quota: Sequence[QuotaEntry]
) -> Cut:
    """Cut the newest message of a ticket by hand, into itself and new tickets that have the numbers given."""
    with store.by_hand() as hand:
        (found,) = hand.tickets((ticket,))
        hand.usage([one.key for one in quota])
        numbers = hand.take_numbers(len(others))
        held = tuple(key for key, _ in places(hand.quota(ticket)))
        whole = Whole(description(found), after, held)
        cut = Cut(ticket, pieces(ticket, *numbers), whole, hand.words(ticket)[0].message)
        new = tuple(new_ticket(number, participants=(found.requester_address,)) for number in numbers)
        hand.write(HandChange(ACT.at, (), tickets=new, cuts=(cut,), quota=tuple(quota)))
    assert numbers == tuple(others)
    return cut
