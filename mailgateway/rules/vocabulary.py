"""The words that conditions are made of: every fact with its type, its meaning and an example. One table is all of it.

How a fact is read from a mail stands in `facts`. The documentation, the JSON Schema and the checks are made from here.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from mailgateway.model.decision import Rung
from mailgateway.model.message import MessageKind
from mailgateway.model.people import Authentication, Role
from mailgateway.model.ticket import Status
from mailgateway.rules.list_terms import LIST_TERMS
from mailgateway.rules.terms import FactType, Stage, Term

_TEXT, _NAME, _NUMBER, _YES_NO = FactType.TEXT, FactType.NAME, FactType.NUMBER, FactType.YES_NO
_PATTERN, _TIME = FactType.PATTERN, FactType.TIME


def _values(words: type[StrEnum]) -> tuple[str, ...]:
    return tuple(word.value for word in words)


TERMS: tuple[Term, ...] = (
    Term(
        "text",
        _TEXT,
        "Subject and new words of the mail, without quotes, signatures, logs and code.",
        'when.text.mentions = ["production down", "outage*"]',
    ),
    Term("subject", _TEXT, "The subject, decoded.", 'when.subject.contains = "[billing]"'),
    Term("mail.kind", _NAME, "What wrote the mail.", 'when.mail.kind = "person"', _values(MessageKind)),
    Term("mail.kind_reason", _TEXT, "The header that proves it.", 'when.mail.kind_reason.contains = "List-Id"'),
    Term("mail.is_answer", _YES_NO, "Whether a machine answers somebody's mail.", "when.mail.is_answer = true"),
    Term(
        "mail.no_answer",
        _TEXT,
        "Why the mail must not be answered, empty where it may.",
        'when.mail.no_answer.contains = "spam"',
    ),
    Term(
        "mail.answerable",
        _YES_NO,
        "Whether mail of this folder and age is answered at all.",
        "when.mail.answerable = false",
    ),
    Term(
        "mail.mailbox",
        _PATTERN,
        "The support address it came to.",
        'when.mail.mailbox = "billing@example.org"',
    ),
    Term("mail.to", _PATTERN, "The addresses in To and Cc, in lower case.", 'when.mail.to = "*@lists.example.org"'),
    Term("mail.forwarded", _YES_NO, "Whether it carries another mail.", "when.mail.forwarded = true"),
    Term("mail.language", _NAME, "The language of its new text, as in `en`.", 'when.mail.language = ["sv", "en"]'),
    Term("mail.channel", _NAME, "The name of the channel it came through.", 'when.mail.channel = "website"'),
    Term("mail.partial", _YES_NO, "Whether only its beginning was fetched.", "when.mail.partial = true"),
    Term(
        "mail.protection",
        _NAME,
        "`signed` (not verified), `encrypted` or `none`.",
        'when.mail.protection = "encrypted"',
        ("signed", "encrypted", "none"),
    ),
    Term("mail.defects", _TEXT, "What was wrong with it.", 'when.mail.defects.contains = "charset"'),
    Term(
        "mail.suspicious",
        _TEXT,
        "Why From may not be whom it seems to be.",
        'when.mail.suspicious.contains = "display name"',
    ),
    Term(
        "mail.asks_one_ticket",
        _YES_NO,
        "Whether it asks that the tickets of a mail be one: in a short answer, or by a line `#unsplit`.",
        "when.mail.asks_one_ticket = true",
    ),
    Term(
        "mail.header.*",
        _TEXT,
        "A header field of the mail by its name in small letters; trace fields are not kept.",
        'when.mail.header.x-product.contains = "storage"',
    ),
    Term("attachments.count", _NUMBER, "How many files came with it.", "when.attachments.count = { at_least = 1 }"),
    Term("attachments.names", _PATTERN, "The names of these files.", 'when.attachments.names = ["*.log", "*.zip"]'),
    Term(
        "stated.priority",
        _NUMBER,
        "The priority the customer states, 1 is most urgent.",
        "when.stated.priority = { at_most = 2 }",
    ),
    Term(
        "stated.by",
        _NAME,
        "Where it is stated: in a line, in the subject or in a header.",
        'when.stated.by = ["line", "subject"]',
        ("line", "subject", "header"),
    ),
    Term("sender.address", _PATTERN, "The author's address in lower case.", 'when.sender.address = "*@giant.example"'),
    Term("sender.domain", _NAME, "The part of it after the @.", 'when.sender.domain = "giant.example"'),
    Term(
        "sender.free_mail",
        _YES_NO,
        "Whether anybody can get an address in that domain.",
        "when.sender.free_mail = true",
    ),
    Term(
        "sender.typed", _YES_NO, "Whether the address was only typed into a form or chat.", "when.sender.typed = true"
    ),
    Term("sender.role", _NAME, "What the author is to the ticket.", 'when.sender.role = "stranger"', _values(Role)),
    Term(
        "sender.authentication",
        _NAME,
        "How far From can be believed.",
        'when.sender.authentication = "fail"',
        _values(Authentication),
    ),
    Term("sender.known", _YES_NO, "Whether the author has written before.", "when.sender.known = false"),
    Term(
        "sender.has_agents_address",
        _YES_NO,
        "Whether From is an agent's address, proved or not.",
        "when.sender.has_agents_address = true",
    ),
    Term("customer.known", _YES_NO, "Whether the author belongs to a customer.", "when.customer.known = true"),
    Term("customer.id", _NAME, "That customer's id.", 'when.customer.id = "giant"'),
    Term(
        "customer.by",
        _NAME,
        "What says so: the address or its domain.",
        'when.customer.by = "address"',
        ("address", "domain"),
    ),
    Term(
        "customer.plan",
        _NAME,
        "The plan of that customer's contract.",
        'when.customer.plan = ["professional", "advanced"]',
        site="plans",
    ),
    Term(
        "customer.open_tickets",
        _NUMBER,
        "How many tickets of the customer are not resolved or closed; 50 stands for more.",
        "when.customer.open_tickets = { at_least = 10 }",
    ),
    Term(
        "similar.tickets",
        _NUMBER,
        "How many of them have a title much like the subject.",
        "when.similar.tickets = { at_least = 1 }",
    ),
    Term(
        "contract.pre_agreed",
        _YES_NO,
        "Whether the contract agrees to the costs beforehand; unknown so far.",
        "unless.contract.pre_agreed = true",
    ),
    Term("arrived", _TIME, "When our mail server took the mail.", 'unless.arrived.in_hours = "support-hours"'),
    Term("ticket.found", _YES_NO, "Whether the mail belongs to a ticket.", "when.ticket.found = true"),
    Term("ticket.number", _NUMBER, "That ticket's number.", "when.ticket.number = { at_least = 1 }"),
    Term(
        "ticket.status",
        _NAME,
        "Where that ticket stands.",
        'when.ticket.status = ["resolved", "closed"]',
        _values(Status),
    ),
    Term(
        "ticket.closed_days",
        _NUMBER,
        "For how many whole days that ticket has been resolved or closed.",
        "when.ticket.closed_days = { at_least = 11 }",
    ),
    Term(
        "ticket.queue",
        _NAME,
        "The pile the ticket lies on.",
        'when.ticket.queue = "billing"',
        site="queues",
        stage=Stage.ROUTED,
    ),
    Term(
        "ticket.kind",
        _NAME,
        "What the ticket is.",
        'when.ticket.kind = "incident"',
        site="kinds",
        stage=Stage.ROUTED,
    ),
    Term(
        "ticket.priority",
        _NUMBER,
        "How urgent the ticket is; 1 is most urgent.",
        "when.ticket.priority = 1",
        stage=Stage.PRIORITISED,
    ),
    Term(
        "ticket.is_priority",
        _YES_NO,
        "Whether that is 1 or 2.",
        "when.ticket.is_priority = true",
        stage=Stage.PRIORITISED,
    ),
    Term(
        "ticket.tags",
        _PATTERN,
        "The words put on the ticket.",
        'when.ticket.tags = "beta-customer"',
        stage=Stage.ROUTED,
    ),
    Term(
        "ticket.parts",
        _NUMBER,
        "How many tickets its mail was cut into; unknown where they are not all the author's.",
        "when.ticket.parts = { at_least = 2 }",
    ),
    Term("thread.rung", _NAME, "What found the ticket.", 'when.thread.rung = "ticket_id"', _values(Rung)),
    Term("thread.because", _TEXT, "The same in words.", 'when.thread.because.contains = "signed"'),
    Term(
        "thread.verified",
        _YES_NO,
        "Whether the author's words count on the ticket.",
        "when.thread.verified = false",
    ),
    Term(
        "thread.mentions",
        _NUMBER,
        "How many tickets it names that it was not put on.",
        "when.thread.mentions = { at_least = 1 }",
    ),
    Term(
        "bounce.to_customer",
        _YES_NO,
        "Whether what bounced is known and went to no agent.",
        "when.bounce.to_customer = true",
    ),
    Term(
        "absence.until", _NAME, "Until when the writer is away, as in 2026-03-10.", 'when.absence.until = "2026-12-31"'
    ),
    Term(
        "answers.recent",
        _NUMBER,
        "Automatic answers to the author's address within the last hour.",
        "when.answers.recent = { at_least = 10 }",
    ),
    Term(
        "answers.to_domain",
        _NUMBER,
        "Automatic answers to all addresses of the author's domain within the last hour.",
        "when.answers.to_domain = { at_least = 100 }",
    ),
    Term(
        "answers.alike",
        _NUMBER,
        "Mails of the same shape from the author within the last hour, this one not counted.",
        "when.answers.alike = { at_least = 4 }",
    ),
    *LIST_TERMS,
    Term(
        "usage.*",
        _NUMBER,
        "How many places of a quota the customer or contact has used in this period, by the quota's id.",
        "when.usage.enterprise-priority = { at_least = 1 }",
    ),
)
"""Every fact, in the order of the documentation."""


class Vocabulary:
    """Looks terms up by their name as it stands in a condition."""

    def __init__(self, terms: Iterable[Term] = TERMS) -> None:
        self.terms = tuple(terms)
        self._by_name: Mapping[str, Term] = {term.name: term for term in self.terms}

    def get(self, name: str) -> Term | None:
        """Return the term of a dotted name, None where there is none."""
        above, _, below = name.rpartition(".")
        return self._by_name.get(name) or (self._by_name.get(f"{above}.*") if below else None)

    def below(self, prefix: str) -> tuple[str, ...]:
        """Return the names that may stand next after a dotted prefix, "" for the first ones, each once."""
        start = f"{prefix}." if prefix else ""
        names = (term.name.removeprefix(start).partition(".")[0] for term in self.terms if term.name.startswith(start))
        return tuple(dict.fromkeys(name for name in names if name != "*"))


VOCABULARY = Vocabulary()
"""The vocabulary of the program itself."""
