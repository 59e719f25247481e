"""The one mail a person gets for a new ticket: its number, what was understood, what was decided, what happens next.

A mail that was cut into several tickets gets one for all: a line for each with its ID in brackets, under which an
answer can be written.
"""

from dataclasses import dataclass, replace

from mailgateway.compose.answer import MAX_NAME, MAX_PART_TITLE, MAX_TITLE, AnswerRequest, PartLine, answer
from mailgateway.compose.builder import Composed
from mailgateway.compose.excerpt import FileLine, file_lines, first_lines
from mailgateway.compose.lines import one_line
from mailgateway.compose.templates import Paragraph, Templates, variables
from mailgateway.model.message import Protection
from mailgateway.model.site import Site
from mailgateway.parsers.subject import base_subject, ticket_ids

PURPOSE = "acknowledgement"
MAX_SEARCHED = 20_000
"""Characters of subject and text in which a ticket ID is looked for."""


@dataclass(frozen=True, slots=True)
class AcknowledgementVariables:
    """The names that the templates `acknowledgement.txt` and `acknowledgement.html` may use.

    Attributes:
        ticket_id: Such as `SUP-1042-QX`, without brackets; of several tickets the first.
        title: The subject without `Re:` and without ticket IDs; may be empty.
        site_name: The name customers see beside the support address.
        support_address: The address that the customer wrote to and can answer.
        sender_name: The customer's own display name; may be empty. Where the address was only typed into a form or a
            chat, it is, and so are titles, quote and files: it may be somebody else's.
        quote: The first lines of the mail, at most 6 of 200 characters; may be empty.
        quote_cut: Whether the mail says more than the quote.
        files: The attachments that were received, at most 20, each with `name` and `size`.
        more_files: How many more there are.
        partial: Whether the mail was over the size limit, so that only its beginning was read.
        names_other_ticket: Whether the mail carries something that looks like a ticket ID. It says nothing about
            whether such a ticket exists.
        encrypted: Whether the mail is encrypted, so that nobody here can read it.
        told: What rules tell the customer, a paragraph each (see above); as a rule none.
        follows: The ID of the closed ticket that the new one goes on from; empty as a rule.
        parts: The tickets that the mail was cut into, in its order, each with `ref` (such as `SUP-1043-QX`) and `title`
            (at most 60 characters; may be empty). Empty where there is one ticket, two at least otherwise. Write each
            ID in brackets and on a line of its own: customers answer below it.
        cut_later: Whether a person cut the mail into them after it had been acknowledged as one ticket.
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
    told: tuple[Paragraph, ...] = ()
    follows: str = ""
    parts: tuple[PartLine, ...] = ()
    cut_later: bool = False


def acknowledgement(templates: Templates, site: Site, request: AnswerRequest) -> Composed:
    """Return the acknowledgement of a new ticket, or of all that a mail was cut into, to the sender of the mail.

    Raises:
        PermanentError: The sender has no address that can be written to; `addresses.deliverable` tells before.
    """
    rendered = templates.render(PURPOSE, request.language, variables(_variables(site, request)))
    return answer(site, request, PURPOSE, rendered)


def _variables(site: Site, request: AnswerRequest) -> AcknowledgementVariables:
    message, prefix, is_typed = request.message, site.prefix, request.is_typed
    parts = _parts(request, prefix)
    # Of several tickets none has the mail's own subject, and mail programs put the answer beside the mail by it.
    subject = message.subject if parts else request.ticket.title
    quote, quote_cut = ((), False) if is_typed else first_lines(message.body.text)
    files, more_files = ((), 0) if is_typed else file_lines(message)
    return AcknowledgementVariables(
        ticket_id=request.ticket.ref,
        title="" if is_typed else one_line(base_subject(subject, prefix), MAX_TITLE),
        site_name=one_line(site.display_name, MAX_NAME) or site.address,
        support_address=site.address,
        sender_name="" if is_typed else one_line(message.sender.name, MAX_NAME),
        quote=quote,
        quote_cut=quote_cut,
        files=files,
        more_files=more_files,
        partial=message.partial,
        names_other_ticket=not (is_typed or request.follows) and _names_other_ticket(request, prefix),
        encrypted=message.protection is Protection.ENCRYPTED,
        told=request.told,
        follows=request.follows,
        parts=parts,
        cut_later=request.cut_later and bool(parts),
    )


def _parts(request: AnswerRequest, prefix: str) -> tuple[PartLine, ...]:
    """Return the lines of a mail that was cut, () of one that was not."""
    if len(request.parts) == 1:
        return ()
    if request.is_typed:
        return tuple(replace(part, title="") for part in request.parts)
    return tuple(
        replace(part, title=one_line(base_subject(part.title, prefix), MAX_PART_TITLE)) for part in request.parts
    )


def _names_other_ticket(request: AnswerRequest, prefix: str) -> bool:
    """Return whether the mail names a ticket that is none of those it is on.

    It is asked of the mail alone, never of the store: the answer must be the same for a ticket that does not exist.
    """
    message = request.message
    named = ticket_ids(f"{message.subject}\n{message.body.full_text}"[:MAX_SEARCHED], prefix)
    # A reply that is cut names the ticket that it is on.
    return bool(named) and not {part.ref for part in request.parts} & set(named)
