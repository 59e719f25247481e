"""The messages of a ticket that a person can cut: what its people wrote, with what the rules saw of it.

Words that are kept inside are none: a stranger's would become a ticket of the customer, and an agent's are no issue.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.documents import kept_facts, message_of
from mailgateway.adapters.store.known import WITHIN, customer_by_id, recent_answers
from mailgateway.adapters.store.parts import ticket_part
from mailgateway.adapters.store.rows import Found
from mailgateway.adapters.store.tables import attachment, event, message, ticket_message
from mailgateway.app.ports import Author, Words
from mailgateway.model.message import MessageKind
from mailgateway.model.ticket import EventKind, Ticket, Visibility

_OF_TICKET = ticket_message.c.ticket == sa.bindparam("of_ticket")
_OWN_PART = sa.and_(ticket_part.c.ticket == ticket_message.c.ticket, ticket_part.c.message == ticket_message.c.message)
_OPENED = (
    sa.exists()
    .where(event.c.ticket == ticket_message.c.ticket, event.c.mail == message.c.mail)
    .where(event.c.kind == EventKind.OPENED.value)
)
_WORDS = (
    sa.select(message.c.id, message.c.at, message.c.text, message.c.facts, _OPENED.label("opened"))
    .join_from(ticket_message, message)
    .where(_OF_TICKET, message.c.incoming, message.c.kind == MessageKind.PERSON.value)
    .where(ticket_message.c.verified, ticket_message.c.visibility == Visibility.PUBLIC.value)
    .where(~sa.exists().where(_OWN_PART))
    .order_by(message.c.id.desc())
)
_READ = sa.select(message.c.document, message.c.facts).where(message.c.id == sa.bindparam("of_message"))
_FILES = (
    sa.select(attachment.c.message, attachment.c.name)
    .join_from(ticket_message, attachment, attachment.c.message == ticket_message.c.message)
    .where(_OF_TICKET)
    .order_by(attachment.c.message, attachment.c.position)
)


def words(connection: Connection, ticket: int) -> tuple[Words, ...]:
    """Return what customers' people wrote on a ticket, but for what is cut, newest first."""
    rows = connection.execute(_WORDS, {"of_ticket": ticket}).all()
    files: dict[int, tuple[str, ...]] = {}
    for number, name in connection.execute(_FILES, {"of_ticket": ticket}) if rows else ():
        files[number] = (*files.get(number, ()), name)
    return tuple(_words(row, files.get(row.id, ())) for row in rows)


def _words(row: Found, files: tuple[str, ...]) -> Words:
    return Words(row.id, row.at, row.text, files, kept_facts(row.facts), bool(row.opened))


def author(connection: Connection, number: int, on: Ticket, now: datetime) -> Author | None:
    """Return who wrote a message that is on a ticket; None where what was read of it is no longer kept."""
    row = connection.execute(_READ, {"of_message": number}).one()
    facts = kept_facts(row.facts)
    if facts is None or not row.document:
        return None
    read = message_of(row.document)
    customer = customer_by_id(connection, on.customer) if on.customer is not None else None
    return Author(read, facts, customer, *recent_answers(connection, read.sender.key, now - WITHIN))
