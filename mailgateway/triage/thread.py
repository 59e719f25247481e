"""Which ticket a message belongs to: the rungs of the ladder of design.md section 5, and deliveries.

A rung finds tickets; standing decides what that means. An id only we could have made (rungs 1 and 2, a delivery) keeps
even a stranger's mail on its ticket, unverified and inside. What anybody can quote (a ticket ID, the id of a mail
that other people wrote) counts only with standing; without it the ticket is no more than mentioned. What others named
(a conversation of Outlook, a number of another ticket system) counts only where it leads to one ticket alone. Where a
mail was cut into several tickets, an answer to its acknowledgement goes on the one that it names, with standing there.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from mailgateway.model.cut import KnownCut
from mailgateway.model.decision import Keys, Known, KnownMessage, Rung, Threading
from mailgateway.model.message import Classification, Message, MessageKind
from mailgateway.model.people import Role, Standing
from mailgateway.model.site import Site
from mailgateway.model.ticket import Ticket, Visibility
from mailgateway.model.tokens import ReplyToken
from mailgateway.triage.identify import Writer, general_standing, identify, standing
from mailgateway.triage.keys import signed_ids
from mailgateway.triage.siblings import Parts, answered, ids_of, is_about_parts, named_tickets

MAX_MERGES = 100
"""How many merges are followed from one ticket to the next."""

_OUR_IDS = frozenset({Rung.REPLY_ADDRESS, Rung.OUR_MESSAGE_ID, Rung.DELIVERY})

_REPORTS = frozenset({MessageKind.BOUNCE, MessageKind.FEEDBACK})

_GUESSES = frozenset({Rung.CONVERSATION, Rung.FOREIGN_REF})
"""Names that others gave: people write about something else under them, so two tickets are one too many."""

_WORDS = {
    Rung.REPLY_ADDRESS: "a signed reply address",
    Rung.OUR_MESSAGE_ID: "it answers a message of ours",
    Rung.DELIVERY: "a delivery of ours",
    Rung.RECEIVED_MESSAGE_ID: "it answers a message on the ticket",
    Rung.TICKET_ID: "the ticket ID",
    Rung.CONVERSATION: "it continues an Outlook conversation of",
    Rung.FOREIGN_REF: "another system's number for",
}


@dataclass(frozen=True, slots=True)
class _Found:
    """What was looked up, what the store holds under it, and the site."""

    keys: Keys
    known: Known
    site: Site
    reported: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Hit:
    """A ticket that a rung found, merges followed, with the writer's standing on it.

    Attributes:
        reported: The recipients that a report names, in lower case.
        is_unclear: Whether it could be another ticket as well.
    """

    rung: Rung
    ticket: Ticket
    standing: Standing
    reported: frozenset[str] = frozenset()
    is_unclear: bool = False

    @property
    def counts(self) -> bool:
        """Whether the message goes on the ticket: for a report it is enough that it names one of its people too."""
        is_held = self.rung in _OUR_IDS or self.standing.may_post or self.names_its_people
        return is_held and not self.is_unclear

    @property
    def names_its_people(self) -> bool:
        """Whether a report is about mail to somebody of the ticket."""
        return not self.reported.isdisjoint((self.ticket.requester_address, *self.ticket.participants))


@dataclass(frozen=True, slots=True)
class _Place:
    """The hit that counts, and what a mail says of other tickets.

    Attributes:
        hit: Whose ticket the mail goes on.
        because: What leads to it, in words.
        mentions: Tickets that it names beside.
        parts: The tickets among which there was a choice, () where there was none.
    """

    hit: _Hit
    because: str
    mentions: tuple[Ticket, ...] = ()
    parts: frozenset[Ticket] = frozenset()


def thread(message: Message, classification: Classification, keys: Keys, known: Known, site: Site) -> Threading:
    """Return which ticket a message belongs to, with the reason and the sender's standing on it.

    The highest rung wins where several tickets are named; within a rung the newest id, or the first ticket ID. Mail of
    machines is kept inside, a bounce looks for its delivery first.

    Args:
        message: The mail as it was read.
        classification: What wrote it.
        keys: What was looked up for it, its reply tokens and its authentication included.
        known: What the store holds under them.
        site: The site and the mailbox it came to.
    """
    is_typed = message.relay is not None and message.relay.is_typed
    writer = replace(identify(message.sender.key, known, site, keys.authentication), is_typed=is_typed)
    kind = classification.kind
    is_report = kind in _REPORTS
    reported = frozenset(report.recipient.lower() for report in message.reports) if is_report else frozenset()
    found = _Found(keys, known, site, reported)
    hits = _hits(found, writer, _ladder(kind))
    best = next((hit for hit in hits if hit.counts), None)
    if best is None:
        return _new_ticket(hits if kind is MessageKind.PERSON else _without_guesses(hits), writer)
    place = _Place(best, _way(best))
    if kind is MessageKind.PERSON and best.standing.role is not Role.AGENT:
        place = _among_parts(place, message, found, writer)
    return _on_ticket(place, hits, kind)


def _on_ticket(place: _Place, hits: tuple[_Hit, ...], kind: MessageKind) -> Threading:
    """Return the threading of a message that goes on a ticket."""
    best = place.hit
    is_public = kind is MessageKind.PERSON and best.standing.may_post
    return Threading(
        rung=best.rung,
        ticket=best.ticket,
        # Agents' words are not relayed before step 5: public would say that the customer had read them.
        visibility=Visibility.PUBLIC if is_public and best.standing.role is not Role.AGENT else Visibility.INSIDE,
        verified=best.standing.may_post,
        standing=best.standing,
        mentions=tuple(ticket.number for ticket in place.mentions),
        because=_because(place, hits),
    )


def resolve(number: int, tickets: Iterable[Ticket]) -> Ticket | None:
    """Return a ticket by number with its merges followed, None where there is none.

    A chain that ends in a ticket that is not there, or in a circle, ends at the last ticket before that.
    """
    by_number = {ticket.number: ticket for ticket in tickets}
    ticket = by_number.get(number)
    seen = {number}
    while ticket is not None and len(seen) <= MAX_MERGES:
        target = by_number.get(ticket.merged_into) if ticket.merged_into is not None else None
        if target is None or target.number in seen:
            return ticket
        seen.add(target.number)
        ticket = target
    return ticket


def _new_ticket(hits: tuple[_Hit, ...], writer: Writer) -> Threading:
    """Return the threading of a message that goes on no ticket that we have; it names those it quoted."""
    mentions = dict.fromkeys(hit.ticket for hit in hits)
    names = ", ".join(ticket.ref for ticket in mentions)
    return Threading(
        rung=Rung.NONE,
        ticket=None,
        visibility=Visibility.PUBLIC,
        verified=True,
        standing=general_standing(writer),
        mentions=tuple(ticket.number for ticket in mentions),
        because=_why_new(hits, names) if hits else "names no ticket",
    )


def _why_new(hits: tuple[_Hit, ...], names: str) -> str:
    if any(hit.is_unclear for hit in hits):
        return f"names {names}, and which of them is meant is not clear"
    return f"names {names}, but the sender {hits[0].standing.because}"


def _without_guesses(hits: tuple[_Hit, ...]) -> tuple[_Hit, ...]:
    """Return the hits by what only our tickets have: a machine's other numbers are no reason to ignore its mail."""
    return tuple(hit for hit in hits if hit.rung not in _GUESSES)


