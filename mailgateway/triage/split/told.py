"""What is set apart by words: things counted off, and paragraphs that begin or are another matter."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from mailgateway.model.segments import ListKind
from mailgateway.triage.split.page import Candidate, Page, Row
from mailgateway.triage.split.vocabulary import (
    ALSO,
    ANNOUNCED,
    ANOTHER,
    CLOSING,
    GREETING,
    LAST,
    NUMBERS,
    ORDINALS,
    SHARED,
    words_of,
)

_SENTENCE = re.compile(r"(?:[.!?:;]|\u2014)\s+(?=[\"'(]?[^\W\d_])")
_CHARS = 80
_GREETING_WORDS = 8
_BETWEEN = 4
_SENTENCE_WORDS = 5


class Sentence(NamedTuple):
    """A sentence, or a line of one.

    Attributes:
        start: Where it begins in the text, in characters.
        words: Those of its first _CHARS characters.
    """

    start: int
    words: list[str]


def told(page: Page) -> Iterator[Candidate]:
    """Yield what is set apart by words: counted off, by words for another matter, by paragraphs that were announced."""
    sentences = list(_sentences(page))
    yield from _ordinals(page, sentences)
    bodies = _bodies(page)
    yield from _connected(sentences, bodies)
    yield from _announced(bodies)
    if len(bodies) > 1:
        yield Candidate(ListKind.PARAGRAPHS, _starts(bodies), bodies[-1][-1].end)


def announced_count(words: Sequence[str]) -> int:
    """Return how many matters the words announce, 0 where they give no number."""
    for at in range(len(words)):
        if ANNOUNCED.at(words, at):
            before = words[max(0, at - _BETWEEN) : at]
            for number, phrases in enumerate(NUMBERS, start=2):
                if phrases.within(before):
                    return number
    return 0


def is_greeting(row: Row) -> bool:
    """Return whether a line only greets."""
    words = words_of(row.text[:_CHARS])
    if len(words) > _GREETING_WORDS or not GREETING.begins(words) or "?" in row.text:
        return False
    return not row.text.rstrip().endswith(":") and not ANNOUNCED.within(words)


def is_closing(text: str) -> bool:
    """Return whether a paragraph ends the mail or says something on all of it."""
    return CLOSING.begins(words_of(text[:_CHARS])) > 0


def _sentences(page: Page) -> Iterator[Sentence]:
    for row in page.rows:
        if not row.text:
            continue
        starts = [row.indent, *(each.end() for each in _SENTENCE.finditer(row.text))]
        for start, end in pairwise((*starts, len(row.text))):
            yield Sentence(row.start + start, words_of(row.text[start : min(end, start + _CHARS)]))


def _ordinals(page: Page, sentences: Sequence[Sentence]) -> Iterator[Candidate]:
    """Yield what is counted off from first on: sentences, lines or paragraphs."""
    found: list[tuple[int, int]] = []
    for start, words in sentences:
        at = len(found)
        counts = ORDINALS[at].begins(words) if at < len(ORDINALS) else 0
        if not (counts or (at and LAST.begins(words))):
            continue
        if page.text[start : start + 1].isupper() or page.text[max(0, start - 2) : start].strip(" ") in ("", "\n\n"):
            found.append((start, start))
    if len(found) > 1:
        yield Candidate(ListKind.ORDINALS, tuple(found))


def _bodies(page: Page) -> list[tuple[Row, ...]]:
    """Return the paragraphs that say something: no greeting, no closing, not what belongs to all."""
    found = []
    for paragraph in page.paragraphs:
        rows = paragraph[1:] if is_greeting(paragraph[0]) else paragraph
        words = words_of(rows[0].text) if rows else []
        all_words = words_of(" ".join(row.text for row in rows))
        if len(all_words) < _SENTENCE_WORDS and not ANNOUNCED.within(all_words):
            continue
        if not ANOTHER.begins(words) and (is_closing(rows[0].text) or SHARED.begins(words)):
            continue
        found.append(rows)
    return found


def _connected(sentences: Sequence[Sentence], bodies: Sequence[Sequence[Row]]) -> Iterator[Candidate]:
    """Yield what words for another matter set apart; what stands before the first of them is the first item."""
    if not bodies:
        return
    first = _first_body(bodies)
    begins = {rows[0].start + rows[0].indent for rows in bodies}
    found: list[int] = []
    for start, words in sentences:
        if start > first and (ANOTHER.begins(words) or (start in begins and ALSO.begins(words))):
            found.append(start)
    if found:
        yield Candidate(ListKind.CONNECTIVES, tuple((start, start) for start in (first, *found)))


def _first_body(bodies: Sequence[Sequence[Row]]) -> int:
    """Return where the first matter begins: behind a paragraph that only announces."""
    rows = bodies[0]
    words = words_of(" ".join(row.text for row in rows))
    if len(bodies) > 1 and ANNOUNCED.within(words) and len(words) <= _CHARS // 4:
        rows = bodies[1]
    return rows[0].start + rows[0].indent


def _starts(bodies: Sequence[Sequence[Row]]) -> tuple[tuple[int, int], ...]:
    return tuple((rows[0].start, rows[0].start) for rows in bodies)


def _announced(bodies: Sequence[Sequence[Row]]) -> Iterator[Candidate]:
    """Yield paragraphs that are as many as the one before them, or the subject, says."""
    if len(bodies) > 1:
        words = words_of(" ".join(row.text for row in bodies[0]))
        if announced_count(words) == len(bodies) - 1:
            yield Candidate(ListKind.PARAGRAPHS, _starts(bodies[1:]), bodies[-1][-1].end)
