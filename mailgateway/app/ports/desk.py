"""Tickets and people, as the commands see them."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mailgateway.model.cut import Cut, Join, KnownCut
from mailgateway.model.decision import Facts, NewTicket, PriorityChange, StatusChange, TagsAdded
from mailgateway.model.ledger import OutgoingMail
from mailgateway.model.message import Message
from mailgateway.model.people import Contact, Customer
from mailgateway.model.quota import QuotaEntry, QuotaKey, QuotaRecord, Usage
from mailgateway.model.ticket import Event, Status, Ticket, Visibility


@dataclass(frozen=True, slots=True)
class TicketMessage:
    """A message as it stands on a ticket."""

    id: int
    at: datetime
    incoming: bool
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    visibility: Visibility
    verified: bool
    kind: str
    message_id: str
    mail: int | None
    part: int = 0
    """Which part of a cut mail the ticket has, from 1; `text` is that part then. 0 for the whole."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much there is and how old the oldest is: for /metrics and `queue list`.

    Attributes:
        mails: (state, number).
        oldest_mail: When the oldest mail that is not at its end was received, None where none waits.
        deliveries: (state, number of recipients).
        oldest_delivery: When the oldest queued outbox row was made, None where none waits.
    """

    mails: tuple[tuple[str, int], ...]
    oldest_mail: datetime | None
    deliveries: tuple[tuple[str, int], ...]
    oldest_delivery: datetime | None


@dataclass(frozen=True, slots=True)
class Merge:
    """A ticket that becomes part of another."""

    ticket: int
    into: int


@dataclass(frozen=True, slots=True)
class HandChange:
    """What a person changes by hand: written in one transaction, or not at all.

    Attributes:
        at: Aware, UTC.
        events: One for each change, with who did it and why.
        merges: The tickets' participants and messages are put on the other, behind those it has.
        status_changes: On any tickets.
        priority_changes: Likewise.
        kept_priorities: Tickets whose priority no rule changes from now on.
        tags_added: On any tickets.
        quota: Places given back, and grants, at the priority that the ticket had; places taken, at the one it gets.
        tickets: New ones.
        cuts: Messages that are cut, each on `Cut.first` before. Every other piece's ticket gets the message with the
            place it has there, and its people; the first ticket becomes what `Cut.whole.after` says.
        joins: Cuts that are undone; their entries of quotas are written by them, not by `quota`.
        outgoing: Mails to send, with their final bytes.
    """

    at: datetime
    events: tuple[Event, ...]
    merges: tuple[Merge, ...] = ()
    status_changes: tuple[StatusChange, ...] = ()
    priority_changes: tuple[PriorityChange, ...] = ()
    kept_priorities: tuple[int, ...] = ()
    tags_added: tuple[TagsAdded, ...] = ()
    quota: tuple[QuotaEntry, ...] = ()
    tickets: tuple[NewTicket, ...] = ()
    cuts: tuple[Cut, ...] = ()
    joins: tuple[Join, ...] = ()
    outgoing: tuple[OutgoingMail, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """A message that came in, with what the rules saw of it.

    Attributes:
        message: The store's number.
        at: When it was processed; aware, UTC.
        text: The new words of its author.
        files: The names of its attachments.
        facts: None where they are no longer kept.
        opened: Whether the ticket was made of it.
    """

    message: int
    at: datetime
    text: str
    files: tuple[str, ...]
    facts: Facts | None
    opened: bool


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a message that came in, as an answer needs it.

    Attributes:
        message: The message.
        facts: What the rules saw of it.
        customer: The ticket's, None where it has none.
        recent_answers: Automatic answers to its author within the last hour.
        answers_to_domain: Automatic answers to any address of the author's domain within the last hour.
    """

    message: Message
    facts: Facts
    customer: Customer | None
    recent_answers: int
    answers_to_domain: int


class ByHand(Protocol):
    """One open transaction in which a person changes tickets; it commits when its context ends."""

    def tickets(self, numbers: Sequence[int]) -> tuple[Ticket, ...]:
        """Return those that exist, and those they were merged into, by number; locked against other writers."""

    def quota(self, ticket: int) -> tuple[QuotaRecord, ...]:
        """Return what the ledger of quotas says of a ticket, oldest first."""

    def history(self, ticket: int) -> tuple[Event, ...]:
        """Return a ticket's events, oldest first."""

    def words(self, ticket: int) -> tuple[Words, ...]:
        """Return what customers' people wrote on a ticket, but for what is cut, newest first."""

    def author(self, message: int, ticket: Ticket, now: datetime) -> Author | None:
        """Return who wrote a message that is on a ticket; None where what was read of it is no longer kept."""

    def cuts(self, ticket: int) -> tuple[KnownCut, ...]:
        """Return the cuts, not undone, that a ticket is of, the latest first; their tickets are locked."""

    def usage(self, keys: Sequence[QuotaKey]) -> tuple[Usage, ...]:
        """Return how much is used of quotas, in the order of the keys; locked against other writers."""

    def take_numbers(self, count: int) -> tuple[int, ...]:
        """Return fresh ticket numbers; gaps are allowed."""

    def take_outbox(self, count: int) -> tuple[int, ...]:
        """Return fresh outbox ids; gaps are allowed."""

    def write(self, change: HandChange) -> None:
        """Write what is changed."""


class Desk(Protocol):
    """Tickets and people, as the commands see them."""

    def tickets(self, statuses: Sequence[Status] = (), customer: str = "", limit: int = 100) -> tuple[Ticket, ...]:
        """Return tickets, latest change first."""

    def ticket(self, name: str) -> Ticket:
        """Return a ticket by number (`1042`) or by any ID ever issued (`SUP-1042-QX`, any case, brackets or not).

        Raises:
            NotFoundError: There is none.
        """

    def history(self, ticket: int) -> tuple[Event, ...]:
        """Return a ticket's events, oldest first."""

    def messages(self, ticket: int) -> tuple[TicketMessage, ...]:
        """Return a ticket's messages, oldest first."""

    def change_status(self, ticket: int, status: Status, event: Event) -> None:
        """Set a status by hand."""

    def add_note(self, ticket: int, text: str, event: Event) -> None:
        """Put an inside note on a ticket."""

    def quota(self, ticket: int) -> tuple[QuotaRecord, ...]:
        """Return what the ledger of quotas says of a ticket, oldest first."""

    def cuts(self, ticket: int) -> tuple[Cut, ...]:
        """Return the cuts, not undone, that a ticket is of, the latest first."""

    def by_hand(self) -> AbstractContextManager[ByHand]:
        """Open the transaction in which a person changes tickets."""

    def import_customers(
        self, customers: Sequence[Customer], contacts: Sequence[tuple[str, str, str]]
    ) -> tuple[int, int]:
        """Create or update customers and (name, address, customer id) contacts in one transaction.

        Returns:
            How many customers and contacts were new or changed.
        """

    def customers(self) -> tuple[Customer, ...]:
        """Return all customers by id."""

    def customer(self, customer: str) -> tuple[Customer, tuple[Contact, ...]]:
        """Return a customer and its contacts.

        Raises:
            NotFoundError: There is none.
        """

    def backlog(self) -> Backlog:
        """Return what waits. Cheap: no query here grows with the number of tickets."""