def _because(place: _Place, hits: tuple[_Hit, ...]) -> str:
    """Return the reason in words, with the tickets that lost; parts of the same mail are no others."""
    ours = place.parts | {place.hit.ticket}
    others = dict.fromkeys(_way(hit) for hit in hits if hit.ticket not in ours)
    reason = f"{place.because}; the sender {place.hit.standing.because}"
    return f"{reason}; not followed: {', '.join(others)}" if others else reason


def _way(hit: _Hit) -> str:
    return f"{_WORDS[hit.rung]} {hit.ticket.ref}"


# --- the tickets that a mail was cut into ------------------------------------------------------------------------


def _among_parts(place: _Place, message: Message, found: _Found, writer: Writer) -> _Place:
    """Return which of a mail's tickets an answer to its acknowledgement is about, which has the marks of the first one.

    A mail in the thread of another part stays there, and one in the first one's own conversation on the first. One that
    names a ticket on which its author has no standing does not go there.
    """
    first = place.hit.ticket
    cuts = tuple(one for one in found.known.cuts if resolve(one.cut.first, found.known.tickets) == first)
    by_id = _by_id(cuts, found)
    cut = Parts(first, by_id, tuple(frozenset(piece.ticket for piece in one.cut.pieces) for one in cuts))
    if not is_about_parts(message, answered(found.keys.message_ids, found.known.referred), cut):
        return place
    parts = frozenset(by_id.values()) | {first}
    named = named_tickets(message, cut)
    own = ((ticket, standing(writer, ticket, _tokens_for(ticket, found))) for ticket in named)
    hit = next((replace(place.hit, ticket=ticket, standing=held) for ticket, held in own if held.may_post), place.hit)
    because = f"{_which(hit.ticket, named, len(parts))}; {place.because}"
    return _Place(hit, because, tuple(ticket for ticket in named if ticket != hit.ticket), parts)


