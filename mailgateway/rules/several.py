"""A mail that is cut: its parts become tickets, each decided on its own, with one answer for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailgateway.model.decision import Answer
from mailgateway.model.effects import (
    Acknowledge,
    CutMail,
    Effect,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    Refuse,
    StaySilent,
    TakeQuota,
    Told,
)
from mailgateway.model.ticket import Status
from mailgateway.rules.evaluation import Evaluation
from mailgateway.rules.kinds.lifecycle import live
from mailgateway.rules.kinds.priority import set_priority
from mailgateway.rules.kinds.routing import route
from mailgateway.rules.kinds.split import CUT, how_to_split
from mailgateway.rules.opening import roles, silence, ticket_of
from mailgateway.rules.parts import Part, evaluations, parts_of
from mailgateway.rules.program import NOTIFY_NEW
from mailgateway.rules.replies import changed, tagged, told
from mailgateway.rules.seen import Seen

_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Opening:
    """What the tickets of all parts have in common.

    Attributes:
        rule: The rule that opens them.
        tags: The words that every one gets; what routing put on the whole mail is not among them.
        follows: As in `OpenTicket`.
    """

    rule: str
    tags: tuple[str, ...] = ()
    follows: int = 0


def parts_to_cut(evaluation: Evaluation) -> tuple[Part, ...]:
    """Return the parts into which the rules of split have the mail cut; () where it stays whole."""
    parts = parts_of(evaluation.seen.facts) if how_to_split(evaluation) == CUT else ()
    return parts if len(parts) >= _FEWEST else ()


def several(evaluation: Evaluation, parts: tuple[Part, ...], opening: Opening) -> list[Effect]:
    """Return the tickets that a mail is cut into, each with its notice, and one answer for all of them.

    Args:
        evaluation: Of the whole mail, which is routed.
        parts: Of `parts_to_cut`.
        opening: What the tickets have in common.
    """
    return with_one_answer(evaluation, cut_up(evaluation, parts, opening))


def cut_up(evaluation: Evaluation, parts: tuple[Part, ...], opening: Opening) -> list[Effect]:
    """Return the cut of a mail that is routed, and the ticket of each part with its notice.

    Args:
        evaluation: Of the whole mail; its answer `split` says who cuts it.
        parts: Of the mail.
        opening: What their tickets have in common.
    """
    by = evaluation.decided_by("split")
    whole, places = _whole(evaluation, opening)
    effects: list[Effect] = []
    for part, own in evaluations(evaluation, parts):
        own.tag(*opening.tags)
        effects += _opened_part(own, part, opening)
    evaluation.answer("tickets", len(parts), by)
    set_priority(evaluation, whole.priority)  # guards see how urgent the mail is
    return [CutMail(by, whole, places), *_as_the_whole(effects, whole)]


def _whole(evaluation: Evaluation, opening: Opening) -> tuple[OpenTicket, tuple[TakeQuota, ...]]:
    """Return the ticket that the mail would be whole and the places it would take, of which nothing else is noted."""
    whole = Evaluation(
        evaluation.rules,
        Seen(evaluation.seen.facts, evaluation.seen.calendars),
        on_reply=False,
        answers=list(evaluation.answers),
        tags=list(evaluation.tags),
    )
    ticket, effects = ticket_of(whole, opening.rule, opening.follows)
    return ticket, tuple(effect for effect in effects if isinstance(effect, TakeQuota))


def _opened_part(own: Evaluation, part: Part, opening: Opening) -> list[Effect]:
    """Return the ticket that a part becomes, what it takes of quotas, and its notice.

    A part of a mail is never ignored: the whole would have been.
    """
    route(own)
    own.answers = [answer for answer in own.answers if answer.name != "ignore"]
    ticket, places = ticket_of(own, opening.rule, opening.follows)
    return [replace(ticket, part=part.number), *places, NotifyAgents(NOTIFY_NEW.id, roles(own))]


def _as_the_whole(effects: list[Effect], whole: OpenTicket) -> list[Effect]:
    """Return the tickets of the parts, held or refused where the mail is by words that none of them has for itself."""
    statuses = {effect.status for effect in effects if isinstance(effect, OpenTicket)}
    if whole.status is Status.NEW or statuses & {Status.HELD, whole.status}:
        return effects
    return [replace(one, status=whole.status) if isinstance(one, OpenTicket) else one for one in effects]


def with_one_answer(evaluation: Evaluation, effects: list[Effect], *, refuses: bool = True) -> list[Effect]:
    """Return the effects with the one answer behind them. A guard may put words on the tickets, as on any.

    Args:
        evaluation: Of the whole mail.
        effects: Of `cut_up`.
        refuses: Whether the author is told of what is refused; a person who cuts a mail refuses nothing.
    """
    before = len(evaluation.tags)
    silent = silence(evaluation)
    added = tuple(evaluation.tags[before:])
    marked = [_tagged(one, added) if isinstance(one, OpenTicket) else one for one in effects]
    tickets = [one for one in marked if isinstance(one, OpenTicket)]
    return [*marked, silent or _answer(evaluation, tickets, refuses=refuses)]


def _tagged(ticket: OpenTicket, words: tuple[str, ...]) -> OpenTicket:
    return replace(ticket, tags=(*ticket.tags, *(word for word in words if word not in ticket.tags)))


def _answer(evaluation: Evaluation, tickets: Sequence[OpenTicket], *, refuses: bool) -> Effect:
    """Return what the author gets: nothing where one ticket is held, a refusal where all are refused."""
    held, refused = _all(evaluation, "hold"), _all(evaluation, "refuse") if refuses else []
    if held and any(ticket.status is Status.HELD for ticket in tickets):
        return StaySilent(held[0].rule, f"held: {held[0].value}")
    if refused and all(ticket.status is Status.REFUSED for ticket in tickets):
        return Refuse(refused[0].rule, str(refused[0].value))
    instead = [Told(str(one.value), one.rule, part=one.part) for one in refused if one.part]
    return Acknowledge("acknowledge", (*evaluation.told, *instead))


def _all(evaluation: Evaluation, name: str) -> list[Answer]:
    return [answer for answer in evaluation.answers if answer.name == name]


def several_of_reply(evaluation: Evaluation, parts: tuple[Part, ...], rule: str) -> list[Effect]:
    """Return what stays of a reply on its ticket and what that changes, then the new tickets, and one answer for all.

    The reply is cut into the parts of `parts_to_cut`; what lifecycle made of the whole of it is asked anew for what
    stays.
    """
    evaluation.answers = [answer for answer in evaluation.answers if answer.name != "then"]
    evaluation.told.clear()
    shared_tags = tuple(evaluation.tags)
    by = evaluation.decided_by("split")
    effects: list[Effect] = [CutMail(by), PostMessage(rule, part=1)]
    for part, own in evaluations(evaluation, parts):
        own.tag(*shared_tags)
        if own.on_reply:
            effects += [*changed(own, live(own)), *tagged(own, rule), *told(own)]
        else:
            own.tag(*evaluation.rules.tags)
            effects += _opened_part(own, part, Opening(by))
    evaluation.answer("tickets", len(parts), by)
    return with_one_answer(evaluation, effects)
