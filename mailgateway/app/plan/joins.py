"""A cut that its author has undone: what becomes of the tickets, and which one the mail then goes on."""

from datetime import datetime

from mailgateway.app.acts import Act
from mailgateway.app.assess import Assessment
from mailgateway.app.cuts import described, joined
from mailgateway.app.plan.changes import Case, Changes
from mailgateway.model.cut import Join, KnownCut, cut_of
from mailgateway.model.effects import JoinParts
from mailgateway.model.ticket import Event, Ticket
from mailgateway.triage.thread import resolve

_BECAUSE = "asked by mail that it be one ticket"


def join_parts(case: Case, effect: JoinParts) -> Changes:
    """Return what undoing the cut changes that the ticket of the mail is of."""
    join, events = _joined(case.assessment, effect, case.now)
    return Changes(joins=(join,), events=events)


def joined_ticket(assessment: Assessment, now: datetime) -> Ticket | None:
    """Return the ticket that takes the others in, as it is from then on; None where the mail undoes no cut."""
    asked = next((effect for effect in assessment.decision.effects if isinstance(effect, JoinParts)), None)
    if asked is None:
        return None
    join, _ = _joined(assessment, asked, now)
    first, then = resolve(join.cut.first, assessment.prepared.known.tickets), join.description
    if first is None or then is None or first.number != join.cut.first:
        return first
    return described(first, then)


def _joined(assessment: Assessment, effect: JoinParts, now: datetime) -> tuple[Join, tuple[Event, ...]]:
    """Return how the cut is undone.

    Raises:
        TypeError: The ticket is of no cut: rules do not ask for it then, a bug.
    """
    prepared = assessment.prepared
    act = Act(now, f"customer:{prepared.reading.message.sender.key}", _BECAUSE, prepared.mail.id)
    return joined(_cut(assessment), prepared.known.tickets, act, effect.full)


def _cut(assessment: Assessment) -> KnownCut:
    found, known = assessment.prepared.threading.ticket, assessment.prepared.known
    cut = cut_of(found.number, known.cuts) if found else None
    if cut is None:
        raise TypeError("the effect is one on a ticket of a cut mail")
    return cut
