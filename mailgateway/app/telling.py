"""What a mail to a customer says of tickets, and a notice to agents of what was decided. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from mailgateway.compose.answer import PartLine
from mailgateway.compose.templates import Paragraph, Templates
from mailgateway.compose.told import about, paragraph
from mailgateway.model.decision import Answer, NewTicket
from mailgateway.model.effects import (
    Acknowledge,
    AddTags,
    ChangePriority,
    ChangeStatus,
    CutMail,
    Effect,
    IgnoreMail,
    Inform,
    JoinParts,
    MarkBounce,
    MissQuota,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    Refuse,
    StaySilent,
    TakeQuota,
    Told,
)
from mailgateway.model.people import Customer
from mailgateway.model.site import Site
from mailgateway.model.ticket import Ticket

AnyTicket = NewTicket | Ticket


@dataclass(frozen=True, slots=True)
class Telling:
    """What a customer is told with.

    Attributes:
        templates: The texts.
        site: The site.
        language: BCP 47.
        ticket: What the mail is about, the first of several.
        parts: The tickets that a mail was cut into, in its order, by the number of the part; {} where it is whole.
    """

    templates: Templates
    site: Site
    language: str
    ticket: AnyTicket
    parts: Mapping[int, AnyTicket] = field(default_factory=dict)

    def lines(self) -> tuple[PartLine, ...]:
        """Return a line for each of the tickets that the mail is cut into, () where it is whole."""
        return tuple(PartLine(ticket.ref, ticket.title) for ticket in self.parts.values())

    def paragraphs(self, told: Iterable[Told]) -> tuple[Paragraph, ...]:
        """Return the paragraph that says each, of the ticket that it is about; an empty one has failed."""
        about_each = ((one, self.parts.get(one.part, self.ticket)) for one in told)
        return tuple(paragraph(self.templates, self.site, ticket, self.language, one) for one, ticket in about_each)

    def said(self, told: Sequence[Told], paragraphs: Sequence[Paragraph]) -> tuple[Paragraph, ...]:
        """Return the paragraphs that say something, each once for all tickets, or under the ID of those it is about."""
        under: dict[Paragraph, list[str]] = {}
        for one, said in zip(told, paragraphs, strict=True):
            if said.text:
                ticket = self.parts.get(one.part)
                under.setdefault(said, []).extend([ticket.ref] if ticket else [])
        several = len(self.parts)
        each = (
            [about(said, ref) for ref in refs] if 0 < len(refs) < several else [said] for said, refs in under.items()
        )
        return tuple(chain.from_iterable(each))


def language_of(customer: Customer | None, language: str, site: Site) -> str:
    """Return the customer's language, else the mail's, else the first that the site's customers write in."""
    return (customer.language if customer else "") or language or site.languages[0]


def told_details(told: Iterable[Told]) -> tuple[tuple[str, str], ...]:
    """Return what was told as details of an event; () where nothing was."""
    names = ", ".join(dict.fromkeys(one.template for one in told))
    return (("told", names),) if names else ()


# --- to agents ---------------------------------------------------------------------------------------------


def decided_in_words(answers: Iterable[Answer], effects: Iterable[Effect], ref_of: Callable[[int], str]) -> str:
    """Return answers of the rules and effects, each with the rules that asked for them, in one line.

    Args:
        answers: About one ticket.
        effects: Likewise.
        ref_of: The ID of a ticket that an effect names.
    """
    said = ", ".join(words for answer in answers if (words := _answered(answer)))
    done = (f"{_done(one, ref_of)} (rule {one.rule})" for one in effects)
    return "; ".join((said, *done) if said else done)


def _answered(answer: Answer) -> str:
    """Return an answer in words, "" where it answers nothing; what was told is said of the mail that told it."""
    value = " + ".join(answer.value) if isinstance(answer.value, tuple) else str(answer.value or "")
    if not value or answer.name == "told":
        return ""
    words = answer.name if answer.value is True else f"{answer.name.replace('_', ' ')} {value}"
    by = answer.rule or ("default" if answer.name in _WITH_DEFAULT else "")
    return f"{words} ({by})" if by else words


def _done(effect: Effect, ref_of: Callable[[int], str]) -> str:
    """Return what an effect does in words."""
    words = _IN_WORDS[type(effect)]
    if isinstance(effect, OpenTicket) and effect.follows:
        return f"{words} that goes on from {ref_of(effect.follows)}"
    if isinstance(effect, Acknowledge | Inform) and effect.told:
        told = ", ".join(f"{one.template} ({one.rule})" if one.rule else one.template for one in effect.told)
        return f"{words}, told {told}"
    return f"{words} with {effect.template}" if isinstance(effect, Refuse) else words


_WITH_DEFAULT = frozenset({"queue", "kind", "priority"})
_IN_WORDS: dict[type[Effect], str] = {
    OpenTicket: "a new ticket",
    PostMessage: "added to the ticket",
    ChangeStatus: "status changed",
    ChangePriority: "priority changed",
    AddTags: "tagged",
    TakeQuota: "counts for a quota",
    MissQuota: "over a quota",
    CutMail: "cut into several tickets",
    JoinParts: "its parts are one ticket again",
    Acknowledge: "acknowledged",
    Inform: "answered",
    Refuse: "refused",
    NotifyAgents: "agents told",
    StaySilent: "no answer sent",
    IgnoreMail: "ignored",
    MarkBounce: "delivery marked as failed",
}
