"""The use cases `split` and `unsplit`: each one transaction, and nobody is written to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailgateway.app.acts import Act
from mailgateway.app.cuts import joined
from mailgateway.app.desk.change import Held, held_ticket
from mailgateway.app.desk.cutting import HandCut, Part, cut_by_hand, was_reprioritised
from mailgateway.app.desk.deciding import decided, facts_of_parts, quotas_of
from mailgateway.app.desk.sections import Section, by_items, by_lines, has_items
from mailgateway.app.ports import ByHand, Desk, HandChange
from mailgateway.app.ports.desk import Words
from mailgateway.errors import PermanentError
from mailgateway.model.cut import KnownCut
from mailgateway.model.decision import NewTicket
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.model.site import Site
from mailgateway.model.ticket import Ticket
from mailgateway.model.tokens import ticket_ref
from mailgateway.rules.values import RuleSet


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a ticket is to be cut; items and lines are not both given.

    Attributes:
        items: The numbers, from 1, of the items that get tickets of their own; () for all but the first.
        lines: How the lines begin at which a new ticket does.
        message: The store's number of the mail to cut; 0 for the newest that can be cut so.
    """

    items: tuple[int, ...] = ()
    lines: tuple[str, ...] = ()
    message: int = 0


@dataclass(frozen=True, slots=True)
class Deciders:
    """What decides about the parts.

    Attributes:
        rules: Those in force.
        sites: By the name of the mailbox.
    """

    rules: RuleSet
    sites: Mapping[str, Site]


def split(desk: Desk, ticket: int, wanted: Wanted, deciders: Deciders, act: Act) -> tuple[NewTicket, ...]:
    """Cut a mail of a ticket: each part but one gets a ticket of its own, by the rules of today.

    Of the mail that opened the ticket the ticket itself becomes what its part is; a status or a priority that somebody
    changed stays. Of a reply it stays what it is.

    Returns:
        The new tickets, in the order of the mail.

    Raises:
        NotFoundError: There is no such ticket.
        PermanentError: It was merged, there is nothing to cut, or not so.
    """
    with desk.by_hand() as hand:
        held = held_ticket(hand, hand.tickets((ticket,)), ticket)
        site = deciders.sites.get(held.ticket.mailbox)
        if site is None:
            raise PermanentError(f"the mailbox of {held.ticket.ref}, {held.ticket.mailbox}, is not configured")
        words, sections = _chosen(held.ticket, hand.words(ticket), wanted)
        change = cut_by_hand(_cut(hand, held, (words, sections), (deciders.rules, site)), act)
        hand.write(change)
    return change.tickets


def unsplit(desk: Desk, ticket: int, act: Act) -> KnownCut:
    """Undo the cut that a ticket is of, the latest where there are several: the others become part of the first.

    Returns:
        What was undone.

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
        hand.write(HandChange(act.at, events, joins=(join,)))
    return known


def _refuse_deeper(hand: ByHand, known: KnownCut, tickets: Sequence[Ticket]) -> None:
    refs = {ticket.number: ticket.ref for ticket in tickets}
    for other in known.cut.others:
        if any(cut.cut.first == other for cut in hand.cuts(other)):
            raise PermanentError(f"{refs[other]} was itself cut into several tickets: make those one again first")


def _chosen(ticket: Ticket, words: Sequence[Words], wanted: Wanted) -> tuple[Words, tuple[Section, ...]]:
    """Return the mail to cut, and its parts.

    Raises:
        PermanentError: There is none, or it cannot be cut so.
    """
    if wanted.message:
        words = [one for one in words if one.message == wanted.message]
        if not words:
            raise PermanentError(
                f"message {wanted.message} is none that can be cut: no person's words on {ticket.ref}, or cut already"
            )
    if wanted.lines:
        return _at_lines(ticket, words, wanted.lines)
    found = next((one for one in words if wanted.message or has_items(one.facts)), None)
    if found is None:
        raise PermanentError(
            f"there is nothing to split on {ticket.ref}: no whole mail on it has several items; "
            "name the lines at which it is to be cut (--at)"
        )
    return found, by_items(found, wanted.items)


def _at_lines(ticket: Ticket, words: Sequence[Words], lines: Sequence[str]) -> tuple[Words, tuple[Section, ...]]:
    """Return the newest mail that has these lines; where none has them, why the newest has not."""
    first_problem: PermanentError | None = None
    for one in words:
        try:
            return one, by_lines(one, lines)
        except PermanentError as problem:
            first_problem = first_problem or problem
    raise first_problem or PermanentError(f"there is nothing to split on {ticket.ref}: no whole mail is on it")


def _cut(hand: ByHand, held: Held, found: tuple[Words, tuple[Section, ...]], by: tuple[RuleSet, Site]) -> HandCut:
    """Return what is cut, with what the rules make of each part.

    Raises:
        PermanentError: What the rules saw of the mail is no longer kept.
    """
    (words, sections), (rules, site) = found, by
    if words.facts is None:
        raise PermanentError(f"message {words.message} cannot be decided anew: what was seen of it is no longer kept")
    keeps_priority = was_reprioritised(held.ticket, hand.history(held.ticket.number))
    deciding = [one for one in sections if words.opened or not one.stays]
    facts = facts_of_parts(words.facts, deciding)
    freed = {place.entry.key for place in held.places} if words.opened and not keeps_priority else set()
    usages = [_without(one, held.ticket, freed) for one in hand.usage(quotas_of(rules, facts))]
    whole, decisions = decided(rules, facts, usages)
    by_section = dict(zip(map(id, deciding), decisions, strict=True))
    numbers = iter(hand.take_numbers(sum(not one.stays for one in sections)))
    parts = []
    for one in sections:
        number = held.ticket.number if one.stays else next(numbers)
        ref = held.ticket.ref if one.stays else ticket_ref(site.keyring, site.prefix, number)
        parts.append(Part(one, number, ref, by_section.get(id(one))))
    author = held.ticket.requester_address if words.opened else str(words.facts.get("sender.address") or "")
    return HandCut(
        held, words.message, words.opened, keeps_priority, author or held.ticket.requester_address, tuple(parts), whole
    )


def _without(usage: Usage, ticket: Ticket, freed: set[QuotaKey]) -> Usage:
    """Return how much of a quota is used where a ticket gives its place back."""
    if usage.key not in freed:
        return usage
    others = tuple(ref for ref in usage.tickets if ref != ticket.ref)
    return Usage(usage.key, usage.used - 1, others, usage.granted)
