"""How the facts of the vocabulary are read from a mail and from what the store knows."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailgateway.model.cut import cut_of
from mailgateway.model.decision import Fact, Facts, Known, Threading
from mailgateway.model.message import Classification, Message
from mailgateway.model.people import Role
from mailgateway.model.segments import Item, Reason, Segments, span_text
from mailgateway.model.site import Site
from mailgateway.model.ticket import Status, Ticket
from mailgateway.parsers.stated import Stated
from mailgateway.rules.words import words_of

MAX_HEADER_CHARS = 500
MAX_HEADERS = 64
LIKENESS = 0.5
"""The share of words that a title and a subject have in common from which they count as much alike (Jaccard)."""
FEATURES = ("question", "problem", "request")
"""What an item may be, in the words of `list.item_features`."""
PLAIN = "plain"
"""That it is none of these."""
_TRACE_FIELDS = re.compile(
    "received|return-path|dkim-|arc-|authentication-results|x-ms-exchange|x-forefront|x-google|x-gm-|x-microsoft-anti|"
    "domainkey|x-spam-report|delivered-to|x-original-to"
)


@dataclass(frozen=True, slots=True)
class ItemWords:
    """What an item says for itself.

    Attributes:
        text: Its words without logs and code.
        stated: The priority that it states, else the one that what belongs to all states; None for neither.
    """

    text: str
    stated: Stated | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything facts are read from.

    Attributes:
        message: The mail as it was read.
        classification: What wrote it.
        threading: Which ticket it belongs to.
        known: What the store holds.
        site: The site and the mailbox it came to.
        answerable: False for mail of folders that are never answered, and from before the quiet start.
        arrived: When our mail server took it; aware.
        text: Its new words without logs and code.
        stated: The priority its author states, None where it states none.
        segments: Where it can be cut, None where it cannot.
        items: What each item of `segments` says for itself; () where there are more than a mail is cut into.
        asks_one_ticket: Whether its author asks that a mail that was cut be one ticket.
    """

    message: Message
    classification: Classification
    threading: Threading
    known: Known
    site: Site
    answerable: bool
    arrived: datetime
    text: str
    stated: Stated | None = None
    segments: Segments | None = None
    items: tuple[ItemWords, ...] = ()
    asks_one_ticket: bool = False


def facts(sources: Sources) -> Facts:
    """Return what the rules see of a message: every fact of the vocabulary that has a producer, then its headers."""
    read = tuple((name, read(sources)) for name, read in READERS.items())
    return Facts((*read, *_headers(sources.message)))


def _headers(message: Message) -> tuple[tuple[str, Fact], ...]:
    """Return the header fields that conditions may ask for, those of one name as lines of one text."""
    fields: dict[str, str] = {}
    for name, value in message.headers:
        key = f"mail.header.{name.lower()}"
        if not _TRACE_FIELDS.match(name.lower()) and (key in fields or len(fields) < MAX_HEADERS):
            fields[key] = f"{fields[key]}\n{value}"[:MAX_HEADER_CHARS] if key in fields else value[:MAX_HEADER_CHARS]
    return tuple(fields.items())


def _text(sources: Sources) -> str:
    return f"{sources.message.subject}\n\n{sources.text}"


def _of_ticket(read: Callable[[Ticket], Fact]) -> Callable[[Sources], Fact]:
    """Return how to read a fact of the ticket that was found, None where there is none."""

    def of_ticket(sources: Sources) -> Fact:
        ticket = sources.threading.ticket
        return None if ticket is None else read(ticket)

    return of_ticket


def _parts(sources: Sources) -> Fact:
    """Return how many tickets the mail of a ticket was cut into, None where one of them went to other people or mails.

    Then they are not the author's to be made one again, who would be heard on the words of others. So it is for one who
    takes part in some of them only.
    """
    ticket, known = sources.threading.ticket, sources.known
    found = cut_of(ticket.number, known.cuts) if ticket else None
    if ticket is None or found is None:
        return None
    numbers = {piece.ticket for piece in found.cut.pieces}
    parts = [one for one in known.tickets if one.number in numbers]
    is_merged = any(one.merged_into not in {None, *numbers} for one in parts)
    is_shared = any(_whose(one) != _whose(ticket) for one in parts)
    return None if is_merged or is_shared or _is_left_out(sources, parts) else len(numbers)


def _whose(ticket: Ticket) -> tuple[str, str | None]:
    return ticket.requester_address, ticket.customer


def _is_left_out(sources: Sources, parts: Sequence[Ticket]) -> bool:
    """Return whether the author has standing as a participant alone, and not of all the parts."""
    author, role = sources.message.sender.key, sources.threading.standing.role
    return role is Role.PARTICIPANT and any(author not in one.participants for one in parts)


