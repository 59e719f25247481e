"""The messages of a ticket that a person can cut: what its people wrote, with what the rules saw of it.

Words that are kept inside are none: a stranger's would become a ticket of the customer, and an agent's are no issue.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.documents import kept_facts
from mailgateway.adapters.store.parts import ticket_part
from mailgateway.adapters.store.rows import Found
from mailgateway.adapters.store.tables import attachment, event, message, ticket_message
from mailgateway.app.ports import Words
from mailgateway.model.message import MessageKind
from mailgateway.model.ticket import EventKind, Visibility

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
