"""Where a mail can be cut: the likeliest list, enumeration or topic shift of its new text."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple

from mailgateway.model.segments import Item, ListKind, Segments, Span
from mailgateway.triage.split.alone import HELD, weighed
from mailgateway.triage.split.connected import settled
from mailgateway.triage.split.features import Counted
from mailgateway.triage.split.items import end_of, items_of, lead_in, shared_of
from mailgateway.triage.split.lead import Around, Weighed, sentences
from mailgateway.triage.split.lists import lists
from mailgateway.triage.split.page import Candidate, Page, page_of
from mailgateway.triage.split.points import LISTED, TOLD
from mailgateway.triage.split.quoted import is_quoted
from mailgateway.triage.split.score import Scored, scored_from
from mailgateway.triage.split.told import told

MAX_ITEMS = 200
"""Longer lists are no matters of a person."""
MAX_APART = 12
LIKELY = -5
"""From so many points on several matters are worth a word to an agent."""
MOST_SCORED = 24
"""Items that are counted for the score; of longer lists the first ones."""
_WORDS_ALONE = frozenset({ListKind.CONNECTIVES, ListKind.PARAGRAPHS})
_ANY = -1_000_000  # Points
_LOOKED_AT = 8_000  # Characters of an item that could be cut again
_MOST_CANDIDATES = 16
_HOLD_NOTHING = frozenset({*_WORDS_ALONE, ListKind.ORDINALS})  # Lists within their items are not theirs


class Way(NamedTuple):
    """A way to cut a mail.

    Attributes:
        page: The mail.
        candidate: Where its items begin.
        items: Two at least.
        around: The words around them.
        because: What its own words say of it, None where they say nothing.
    """

    page: Page
    candidate: Candidate
    items: tuple[Item, ...]
    around: Around
    because: Weighed | None


def segments(
    text: str, headings: tuple[str, ...] = (), attachments: tuple[str, ...] = (), subject: str = ""
) -> Segments | None:
    """Return where a mail can be cut, None where it cannot.

    Linear in the text. Items and what they share hold every line of it.

    Args:
        text: The new words of the author (`Body.text`).
        headings: Lines of it that are known to be headings (`Body.headings`).
        attachments: The names of the mail's attachments.
        subject: Of the mail; it may announce several matters or say that it is an answer.

    Returns:
        The way with the most points; where none has LIKELY, a list before what words alone set apart. Of lists within
        lists the outermost counts. Of more than MAX_APART items, and where an item could be cut again, it is not known
        that they are as many matters: then it has LIKELY points at most, and no `apart`.
    """
    found = _likeliest(text, headings, attachments, subject)
    if found is None or not _speaks_for_several(found):
        return found
    if len(found.items) > MAX_APART or any(map(_holds_several, found.items)):
        return replace(found, apart="", score=min(found.score, LIKELY))
    return found


def _speaks_for_several(found: Segments) -> bool:
    return found.apart != "" or found.score >= LIKELY


def _holds_several(item: Item) -> bool:
    inner = _likeliest(item.text[:_LOOKED_AT], (), (), "")
    return inner is not None and _speaks_for_several(inner)


def _likeliest(text: str, headings: tuple[str, ...], attachments: Sequence[str], subject: str) -> Segments | None:
    best: tuple[Way, Scored] | None = None
    for way in ways_to_cut(text, headings, attachments, subject):
        if score := _score(way, _least(way, best)):
            best = way, score
    return _segments(*best) if best else None


def _least(way: Way, best: tuple[Way, Scored] | None) -> int:
    """Return how many points a way must have to be taken instead of the best one so far.

    The one with the most points is taken, but where nothing speaks for several, lists come before what is told.
    """
    if best is None:
        return _ANY
    other, score = best
    if score.points >= LIKELY or is_told(way.candidate) == is_told(other.candidate):
        return score.points + 1
    return LIKELY if is_told(way.candidate) else _ANY


def ways_to_cut(
    text: str, headings: tuple[str, ...] = (), attachments: Sequence[str] = (), subject: str = ""
) -> Iterator[Way]:
    """Yield every way to cut a mail that is looked at: the outermost lists, and what is told; as `segments`."""
    page = page_of(text, headings)
    candidates = list(islice(chain(lists(page), told(page)), _MOST_CANDIDATES))
    outermost = [one for one in candidates if not any(_holds(page, other, one) for other in candidates)]
    tried: set[tuple[tuple[Span, ...], int]] = set()
    seen: set[tuple[Span, ...]] = set()
    for one, because in chain.from_iterable(_chosen(page, candidate, subject) for candidate in outermost):
        borders = (one.starts, end_of(page, one))
        way = None if borders in tried else _way(page, one, attachments, subject, because)
        tried.add(borders)
        spans = tuple((item.start, item.end) for item in way.items) if way else ()
        if way and spans not in seen:
            yield way
        seen.add(spans)


def _chosen(page: Page, candidate: Candidate, subject: str) -> Iterator[tuple[Candidate, Weighed | None]]:
    """Yield a candidate, before it with those items alone that are matters of their own by words that say so."""
    if len(candidate.starts) > MAX_ITEMS:
        return
    if candidate.kind is ListKind.CONNECTIVES:
        chosen, because = settled(page, candidate, subject)
        yield chosen, because
        if chosen == candidate:
            return
    yield candidate, None


def _holds(page: Page, outer: Candidate, inner: Candidate) -> bool:
    """Return whether all of a list stands within one item of another."""
    if outer is inner or outer.kind in _HOLD_NOTHING or inner.starts[0][0] <= outer.starts[0][0]:
        return False
    starts = [start for start, _ in outer.starts]
    ends = [*starts[1:], end_of(page, outer)]
    first, last = inner.starts[0][0], inner.starts[-1][0]
    return any(start < first and last < end for start, end in zip(starts, ends, strict=True))


def _way(
    page: Page, candidate: Candidate, attachments: Sequence[str], subject: str, because: Weighed | None
) -> Way | None:
    """Return a candidate with its items and what is around them, None where fewer than two have words."""
    items = items_of(page, candidate, attachments)
    if len(items) < 2:  # noqa: PLR2004 -- one item is the whole
        return None
    start = items[0].start if candidate.top is None else candidate.top
    before = lead_in(page, start)
    quoted = is_quoted(page, [one.start for one in items], (sentences(before) or [""])[-1])
    around = Around(
        candidate.kind,
        before,
        page.text[:start][-2_000:],
        page.text[items[-1].end :][:2_000],
        subject[:500],
        is_quoted=quoted,
        is_named=candidate.is_named,
        is_vague=candidate.is_vague,
    )
    return Way(page, candidate, items, around, because)


def is_told(candidate: Candidate) -> bool:
    """Return whether words alone set items apart: these have a scorecard of their own."""
    return candidate.kind in _WORDS_ALONE


def _score(way: Way, least: int) -> Scored | None:
    """Return how much speaks for the items of a way being several matters, None where that is less than `least`."""
    card = TOLD if is_told(way.candidate) else LISTED
    return scored_from(card, Counted(way.items[:MOST_SCORED], way.around, way.candidate.strengths), least)


def _segments(way: Way, score: Scored) -> Segments:
    because = weighed(way.items, way.around)
    if way.because is not None and way.because.apart and because.left_alone not in HELD:
        because = way.because
    return Segments(
        way.candidate.kind,
        way.around.lead_in,
        way.items,
        shared_of(way.page.text, way.items),
        because.left_alone,
        because.apart,
        score.points,
        score.reasons,
    )
