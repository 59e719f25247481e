"""What delivery reports change: the deliveries and the contacts that they name."""

from collections.abc import Sequence

from mailgateway.app.plan.changes import Case, Changes
from mailgateway.model.decision import BounceMark, KnownDelivery
from mailgateway.model.effects import MarkBounce
from mailgateway.model.message import DeliveryReport
from mailgateway.model.ticket import EventKind


def mark_bounce(case: Case, effect: MarkBounce) -> Changes:
    """Return the marks of a bounce's reports; without a report the first delivery counts as put off."""
    message, known = case.reading.message, case.known
    marks = _bounce_marks(message.reports, known.deliveries)
    if not marks and known.deliveries:
        marks = tuple(
            BounceMark(known.deliveries[0].id, recipient.lower(), False, "a bounce that names no recipient")  # noqa: FBT003 -- BounceMark's fields say it
            for recipient in known.deliveries[0].recipients[:1]
        )
    events = tuple(
        case.event(EventKind.BOUNCED, effect.rule, mark.because, ("recipient", mark.recipient)) for mark in marks
    )
    return Changes(bounces=marks, events=events)


def _bounce_marks(reports: Sequence[DeliveryReport], deliveries: tuple[KnownDelivery, ...]) -> tuple[BounceMark, ...]:
    """Return one mark for each recipient; where two reports are about the same, the lasting one counts."""
    marks: dict[tuple[int | None, str], BounceMark] = {}
    for mark in (_bounce_mark(report, deliveries) for report in reports if report.is_bounce):
        place = (mark.delivery, mark.recipient)
        if place not in marks or mark.permanent:
            marks[place] = mark
    return tuple(marks.values())


def _bounce_mark(report: DeliveryReport, deliveries: tuple[KnownDelivery, ...]) -> BounceMark:
    """Return what a report changes: nobody is marked for good whom no delivery of ours went to, or not by this name.

    Anybody can write a report; and an address that passes mail on to a dead one is alive itself.
    """
    because = f"{report.status} {report.diagnostic}".strip()[:200]
    recipient = report.recipient.lower()
    sent = [(delivery, address.lower()) for delivery in deliveries for address in delivery.recipients]
    exact = next((delivery.id for delivery, address in sent if address == recipient), None)
    if exact is not None:
        return BounceMark(exact, recipient, report.permanent, because)
    if sent:
        delivery, address = sent[0]
        return BounceMark(delivery.id, address, report.permanent and not recipient, because)
    return BounceMark(None, recipient, permanent=False, because=because)
