"""A decision in words: who gave each answer, every rule that was tried, each condition with its evidence.

Pure rendering, of a decision that was just made as well as of a stored one: where the rules of that time are not known
any more the places are left out. Nothing is decided here.
"""

from collections.abc import Iterable, Iterator, Mapping
from textwrap import TextWrapper
from typing import NamedTuple

from mailgateway.diagnostics import Position
from mailgateway.model.decision import Answer, Decision, Step, Tried
from mailgateway.model.effects import Effect
from mailgateway.rules.cutting import cut_values
from mailgateway.rules.evaluation import day_of, error_words, is_in_force
from mailgateway.rules.explained import Explained, head
from mailgateway.rules.kinds.all import RULE_KINDS
from mailgateway.rules.program import PROGRAM_RULES
from mailgateway.rules.seen import Seen
from mailgateway.rules.values import Rule, RuleSet, SiteWords

UNKNOWN = "(unknown)"
"""The evidence of a condition whose fact is unknown."""
WIDTH = 118
_WORDS = 68
_CUT = 44
_VERDICTS = {("when", True): "yes", ("when", False): "NO", ("unless", True): "YES", ("unless", False): "no"}


def explanation(explained: Explained) -> str:
    """Return everything about a decision as text: its head, then stage by stage what was tried, part by part."""
    stages = (_stage(place, steps, explained) for place, steps in _by_stage(explained.decision).items())
    return "\n\n".join(("\n".join(head(explained)), *("\n".join(lines) for lines in stages)))


# --- what was tried --------------------------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where rules were tried: for which part of the mail, 0 for the whole, and of which kind of file."""

    part: int
    stage: str

    @property
    def words(self) -> str:
        return f"part {self.part}, {self.stage}" if self.part else self.stage


def _by_stage(decision: Decision) -> dict[_Place, list[Step]]:
    stages: dict[_Place, list[Step]] = {}
    for step in sorted(decision.trace, key=lambda step: step.part):
        stages.setdefault(_Place(step.part, step.stage), []).append(step)
    return stages


def _stage(place: _Place, steps: list[Step], explained: Explained) -> Iterator[str]:
    """Yield the lines of one stage: what matched in full, what did not with the first reason."""
    matched = [step for step in steps if step.matched]
    yield f"{place.words}: {len(steps)} tried, {len(matched)} matched"
    for step in matched:
        yield from block(step, explained.rules)
    if not matched:
        yield "  (none)"
    unused = _unused(explained.decision, {step.rule for step in matched}, place.part)
    if unused:
        yield from _wrapped("also matched, not used: ", unused)
    if len(matched) < len(steps):
        yield from _wrapped("not: ", [f"{step.rule} ({reason(step)})" for step in steps if not step.matched])
    untried = _untried(place.stage, {step.rule for step in steps}, explained)
    if untried:
        yield from _wrapped("not tried: ", untried)


def _unused(decision: Decision, rules: set[str], part: int) -> list[str]:
    answers: dict[str, list[str]] = {}
    for answer in decision.answers:
        for rule in answer.unused:
            if rule in rules and answer.part == part:
                answers.setdefault(rule, []).append(answer.name)
    return [f"{rule} ({', '.join(names)})" for rule, names in answers.items()]


def _untried(stage: str, tried: set[str], explained: Explained) -> list[str]:
    rules = explained.rules
    if rules is None or rules.revision != explained.decision.revision:
        return []
    of_stage = rules.rules.get(stage, ())
    sides = {rule.on_reply for rule in of_stage if rule.id in tried}  # those for replies, or those for new tickets
    left = (rule for rule in of_stage if rule.id not in tried and rule.on_reply in sides)
    return [f"{rule.id} ({not_tried(rule, explained)})" for rule in left]


def _wrapped(label: str, items: Iterable[str]) -> list[str]:
    """Return items on lines that a terminal shows whole; a name is never broken."""
    text = label + ", ".join(items)
    wrapper = TextWrapper(WIDTH, initial_indent="  ", subsequent_indent="       ", break_long_words=False)
    wrapper.break_on_hyphens = False
    return wrapper.wrap(text)


