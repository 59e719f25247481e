"""What an effect changes, and what the effects of one mail have in common."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import chain

from mailgateway.app.assess import Assessment
from mailgateway.app.plan.new_ticket import NOBODY
from mailgateway.app.snapshot import Snapshot
from mailgateway.model.decision import BounceMark, NewTicket, Post, PriorityChange, StatusChange, TagsAdded
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


def together(changes: Iterable[Changes]) -> Changes:
    """Return the changes of several effects in their order as one."""
    each = tuple(changes)
    return Changes(*(tuple(chain.from_iterable(getattr(one, field.name) for one in each)) for field in fields(Changes)))


@dataclass(frozen=True, slots=True)
class Case:
    """One mail's assessment with what its effects have in common.

    Attributes:
        assessment: What was decided, and why.
        snapshot: What admins wrote.
        ticket: The one the mail is about: the new one, else what threading found; None where there is neither.
        now: Aware, UTC.
    """

    assessment: Assessment
    snapshot: Snapshot
    ticket: NewTicket | Ticket | None
    now: datetime

    @property
    def actor(self) -> str:
        """Who caused the changes."""
        standing = self.assessment.threading.standing
        return f"{standing.role}:{self.assessment.reading.message.sender.key or NOBODY}"

    def event(self, kind: EventKind, rule: str, because: str, *details: tuple[str, str]) -> Event:
        """Return an event of this mail, on its ticket where it has one."""
        number = self.ticket.number if self.ticket else None
        return Event(self.now, kind, f"rule:{rule}", because, number, self.assessment.mail.id, details)

    def some_ticket(self) -> NewTicket | Ticket:
        """Return the ticket the mail is about.

        Raises:
            TypeError: There is none: rules ask for nothing on a ticket then, a bug.
        """
        if self.ticket is None:
            raise TypeError("the effect is one on a ticket")
        return self.ticket

    def ref_of(self, number: int) -> str:
        """Return the ticket ID of a ticket that was looked up, "" for 0 and for any other."""
        found = self.assessment.threading.ticket
        tickets = (*((found,) if found else ()), *self.assessment.known.tickets)
        return next((ticket.ref for ticket in tickets if ticket.number == number), "")

    def found_ticket(self) -> Ticket:
        """Return the ticket that threading found.

        Raises:
            TypeError: It found none, a bug as above.
        """
        if self.assessment.threading.ticket is None:
            raise TypeError("the effect is one on a ticket that was found")
        return self.assessment.threading.ticket