def _asks_one_ticket(sources: Sources) -> bool:
    """Return whether the author asks for one ticket, and not that some of the tickets be one."""
    parts, named = _parts(sources), 1 + len(sources.threading.mentions)
    is_of_some = isinstance(parts, int) and 1 < named < parts
    return sources.asks_one_ticket and not is_of_some


def _closed_days(sources: Sources) -> Fact:
    ticket = sources.threading.ticket
    if ticket is None or ticket.status not in {Status.RESOLVED, Status.CLOSED}:
        return None
    return max(0, (sources.arrived - ticket.changed_at).days)


def _is_agents_address(sources: Sources) -> bool:
    return sources.site.agent_with(sources.message.sender.key) is not None


def _is_typed(sources: Sources) -> bool:
    relay = sources.message.relay
    return relay is not None and relay.is_typed


def _absent_until(sources: Sources) -> Fact:
    absent = sources.classification.absent
    return absent.ends.isoformat() if absent and absent.ends else None


def _is_bounce_of_customers(sources: Sources) -> bool:
    """Return whether mails of ours are known that did not reach somebody, and none went to an agent.

    Where no delivery was found, those count whom the reports name.
    """
    recipients = [address.lower() for delivery in sources.known.deliveries for address in delivery.recipients]
    recipients = recipients or [report.recipient.lower() for report in sources.message.reports if report.recipient]
    return bool(recipients) and not any(sources.site.agent_with(address) for address in recipients)


def _of_customer(name: str) -> Callable[[Sources], Fact]:
    """Return how to read a fact of the customer, None where there is none or it says nothing."""

    def of_customer(sources: Sources) -> Fact:
        customer = sources.known.customer
        value: Fact = getattr(customer, name) if customer else None
        return value or None

    return of_customer


def _open_tickets(sources: Sources) -> Fact:
    return None if sources.known.customer is None else len(sources.known.open_tickets)


def _similar_tickets(sources: Sources) -> Fact:
    if sources.known.customer is None:
        return None
    subject = _distinct(sources.message.subject)
    return sum(_alike(subject, _distinct(title)) for _, title in sources.known.open_tickets)


def _distinct(text: str) -> frozenset[str]:
    return frozenset(word for word in words_of(text).line.split() if not word.isdigit())


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one & other) and len(one & other) >= LIKENESS * len(one | other)


def _same_shape(sources: Sources) -> int:
    shape = _shape(sources.message.subject)
    return sum(_shape(subject) == shape for subject in sources.known.recent_subjects)


def _shape(subject: str) -> str:
    """Return a subject without what counts up in a ping-pong: numbers and prefixes such as `Re: Re:`."""
    return re.sub(r"\d+", "0", re.sub(r"^(\s*\w{1,12}\s*:)+", "", subject)).strip().casefold()


def _of_list(read: Callable[[Segments], Fact]) -> Callable[[Sources], Fact]:
    """Return how to read a fact of the items in the mail, None where there are none."""

    def of_list(sources: Sources) -> Fact:
        return None if sources.segments is None else read(sources.segments)

    return of_list


def _plain_items(segments: Segments) -> int:
    return sum(one.is_plain for one in segments.items)


def _reason_words(reason: Reason) -> str:
    return f"{reason.points:+d} {reason.feature}: {reason.value}"


def _feature_words(item: Item) -> str:
    """Return what an item looks like in words, such as `9 words, question, overlap 20`."""
    kinds = zip(FEATURES, (item.is_question, item.is_problem, item.is_request), strict=True)
    said = ", ".join(name for name, is_so in kinds if is_so) or PLAIN
    return f"{item.words} words, {said}, overlap {item.overlap}"


def _shared_text(sources: Sources) -> Fact:
    if sources.segments is None:
        return None
    text = sources.message.body.text
    return "\n".join(text[start:end].strip("\n") for start, end in sources.segments.shared)


def _item_prose(sources: Sources) -> Fact:
    return tuple(one.text for one in sources.items) or None


def _item_stated(sources: Sources) -> Fact:
    """Return `2 line` for each item: the number, and what states it; "" where nothing does."""
    stated = (one.stated for one in sources.items)
    return tuple(f"{one.priority} {one.by}" if one else "" for one in stated) or None


def _stated_priority(sources: Sources) -> Fact:
    return sources.stated.priority if sources.stated else None


