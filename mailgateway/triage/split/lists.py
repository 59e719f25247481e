"""Runs of marked lines that are one list: numbered, lettered, bulleted, headed, rows of a table, or within a line."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailgateway.model.segments import ListKind
from mailgateway.triage.split import marks
from mailgateway.triage.split.inline import inline
from mailgateway.triage.split.marks import Mark
from mailgateway.triage.split.page import Candidate, Page, Row
from mailgateway.triage.split.vocabulary import PROBLEM, REQUEST, SHARED, words_of

_BULLETS = frozenset(marks.BULLETS)
_DIGITS = re.compile(r"[\s\d]+")
_MOST_RUNS = 4
_HEADER_WORDS = 5
_LEVELS = 2
_RULED = re.compile(r"[\s|:+=-]+$")
_FIRST_CELL = re.compile(r"\s*\|?\s*(?:№|#)?\s*(\d{1,2})\.?\s*\|\s*")
_TABLE_COLUMNS = 2
_LOOKED_AT = 600  # Characters of a section


def lists(page: Page) -> Iterator[Candidate]:
    """Yield the lists of a text, at most a few of each kind, those that are surest first."""
    named = _counted(marks.named(page))
    yield from (replace(one, is_named=True) for one in _candidates(ListKind.HEADINGS, named))
    yield from _headed(page)
    yield from _table(page)
    numbered = marks.numbered(page)
    found = _counted(numbered)
    yield from _candidates(ListKind.NUMBERED, _counted(_drawn_alike(page, numbered))[:_LEVELS])
    yield from _candidates(ListKind.NUMBERED, found)
    yield from _candidates(ListKind.NUMBERED, _counted(marks.roman(page)))
    if not named:
        yield from _candidates(ListKind.NUMBERED, _counted(marks.called(page)))
    yield from _candidates(ListKind.LETTERED, _counted(marks.lettered(page)))
    yield from _candidates(ListKind.BULLETS, _bulleted(page))
    yield from inline(page, numbers=not found and not named)


def _candidates(kind: ListKind, runs: Sequence[Sequence[Mark]]) -> Iterator[Candidate]:
    for run in runs[:_MOST_RUNS]:
        yield Candidate(kind, tuple((mark.start, mark.body) for mark in run))


def _drawn_alike(page: Page, found: Sequence[Mark]) -> list[Mark]:
    """Return marks with styles that tell `1.` from `1)`, none where all are drawn alike.

    What is counted in one way may stand within what is counted in the other.
    """
    drawn = [_DIGITS.sub("", page.text[mark.start : mark.body]) for mark in found]
    if len(set(drawn)) < 2:  # noqa: PLR2004 -- one way
        return []
    return [mark._replace(style=f"{mark.style}{sign}") for mark, sign in zip(found, drawn, strict=True)]


def _counted(found: Sequence[Mark]) -> list[list[Mark]]:
    """Return the runs of marks of one style that count from one, each with two at least."""
    runs: list[list[Mark]] = []
    current: dict[str, list[Mark]] = {}
    for mark in found:
        run = current.get(mark.style)
        if run and mark.number == run[-1].number + 1:
            run.append(mark)
        elif mark.number == 1:
            current[mark.style] = [mark]
            runs.append(current[mark.style])
    return [run for run in runs if len(run) > 1]


def _bulleted(page: Page) -> list[list[Mark]]:
    """Return the runs of bullets of one style that nothing unmarked stands between."""
    runs: list[list[Mark]] = []
    current: dict[str, list[Mark]] = {}
    breaks = _breaks(page)
    for mark in marks.bulleted(page):
        run = current.get(mark.style)
        if run and breaks[mark.row] == breaks[run[-1].row]:
            run.append(mark)
        else:
            current[mark.style] = [mark]
            runs.append(current[mark.style])
    return [run for run in runs if len(run) > 1]


def _breaks(page: Page) -> list[int]:
    """Return for each row how many paragraphs began before it at the margin, without a mark."""
    counted, count, was_blank = [], 0, True
    for row in page.rows:
        is_marked = row.text.lstrip()[:1] in _BULLETS or marks.is_marked(row)
        count += was_blank and not row.is_blank and row.indent == 0 and not is_marked
        was_blank = row.is_blank
        counted.append(count)
    return counted


def _headed(page: Page) -> Iterator[Candidate]:
    """Yield the headings of one level, without those that stand above what belongs to all."""
    levels: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks.headings(page):
        levels[mark.style].append(mark)
    several = [found for found in levels.values() if len(found) > 1]
    for found in sorted(several, key=lambda run: run[0].start)[:_LEVELS]:
        ends_of = [*(mark.start for mark in found[1:]), len(page.text)]
        own = [not _is_shared(page, mark, end) for mark, end in zip(found, ends_of, strict=True)]
        inside = [mark for mark, is_own in zip(found, own, strict=True) if is_own]
        ends = [mark.start for mark in found if inside and mark.start > inside[-1].start]
        if len(inside) > 1 and _is_one_run(own):
            starts = tuple((mark.start, mark.body) for mark in inside)
            yield Candidate(ListKind.HEADINGS, starts, min(ends, default=None))


def _is_shared(page: Page, mark: Mark, end: int) -> bool:
    """Return whether a heading stands above what belongs to all, and nothing is asked there."""
    if not SHARED.begins(words_of(page.text[mark.body : page.rows[mark.row].end])):
        return False
    words = words_of(page.text[mark.body : end][:_LOOKED_AT])
    return not (REQUEST.within(words) or PROBLEM.within(words))


def _is_one_run(own: Sequence[bool]) -> bool:
    """Return whether headings of what belongs to all stand only before or behind the others."""
    first, last = own.index(True), len(own) - own[::-1].index(True)
    return all(own[first:last])


def _table(page: Page) -> Iterator[Candidate]:
    for paragraph in page.paragraphs:
        rows = [row for row in paragraph if "|" in row.text.strip().strip("|")]
        if len(rows) >= _TABLE_COLUMNS:
            yield from _rows(rows)


def _rows(rows: Sequence[Row]) -> Iterator[Candidate]:
    """Yield the rows of a table that are items: those with numbers, else those below the head."""
    ruled = [at for at, row in enumerate(rows) if _RULED.match(row.text)]
    body = [row for row in rows if not _RULED.match(row.text)]
    counted = [row for row in body if _FIRST_CELL.match(row.text)]
    if len(counted) < len(body) - 1:
        counted = body[1:] if ruled or _is_head(body[0]) else body
    starts = tuple((row.start, row.start + _behind_number(row)) for row in counted)
    if len(starts) > 1:
        yield Candidate(ListKind.TABLE, starts, counted[-1].end, rows[0].start)


def _is_head(row: Row) -> bool:
    return all(len(words_of(cell)) <= _HEADER_WORDS for cell in row.text.split("|"))


def _behind_number(row: Row) -> int:
    number = _FIRST_CELL.match(row.text)
    return number.end() if number else len(row.text) - len(row.text.lstrip(" |"))
