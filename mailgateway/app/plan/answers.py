"""The mails that whoever wrote gets by itself: an acknowledgement, what was decided on a reply, a refusal."""

from collections.abc import Iterable, Sequence
from itertools import chain

from mailgateway.app.plan.changes import Case, Changes
from mailgateway.compose.acknowledgement import acknowledgement
from mailgateway.compose.answer import AnswerRequest, PartLine
from mailgateway.compose.builder import Composed
from mailgateway.compose.replies import information, refusal
from mailgateway.compose.templates import Paragraph
from mailgateway.compose.told import about, paragraph
from mailgateway.model.decision import NewTicket
from mailgateway.model.effects import Acknowledge, Inform, OpenTicket, Refuse, Told
from mailgateway.model.ticket import Event, EventKind, Ticket

_REFUSED = "refused"
"""The paragraph that stands in for one that does not exist."""


def acknowledge(case: Case, effect: Acknowledge, outbox: int) -> Changes:
    """Return the acknowledgement of a new ticket, with what rules tell the requester."""
    told = _paragraphs(case, effect.told)
    request = _request(case, outbox, _said(case, effect.told, told))
    composed = acknowledgement(case.snapshot.templates, case.reading.site, request)
    details = (("to", composed.mail.recipients[0]), *_told_details(effect.told))
    because = f"{len(case.new)} new tickets" if case.cut else "a new ticket"
    event = case.event(EventKind.ACKNOWLEDGED, effect.rule, because, *details)
    return Changes(
        events=(event, *_failed(case, effect.told, told), *fallback(case, effect.rule, composed)),
        outgoing=(composed.mail,),
    )


def inform(case: Case, effect: Inform, outbox: int) -> Changes:
    """Return the mail that tells the author of a reply what was decided; none where nothing is left to tell."""
    told = _paragraphs(case, effect.told)
    said = _said(case, effect.told, told)
    failed = _failed(case, effect.told, told)
    if not said:
        return Changes(events=failed)
    composed = information(case.snapshot.templates, case.reading.site, _request(case, outbox, said))
    details = (("to", composed.mail.recipients[0]), *_told_details(effect.told))
    event = case.event(EventKind.INFORMED, effect.rule, f"{case.actor} wrote", *details)
    return Changes(events=(event, *failed, *fallback(case, effect.rule, composed)), outgoing=(composed.mail,))


def refuse(case: Case, effect: Refuse, outbox: int) -> Changes:
    """Return the refusal of a new ticket."""
    told = (Told(effect.template, effect.rule),)
    paragraphs = _paragraphs(case, told)
    said = _said(case, told, paragraphs) or _paragraphs(case, (Told(_REFUSED, effect.rule),))
    composed = refusal(case.snapshot.templates, case.reading.site, _request(case, outbox, said))
    details = (("to", composed.mail.recipients[0]), *_told_details(told))
    event = case.event(EventKind.INFORMED, effect.rule, "refused, with what to do instead", *details)
    failed = _failed(case, told, paragraphs)
    return Changes(events=(event, *failed, *fallback(case, effect.rule, composed)), outgoing=(composed.mail,))


def fallback(case: Case, rule: str, composed: Composed) -> tuple[Event, ...]:
    """Return the event of a template of the site that failed, () where none did."""
    return (case.event(EventKind.TEMPLATE_FAILED, rule, composed.fallback),) if composed.fallback else ()


def _request(case: Case, outbox: int, told: tuple[Paragraph, ...]) -> AnswerRequest:
    return AnswerRequest(
        ticket=case.some_ticket(),
        message=case.reading.message,
        outbox=outbox,
        now=case.now,
        language=_language(case),
        told=told,
        follows=case.ref_of(_followed(case)),
        parts=_lines(case),
    )


def _lines(case: Case) -> tuple[PartLine, ...]:
    """Return a line for each of the tickets that the mail is cut into, () where it is whole."""
    tickets = (case.ticket_of(piece.ticket) for piece in (case.cut.pieces if case.cut else ()))
    return tuple(PartLine(ticket.ref, ticket.title) for ticket in tickets if ticket)


def _followed(case: Case) -> int:
    effects = case.decision.effects
    return next((effect.follows for effect in effects if isinstance(effect, OpenTicket)), 0)


def _language(case: Case) -> str:
    """Return the customer's language, else the mail's, else the first that the site's customers write in."""
    reading, customer = case.reading, case.known.customer
    return (customer.language if customer else "") or reading.message.language or reading.site.languages[0]


def _paragraphs(case: Case, told: Iterable[Told]) -> tuple[Paragraph, ...]:
    return tuple(_paragraph(case, one) for one in told)


def _paragraph(case: Case, told: Told) -> Paragraph:
    """Return the paragraph that says it, of the ticket that it is about."""
    ticket = _part(case, told.part) or case.some_ticket()
    return paragraph(case.snapshot.templates, case.reading.site, ticket, _language(case), told)


def _part(case: Case, number: int) -> NewTicket | Ticket | None:
    """Return the ticket that has a part of the mail, None for 0."""
    pieces = case.cut.pieces if case.cut else ()
    return next((case.ticket_of(piece.ticket) for piece in pieces if piece.number == number), None)


def _said(case: Case, told: Sequence[Told], paragraphs: Sequence[Paragraph]) -> tuple[Paragraph, ...]:
    """Return the paragraphs that say something, each once for all tickets, or under the ID of those it is about."""
    under: dict[Paragraph, list[str]] = {}
    for one, said in zip(told, paragraphs, strict=True):
        if said.text:
            ticket = _part(case, one.part)
            under.setdefault(said, []).extend([ticket.ref] if ticket else [])
    several = len(case.cut.pieces) if case.cut else 0
    each = ([about(said, ref) for ref in refs] if 0 < len(refs) < several else [said] for said, refs in under.items())
    return tuple(chain.from_iterable(each))


def _failed(case: Case, told: tuple[Told, ...], paragraphs: tuple[Paragraph, ...]) -> tuple[Event, ...]:
    pairs = zip(told, paragraphs, strict=True)
    return tuple(case.event(EventKind.TEMPLATE_FAILED, one.rule, made.fallback) for one, made in pairs if made.fallback)


def _told_details(told: tuple[Told, ...]) -> tuple[tuple[str, str], ...]:
    return (("told", ", ".join(dict.fromkeys(one.template for one in told))),) if told else ()
