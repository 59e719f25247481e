"""What is looked up, what is known, what is decided, and what is to be written: one value for each step.

A mail goes `Keys -> Known -> Facts -> Decision -> Outcome`; everything between the look-up of `Known` and the
writing of the `Outcome` is pure.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from mailgateway.model.cut import Cut, Join, KnownCut
from mailgateway.model.effects import Effect
from mailgateway.model.ledger import MailState, OutgoingMail
from mailgateway.model.message import Classification, Message
from mailgateway.model.names import NO_NAMES, NO_NAMES_KNOWN, NOTHING_LEARNT, KnownNames, Learnt, Names
from mailgateway.model.people import Authentication, Contact, Customer, Standing
from mailgateway.model.quota import QuotaEntry
from mailgateway.model.ticket import Event, Status, Ticket, Visibility
from mailgateway.model.tokens import ReplyToken

Fact = str | int | bool | tuple[str, ...] | None
"""What a rule may look at. None is "unknown": a condition on it never holds."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What to look up for one message. Every text is as the store compares it.

    Attributes:
        mailbox: The configured mailbox's name.
        message_id: "" where the message has none.
        digest: The message's.
        sender: The author's address in lower case, "" where there is none.
        message_ids: Ids it refers to, newest first (a delivery report's original included).
        refs: Ticket IDs found in subject and body, in upper case without brackets, in the order of trust.
        ticket_numbers: From signed tokens and signed Message-IDs that verified.
        contacts: Contact ids from signed tokens that verified.
        deliveries: Outbox ids from bounce addresses and signed Message-IDs that verified.
        tokens: The reply tokens among its recipients that verified; no key of the store, threading reads them.
        authentication: How far the sender's address can be believed; likewise.
        conversations: Ticket numbers from Outlook's conversation indexes that verified.
        names: Names that others gave to it and to its ticket.
    """

    mailbox: str
    message_id: str
    digest: str
    sender: str
    message_ids: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    ticket_numbers: tuple[int, ...] = ()
    contacts: tuple[int, ...] = ()
    deliveries: tuple[int, ...] = ()
    tokens: tuple[ReplyToken, ...] = ()
    authentication: Authentication = Authentication.NONE
    conversations: tuple[int, ...] = ()
    names: Names = NO_NAMES


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """A message of ours or of somebody's that the store has under an id.

    Attributes:
        message_id: The id it was looked up by, its own or an alias, without angle brackets.
        digest: "" for messages we sent.
        ours: Whether we sent it.
        mail: The ledger id, None for messages we sent.
        tickets: The tickets it is on.
        acknowledgement: Its words where it is an acknowledgement of ours, "" for every other message.
    """

    message_id: str
    digest: str
    ours: bool
    mail: int | None
    tickets: tuple[int, ...]
    acknowledgement: str = ""


@dataclass(frozen=True, slots=True)
class KnownDelivery:
    """An outgoing mail that a bounce may be about."""

    id: int
    ticket: int | None
    message_id: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Everything the store holds under the `Keys` of one message, read in one transaction.

    Attributes:
        same_id: Received messages with the same Message-ID (of any digest), an alias of either included.
        same_digest: Received messages with the same digest, where neither they nor this one has a Message-ID.
        referred: Messages under `Keys.message_ids`.
        refs: (ticket ID as issued, ticket number) for those of `Keys.refs` that exist.
        tickets: Every ticket named by any of the above or by number, and what those were merged into.
        contact: The sender's, None where unknown.
        contacts: Those of `Keys.contacts`.
        customer: The sender's by contact, else by domain, None where unknown.
        customer_by: "address", "domain", or "" where the customer is unknown.
        deliveries: Those of `Keys.deliveries`, and those whose Message-ID is among `Keys.message_ids`.
        recent_answers: Automatic answers to the sender within the last hour.
        answers_to_domain: Automatic answers to any address of the sender's domain within the last hour.
        recent_subjects: The subjects of the sender's mails of the last hour, 20 at most, this mail's not among them.
        open_tickets: (ticket ID, title) of the customer's tickets that are not resolved, closed, merged or refused,
            newest first, 50 at most.
        names: What is known under `Keys.names`.
        cuts: Cuts, not undone, that a ticket found is of, the latest first; the tickets of all their pieces are among
            `tickets`, and what else those are cut into is not.
    """

    same_id: tuple[KnownMessage, ...] = ()
    same_digest: tuple[KnownMessage, ...] = ()
    referred: tuple[KnownMessage, ...] = ()
    refs: tuple[tuple[str, int], ...] = ()
    tickets: tuple[Ticket, ...] = ()
    contact: Contact | None = None
    contacts: tuple[Contact, ...] = ()
    customer: Customer | None = None
    customer_by: str = ""
    deliveries: tuple[KnownDelivery, ...] = ()
    recent_answers: int = 0
    answers_to_domain: int = 0
    recent_subjects: tuple[str, ...] = ()
    open_tickets: tuple[tuple[str, str], ...] = ()
    names: KnownNames = NO_NAMES_KNOWN
    cuts: tuple[KnownCut, ...] = ()


class Rung(StrEnum):
    """Which rung of the ladder found the ticket (design.md section 5)."""

    REPLY_ADDRESS = "reply_address"
    OUR_MESSAGE_ID = "our_message_id"
    RECEIVED_MESSAGE_ID = "received_message_id"
    TICKET_ID = "ticket_id"
    CONVERSATION = "conversation"
    FOREIGN_REF = "foreign_ref"
    DELIVERY = "delivery"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Threading:
    """Which ticket a message belongs to, and why.

    Attributes:
        rung: What found it; NONE where nothing did.
        ticket: The ticket the message is put on, merges followed; None for a new one.
        visibility: INSIDE for a stranger's words that nobody vouched for.
        verified: False for a stranger who holds one of our ids: kept on the ticket, receives nothing.
        standing: The sender's, on that ticket or in general.
        mentions: Tickets that it names and does not go on, for want of standing or since it goes on another part of
            the same mail: agents see them, and a new ticket names them.
        because: The reason in words.
    """

    rung: Rung
    ticket: Ticket | None
    visibility: Visibility
    verified: bool
    standing: Standing
    mentions: tuple[int, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules saw: stored with the message, so that explain and replay need nothing else.

    Attributes:
        values: (dotted name, value) in the order of the vocabulary.
    """

    values: tuple[tuple[str, Fact], ...]

    def get(self, name: str) -> Fact:
        """Return the value of a fact, None where it is unknown."""
        return next((value for known, value in self.values if known == name), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the rules, and who gave it.

    Attributes:
        name: What was asked: `queue`, `kind`, `priority`, `tags`, `told`, `hold`, ...
        value: The answer.
        rule: The id of the rule, several separated by ", "; "" where it is the site's default.
        unused: Rules that match and answer something else, but come later.
        part: Which part of a split mail it is about, from 1; 0 for the mail as a whole.
    """

    name: str
    value: Fact
    rule: str
    unused: tuple[str, ...] = ()
    part: int = 0


class Tried(NamedTuple):
    """One condition of a rule that was tried.

    Attributes:
        clause: `when` or `unless`.
        words: The condition, such as `customer.plan is one of professional, advanced`.
        held: Whether it holds; None where its fact is unknown, which holds in neither clause.
        evidence: What was seen, cut to 60 characters.
    """

    clause: str
    words: str
    held: bool | None
    evidence: str


class Step(NamedTuple):
    """One rule that was tried.

    Attributes:
        rule: The rule's id.
        matched: Whether all its conditions held.
        evidence: What was seen, cut to 60 characters: what held, or the first that did not.
        stage: The kind of file the rule is from; "program" for what is built in.
        error: What went wrong inside the rule, which then counts as not matched; "" as a rule.
        tried: Every condition, in order; () where nobody asked for them.
        part: Which part of a split mail it was tried for, from 1; 0 for the mail as a whole.
    """

    rule: str
    matched: bool
    evidence: str
    stage: str = "program"
    error: str = ""
    tried: tuple[Tried, ...] = ()
    part: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of the rules: what to do, and why.

    Attributes:
        effects: In the order they are carried out.
        trace: Every rule tried, in order.
        revision: Which state of the rule files decided.
        answers: What the stages answered, in their order.
        tzdata: The version of the time zone data that was used.
    """

    effects: tuple[Effect, ...]
    trace: tuple[Step, ...]
    revision: str
    answers: tuple[Answer, ...] = ()
    tzdata: str = ""

    def answer(self, name: str) -> Fact:
        """Return an answer by its name, None where nothing answered."""
        return next((answer.value for answer in self.answers if answer.name == name), None)


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket to write. `requester_address` becomes a contact where there is none yet."""

    number: int
    ref: str
    title: str
    status: Status
    queue: str
    kind: str
    priority: int
    mailbox: str
    customer: str | None
    requester_name: str
    requester_address: str
    participants: tuple[str, ...]
    tags: tuple[str, ...]
    links: tuple[int, ...]
    assignee: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A message's place on a ticket."""

    ticket: int
    visibility: Visibility
    verified: bool


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A ticket's new status."""

    ticket: int
    status: Status


@dataclass(frozen=True, slots=True)
class PriorityChange:
    """A ticket's new priority; a priority that an agent set by hand is left as it is."""

    ticket: int
    priority: int


@dataclass(frozen=True, slots=True)
class TagsAdded:
    """Words put on a ticket, behind those it has; one it has is passed over."""

    ticket: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BounceMark:
    """What a delivery report changes.

    Attributes:
        delivery: The outbox id, None where it was not found.
        recipient: The address that was not reached, in lower case.
        permanent: Whether to mark the contact undeliverable.
        because: Status code and the server's words, cut to 200 characters.
    """

    delivery: int | None
    recipient: str
    permanent: bool
    because: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything one mail changes: written in one savepoint, or not at all.

    Attributes:
        mail: The ledger id.
        state: The end the mail reaches.
        reason: Why it is ignored or a duplicate, "" otherwise.
        duplicate_of: The ledger id of the first copy, None otherwise.
        at: When it was processed; aware, UTC.
        message: The message, None for a duplicate (the first copy has it).
        classification: The kind and its proof, None for a duplicate.
        facts: What the rules saw, None for a duplicate.
        decision: What they said, None for a duplicate.
        tickets: New ones.
        posts: Where the message goes.
        status_changes: On existing tickets.
        bounces: What delivery reports change.
        events: One for each effect, in order.
        outgoing: Mails to send, with their final bytes.
        quota: Places that tickets take.
        priority_changes: On existing tickets.
        tags_added: On existing tickets.
        learnt: Names that others gave.
        cut: The tickets that the message is cut into, None where it is whole.
        joins: Cuts that are undone; their entries of quotas are written by them, not by `quota`.
    """

    mail: int
    state: MailState
    reason: str
    duplicate_of: int | None
    at: datetime
    message: Message | None
    classification: Classification | None
    facts: Facts | None
    decision: Decision | None
    tickets: tuple[NewTicket, ...] = ()
    posts: tuple[Post, ...] = ()
    status_changes: tuple[StatusChange, ...] = ()
    bounces: tuple[BounceMark, ...] = ()
    events: tuple[Event, ...] = ()
    outgoing: tuple[OutgoingMail, ...] = ()
    quota: tuple[QuotaEntry, ...] = ()
    priority_changes: tuple[PriorityChange, ...] = ()
    tags_added: tuple[TagsAdded, ...] = ()
    learnt: Learnt = NOTHING_LEARNT
    cut: Cut | None = None
    joins: tuple[Join, ...] = ()


@dataclass(frozen=True, slots=True)
class ReservedIds:
    """Numbers reserved for what a mail will make; gaps are allowed.

    Attributes:
        tickets: Ticket numbers.
        outbox: Outbox ids.
    """

    tickets: tuple[int, ...]
    outbox: tuple[int, ...]
