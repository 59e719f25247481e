"""What is set apart by words: things counted off, and paragraphs that begin or are another matter."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from mailgateway.model.segments import ListKind
from mailgateway.triage.split.connected import Sentence, added, begins_another, connected
from mailgateway.triage.split.courtesy import is_closing, is_greeting, is_signed
from mailgateway.triage.split.items import asks_first, refers_back
from mailgateway.triage.split.page import Candidate, Page, Row
from mailgateway.triage.split.vocabulary import (
    ALSO,
    AND,
    ANNOUNCED,
    ANOTHER,
    LAST,
    NUMBERS,
    ORDINALS,
    PERHAPS_ANOTHER,
    PROBLEM,
    REQUEST,
    SHARED,
    Words,
    words_of,
)

_SENTENCE = re.compile(r"(?:[.!?:;]|\u2014)\s+(?=[\"'(]?[^\W\d_])")
_RULE = re.compile(r"\s{0,4}(?:-{3,}|={3,}|\*{3,}|_{3,}|~{3,}|\u2014{2,})\s*$")
_CLAUSE = re.compile(
    r"(?<=[,;:.!?(\u2014\u2013])\s*(?=\w)|(?<=\s[-\u2013\u2014])\s(?=\w)|(?<=\w)\s(?=(?:dels|and|och|und|et|pis|\u0438|\u0430)\s)|\A|(?<=\n)"
)
_CLAUSES = 4_000  # Characters of a paragraph
_MOST_BODIES = 24
_RULES = 2
_CHARS = 80
_SENTENCE_CHARS = 120
_BETWEEN = 4
_SENTENCE_WORDS = 5
_FAREWELL_WORDS = 6


def told(page: Page) -> Iterator[Candidate]:
    """Yield what is set apart by words: counted off, by words for another matter, by paragraphs that were announced."""
    sentences, clauses = list(_sentences(page)), list(_clauses(page))
    yield from _ordinals(page, sentences, clauses)
    yield from _ruled(page)
    bodies = _bodies(page)
    if bodies:
        first = _first_matter(page, bodies)
        yield from connected(sentences, first)
        yield from added(sentences, first)
        yield from added([_behind_and(one) for one in clauses], first)
    yield from _announced(bodies)
    yield from _paragraphs(bodies)


def announced_count(words: Words) -> int:
    """Return how many matters the words announce, 0 where they give no number."""
    for at in range(len(words)):
        if ANNOUNCED.at(words, at):
            before = words[max(0, at - _BETWEEN) : at]
            for number, phrases in enumerate(NUMBERS, start=2):
                if phrases.within(before):
                    return number
    return 0


def _sentences(page: Page) -> Iterator[Sentence]:
    was_blank = True
    for row in page.rows:
        if row.text:
            starts = [row.indent, *(each.end() for each in _SENTENCE.finditer(row.text))]
            for start, end in pairwise((*starts, len(row.text))):
                words = words_of(row.text[start : min(end, start + _SENTENCE_CHARS)])
                yield Sentence(row.start + start, words, was_blank and start == row.indent)
        was_blank = not row.text


def _ruled(page: Page) -> Iterator[Candidate]:
    """Yield what stands between lines of dashes, each with lines of its own."""
    blocks: list[list[Row]] = [[]]
    for row in page.rows:
        if _RULE.match(row.text):
            blocks.append([])
        elif row.text.strip():
            blocks[-1].append(row)
    inside = [block for block in blocks[1:] if block]
    behind = blocks[-1]
    items = inside[:-1] if behind and is_closing(behind[0].text) else inside
    if len(blocks) > _RULES and len(items) > 1:
        yield Candidate(ListKind.PARAGRAPHS, _starts(items), items[-1][-1].end)


def _ordinals(page: Page, sentences: Sequence[Sentence], clauses: Sequence[Sentence]) -> Iterator[Candidate]:
    """Yield what is counted off from first on: sentences, lines or paragraphs; else what is within a sentence."""
    spoken = [one for one in sentences if one.begins or page.text[one.start : one.start + 1].isupper()]
    for some in (spoken, clauses):
        found: list[Sentence] = []
        for one in some:
            at = len(found)
            words = one.words[AND.begins(one.words) :]
            if (at < len(ORDINALS) and ORDINALS[at].begins(words)) or (at and LAST.begins(one.words)):
                found.append(one)
        if len(found) > 1:
            starts = tuple((one.start, one.start) for one in found)
            yield Candidate(ListKind.ORDINALS, starts, is_vague=not all(one.begins for one in found))
            return


def _behind_and(one: Sentence) -> Sentence:
    """Return a clause without the `and` that it begins with."""
    size = AND.begins(one.words)
    return one._replace(words=one.words[size:]) if size else one


def _clauses(page: Page) -> Iterator[Sentence]:
    """Yield what a word that counts may begin: sentences, and what stands behind a comma, a colon or `and`."""
    for paragraph in page.paragraphs:
        if any(not row.text for row in paragraph):
            continue
        start, end = paragraph[0].start, paragraph[-1].end
        for each in _CLAUSE.finditer(page.text, start, min(end, start + _CLAUSES)):
            yield Sentence(each.end(), words_of(page.text[each.end() : each.end() + _CHARS]), begins=False)


def _bodies(page: Page) -> list[tuple[Row, ...]]:
    """Return the paragraphs that say something: no greeting, no closing, not what belongs to all."""
    found: list[tuple[Row, ...]] = []
    is_over = False
    for paragraph in page.paragraphs:
        rows = paragraph[1:] if is_greeting(paragraph[0]) else paragraph
        words = words_of(rows[0].text) if rows else ()
        if found and rows and (is_signed(rows) or is_over) and not _goes_on(words):
            continue
        is_over = is_over or (bool(found) and bool(rows) and is_closing(rows[0].text) and len(words) <= _FAREWELL_WORDS)
        all_words = words_of(" ".join(row.text for row in rows))
        if len(all_words) < _SENTENCE_WORDS and not ANNOUNCED.within(all_words):
            continue
        if not ANOTHER.begins(words) and ((found and is_closing(rows[0].text)) or SHARED.begins(words)):
            continue
        found.append(rows)
    return found


def _goes_on(words: Words) -> bool:
    """Return whether a paragraph behind a farewell adds something: a postscript, another matter."""
    return any(one.begins(words) for one in (ANOTHER, ALSO, PERHAPS_ANOTHER))


def _first_matter(page: Page, bodies: Sequence[Sequence[Row]]) -> int:
    """Return where the first matter begins: before another one there is one, be it of a word."""
    first = _first_body(bodies)
    rows = [row for row in page.rows if row.start < bodies[0][0].start and row.text.strip() and not is_greeting(row)]
    if rows and begins_another(words_of(bodies[0][0].text[:_SENTENCE_CHARS])):
        return rows[0].start + rows[0].indent
    return first


def _first_body(bodies: Sequence[Sequence[Row]]) -> int:
    """Return where the first matter begins: behind a paragraph that only announces."""
    rows = bodies[0]
    words = words_of(" ".join(row.text for row in rows))
    if len(bodies) > 1 and ANNOUNCED.within(words) and len(words) <= _CHARS // 4:
        rows = bodies[1]
    return rows[0].start + rows[0].indent


def _starts(bodies: Sequence[Sequence[Row]]) -> tuple[tuple[int, int], ...]:
    return tuple((rows[0].start, rows[0].start) for rows in bodies)


def _paragraphs(bodies: Sequence[tuple[Row, ...]]) -> Iterator[Candidate]:
    """Yield paragraphs, each an item; of a few also without the first one, and with those that go on as one."""
    told: list[Sequence[tuple[Row, ...]]] = []
    for some in (bodies, *(_fewer(bodies) if len(bodies) <= _MOST_BODIES else ())):
        if len(some) > 1 and some not in told:
            told.append(some)
            yield Candidate(ListKind.PARAGRAPHS, _starts(some), bodies[-1][-1].end, is_vague=True)


def _fewer(bodies: Sequence[tuple[Row, ...]]) -> Iterator[Sequence[tuple[Row, ...]]]:
    asking = [_asks_for_something(rows) for rows in bodies]
    yield [rows for rows, asks in zip(bodies, asking, strict=True) if asks and not _refers_back(rows)]
    yield bodies[1:]


def _asks_for_something(rows: Sequence[Row]) -> bool:
    text = " ".join(row.text for row in rows)
    words = words_of(text)
    return "?" in text or PROBLEM.within(words) or REQUEST.within(words) or asks_first(text)


def _refers_back(rows: Sequence[Row]) -> bool:
    return refers_back(" ".join(row.text for row in rows[:2]))


def _announced(bodies: Sequence[Sequence[Row]]) -> Iterator[Candidate]:
    """Yield paragraphs that are as many as the one before them, or the subject, says."""
    if len(bodies) > 1:
        words = words_of(" ".join(row.text for row in bodies[0]))
        if announced_count(words) == len(bodies) - 1:
            yield Candidate(ListKind.PARAGRAPHS, _starts(bodies[1:]), bodies[-1][-1].end)