def block(step: Step, rules: RuleSet | None) -> Iterator[str]:
    """Yield the lines of one rule that was tried: whether it matched, where it stands, each condition."""
    yield f"  {'MATCH' if step.matched else '-    '} {step.rule:<28} {place_of(step.rule, rules)}".rstrip()
    if step.error:
        yield f"          went wrong: {step.error}"
    for tried in step.tried:
        yield condition_line(tried)


def condition_line(tried: Tried) -> str:
    """Return a condition with its evidence; YES and NO are what keeps the rule from matching."""
    word = _VERDICTS[tried.clause, tried.held is True]
    return f"          {word:<3} {tried.clause:<6} {tried.words:<{_WORDS}} {tried.evidence}".rstrip()


def reason(step: Step) -> str:
    """Return on one line why a rule did not match: what went wrong, or its first condition that failed."""
    if step.error:
        return f"went wrong: {step.error}"
    failed = next((one for one in step.tried if (one.held is True) is (one.clause == "unless")), None)
    if failed is None:
        return step.evidence
    words = failed.words if len(failed.words) <= _CUT else failed.words[: _CUT - 1] + "…"
    return f"{'unless ' * (failed.clause == 'unless')}{words}: {failed.evidence or '(empty)'}"


def place_of(rule_id: str, rules: RuleSet | None) -> str:
    """Return where a rule stands as `file:line`; the program for what no file says, "" where it is not known."""
    rule = rules.rule(rule_id) if rules else None
    if rule is not None:
        return f"{rule.place.path}:{rule.place.line}"
    return "(the program)" if rule_id in PROGRAM_RULES else ""


# --- one rule --------------------------------------------------------------------------------------------------------


def why_not(rule: Rule[object], explained: Explained) -> str:
    """Return why a rule did not match, or that it did: each of its conditions, also where it was never tried."""
    lines = rule_lines(rule, explained)
    is_unknown = any(UNKNOWN in line for line in lines)
    helps = (
        (f"  what is {UNKNOWN} never holds; give what the mail cannot show: --given NAME=VALUE",) if is_unknown else ()
    )
    return "\n".join((*head(explained), "", *lines, f"  {_verdict(rule, explained)}", *helps))


def rule_lines(rule: Rule[object], explained: Explained) -> tuple[str, ...]:
    """Return one rule with its conditions, for each part it was tried for; also where it was never tried."""
    steps = _steps(rule, explained) or (_as_if_tried(rule, explained),)
    return tuple(line for step in steps for line in (*_of_part(step), *block(step, explained.rules)))


def _of_part(step: Step) -> tuple[str, ...]:
    return (f"  part {step.part}:",) if step.part else ()


def was_tried(rule: Rule[object], explained: Explained) -> bool:
    """Return whether a decision looked at a rule at all."""
    return bool(_steps(rule, explained))


def _steps(rule: Rule[object], explained: Explained) -> tuple[Step, ...]:
    """Return how a rule was tried for the last time, for each part of the mail."""
    last = {step.part: step for step in explained.decision.trace if step.rule == rule.id}
    return tuple(last[part] for part in sorted(last))


def _verdict(rule: Rule[object], explained: Explained) -> str:
    steps = _steps(rule, explained)
    if not steps:
        return f"{rule.id} was not tried: {not_tried(rule, explained)}"
    names = (f"{rule.id}, part {step.part}:" if step.part else rule.id for step in steps)
    return "\n  ".join(f"{name} {_outcome(step, explained)}" for name, step in zip(names, steps, strict=True))


def _outcome(step: Step, explained: Explained) -> str:
    if not step.matched:
        return f"did not match: {reason(step)}"
    answers = [one for one in explained.decision.answers if one.part == step.part]
    deciding = [one.name for one in answers if step.rule in one.rule.split(", ")]
    unused = [one.name for one in answers if step.rule in one.unused]
    decided = f"; it decided {', '.join(deciding)}" if deciding else ""
    later = f"; an earlier rule decided {', '.join(unused)}" if unused else ""
    return f"matched{decided}{later}"


