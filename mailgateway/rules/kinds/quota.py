"""Quotas: how many tickets of a sort a customer or contact may have in a period of the calendar."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from mailgateway.model.calendar import Period, Zone, is_zone
from mailgateway.model.decision import Fact
from mailgateway.model.effects import MissQuota, TakeQuota, Told
from mailgateway.model.people import Authentication
from mailgateway.model.quota import FullQuota, QuotaKey, Usage
from mailgateway.rules.evaluation import Evaluation
from mailgateway.rules.faults import At
from mailgateway.rules.kind import Kind, Outcomes
from mailgateway.rules.kinds.priority import check_priority, check_template, priority_values, set_priority
from mailgateway.rules.seen import Seen
from mailgateway.rules.tables import PriorityNumber, RuleFile, RuleTable, Table, Tag, TemplateName
from mailgateway.rules.terms import Stage
from mailgateway.rules.times import next_period_first_day, period_first_day
from mailgateway.rules.values import Rule, RuleSet

_LATE_FACTS = ("ticket.", "usage.")
"""Facts that the decision itself answers, or forgets where the mail becomes a new ticket that follows a closed one."""
PRIORITY_FACTS = frozenset({"ticket.priority", "ticket.is_priority"})

Per = Literal["calendar day", "calendar week", "calendar month", "calendar quarter", "calendar year"]


class UsedUpPriority(Table):
    """What becomes of the priority when nothing is left."""

    cap_at: PriorityNumber | None = None
    """The ticket is not more urgent than this."""


class UsedUp(Table):
    """What happens instead when nothing is left."""

    priority: UsedUpPriority = UsedUpPriority()
    """What becomes of the priority."""
    tell: TemplateName | None = None
    """The template that tells the customer; one of the templates of site.toml."""
    tag: Tag | None = None
    """A word put on the ticket."""


class QuotaRule(RuleTable):
    """One quota."""

    allow: int = Field(ge=0, le=1_000_000)
    """How many tickets of a period are free."""
    per: Per
    """The period, in the zone of the customer, else of site.toml."""
    each: Literal["customer", "contact"] = "customer"
    """Who has so many: every customer, or every contact."""
    used_up: UsedUp = UsedUp()
    """What happens instead."""


class QuotaFile(RuleFile):
    """A file of kind quota."""

    kind: Literal["quota"]
    """What the file holds."""
    quota: tuple[QuotaRule, ...] = ()
    """The quotas; every one that matches counts."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What a quota asks for; 0 and "" for nothing."""

    allow: int
    per: Period
    each_contact: bool
    cap_at: int = 0
    tell: str = ""
    tag: str = ""


def _outcome(table: RuleTable, at: At, outcomes: Outcomes) -> Quota:
    if not isinstance(table, QuotaRule):
        raise TypeError("a quota")
    check_template(table.used_up.tell, at / "used_up" / "tell", outcomes)
    cap = table.used_up.priority.cap_at
    check_priority(cap, at / "used_up" / "priority" / "cap_at", outcomes)
    return Quota(
        allow=table.allow,
        per=Period(table.per),
        each_contact=table.each == "contact",
        cap_at=cap or 0,
        tell=table.used_up.tell or "",
        tag=table.used_up.tag or "",
    )


QUOTA: Kind[Quota] = Kind(
    name="quota",
    meaning="How many tickets of a sort a customer or contact may have in a period, and what happens beyond.",
    file=QuotaFile,
    table="quota",
    stage=Stage.PRIORITISED,
    outcome=_outcome,
    answers=("priority", "told", "tags", "used_up", "counted"),
    policy="Every matching quota counts; every one that is used up applies its cap.",
)


def quota_keys(rules: RuleSet, facts: Mapping[str, Fact]) -> tuple[QuotaKey, ...]:
    """Return the counts that may matter for a mail, to be locked and read before anything is decided.

    A quota whose conditions fail on what is known before is left out: most mails lock nothing.

    Args:
        rules: The rules.
        facts: What is to be seen of the mail.
    """
    seen = Seen(facts, rules.calendars)
    zone = _zone(facts, rules)
    return tuple(key for rule in _quotas(rules) if (key := _key(rule, seen, zone)))


