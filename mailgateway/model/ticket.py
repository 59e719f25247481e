"""One issue, with a number: its states, its words, its history."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """Where a ticket stands (design.md section 8)."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    HELD = "held"
    REFUSED = "refused"
    MERGED = "merged"


class Visibility(StrEnum):
    """Who sees a message on a ticket."""

    PUBLIC = "public"
    INSIDE = "inside"


class EventKind(StrEnum):
    """What happened. Every change of a ticket is one row with its cause."""

    OPENED = "opened"
    MESSAGE = "message"
    STATUS = "status"
    PRIORITY = "priority"
    LINKED = "linked"
    NOTE = "note"
    TAGGED = "tagged"
    ACKNOWLEDGED = "acknowledged"
    INFORMED = "informed"
    NOTIFIED = "notified"
    NOT_ANSWERED = "not_answered"
    SENT = "sent"
    SEND_FAILED = "send_failed"
    BOUNCED = "bounced"
    SET_ASIDE = "set_aside"
    RETRIED = "retried"
    IGNORED = "ignored"
    TEMPLATE_FAILED = "template_failed"
    ASSIGNED = "assigned"
    HELD = "held"
    REFUSED = "refused"
    MERGED = "merged"
    QUOTA_TAKEN = "quota_taken"
    QUOTA_GIVEN_BACK = "quota_given_back"
    OVER_QUOTA = "over_quota"
    GRANTED = "granted"
    SPLIT = "split"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One issue as it stands now.

    Attributes:
        number: Unique, ascending; gaps are possible.
        ref: The ticket ID as it was issued, such as `SUP-1042-QX`, without brackets.
        title: One line.
        status: Where it stands.
        queue: The pile it lies on.
        kind: Incident, question, ...; the site's word.
        priority: 1 is most urgent.
        mailbox: The name of the configured mailbox it came to.
        customer: The customer's id, None where unknown.
        requester: The contact's id the ticket belongs to.
        requester_address: That contact's address, in lower case.
        participants: Addresses in lower case whose words belong on the ticket, the requester's included.
        tags: In the order they were put on.
        merged_into: The ticket number that took this one over, None otherwise.
        created_at: Aware, UTC.
        changed_at: Aware, UTC; the last event.
        assignee: The agent's id, "" for nobody yet.
        priority_by_hand: Whether an agent set the priority: no rule changes it then.
    """

    number: int
    ref: str
    title: str
    status: Status
    queue: str
    kind: str
    priority: int
    mailbox: str
    customer: str | None
    requester: int
    requester_address: str
    participants: tuple[str, ...]
    tags: tuple[str, ...]
    merged_into: int | None
    created_at: datetime
    changed_at: datetime
    assignee: str = ""
    priority_by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with its cause.

    Attributes:
        at: Aware, UTC.
        kind: What happened.
        actor: Who did it: `customer:ADDRESS`, `agent:ID`, `rule:ID`, `admin` or `gateway`.
        because: Why, for a person to read.
        ticket: The ticket's number, None for an event of a mail that has none.
        mail: The ledger id of the mail that caused it, None where a person did.
        details: (name, value) pairs, values as text.
    """

    at: datetime
    kind: EventKind
    actor: str
    because: str
    ticket: int | None = None
    mail: int | None = None
    details: tuple[tuple[str, str], ...] = ()
