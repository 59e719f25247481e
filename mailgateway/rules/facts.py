"""What rules may look at: the vocabulary of facts, each with its meaning and how it is read. One table is all of it."""

from collections.abc import Callable
from dataclasses import dataclass

from mailgateway.model.decision import Fact, Facts, Known, Threading
from mailgateway.model.message import Classification, Message
from mailgateway.model.site import Site
from mailgateway.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything facts are read from."""

    message: Message
    classification: Classification
    threading: Threading
    known: Known
    site: Site
    answerable: bool


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the vocabulary.

    Attributes:
        name: As it stands in rules, dotted.
        meaning: For the documentation, one sentence.
        read: Returns the fact; None where it is unknown.
    """

    name: str
    meaning: str
    read: Callable[[Sources], Fact]


def facts(  # noqa: PLR0913 -- one argument for each thing that facts are read from
    message: Message,
    classification: Classification,
    threading: Threading,
    known: Known,
    *,
    site: Site,
    answerable: bool,
) -> Facts:
    """Return what the rules see of a message, in the order of the vocabulary.

    Args:
        message: The mail as it was read.
        classification: What wrote it.
        threading: Which ticket it belongs to.
        known: What the store holds.
        site: The site and the mailbox it came to.
        answerable: False for mail of folders that are never answered, and from before the quiet start.
    """
    sources = Sources(message, classification, threading, known, site, answerable)
    return Facts(tuple((term.name, term.read(sources)) for term in VOCABULARY))


def _of_ticket(read: Callable[[Ticket], Fact]) -> Callable[[Sources], Fact]:
    """Return how to read a fact of the ticket that was found, None where there is none."""

    def of_ticket(sources: Sources) -> Fact:
        ticket = sources.threading.ticket
        return None if ticket is None else read(ticket)

    return of_ticket


def _is_agents_address(sources: Sources) -> bool:
    return sources.site.agent_with(sources.message.sender.key) is not None


def _is_typed(sources: Sources) -> bool:
    relay = sources.message.relay
    return relay is not None and relay.is_typed


def _absent_until(sources: Sources) -> Fact:
    absent = sources.classification.absent
    return absent.ends.isoformat() if absent and absent.ends else None


def _is_bounce_of_customers(sources: Sources) -> bool:
    """Return whether mails of ours are known that did not reach somebody, and none went to an agent.

    Where no delivery was found, those count whom the reports name.
    """
    recipients = [address.lower() for delivery in sources.known.deliveries for address in delivery.recipients]
    recipients = recipients or [report.recipient.lower() for report in sources.message.reports if report.recipient]
    return bool(recipients) and not any(sources.site.agent_with(address) for address in recipients)


def _plan(sources: Sources) -> Fact:
    customer = sources.known.customer
    return None if customer is None else customer.plan


def _customer(sources: Sources) -> Fact:
    customer = sources.known.customer
    return None if customer is None else customer.id


VOCABULARY: tuple[Term, ...] = (
    Term("mail.subject", "The subject, decoded.", lambda s: s.message.subject),
    Term("mail.kind", "What wrote the mail.", lambda s: s.classification.kind.value),
    Term("mail.kind_reason", "The header that proves it.", lambda s: s.classification.reason),
    Term("mail.is_answer", "Whether a machine answers somebody's mail.", lambda s: s.classification.is_answer),
    Term("mail.no_answer", "Why it must not be answered, empty where it may.", lambda s: s.classification.no_answer),
    Term("mail.answerable", "Whether mail of this folder and age is answered at all.", lambda s: s.answerable),
    Term("mail.mailbox", "The name of the mailbox it came to.", lambda s: s.site.mailbox),
    Term("mail.attachments", "How many files came with it.", lambda s: len(s.message.attachments)),
    Term("mail.forwarded", "Whether it carries another mail.", lambda s: s.message.forwarded is not None),
    Term("mail.language", "The language of its new text.", lambda s: s.message.language or None),
    Term(
        "mail.channel", "The channel it came through.", lambda s: s.message.relay.channel if s.message.relay else None
    ),
    Term("mail.partial", "Whether only its beginning was fetched.", lambda s: s.message.partial),
    Term(
        "mail.protection",
        "`signed` (not verified), `encrypted` or `none`.",
        lambda s: str(s.message.protection or "none"),
    ),
    Term("mail.defects", "What was wrong with it.", lambda s: s.message.defects),
    Term("mail.suspicious", "Why From may not be whom it seems to be.", lambda s: s.message.suspicious),
    Term("sender.address", "The author's address in lower case.", lambda s: s.message.sender.key),
    Term("sender.domain", "The part of it after the @.", lambda s: s.message.sender.domain),
    Term("sender.typed", "Whether the address was only typed into a form or chat.", _is_typed),
    Term("sender.role", "What the author is to the ticket.", lambda s: s.threading.standing.role.value),
    Term("sender.authentication", "How far From can be believed.", lambda s: s.threading.standing.authentication.value),
    Term("sender.known", "Whether the author has written before.", lambda s: s.known.contact is not None),
    Term("sender.has_agents_address", "Whether From is an agent's address, proved or not.", _is_agents_address),
    Term("customer.known", "Whether the author belongs to a customer.", lambda s: s.known.customer is not None),
    Term("customer.id", "That customer's id.", _customer),
    Term("customer.by", "What says so: address or domain.", lambda s: s.known.customer_by or None),
    Term("customer.plan", "The plan of that customer's contract.", _plan),
    Term("ticket.found", "Whether the mail belongs to a ticket.", lambda s: s.threading.ticket is not None),
    Term("ticket.number", "The ticket's number.", _of_ticket(lambda ticket: ticket.number)),
    Term("ticket.status", "Where the ticket stands.", _of_ticket(lambda ticket: ticket.status.value)),
    Term("ticket.queue", "The pile the ticket lies on.", _of_ticket(lambda ticket: ticket.queue)),
    Term("ticket.kind", "What the ticket is.", _of_ticket(lambda ticket: ticket.kind)),
    Term("ticket.priority", "How urgent the ticket is; 1 is most urgent.", _of_ticket(lambda ticket: ticket.priority)),
    Term("ticket.tags", "The words put on the ticket.", _of_ticket(lambda ticket: ticket.tags)),
    Term("thread.rung", "What found the ticket.", lambda s: s.threading.rung.value),
    Term("thread.because", "The same in words.", lambda s: s.threading.because),
    Term("thread.verified", "Whether the author's words count on the ticket.", lambda s: s.threading.verified),
    Term("thread.mentions", "How many tickets it names without standing.", lambda s: len(s.threading.mentions)),
    Term("bounce.to_customer", "Whether what bounced is known and went to no agent.", _is_bounce_of_customers),
    Term("absence.until", "Until when the writer is away, as in 2026-03-10.", _absent_until),
    Term("answers.recent", "Automatic answers to the author within the last hour.", lambda s: s.known.recent_answers),
)
"""Every fact, in the order in which facts are stored and documented."""
