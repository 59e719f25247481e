"""The text that each ticket of a cut mail has."""

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.segments import spans_of
from mailgateway.triage.split import piece_text, segments

MAIL = """Hello,

we have two issues:
1. The printer is on fire.
   It burns.
2. The licence page is empty.

This is version 5.

Regards
Carla"""


def pieces(text: str) -> list[str]:
    found = segments(text)
    assert found is not None
    spans = [(one.start, one.end) for one in found.items]
    return [piece_text(text, spans, number) for number in range(1, 1 + len(spans))]


def test_every_piece_has_its_item_and_what_belongs_to_all() -> None:
    assert pieces(MAIL) == [
        """Hello,

we have two issues:
1. The printer is on fire.
   It burns.

This is version 5.

Regards
Carla""",
        """Hello,

we have two issues:
2. The licence page is empty.

This is version 5.

Regards
Carla""",
    ]


def test_items_with_blank_lines_between_them_leave_one() -> None:
    text = "We have three issues:\n\n1. The printer burns.\n\n2. The page is empty.\n\n3. The log is full.\n\nThanks"

    assert pieces(text)[1] == "We have three issues:\n\n2. The page is empty.\n\nThanks"


@pytest.mark.parametrize(
    ("spans", "number", "expected"),
    [
        ((), 1, "abcdef"),
        (((0, 3), (3, 6)), 1, "abc"),
        (((0, 3), (3, 6)), 2, "def"),
        (((0, 3), (3, 6)), 0, ""),
        (((0, 0), (0, 0)), 1, "abcdef"),
    ],
)
def test_only_the_other_items_are_left_out(spans: tuple[tuple[int, int], ...], number: int, expected: str) -> None:
    assert piece_text("abcdef", spans, number) == expected


def test_spans_are_read_as_the_fact_has_them_and_whatever_is_none_loses_nothing() -> None:
    assert spans_of(("0-12", "13-20", "", "x", "-3", "1-2-3")) == ((0, 12), (13, 20), (0, 0), (0, 0), (0, 0), (0, 0))


WORDS = st.sampled_from(["Hello,", "1. one thing burns", "2. another is gone", "- so is this", "", "  ", "Thanks", "a"])


@given(st.lists(WORDS, max_size=12).map("\n".join))
def test_the_pieces_together_hold_every_word_and_every_line_that_no_item_breaks(text: str) -> None:
    found = segments(text)
    spans = [(one.start, one.end) for one in found.items] if found else [(0, len(text))]

    pieces = [piece_text(text, spans, number) for number in range(1, 1 + len(spans))]

    held = Counter(word for piece in pieces for word in piece.split())
    lines = {line.strip() for piece in pieces for line in piece.split("\n")}
    assert Counter(text.split()) - held == Counter()
    assert {line for line in unbroken(text, spans) if line} <= lines


def unbroken(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Yield the lines in which no item begins or ends behind words of another."""
    end = -1
    for line in text.split("\n"):
        start, end = end + 1, end + 1 + len(line)
        if not any(text[start:edge].strip() and text[edge:end].strip() for span in spans for edge in span):
            yield line.strip()