def _by_id(cuts: Iterable[KnownCut], found: _Found) -> Mapping[str, Ticket]:
    """Return the tickets of cuts, merges followed, by what they can be called."""
    issued = {ticket.number: ticket.ref for ticket in found.known.tickets}
    numbers = (piece.ticket for known in cuts for piece in known.cut.pieces)
    tickets = {number: resolve(number, found.known.tickets) for number in numbers}
    return {name: ticket for number, ticket in tickets.items() if ticket for name in ids_of(issued[number])}


def _which(ticket: Ticket, named: tuple[Ticket, ...], count: int) -> str:
    """Return why an answer goes on one of the tickets that a mail became."""
    of_these = f"of the {count} tickets that the mail became"
    if not named:
        return f"the answer names none {of_these}"
    if ticket not in named:
        return f"the answer names {', '.join(one.ref for one in named)}, where its sender has no standing, {of_these}"
    if len(named) == 1:
        return f"the answer names {ticket.ref} {of_these}"
    return f"the answer names {len(named)} {of_these}, {ticket.ref} first"


# --- the rungs -------------------------------------------------------------------------------------------------


def _hits(found: _Found, writer: Writer, rungs: tuple[Rung, ...]) -> tuple[_Hit, ...]:
    """Return every hit, highest rung first."""
    return tuple(hit for rung in rungs for hit in _hits_of(rung, found, writer))


def _hits_of(rung: Rung, found: _Found, writer: Writer) -> tuple[_Hit, ...]:
    """Return the hits of one rung, in its order, each ticket once."""
    resolved = (resolve(number, found.known.tickets) for number in _NUMBERS[rung](found))
    tickets = dict.fromkeys(ticket for ticket in resolved if ticket is not None)
    hits = tuple(
        _Hit(rung, ticket, standing(writer, ticket, _tokens_for(ticket, found)), found.reported) for ticket in tickets
    )
    return _without_doubt(hits, found) if rung in _GUESSES else hits


def _without_doubt(hits: tuple[_Hit, ...], found: _Found) -> tuple[_Hit, ...]:
    """Return the hits of a guess, unclear where the writer has standing on several tickets.

    Those of one mail are no several: what is said of it goes on the first, or on the one that it names.
    """
    own = [hit for hit in hits if hit.standing.may_post]
    if len(own) < 2:  # noqa: PLR2004 -- several
        return hits
    firsts = {_first_of(hit.ticket.number, found.known) for hit in own}
    first = tuple(hit for hit in own if {hit.ticket.number} == firsts)
    return first or tuple(replace(hit, is_unclear=True) for hit in hits)


