"""Items with their features, where the last one ends, the lead-in, and what belongs to all."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from mailgateway.model.segments import Item, ListKind
from mailgateway.triage.split.courtesy import is_closing, is_greeting, is_signed, says_farewell, without_farewell
from mailgateway.triage.split.page import Candidate, Page, Row
from mailgateway.triage.split.titles import title_of
from mailgateway.triage.split.vocabulary import (
    ANOTHER,
    ASKS_FIRST,
    BACK,
    COMMON,
    EXPLETIVE,
    PROBLEM,
    PRONOUN,
    QUESTION,
    REQUEST,
    SHARED,
    Words,
    words_of,
)

MAX_LEAD_IN = 300
_NEAR_WORDS = 4  # At the beginning of an item, where a pronoun refers to something before it
_LOOKED_AT = 2_000  # Characters of an item whose words are weighed
_STEM = 5
_MEANT = 4  # Letters of a word that says what something is about
_MOST_COMPARED = 64  # Items; of longer lists the first ones count
_LONG_BODY = (ListKind.HEADINGS, ListKind.ORDINALS, ListKind.CONNECTIVES)
_TOLD = (ListKind.ORDINALS, ListKind.CONNECTIVES)
_CLAUSES = re.compile(r"[.!?:;,|\n]\s*|\s[-\u2013\u2014]\s")
_SENTENCE_ENDS = re.compile(r"[.!?\n]\s*")
_WORD = re.compile(r"[^\W_]")
_IN_NAME = re.compile(r"[\w-]")
_BEGINNING = 80  # Characters of an item
_CLAUSE = 40  # Characters of a clause that are looked at
_SENTENCE_END = (".", "!", "?", ":", ";", ")")


class _Shape(NamedTuple):
    """How the items before the last one look: that one may be as they are.

    Attributes:
        is_long: Whether they may have several paragraphs.
        is_short: Whether each has one line.
        is_headed: Whether each has more than one line, the first of which may be a heading.
    """

    is_long: bool
    is_short: bool
    is_headed: bool


def end_of(page: Page, candidate: Candidate) -> int:
    """Return where the last item ends: before the paragraph that closes the mail, or with its own paragraph."""
    if candidate.end is not None:
        return candidate.end
    last = candidate.starts[-1][0]
    shape = _shape_of(page, candidate)
    signed = _signed_from(page, last) if candidate.kind in _TOLD else len(page.text)
    end, before, lines = last, None, 0
    for row in page.rows:
        if row.end < last:
            continue
        if row.start >= signed or (row.start > last and before is not None and _is_behind(row, before, shape, lines)):
            return end
        if not row.is_blank:
            end, lines = row.end, lines + 1
        before = row
    return end


def _shape_of(page: Page, candidate: Candidate) -> _Shape:
    is_long = candidate.kind in _LONG_BODY or _has_paragraphs(page, candidate)
    is_headed = is_long and candidate.kind not in _TOLD and _has_a_body_each(page, candidate)
    return _Shape(is_long, not is_long and _has_one_line_each(page, candidate), is_headed)


def _signed_from(page: Page, last: int) -> int:
    """Return where the name of who wrote it begins behind the last item, the end of the text where none does."""
    paragraph = page.paragraphs[-1] if page.paragraphs else ()
    is_name = bool(paragraph) and paragraph[0].start > last and is_signed(paragraph)
    return paragraph[0].start if is_name else len(page.text)


def _is_behind(row: Row, before: Row, shape: _Shape, lines: int) -> bool:
    """Return whether a row stands behind the last item, which has so many lines before it."""
    if row.is_blank or row.indent > 1:
        return False
    if says_farewell(row.text):
        return True
    if shape.is_headed and lines == 1:
        return False
    if _closes(row, before, shape):
        return True
    if before.is_blank:
        return not shape.is_long or SHARED.begins(words_of(row.text)) > 0
    return shape.is_short and _ends_a_sentence(before) and row.text[:1].isupper()


def _closes(row: Row, before: Row, shape: _Shape) -> bool:
    """Return whether a row closes the mail, and is no further line of a sentence, or of one of several paragraphs."""
    if not is_closing(row.text) or ANOTHER.begins(words_of(row.text)):
        return False
    is_new = _ends_a_sentence(before) or not row.text.strip()[:1].islower()
    return before.is_blank or (is_new and not shape.is_long)


def _ends_a_sentence(row: Row) -> bool:
    return row.text.rstrip().endswith(_SENTENCE_END)


def _has_a_body_each(page: Page, candidate: Candidate) -> bool:
    """Return whether all items but the last, of which it is not known yet, have more than one line."""
    starts = [start for start, _ in candidate.starts]
    return all("\n" in page.text[start:end].strip() for start, end in pairwise(starts))


def _has_paragraphs(page: Page, candidate: Candidate) -> bool:
    """Return whether an item before the last has more than one paragraph."""
    starts = [start for start, _ in candidate.starts]
    return any("\n\n" in page.text[start:end].strip() for start, end in pairwise(starts))


def _has_one_line_each(page: Page, candidate: Candidate) -> bool:
    starts = [start for start, _ in candidate.starts]
    return all("\n" not in page.text[start:end].strip() for start, end in pairwise(starts))


def items_of(page: Page, candidate: Candidate, attachments: Sequence[str]) -> tuple[Item, ...]:
    """Return the items of a candidate; those without words are left out."""
    starts = [start for start, _ in candidate.starts]
    ends = [*starts[1:], end_of(page, candidate)]
    spans = [
        (start, body + len(without_farewell(page.text[body:end])), body)
        for (start, body), end in zip(candidate.starts, ends, strict=True)
    ]
    texts = [page.text[body:end].strip() for _, end, body in spans]
    shared = _overlaps(texts)
    return tuple(
        _item(span, text, overlap, attachments)
        for span, text, overlap in zip(spans, texts, shared, strict=True)
        if _WORD.search(text)
    )


def _item(span: tuple[int, int, int], text: str, overlap: int, attachments: Sequence[str]) -> Item:
    seen = text[:_LOOKED_AT]
    words = words_of(seen)
    asks = "?" in seen or _asks(words)
    return Item(
        start=span[0],
        end=span[1],
        title=title_of(text),
        text=text,
        words=len(text.split()),
        is_question=asks,
        is_problem=PROBLEM.within(words),
        is_request=REQUEST.within(words) or asks_first(seen),
        overlap=overlap,
        files=named_in(seen, attachments),
    )


def named_in(text: str, files: Sequence[str]) -> tuple[str, ...]:
    """Return the attachments whose names stand in a text, also over two lines, but not as a piece of a longer name.

    A very short name may stand there by chance.
    """
    line = " ".join(text.lower().split())
    return tuple(name for name in files if len(name) > _MEANT and _is_named(line, " ".join(name.lower().split())))


def _is_named(line: str, name: str) -> bool:
    at = line.find(name) if name else -1
    while at >= 0:
        end = at + len(name)
        goes_on = line[end : end + 1].isalnum() or line[end : end + 1] == "_"
        has_ending = line[end : end + 1] == "." and line[end + 1 : end + 2].isalnum()
        if not (goes_on or has_ending or _IN_NAME.match(line[max(0, at - 1) : at])):
            return True
        at = line.find(name, end)
    return False


def asks_first(text: str) -> bool:
    """Return whether a sentence begins as one that asks for something to be done."""
    return any(ASKS_FIRST.begins(words_of(one[:_CLAUSE])) for one in _CLAUSES.split(text))


def _asks(words: Words) -> bool:
    return QUESTION.within(words[:3])


def refers_back(text: str) -> bool:
    """Return whether an item goes on with something before it: its first words have a pronoun for that."""
    words = words_of(_SENTENCE_ENDS.split(text[:_BEGINNING], 1)[0])
    near = words[:_NEAR_WORDS]
    if BACK.begins(words):
        return not EXPLETIVE.begins(words)
    return PRONOUN.within(near) and not EXPLETIVE.within(words[: _NEAR_WORDS + 2])


def _overlaps(texts: Sequence[str]) -> list[int]:
    """Return for each text how much of its vocabulary the likest other one shares, in a hundred."""
    vocabularies = [meant(text[:_LOOKED_AT]) for text in texts[:_MOST_COMPARED]]
    found = [0] * len(texts)
    for at, one in enumerate(vocabularies):
        others = (_likeness(one, other) for other in (*vocabularies[:at], *vocabularies[at + 1 :]))
        found[at] = max(others, default=0)
    return found


def meant(text: str) -> frozenset[str]:
    """Return the beginnings of the words that say what a text is about."""
    words = (word for word in words_of(text) if len(word) >= _MEANT and word not in COMMON)
    return frozenset(word[:_STEM] for word in words if not word.isdecimal())


def _likeness(one: frozenset[str], other: frozenset[str]) -> int:
    fewer = min(len(one), len(other))
    return 100 * len(one & other) // fewer if fewer else 0


def lead_in(page: Page, start: int) -> str:
    """Return the paragraph before the first item, on one line without a greeting, its end where it is long.

    What belongs to all (the version, the system) may stand between: then the paragraph before that is returned.
    """
    nearest = ""
    for paragraph in _paragraphs_before(page, start):
        text = " ".join(" ".join(paragraph).split())
        if text and not (SHARED.begins(words_of(text)) and not text.endswith(":")):
            nearest = text
            break
        nearest = nearest or text
    return re.sub(r"^\S*\s", "", nearest[-MAX_LEAD_IN:]) if len(nearest) > MAX_LEAD_IN else nearest


def _paragraphs_before(page: Page, start: int) -> Iterator[list[str]]:
    """Yield the lines of the paragraphs before a place, the last first; greetings are empty."""
    paragraph: list[str] = []
    for row in reversed(page.rows):
        if row.start >= start:
            continue
        if row.is_blank and paragraph:
            yield paragraph[::-1]
            paragraph = []
        elif not row.is_blank:
            paragraph.append("" if is_greeting(row) else page.text[row.start : min(row.end, start)])
    yield paragraph[::-1]


def shared_of(text: str, items: Sequence[Item]) -> tuple[tuple[int, int], ...]:
    """Return what stands between and around the items, without the blanks at its ends."""
    edges = [0, *(edge for one in items for edge in (one.start, one.end)), len(text)]
    found = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        words = text[start:end].strip()
        if words:
            begin = start + len(text[start:end]) - len(text[start:end].lstrip())
            found.append((begin, begin + len(words)))
    return tuple(found)
