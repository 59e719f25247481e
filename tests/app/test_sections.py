"""Where a person cuts a mail: at its items, or at lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.app.desk.sections import Section, by_items, by_lines
from mailgateway.app.ports import Words
from mailgateway.errors import PermanentError
from mailgateway.model.decision import Facts
from mailgateway.triage.split import segments
from tests.store.values import NOW

GREETING = "Hello,\n\nthere are three things:\n\n"
ITEMS = (
    "1. The invoice of March names the wrong company, see march.pdf",
    "2. Production is down since noon",
    "3. How do I add a user to the team?",
)
CLOSING = "\n\nBest regards\nOlga"
TEXT = GREETING + "\n".join(ITEMS) + CLOSING
FILES = ("march.pdf", "desk.png")
LETTER = """Hello,

the printer in the hall burns.
It smells.

My second wish: a new chair.
It should be red.

And the lamp flickers, see lamp.jpeg.

Best regards
Olga"""


def words(text: str, files: tuple[str, ...] = FILES) -> Words:
    found = segments(text, (), files)
    assert found is not None
    facts = (
        ("list.item_titles", tuple(one.title for one in found.items)),
        ("list.item_texts", tuple(one.text for one in found.items)),
        ("list.item_files", tuple("\n".join(one.files) for one in found.items)),
        ("list.item_spans", tuple(f"{one.start}-{one.end}" for one in found.items)),
    )
    return Words(7, NOW, text, files, Facts(facts), opened=True)


def letter(text: str = LETTER, files: tuple[str, ...] = ()) -> Words:
    return Words(7, NOW, text, files, None, opened=True)


def test_every_item_is_a_part_and_the_first_stays() -> None:
    invoice, outage, user = by_items(words(TEXT))

    piece = GREETING + ITEMS[0] + CLOSING
    named = ("march.pdf",)
    text = "The invoice of March names the wrong company, see march.pdf"
    assert invoice == Section(text, text, piece, FILES, named, stays=True)
    assert outage == Section(
        title="Production is down since noon",
        text="Production is down since noon",
        piece=f"{GREETING}{ITEMS[1]}{CLOSING}",
        files=("desk.png",),
        named=(),
        stays=False,
    )
    assert (user.piece, user.files, user.stays) == (f"{GREETING}{ITEMS[2]}{CLOSING}", ("desk.png",), False)


def test_items_that_are_named_leave_and_all_else_stays() -> None:
    invoice, outage, user = by_items(words(TEXT), (3, 1))

    assert [one.stays for one in (invoice, outage, user)] == [False, True, False]
    assert (outage.title, outage.piece) == ("Production is down since noon", f"{GREETING}{ITEMS[1]}{CLOSING}")


def test_several_items_that_stay_are_one_part_in_the_place_of_the_first() -> None:
    rest, outage = by_items(words(TEXT), (2, 2))

    assert (rest.title, rest.stays, rest.files) == ("", True, FILES)
    assert rest.text == f"{ITEMS[0][3:]}\n\n{ITEMS[2][3:]}"
    assert rest.piece == f"{GREETING}{ITEMS[0]}\n{ITEMS[2]}{CLOSING}"
    assert (outage.stays, outage.files) == (False, ("desk.png",))


def test_where_every_item_is_named_the_first_stays_all_the_same() -> None:
    assert by_items(words(TEXT), (1, 2, 3)) == by_items(words(TEXT))


@pytest.mark.parametrize(
    ("items", "why"),
    [((7,), "there is no item 7: 3 were found in this mail"), ((1, 0), "there is no item 0: 3 were found")],
)
def test_an_item_that_is_not_there_is_an_error(items: tuple[int, ...], why: str) -> None:
    with pytest.raises(PermanentError, match=why):
        by_items(words(TEXT), items)


def test_a_mail_without_items_is_cut_at_lines_only() -> None:
    with pytest.raises(PermanentError, match=r"no items were found in this mail: name the lines .* \(--at\)"):
        by_items(letter())


def test_a_part_begins_at_each_line_and_greeting_and_closing_are_of_all() -> None:
    printer, chair, lamp = by_lines(letter(files=("lamp.jpeg", "hall.png")), ["and the  LAMP", "My second"])

    assert printer == Section(
        title="",
        text="the printer in the hall burns.\nIt smells.",
        piece="Hello,\n\nthe printer in the hall burns.\nIt smells.\n\nBest regards\nOlga",
        files=("hall.png",),
        named=(),
        stays=True,
    )
    assert chair == Section(
        title="My second wish: a new chair.",
        text="My second wish: a new chair.\nIt should be red.",
        piece="Hello,\n\nMy second wish: a new chair.\nIt should be red.\n\nBest regards\nOlga",
        files=("hall.png",),
        named=(),
        stays=False,
    )
    assert (lamp.title, lamp.files) == ("And the lamp flickers, see lamp.jpeg.", ("lamp.jpeg", "hall.png"))
    assert lamp.piece == "Hello,\n\nAnd the lamp flickers, see lamp.jpeg.\n\nBest regards\nOlga"


@pytest.mark.parametrize("begins", ["2. Production", "production is DOWN", "2."])
def test_a_line_is_named_with_its_number_or_without(begins: str) -> None:
    _, outage = by_lines(words(TEXT), [begins])

    assert outage.title == "Production is down since noon"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("2) A chair", "A chair"),
        ("- a chair", "a chair"),
        ("b. a chair", "a chair"),
        ("## Chair ##", "Chair"),
        ("1.5 litres", "1.5 litres"),
        ("x" * 200, "x" * 120),
    ],
)
def test_the_title_is_the_line_without_its_mark(line: str, title: str) -> None:
    _, chair = by_lines(letter(f"A printer.\n\n{line}\nRed."), [line])

    assert chair.title == title


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["The cellar"], 'no line of the mail begins with "The cellar"'),
        (["It"], '2 lines of the mail begin with "It": give more of the one that is meant'),
        (["My second", " "], "a line is named by the words with which it begins: there are none"),
        (["the printer"], "nothing would stay on the ticket: nothing stands before the first of these lines"),
        (["Hello"], "nothing would stay on the ticket"),
    ],
)
def test_a_line_that_says_no_place_is_an_error(lines: list[str], why: str) -> None:
    with pytest.raises(PermanentError, match=why):
        by_lines(letter(), lines)


LINES = st.lists(st.sampled_from(("Hello,", "", "1. one thing here", "2. another thing", "that is all", "Regards")))


@given(LINES, st.sets(st.integers(1, 2)))
def test_the_pieces_hold_every_word(lines: list[str], items: set[int]) -> None:
    text = "\n".join(lines)
    if segments(text) is None:
        return

    found = by_items(words(text, ()), sorted(items))

    assert {word for one in found for word in one.piece.split()} == set(text.split())
    assert sum(one.stays for one in found) == 1


@given(LINES, st.text("Helo,12. noethrigads", min_size=1, max_size=9))
def test_lines_that_cut_lose_no_line(lines: list[str], begins: str) -> None:
    text = "\n".join(lines)
    try:
        found = by_lines(letter(text), [begins])
    except PermanentError:
        return

    assert {line for one in found for line in one.piece.split("\n")} - {""} == set(lines) - {""}
