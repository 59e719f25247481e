"""Items that are counted within one paragraph: `1) this, 2) that`, `(a) this and (b) that`, `1/ this 2/ that`."""

import re
from collections import defaultdict
from collections.abc import Iterator

from mailgateway.model.segments import ListKind
from mailgateway.triage.split.marks import letter_number, roman_number
from mailgateway.triage.split.page import Candidate, Page, Row

_MARK = re.compile(
    r"(?:(?<=[\s:;,.])|^)\(?(?:(?P<number>\d{1,2})(?:\)|\.(?=\s)|\s?/(?=\s))|(?P<letter>[a-z\u0430-\u0436]{1,4})\))"
    r"\s*(?=\S)"
)


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
                yield Candidate(_KINDS[kind], tuple(found), paragraph[-1].end)


_KINDS = {"number": ListKind.NUMBERED, "roman": ListKind.NUMBERED, "letter": ListKind.LETTERED}


def _runs(page: Page, paragraph: tuple[Row, ...]) -> dict[str, list[tuple[int, int]]]:
    """Return what counts on from one: (where an item begins, where it begins behind its mark)."""
    runs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for mark in _MARK.finditer(page.text, paragraph[0].start, paragraph[-1].end):
        for kind, number in _numbers(mark):
            if number == len(runs[kind]) + 1:
                runs[kind].append((mark.start(), mark.end()))
    return runs


def _numbers(mark: re.Match[str]) -> tuple[tuple[str, int], ...]:
    if mark["number"]:
        return (("number", int(mark["number"])),)
    return ("letter", letter_number(mark["letter"])), ("roman", roman_number(mark["letter"]))
