"""What rules tell a customer, as paragraphs for the mail that tells it."""

from dataclasses import dataclass
from html import escape

from mailgateway.compose.answer import MAX_NAME
from mailgateway.compose.lines import one_line
from mailgateway.compose.templates import Paragraph, Templates, variables
from mailgateway.model.decision import NewTicket
from mailgateway.model.effects import Told
from mailgateway.model.site import Site
from mailgateway.model.ticket import Ticket

MAX_VALUE = 300
"""Characters of a value."""


@dataclass(frozen=True, slots=True)
class ToldVariables:
    """The names that every template in `told` may use. What a rule does not give is empty.

    Attributes:
        ticket_id: Such as `SUP-1042-QX`, without brackets.
        site_name: The name customers see beside the support address.
        support_address: The address that the customer wrote to and can answer.
        rule: The id of the rule that tells it.
        quota: The id of the quota that is used up.
        allow: How many tickets it allows in a period.
        per: The period: `calendar day`, `calendar week`, `calendar month`, `calendar quarter` or `calendar year`.
        used_by: The IDs of the tickets that used it.
        next_on: The day from which the next is free, such as `2026-12-01`.
        stated: The priority that the customer asked for, a number.
        stated_name: Its name at your site.
        priority: The priority that the ticket has, a number.
        priority_name: Its name at your site.
        why: Why it has that priority, as the rule says it.
    """

    ticket_id: str
    site_name: str
    support_address: str
    rule: str
    quota: str = ""
    allow: str = ""
    per: str = ""
    used_by: str = ""
    next_on: str = ""
    stated: str = ""
    stated_name: str = ""
    priority: str = ""
    priority_name: str = ""
    why: str = ""


def paragraph(templates: Templates, site: Site, ticket: Ticket | NewTicket, language: str, told: Told) -> Paragraph:
    """Return the paragraph that says it; empty, with the reason, where its template is missing or fails.

    The values a rule gives, each cut to MAX_VALUE (300) characters on one line, come on top of `ToldVariables`: a
    template of the site may name others.
    """
    plain = ToldVariables(
        ticket_id=ticket.ref,
        site_name=one_line(site.display_name, MAX_NAME) or site.address,
        support_address=site.address,
        rule=told.rule,
    )
    values = {name: one_line(value, MAX_VALUE) for name, value in told.values}
    return templates.paragraph(told.template, language, {**variables(plain), **values})


def about(paragraph: Paragraph, ref: str) -> Paragraph:
    """Return a paragraph under the ID of the ticket it is about, for a mail about several; an empty one stays empty."""
    if not paragraph.text:
        return paragraph
    head = f"[{ref}]:"
    html = f'<p style="margin-bottom:4px"><strong>{escape(head)}</strong></p>\n{paragraph.html}'
    return Paragraph(f"{head}\n{paragraph.text}", html, paragraph.fallback)
