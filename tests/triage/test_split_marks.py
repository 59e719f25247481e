"""Marks that set items apart although they look odd: signs, numbers on lines of their own, what is not to be seen."""

import pytest

from mailgateway.model.segments import ListKind
from mailgateway.triage.split import segments

PRINTER = "The printer in Leeds prints blank pages."
INVOICE = "The invoice of May has a wrong total."


def cut(text: str) -> tuple[ListKind | None, list[tuple[str, str]]]:
    """Return what sets the items of a text apart, and of each its title and its words."""
    found = segments(text)
    return (found.kind, [(one.title, one.text) for one in found.items]) if found else (None, [])


@pytest.mark.parametrize("hidden", ["\u200e", "\u200f", "\u202b", "\ufeff", "\u200b", "\u2067\u200f "])
def test_signs_that_are_not_to_be_seen_hide_no_mark(hidden: str) -> None:
    text = f"We have two issues:\n{hidden}1. {PRINTER}\n{hidden}2. {INVOICE}"

    assert cut(text) == (ListKind.NUMBERED, [(PRINTER, PRINTER), (INVOICE, INVOICE)])


def test_a_line_of_such_signs_is_blank() -> None:
    text = f"We have two issues:\n1. {PRINTER}\n2. {INVOICE}\n\u200b\nThis is for the Leeds office."

    assert cut(text)[1] == [(PRINTER, PRINTER), (INVOICE, INVOICE)]


@pytest.mark.parametrize(
    "marks",
    [("\u2460", "\u2461"), ("\u2776", "\u2777"), ("\u2474", "\u2475"), ("1.\n", "2.\n"), ("(1)\n\n", "(2)\n\n")],
)
def test_numbers_may_be_drawn_or_stand_alone(marks: tuple[str, str]) -> None:
    text = f"We have two issues:\n\n{marks[0]} {PRINTER}\n\n{marks[1]} {INVOICE}"

    assert cut(text) == (ListKind.NUMBERED, [(PRINTER, PRINTER), (INVOICE, INVOICE)])


def test_a_number_above_nothing_is_no_item() -> None:
    assert cut(f"We have two issues:\n1.\n\n\n\n{PRINTER}\n2.\n")[0] is not ListKind.NUMBERED


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_each_item_may_have_a_picture_of_its_own(between: str) -> None:
    items = (f"\U0001f5a8\ufe0f {PRINTER}", f"\U0001f4b6 {INVOICE}", "\U0001f469\u200d\U0001f4bb We need a licence.")

    kind, found = cut("We have three issues:\n\n" + between.join(items))

    assert (kind, [text for _, text in found]) == (ListKind.BULLETS, [PRINTER, INVOICE, "We need a licence."])


def test_boxes_to_be_ticked_are_of_the_mark() -> None:
    text = f"We have two issues:\n- [ ] {PRINTER}\n- [x] {INVOICE}"

    assert cut(text) == (ListKind.BULLETS, [(PRINTER, PRINTER), (INVOICE, INVOICE)])


@pytest.mark.parametrize("name", ["Issue {}:", "Question {}", "**Issue {}**", "Fråga {}."])
def test_a_name_with_a_number_alone_is_no_title(name: str) -> None:
    text = f"Hello,\n\n{name.format(1)}\n{PRINTER}\n\n{name.format(2)}\n\n{INVOICE}"

    assert cut(text) == (ListKind.HEADINGS, [(PRINTER, PRINTER), (INVOICE, INVOICE)])


def test_the_number_of_a_heading_is_not_of_the_title() -> None:
    text = f"**1. Printer**\n{PRINTER}\n\n**2. Invoice**\n{INVOICE}"

    assert [title for title, _ in cut(text)[1]] == ["Printer", "Invoice"]


@pytest.mark.parametrize("steps", ["1) open it\n2) print", "1: open it\n2: print", "(1) open it\n(2) print"])
def test_what_is_counted_otherwise_within_an_item_belongs_to_it(steps: str) -> None:
    text = f"We have two issues:\n1. {PRINTER} Steps:\n{steps}\n2. {INVOICE}"

    assert [text for _, text in cut(text)[1]] == [f"{PRINTER} Steps:\n{steps}", INVOICE]


def test_items_may_be_counted_each_in_its_way() -> None:
    assert [text for _, text in cut(f"We have two issues:\n1. {PRINTER}\n2) {INVOICE}")[1]] == [PRINTER, INVOICE]
