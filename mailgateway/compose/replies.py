"""Two short automatic answers: what was decided on a reply, and a refusal with what to do instead."""

from dataclasses import dataclass

from mailgateway.compose.answer import MAX_NAME, MAX_TITLE, AnswerRequest, answer
from mailgateway.compose.builder import Composed
from mailgateway.compose.lines import one_line
from mailgateway.compose.templates import Paragraph, Templates, variables
from mailgateway.model.site import Site
from mailgateway.parsers.subject import base_subject

INFORMATION = "information"
REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class InformationVariables:
    """The names that the templates `information.txt` and `information.html` may use.

    Attributes:
        ticket_id: Such as `SUP-1042-QX`, without brackets.
        title: The ticket's title without `Re:` and without ticket IDs; may be empty.
        site_name: The name customers see beside the support address.
        support_address: The address that the customer wrote to and can answer.
        sender_name: The customer's own display name; may be empty, and is where the address was only typed in.
        told: What rules tell the customer, a paragraph each (see above), at least one.
    """

    ticket_id: str
    title: str
    site_name: str
    support_address: str
    sender_name: str
    told: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class RefusalVariables:
    """The names that the templates `refusal.txt` and `refusal.html` may use: nothing that the sender wrote.

    Attributes:
        ticket_id: Such as `SUP-1042-QX`, without brackets.
        site_name: The name customers see beside the support address.
        support_address: The address that the customer wrote to and can answer.
        told: What to do instead, a paragraph each (see above), at least one.
    """

    ticket_id: str
    site_name: str
    support_address: str
    told: tuple[Paragraph, ...]


def information(templates: Templates, site: Site, request: AnswerRequest) -> Composed:
    """Return the mail that tells the author of a reply what was decided.

    Raises:
        PermanentError: The sender has no address that can be written to; `addresses.deliverable` tells before.
    """
    values = InformationVariables(
        ticket_id=request.ticket.ref,
        title="" if request.is_typed else one_line(base_subject(request.ticket.title, site.prefix), MAX_TITLE),
        site_name=one_line(site.display_name, MAX_NAME) or site.address,
        support_address=site.address,
        sender_name="" if request.is_typed else one_line(request.message.sender.name, MAX_NAME),
        told=request.told,
    )
    return answer(site, request, INFORMATION, templates.render(INFORMATION, request.language, variables(values)))


def refusal(templates: Templates, site: Site, request: AnswerRequest) -> Composed:
    """Return the mail that says what to do instead. It holds nothing of the original, not even its subject.

    Raises:
        PermanentError: As for `information`.
    """
    values = RefusalVariables(
        ticket_id=request.ticket.ref,
        site_name=one_line(site.display_name, MAX_NAME) or site.address,
        support_address=site.address,
        told=request.told,
    )
    return answer(site, request, REFUSAL, templates.render(REFUSAL, request.language, variables(values)))
