"""Where a mail can be cut: the items of a list, headings or enumeration in it, and what all of them need."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

Span = tuple[int, int]
"""Where an item begins and ends in the new text of a mail, in characters."""

_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})")


class ListKind(StrEnum):
    """What sets the items of a mail apart."""

    NUMBERED = "numbered"
    LETTERED = "lettered"
    BULLETS = "bullets"
    HEADINGS = "headings"
    ORDINALS = "ordinals"
    CONNECTIVES = "connectives"
    TABLE = "table"
    PARAGRAPHS = "paragraphs"


LEFT_ALONE = (
    "steps",
    "tried",
    "symptoms",
    "names",
    "versions",
    "answers",
    "agenda",
    "quoted",
    "parts",
    "together",
    "story",
    "report",
)
"""What speaks for items being one matter: steps to reproduce, things already tried, symptoms of one problem, lists of
users or hosts, of versions, answers to questions of ours, an agenda, quoted words, parts of one request, what the
author calls one matter, what happened one after the other, and the sections of a report."""

APART = ("said", "announced", "loosely")
"""How it is known that items are several matters: the author says that they are separate; he announces several things
and no more; or he only goes on to something else, behind what is no matter itself."""


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of a mail that could be a ticket of its own.

    Attributes:
        start: Where it begins in `Body.text`, in characters, its mark included.
        end: Where it ends.
        title: Its first words or its heading, on one line, without the mark; at most 120 characters.
        text: The item without its mark.
        words: How many words it has.
        is_question: Whether it asks something.
        is_problem: Whether it says that something does not work or is missing.
        is_request: Whether it asks for something to be done.
        overlap: How much of its vocabulary its neighbours share, 0 to 100.
        files: The names of attachments that it names, as the mail has them.
    """

    start: int
    end: int
    title: str
    text: str
    words: int
    is_question: bool = False
    is_problem: bool = False
    is_request: bool = False
    overlap: int = 0
    files: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it neither asks anything, nor tells a problem, nor asks for something to be done."""
        return not (self.is_question or self.is_problem or self.is_request)


class Reason(NamedTuple):
    """What counted for or against items being several matters.

    Attributes:
        feature: Its name.
        value: What was counted: a number, or a share in a hundred.
        points: What it gave: above 0 for several, below 0 for one.
    """

    feature: str
    value: int
    points: int


@dataclass(frozen=True, slots=True)
class Segments:
    """The items found in a mail, in the order of the text. Where nothing can be cut there are no `Segments`.

    Attributes:
        kind: What sets them apart.
        lead_in: The sentence or heading just before the first one, "" where there is none.
        items: Two at least.
        shared: (start, end) of what belongs to all: greeting, environment, closing; items and these hold every line of
            the text.
        left_alone: Why these are probably one matter, one of LEFT_ALONE; "" where nothing speaks for it.
        apart: How it is known that they are several, one of APART; "" where it is not.
        score: The points of the scorecard: 0 is even, ten more are about three times as likely several matters.
        reasons: What counted most for the score, the most first.
    """

    kind: ListKind
    lead_in: str
    items: tuple[Item, ...]
    shared: tuple[tuple[int, int], ...] = ()
    left_alone: str = ""
    apart: str = ""
    score: int = 0
    reasons: tuple[Reason, ...] = ()


def span_text(item: Item) -> str:
    """Return where an item stands as the fact `list.item_spans` has it: `start-end`."""
    return f"{item.start}-{item.end}"


def spans_of(texts: Iterable[str]) -> tuple[Span, ...]:
    """Return where items stand, from the texts that `span_text` gave.

    Text that is none gives the empty span at the beginning, so that no word of a mail is lost.
    """
    found = (_SPAN.fullmatch(text) for text in texts)
    return tuple((int(one[1]), int(one[2])) if one else (0, 0) for one in found)
