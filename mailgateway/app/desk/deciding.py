"""What the rules of today make of the parts that a person cuts a mail into. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from mailgateway.app.desk.cutting import Decided
from mailgateway.app.desk.sections import Section
from mailgateway.diagnostics import Position
from mailgateway.errors import PermanentError
from mailgateway.model.decision import Fact, Facts
from mailgateway.model.effects import CutMail, Effect, MissQuota, OpenTicket, TakeQuota
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.rules.decide import decide
from mailgateway.rules.kinds.quota import quota_keys, usage_facts
from mailgateway.rules.kinds.split import CUT, MAX_PARTS, SPLIT, Split
from mailgateway.rules.parts import parts_of
from mailgateway.rules.values import Rule, RuleSet

_OF_BEFORE = ("ticket.", "usage.", "list.")
_BY_HAND: Rule[object] = Rule("by-hand", SPLIT.name, Split(CUT), (), Position("", 0, 0), "a person cut it")


def facts_of_parts(seen: Facts, sections: Sequence[Section]) -> Facts:
    """Return what was seen of a mail as if it had been found to have these parts, and no ticket were known.

    Raises:
        PermanentError: They are more than a mail may have.
    """
    if len(sections) > MAX_PARTS:
        raise PermanentError(f"a mail is cut into {MAX_PARTS} parts at most, these would be {len(sections)}")
    kept = [(name, value) for name, value in seen.values if not name.startswith(_OF_BEFORE)]
    parts: list[tuple[str, Fact]] = [
        ("ticket.found", False),
        ("list.items", len(sections)),
        ("list.item_titles", tuple(one.title for one in sections)),
        ("list.item_texts", tuple(one.text for one in sections)),
        ("list.item_files", tuple("\n".join(one.named) for one in sections)),
    ]
    return Facts((*kept, *parts))


def quotas_of(rules: RuleSet, facts: Facts) -> tuple[QuotaKey, ...]:
    """Return the counts that may matter for one of the parts, or for the whole, in an order of their own."""
    seen = dict(facts.values)
    own = ({**seen, "text": part.text, "attachments.names": part.files} for part in parts_of(seen))
    found = chain.from_iterable(quota_keys(rules, one) for one in (seen, *own))
    return tuple(sorted(set(found), key=lambda key: (key.quota, key.holder, key.period)))


def decided(rules: RuleSet, facts: Facts, usages: Sequence[Usage]) -> tuple[OpenTicket | None, tuple[Decided, ...]]:
    """Return what the rules make of the whole mail, and of each of its parts in their order.

    Args:
        rules: Those of today.
        facts: Of `facts_of_parts`.
        usages: How much is used of `quotas_of`.
    """
    forced = replace(rules, rules={**rules.rules, SPLIT.name: (_BY_HAND,)})
    effects = decide(forced, Facts((*facts.values, *usage_facts(usages)))).effects
    whole = next((effect.whole for effect in effects if isinstance(effect, CutMail)), None)
    return whole, _by_part(effects)


def _by_part(effects: Sequence[Effect]) -> tuple[Decided, ...]:
    found: list[Decided] = []
    for effect in effects:
        if isinstance(effect, OpenTicket):
            found.append(Decided(effect))
        elif isinstance(effect, TakeQuota | MissQuota) and found:
            found[-1] = replace(found[-1], quota=(*found[-1].quota, effect))
    return tuple(found)
