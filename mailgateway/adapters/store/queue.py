"""The ledger as a person sees it: what waits, what was set aside, and what to do with it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.columns import printable
from mailgateway.adapters.store.engine import Database, Transaction
from mailgateway.adapters.store.events import event_changes, event_of
from mailgateway.adapters.store.ledger import raw_of
from mailgateway.adapters.store.rows import Found, carry_out
from mailgateway.adapters.store.tables import attachment, event, mail, message, ticket_message
from mailgateway.errors import NotFoundError, PermanentError
from mailgateway.model.ledger import FetchedMail, LedgerEntry, Location, MailState
from mailgateway.model.ticket import Event, EventKind

_bind = sa.bindparam
_NEWEST = sa.select(mail.c.id).order_by(mail.c.id.desc()).limit(_bind("at_most"))
_NEWEST_IN = {
    # The state is written out, so that the database sees that the partial index of the state is enough.
    state: _NEWEST.where(mail.c.state == sa.literal_column(f"'{state.value}'"))
    for state in MailState
}
_LINES = (
    sa.select(
        mail.c.id,
        mail.c.mailbox,
        mail.c.folder,
        mail.c.uidvalidity,
        mail.c.uid,
        mail.c.state,
        mail.c.reason,
        mail.c.traceback,
        mail.c.attempts,
        mail.c.received_at,
        mail.c.size_bytes,
        message.c.id.label("message"),
        message.c.subject,
        message.c.sender,
    )
    # A duplicate has no message of its own: it shows the one of the first copy.
    .join_from(mail, message, message.c.mail == sa.func.coalesce(mail.c.duplicate_of, mail.c.id), isouter=True)
    .where(mail.c.id.in_(_bind("ids", expanding=True)))
    .order_by(mail.c.id.desc())
)
_TICKETS = (
    sa.select(ticket_message.c.message, ticket_message.c.ticket)
    .where(ticket_message.c.message.in_(_bind("messages", expanding=True)))
    .order_by(ticket_message.c.ticket)
)
_HISTORY = sa.select(event).where(event.c.mail == _bind("of_mail"), event.c.ticket.is_(None)).order_by(event.c.id)
_STATE = sa.select(mail.c.state).where(mail.c.id == _bind("of_mail")).with_for_update()
_SET_ASIDE = (
    mail.update()
    .where(mail.c.id == _bind("of_mail"))
    .values(
        state=MailState.ASIDE.value,
        reason=_bind("why"),
        traceback=_bind("failure"),
        ended_at=_bind("at"),
        running=False,
    )
)
_RETRY = (
    mail.update()
    .where(mail.c.id == _bind("of_mail"))
    .values(
        state=MailState.ACKNOWLEDGED.value,
        reason="",
        attempts=0,
        running=False,
        due_at=None,
        ended_at=None,
        as_person=_bind("by_person"),
    )
)
_IGNORE = (
    mail.update()
    .where(mail.c.id == _bind("of_mail"))
    .values(state=MailState.IGNORED.value, reason=_bind("why"), ended_at=_bind("at"))
)
_MESSAGE = sa.select(message.c.id).where(message.c.mail == _bind("of_mail"))
_FORGET_FILES = attachment.delete().where(attachment.c.message == _bind("of_message"))
_FORGET_PLACES = ticket_message.delete().where(ticket_message.c.message == _bind("of_message"))
_FORGET_MESSAGE = message.delete().where(message.c.id == _bind("of_message"))

_WAITING = (MailState.RECEIVED, MailState.ACKNOWLEDGED)
_UNDOABLE = (MailState.ASIDE, MailState.IGNORED)


class Queue:
    """The part of the store behind `queue list|show|retry|ignore`."""

    _database: Database

    def set_aside(self, mail: int, reason: str, traceback: str, now: datetime) -> None:
        """Keep a mail for a person to look at: ASIDE, with an event.

        Raises:
            NotFoundError: There is none.
            PermanentError: It has reached an end already.
        """
        aside = {"of_mail": mail, "why": printable(reason), "failure": printable(traceback), "at": now}
        with self._database.write() as transaction:
            _check_state(transaction, mail, _WAITING)
            transaction.connection.execute(_SET_ASIDE, aside)
            _write_event(transaction, Event(now, EventKind.SET_ASIDE, "gateway", reason, mail=mail))

    def entries(self, states: Sequence[MailState] = (), mailbox: str = "", limit: int = 100) -> tuple[LedgerEntry, ...]:
        """Return ledger lines, newest first; of all states where none is named."""
        of_states = [_NEWEST_IN[state] for state in dict.fromkeys(states)] or [_NEWEST]
        with self._database.read() as connection:
            numbers: set[int] = set()
            for query in of_states:
                narrowed = query.where(_OF_MAILBOX) if mailbox else query
                numbers.update(connection.execute(narrowed, {"at_most": limit, "of_mailbox": mailbox}).scalars())
            return _lines(connection, sorted(numbers, reverse=True)[:limit])

    def entry(self, mail: int) -> LedgerEntry:
        """Return one ledger line.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.read() as connection:
            lines = _lines(connection, [mail])
        if not lines:
            raise _no_mail(mail)
        return lines[0]

    def raw(self, mail: int) -> FetchedMail:
        """Return a mail as it was fetched.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.read() as connection:
            fetched = raw_of(connection, mail)
        if fetched is None:
            raise _no_mail(mail)
        return fetched

    def mail_history(self, mail: int) -> tuple[Event, ...]:
        """Return the events of a mail that are on no ticket, oldest first: set aside, ignored, retried."""
        with self._database.read() as connection:
            return tuple(event_of(row) for row in connection.execute(_HISTORY, {"of_mail": mail}))

    def retry(self, mail: int, actor: str, now: datetime, *, as_person: bool = False) -> None:
        """Put a mail that was set aside or ignored back to ACKNOWLEDGED with a fresh count of attempts.

        With `as_person` it counts as a person's from now on.

        Raises:
            NotFoundError: There is none.
            PermanentError: It is in another state.
        """
        with self._database.write() as transaction:
            _check_state(transaction, mail, _UNDOABLE)
            _forget_message(transaction.connection, mail)
            transaction.connection.execute(_RETRY, {"of_mail": mail, "by_person": as_person})
            _write_event(transaction, Event(now, EventKind.RETRIED, actor, "", mail=mail))

    def ignore(self, mail: int, actor: str, because: str, now: datetime) -> None:
        """End a mail that was set aside as IGNORED.

        Raises:
            NotFoundError: There is none.
            PermanentError: It is in another state.
        """
        with self._database.write() as transaction:
            _check_state(transaction, mail, (MailState.ASIDE,))
            transaction.connection.execute(_IGNORE, {"of_mail": mail, "why": printable(because), "at": now})
            _write_event(transaction, Event(now, EventKind.IGNORED, actor, because, mail=mail))


_OF_MAILBOX = mail.c.mailbox == _bind("of_mailbox")


def _check_state(transaction: Transaction, number: int, states: Sequence[MailState]) -> None:
    state = transaction.connection.execute(_STATE, {"of_mail": number}).scalar()
    if state is None:
        raise _no_mail(number)
    if state not in states:
        raise PermanentError(f"mail {number} is {state}, not {' or '.join(states)}")


def _forget_message(connection: Connection, number: int) -> None:
    """Take away what ignoring wrote: the mail would find itself there and take itself for a duplicate."""
    read = connection.execute(_MESSAGE, {"of_mail": number}).scalar()
    if read is not None:
        for statement in (_FORGET_FILES, _FORGET_PLACES, _FORGET_MESSAGE):
            connection.execute(statement, {"of_message": read})


def _write_event(transaction: Transaction, happened: Event) -> None:
    carry_out(transaction.connection, event_changes((happened,)))


def _no_mail(number: int) -> NotFoundError:
    return NotFoundError(f"there is no mail {number}")


def _lines(connection: Connection, numbers: Sequence[int]) -> tuple[LedgerEntry, ...]:
    if not numbers:
        return ()
    rows = connection.execute(_LINES, {"ids": list(numbers)}).all()
    tickets = _tickets(connection, [row.message for row in rows if row.message is not None])
    return tuple(_line(row, tickets.get(row.message, ())) for row in rows)


def _tickets(connection: Connection, messages: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Return the tickets each message is on."""
    tickets: dict[int, tuple[int, ...]] = {}
    if messages:
        for read, ticket in connection.execute(_TICKETS, {"messages": list(messages)}):
            tickets[read] = (*tickets.get(read, ()), ticket)
    return tickets


def _line(row: Found, tickets: tuple[int, ...]) -> LedgerEntry:
    return LedgerEntry(
        id=row.id,
        location=Location(row.mailbox, row.folder, row.uidvalidity, row.uid),
        state=MailState(row.state),
        reason=row.reason,
        traceback=row.traceback,
        attempts=row.attempts,
        received_at=row.received_at,
        size_bytes=row.size_bytes,
        subject=row.subject or "",
        sender=row.sender or "",
        tickets=tickets,
    )
