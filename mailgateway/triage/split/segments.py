"""Where a mail can be cut: the likeliest list, enumeration or topic shift of its new text."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice

from mailgateway.model.segments import Item, ListKind, Segments
from mailgateway.triage.split.alone import weighed
from mailgateway.triage.split.connected import settled
from mailgateway.triage.split.items import end_of, items_of, lead_in, shared_of
from mailgateway.triage.split.lead import Around, sentences
from mailgateway.triage.split.lists import lists
from mailgateway.triage.split.page import Candidate, Page, page_of
from mailgateway.triage.split.quoted import is_quoted
from mailgateway.triage.split.told import told

MAX_ITEMS = 200
"""Longer lists are no matters of a person."""
MAX_APART = 12
_LOOKED_AT = 8_000  # Characters of an item that could be cut again
_MOST_CANDIDATES = 12
_TOLD = frozenset({ListKind.CONNECTIVES, ListKind.PARAGRAPHS, ListKind.ORDINALS})


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
        The likeliest way to cut: of several lists the outermost, and one that speaks for several matters before one
        that does not. Of more than MAX_APART items, and where an item could be cut again, it is not known that they
        are as many matters.
    """
    found = _likeliest(text, headings, attachments, subject)
    if found is None or not found.apart:
        return found
    if len(found.items) > MAX_APART or any(map(_holds_several, found.items)):
        return replace(found, apart="")
    return found


def _holds_several(item: Item) -> bool:
    inner = _likeliest(item.text[:_LOOKED_AT], (), (), "")
    return inner is not None and inner.apart != ""


def _likeliest(text: str, headings: tuple[str, ...], attachments: Sequence[str], subject: str) -> Segments | None:
    page = page_of(text, headings)
    candidates = list(islice(chain(lists(page), told(page)), _MOST_CANDIDATES))
    outer = [one for one in candidates if not any(_holds(page, other, one) for other in candidates)]
    found = [each for one in outer if (each := _segments(page, one, attachments, subject))]
    return min(found, key=_rank, default=None)


def _rank(found: Segments) -> int:
    """Return how far behind others a way to cut stands: known matters first, and lists before what is told."""
    is_told = found.kind in _TOLD
    if found.left_alone:
        return 4 + is_told
    return is_told if found.apart else 2 + is_told


def _holds(page: Page, outer: Candidate, inner: Candidate) -> bool:
    """Return whether all of a list stands within one item of another."""
    if outer is inner or outer.kind in _TOLD or inner.starts[0][0] <= outer.starts[0][0]:
        return False
    starts = [start for start, _ in outer.starts]
    ends = [*starts[1:], end_of(page, outer)]
    first, last = inner.starts[0][0], inner.starts[-1][0]
    return any(start < first and last < end for start, end in zip(starts, ends, strict=True))


def _segments(page: Page, candidate: Candidate, attachments: Sequence[str], subject: str) -> Segments | None:
    """Return a candidate with its items and what is around them, None where fewer than two have words."""
    if len(candidate.starts) > MAX_ITEMS:
        return None
    because = None
    if candidate.kind is ListKind.CONNECTIVES:
        candidate, because = settled(page, candidate, subject)
    items = items_of(page, candidate, attachments)
    if len(items) < 2:  # noqa: PLR2004 -- one item is the whole
        return None
    start = items[0].start if candidate.top is None else candidate.top
    end = items[-1].end
    before = lead_in(page, start)
    quoted = is_quoted(page, [one.start for one in items], (sentences(before) or [""])[-1])
    around = Around(
        candidate.kind,
        before,
        page.text[:start][-2_000:],
        page.text[end:][:2_000],
        subject[:500],
        is_quoted=quoted,
        is_named=candidate.is_named,
        is_vague=candidate.is_vague,
    )
    if because is None or not because.apart:
        because = weighed(items, around)
    shared = shared_of(page.text, items)
    return Segments(candidate.kind, before, items, shared, because.left_alone, because.apart)
