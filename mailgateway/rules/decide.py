"""Facts in, effects out: the one entry to the decision. The pipeline is here, and not in the files.

For a mail that opens a ticket: its place, routing, split, then for each part priority and quota, then guards. For a
reply: its place, lifecycle, split, priority, quota, guards; what is cut off it goes the way of a mail that opens a
ticket. A stage sees the facts and the answers of earlier stages only, so it always ends.
"""

from collections.abc import Callable
from dataclasses import replace

from mailgateway.model.calendar import tzdata_version
from mailgateway.model.decision import Decision, Facts, Step
from mailgateway.model.effects import (
    Acknowledge,
    Effect,
    IgnoreMail,
    Inform,
    JoinParts,
    MarkBounce,
    NotifyAgents,
    PostMessage,
    StaySilent,
)
from mailgateway.rules.evaluation import TAG_ERROR, TAG_LIMIT, Evaluation, error_words
from mailgateway.rules.kinds.guards import GUARDS
from mailgateway.rules.kinds.lifecycle import NEW_TICKET, REOPEN, live
from mailgateway.rules.kinds.quota import full
from mailgateway.rules.kinds.routing import route
from mailgateway.rules.kinds.split import CUT
from mailgateway.rules.opening import opened, roles, said, silence, with_answer
from mailgateway.rules.parts import Part
from mailgateway.rules.program import BECAUSE, BOUNCE, NOTIFY_BOUNCE, NOTIFY_NEW, PLACES, Place
from mailgateway.rules.replies import changed, new_status, tagged, told
from mailgateway.rules.seen import Seen
from mailgateway.rules.several import (
    Opening,
    cut_up,
    parts_to_cut,
    several,
    several_of_reply,
    with_one_answer,
)
from mailgateway.rules.values import Rule, RuleSet

TAG_FAILED = "rules-failed"
TAG_MACHINE = "machine"
TOLD_JOINED = "joined"
"""The paragraph that says that tickets are one again."""
BY_HAND = "by-hand"
"""What asks for the tickets of a mail that a person cuts."""
_OF_TICKET = (
    "ticket.number", "ticket.ref", "ticket.status", "ticket.closed_days", "ticket.queue", "ticket.kind",
    "ticket.priority", "ticket.is_priority", "ticket.priority_by_hand", "ticket.tags", "ticket.parts",
)  # fmt: skip


def decide(rules: RuleSet, facts: Facts) -> Decision:
    """Return what to do with a message, and why. The same rules and facts give the same decision.

    An error outside a rule ends with the defaults and the tag `rules-failed`; one inside a rule makes that rule count
    as not matched.

    Args:
        rules: One whole state of the rule files.
        facts: What is to be seen of the message, the used places of quotas among it.

    Returns:
        The effects in the order in which they are carried out, the answers with who gave them, and a step for each
        rule that was tried.
    """
    try:
        return _decide(rules, facts)
    except Exception as bug:  # noqa: BLE001 -- whatever the files hold, the mail becomes a ticket with the defaults
        return _by_defaults(rules, facts, _failed(bug))


def decide_parts(rules: RuleSet, facts: Facts, parts: tuple[Part, ...]) -> Decision:
    """Return the tickets that a person makes of parts of a mail: each is routed, prioritised and counted on its own.

    An error outside a rule ends with the defaults and the tag `rules-failed`, as in `decide`.

    Args:
        rules: One whole state of the rule files.
        facts: What is to be seen of the whole message, the used places of `quota_keys` and `quota_keys_of_parts` among
            it. What they say of a ticket is passed over.
        parts: Those that become tickets, under the numbers that they have in the mail.

    Returns:
        A CutMail with what the whole would be as a new ticket; then for each part an OpenTicket, what it takes of
        quotas, and its notice, all under the rule `by-hand`. At the end an Acknowledge for all, or StaySilent: the mail
        is guarded like any. Without parts that alone says whether its author may be answered.
    """
    try:
        return _decide_parts(rules, facts, parts)
    except Exception as bug:  # noqa: BLE001 -- likewise: the person gets tickets with the defaults
        plain = _unanswered(_decide_parts(replace(rules, rules={}), facts, parts, TAG_FAILED))
        return replace(plain, trace=(_failed(bug), *plain.trace))


def _decide_parts(rules: RuleSet, facts: Facts, parts: tuple[Part, ...], *tags: str) -> Decision:
    seen = {name: value for name, value in facts.values if not name.startswith("ticket.")}
    evaluation = Evaluation(rules, Seen(seen, rules.calendars), on_reply=False)
    common = (*tags, *rules.tags)
    evaluation.tag(*common)
    route(evaluation)
    evaluation.answer("split", CUT, BY_HAND)
    effects = cut_up(evaluation, parts, Opening(BY_HAND, common))
    return _decision(evaluation, with_one_answer(evaluation, effects, refuses=False))


def _by_defaults(rules: RuleSet, facts: Facts, failed: Step) -> Decision:
    """Return the decision of the defaults and the guards; where those fail too nothing is answered."""
    plain = replace(rules, rules={GUARDS.name: rules.rules.get(GUARDS.name, ())})
    try:
        decision = _decide(plain, facts, TAG_FAILED)
    except Exception as bug:  # noqa: BLE001 -- likewise, and an answer that nothing guards may be one of a loop
        bare = _unanswered(_decide(replace(plain, rules={}), facts, TAG_FAILED))
        decision = replace(bare, trace=(_failed(bug), *bare.trace))
    return replace(decision, trace=(failed, *decision.trace))


