"""Where somebody goes on to another matter by his own words: `Another question:`, `PS`, `Completely different:`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import NamedTuple

from mailgateway.model.segments import Item, ListKind
from mailgateway.triage.split.items import asks_first, items_of, meant, refers_back
from mailgateway.triage.split.lead import Weighed
from mailgateway.triage.split.page import Candidate, Page
from mailgateway.triage.split.vocabulary import (
    ALSO,
    ANOTHER,
    ANOTHER_WITHIN,
    APART_WITHIN,
    HANDLING,
    KIND_WORDS,
    PERHAPS_ANOTHER,
    POINTING,
    PROCESS,
    REQUEST,
    Words,
    words_of,
)

_NEAR_WORDS = 16  # Of a sentence, among which it says that it is on something else
_BETWEEN = 24  # Characters; what begins nearer to the last begin goes on with it
_LEAST_WORDS = 5
_LEADING = 80  # Characters of an item in which its words for another matter end with a colon
_FIRST_WORDS = 6
_OWN_WORDS = 8
_ADDED_WORDS = 14  # Of what is only added and yet another matter; fewer say how the first one is handled
_LONG_WORDS = 24  # What asks in so many words does not only ask how the first one is handled
_LIKE = 10  # Of a hundred words shared by a matter and one that is only added


class Strength(IntEnum):
    """How surely something else begins."""

    ALSO = 1
    PERHAPS = 2
    SURE = 3
    APART = 4


class Sentence(NamedTuple):
    """A sentence, or a line of one.

    Attributes:
        start: Where it begins in the text, in characters.
        words: Its first ones.
        begins: Whether it begins a paragraph.
    """

    start: int
    words: Words
    begins: bool


def connected(sentences: Sequence[Sentence], first: int) -> Iterator[Candidate]:
    """Yield what words for another matter set apart; what stands before the first of them is the first item.

    Args:
        sentences: Of the whole text.
        first: Where its first matter begins, in characters.
    """
    found: list[tuple[int, Strength]] = []
    for one in sentences:
        if not one.begins and one.start - first < _BETWEEN:
            continue  # `PS.` before `Something else:`
        goes_on = bool(found) and one.start - found[-1][0] < _BETWEEN
        strength = _strength(one, begins=one.begins or goes_on) if one.start > first else None
        if strength is not None and goes_on:
            found[-1] = (found[-1][0], max(strength, found[-1][1]))
        elif strength is not None:
            found.append((one.start, strength))
    if found:
        starts = (first, *(start for start, _ in found))
        yield Candidate(
            ListKind.CONNECTIVES, tuple((each, each) for each in starts), strengths=tuple(each for _, each in found)
        )


def added(sentences: Sequence[Sentence], first: int) -> Iterator[Candidate]:
    """Yield what is added within a paragraph, once with every `also`, once without: `it fails. oh and could you`.

    Args:
        sentences: Sentences or clauses of the whole text.
        first: Where its first matter begins, in characters.
    """
    anywhere = [(one.start, _strength(one, begins=True)) for one in sentences if one.start >= first + _BETWEEN]
    told: list[tuple[int, ...]] = []
    for least in (Strength.PERHAPS, Strength.ALSO):
        found = [(start, strength) for start, strength in anywhere if strength is not None and strength >= least]
        found = [each for at, each in enumerate(found) if not at or each[0] - found[at - 1][0] >= _BETWEEN]
        starts = (first, *(start for start, _ in found))
        if found and starts not in told:
            told.append(starts)
            pairs = tuple((each, each) for each in starts)
            strengths = tuple(strength for _, strength in found)
            yield Candidate(ListKind.CONNECTIVES, pairs, is_vague=True, strengths=strengths)


def begins_another(words: Words) -> bool:
    """Return whether a paragraph that begins with these words says that it is another matter."""
    return (_strength(Sentence(0, words, begins=True), begins=True) or Strength.ALSO) >= Strength.SURE


def _strength(one: Sentence, *, begins: bool) -> Strength | None:
    is_another = ANOTHER.begins(one.words)
    if (is_another or begins) and APART_WITHIN.within(one.words[:_NEAR_WORDS]):
        return Strength.APART
    if is_another or (begins and ANOTHER_WITHIN.within(one.words[:_NEAR_WORDS])):
        return Strength.SURE
    if not begins:
        return None
    if PERHAPS_ANOTHER.begins(one.words):
        return Strength.PERHAPS
    return Strength.ALSO if ALSO.begins(one.words) else None


def settled(page: Page, candidate: Candidate, subject: str) -> tuple[Candidate, Weighed]:
    """Return a candidate with only those items that are matters of their own, and what speaks for that.

    Where none surely is, all that may be are left in.
    """
    items = {one.start: one for one in items_of(page, candidate, ())}
    each = zip(candidate.starts[1:], candidate.strengths, strict=True)
    rows = [(start, strength, items[start[0]]) for start, strength in each if start[0] in items]
    first = items.get(candidate.starts[0][0])
    if first is None:
        return candidate, Weighed("")
    topic = meant(subject)
    sure = [start for start, strength, one in rows if _is_matter(one) and _is_surely_new(strength, first, one, topic)]
    if not sure:
        maybe = [start for start, _, one in rows if not one.is_plain]
        return replace(candidate, starts=(candidate.starts[0], *maybe)), Weighed("")
    kept = [start for start, _, one in rows if start in sure or (_is_matter(one) and (_is_added(one) or _fails(one)))]
    are_apart = all(strength == Strength.APART for start, strength, _ in rows if start in kept)
    apart = ("said" if are_apart else "announced") if _is_own_matter(first) else "loosely"
    return replace(candidate, starts=(candidate.starts[0], *kept)), Weighed("", apart)


def _is_matter(one: Item) -> bool:
    """Return whether an item has something to do for somebody, and does not go on with what stood before."""
    lead, _, _ = one.text[:_LEADING].rpartition(":")
    return not one.is_plain and one.words >= _LEAST_WORDS and not refers_back(one.text[len(lead) :].lstrip(": "))


def _is_added(one: Item) -> bool:
    """Return whether an item asks for something of its own, be it only added to what stood before."""
    return (one.is_question or one.is_request) and one.overlap <= _LIKE


def _fails(one: Item) -> bool:
    """Return whether an item tells a problem of its own at some length, and shares no word with another."""
    return one.is_problem and not one.overlap and one.words >= _ADDED_WORDS


def _is_surely_new(strength: int, first: Item, one: Item, topic: frozenset[str]) -> bool:
    """Return whether an item is another matter, and not how the matter before is handled."""
    if strength == Strength.APART:
        return True
    if meant(one.text) & topic:
        return False
    is_handling = PROCESS.within(words_of(one.text)) and one.words < _LONG_WORDS
    if strength < Strength.SURE:
        return first.is_problem and not is_handling and _asks_at_length(one, strength)
    if one.is_problem != first.is_problem:
        return strength == Strength.SURE and (one.is_problem or not is_handling)
    asks = (one.is_question or one.is_request) and one.words >= _OWN_WORDS and not one.overlap
    return strength == Strength.SURE and one.is_problem and asks and not is_handling


def _asks_at_length(one: Item, strength: int) -> bool:
    """Return whether an item asks for something in several words, and is no problem where it only says `also`."""
    paragraph = one.text.split("\n\n", 1)[0]
    words = words_of(paragraph)
    asks = "?" in paragraph or REQUEST.within(words) or asks_first(paragraph)
    is_long = len(words) >= _ADDED_WORDS
    sentence = words_of(re.split(r"[.!?]\s", paragraph, maxsplit=1)[0])
    if strength == Strength.ALSO and (one.is_problem or one.overlap):
        return False
    if POINTING.within(sentence) or HANDLING.within(sentence):
        return False
    return asks and is_long and _is_added(one) and (not one.overlap or one.words >= _LONG_WORDS)


def _is_own_matter(one: Item) -> bool:
    """Return whether what stands before another matter is a matter itself, and no thanks or greeting."""
    if KIND_WORDS.begins(words_of(one.text[:80])):
        return False
    return one.words >= _FIRST_WORDS
