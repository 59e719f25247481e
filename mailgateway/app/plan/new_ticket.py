"""The ticket that a mail opens: what it is called, and whose it is."""

from mailgateway.app.assess import Assessment
from mailgateway.model.decision import NewTicket
from mailgateway.model.effects import OpenTicket
from mailgateway.model.message import Message, Protection
from mailgateway.model.tokens import ticket_ref
from mailgateway.parsers.subject import base_subject

MAX_TITLE = 200
NOBODY = "nobody@sender.invalid"
"""The requester of a mail that names no sender; `.invalid` never exists (RFC 2606 section 2)."""


def new_ticket(assessment: Assessment, effect: OpenTicket, number: int) -> NewTicket:
    """Return the ticket that an effect opens, under a number that was reserved for it."""
    site, message = assessment.reading.site, assessment.reading.message
    customer = assessment.known.customer
    return NewTicket(
        number=number,
        ref=ticket_ref(site.keyring, site.prefix, number),
        title=_title(assessment),
        status=effect.status,
        queue=effect.queue,
        kind=effect.kind,
        priority=effect.priority,
        mailbox=site.mailbox,
        customer=customer.id if customer else None,
        requester_name=message.sender.name,
        requester_address=message.sender.key or NOBODY,
        participants=(message.sender.key or NOBODY,),
        tags=(*effect.tags, *_marks(message)),
        links=tuple(dict.fromkeys((*((effect.follows,) if effect.follows else ()), *assessment.threading.mentions))),
        assignee=effect.assignee,
    )


def _marks(message: Message) -> tuple[str, ...]:
    """Return the tags that say what of a mail could not be read."""
    encrypted = message.protection is Protection.ENCRYPTED
    return (*(("partial",) if message.partial else ()), *(("encrypted",) if encrypted else ()))


def _title(assessment: Assessment) -> str:
    """Return the subject without its marks, else the first line of the text."""
    message = assessment.reading.message
    written = message.form.subject if message.form and message.form.subject else message.subject
    subject = base_subject(written, assessment.reading.site.prefix)
    first_line = next((line.strip() for line in message.body.text.splitlines() if line.strip()), "")
    return (subject or first_line or "(no subject)")[:MAX_TITLE]
