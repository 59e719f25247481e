"""Which of the tickets that a mail was cut into an answer is about: those that it names, in its words or by its place.

Every answer to the acknowledgement carries the marks of the first ticket alone, so only what it says tells them apart.
"""

import re
from collections.abc import Iterator, Mapping

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


def named_tickets(message: Message, by_id: Mapping[str, Ticket], first: Ticket) -> tuple[Ticket, ...]:
    """Return which of the tickets an answer says that it is about, in the order in which it says so, each once.

    The subject counts where it has another ID than the acknowledgement's, whose is the first ticket's; then the new
    text; then answers that stand right below the quoted line of one ticket, or below a quote that is cut down to one
    ticket's lines.

    Args:
        message: The answer.
        by_id: The tickets by everything that `ids_of` gives.
        first: The ticket whose marks the acknowledgement carries.
    """
    subject = (ticket for ticket in _named_in(message.subject, by_id) if ticket != first)
    text = _named_in(message.body.text, by_id)
    return tuple(dict.fromkeys((*subject, *text, *_answered(message.body, by_id, first))))


def _named_in(text: str, by_id: Mapping[str, Ticket]) -> Iterator[Ticket]:
    for found in _ID.finditer(text[:MAX_CHARS].translate(DASHES)):
        ticket = by_id.get(found[0].upper())
        if ticket is not None:
            yield ticket


def _answered(body: Body, by_id: Mapping[str, Ticket], first: Ticket) -> Iterator[Ticket]:
    """Yield the tickets below whose quoted lines there are answers."""
    for pair in body.pairs:
        yield from _line_above(pair.question, by_id)
    if not body.pairs:
        quoted = set(_named_in(body.quoted, by_id))
        # A quote that was cut after its beginning has the first one's ID as well, and says nothing by it.
        yield from quoted if len(quoted) == 1 and first not in quoted else ()


def _line_above(question: str, by_id: Mapping[str, Ticket]) -> Iterator[Ticket]:
    """Yield the ticket of the last line with an ID in the paragraph right above an answer, where it names one alone."""
    paragraph = _BLANK_LINES.split(question[-MAX_CHARS:].strip())[-1]
    named = (tuple(dict.fromkeys(_named_in(line, by_id))) for line in reversed(paragraph.split("\n")))
    last = next((tickets for tickets in named if tickets), ())
    yield from last if len(last) == 1 else ()
