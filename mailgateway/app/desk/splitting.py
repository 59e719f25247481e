"""The use cases `split` and `unsplit`: each one transaction, what is to be sent included."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mailgateway.app.acts import Act
from mailgateway.app.cuts import described, joined
from mailgateway.app.desk.again import tried_again
from mailgateway.app.desk.change import Held, held_ticket
from mailgateway.app.desk.cutting import Decided, HandCut, PartTicket, cut_by_hand, was_reprioritised
from mailgateway.app.desk.deciding import answered_since, decided, facts_of, parts_to_decide, quotas_of, silence
from mailgateway.app.desk.mails import (
    NOT_KEPT,
    QUIET,
    Answered,
    CutMails,
    Mails,
    Writing,
    mail_of_join,
    mails_needed,
)
from mailgateway.app.desk.sections import Section, by_items, by_lines, has_items
from mailgateway.app.ports import Author, ByHand, Desk, HandChange, Words
from mailgateway.app.snapshot import Snapshot
from mailgateway.errors import PermanentError
from mailgateway.model.cut import Cut, Join, KnownCut
from mailgateway.model.decision import Decision, Facts, NewTicket
from mailgateway.model.quota import Usage
from mailgateway.model.ticket import Ticket
from mailgateway.model.tokens import ticket_ref
from mailgateway.triage.thread import resolve


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a ticket is to be cut; items and lines are not both given.

    Attributes:
        items: The numbers, from 1, of the items that get tickets of their own; () for all but the first.
        lines: How the lines begin at which a new ticket does.
        message: The store's number of the mail to cut; 0 for the newest that can be cut so.
        quiet: Whether the author of the mail is not written to, whatever the rules say.
    """

    items: tuple[int, ...] = ()
    lines: tuple[str, ...] = ()
    message: int = 0
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """What became of a mail that a person cut.

    Attributes:
        tickets: The new ones, in the order of the mail.
        answered: Whether its author was written to.
    """

    tickets: tuple[NewTicket, ...]
    answered: Answered


@dataclass(frozen=True, slots=True)
class Unsplit:
    """A cut that a person took back.

    Attributes:
        cut: What was undone.
        answered: Whether the author of the mail was written to.
    """

    cut: Cut
    answered: Answered


@tried_again
def split(desk: Desk, ticket: int, wanted: Wanted, snapshot: Snapshot, act: Act) -> Split:
    """Cut a mail of a ticket: each part but one gets a ticket of its own, by the rules of today.

    Of the mail that opened the ticket the ticket itself becomes what its part is; a status or a priority that somebody
    changed stays. Of a reply it stays what it is. The author of the mail gets one mail that lists the tickets, where it
    would be acknowledged, and agents get a notice of each that the rules decided.

    Raises:
        NotFoundError: There is no such ticket.
        PermanentError: It was merged, there is nothing to cut, or not so.
    """
    with desk.by_hand() as hand:
        held = held_ticket(hand, hand.tickets((ticket,)), ticket)
        found = _chosen(held.ticket, _words(hand, held.ticket, wanted), wanted)
        author = hand.author(found[0].message, held.ticket, act.at)
        cut, decision = _cut(hand, held, found, (snapshot, author))
        change = cut_by_hand(cut, act)
        mails = Mails(Answered("", NOT_KEPT))
        if author:
            told = CutMails(cut, change, decision, Writing(act, author, snapshot), wanted.quiet)
            mails = told.mails(hand.take_outbox(mails_needed(cut, snapshot)))
        hand.write(_with_mails(change, mails))
    return Split(change.tickets, mails.answered)


@tried_again
def unsplit(desk: Desk, ticket: int, act: Act, snapshot: Snapshot | None = None) -> Unsplit:
    """Undo the cut that a ticket is of, the latest where there are several: the others become part of the first.

    Args:
        desk: The store.
        ticket: Any of the cut.
        act: Who, when and why.
        snapshot: What the author of the mail is told with, where it may be; None where it is not to be.

    Raises:
        NotFoundError: There is no such ticket.
        PermanentError: It was merged, is of no cut, or another part was itself cut since.
    """
    with desk.by_hand() as hand:
        held = held_ticket(hand, hand.tickets((ticket,)), ticket)
        cuts = hand.cuts(ticket)
        if not cuts:
            raise PermanentError(f"{held.ticket.ref} is no part of a mail that was cut")
        known = cuts[0]
        tickets = hand.tickets([piece.ticket for piece in known.cut.pieces])
        _refuse_deeper(hand, known, tickets)
        join, events = joined(known, tickets, act)
        mails = _mails_of_join(hand, join, tickets, (act, snapshot))
        hand.write(_with_mails(HandChange(act.at, events, joins=(join,)), mails))
    return Unsplit(known.cut, mails.answered)


def _with_mails(change: HandChange, mails: Mails) -> HandChange:
    return replace(change, events=(*change.events, *mails.events), outgoing=mails.outgoing)


def _mails_of_join(hand: ByHand, join: Join, tickets: Sequence[Ticket], doing: tuple[Act, Snapshot | None]) -> Mails:
    act, snapshot = doing
    into = resolve(join.cut.first, tickets)
    if into is None or snapshot is None:
        return Mails(Answered("", QUIET))
    author = hand.author(join.cut.message, into, act.at)
    if author is None or into.mailbox not in snapshot.sites:
        return Mails(Answered("", NOT_KEPT if author is None else f"the mailbox {into.mailbox} is not configured"))
    then = described(into, join.description) if join.description and into.number == join.cut.first else into
    (outbox,) = hand.take_outbox(1)
    return mail_of_join(then, Writing(act, author, snapshot), silence(snapshot.rules, author), outbox)


