"""Facts in, effects out: the one entry to the decision. The pipeline is here, and not in the files.

For a mail that opens a ticket: its place, routing, priority, quota, guards. For a reply: its place, lifecycle,
priority, quota, guards. A stage sees the facts and the answers of earlier stages only, so it always ends.
"""

from dataclasses import replace

from mailgateway.model.calendar import tzdata_version
from mailgateway.model.decision import Decision, Facts, Step
from mailgateway.model.effects import (
    Acknowledge,
    AddTags,
    ChangePriority,
    ChangeStatus,
    Effect,
    IgnoreMail,
    Inform,
    MarkBounce,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    Refuse,
    StaySilent,
)
from mailgateway.model.ticket import Status
from mailgateway.rules.evaluation import TAG_CUT, Evaluation, error_words
from mailgateway.rules.kinds.guards import GUARDS, guard
from mailgateway.rules.kinds.lifecycle import CLOSE, NEW_TICKET, REOPEN, live
from mailgateway.rules.kinds.priority import prioritise
from mailgateway.rules.kinds.quota import count
from mailgateway.rules.kinds.routing import route
from mailgateway.rules.kinds.split import CUT, how_to_split
from mailgateway.rules.parts import evaluations, parts_of
from mailgateway.rules.program import (
    BECAUSE,
    BOUNCE,
    NOTIFY_BOUNCE,
    NOTIFY_NEW,
    NOTIFY_REPLY,
    PLACES,
    SILENCES,
    Place,
)
from mailgateway.rules.seen import Seen
from mailgateway.rules.values import Rule, RuleSet

