"""Why the items of a list are probably one matter: the words before and behind it, and what its items look like."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mailgateway.model.segments import Item, ListKind
from mailgateway.triage.split.vocabulary import (
    ANNOUNCED,
    ANSWER_WORDS,
    BARE,
    PROBLEM,
    REPORT,
    REQUEST,
    SEPARATE,
    STEP_WORDS,
    TOGETHER,
    TRIED_WORDS,
    phrases_of,
    words_of,
)

_BEFORE = tuple(
    (name, phrases_of(name)) for name in ("steps", "tried", "answers", "agenda", "versions", "symptoms", "names")
)
_PARTS = phrases_of("parts")
_VERSION = re.compile(
    r"\bv?\d{1,4}\.\d{1,5}(?:\.\d{1,5})*\b|\b(?:64|32)[- ]?bit\b|\b(?:Windows|Ubuntu|Debian|iOS|macOS) \d"
)
_TIME = re.compile(r"\W*(?:\d{1,2}[:.h]\d\d\b|\(\d{1,3} ?min)|\(\d{1,3}\s?[Mm]in")
_VALUE = re.compile(r"[^\n:=]{2,40}[:=]\s*\S")
_MOST = 0.6
_NAME_WORDS = 3
_SHORT_WORDS = 7
_VERSION_WORDS = 8


class Around(NamedTuple):
    """The words around a list.

    Attributes:
        kind: What sets its items apart.
        lead_in: Just before it.
        before: All of what belongs to all and stands before it.
        behind: What stands behind it.
        subject: Of the mail.
        is_quoted: Whether the author quotes it.
    """

    kind: ListKind
    lead_in: str
    before: str
    behind: str
    subject: str
    is_quoted: bool = False


def left_alone(items: Sequence[Item], around: Around) -> str:
    """Return why items are probably one matter, one of LEFT_ALONE; "" where nothing speaks for it."""
    if around.is_quoted:
        return "quoted"
    if SEPARATE.within(words_of(f"{around.subject}\n{around.before}\n{around.behind}")):
        return _by_shape(items, around)
    return _by_lead_in(around) or _by_shape(items, around) or _by_others(items, around)


def _by_lead_in(around: Around) -> str:
    """Return what the words before the list say that it is of.

    Its last sentence says so. Where it, or the subject, announces things by more words than that they are there, these
    words are what all of the things are about.
    """
    words = words_of(around.lead_in and sentences(around.lead_in)[-1])
    if around.kind in (ListKind.CONNECTIVES, ListKind.PARAGRAPHS) and not ANNOUNCED.within(words):
        return ""
    for name, phrases in _BEFORE:
        if phrases.within(words) and (not ANNOUNCED.within(words) or name not in ("names", "versions", "symptoms")):
            return name
    said = [words_of(one) for one in sentences(around.lead_in)]
    if around.kind is not ListKind.HEADINGS and not any(map(ANNOUNCED.within, said)):
        said.append(words_of(around.subject))
    announcing = filter(ANNOUNCED.within, said)
    return "" if all(map(_is_bare, announcing)) else "parts"


def _is_bare(words: Sequence[str]) -> bool:
    """Return whether words announce things and say nothing on them."""
    at = 0
    while at < len(words):
        size = ANNOUNCED.at(words, at) or BARE.at(words, at)
        if not size and not words[at].isdecimal():
            return False
        at += size or 1
    return True


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each on one line."""
    return [part for part in re.split(r"(?<=[.!?])\s+", " ".join(text.split())) if part]


def _share(items: Sequence[Item], holds: Callable[[Item], bool]) -> float:
    return sum(map(holds, items)) / len(items)


def _by_shape(items: Sequence[Item], around: Around) -> str:
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


def _by_others(items: Sequence[Item], around: Around) -> str:
    """Return what else speaks for one matter: sections of a report, words that hold the items together."""
    if around.kind is ListKind.HEADINGS and any(_is_section(one) for one in items):
        return "parts"
    if TOGETHER.within(words_of(f"{around.lead_in}\n{around.behind}")):
        return "symptoms"
    words = words_of(f"{around.subject}\n{around.before}")
    if _PARTS.within(words):
        return "parts"
    announced = ANNOUNCED.within(words)
    lead = words_of(around.before)
    if not announced and PROBLEM.within(lead):
        return "symptoms"
    return "parts" if announced and _tells_a_problem_first(around) else ""


def _is_section(one: Item) -> bool:
    words = words_of(one.title)
    size = REPORT.begins(words)
    return bool(size) and size == len(words)


def _tells_a_problem_first(around: Around) -> bool:
    """Return whether a problem is told before the items are announced: they are questions on it."""
    told = [words_of(one) for one in sentences(around.before)]
    return any((PROBLEM.within(words) or REQUEST.within(words)) and not ANNOUNCED.within(words) for words in told)
