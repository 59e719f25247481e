"""Where a mail can be cut, what was made of it and why: in words, and as JSON values. Nothing is decided here."""

from collections.abc import Iterator
from dataclasses import dataclass

from mailgateway.model.decision import Answer, Decision, Facts
from mailgateway.model.effects import OpenTicket, PostMessage
from mailgateway.model.segments import spans_of
from mailgateway.rules.kinds.split import CUT, MAX_PARTS, SPLIT, SUGGEST
from mailgateway.rules.parts import parts_of, texts_of
from mailgateway.rules.values import RuleSet

_TITLE_CHARS = 60
_LEAD_IN_CHARS = 80
_SHARED_CHARS = 100


@dataclass(frozen=True, slots=True)
class FoundItem:
    """One item that was found in a mail.

    Attributes:
        number: From 1.
        title: Its first words or its heading.
        text: Its words, without its mark.
        start: Where it begins in the new words of the mail, in characters, its mark included.
        end: Where it ends.
        features: What it looks like, such as `9 words, question, overlap 20`; "" where that was not recorded.
        files: The attachments that it names, and those that no item names.
    """

    number: int
    title: str
    text: str
    start: int
    end: int
    features: str
    files: tuple[str, ...]


def found_items(facts: Facts) -> tuple[FoundItem, ...]:
    """Return the items that were found in a mail, () where there are none."""
    known = dict(facts.values)
    texts, titles = texts_of(known, "list.item_texts"), texts_of(known, "list.item_titles")
    spans, features = texts_of(known, "list.item_spans"), texts_of(known, "list.item_features")
    return tuple(
        FoundItem(
            part.number,
            _at(titles, part.number),
            _at(texts, part.number),
            *spans_of((_at(spans, part.number),))[0],
            _at(features, part.number),
            part.files,
        )
        for part in parts_of(known)
    )


def _at(texts: tuple[str, ...], number: int) -> str:
    return texts[number - 1] if number <= len(texts) else ""


def parts_made(decision: Decision) -> tuple[int, ...]:
    """Return the parts that a mail is cut into, () where it stays whole."""
    places = (effect for effect in decision.effects if isinstance(effect, (OpenTicket, PostMessage)))
    return tuple(effect.part for effect in places if effect.part)


# --- in words --------------------------------------------------------------------------------------------------------


def cut_lines(facts: Facts, decision: Decision, rules: RuleSet | None) -> Iterator[str]:
    """Yield what was found in a mail and what the rules of split made of it; nothing where neither is known."""
    items = found_items(facts)
    if items:
        lead_in = str(facts.get("list.lead_in") or "")
        behind = f', behind "{_short(lead_in, _LEAD_IN_CHARS)}"' if lead_in else ""
        apart = f", several matters: {facts.get('list.apart')}" if facts.get("list.apart") else ""
        yield f"items      {len(items)} {facts.get('list.kind')}{behind}{apart}"
        yield from _score_lines(facts)
    for item in items:
        files = f"   files {', '.join(name or 'unnamed' for name in item.files)}" if item.files else ""
        title = _short(item.title, _TITLE_CHARS)
        yield f"  {item.number:<8} {f'{item.start}-{item.end}':<10} {item.features:<44} {title}{files}"
    shared = _short(str(facts.get("list.shared_text") or ""), _SHARED_CHARS) if items else ""
    if shared:
        yield f"  all      {shared}"
    if items or any(step.stage == SPLIT.name for step in decision.trace):
        yield f"split      {reason(facts, decision, rules)}"


def _score_lines(facts: Facts) -> Iterator[str]:
    """Yield the score with what counted most for it; nothing where a mail was decided before there was one."""
    score = facts.get("list.score")
    if score is not None:
        yield f"score      {score}"
        for reason in texts_of(dict(facts.values), "list.score_reasons"):
            points, _, feature = reason.partition(" ")
            yield f"  {points:<8} {feature}"


def _short(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def reason(facts: Facts, decision: Decision, rules: RuleSet | None) -> str:
    """Return why a mail was cut or was not: the rule with its reason, and what speaks for one matter.

    Args:
        facts: What the rules saw.
        decision: What they said.
        rules: Those that decided, None where they are not known any more.
    """
    answer = next((one for one in decision.answers if one.name == "split" and not one.part), None)
    alone = facts.get("list.left_alone")
    probably = f" (probably one matter: {alone})" if alone else ""
    if answer is not None:
        return f"{_by_rule(answer, facts, decision, rules)}{probably}"
    if not found_items(facts):
        return "no items are found in it"
    is_asked = any(step.stage == SPLIT.name for step in decision.trace)
    return f"{'no rule of split matches' if is_asked else 'split is not asked about such a mail'}{probably}"


def _by_rule(answer: Answer, facts: Facts, decision: Decision, rules: RuleSet | None) -> str:
    rule = rules.rule(answer.rule) if rules else None
    by = f"{answer.rule}: {rule.why}" if rule and rule.why else answer.rule
    parts = parts_made(decision)
    if parts:
        return f"cut into {len(parts)} by {by}"
    if answer.value == CUT:
        return f"not cut, since no two items are known, although asked by {by}"
    if answer.value == SUGGEST and rule is not None and SPLIT.own(rule).outcome.how == CUT:
        return f"only suggested, since {facts.get('list.items')} items are more than {MAX_PARTS}; to be cut by {by}"
    return f"{'suggested' if answer.value == SUGGEST else 'left whole'} by {by}"


# --- for programs ----------------------------------------------------------------------------------------------------


def cut_values(facts: Facts, decision: Decision, rules: RuleSet | None, text: str | None) -> dict[str, object]:
    """Return what a mail was cut into as JSON values: `parts`, `suggested`, `reason`, `score`, `score_reasons`.

    There are as many parts as tickets that have some of the mail: one for a mail that stays whole, none for one that
    is ignored.

    Args:
        facts: What the rules saw.
        decision: What they said.
        rules: Those that decided, None where they are not known any more.
        text: The new words of the mail; None where only its facts are known.
    """
    items = {item.number: item for item in found_items(facts)}
    made = parts_made(decision)
    is_on_ticket = any(isinstance(effect, (OpenTicket, PostMessage)) for effect in decision.effects)
    whole = [_whole(facts, text)] if is_on_ticket else []
    split = next((one.value for one in decision.answers if one.name == "split" and not one.part), None)
    return {
        "parts": [_part(items[number]) for number in made] if made else whole,
        "suggested": split == SUGGEST,
        "reason": reason(facts, decision, rules),
        "score": facts.get("list.score"),
        "score_reasons": texts_of(dict(facts.values), "list.score_reasons"),
    }


def _part(item: FoundItem) -> dict[str, object]:
    return {
        "title": item.title,
        "text": item.text,
        "attachments": item.files,
        "start": item.start,
        "end": item.end,
    }


def _whole(facts: Facts, text: str | None) -> dict[str, object]:
    """Return a mail that stays whole as its one part; the facts have its words without logs and code."""
    subject = str(facts.get("subject") or "")
    words = str(facts.get("text") or "").removeprefix(f"{subject}\n\n") if text is None else text
    return {
        "title": subject,
        "text": words,
        "attachments": facts.get("attachments.names") or (),
        "start": 0,
        "end": len(words),
    }
