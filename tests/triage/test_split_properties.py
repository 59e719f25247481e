"""What holds of splitting for any text at all, and how much work a text may make."""

import sys
import textwrap
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.segments import LEFT_ALONE, ListKind, Segments
from mailgateway.triage.split import segments

MARKS = st.sampled_from(
    [
        *("1. ", "2. ", "3) ", "a) ", "b) ", "- ", "* ", "## ", "Issue 1: ", "Issue 2: ", "№1. ", "1 | ", "First, "),
        *("", "> ", "Hello,", "Another question: ", "```", "====", "We have two issues:", "Thanks", "   ", "**Bold**"),
        *("They wrote:", '"1. ', "Second, ", "Unrelated: ", "2 | ", "Our version is 8.2.", "Ещё вопрос: "),
        *(
            "\u2460 ",
            "\u2461 ",
            "1.",
            "2.\n",
            "\u200f1. ",
            "\U0001f4e7 ",
            "\U0001f5a8",
            "- [ ] ",
            "/Tom",
            "(see 1) ",
            "Merci,",
        ),
    ]
)
WORDS = st.sampled_from(
    [
        "",
        "node 3 fails",
        "How do we add a user?",
        "please reset it",
        "x 1) a 2) b",
        "\u2028",
        "ß\x0b1",
        'it fails"',
        "and",
        "---",
    ]
)
LINES = st.lists(st.tuples(MARKS, WORDS).map("".join) | st.text(max_size=12), max_size=14).map("\n".join)
NAMES = st.lists(st.text(max_size=10), max_size=3).map(tuple)


def covered(result: Segments) -> list[tuple[int, int]]:
    """Return the spans of items and shared words, in order."""
    return sorted([(one.start, one.end) for one in result.items] + list(result.shared))


@given(LINES | st.text(), NAMES, NAMES, st.text(max_size=20))
def test_items_and_what_they_share_hold_every_line(
    text: str, headings: tuple[str, ...], attachments: tuple[str, ...], subject: str
) -> None:
    result = segments(text, headings, attachments, subject)

    if result is not None:
        spans = covered(result)
        outside = zip([0, *(end for _, end in spans)], [*(start for start, _ in spans), len(text)], strict=True)
        assert [text[start:end] for start, end in outside if text[start:end].strip()] == []


@given(LINES)
def test_spans_are_in_order_and_apart_and_each_item_has_words(text: str) -> None:
    result = segments(text, ("node 3 fails",), ("a.log",), "Two issues")

    if result is not None:
        spans = covered(result)
        assert len(result.items) > 1
        assert [one.start for one in result.items] == sorted(one.start for one in result.items)
        assert all(start < end for start, end in spans)
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        assert [one for one in result.items if not one.text.strip() or one.text not in text[one.start : one.end]] == []
        assert result.kind in ListKind
        assert result.left_alone in ("", *LEFT_ALONE)


@given(LINES, st.text(max_size=20))
def test_every_title_is_a_line_with_a_word(text: str, subject: str) -> None:
    result = segments(text, (), (), subject)

    titles = [one.title for one in result.items] if result else []
    assert [one for one in titles if "\n" in one or len(one) > 120 or not any(map(str.isalnum, one))] == []


@given(LINES)
def test_what_is_known_to_be_several_is_not_several_again_in_its_items(text: str) -> None:
    result = segments(text, (), (), "Two issues")

    if result is not None and result.apart:
        again = [segments(one.text) for one in result.items]
        assert [inner for inner in again if inner is not None and inner.apart] == []


def test_an_announced_list_within_an_item_makes_it_unknown_how_many_there_are() -> None:
    inner = "We have two issues:\n  a) the printer fails\n  b) please reset my password"

    result = segments(f"We have two issues:\n1. {inner}\n2. How do we add a user?")

    assert result is not None
    assert (len(result.items), result.apart) == (2, "")


def test_of_more_than_twelve_items_it_is_not_known_that_they_are_as_many_matters() -> None:
    items = [f"{number}. The printer {number} fails." for number in range(1, 14)]

    many, enough = (segments("\n".join(["We have these issues:", *items[:count]])) for count in (13, 12))

    assert many is not None
    assert enough is not None
    assert (len(many.items), many.apart, enough.apart) == (13, "", "announced")


def work(text: str) -> int:
    """Return how many calls finding the items of a text takes; unlike seconds they are the same on every machine."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        segments(text, ("a",), ("a.log",), "Two issues")
    finally:
        sys.setprofile(before)
    return calls


SENTENCES = "The printer does not print on floor two since Monday. Please help us with it.\n\n"
HOSTILE = "1. a\n,1. a\n2. b\n,- a\n,- a\n\nb\n,1) a 2) b ,# a\n,a\n===\n,First. a Second. b ,1 | a\n,**a**\n\n"
HOSTILE += ',Another thing. ,does not ,(,1,*,\n\n,we have two issues:\n\n,Issue 1: a\n,Hi\n,a "b\n,> a\n'
HOSTILE += ",1. a\n2. b\n1) a\n2) b\n,1.\na\n2.\nb\n,Thanks\n,(see 1) "


@pytest.mark.parametrize("unit", [SENTENCES, *HOSTILE.split(",")])
def test_a_text_of_256_kb_makes_bounded_work(unit: str) -> None:
    text = (unit * (262_144 // len(unit) + 1))[:262_144]

    calls = work(text)

    assert calls < 700_000


def test_a_long_text_is_not_remembered() -> None:
    texts = [f"We need this.\n\n{number} " + "of the printer on floor two " * 8_000 for number in range(6)]
    segments(texts[0])

    tracemalloc.start()
    for text in texts[1:]:
        segments("\n".join(textwrap.wrap(text, 300)))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 2_000_000
