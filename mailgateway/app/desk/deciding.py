"""What the rules of today make of the parts that a person cuts a mail into. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mailgateway.app.desk.cutting import Decided
from mailgateway.app.desk.sections import Section
from mailgateway.app.ports import Author, Words
from mailgateway.errors import PermanentError
from mailgateway.model.decision import Decision, Facts
from mailgateway.model.effects import CutMail, Effect, MissQuota, NotifyAgents, OpenTicket, StaySilent, TakeQuota
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.rules.decide import decide_parts
from mailgateway.rules.kinds.quota import usage_facts
from mailgateway.rules.kinds.split import MAX_PARTS
from mailgateway.rules.parts import Part, quota_keys_of_parts
from mailgateway.rules.values import RuleSet

_WHOLE = 0
_COUNTED = "usage."


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the rules make of a mail that a person cuts.

    Attributes:
        decision: All that they say.
        whole: The ticket that the whole mail would be.
        parts: What becomes of each part, by its number.
    """

    decision: Decision
    whole: OpenTicket | None
    parts: Mapping[int, Decided]


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


def answered_since(facts: Facts, author: Author | None) -> Facts:
    """Return what was seen of a mail with what its author was answered by now: guards count that."""
    if author is None:
        return facts
    now = {"answers.recent": author.recent_answers, "answers.to_domain": author.answers_to_domain}
    return Facts(tuple((name, now.get(name, value)) for name, value in facts.values))


def silence(rules: RuleSet, author: Author) -> StaySilent | None:
    """Return why the author of a mail is not to be answered, None where nothing is against it."""
    effects = decide_parts(rules, answered_since(author.facts, author), ()).effects
    return next((effect for effect in effects if isinstance(effect, StaySilent)), None)


def decided(rules: RuleSet, facts: Facts, parts: Sequence[Part], usages: Sequence[Usage]) -> Decisions:
    """Return what the rules make of a whole mail, of each of its parts, and whether its author may be answered.

    Args:
        rules: Those of today.
        facts: Of `facts_of`.
        parts: Of `parts_to_decide`.
        usages: How much is used of `quotas_of`.
    """
    decision = decide_parts(rules, Facts((*facts.values, *usage_facts(usages))), tuple(parts))
    whole = next((effect.whole for effect in decision.effects if isinstance(effect, CutMail)), None)
    return Decisions(decision, whole, _by_part(decision.effects))


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
        elif isinstance(effect, NotifyAgents):
            found[number] = replace(found[number], notice=effect)
    return found