def _first_of(number: int, known: Known) -> int:
    """Return the ticket that a ticket was cut off from, which itself was cut off from none."""
    cut_off = {other: one.cut.first for one in known.cuts for other in one.cut.others}
    seen: set[int] = set()
    while number in cut_off and number not in seen:
        seen.add(number)
        number = cut_off[number]
    return number


def _tokens_for(ticket: Ticket, found: _Found) -> tuple[ReplyToken, ...]:
    """Return the reply tokens of a ticket, or of one that was merged into it."""
    return tuple(token for token in found.keys.tokens if resolve(token.ticket, found.known.tickets) == ticket)


def _by_reply_address(found: _Found) -> tuple[int, ...]:
    return tuple(token.ticket for token in found.keys.tokens)


def _by_our_message_id(found: _Found) -> tuple[int, ...]:
    """Return the tickets of our mails that are referred to: stored ids, signed ids, Outlook's indexes."""
    signed = {name: sent.ticket for name, sent in signed_ids(found.keys.message_ids, found.site)}
    numbers: list[int] = []
    for name in found.keys.message_ids:
        numbers += [n for known in _referred(found, name) if known.ours for n in known.tickets]
        written = signed.get(name)
        numbers += [] if written is None else [written]
    return tuple(dict.fromkeys((*numbers, *found.keys.conversations)))


def _by_received_message_id(found: _Found) -> tuple[int, ...]:
    known = (known for name in found.keys.message_ids for known in _referred(found, name) if not known.ours)
    return tuple(number for message in known for number in message.tickets)


def _by_delivery(found: _Found) -> tuple[int, ...]:
    """Return the tickets of the deliveries, those that a bounce address names first."""
    named = dict.fromkeys((*found.keys.deliveries, *(delivery.id for delivery in found.known.deliveries)))
    tickets = {delivery.id: delivery.ticket for delivery in found.known.deliveries}
    numbers = (tickets.get(outbox) for outbox in named)
    return tuple(number for number in numbers if number is not None)


def _by_ticket_id(found: _Found) -> tuple[int, ...]:
    numbers = {ref.upper(): number for ref, number in found.known.refs}
    return tuple(numbers[ref] for ref in found.keys.refs if ref in numbers)


def _by_conversation(found: _Found) -> tuple[int, ...]:
    return found.known.names.conversation


def _by_foreign_ref(found: _Found) -> tuple[int, ...]:
    """Return the tickets that the sender's ticket system has numbers for; one that it gave twice says nothing."""
    return tuple(ref.ticket for ref in found.known.names.refs if ref.ticket is not None)


def _referred(found: _Found, message_id: str) -> Iterable[KnownMessage]:
    return (known for known in found.known.referred if known.message_id == message_id)


_NUMBERS: dict[Rung, Callable[[_Found], tuple[int, ...]]] = {
    Rung.REPLY_ADDRESS: _by_reply_address,
    Rung.OUR_MESSAGE_ID: _by_our_message_id,
    Rung.DELIVERY: _by_delivery,
    Rung.RECEIVED_MESSAGE_ID: _by_received_message_id,
    Rung.TICKET_ID: _by_ticket_id,
    Rung.CONVERSATION: _by_conversation,
    Rung.FOREIGN_REF: _by_foreign_ref,
}
_RUNGS = tuple(_NUMBERS)
"""The ladder, highest rung first. A delivery is named by an id of ours, so it stands right below our Message-IDs."""
_MACHINE_RUNGS = tuple(rung for rung in _RUNGS if rung is not Rung.CONVERSATION)
"""Programs send mail after mail under one index and one subject: what they report is no conversation."""
_BOUNCE_RUNGS = (Rung.DELIVERY, *(rung for rung in _MACHINE_RUNGS if rung is not Rung.DELIVERY))


def _ladder(kind: MessageKind) -> tuple[Rung, ...]:
    if kind in _REPORTS:
        return _BOUNCE_RUNGS
    return _RUNGS if kind is MessageKind.PERSON else _MACHINE_RUNGS
