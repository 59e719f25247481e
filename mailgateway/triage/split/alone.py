"""Why the items of a list are probably one matter, or that they stand each for itself."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from mailgateway.model.segments import Item, ListKind
from mailgateway.triage.split.items import refers_back
from mailgateway.triage.split.lead import (
    Around,
    Lead,
    Weighed,
    is_in_context,
    is_vague,
    lead_of,
    others,
    sentences,
)
from mailgateway.triage.split.subjects import are_named
from mailgateway.triage.split.vocabulary import (
    ANNOUNCED,
    ANSWER_WORDS,
    IN_TIME,
    PARTS,
    PROBLEM,
    REPORT,
    STEP_WORDS,
    TOGETHER,
    TRIED_WORDS,
    phrases_of,
    words_of,
)

_BEFORE = tuple(
    (name, phrases_of(name)) for name in ("steps", "tried", "answers", "agenda", "versions", "symptoms", "names")
)
_ANSWERS = dict(_BEFORE)["answers"]
_VERSION = re.compile(
    r"\bv?\d{1,4}\.\d{1,5}(?:\.\d{1,5})*\b|\b(?:64|32)[- ]?bit\b|\b(?:Windows|Ubuntu|Debian|iOS|macOS) \d"
)
_TIME = re.compile(r"\W*(?:\d{1,2}[:.h]\d\d\b|\(\d{1,3} ?min)|\(\d{1,3}\s?[Mm]in")
_VALUE = re.compile(r"[^\n:=]{2,40}[:=]\s*\S")
_TOLD_OR_HEADED = (ListKind.CONNECTIVES, ListKind.PARAGRAPHS, ListKind.HEADINGS)
_CLAUSE_ENDS = re.compile(r"[.!?:;,\n]\s*")
_BEGINNING = 40  # Characters of a clause
_MOST = 0.6
_MOST_TEXTS = 256
_NAME_WORDS = 3
_SHORT_WORDS = 7
_VERSION_WORDS = 8
_LONG_WORDS = 7
_LOOKED_AT = 400  # Characters of an item
_NAMED_LIKE = 10  # Of a hundred words shared by two items that the subject names


HELD = ("quoted", "together", "report", "answers", "story")
"""Of LEFT_ALONE what makes items one matter however different they are."""


def weighed(items: Sequence[Item], around: Around) -> Weighed:
    """Return what speaks for items being one matter or several."""
    if around.is_quoted:
        return Weighed("quoted")
    lead = lead_of(around)
    if lead is Lead.SAID and not (around.is_vague and around.kind is ListKind.PARAGRAPHS):
        return Weighed(by_shape(items, around), "said")
    if held := _held_together(items, around):
        return Weighed(held)
    because = by_lead_in(around, lead) or by_shape(items, around) or _by_others(items, around, lead)
    if because and (because not in ("parts", "symptoms") or lead is not Lead.LOOSE):
        return Weighed(because)
    apart = "announced" if _are_named(items, around) else _apart(items, around, lead)
    return Weighed("" if apart or lead is not Lead.LOOSE else "parts", apart)


def _apart(items: Sequence[Item], around: Around, lead: Lead) -> str:
    """Return whether items are announced as several, and no more is said of them."""
    is_clear = not around.is_vague or around.kind is not ListKind.PARAGRAPHS
    if lead is not Lead.ANNOUNCED or not is_clear or is_in_context(around):
        return ""
    plain = sum(one.is_plain for one in items)
    are_long = all(one.words >= _LONG_WORDS for one in items) and not is_vague(around)
    return "announced" if 2 * plain <= len(items) + are_long else ""


def _are_named(items: Sequence[Item], around: Around) -> bool:
    """Return whether the subject names each item, and each has something to do for somebody and shares no topic."""
    return are_named(items, around.subject) and all(
        not one.is_plain and one.words >= _LONG_WORDS and one.overlap <= _NAMED_LIKE and not refers_back(one.text)
        for one in items
    )


def by_lead_in(around: Around, lead: Lead) -> str:
    """Return what the last sentence before the items says that they are."""
    words = words_of(around.lead_in and sentences(around.lead_in)[-1])
    announced = ANNOUNCED.within(words)
    if around.kind in _TOLD_OR_HEADED and not announced:
        return ""
    for name, phrases in _BEFORE:
        if phrases.within(words) and (not announced or name not in ("names", "versions", "symptoms")):
            return name
    return "parts" if lead is Lead.TOPIC and (announced or not others(words)) else ""


def _share(items: Sequence[Item], holds: Callable[[Item], bool]) -> float:
    return sum(map(holds, items)) / len(items)


def by_shape(items: Sequence[Item], around: Around) -> str:
    """Return what the items look like."""
    firsts = {id(one): words_of(one.text[:80])[:5] for one in items}

    shapes: tuple[tuple[str, Callable[[Item], bool]], ...] = (
        ("answers", lambda one: ANSWER_WORDS.begins(firsts[id(one)]) > 0 and not one.is_question),
        ("agenda", lambda one: _TIME.match(one.text) is not None),
        ("versions", lambda one: one.words <= _VERSION_WORDS and _VERSION.search(one.text) is not None),
        ("names", lambda one: one.words <= _NAME_WORDS and not one.is_question and not one.is_problem),
        ("answers", lambda one: one.words <= _SHORT_WORDS and not one.is_question and _is_value(one, around)),
        ("tried", lambda one: TRIED_WORDS.begins(firsts[id(one)]) > 0 and not one.is_question),
        ("steps", lambda one: STEP_WORDS.begins(firsts[id(one)]) > 0 and not one.is_question),
    )
    return next((name for name, holds in shapes if _share(items, holds) >= _MOST), "")


def _is_value(one: Item, around: Around) -> bool:
    return around.kind is not ListKind.HEADINGS and _VALUE.match(one.text) is not None


def _held_together(items: Sequence[Item], around: Around) -> str:
    """Return what makes items one matter, however different they are; "" where nothing does."""
    if _are_together(items, around):
        return "together"
    if around.kind is ListKind.HEADINGS and any(_is_section(one) for one in items):
        return "report"
    if around.is_reply and _is_answering(items, around):
        return "answers"
    return "story" if _is_story(items, around) else ""


def _is_answering(items: Sequence[Item], around: Around) -> bool:
    """Return whether the author of a reply says that he answers."""
    said = f"{around.before[-_LOOKED_AT:]}\n{sentences(items[0].text[:_LOOKED_AT])[:1]}"
    return _ANSWERS.within(words_of(said))


def _are_together(items: Sequence[Item], around: Around) -> bool:
    """Return whether the author says around the items, or behind the last one, that they belong together."""
    last = items[-1].text[-_LOOKED_AT:].rpartition("\n\n")[2] if "\n\n" in items[-1].text else ""
    return any(TOGETHER.within(words_of(text)) for text in (around.lead_in, last, around.behind[:_LOOKED_AT]))


def _is_story(items: Sequence[Item], around: Around) -> bool:
    """Return whether what is counted off is what happened: half of it goes on with `then`, or `the next day`."""
    goes_on = [goes_on_in_time(one.text[:_LOOKED_AT].partition(" ")[2]) for one in items]
    return around.kind is ListKind.ORDINALS and 2 * sum(goes_on) >= len(items)


@lru_cache(_MOST_TEXTS)
def goes_on_in_time(text: str) -> bool:
    """Return whether a sentence, or a clause, of a text begins with a word for what came next."""
    return any(IN_TIME.opens(one[:_BEGINNING]) for one in _CLAUSE_ENDS.split(text))


def _by_others(items: Sequence[Item], around: Around, lead: Lead) -> str:
    """Return what else speaks for one matter: sections of a report, words that hold the items together."""
    if PARTS.within(words_of(f"{around.subject}\n{around.before}")):
        return "parts"
    announced = lead in (Lead.ANNOUNCED, Lead.LOOSE)
    if not announced and PROBLEM.within(words_of(around.before)):
        return "symptoms"
    if announced and any(refers_back(one.text) for one in items):
        return "parts"
    return ""


def _is_section(one: Item) -> bool:
    words = words_of(one.title)
    size = REPORT.begins(words)
    return bool(size) and size == len(words)
