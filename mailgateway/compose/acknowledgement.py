"""The one mail a person gets for a new ticket: its number, what was understood, what happens next."""

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
from mailgateway.compose.excerpt import FileLine, file_lines, first_lines, reply_chain, with_ticket_id
from mailgateway.compose.lines import one_line
from mailgateway.compose.templates import Templates, variables
from mailgateway.model.decision import NewTicket
from mailgateway.model.message import Address, Message, Protection
from mailgateway.model.site import Site
from mailgateway.model.ticket import Ticket, Visibility
from mailgateway.model.tokens import ReplyToken, message_id
from mailgateway.parsers.subject import base_subject, ticket_ids

PURPOSE = "acknowledgement"
MAX_TITLE = 150
MAX_NAME = 60
REPLY_DAYS = 3650
"""How long the reply address of an acknowledgement leads to its ticket; later its other marks still do."""
MAX_SEARCHED = 20_000
"""Characters of subject and text in which a ticket ID is looked for."""


@dataclass(frozen=True, slots=True)
class AcknowledgementRequest:
    """What an acknowledgement is made of.

    Attributes:
        ticket: The new ticket.
        message: The mail that made it; its sender gets the acknowledgement.
        outbox: The reserved outbox id.
        now: Aware; becomes the Date.
        language: BCP 47 tag, "" for the default.
    """

    ticket: Ticket | NewTicket
    message: Message
    outbox: int
    now: datetime
    language: str = ""


@dataclass(frozen=True, slots=True)
class AcknowledgementVariables:
    """The names that the templates `acknowledgement.txt` and `acknowledgement.html` may use.

    Attributes:
        ticket_id: Such as `SUP-1042-QX`, without brackets.
        title: The subject without `Re:` and without ticket IDs; may be empty.
        site_name: The name customers see beside the support address.
        support_address: The address that the customer wrote to and can answer.
        sender_name: The customer's own display name; may be empty. Where the address was only typed into a form or a
            chat, it is, and so are title, quote and files: it may be somebody else's.
        quote: The first lines of the mail, at most 6 of 200 characters; may be empty.
        quote_cut: Whether the mail says more than the quote.
        files: The attachments that were received, at most 20, each with `name` and `size`.
        more_files: How many more there are.
        partial: Whether the mail was over the size limit, so that only its beginning was read.
        names_other_ticket: Whether the mail carries something that looks like a ticket ID. It says nothing about
            whether such a ticket exists.
        encrypted: Whether the mail is encrypted, so that nobody here can read it.
    """

    ticket_id: str
    title: str
    site_name: str
    support_address: str
    sender_name: str
    quote: tuple[str, ...]
    quote_cut: bool
    files: tuple[FileLine, ...]
    more_files: int
    partial: bool
    names_other_ticket: bool
    encrypted: bool = False


def acknowledgement(templates: Templates, site: Site, request: AcknowledgementRequest) -> Composed:
    """Return the acknowledgement of a new ticket, to the sender of the mail that made it.

    Raises:
        PermanentError: The sender has no address that can be written to; `addresses.deliverable` tells before.
    """
    message, ticket = request.message, request.ticket
    rendered = templates.render(PURPOSE, request.language, variables(_variables(site, request)))
    draft = Draft(
        sender=support_address(site),
        to=(Address("" if _is_typed(message) else message.sender.name, message.sender.address),),
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
    place = OutboxPlace(request.outbox, ticket.number, PURPOSE)
    return Composed(outgoing(draft, site, place), rendered.fallback)


def _is_typed(message: Message) -> bool:
    return message.relay is not None and message.relay.is_typed


def _token(request: AcknowledgementRequest) -> ReplyToken:
    """Return what a reply to the acknowledgement carries: it is for the requester, whoever that contact becomes."""
    expires = (request.now + timedelta(days=REPLY_DAYS)).date()
    return ReplyToken(request.ticket.number, None, "", Visibility.PUBLIC, expires)


def _variables(site: Site, request: AcknowledgementRequest) -> AcknowledgementVariables:
    message, prefix = request.message, site.prefix
    # An address that anybody may have typed into a form gets none of the words they typed beside it.
    is_typed = _is_typed(message)
    quote, quote_cut = ((), False) if is_typed else first_lines(message.body.text)
    files, more_files = ((), 0) if is_typed else file_lines(message)
    return AcknowledgementVariables(
        ticket_id=request.ticket.ref,
        title="" if is_typed else one_line(base_subject(request.ticket.title, prefix), MAX_TITLE),
        site_name=one_line(site.display_name, MAX_NAME) or site.address,
        support_address=site.address,
        sender_name="" if is_typed else one_line(message.sender.name, MAX_NAME),
        quote=quote,
        quote_cut=quote_cut,
        files=files,
        more_files=more_files,
        partial=message.partial,
        # Asked of the mail alone, never of the store: the answer must be the same for a ticket that does not exist.
        names_other_ticket=not is_typed
        and bool(ticket_ids(f"{message.subject}\n{message.body.full_text}"[:MAX_SEARCHED], prefix)),
        encrypted=message.protection is Protection.ENCRYPTED,
    )
