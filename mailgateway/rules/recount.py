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
from mailgateway.rules.kinds.quota import QUOTA, usage_facts
from mailgateway.rules.parts import quota_keys_of_mail
from mailgateway.rules.times import period_first_day
from mailgateway.rules.values import RuleSet

_USAGE = "usage."
_LAST_ZONE = Zone("-12:00")
_FIRST_MIDNIGHT = timedelta(hours=14)
"""A day begins so long before it does in UTC where it begins first."""


@dataclass(frozen=True, slots=True)
class HandAct:
    """Something a person did to a ticket that gives places of quotas back, or takes one.

    Attributes:
        at: Aware, UTC.
        ticket: The ticket ID.
        key: The count whose place is given back, or taken; None for every one the ticket has.
        below: Only places that were taken with a priority more urgent than this; 0 for all.
        takes: The priority with which the place of `key` is taken, by a mail that a person cut or made one ticket
            again; 0 where it is given back.
    """

    at: datetime
    ticket: str
    key: QuotaKey | None = None
    below: int = 0
    takes: int = 0


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

    def decide(self, facts: Facts, opened: tuple[str, ...]) -> Decision:
        """Return what the rules say of recorded facts with the usage counted here, and count the places it takes.

        Args:
            facts: As they were recorded; of their own usage only what was granted by hand counts.
            opened: What the ticket is called that the mail opens where it opens one; then those of its further parts,
                as far as they have names.
        """
        seen = _without_usage(facts)
        usages = tuple(_with_granted(self.usage(key), facts) for key in quota_keys_of_mail(self.rules, dict(seen)))
        decision = decide(self.rules, Facts((*seen, *usage_facts(usages))))
        self._count(decision, facts, opened)
        return decision

    def count_only(self, facts: Facts, opened: tuple[str, ...]) -> None:
        """Count the places that a decision takes; one that no quota looks at is not made."""
        if quota_keys_of_mail(self.rules, dict(_without_usage(facts))):
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

    def follow(self, act: HandAct) -> None:
        """Let a ticket give back what a person's act gives back, where it has it here, or take what it takes."""
        if act.takes and act.key:
            self.take(act.key, act.ticket, act.takes)
        else:
            self._give_back(act)

    def _give_back(self, act: HandAct) -> None:
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

    def _count(self, decision: Decision, facts: Facts, opened: tuple[str, ...]) -> None:
        """Count the places that the tickets of a decision take: what follows a ticket is about it."""
        ticket, priority = _ticket_replied_to(decision, facts)
        for effect in decision.effects:
            if isinstance(effect, OpenTicket):
                ticket, priority = _name(effect.part, opened), effect.priority
            elif isinstance(effect, TakeQuota) and not effect.granted:
                self.take(effect.key, ticket, priority)


def _with_granted(usage: Usage, facts: Facts) -> Usage:
    """Return a count with the tickets that somebody had let through when the facts were recorded."""
    granted = facts.get(f"{_USAGE}{usage.key.quota}.granted")
    return replace(usage, granted=granted if isinstance(granted, tuple) else ())


def _without_usage(facts: Facts) -> tuple[tuple[str, Fact], ...]:
    return tuple(fact for fact in facts.values if not fact[0].startswith(_USAGE))


def _ticket_replied_to(decision: Decision, facts: Facts) -> tuple[str, int]:
    """Return the ticket that a mail is put on, "" for none, and the priority it has then."""
    changed = next((effect.priority for effect in decision.effects if isinstance(effect, ChangePriority)), None)
    before = facts.get("ticket.priority")
    return str(facts.get("ticket.ref") or ""), changed or (before if isinstance(before, int) else 0)


def _name(part: int, opened: tuple[str, ...]) -> str:
    """Return what the ticket of a part is called; one that the mail did not become then is called by its number."""
    place = max(part, 1) - 1
    return opened[place] if place < len(opened) else f"{opened[0]}, part {part}"


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
