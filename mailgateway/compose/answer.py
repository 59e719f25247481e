"""What every automatic answer to a mail has in common: whom it goes to, what it threads under, where replies go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailgateway.compose.builder import (
    Automatic,
    Composed,
    Draft,
    OutboxPlace,
    outgoing,
    reply_address,
    support_address,
)
from mailgateway.compose.excerpt import reply_chain, with_ticket_id
from mailgateway.compose.templates import Paragraph, Rendered
from mailgateway.model.decision import NewTicket
from mailgateway.model.message import Address, Message
from mailgateway.model.site import Site
from mailgateway.model.ticket import Ticket, Visibility
from mailgateway.model.tokens import ReplyToken, message_id

MAX_TITLE = 150
MAX_PART_TITLE = 60
"""Characters of a title in a list: with the ID and two marks of a quote the line is not broken by mail programs."""
MAX_NAME = 60
REPLY_DAYS = 3650
"""How long the reply address of an answer leads to its ticket; later its other marks still do."""


@dataclass(frozen=True, slots=True)
class PartLine:
    """One of the tickets that a mail was cut into, as an answer lists it.

    Attributes:
        ref: Its ID, such as `SUP-1043-QX`, without brackets.
        title: Of any length and on any number of lines when asked for; templates get it on one line, cut.
    """

    ref: str
    title: str


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """What an automatic answer is made of.

    Attributes:
        ticket: The ticket that the mail made or is on; the first of several.
        message: The mail; its sender gets the answer.
        outbox: The reserved outbox id.
        now: Aware; becomes the Date.
        language: BCP 47 tag, "" for the default.
        told: What rules tell the sender.
        follows: The ID of the closed ticket that a new one goes on from, "" for none.
        parts: All tickets that the mail was cut into, in its order, `ticket` among them; () where it is whole.
        cut_later: Whether a person cut it after it had been one ticket.
    """

    ticket: Ticket | NewTicket
    message: Message
    outbox: int
    now: datetime
    language: str = ""
    told: tuple[Paragraph, ...] = ()
    follows: str = ""
    parts: tuple[PartLine, ...] = ()
    cut_later: bool = False

    @property
    def is_typed(self) -> bool:
        """Whether the address was only typed in by whoever wrote: such a one gets none of the words beside it."""
        return self.message.relay is not None and self.message.relay.is_typed


def answer(site: Site, request: AnswerRequest, purpose: str, rendered: Rendered) -> Composed:
    """Return the answer to the sender of the mail, in its thread.

    Raises:
        PermanentError: The sender has no address that can be written to; `addresses.deliverable` tells before.
    """
    message, ticket = request.message, request.ticket
    draft = Draft(
        sender=support_address(site),
        to=(Address("" if request.is_typed else message.sender.name, message.sender.address),),
        reply_to=reply_address(site, _token(request)),
        subject=with_ticket_id(rendered.subject, ticket.ref),
        text=rendered.text,
        html=rendered.html,
        message_id=message_id(site.keyring, ticket.number, request.outbox, site.host),
        date=request.now,
        in_reply_to=message.message_id,
        references=reply_chain(message),
        automatic=Automatic.REPLIED,
    )
    place = OutboxPlace(request.outbox, ticket.number, purpose)
    return Composed(outgoing(draft, site, place), rendered.fallback)


def _token(request: AnswerRequest) -> ReplyToken:
    """Return what a reply to the answer carries: it is for whoever it went to, whatever contact that becomes."""
    expires = (request.now + timedelta(days=REPLY_DAYS)).date()
    return ReplyToken(request.ticket.number, None, "", Visibility.PUBLIC, expires)
