"""Tickets as the commands see them: lists, histories, and what a person changes by hand."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.documents import texts_of
from mailgateway.adapters.store.engine import Database, Transaction
from mailgateway.adapters.store.events import event_changes, touched_changes
from mailgateway.adapters.store.hand import SqlByHand, history
from mailgateway.adapters.store.messages import note_changes
from mailgateway.adapters.store.parts import cuts_of, ticket_part
from mailgateway.adapters.store.quota import quota_records
from mailgateway.adapters.store.rows import Found, carry_out
from mailgateway.adapters.store.tables import mail, message, ticket, ticket_message, ticket_ref
from mailgateway.adapters.store.tickets import TICKETS, tickets_numbered, tickets_of, with_targets
from mailgateway.app.ports import ByHand, TicketMessage
from mailgateway.errors import NotFoundError, PermanentError
from mailgateway.model.cut import Cut
from mailgateway.model.quota import QuotaRecord
from mailgateway.model.ticket import Event, Status, Ticket, Visibility

_NUMBER = re.compile(r"[0-9]{1,18}")

_bind = sa.bindparam
_LATEST = TICKETS.order_by(ticket.c.changed_at.desc(), ticket.c.number.desc()).limit(_bind("at_most"))
_OF_STATUS = ticket.c.status == _bind("of_status")
_OF_CUSTOMER = ticket.c.customer == _bind("of_customer")
_REF = sa.select(ticket_ref.c.ticket).where(ticket_ref.c.ref == _bind("of_ref"))
_other, _inside, _between = ticket_part.alias("other"), ticket.alias("merged"), ticket.alias("between")
# Where a ticket with another part of the mail became part of this one, this one's part alone would hide its words. One
# that was made by a cut which is undone has no part any more, and hides nothing.
_HAS_MORE = (
    sa.exists()
    .where(_other.c.first == ticket_part.c.first, _other.c.message == ticket_part.c.message)
    .where(_inside.c.number == _other.c.ticket, _between.c.number == _inside.c.merged_into)
    .where(sa.or_(_between.c.number == ticket_part.c.ticket, _between.c.merged_into == ticket_part.c.ticket))
)
_OWN_PART = sa.and_(
    ticket_part.c.ticket == ticket_message.c.ticket, ticket_part.c.message == ticket_message.c.message, ~_HAS_MORE
)
_MESSAGES = (
    sa.select(
        message.c.id,
        sa.func.coalesce(mail.c.received_at, message.c.at, type_=message.c.at.type).label("at"),
        message.c.incoming,
        message.c.sender,
        message.c.recipients,
        message.c.subject,
        sa.func.coalesce(ticket_part.c.text, message.c.text).label("text"),
        ticket_message.c.visibility,
        ticket_message.c.verified,
        message.c.kind,
        message.c.message_id,
        message.c.mail,
        sa.func.coalesce(ticket_part.c.number, sa.literal_column("0")).label("part"),
    )
    .join_from(ticket_message, message)
    .join(ticket_part, _OWN_PART, isouter=True)
    .join(mail, mail.c.id == message.c.mail, isouter=True)
    .where(ticket_message.c.ticket == _bind("of_ticket"))
    .order_by(message.c.at, message.c.id)
)
_STATUS = ticket.update().where(ticket.c.number == _bind("of_ticket")).values(status=_bind("new_status"))


class TicketDesk:
    """The part of the store behind `mailgateway ticket`."""

    _database: Database

    def tickets(self, statuses: Sequence[Status] = (), customer: str = "", limit: int = 100) -> tuple[Ticket, ...]:
        """Return tickets, latest change first; of all statuses and customers where none is named."""
        query = _LATEST.where(_OF_CUSTOMER) if customer else _LATEST
        wanted = {"at_most": limit, "of_customer": customer}
        with self._database.read() as connection:
            rows = list(connection.execute(query, wanted)) if not statuses else []
            for status in dict.fromkeys(statuses):  # one by one: each is a walk along the index of its status
                rows.extend(connection.execute(query.where(_OF_STATUS), {**wanted, "of_status": status.value}))
            return tickets_of(connection, sorted(rows, key=_latest_first, reverse=True)[:limit])

    def ticket(self, name: str) -> Ticket:
        """Return a ticket by number (`1042`) or by any ID ever issued (`SUP-1042-QX`, any case, brackets or not).

        The ID of a merged ticket gives the one it became part of; its number gives itself.

        Raises:
            NotFoundError: There is none.
        """
        text = name.strip().strip("[]").strip().upper()
        with self._database.read() as connection:
            if _NUMBER.fullmatch(text):
                return _ticket(connection, int(text))
            number = connection.execute(_REF, {"of_ref": text}).scalar()
            if number is None:
                raise NotFoundError(f"there is no ticket {name}")
            return _followed(connection, number)

    def history(self, ticket: int) -> tuple[Event, ...]:
        """Return a ticket's events, oldest first."""
        with self._database.read() as connection:
            return history(connection, ticket)

    def quota(self, ticket: int) -> tuple[QuotaRecord, ...]:
        """Return what the ledger of quotas says of a ticket, oldest first."""
        with self._database.read() as connection:
            return quota_records(connection, ticket)

    def cuts(self, ticket: int) -> tuple[Cut, ...]:
        """Return the cuts, not undone, that a ticket is of, the latest first."""
        with self._database.read() as connection:
            return cuts_of(connection, ticket)

    def messages(self, ticket: int) -> tuple[TicketMessage, ...]:
        """Return a ticket's messages, oldest first; the time of an incoming one is its arrival."""
        with self._database.read() as connection:
            return tuple(_message(row) for row in connection.execute(_MESSAGES, {"of_ticket": ticket}))

    def change_status(self, ticket: int, status: Status, event: Event) -> None:
        """Set a status by hand.

        Raises:
            NotFoundError: There is no such ticket.
            PermanentError: The ticket was merged: the one it is part of has the status.
        """
        with self._database.write() as transaction:
            _refuse_merged(_locked(transaction, ticket))
            transaction.connection.execute(_STATUS, {"of_ticket": ticket, "new_status": status.value})
            _note_events(transaction, event)

    def add_note(self, ticket: int, text: str, event: Event) -> None:
        """Put an inside note on a ticket.

        Raises:
            NotFoundError: There is no such ticket.
        """
        with self._database.write() as transaction:
            _locked(transaction, ticket)
            (number,) = transaction.numbers.take("message_number", 1)
            carry_out(transaction.connection, note_changes(number, ticket, text, event))
            _note_events(transaction, event)

    @contextmanager
    def by_hand(self) -> Iterator[ByHand]:
        """Open the transaction in which a person changes tickets."""
        with self._database.write() as transaction:
            yield SqlByHand(transaction)


