"""The tickets that a mail opens: what they are called, whose they are, and what they are linked to."""

from collections.abc import Sequence

from mailgateway.app.assess import Assessment, Reading
from mailgateway.model.decision import NewTicket
from mailgateway.model.effects import OpenTicket, PostMessage
from mailgateway.model.message import Message, Protection
from mailgateway.model.tokens import ticket_ref
from mailgateway.parsers.subject import base_subject

MAX_TITLE = 200
MARKS = ("partial", "encrypted")
"""Tags that say what of a mail could not be read: all its tickets have them."""
NOBODY = "nobody@sender.invalid"
"""The requester of a mail that names no sender; `.invalid` never exists (RFC 2606 section 2)."""


def new_tickets(assessment: Assessment, numbers: Sequence[int]) -> tuple[NewTicket, ...]:
    """Return the tickets that the effects of a mail open, under numbers that were reserved for them.

    The tickets of a mail that is cut are linked to each other, and to the one that a reply stays on.
    """
    effects = assessment.decision.effects
    opened = [effect for effect in effects if isinstance(effect, OpenTicket)]
    found = assessment.prepared.threading.ticket
    stays = any(isinstance(effect, PostMessage) and effect.part for effect in effects)
    together = (*((found.number,) if found and stays else ()), *numbers[: len(opened)])
    return tuple(_new_ticket(assessment, one, (number, together)) for one, number in zip(opened, numbers, strict=True))


def _new_ticket(assessment: Assessment, effect: OpenTicket, numbers: tuple[int, Sequence[int]]) -> NewTicket:
    """Return the ticket that an effect opens.

    Args:
        assessment: Of the mail.
        effect: What is asked for.
        numbers: Its own, and those of all tickets that have a part of the mail.
    """
    number, together = numbers
    prepared = assessment.prepared
    site, message, customer = prepared.reading.site, prepared.reading.message, prepared.known.customer
    siblings = (other for other in together if other != number)
    followed = (effect.follows,) if effect.follows else ()
    return NewTicket(
        number=number,
        ref=ticket_ref(site.keyring, site.prefix, number),
        title=_title_of(assessment, effect.part),
        status=effect.status,
        queue=effect.queue,
        kind=effect.kind,
        priority=effect.priority,
        mailbox=site.mailbox,
        customer=customer.id if customer else None,
        requester_name=message.sender.name,
        requester_address=message.sender.key or NOBODY,
        participants=(message.sender.key or NOBODY,),
        tags=(*effect.tags, *marks(message)),
        links=tuple(dict.fromkeys((*followed, *prepared.threading.mentions, *siblings))),
        assignee=effect.assignee,
    )


def marks(message: Message) -> tuple[str, ...]:
    """Return the tags that say what of a mail could not be read."""
    unread = (message.partial, message.protection is Protection.ENCRYPTED)
    return tuple(mark for mark, is_so in zip(MARKS, unread, strict=True) if is_so)


def _title_of(assessment: Assessment, part: int) -> str:
    """Return the first words of a part, else the title of the whole mail."""
    titles = assessment.facts.get("list.item_titles")
    own = titles[part - 1 : part] if part and isinstance(titles, tuple) else ()
    return "".join(own)[:MAX_TITLE] or title(assessment.prepared.reading)


def title(reading: Reading) -> str:
    """Return the subject of a mail without its marks, else the first line of the text."""
    message = reading.message
    written = message.form.subject if message.form and message.form.subject else message.subject
    subject = base_subject(written, reading.site.prefix)
    first_line = next((line.strip() for line in message.body.text.splitlines() if line.strip()), "")
    return (subject or first_line or "(no subject)")[:MAX_TITLE]