READERS: Mapping[str, Callable[[Sources], Fact]] = {
    "text": _text,
    "subject": lambda s: s.message.subject,
    "mail.kind": lambda s: s.classification.kind.value,
    "mail.kind_reason": lambda s: s.classification.reason,
    "mail.is_answer": lambda s: s.classification.is_answer,
    "mail.no_answer": lambda s: s.classification.no_answer,
    "mail.answerable": lambda s: s.answerable,
    "mail.mailbox": lambda s: s.site.address.lower(),
    "mail.to": lambda s: tuple(dict.fromkeys(one.key for one in (*s.message.to, *s.message.cc)))[:MAX_HEADERS],
    "mail.forwarded": lambda s: s.message.forwarded is not None,
    "mail.language": lambda s: s.message.language or None,
    "mail.channel": lambda s: s.message.relay.channel if s.message.relay else None,
    "mail.partial": lambda s: s.message.partial,
    "mail.protection": lambda s: str(s.message.protection or "none"),
    "mail.defects": lambda s: s.message.defects,
    "mail.suspicious": lambda s: s.message.suspicious,
    "mail.asks_one_ticket": _asks_one_ticket,
    "attachments.count": lambda s: len(s.message.attachments),
    "attachments.names": lambda s: tuple(one.name for one in s.message.attachments),
    "stated.priority": _stated_priority,
    "stated.by": lambda s: str(s.stated.by) if s.stated else None,
    "sender.address": lambda s: s.message.sender.key,
    "sender.domain": lambda s: s.message.sender.domain,
    "sender.free_mail": lambda s: s.message.sender.domain in s.site.free_mail_domains,
    "sender.typed": _is_typed,
    "sender.role": lambda s: s.threading.standing.role.value,
    "sender.authentication": lambda s: s.threading.standing.authentication.value,
    "sender.known": lambda s: s.known.contact is not None,
    "sender.has_agents_address": _is_agents_address,
    "customer.known": lambda s: s.known.customer is not None,
    "customer.id": _of_customer("id"),
    "customer.by": lambda s: s.known.customer_by or None,
    "customer.plan": _of_customer("plan"),
    "customer.time_zone": _of_customer("time_zone"),
    "customer.open_tickets": _open_tickets,
    "similar.tickets": _similar_tickets,
    "list.kind": _of_list(lambda found: found.kind.value),
    "list.items": _of_list(lambda found: len(found.items)),
    "list.lead_in": _of_list(lambda found: found.lead_in),
    "list.shortest_item_words": _of_list(lambda found: min(one.words for one in found.items)),
    "list.longest_item_words": _of_list(lambda found: max(one.words for one in found.items)),
    "list.questions": _of_list(lambda found: sum(one.is_question for one in found.items)),
    "list.problems": _of_list(lambda found: sum(one.is_problem for one in found.items)),
    "list.requests": _of_list(lambda found: sum(one.is_request for one in found.items)),
    "list.plain_items": _of_list(_plain_items),
    "list.overlap": _of_list(lambda found: max(one.overlap for one in found.items)),
    "list.apart": _of_list(lambda found: found.apart or None),
    "list.score": _of_list(lambda found: found.score),
    "list.left_alone": _of_list(lambda found: found.left_alone or None),
    "list.files": _of_list(lambda found: sum(bool(one.files) for one in found.items)),
    "list.item_titles": _of_list(lambda found: tuple(one.title for one in found.items)),
    "list.item_texts": _of_list(lambda found: tuple(one.text for one in found.items)),
    "list.item_files": _of_list(lambda found: tuple("\n".join(one.files) for one in found.items)),
    "list.item_spans": _of_list(lambda found: tuple(map(span_text, found.items))),
    "list.item_features": _of_list(lambda found: tuple(map(_feature_words, found.items))),
    "list.score_reasons": _of_list(lambda found: tuple(map(_reason_words, found.reasons))),
    "list.item_prose": _item_prose,
    "list.item_stated": _item_stated,
    "list.shared_text": _shared_text,
    "arrived": lambda s: s.arrived.isoformat(),
    "ticket.found": lambda s: s.threading.ticket is not None,
    "ticket.number": _of_ticket(lambda ticket: ticket.number),
    "ticket.ref": _of_ticket(lambda ticket: ticket.ref),
    "ticket.status": _of_ticket(lambda ticket: ticket.status.value),
    "ticket.closed_days": _closed_days,
    "ticket.queue": _of_ticket(lambda ticket: ticket.queue),
    "ticket.kind": _of_ticket(lambda ticket: ticket.kind),
    "ticket.priority": _of_ticket(lambda ticket: ticket.priority),
    "ticket.is_priority": _of_ticket(lambda ticket: ticket.priority <= MOST_URGENT),
    "ticket.priority_by_hand": _of_ticket(lambda ticket: ticket.priority_by_hand),
    "ticket.parts": _parts,
    "ticket.tags": _of_ticket(lambda ticket: ticket.tags),
    "thread.rung": lambda s: s.threading.rung.value,
    "thread.because": lambda s: s.threading.because,
    "thread.verified": lambda s: s.threading.verified,
    "thread.mentions": lambda s: len(s.threading.mentions),
    "bounce.to_customer": _is_bounce_of_customers,
    "absence.until": _absent_until,
    "answers.recent": lambda s: s.known.recent_answers,
    "answers.to_domain": lambda s: s.known.answers_to_domain,
    "answers.alike": _same_shape,
}
"""How each fact is read, in the order in which facts are stored."""

MOST_URGENT = 2
"""Priorities up to this number make a priority ticket."""
