"""Which of the tickets that a mail was cut into an answer is about: those that it names, in its words or by its place.

Every answer to the acknowledgement carries the marks of the first ticket alone, so only what it says tells them apart.
So do mails in the first ticket's own conversation: of those nothing is asked.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mailgateway.model.decision import KnownMessage
from mailgateway.model.message import Body, Message
from mailgateway.model.ticket import Ticket
from mailgateway.triage.keys import DASHES

MAX_CHARS = 20_000
"""Characters of each text in which ticket IDs are looked for."""

# The check letters may be left out: among the few tickets of one mail the number says enough. Wrong ones are no ID.
_ID = re.compile(
    r"(?<![A-Z0-9])([A-Z][A-Z0-9]{0,9}-[0-9]{1,18})(-[A-Z]{2})?(?![A-Z0-9])",
    re.IGNORECASE | re.ASCII,
)
_BLANK_LINES = re.compile(r"\n[ \t]*\n")


def ids_of(ref: str) -> tuple[str, str]:
    """Return how a ticket can be named: its ID as it was issued, and without the check letters; in upper case."""
    whole = ref.upper()
    return whole, whole.rpartition("-")[0]


def answered(message_ids: Sequence[str], referred: Sequence[KnownMessage]) -> tuple[KnownMessage, ...]:
    """Return what a mail answers: the newest of the messages it refers to that are known; () where none is.

    Args:
        message_ids: The ids it refers to, newest first.
        referred: The messages that are known under them; several may have one id.
    """
    each = (tuple(one for one in referred if one.message_id == name) for name in message_ids)
    return next((found for found in each if found), ())


@dataclass(frozen=True, slots=True)
class Parts:
    """The tickets that mails on one ticket were cut into.

    Attributes:
        first: The ticket whose marks the acknowledgements carry.
        by_id: The tickets by everything that `ids_of` gives.
        cuts: The numbers of the tickets of each cut.
    """

    first: Ticket
    by_id: Mapping[str, Ticket]
    cuts: tuple[frozenset[int], ...]


def is_about_parts(message: Message, messages: Sequence[KnownMessage], parts: Parts) -> bool:
    """Return whether a mail answers the acknowledgement of a cut mail, or the mail itself, which all its tickets have.

    Where nothing is known of what it answers, its quote has to be that of the acknowledgement.

    Args:
        message: The answer.
        messages: What it answers.
        parts: The tickets.
    """
    if not messages:
        body = message.body
        return _lists(body.quoted if body.has_new else body.full_text, parts)
    return any(
        _lists(one.acknowledgement, parts) if one.ours else any(cut <= set(one.tickets) for cut in parts.cuts)
        for one in messages
    )


def _lists(text: str, parts: Parts) -> bool:
    """Return whether a text has the IDs of several tickets of a cut, or that of another than the first."""
    ids = {found[1].upper(): ticket for found, ticket in _found_in(text, parts.by_id)}
    return len(ids) > 1 or any(ticket != parts.first for ticket in ids.values())


def named_tickets(message: Message, parts: Parts) -> tuple[Ticket, ...]:
    """Return which of the tickets an answer says that it is about, in the order in which it says so, each once.

    The subject counts where it has another ID than the acknowledgement's, whose is the first ticket's; then the new
    text; then answers that stand right below the quoted line of one ticket, or below a quote that is cut down to one
    ticket's lines.

    Args:
        message: The answer.
        parts: The tickets.
    """
    by_id = parts.by_id
    subject = (ticket for ticket in _named_in(message.subject, by_id) if ticket != parts.first)
    # Where the quote is all there is to see, its list is nothing that the author says.
    text = _named_in(message.body.text if message.body.has_new else "", by_id)
    return tuple(dict.fromkeys((*subject, *text, *_below_lines(message.body, parts))))


def _named_in(text: str, by_id: Mapping[str, Ticket]) -> Iterator[Ticket]:
    yield from (ticket for _, ticket in _found_in(text, by_id))


def _found_in(text: str, by_id: Mapping[str, Ticket]) -> Iterator[tuple[re.Match[str], Ticket]]:
    for found in _ID.finditer(text[:MAX_CHARS].translate(DASHES)):
        ticket = by_id.get(found[0].upper())
        if ticket is not None:
            yield found, ticket


def _below_lines(body: Body, parts: Parts) -> Iterator[Ticket]:
    """Yield the tickets below whose quoted lines there are answers."""
    for pair in body.pairs:
        yield from _line_above(pair.question, parts.by_id)
    if not body.pairs:
        quoted = set(_named_in(body.quoted, parts.by_id))
        # A quote that was cut after its beginning has the first one's ID as well, and says nothing by it.
        yield from quoted if len(quoted) == 1 and parts.first not in quoted else ()


def _line_above(question: str, by_id: Mapping[str, Ticket]) -> Iterator[Ticket]:
    """Yield the ticket of the last line with an ID in the paragraph right above an answer, where it names one alone."""
    paragraph = _BLANK_LINES.split(question[-MAX_CHARS:].strip())[-1]
    named = (tuple(dict.fromkeys(_named_in(line, by_id))) for line in reversed(paragraph.split("\n")))
    last = next((tickets for tickets in named if tickets), ())
    yield from last if len(last) == 1 else ()