TAG_FAILED = "rules-failed"
TAG_MACHINE = "machine"
_OF_TICKET = (
    "ticket.number", "ticket.ref", "ticket.status", "ticket.closed_days", "ticket.queue", "ticket.kind",
    "ticket.priority", "ticket.is_priority", "ticket.priority_by_hand", "ticket.tags",
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


def _by_defaults(rules: RuleSet, facts: Facts, failed: Step) -> Decision:
    """Return the decision of the defaults and the guards; where those fail too nothing is answered."""
    plain = replace(rules, rules={GUARDS.name: rules.rules.get(GUARDS.name, ())})
    try:
        decision = _decide(plain, facts, TAG_FAILED)
    except Exception as bug:  # noqa: BLE001 -- likewise, and an answer that nothing guards may be one of a loop
        bare = _decide(replace(plain, rules={}), facts, TAG_FAILED)
        silent = StaySilent(TAG_FAILED, "the guards could not be asked")
        effects = tuple(silent if isinstance(one, Acknowledge | Inform) else one for one in bare.effects)
        decision = replace(bare, effects=effects, trace=(_failed(bug), *bare.trace))
    return replace(decision, trace=(failed, *decision.trace))


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
    evaluation.answer("told", tuple(told.template for told in evaluation.told), "")
    return Decision(
        tuple(effects), tuple(evaluation.steps), rules.revision, tuple(evaluation.answers), tzdata_version()
    )


# --- machines ------------------------------------------------------------------------------------------------------


def _record(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    told = [NotifyAgents(NOTIFY_BOUNCE.id, ())] if evaluation.first((NOTIFY_BOUNCE,)) else []
    return [PostMessage(place.id), StaySilent(place.id, _fact(evaluation, "mail.no_answer")), *told]


def _ignore(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    kind, proof = _fact(evaluation, "mail.kind"), _fact(evaluation, "mail.kind_reason")
    return [IgnoreMail(place.id, f"{BECAUSE[place.id]}: {kind}, {proof}")]


def _alert(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    """Return the effects of a machine's mail that nobody asked for: a ticket, and never an answer."""
    evaluation.tag(TAG_MACHINE, *evaluation.rules.tags)
    route(evaluation)
    opened = _opened(evaluation, place)
    if isinstance(opened[0], IgnoreMail):
        return opened
    silent = StaySilent(place.id, _fact(evaluation, "mail.no_answer"))
    return [*opened, silent, NotifyAgents(place.id, _roles(evaluation))]


# --- mails that open a ticket ----------------------------------------------------------------------------------------


def _new(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    evaluation.tag(*evaluation.rules.tags)
    route(evaluation)
    if how_to_split(evaluation) == CUT and not evaluation.answered("ignore"):
        return _several(evaluation, place)
    opened = _opened(evaluation, place)
    if isinstance(opened[0], IgnoreMail):
        return opened
    return [*_with_answer(evaluation, opened), NotifyAgents(NOTIFY_NEW.id, _roles(evaluation))]


def _several(evaluation: Evaluation, place: Rule[Place], follows: int = 0) -> list[Effect]:
    """Return the tickets that a mail is cut into, each with its notice, and one answer for all of them.

    What the whole mail would have been is among the answers, so that the cut can be taken back.
    """
    _note_whole(evaluation)
    effects: list[Effect] = []
    parts = parts_of(evaluation.seen.facts)
    for part, own in evaluations(evaluation, parts):
        own.tag(*evaluation.tags)
        route(own)
        # A part of a mail is never ignored: the whole would have been.
        own.answers = [answer for answer in own.answers if answer.name != "ignore"]
        opened = _opened(own, place, follows)
        effects += [replace(one, part=part.number) if isinstance(one, OpenTicket) else one for one in opened]
        effects.append(NotifyAgents(NOTIFY_NEW.id, _roles(own)))
    evaluation.answer("tickets", len(parts), evaluation.text_by("split"))
    held = next((one for one in evaluation.answers if one.name == "hold"), None)
    silent = _silence(evaluation) or (StaySilent(held.rule, f"held: {held.value}") if held else None)
    return [*effects, silent or Acknowledge("acknowledge", tuple(evaluation.told))]


def _note_whole(evaluation: Evaluation) -> None:
    """Answer what the mail would have been as one ticket: `whole_queue`, `whole_kind`, `whole_priority`."""
    whole = Evaluation(evaluation.rules, Seen(evaluation.seen.facts, evaluation.seen.calendars), on_reply=False)
    prioritise(whole)
    count(whole)
    evaluation.answer("whole_queue", evaluation.text("queue"), "")
    evaluation.answer("whole_kind", evaluation.text("kind"), "")
    evaluation.answer("whole_priority", whole.priority(), "")


def _with_answer(evaluation: Evaluation, opened: list[Effect]) -> list[Effect]:
    """Return the ticket and what its author gets. A guard may put a word on the ticket: it is there from the start."""
    answered = _answered(evaluation)
    tags = _tags(evaluation)
    return [*(replace(one, tags=tags) if isinstance(one, OpenTicket) else one for one in opened), answered]


def _tags(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the words to put on the ticket, one of them where a text was too long to be searched to its end."""
    if evaluation.seen.is_cut:
        evaluation.tag(TAG_CUT)
    return tuple(evaluation.tags)


def _opened(evaluation: Evaluation, place: Rule[Place], follows: int = 0) -> list[Effect]:
    """Return the ticket that priority and quota make of a routed mail, or that routing has it ignored."""
    ignored = evaluation.answered("ignore")
    if ignored:
        return [IgnoreMail(ignored.rule, str(ignored.value))]
    prioritise(evaluation)
    count(evaluation)
    ticket = OpenTicket(
        rule=place.id,
        queue=evaluation.text("queue"),
        kind=evaluation.text("kind"),
        priority=evaluation.priority(),
        tags=_tags(evaluation),
        assignee=evaluation.text("assignee"),
        status=_status(evaluation),
        follows=follows,
    )
    return [ticket, *evaluation.effects]


def _status(evaluation: Evaluation) -> Status:
    if evaluation.answered("hold"):
        return Status.HELD
    return Status.REFUSED if evaluation.answered("refuse") else Status.NEW


def _answered(evaluation: Evaluation) -> Effect:
    """Return what the author of a new ticket gets: an acknowledgement, a refusal, or nothing."""
    silent = _silence(evaluation)
    held, refused = evaluation.answered("hold"), evaluation.answered("refuse")
    if silent:
        return silent
    if held:
        return StaySilent(held.rule, f"held: {held.value}")
    if refused:
        return Refuse(refused.rule, str(refused.value))
    return Acknowledge("acknowledge", tuple(evaluation.told))


def _silence(evaluation: Evaluation) -> StaySilent | None:
    """Return why nothing is answered, None where something may be."""
    for rule, because in SILENCES:
        if evaluation.first((rule,)):
            return StaySilent(rule.id, because or _fact(evaluation, "mail.no_answer"))
    rule_id, because = guard(evaluation)
    return StaySilent(rule_id, because) if rule_id else None


# --- replies ---------------------------------------------------------------------------------------------------------


def _post(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    told = [NotifyAgents(NOTIFY_REPLY.id, ())] if evaluation.first((NOTIFY_REPLY,)) else []
    return [PostMessage(place.id), *told]


def _reply(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    """Return what a customer's words on a ticket change."""
    then = live(evaluation)
    if then == NEW_TICKET:
        return _follow_up(evaluation, place)
    by = evaluation.decided_by("then")
    statuses: dict[str, Status] = {REOPEN: Status.OPEN, CLOSE: Status.CLOSED}
    changed: list[Effect] = [ChangeStatus(by, statuses[then])] if then in statuses else []
    changed += _reprioritised(evaluation)
    informed = (
        [_silence(evaluation) or Inform(evaluation.told[0].rule, tuple(evaluation.told))] if evaluation.told else []
    )
    tags = _tags(evaluation)
    if tags:
        changed.append(AddTags(place.id, tags))
    told = [NotifyAgents(NOTIFY_REPLY.id, ())] if evaluation.first((NOTIFY_REPLY,)) else []
    return [PostMessage(place.id), *changed, *informed, *told]


def _reprioritised(evaluation: Evaluation) -> list[Effect]:
    """Return what a reply changes of the priority: it raises it at most, and a quota may keep it where it is."""
    before = evaluation.seen.facts.get("ticket.priority")
    if not isinstance(before, int) or evaluation.seen.facts.get("ticket.priority_by_hand"):
        return []  # a person wins
    prioritise(evaluation)
    if evaluation.priority() < before:
        count(evaluation, at_most=before)
    after = min(before, evaluation.priority())
    by = evaluation.decided_by("priority")
    changed: list[Effect] = [ChangePriority(by, after)] if after < before else []
    return [*changed, *evaluation.effects]


def _follow_up(evaluation: Evaluation, place: Rule[Place]) -> list[Effect]:
    """Return a new ticket that goes on from one that is closed for too long."""
    number = evaluation.seen.facts.get("ticket.number")
    by = evaluation.decided_by("then")
    for name in _OF_TICKET:
        evaluation.seen.forget(name)
    evaluation.on_reply = False
    evaluation.tag(*evaluation.rules.tags)
    route(evaluation)
    opened = _opened(evaluation, replace(place, id=by), number if isinstance(number, int) else 0)
    if isinstance(opened[0], IgnoreMail):
        return opened
    return [*_with_answer(evaluation, opened), NotifyAgents(NOTIFY_NEW.id, _roles(evaluation))]


def _roles(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the roles that are told: routing's, else () for the configured ones."""
    role = evaluation.text("role")
    return (role,) if role else ()


def _fact(evaluation: Evaluation, name: str) -> str:
    return str(evaluation.seen.facts.get(name) or "")


_PLACED = {
    Place.RECORD: _record,
    Place.IGNORE: _ignore,
    Place.ALERT: _alert,
    Place.POST: _post,
    Place.REPLY: _reply,
    Place.NEW: _new,
}
