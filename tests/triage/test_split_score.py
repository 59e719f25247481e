"""How much speaks for several matters: features, areas and points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.segments import Reason, Segments
from mailgateway.triage.split import segments
from mailgateway.triage.split.areas import areas_of
from mailgateway.triage.split.features import FEATURES
from mailgateway.triage.split.points import LISTED, TOLD
from mailgateway.triage.split.score import MOST_REASONS, Card, scored, scored_from
from mailgateway.triage.split.segments import LIKELY
from mailgateway.triage.split.vocabulary import words_of

PRINTER = "The printer on floor two does not print any page since Monday."
INVOICE = "Could you send us the invoice of October with the right VAT number?"
BACKUP = "The nightly backup of the file server ended with an error on Sunday."


def found(text: str, subject: str = "") -> Segments:
    result = segments(text, subject=subject)
    assert result is not None
    return result


def test_points_are_those_of_the_last_step_that_a_value_reaches() -> None:
    card = Card(-10, {"words": ((0, 0), (5, 7), (9, 12)), "shared": ((0, 0), (20, -4)), "unheard": ((0, 0), (1, 99))})

    low, middle, high = (scored(card, {"words": value, "shared": 20, "unheard": 0}).points for value in (4, 8, 9))

    assert (low, middle, high) == (-14, -7, -2)


def test_what_counted_most_comes_first_and_what_counted_nothing_is_left_out() -> None:
    card = Card(0, {"words": ((0, 0), (5, 7)), "shared": ((0, 0), (20, -9)), "unheard": ((0, 0), (1, 99))})

    result = scored(card, {"words": 6, "shared": 33, "unheard": 0})

    assert result.reasons == (Reason("shared", 33, -9), Reason("words", 6, 7))


def test_only_so_many_reasons_are_told() -> None:
    names = [f"feature {number}" for number in range(MOST_REASONS + 3)]

    result = scored(Card(0, dict.fromkeys(names, ((0, 1),))), dict.fromkeys(names, 0))

    assert (result.points, len(result.reasons)) == (len(names), MOST_REASONS)


@pytest.mark.parametrize("card", [LISTED, TOLD])
@given(values=st.lists(st.integers(0, 100), min_size=len(FEATURES), max_size=len(FEATURES)), least=st.integers(-90, 90))
def test_score_is_given_up_exactly_where_it_is_less_than_what_is_wanted(
    card: Card, values: list[int], least: int
) -> None:
    features = dict(zip(FEATURES, values, strict=True))

    whole, wanted = scored(card, features), scored_from(card, features, least)

    assert wanted == (whole if whole.points >= least else None)


def test_features_that_can_no_longer_matter_are_not_counted() -> None:
    card = Card(0, {"long": ((0, 0), (1, 3)), "strong": ((0, 0), (1, 20))})

    result = scored_from(card, {"strong": 0}, 4)

    assert result is None


@pytest.mark.parametrize("card", [LISTED, TOLD])
def test_shipped_cards_are_on_features_that_are_counted_and_their_steps_ascend_from_zero(card: Card) -> None:
    limits = [[limit for limit, _ in steps] for steps in card.steps.values()]

    assert card.steps.keys() <= FEATURES.keys()
    assert [each for each in limits if each[0] != 0 or each != sorted(set(each))] == []


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        (INVOICE, {"billing"}),
        (BACKUP, {"backup", "storage"}),
        ("L'imprimante est vide, et la facture aussi.", {"printing", "billing"}),
        ("Everything is fine.", set()),
    ],
)
def test_the_areas_of_a_text_are_told(text: str, areas: set[str]) -> None:
    assert areas_of(words_of(text)).keys() == areas


def test_the_longest_phrase_names_the_area() -> None:
    assert areas_of(words_of("the network printer")).keys() == {"printing"}


def test_two_matters_on_areas_of_their_own_score_higher_than_two_on_one() -> None:
    apart, alike = found(f"1. {PRINTER}\n2. {INVOICE}"), found(f"1. {PRINTER}\n2. The printer on floor one is red.")

    assert apart.score > LIKELY > alike.score


def test_the_way_with_the_highest_score_is_taken() -> None:
    text = f"We collected what the office lacks this week.\n\n1. {PRINTER}\n2. {INVOICE}\n3. {BACKUP}"

    assert [one.title for one in found(text).items] == [PRINTER, INVOICE, BACKUP]


def test_a_paragraph_that_asks_for_nothing_is_no_item() -> None:
    text = f"Thanks for the visit on Tuesday, it was good to meet you.\n\n{PRINTER}\n\n{INVOICE}"

    assert [one.title for one in found(text).items] == [PRINTER, INVOICE]


def test_where_an_item_could_be_cut_again_it_is_only_likely() -> None:
    text = f"- {PRINTER}\n\n  Another question: {INVOICE}\n\n- {BACKUP}"

    assert (found(text).apart, found(text).score) == ("", LIKELY)


MATTERS = st.sampled_from([PRINTER, INVOICE, BACKUP, "It is urgent.", "Another question: when does our contract end?"])
MARKS = st.sampled_from(["1. ", "2. ", "- ", "", "Also, ", "\n"])


@given(st.lists(st.tuples(MARKS, MATTERS), min_size=1, max_size=6))
def test_what_reads_as_several_does_not_read_so_again_in_its_items(lines: list[tuple[str, str]]) -> None:
    result = segments("\n".join(mark + matter for mark, matter in lines))

    if result is not None and result.score > LIKELY:
        again = [segments(one.text) for one in result.items]
        assert [inner for inner in again if inner is not None and inner.score >= LIKELY] == []
