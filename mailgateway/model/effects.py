"""What a decision asks for: a closed union. Whoever carries effects out handles every one."""

from dataclasses import dataclass

from mailgateway.model.quota import FullQuota, OverQuota, QuotaKey
from mailgateway.model.ticket import Status


@dataclass(frozen=True, slots=True)
class Told:
    """Something of a decision that the customer is told.

    Attributes:
        template: The template's name: a paragraph of the acknowledgement or of the notice.
        rule: The rule that asked for it.
        values: (name, value) pairs for the template.
        part: Which part of a cut mail it is about, from 1; 0 for all of it.
    """

    template: str
    rule: str
    values: tuple[tuple[str, str], ...] = ()
    part: int = 0


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Make a new ticket of the message.

    Attributes:
        rule: The rule that asked for it.
        queue: The pile it lies on.
        kind: What it is; the site's word.
        priority: 1 is most urgent.
        tags: In the order of the rules.
        assignee: The agent's id, "" for nobody yet.
        status: NEW; HELD where an agent must decide before anything is answered; REFUSED.
        follows: The number of a closed ticket that this one goes on from and is linked to, 0 for none.
        part: Which part of a split mail it is, from 1; 0 for a whole mail. What follows in the decision up to the
            next of these is about this ticket.
    """

    rule: str
    queue: str
    kind: str
    priority: int
    tags: tuple[str, ...] = ()
    assignee: str = ""
    status: Status = Status.NEW
    follows: int = 0
    part: int = 0


@dataclass(frozen=True, slots=True)
class PostMessage:
    """Put the message on the ticket that threading found.

    Attributes:
        rule: The rule that asked for it.
        part: Which part of a reply that is cut stays on that ticket, from 1; 0 for the whole.
    """

    rule: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class ChangeStatus:
    """Give the ticket that threading found another status."""

    rule: str
    status: Status


@dataclass(frozen=True, slots=True)
class ChangePriority:
    """Give the ticket that threading found another priority; 1 is most urgent."""

    rule: str
    priority: int


@dataclass(frozen=True, slots=True)
class AddTags:
    """Put words on the ticket that threading found."""

    rule: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakeQuota:
    """Let the ticket take a place of a quota.

    Attributes:
        rule: The quota's id.
        holder: The customer's id or the contact's address whose quota it is.
        period: The first day of the period in the holder's zone, ISO 8601.
        granted: Whether somebody let it through although no place was free.
    """

    rule: str
    holder: str
    period: str
    granted: bool = False

    @property
    def key(self) -> QuotaKey:
        """The count that the place is of."""
        return QuotaKey(self.rule, self.holder, self.period)


@dataclass(frozen=True, slots=True)
class MissQuota:
    """Write down that a quota had no place for the ticket, so that a person can grant one.

    Attributes:
        rule: The quota's id.
        holder: As in `TakeQuota`.
        period: Likewise.
        uncapped: The priority that the ticket would have had; 1 is most urgent.
    """

    rule: str
    holder: str
    period: str
    uncapped: int

    @property
    def missed(self) -> OverQuota:
        """What a person needs to grant it."""
        return OverQuota(QuotaKey(self.rule, self.holder, self.period), self.uncapped)


@dataclass(frozen=True, slots=True)
class CutMail:
    """Make several tickets of the mail; the effects that open them follow.

    Attributes:
        rule: The rule of `split` that asked for it.
        whole: The ticket that it would be uncut, so that the cut can be undone; None for a reply, whose ticket stays
            what it was.
        quota: The places that it would take uncut.
    """

    rule: str
    whole: OpenTicket | None = None
    quota: tuple[TakeQuota, ...] = ()


@dataclass(frozen=True, slots=True)
class JoinParts:
    """Undo the cut that the ticket is of; what follows in the decision is about the ticket that takes all in.

    Attributes:
        rule: The rule that asked for it.
        full: Quotas that the whole mail would take a place of and that have none left.
    """

    rule: str
    full: tuple[FullQuota, ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Send the requester of the new ticket, or of several that a mail was cut into, one acknowledgement."""

    rule: str
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Inform:
    """Send the author of a reply what was decided about the ticket, apart from any acknowledgement."""

    rule: str
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Refuse:
    """Send the requester of the new ticket, instead of an acknowledgement, what to do instead.

    Attributes:
        rule: The rule that asked for it.
        template: The paragraph's name among the `told` templates; `refused` stands in for one that does not exist.
    """

    rule: str
    template: str


@dataclass(frozen=True, slots=True)
class NotifyAgents:
    """Send every agent with one of the roles a notice; () for the roles that are configured."""

    rule: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StaySilent:
    """Send the sender nothing, and record why."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class IgnoreMail:
    """Keep the mail, listed, without a ticket."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class MarkBounce:
    """Mark the deliveries and contacts that the delivery reports name."""

    rule: str


Effect = (
    OpenTicket
    | PostMessage
    | ChangeStatus
    | ChangePriority
    | AddTags
    | TakeQuota
    | MissQuota
    | CutMail
    | JoinParts
    | Acknowledge
    | Inform
    | Refuse
    | NotifyAgents
    | StaySilent
    | IgnoreMail
    | MarkBounce
)