def _refuse_deeper(hand: ByHand, known: KnownCut, tickets: Sequence[Ticket]) -> None:
    refs = {ticket.number: ticket.ref for ticket in tickets}
    for other in known.cut.others:
        if any(cut.cut.first == other for cut in hand.cuts(other)):
            raise PermanentError(f"{refs[other]} was itself cut into several tickets: make those one again first")


def _words(hand: ByHand, ticket: Ticket, wanted: Wanted) -> tuple[Words, ...]:
    """Return the mails of a ticket that can be cut.

    Raises:
        PermanentError: None is named, and there is none.
    """
    words = hand.words(ticket.number)
    if words or wanted.message:
        return words
    is_cut = bool(hand.cuts(ticket.number))
    why = "its mail is cut already, and `ticket unsplit` takes that back" if is_cut else "no customer's mail is on it"
    raise PermanentError(f"there is nothing to split on {ticket.ref}: {why}")


def _chosen(ticket: Ticket, words: Sequence[Words], wanted: Wanted) -> tuple[Words, tuple[Section, ...]]:
    """Return the mail to cut, and its parts.

    Raises:
        PermanentError: There is none, or it cannot be cut so.
    """
    if wanted.message:
        words = [one for one in words if one.message == wanted.message]
        if not words:
            raise PermanentError(
                f"message {wanted.message} is none that can be cut: no customer's words on {ticket.ref}, or cut already"
            )
    if wanted.lines:
        return _at_lines(words, wanted.lines)
    found = next((one for one in words if wanted.message or has_items(one.facts)), None)
    if found is None:
        raise PermanentError(
            f"there is nothing to split on {ticket.ref}: no whole mail on it has several items that were found; "
            "name the lines at which it is to be cut (--at)"
        )
    return found, by_items(found, wanted.items)


def _at_lines(words: Sequence[Words], lines: Sequence[str]) -> tuple[Words, tuple[Section, ...]]:
    """Return the newest of the mails that has these lines; where none has them, why the newest has not."""
    problems = []
    for one in words:
        try:
            return one, by_lines(one, lines)
        except PermanentError as problem:
            problems.append(problem)
    raise problems[0]


def _cut(
    hand: ByHand, held: Held, found: tuple[Words, tuple[Section, ...]], seen: tuple[Snapshot, Author | None]
) -> tuple[HandCut, Decision]:
    """Return what is cut, with what the rules make of each part, and of all.

    Raises:
        PermanentError: What the rules saw of the mail is no longer kept, or there are too many parts.
    """
    (words, sections), (snapshot, author) = found, seen
    facts, deciding = answered_since(facts_of(words), author), parts_to_decide(words, sections)
    keeps_priority = was_reprioritised(held.ticket, hand.history(held.ticket.number))
    freed = {place.entry.key for place in held.places} if words.opened and not keeps_priority else set()
    used = hand.usage(quotas_of(snapshot.rules, facts, deciding))
    usages = [_given_back(one, held.ticket) if one.key in freed else one for one in used]
    decisions = decided(snapshot.rules, facts, deciding, usages)
    cut = HandCut(
        held=held,
        message=words.message,
        opened=words.opened,
        keeps_priority=keeps_priority,
        author=_author(held.ticket, words, facts),
        parts=tuple(_parts(held.ticket, sections, decisions.parts, _new_ids(hand, held.ticket, sections, snapshot))),
        whole=decisions.whole,
    )
    return cut, decisions.decision


def _new_ids(
    hand: ByHand, ticket: Ticket, sections: Sequence[Section], snapshot: Snapshot
) -> Iterator[tuple[int, str]]:
    """Yield numbers and IDs for new tickets.

    Raises:
        PermanentError: The ticket's mailbox is not configured.
    """
    site = snapshot.sites.get(ticket.mailbox)
    if site is None:
        raise PermanentError(f"the mailbox of {ticket.ref}, {ticket.mailbox}, is not configured")
    numbers = hand.take_numbers(sum(not one.stays for one in sections))
    yield from ((number, ticket_ref(site.keyring, site.prefix, number)) for number in numbers)


def _parts(
    ticket: Ticket, sections: Sequence[Section], decisions: Mapping[int, Decided], ids: Iterator[tuple[int, str]]
) -> Iterator[PartTicket]:
    for at, section in enumerate(sections, start=1):
        number, ref = (ticket.number, ticket.ref) if section.stays else next(ids)
        yield PartTicket(section, number, ref, decisions.get(at))


def _author(ticket: Ticket, words: Words, facts: Facts) -> str:
    """Return whose the new tickets are: the ticket's requester's, of a reply its author's."""
    return ticket.requester_address if words.opened else str(facts.get("sender.address") or ticket.requester_address)


def _given_back(usage: Usage, ticket: Ticket) -> Usage:
    """Return how much of a quota is used where a ticket gives its place back."""
    others = tuple(ref for ref in usage.tickets if ref != ticket.ref)
    return Usage(usage.key, usage.used - 1, others, usage.granted)
