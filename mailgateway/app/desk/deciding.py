"""What the rules of today make of the parts that a person cuts a mail into. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mailgateway.app.desk.cutting import Decided
from mailgateway.app.desk.sections import Section
from mailgateway.app.ports import Words
from mailgateway.errors import PermanentError
from mailgateway.model.decision import Facts
from mailgateway.model.effects import CutMail, Effect, MissQuota, OpenTicket, TakeQuota
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.rules.decide import decide_parts
from mailgateway.rules.kinds.quota import usage_facts
from mailgateway.rules.kinds.split import MAX_PARTS
from mailgateway.rules.parts import Part, quota_keys_of_parts
from mailgateway.rules.values import RuleSet

_WHOLE = 0
_COUNTED = "usage."


def parts_to_decide(words: Words, sections: Sequence[Section]) -> tuple[Part, ...]:
    """Return the parts that rules decide about, under their numbers: of a reply not what stays on its ticket.

    Raises:
        PermanentError: There are more than a mail may be cut into.
    """
    if len(sections) > MAX_PARTS:
        raise PermanentError(f"a mail is cut into {MAX_PARTS} parts at most, and these would be {len(sections)}")
    numbered = enumerate(sections, start=1)
    return tuple(Part(number, one.text, one.files) for number, one in numbered if words.opened or not one.stays)


def facts_of(words: Words) -> Facts:
    """Return what was seen of a mail, without what was used of quotas then.

    Raises:
        PermanentError: It is no longer kept.
    """
    if words.facts is None:
        raise PermanentError(f"message {words.message} cannot be decided anew: what was seen of it is no longer kept")
    return Facts(tuple(fact for fact in words.facts.values if not fact[0].startswith(_COUNTED)))


def quotas_of(rules: RuleSet, facts: Facts, parts: Sequence[Part]) -> tuple[QuotaKey, ...]:
    """Return the counts that may matter for parts of a mail, or for all of it."""
    return quota_keys_of_parts(rules, dict(facts.values), (_whole(facts), *parts))


def decided(
    rules: RuleSet, facts: Facts, parts: Sequence[Part], usages: Sequence[Usage]
) -> tuple[OpenTicket | None, Mapping[int, Decided]]:
    """Return what the rules make of a whole mail, and of each of its parts by its number.

    Args:
        rules: Those of today.
        facts: Of `facts_of`.
        parts: Of `parts_to_decide`.
        usages: How much is used of `quotas_of`.
    """
    effects = decide_parts(rules, Facts((*facts.values, *usage_facts(usages))), tuple(parts)).effects
    whole = next((effect.whole for effect in effects if isinstance(effect, CutMail)), None)
    return whole, _by_part(effects)


def _whole(facts: Facts) -> Part:
    """Return the whole mail as if it were a part."""
    files = facts.get("attachments.names")
    return Part(_WHOLE, str(facts.get("text") or ""), files if isinstance(files, tuple) else ())


def _by_part(effects: Sequence[Effect]) -> dict[int, Decided]:
    found: dict[int, Decided] = {}
    number = _WHOLE
    for effect in effects:
        if isinstance(effect, OpenTicket):
            number = effect.part
            found[number] = Decided(effect)
        elif isinstance(effect, TakeQuota | MissQuota):
            found[number] = replace(found[number], quota=(*found[number].quota, effect))
    return found
