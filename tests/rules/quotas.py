"""Quotas as the text of files, and decisions with what is used of them: what tests of quotas begin with."""

from mailgateway.model.decision import Decision, Fact, Facts
from mailgateway.model.quota import Usage
from mailgateway.rules.decide import decide
from mailgateway.rules.kinds.quota import quota_keys, usage_facts
from mailgateway.rules.values import RuleSet
from tests.rules.rulesets import seen

URGENT = "when.ticket.is_priority = true"


def quota(*lines: str, name: str = "q", allow: int = 2, per: str = "month") -> str:
    return "\n".join(("[[quota]]", f'id = "{name}"', f"allow = {allow}", f'per = "calendar {per}"', *lines, ""))


def capped(at: int) -> str:
    return f"used_up.priority.cap_at = {at}"


def counting(rules: RuleSet, facts: dict[str, Fact] | None = None, **used: tuple[str, ...]) -> Decision:
    """Return the decision on a mail as the daemon makes it: places are looked up first; `used` names their tickets."""
    plain = seen(facts)
    usages = [
        Usage(key, len(tickets), tickets)
        for key in quota_keys(rules, dict(plain.values))
        for tickets in [used.get(key.quota, ())]
    ]
    return decide(rules, Facts((*plain.values, *usage_facts(usages))))


def keys(rules: RuleSet, facts: dict[str, Fact] | None = None) -> list[tuple[str, str, str]]:
    return [(key.quota, key.holder, key.period) for key in quota_keys(rules, dict(seen(facts).values))]
