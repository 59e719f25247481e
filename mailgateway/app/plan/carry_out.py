"""Every effect with what carries it out, and from the effects of a mail its outcome."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import assert_never

from mailgateway.app.assess import Assessment, Prepared
from mailgateway.app.plan.answers import acknowledge, inform, refuse
from mailgateway.app.plan.bounces import mark_bounce
from mailgateway.app.plan.changes import Case, Changes, together
from mailgateway.app.plan.cutting import cases, cut_mail
from mailgateway.app.plan.joins import join_parts
from mailgateway.app.plan.new_ticket import new_tickets
from mailgateway.app.plan.notices import notify, told_agents
from mailgateway.app.plan.on_ticket import (
    add_tags,
    change_priority,
    change_status,
    miss_quota,
    open_ticket,
    post_message,
    take_quota,
)
from mailgateway.app.snapshot import Snapshot
from mailgateway.model.decision import Outcome, ReservedIds
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
)
from mailgateway.model.ledger import MailState
from mailgateway.model.names import Learnt
from mailgateway.model.ticket import EventKind
from mailgateway.triage.learn import learnt

_Mail = Acknowledge | Inform | Refuse | NotifyAgents
_OnTicket = OpenTicket | PostMessage | ChangeStatus | ChangePriority | AddTags | TakeQuota | MissQuota
_OfParts = CutMail | JoinParts


def needed_ids(assessment: Assessment, snapshot: Snapshot) -> tuple[int, int]:
    """Return how many ticket numbers and at most how many outbox ids `plan` will use."""
    if assessment.prepared.duplicate_of is not None:
        return 0, 0
    effects = assessment.decision.effects
    tickets = sum(isinstance(effect, OpenTicket) for effect in effects)
    return tickets, sum(_mails_of(effect, snapshot) for effect in effects)


def plan(assessment: Assessment, ids: ReservedIds, snapshot: Snapshot, now: datetime) -> Outcome:
    """Return everything a mail changes.

    Args:
        assessment: What was decided, and why.
        ids: As many as `needed_ids` says.
        snapshot: What admins wrote; the templates come from here.
        now: Aware, UTC.
    """
    if assessment.prepared.duplicate_of is not None:
        return _duplicate(assessment, now)
    of_effects = cases(assessment, new_tickets(assessment, ids.tickets), snapshot, now)
    changes = together(_all_changes(of_effects, ids.outbox))
    reading = assessment.prepared.reading
    ignored = next((effect for effect in assessment.decision.effects if isinstance(effect, IgnoreMail)), None)
    return Outcome(
        mail=assessment.prepared.mail.id,
        state=MailState.IGNORED if ignored else MailState.PROCESSED,
        reason=ignored.because if ignored else "",
        duplicate_of=None,
        at=now,
        message=reading.message,
        classification=reading.classification,
        facts=assessment.facts,
        decision=assessment.decision,
        tickets=changes.tickets,
        posts=changes.posts,
        status_changes=changes.status_changes,
        bounces=changes.bounces,
        events=changes.events,
        outgoing=changes.outgoing,
        quota=changes.quota,
        priority_changes=changes.priority_changes,
        tags_added=changes.tags_added,
        learnt=_learnt(assessment.prepared),
        cut=next(iter(changes.cuts), None),
        joins=changes.joins,
    )


def _learnt(prepared: Prepared) -> Learnt:
    reading = prepared.reading
    return learnt(reading.classification.kind, prepared.threading, reading.keys, prepared.known, site=reading.site)


def _duplicate(assessment: Assessment, now: datetime) -> Outcome:
    return Outcome(
        mail=assessment.prepared.mail.id,
        state=MailState.DUPLICATE,
        reason=f"the same message as mail {assessment.prepared.duplicate_of}",
        duplicate_of=assessment.prepared.duplicate_of,
        at=now,
        message=None,
        classification=None,
        facts=None,
        decision=None,
    )


def _mails_of(effect: Effect, snapshot: Snapshot) -> int:
    if isinstance(effect, NotifyAgents):
        return len(told_agents(effect, snapshot))
    return int(isinstance(effect, Acknowledge | Inform | Refuse))


def _all_changes(effects: Iterable[tuple[Effect, Case]], outbox: Sequence[int]) -> Iterator[Changes]:
    for effect, case in effects:
        count = _mails_of(effect, case.snapshot)
        yield _changes(case, effect, outbox[:count])
        outbox = outbox[count:]


def _changes(case: Case, effect: Effect, outbox: Sequence[int]) -> Changes:
    match effect:
        case Acknowledge() | Inform() | Refuse() | NotifyAgents():
            return _mail(case, effect, outbox)
        case StaySilent() | IgnoreMail():
            kind = EventKind.IGNORED if isinstance(effect, IgnoreMail) else EventKind.NOT_ANSWERED
            return Changes(events=(case.event(kind, effect.rule, effect.because),))
        case MarkBounce():
            return mark_bounce(case, effect)
        case CutMail() | JoinParts():
            return _of_parts(case, effect)
        case _:
            return _on_ticket(case, effect)


def _of_parts(case: Case, effect: _OfParts) -> Changes:
    match effect:
        case CutMail():
            return cut_mail(case)
        case JoinParts():
            return join_parts(case, effect)
        case _:
            assert_never(effect)


def _mail(case: Case, effect: _Mail, outbox: Sequence[int]) -> Changes:
    match effect:
        case Acknowledge():
            return acknowledge(case, effect, outbox[0])
        case Inform():
            return inform(case, effect, outbox[0])
        case Refuse():
            return refuse(case, effect, outbox[0])
        case NotifyAgents():
            return notify(case, effect, outbox)
        case _:
            assert_never(effect)


def _on_ticket(case: Case, effect: _OnTicket) -> Changes:  # noqa: PLR0911 -- one line for each effect
    match effect:
        case OpenTicket():
            return open_ticket(case, effect)
        case PostMessage():
            return post_message(case, effect)
        case ChangeStatus():
            return change_status(case, effect)
        case ChangePriority():
            return change_priority(case, effect)
        case AddTags():
            return add_tags(case, effect)
        case TakeQuota():
            return take_quota(case, effect)
        case MissQuota():
            return miss_quota(case, effect)
        case _:
            assert_never(effect)
