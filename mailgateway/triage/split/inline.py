"""Items that are counted within one paragraph: `1) this, 2) that`, `(a) this and (b) that`, `1/ this 2/ that`."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from mailgateway.model.segments import ListKind
from mailgateway.triage.split.courtesy import is_closing
from mailgateway.triage.split.marks import letter_number, roman_number
from mailgateway.triage.split.page import Candidate, Page, Row
from mailgateway.triage.split.vocabulary import SHARED, words_of

_MARK = re.compile(
    r"(?:(?<=[\s;,])|(?<=[^\W\d][.:])|^)\(?(?:(?P<number>\d{1,2})(?:\)|\.(?=\s|[A-Z\u00c0-\u00de\u0410-\u042f][^\W\d_])|\s?/(?=\s))|(?P<letter>[a-z\u0430-\u0436]{1,4})\))"
    r"\s*(?=\S)"
)
_POINTED_AT = re.compile(
    r"(?:\b(?:see|siehe|vgl|cf|voir|se|\u0441\u043c|press|tryck|dr\u00fccken|tapez)\.?|\u00a7)\s*$", re.IGNORECASE
)
_ORDINAL = re.compile(r"\b(?:am|der|die|das|den|dem|des|im|vom|zum|zur|bis|seit|ab|nach|vor)\s+$", re.IGNORECASE)
_SMILEY = re.compile(r"[:;]-?[()]")
_NEAR = 120  # Characters before a mark in which a bracket may have been opened
_BEFORE = 12  # Characters before a mark of the word that it belongs to
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def inline(page: Page, *, numbers: bool) -> Iterator[Candidate]:
    """Yield items that are counted within one paragraph.

    Args:
        page: The mail.
        numbers: Whether numbers count items: they do not where lines begin with them.
    """
    for paragraph in page.paragraphs:
        if any(not row.text for row in paragraph):
            continue
        for kind, found in _runs(page, paragraph).items():
            if len(found) > 1 and (numbers or kind != "number"):
                yield Candidate(_KINDS[kind], tuple(found), _end(page.text, found, paragraph[-1].end))


_KINDS = {"number": ListKind.NUMBERED, "roman": ListKind.NUMBERED, "letter": ListKind.LETTERED}


def _runs(page: Page, paragraph: tuple[Row, ...]) -> dict[str, list[tuple[int, int]]]:
    """Return what counts on from one: (where an item begins, where it begins behind its mark)."""
    runs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for mark in _MARK.finditer(page.text, paragraph[0].start, paragraph[-1].end):
        for kind, number in _numbers(mark):
            if number == len(runs[kind]) + 1 and _is_counting(mark, paragraph[0].start):
                runs[kind].append((mark.start(), mark.end()))
    return runs


def _is_counting(mark: re.Match[str], start: int) -> bool:
    """Return whether a number sets an item apart: it is not pointed at, no date, and not within brackets."""
    text, at = mark.string, mark.start()
    before = text[max(start, at - _BEFORE) : at]
    if _POINTED_AT.search(before) or (mark[0].rstrip().endswith(".") and _ORDINAL.search(before)):
        return False
    opened = 0
    for sign in _SMILEY.sub("", text[max(start, at - _NEAR) : at]):
        opened = max(0, opened + (sign == "(") - (sign == ")"))
    return not opened


def _end(text: str, found: list[tuple[int, int]], end: int) -> int:
    """Return where the last item ends: of items of one sentence before the one that is on all of them, or closes."""
    if any(_SENTENCE.search(text, body, start) for (_, body), (start, _) in pairwise(found)):
        return end
    behind = (each.end() for each in _SENTENCE.finditer(text, found[-1][1], end))
    closing = (
        at for at in behind if is_closing(text[at : at + _NEAR]) or SHARED.begins(words_of(text[at : at + _NEAR]))
    )
    return next(closing, end)


def _numbers(mark: re.Match[str]) -> tuple[tuple[str, int], ...]:
    if mark["number"]:
        return (("number", int(mark["number"])),)
    return ("letter", letter_number(mark["letter"])), ("roman", roman_number(mark["letter"]))
