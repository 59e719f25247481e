"""Quotas counted anew, decision by decision: what one set of rules would have let through in the order of arrival.

Counts live in memory for as long as decisions are replayed; nothing is read from or written to the ledger of quotas.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from mailgateway.model.calendar import Zone
from mailgateway.model.decision import Decision, Fact, Facts
from mailgateway.model.effects import ChangePriority, OpenTicket, TakeQuota
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.rules.decide import decide
from mailgateway.rules.kinds.quota import QUOTA, quota_keys, usage_facts
from mailgateway.rules.times import period_first_day
from mailgateway.rules.values import RuleSet

_USAGE = "usage."
_LAST_ZONE = Zone("-12:00")
_FIRST_MIDNIGHT = timedelta(hours=14)
"""A day begins so long before it does in UTC where it begins first."""


@dataclass(frozen=True, slots=True)
class HandAct:
    """Something a person did to a ticket that gives places of quotas back.

    Attributes:
        at: Aware, UTC.
        ticket: The ticket ID.
        key: The count whose place is given back, None for every one the ticket has.
        below: Only places that were taken with a priority more urgent than this; 0 for all.
    """

    at: datetime
    ticket: str
    key: QuotaKey | None = None
    below: int = 0


class Recount:
    """The quotas of one set of rules, counted while decisions are made again with it.

    Args:
        rules: The rules that decide.
    """

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._places: dict[QuotaKey, dict[str, int]] = {}
        """The tickets of each count with the priority that took the place, oldest first."""
        self._keys: dict[str, list[QuotaKey]] = {}

    def decide(self, facts: Facts, opened: str) -> Decision:
        """Return what the rules say of recorded facts with the usage counted here, and count the places it takes.

        Args:
            facts: As they were recorded; of their own usage only what was granted by hand counts.
            opened: What the ticket is called that the mail opens where it opens one.
        """
        seen = _without_usage(facts)
        usages = tuple(_with_granted(self.usage(key), facts) for key in quota_keys(self.rules, dict(seen)))
        decision = decide(self.rules, Facts((*seen, *usage_facts(usages))))
        self._count(decision, facts, opened)
        return decision

    def count_only(self, facts: Facts, opened: str) -> None:
        """Count the places that a decision takes; one that no quota looks at is not made."""
        if quota_keys(self.rules, dict(_without_usage(facts))):
            self.decide(facts, opened)

    def usage(self, key: QuotaKey) -> Usage:
        """Return how much of a quota is used."""
        tickets = tuple(self._places.get(key, ()))
        return Usage(key, len(tickets), tickets)

    def take(self, key: QuotaKey, ticket: str, priority: int) -> None:
        """Let a ticket take a place of a quota; it has one at most."""
        places = self._places.setdefault(key, {})
        if ticket not in places:
            places[ticket] = priority
            self._keys.setdefault(ticket, []).append(key)

    def give_back(self, act: HandAct) -> None:
        """Let a ticket give back what a person's act gives back, where it has it here."""
        kept = []
        for key in self._keys.get(act.ticket, ()):
            priority = self._places[key][act.ticket]
            if (act.key is None or act.key == key) and (not act.below or priority < act.below):
                del self._places[key][act.ticket]
            else:
                kept.append(key)
        self._keys.pop(act.ticket, None)
        if kept:
            self._keys[act.ticket] = kept

    def _count(self, decision: Decision, facts: Facts, opened: str) -> None:
        taken = [effect for effect in decision.effects if isinstance(effect, TakeQuota) and not effect.granted]
        if not taken:
            return
        ticket, priority = _ticket(decision, facts, opened)
        for effect in taken:
            self.take(QuotaKey(effect.rule, effect.holder, effect.period), ticket, priority)


def _with_granted(usage: Usage, facts: Facts) -> Usage:
    """Return a count with the tickets that somebody had let through when the facts were recorded."""
    granted = facts.get(f"{_USAGE}{usage.key.quota}.granted")
    return replace(usage, granted=granted if isinstance(granted, tuple) else ())


def _without_usage(facts: Facts) -> tuple[tuple[str, Fact], ...]:
    return tuple(fact for fact in facts.values if not fact[0].startswith(_USAGE))


def _ticket(decision: Decision, facts: Facts, opened: str) -> tuple[str, int]:
    """Return which ticket takes the places, and the priority it has then."""
    for effect in decision.effects:
        if isinstance(effect, OpenTicket):
            return opened, effect.priority
    changed = next((effect.priority for effect in decision.effects if isinstance(effect, ChangePriority)), None)
    before = facts.get("ticket.priority")
    return str(facts.get("ticket.ref") or ""), changed or (before if isinstance(before, int) else 0)


def counted_from(since: datetime, *rule_sets: RuleSet) -> datetime:
    """Return from when on quotas have to be counted, so that those of a window that begins then are whole.

    Wherever the customers are: the first instant at which the oldest period that touches the window can have begun.
    The beginning of the window itself where there is no quota.

    Args:
        since: The beginning of the window, aware.
        rule_sets: The rules whose quotas are counted.
    """
    periods = {QUOTA.own(rule).outcome.per for rules in rule_sets for rule in rules.rules.get(QUOTA.name, ())}
    first_days = (period_first_day(per, since, _LAST_ZONE) for per in periods)
    return min((datetime.combine(day, time(), UTC) - _FIRST_MIDNIGHT for day in first_days), default=since)