def _unanswered(decision: Decision) -> Decision:
    """Return a decision that was made without the guards: nothing is answered."""
    silent = StaySilent(TAG_FAILED, "the guards could not be asked")
    effects = tuple(silent if isinstance(one, Acknowledge | Inform) else one for one in decision.effects)
    return replace(decision, effects=effects)


def _failed(bug: Exception) -> Step:
    return Step("rules", matched=False, evidence="", error=error_words(bug))


def _decide(rules: RuleSet, facts: Facts, *tags: str) -> Decision:
    seen = Seen(dict(facts.values), rules.calendars)
    evaluation = Evaluation(rules, seen, on_reply=facts.get("ticket.found") is True)
    evaluation.tag(*tags)
    bounce = evaluation.first((BOUNCE,))
    place = evaluation.first(PLACES)
    if place is None:
        raise TypeError("one of the places holds for every mail")
    effects = [*([MarkBounce(BOUNCE.id)] if bounce else []), *_PLACED[place.outcome](evaluation, place)]
    evaluation.answer("tags", tuple(evaluation.tags), "")
    evaluation.answer("told", tuple(dict.fromkeys(one.template for one in evaluation.told)), "")
    return _decision(evaluation, effects)


def _decision(evaluation: Evaluation, effects: list[Effect]) -> Decision:
    steps, answers = tuple(evaluation.steps), tuple(evaluation.answers)
    return Decision(tuple(effects), steps, evaluation.rules.revision, answers, tzdata_version())


# --- machines ------------------------------------------------------------------------------------------------------


def _record(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    notices = [NotifyAgents(NOTIFY_BOUNCE.id, ())] if evaluation.first((NOTIFY_BOUNCE,)) else []
    return [PostMessage(place.id), StaySilent(place.id, said(evaluation, "mail.no_answer")), *notices]


def _ignore(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    kind, proof = said(evaluation, "mail.kind"), said(evaluation, "mail.kind_reason")
    return [IgnoreMail(place.id, f"{BECAUSE[place.id]}: {kind}, {proof}")]


def _alert(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    """Return the effects of a machine's mail that nobody asked for: a ticket, and never an answer."""
    evaluation.tag(TAG_MACHINE, *evaluation.rules.tags)
    route(evaluation)
    effects = opened(evaluation, place.id)
    if isinstance(effects[0], IgnoreMail):
        return effects
    silent = StaySilent(place.id, said(evaluation, "mail.no_answer"))
    return [*effects, silent, NotifyAgents(place.id, roles(evaluation))]


# --- mails that open a ticket ----------------------------------------------------------------------------------------


def _new(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    return _opening(evaluation, place.id)


def _opening(evaluation: Evaluation, rule: str, follows: int = 0) -> list[Effect]:
    """Return the ticket of a mail with its answer and its notice, or the tickets that it is cut into."""
    evaluation.tag(*evaluation.rules.tags)
    before = tuple(evaluation.tags)
    route(evaluation)
    routed = {tag for tag in evaluation.tags if tag not in {*before, TAG_ERROR, TAG_LIMIT}}
    parts = () if evaluation.answered("ignore") else parts_to_cut(evaluation)
    if parts:
        tags = tuple(tag for tag in evaluation.tags if tag not in routed)
        return several(evaluation, parts, Opening(rule, tags, follows))
    effects = opened(evaluation, rule, follows)
    if isinstance(effects[0], IgnoreMail):
        return effects
    return [*with_answer(evaluation, effects), NotifyAgents(NOTIFY_NEW.id, roles(evaluation))]


# --- replies ---------------------------------------------------------------------------------------------------------


def _post(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    return [PostMessage(place.id), *told(evaluation)]


def _join(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    """Return that the tickets of a mail become one again, with what its author and agents are told.

    Lifecycle counts as in any reply, but a ticket that is closed for too long is opened: a new one could not be joined.
    """
    then = live(evaluation)
    if then == NEW_TICKET:
        evaluation.told.clear()
        then = REOPEN
    evaluation.tell(TOLD_JOINED, place)
    answer = silence(evaluation) or Inform(place.id, tuple(evaluation.told))
    joined = JoinParts(place.id, full(evaluation))
    return [joined, PostMessage(place.id), *new_status(evaluation, then), answer, *told(evaluation)]


def _reply(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    """Return what a customer's words on a ticket change."""
    then = live(evaluation)
    if then == NEW_TICKET:
        return _follow_up(evaluation)
    parts = parts_to_cut(evaluation)
    if parts:
        return several_of_reply(evaluation, parts, place.id)
    changes = changed(evaluation, then)
    informed = (
        [silence(evaluation) or Inform(evaluation.told[0].rule, tuple(evaluation.told))] if evaluation.told else []
    )
    return [PostMessage(place.id), *changes, *tagged(evaluation, place.id), *informed, *told(evaluation)]


def _follow_up(evaluation: Evaluation) -> list[Effect]:
    """Return a new ticket that goes on from one that is closed for too long."""
    number = evaluation.seen.facts.get("ticket.number")
    for name in _OF_TICKET:
        evaluation.seen.forget(name)
    evaluation.on_reply = False
    return _opening(evaluation, evaluation.decided_by("then"), number if isinstance(number, int) else 0)


_PLACED: dict[Place, Callable[[Evaluation, Rule[Place]], list[Effect]]] = {
    Place.RECORD: _record,
    Place.IGNORE: _ignore,
    Place.ALERT: _alert,
    Place.POST: _post,
    Place.JOIN: _join,
    Place.REPLY: _reply,
    Place.NEW: _new,
}
