"""What an effect changes, and what the effects of one mail have in common."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import chain

from mailgateway.app.assess import Assessment, Reading
from mailgateway.app.plan.new_ticket import NOBODY
from mailgateway.app.snapshot import Snapshot
from mailgateway.model.cut import Cut, Join, Piece
from mailgateway.model.decision import (
    Answer,
    BounceMark,
    Decision,
    Known,
    NewTicket,
    Post,
    PriorityChange,
    StatusChange,
    TagsAdded,
    Threading,
)
from mailgateway.model.effects import Effect
from mailgateway.model.ledger import OutgoingMail
from mailgateway.model.quota import QuotaEntry
from mailgateway.model.ticket import Event, EventKind, Ticket


@dataclass(frozen=True, slots=True)
class Changes:
    """What one effect changes, or several together."""

    tickets: tuple[NewTicket, ...] = ()
    posts: tuple[Post, ...] = ()
    status_changes: tuple[StatusChange, ...] = ()
    priority_changes: tuple[PriorityChange, ...] = ()
    tags_added: tuple[TagsAdded, ...] = ()
    quota: tuple[QuotaEntry, ...] = ()
    bounces: tuple[BounceMark, ...] = ()
    events: tuple[Event, ...] = ()
    outgoing: tuple[OutgoingMail, ...] = ()
    cuts: tuple[Cut, ...] = ()
    joins: tuple[Join, ...] = ()


def together(changes: Iterable[Changes]) -> Changes:
    """Return the changes of several effects in their order as one."""
    each = tuple(changes)
    return Changes(*(tuple(chain.from_iterable(getattr(one, field.name) for one in each)) for field in fields(Changes)))


@dataclass(frozen=True, slots=True)
class Case:
    """One mail's assessment, as an effect of it needs it.

    Attributes:
        assessment: What was decided, and why.
        snapshot: What admins wrote.
        ticket: The one the effect is about: the new one, else what threading found; None where there is neither.
        now: Aware, UTC.
        effects: Those that concern the ticket.
        cut: The tickets that the mail is cut into, None where it is whole.
        new: All tickets that the mail makes, in order.
    """

    assessment: Assessment
    snapshot: Snapshot
    ticket: NewTicket | Ticket | None
    now: datetime
    effects: tuple[Effect, ...]
    cut: Cut | None = None
    new: tuple[NewTicket, ...] = ()

    @property
    def decision(self) -> Decision:
        """What the rules said."""
        return self.assessment.decision

    @property
    def reading(self) -> Reading:
        """What the mail says."""
        return self.assessment.prepared.reading

    @property
    def known(self) -> Known:
        """What the store held."""
        return self.assessment.prepared.known

    @property
    def threading(self) -> Threading:
        """Which ticket the mail belongs to."""
        return self.assessment.prepared.threading

    @property
    def actor(self) -> str:
        """Who caused the changes."""
        return f"{self.threading.standing.role}:{self.reading.message.sender.key or NOBODY}"

    @property
    def because(self) -> str:
        """Why the mail came to the ticket: it was found, or is a part of a mail on the one that was found."""
        found = self.threading.ticket
        if self.cut and found and self.cut.first == found.number and self.siblings[0] == found.number:
            return f"a part of a mail on {found.ref}, which is about something else"
        return self.threading.because

    @property
    def piece(self) -> Piece | None:
        """What the ticket has of a mail that is cut, None where it has the whole."""
        number = self.ticket.number if self.ticket else 0
        return next((piece for piece in self.cut.pieces if piece.ticket == number), None) if self.cut else None

    @property
    def siblings(self) -> tuple[int, ...]:
        """The numbers of the other tickets that have a piece of the mail, in its order."""
        number = self.ticket.number if self.ticket else 0
        return tuple(piece.ticket for piece in self.cut.pieces if piece.ticket != number) if self.cut else ()

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What the rules answered about the ticket: of a mail that is cut what is said of all, then of its part."""
        piece = self.piece
        if piece is None:
            return self.decision.answers
        of_all = (one for one in self.decision.answers if not one.part and one.name in _OF_ALL)
        return (*of_all, *(one for one in self.decision.answers if one.part == piece.number))

    def answer(self, name: str) -> Answer | None:
        """Return what the rules answered about the ticket, or about the mail where they did not; None for neither."""
        answers = (*self.answers, *self.decision.answers)
        return next((one for one in answers if one.name == name), None)

    def event(self, kind: EventKind, rule: str, because: str, *details: tuple[str, str]) -> Event:
        """Return an event of this mail, on its ticket where it has one."""
        number = self.ticket.number if self.ticket else None
        return Event(self.now, kind, f"rule:{rule}", because, number, self.assessment.prepared.mail.id, details)

    def some_ticket(self) -> NewTicket | Ticket:
        """Return the ticket the effect is about.

        Raises:
            TypeError: There is none: rules ask for nothing on a ticket then, a bug.
        """
        if self.ticket is None:
            raise TypeError("the effect is one on a ticket")
        return self.ticket

    def ticket_of(self, number: int) -> NewTicket | Ticket | None:
        """Return a ticket that was looked up or that the mail makes, None for any other number."""
        found = self.threading.ticket
        tickets = (*self.new, *((found,) if found else ()), *self.known.tickets)
        return next((ticket for ticket in tickets if ticket.number == number), None)

    def ref_of(self, number: int) -> str:
        """Return the ID of a ticket that was looked up or that the mail makes, "" for 0 and for any other."""
        ticket = self.ticket_of(number)
        return ticket.ref if ticket else ""

    def found_ticket(self) -> Ticket:
        """Return the ticket that threading found, or the one that it becomes part of by the same mail.

        Raises:
            TypeError: It found none, a bug as above.
        """
        ticket = self.ticket if isinstance(self.ticket, Ticket) else self.threading.ticket
        if ticket is None:
            raise TypeError("the effect is one on a ticket that was found")
        return ticket


_OF_ALL = frozenset({"split", "tickets", "silent"})
