"""A mail that is cut: what of it each ticket has, what the first would be uncut, and which effect is about which."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from mailgateway.app.assess import Assessment
from mailgateway.app.cuts import SIBLING
from mailgateway.app.plan.changes import Case, Changes
from mailgateway.app.plan.joins import joined_ticket
from mailgateway.app.plan.new_ticket import marks, title
from mailgateway.app.snapshot import Snapshot
from mailgateway.model.cut import Cut, Description, Piece, Whole
from mailgateway.model.decision import Decision, NewTicket
from mailgateway.model.effects import (
    Acknowledge,
    CutMail,
    Effect,
    Inform,
    OpenTicket,
    PostMessage,
    Refuse,
    StaySilent,
)
from mailgateway.model.segments import spans_of
from mailgateway.model.ticket import Event, EventKind, Ticket
from mailgateway.rules.parts import parts_of, texts_of
from mailgateway.triage.split import piece_text

_ANSWERS = (Acknowledge, Inform, Refuse, StaySilent)


def cases(
    assessment: Assessment, new: tuple[NewTicket, ...], snapshot: Snapshot, now: datetime
) -> Iterator[tuple[Effect, Case]]:
    """Yield each effect of a mail with the case of the ticket that it is about.

    Of a mail that is cut these are: what opens a ticket and what follows it, about that ticket; what comes before, and
    what the author gets, about the first.
    """
    effects = assessment.decision.effects
    cut = _cut(assessment, new)
    ticket = joined_ticket(assessment, now) or _first(assessment, new)
    whole = Case(assessment, snapshot, ticket, now, effects, cut, new)
    if cut is None:
        yield from ((effect, whole) for effect in effects)
        return
    about = tuple(_about(effects, whole.some_ticket(), new))
    for effect, ticket in about:
        own = tuple(one for one, other in about if other is ticket or isinstance(one, (*_ANSWERS, CutMail)))
        yield effect, replace(whole, ticket=ticket, effects=own)


def _first(assessment: Assessment, new: tuple[NewTicket, ...]) -> NewTicket | Ticket | None:
    """Return the ticket that a whole mail is about, or the first of those that it is cut into."""
    found = assessment.prepared.threading.ticket
    return found if not new or _stays(assessment.decision) else new[0]


def _stays(decision: Decision) -> bool:
    """Return whether a part of a reply stays on its ticket."""
    return any(isinstance(effect, PostMessage) and effect.part for effect in decision.effects)


def _about(
    effects: Sequence[Effect], first: NewTicket | Ticket, new: Iterable[NewTicket]
) -> Iterator[tuple[Effect, NewTicket | Ticket]]:
    ticket, opened = first, iter(new)
    for effect in effects:
        if isinstance(effect, OpenTicket):
            ticket = next(opened)
        yield effect, first if isinstance(effect, _ANSWERS) else ticket


def _cut(assessment: Assessment, new: tuple[NewTicket, ...]) -> Cut | None:
    """Return the tickets that a mail is cut into, with what each has of it; None where it is whole."""
    effects, first = assessment.decision.effects, _first(assessment, new)
    asked = next((effect for effect in effects if isinstance(effect, CutMail)), None)
    if asked is None or first is None:
        return None
    stay = [(effect.part, first.number) for effect in effects if isinstance(effect, PostMessage)]
    opened = [effect.part for effect in effects if isinstance(effect, OpenTicket)]
    numbers = [*stay, *zip(opened, (ticket.number for ticket in new), strict=True)]
    return Cut(first.number, tuple(_pieces(assessment, numbers)), _whole(assessment, asked, new[0]))


def _pieces(assessment: Assessment, numbers: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    """Yield what each ticket has of a mail, for (part, ticket) of each."""
    facts, text = dict(assessment.facts.values), assessment.prepared.reading.message.body.text
    spans = spans_of(texts_of(facts, "list.item_spans"))
    files = {one.number: one.files for one in parts_of(facts)}
    for part, ticket in numbers:
        yield Piece(ticket, part, piece_text(text, spans, part), files.get(part, ()))


def _whole(assessment: Assessment, asked: CutMail, first: NewTicket) -> Whole | None:
    """Return what the first ticket would be uncut; None for a reply, whose ticket stays what it was."""
    if asked.whole is None:
        return None
    whole, reading = asked.whole, assessment.prepared.reading
    tags = (*whole.tags, *marks(reading.message))
    before = Description(title(reading), whole.status, whole.queue, whole.kind, whole.priority, tags)
    after = Description(first.title, first.status, first.queue, first.kind, first.priority, first.tags)
    return Whole(before, after, tuple(taken.key for taken in asked.quota))


def cut_mail(case: Case) -> Changes:
    """Return the cut of the mail; its tickets and what they get are effects of their own."""
    return Changes(cuts=(case.cut,) if case.cut else ())


def cut_events(case: Case) -> Iterator[Event]:
    """Yield what is to be said of a ticket that has a piece of a mail: which piece, and where the others are."""
    piece, cut = case.piece, case.cut
    if piece is None or cut is None:
        return
    rule = next((effect.rule for effect in case.effects if isinstance(effect, CutMail)), "")
    of = len(cut.pieces)
    yield case.event(EventKind.SPLIT, rule, f"part {piece.number} of {of} of the mail", *cut.place(piece.number))
    for number in case.siblings:
        yield case.event(EventKind.LINKED, rule, SIBLING, ("to", str(number)))
