"""What a customer's words on a ticket change of it: its status, its priority, its tags."""

from collections.abc import Mapping
from types import MappingProxyType

from mailgateway.model.effects import AddTags, ChangePriority, ChangeStatus, Effect, NotifyAgents
from mailgateway.model.ticket import Status
from mailgateway.rules.evaluation import Evaluation
from mailgateway.rules.kinds.lifecycle import CLOSE, REOPEN
from mailgateway.rules.kinds.priority import prioritise
from mailgateway.rules.kinds.quota import count
from mailgateway.rules.opening import tags
from mailgateway.rules.program import NOTIFY_REPLY

_STATUSES: Mapping[str, Status] = MappingProxyType({REOPEN: Status.OPEN, CLOSE: Status.CLOSED})


def changed(evaluation: Evaluation, then: str) -> list[Effect]:
    """Return the new status and priority, and what the ticket takes of quotas."""
    return [*new_status(evaluation, then), *_reprioritised(evaluation)]


def new_status(evaluation: Evaluation, then: str) -> list[Effect]:
    """Return the status that lifecycle gives the ticket, nothing where it leaves it."""
    return [ChangeStatus(evaluation.decided_by("then"), _STATUSES[then])] if then in _STATUSES else []


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
    raised: list[Effect] = [ChangePriority(by, after)] if after < before else []
    return [*raised, *evaluation.effects]


def tagged(evaluation: Evaluation, rule: str) -> list[Effect]:
    """Return the words that are put on the ticket, in one effect; none where there are none."""
    words = tags(evaluation)
    return [AddTags(rule, words)] if words else []


def told(evaluation: Evaluation) -> list[Effect]:
    """Return the notice that agents get of the reply; none where they get none."""
    return [NotifyAgents(NOTIFY_REPLY.id, ())] if evaluation.first((NOTIFY_REPLY,)) else []
