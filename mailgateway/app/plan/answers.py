"""The mails that whoever wrote gets by itself: an acknowledgement, what was decided on a reply, a refusal."""

from mailgateway.app.plan.changes import Case, Changes
from mailgateway.app.telling import Telling, language_of, told_details
from mailgateway.compose.acknowledgement import acknowledgement
from mailgateway.compose.answer import AnswerRequest
from mailgateway.compose.builder import Composed
from mailgateway.compose.replies import information, refusal
from mailgateway.compose.templates import Paragraph
from mailgateway.model.effects import Acknowledge, Inform, OpenTicket, Refuse, Told
from mailgateway.model.ticket import Event, EventKind

_REFUSED = "refused"
"""The paragraph that stands in for one that does not exist."""


def acknowledge(case: Case, effect: Acknowledge, outbox: int) -> Changes:
    """Return the acknowledgement of a new ticket, with what rules tell the requester."""
    telling = _telling(case)
    told = telling.paragraphs(effect.told)
    request = _request(case, telling, outbox, telling.said(effect.told, told))
    composed = acknowledgement(case.snapshot.templates, case.reading.site, request)
    details = (("to", composed.mail.recipients[0]), *told_details(effect.told))
    because = f"{len(case.new)} new tickets" if case.cut else "a new ticket"
    event = case.event(EventKind.ACKNOWLEDGED, effect.rule, because, *details)
    return Changes(
        events=(event, *_failed(case, effect.told, told), *fallback(case, effect.rule, composed)),
        outgoing=(composed.mail,),
    )


def inform(case: Case, effect: Inform, outbox: int) -> Changes:
    """Return the mail that tells the author of a reply what was decided; none where nothing is left to tell."""
    telling = _telling(case)
    told = telling.paragraphs(effect.told)
    said = telling.said(effect.told, told)
    failed = _failed(case, effect.told, told)
    if not said:
        return Changes(events=failed)
    composed = information(case.snapshot.templates, case.reading.site, _request(case, telling, outbox, said))
    details = (("to", composed.mail.recipients[0]), *told_details(effect.told))
    event = case.event(EventKind.INFORMED, effect.rule, f"{case.actor} wrote", *details)
    return Changes(events=(event, *failed, *fallback(case, effect.rule, composed)), outgoing=(composed.mail,))


def refuse(case: Case, effect: Refuse, outbox: int) -> Changes:
    """Return the refusal of a new ticket."""
    told = (Told(effect.template, effect.rule),)
    telling = _telling(case)
    paragraphs = telling.paragraphs(told)
    said = telling.said(told, paragraphs) or telling.paragraphs((Told(_REFUSED, effect.rule),))
    composed = refusal(case.snapshot.templates, case.reading.site, _request(case, telling, outbox, said))
    details = (("to", composed.mail.recipients[0]), *told_details(told))
    event = case.event(EventKind.INFORMED, effect.rule, "refused, with what to do instead", *details)
    failed = _failed(case, told, paragraphs)
    return Changes(events=(event, *failed, *fallback(case, effect.rule, composed)), outgoing=(composed.mail,))


def fallback(case: Case, rule: str, composed: Composed) -> tuple[Event, ...]:
    """Return the event of a template of the site that failed, () where none did."""
    return (case.event(EventKind.TEMPLATE_FAILED, rule, composed.fallback),) if composed.fallback else ()


def _request(case: Case, telling: Telling, outbox: int, told: tuple[Paragraph, ...]) -> AnswerRequest:
    return AnswerRequest(
        ticket=telling.ticket,
        message=case.reading.message,
        outbox=outbox,
        now=case.now,
        language=telling.language,
        told=told,
        follows=case.ref_of(_followed(case)),
        parts=telling.lines(),
    )


def _telling(case: Case) -> Telling:
    pieces = case.cut.pieces if case.cut else ()
    parts = {piece.number: ticket for piece in pieces if (ticket := case.ticket_of(piece.ticket))}
    site, customer = case.reading.site, case.known.customer
    language = language_of(customer, case.reading.message.language, site)
    return Telling(case.snapshot.templates, site, language, case.some_ticket(), parts)


def _followed(case: Case) -> int:
    effects = case.decision.effects
    return next((effect.follows for effect in effects if isinstance(effect, OpenTicket)), 0)


def _failed(case: Case, told: tuple[Told, ...], paragraphs: tuple[Paragraph, ...]) -> tuple[Event, ...]:
    pairs = zip(told, paragraphs, strict=True)
    return tuple(case.event(EventKind.TEMPLATE_FAILED, one.rule, made.fallback) for one, made in pairs if made.fallback)