def _as_if_tried(rule: Rule[object], explained: Explained) -> Step:
    """Return what the conditions of a rule that was not tried find, in the facts and the answers that were given."""
    facts = dict(explained.facts.values)
    for answer in explained.decision.answers:
        if not answer.part:
            facts.setdefault(f"ticket.{answer.name}", answer.value)
    seen = Seen(facts, explained.rules.calendars if explained.rules else {})
    error = ""
    tried: tuple[Tried, ...] = ()
    try:
        tried = tuple(condition.tried(seen) for condition in rule.conditions)
    except Exception as bug:  # noqa: BLE001 -- as in the decision: one rule's trouble stops no explanation
        error = error_words(bug)
    return Step(rule.id, matched=False, evidence="", stage=rule.kind, error=error, tried=tried)


def not_tried(rule: Rule[object], explained: Explained) -> str:
    """Return why a rule was not tried."""
    steps, is_reply = explained.decision.trace, explained.facts.get("ticket.found") is True
    kinds = {kind.name: kind for kind in RULE_KINDS}
    if rule.kind not in kinds:
        return "the mail goes another way"
    if not _is_due(rule, explained):
        return f"it counts {_dates(rule)}"
    if any("limit" in step.error or step.error.startswith("over ") for step in steps):
        return "the decision cost too much before"
    of_kind = [step.rule for step in steps if step.stage == rule.kind]
    stopped = _stopper(rule, of_kind, explained.rules)
    if stopped:
        return f"{stopped} stops first"
    if rule.on_reply is not is_reply and of_kind:
        return "it looks at replies" if rule.on_reply else "it looks at mails that open a ticket"
    return f"{rule.kind} is not asked about {'a reply' if is_reply else 'such a mail'} here"


def _stopper(rule: Rule[object], tried: list[str], rules: RuleSet | None) -> str:
    last = rules.rule(tried[-1]) if rules and tried else None
    if last is None or last.on_reply is not rule.on_reply:
        return ""
    return last.id if any(kind.name == rule.kind and kind.ends_at(last) for kind in RULE_KINDS) else ""


def _is_due(rule: Rule[object], explained: Explained) -> bool:
    site = explained.rules.site if explained.rules else SiteWords()
    return is_in_force(rule, day_of(Seen(dict(explained.facts.values), {}), site))


def _dates(rule: Rule[object]) -> str:
    starts = f"from {rule.starts}" if rule.starts else ""
    ends = f"until {rule.ends}" if rule.ends else ""
    return f"{starts} {ends}".strip()


# --- for programs ----------------------------------------------------------------------------------------------------


def values(explained: Explained, rule: Rule[object] | None = None) -> dict[str, object]:
    """Return a decision as JSON values: file, decision, trace, and under `split` what the mail was cut into.

    Args:
        explained: The decision.
        rule: The only rule that the trace shows, also where it was not tried, which `why` says; None for all.
    """
    decision = explained.decision
    steps = decision.trace if rule is None else (_steps(rule, explained) or (_as_if_tried(rule, explained),))
    rules = explained.rules.rules.values() if explained.rules else ()
    places = {rule.id: rule.place for of_kind in rules for rule in of_kind}
    return {
        "file": explained.name,
        "decision": {
            "revision": decision.revision,
            "tzdata": decision.tzdata,
            "answers": [_answer_values(answer) for answer in decision.answers],
            "effects": [_effect(effect) for effect in decision.effects],
        },
        "trace": [_step_values(step, places.get(step.rule)) for step in steps],
        "split": cut_values(explained.facts, decision, explained.rules, explained.text),
        **({} if rule is None else {"why": _verdict(rule, explained)}),
    }


def _answer_values(answer: Answer) -> dict[str, object]:
    said = {"answer": answer.name, "value": answer.value, "rule": answer.rule, "unused": answer.unused}
    return {**said, "part": answer.part}


def _step_values(step: Step, place: Position | None) -> dict[str, object]:
    """Return a rule that was tried; file and line are null for the program's rules."""
    return {
        "rule": step.rule,
        "kind": step.stage,
        "file": place.path if place else None,
        "line": place.line if place else None,
        "matched": step.matched,
        "part": step.part,
        "error": step.error,
        "conditions": [
            {"clause": one.clause, "text": one.words, "holds": one.held, "evidence": one.evidence} for one in step.tried
        ],
    }


def _effect(effect: Effect) -> Mapping[str, object]:
    fields = {name: getattr(effect, name) for name in type(effect).__dataclass_fields__}
    return {"effect": type(effect).__name__, **fields}
