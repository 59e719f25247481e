"""What came of a mail, as examples expect it: each answer by its name, of the whole mail and of its parts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from mailgateway.model.decision import Answer, Decision, Fact, Facts
from mailgateway.model.effects import OpenTicket, StaySilent
from mailgateway.rules.cutting import found_items, parts_made
from mailgateway.rules.explained import DEFAULT
from mailgateway.rules.kinds.all import EXPECTED_OF_PART, PART
from mailgateway.rules.kinds.lifecycle import LEAVE
from mailgateway.rules.values import RuleSet

_LISTS = frozenset({"tags", "told", "used_up", "counted", "files"})


def answered(name: str, decision: Decision, facts: Facts, rules: RuleSet) -> Fact:
    """Return an answer of a decision as examples expect it.

    Of a mail that is cut a name without a part is about every part: the answer that all of them have, and where they
    differ all answers, which no expectation is met by; of what can be several that of all parts together.

    Args:
        name: The answer's name, such as `priority`, or `part.2.priority`.
        decision: The decision.
        facts: What it was made on: a reply that changes nothing leaves the ticket's own queue, kind and priority.
        rules: The rules that decided; tags that every ticket gets because of them are left out.

    Returns:
        A tuple for what can be several, else None where nothing was answered.
    """
    part, name = part_of(name)
    parts = parts_made(decision)
    if part:
        return _of_part(name, part, decision, facts, rules) if part in parts else None
    special = _SPECIAL.get(name)
    if special:
        return special(decision)
    if not parts or name not in EXPECTED_OF_PART:
        return _value(name, [one for one in decision.answers if one.name == name], facts, rules)
    each = [_of_part(name, one, decision, facts, rules) for one in parts]
    if name in _LISTS:
        return tuple(dict.fromkeys(word for one in each if isinstance(one, tuple) for word in one))
    return each[0] if len(set(each)) == 1 else tuple(str(one or "") for one in each)


def part_of(name: str) -> tuple[int, str]:
    """Return the part that an expectation is about, 0 for the mail as a whole, and the name of its answer."""
    before, _, rest = name.partition(".")
    number, _, last = rest.partition(".")
    return (int(number), last) if before == PART and number.isdecimal() else (0, name)


def _of_part(name: str, part: int, decision: Decision, facts: Facts, rules: RuleSet) -> Fact:
    item = next((one for one in found_items(facts) if one.number == part), None)
    if item is not None and name in {"title", "files"}:
        return item.title if name == "title" else item.files
    found = [one for one in decision.answers if one.name == name and one.part == part]
    stays = facts if part == 1 and facts.get("ticket.found") is True else Facts(())
    return _value(name, found, stays, rules)


def _value(name: str, found: Sequence[Answer], facts: Facts, rules: RuleSet) -> Fact:
    if name in _LISTS:
        return tuple(word for word in _words(found) if name != "tags" or word not in rules.tags)
    if name == "then" and facts.get("ticket.found") is True:
        return found[-1].value if found else LEAVE
    return found[-1].value if found else facts.get(f"ticket.{name}")


def _words(found: Sequence[Answer]) -> Iterator[str]:
    for answer in found:
        yield from map(str, answer.value if isinstance(answer.value, tuple) else (answer.value,))


def _silent(decision: Decision) -> Fact:
    """Return why nothing is answered automatically, whoever decided that; None where something is."""
    return next((effect.because for effect in decision.effects if isinstance(effect, StaySilent)), None)


def _tickets(decision: Decision) -> Fact:
    return sum(isinstance(effect, OpenTicket) for effect in decision.effects)


_SPECIAL: Mapping[str, Callable[[Decision], Fact]] = MappingProxyType({"silent": _silent, "tickets": _tickets})


def deciding(name: str, decision: Decision) -> str:
    """Return the rules that decided an answer, `DEFAULT` for the site's default, "" where nobody did."""
    part, name = part_of(name)
    if name == "silent":
        return next((effect.rule for effect in decision.effects if isinstance(effect, StaySilent)), "")
    found = [one for one in decision.answers if one.name == name and (not part or one.part == part)]
    if not found or name in _LISTS:
        return ", ".join(dict.fromkeys(one.rule for one in found if one.rule))
    return found[-1].rule or DEFAULT


def is_as_expected(expected: object, got: Fact, name: str, rules: RuleSet) -> bool:
    """Return whether an answer is the one that an example expects."""
    _, name = part_of(name)
    if isinstance(got, tuple):
        return got == ((expected,) if isinstance(expected, str) else expected)
    if isinstance(expected, bool):  # expect.hold = true: for whatever reason
        return not isinstance(got, int) and bool(got) is expected
    if name == "priority" and isinstance(expected, str) and isinstance(got, int):
        return expected == rules.site.priority_name(got)
    return expected == (got or "") if isinstance(expected, str) else expected == got