def usage_facts(usages: Sequence[Usage]) -> tuple[tuple[str, Fact], ...]:
    """Return what was read of quotas as facts, stored with the decision as they were."""
    return tuple(
        fact
        for usage in usages
        for fact in (
            (f"usage.{usage.key.quota}", usage.used),
            (f"usage.{usage.key.quota}.tickets", usage.tickets),
            (f"usage.{usage.key.quota}.granted", usage.granted),
            (f"usage.{usage.key.quota}.period", usage.key.period),
            (f"usage.{usage.key.quota}.holder", usage.key.holder),
        )
    )


def _quotas(rules: RuleSet) -> Iterator[Rule[Quota]]:
    return (QUOTA.own(rule) for rule in rules.rules.get(QUOTA.name, ()))


def _zone(facts: Mapping[str, Fact], rules: RuleSet) -> Zone:
    """Return the customer's zone; the site's where it has none, or one that is none."""
    name = str(facts.get("customer.time_zone") or rules.site.time_zone)
    return Zone(name if is_zone(name) else rules.site.time_zone)


def _key(rule: Rule[Quota], seen: Seen, zone: Zone) -> QuotaKey | None:
    holder = _contact(seen.facts) if rule.outcome.each_contact else seen.facts.get("customer.id")
    at = seen.time("arrived")
    if not holder or at is None or not _may_match(rule, seen):
        return None
    return QuotaKey(rule.id, str(holder), period_first_day(rule.outcome.per, at, zone).isoformat())


def _contact(facts: Mapping[str, Fact]) -> Fact:
    """Return whose the author's quota is; None where the address is forged or only typed: it may be anybody's."""
    is_anybodys = facts.get("sender.authentication") == Authentication.FAIL.value or facts.get("sender.typed") is True
    return None if is_anybodys else facts.get("sender.address")


def _may_match(rule: Rule[Quota], seen: Seen) -> bool:
    """Return whether a quota may match, as far as what is known before anything is decided goes."""
    early = (one for one in rule.conditions if not one.fact.startswith(_LATE_FACTS))
    try:
        return all(one.lets_through(one.tried(seen)) for one in early)
    except Exception:  # noqa: BLE001 -- where it cannot be told it is counted: the decision meets the error and notes it
        return True


TAKEN_BY_PART = "taken_by_part"
"""The end of the fact that says that another part of the same mail has taken a place."""


def count(evaluation: Evaluation, at_most: int | None = None) -> None:
    """Let the ticket take its places, or apply what happens instead where nothing is left.

    Of a reply a ticket counts where it becomes what the quota counts only now. A place in a quota that looks at the
    priority is not taken where another quota's cap took that priority away. A mail that cost the stages before too
    much is counted all the same: else it would cost no place.

    Args:
        evaluation: The decision so far.
        at_most: The priority that the ticket had before the mail: no cap makes it less urgent. None for a new one.
    """
    evaluation.begin_anew()
    before = evaluation.seen.facts.get("ticket.priority")
    matched = [rule for rule in evaluation.matching(QUOTA, on_reply=False) if not _has_place(evaluation, rule)]
    quiet = [rule for rule in matched if evaluation.seen.facts.get(f"usage.{rule.id}.{TAKEN_BY_PART}")]
    used_up = [rule for rule in matched if rule in quiet or _used(evaluation, rule) >= rule.outcome.allow]
    caps = [rule for rule in used_up if isinstance(before, int) and rule.outcome.cap_at > before]
    for rule in used_up:
        evaluation.tag("" if rule in quiet else rule.outcome.tag)
    if used_up:
        evaluation.answer("used_up", tuple(rule.id for rule in used_up), ", ".join(rule.id for rule in used_up))
    if caps and isinstance(before, int):
        _cap(evaluation, before, caps, at_most)
    _tell(evaluation, [rule for rule in used_up if rule not in quiet])
    for rule in matched:
        if rule not in used_up and not (caps and _looks_at_priority(rule)):
            _take(evaluation, rule)