def _latest_first(row: Found) -> tuple[datetime, int]:
    return row.changed_at, row.number


def _ticket(connection: Connection, number: int) -> Ticket:
    """Return a ticket by number, merged or not."""
    for found in tickets_numbered(connection, (number,)):
        if found.number == number:
            return found
    raise _no_ticket(number)


def _followed(connection: Connection, number: int) -> Ticket:
    """Return what a ticket became part of in the end, itself where it was not merged."""
    found = {one.number: one for one in tickets_numbered(connection, (number,))}
    last = found[number]
    while last.merged_into is not None:
        last = found[last.merged_into]
    return last


def _locked(transaction: Transaction, number: int) -> Ticket:
    connection = transaction.connection
    for found in tickets_numbered(connection, with_targets(connection, (number,)), lock=True):
        if found.number == number:
            return found
    raise _no_ticket(number)


def _refuse_merged(found: Ticket) -> None:
    if found.merged_into is not None:
        raise PermanentError(f"ticket {found.number} is part of ticket {found.merged_into}")


def _note_events(transaction: Transaction, *events: Event) -> None:
    carry_out(transaction.connection, (*event_changes(events), *touched_changes(events)))


def _no_ticket(number: int) -> NotFoundError:
    return NotFoundError(f"there is no ticket {number}")


def _message(row: Found) -> TicketMessage:
    return TicketMessage(
        id=row.id,
        at=row.at,
        incoming=row.incoming,
        sender=row.sender,
        recipients=texts_of(row.recipients),
        subject=row.subject,
        text=row.text,
        visibility=Visibility(row.visibility),
        verified=row.verified,
        kind=row.kind,
        message_id=row.message_id,
        mail=row.mail,
        part=row.part,
    )
