"""The mails that whoever wrote gets by itself: an acknowledgement, what was decided on a reply, a refusal."""

from collections.abc import Iterable

from mailgateway.app.plan.changes import Case, Changes
from mailgateway.compose.acknowledgement import acknowledgement
from mailgateway.compose.answer import AnswerRequest
from mailgateway.compose.builder import Composed
from mailgateway.compose.replies import information, refusal
from mailgateway.compose.templates import Paragraph
from mailgateway.compose.told import paragraph
from mailgateway.model.effects import Acknowledge, Inform, OpenTicket, Refuse, Told
from mailgateway.model.ticket import Event, EventKind

_REFUSED = "refused"
"""The paragraph that stands in for one that does not exist."""


def acknowledge(case: Case, effect: Acknowledge, outbox: int) -> Changes:
    """Return the acknowledgement of a new ticket, with what rules tell the requester."""
    told = _paragraphs(case, effect.told)
    request = _request(case, outbox, tuple(_that_say_something(told)))
    composed = acknowledgement(case.snapshot.templates, case.assessment.reading.site, request)
    details = (("to", composed.mail.recipients[0]), *_told_details(effect.told))
    event = case.event(EventKind.ACKNOWLEDGED, effect.rule, "a new ticket", *details)
    return Changes(
        events=(event, *_failed(case, effect.told, told), *fallback(case, effect.rule, composed)),
        outgoing=(composed.mail,),
    )


def inform(case: Case, effect: Inform, outbox: int) -> Changes:
    """Return the mail that tells the author of a reply what was decided; none where nothing is left to tell."""
    told = _paragraphs(case, effect.told)
    said = tuple(_that_say_something(told))
    failed = _failed(case, effect.told, told)
    if not said:
        return Changes(events=failed)
    composed = information(case.snapshot.templates, case.assessment.reading.site, _request(case, outbox, said))
    details = (("to", composed.mail.recipients[0]), *_told_details(effect.told))
    event = case.event(EventKind.INFORMED, effect.rule, f"{case.actor} wrote", *details)
    return Changes(events=(event, *failed, *fallback(case, effect.rule, composed)), outgoing=(composed.mail,))


def refuse(case: Case, effect: Refuse, outbox: int) -> Changes:
    """Return the refusal of a new ticket."""
    told = (Told(effect.template, effect.rule),)
    paragraphs = _paragraphs(case, told)
    said = tuple(_that_say_something(paragraphs)) or _paragraphs(case, (Told(_REFUSED, effect.rule),))
    composed = refusal(case.snapshot.templates, case.assessment.reading.site, _request(case, outbox, said))
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
        message=case.assessment.reading.message,
        outbox=outbox,
        now=case.now,
        language=_language(case),
        told=told,
        follows=case.ref_of(_followed(case)),
    )


def _followed(case: Case) -> int:
    effects = case.assessment.decision.effects
    return next((effect.follows for effect in effects if isinstance(effect, OpenTicket)), 0)


def _language(case: Case) -> str:
    """Return the customer's language, else the mail's, else the first that the site's customers write in."""
    reading, customer = case.assessment.reading, case.assessment.known.customer
    return (customer.language if customer else "") or reading.message.language or reading.site.languages[0]


def _paragraphs(case: Case, told: Iterable[Told]) -> tuple[Paragraph, ...]:
    templates, site, ticket = case.snapshot.templates, case.assessment.reading.site, case.some_ticket()
    return tuple(paragraph(templates, site, ticket, _language(case), one) for one in told)


def _that_say_something(paragraphs: Iterable[Paragraph]) -> Iterable[Paragraph]:
    return (one for one in paragraphs if one.text)


def _failed(case: Case, told: tuple[Told, ...], paragraphs: tuple[Paragraph, ...]) -> tuple[Event, ...]:
    pairs = zip(told, paragraphs, strict=True)
    return tuple(case.event(EventKind.TEMPLATE_FAILED, one.rule, made.fallback) for one, made in pairs if made.fallback)


def _told_details(told: tuple[Told, ...]) -> tuple[tuple[str, str], ...]:
    return (("told", ", ".join(one.template for one in told)),) if told else ()