def full(evaluation: Evaluation) -> tuple[FullQuota, ...]:
    """Return the quotas that were looked up and have no place left."""
    looked_up = (rule for rule in _quotas(evaluation.rules) if f"usage.{rule.id}" in evaluation.seen.facts)
    used_up = (rule for rule in looked_up if _used(evaluation, rule) >= rule.outcome.allow)
    return tuple(FullQuota(rule.id, rule.outcome.cap_at) for rule in used_up)


def _has_place(evaluation: Evaluation, rule: Rule[Quota]) -> bool:
    """Return whether the ticket was counted before, or somebody let it through."""
    facts = evaluation.seen.facts
    through = (facts.get(f"usage.{rule.id}.{name}") for name in ("tickets", "granted"))
    return any(isinstance(tickets, tuple) and facts.get("ticket.ref") in tickets for tickets in through)


def _used(evaluation: Evaluation, rule: Rule[Quota]) -> int:
    used = evaluation.seen.facts.get(f"usage.{rule.id}")
    return used if isinstance(used, int) else 0


def _looks_at_priority(rule: Rule[Quota]) -> bool:
    return any(condition.fact in PRIORITY_FACTS for condition in rule.conditions)


def _cap(evaluation: Evaluation, before: int, caps: list[Rule[Quota]], at_most: int | None) -> None:
    """Apply the least urgent cap, and note what the priority was without it, for a person who grants it."""
    cap = max(rule.outcome.cap_at for rule in caps)
    deciding = ", ".join(rule.id for rule in caps if rule.outcome.cap_at == cap)
    cap = cap if at_most is None else min(cap, at_most)
    evaluation.answers = [answer for answer in evaluation.answers if answer.name != "priority"]
    evaluation.answer("priority", cap, deciding)
    evaluation.answer("uncapped", before, deciding)
    set_priority(evaluation, cap)
    for rule in caps:
        holder, period = _place(evaluation, rule)
        if holder and period:
            evaluation.effects.append(MissQuota(rule.id, holder, period, before))


def _tell(evaluation: Evaluation, used_up: list[Rule[Quota]]) -> None:
    final = evaluation.seen.facts.get("ticket.priority")
    for rule in used_up:
        if rule.outcome.tell:
            values = _values(evaluation, rule, final if isinstance(final, int) else evaluation.rules.site.priority)
            evaluation.told.append(Told(rule.outcome.tell, rule.id, values))


def _values(evaluation: Evaluation, rule: Rule[Quota], final: int) -> tuple[tuple[str, str], ...]:
    facts, outcome = evaluation.seen.facts, rule.outcome
    tickets = facts.get(f"usage.{rule.id}.tickets")
    stated = facts.get("stated.priority")
    return (
        ("quota", rule.id),
        ("allow", str(outcome.allow)),
        ("per", outcome.per.value),
        ("used_by", ", ".join(tickets) if isinstance(tickets, tuple) else ""),
        ("next_on", _next_on(evaluation, rule)),
        ("why", rule.why),
        *priority_values(evaluation.rules.site, stated if isinstance(stated, int) else None, final),
    )


def _next_on(evaluation: Evaluation, rule: Rule[Quota]) -> str:
    """Return the first day of the next period, "" where the time of arrival is unknown or nothing is ever free."""
    at = evaluation.seen.time("arrived")
    if at is None or not rule.outcome.allow:
        return ""
    zone = _zone(evaluation.seen.facts, evaluation.rules)
    return next_period_first_day(rule.outcome.per, at, zone).isoformat()


def _take(evaluation: Evaluation, rule: Rule[Quota]) -> None:
    holder, period = _place(evaluation, rule)
    evaluation.answer("counted", rule.id, rule.id)
    if holder and period:
        evaluation.effects.append(TakeQuota(rule.id, holder, period))


def _place(evaluation: Evaluation, rule: Rule[Quota]) -> tuple[str, str]:
    """Return whose quota it is and the period, ("", "") where nothing was counted."""
    facts = evaluation.seen.facts
    holder, period = facts.get(f"usage.{rule.id}.holder"), facts.get(f"usage.{rule.id}.period")
    return (str(holder), str(period)) if holder and period else ("", "")
