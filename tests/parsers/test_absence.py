"""The dates of absence replies, in the notations people use. Whole replies in many languages are in the corpus."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Absence
from mailgateway.parsers.absence import absence

SENT = date(2025, 3, 4)
THIRD, FOURTEENTH = date(2025, 3, 3), date(2025, 3, 14)
BOTH = Absence(THIRD, FOURTEENTH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am away from 3 March 2025 to 14 March 2025.", BOTH),
        ("Away March 3rd - March 14th.", BOTH),
        ("Away 3-14 March.", BOTH),
        ("Out of office 03/03/2025 - 14/03/2025", BOTH),
        ("Away from 3/3/2025 through 3/14/2025", BOTH),
        ("Away from 2025-03-03 until 2025-03-14", BOTH),
        ("Away between Monday 3 March and Friday, 14 March", BOTH),
        ("Vom 03.03.25 bis einschließlich 14.03.25 im Urlaub", BOTH),
        ("Urlaub 3.3. bis 14.3.", BOTH),
        ("2025年3月3日から2025年3月14日まで休み", BOTH),
        ("Away until the 14th of March", Absence(None, FOURTEENTH)),
        ("Back on Friday, March 14, 2025.", Absence(None, FOURTEENTH)),
        ("Zurück am Freitag, den 14. März", Absence(None, FOURTEENTH)),
        ("Ich bin erst wieder ab dem 14.03. erreichbar", Absence(None, FOURTEENTH)),
        ("14 Mart 2025 tarihine kadar izindeyim", Absence(None, FOURTEENTH)),
        ("From 3 March I am on parental leave.", Absence(THIRD, None)),
        ("Holiday: 14 March", Absence(None, FOURTEENTH)),
        ("Away until 2 January", Absence(None, date(2025, 1, 2))),
        ("Away from 28 December until 5 January", Absence(date(2024, 12, 28), date(2025, 1, 5))),
        ("Away until 14 March '25", Absence(None, FOURTEENTH)),
        ("Away until 14 March 2019", None),
        ("Away until 31 February", None),
        ("Away until 99.99.", None),
        ("Call +46 8 12-34 56 or 10/12 at 12:30; version 2.3.1 or 3.5 %", Absence(None, date(2025, 10, 12))),
        ("Call me at 08-12 34", None),
        ("I am away for a while.", None),
        ("", None),
    ],
)
def test_the_days_of_an_absence_are_read(text: str, expected: Absence | None) -> None:
    assert absence("", text, SENT) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2025. március 5. és 2025. március 14. között távol leszek.",
        "Március 5-től 14-ig nem vagyok az irodában.",
        "2025. március 5-14. között szabadságon vagyok.",
        "Március 5-étől március 14-éig",
        "2025. március 5. napjától 2025. március 14. napjáig",
        "2025. március 5. (szerda) és március 14. (péntek) között",
        "Március 5-én és március 14-e között",
        "I am away March 5-14.",
        "Away from March 5 to 14",
    ],
)
def test_both_days_are_read_where_the_month_comes_first(text: str) -> None:
    assert absence("", text, date(2025, 3, 4)) == Absence(date(2025, 3, 5), date(2025, 3, 14))


def test_a_number_behind_a_date_that_is_no_later_day_is_none() -> None:
    assert absence("", "Away until March 10 to 9", date(2025, 3, 4)) == Absence(None, date(2025, 3, 10))


def test_a_last_day_before_the_first_leaves_the_last() -> None:
    assert absence("", "Away from 20 March 2025 until 14 March 2025", SENT) == Absence(None, FOURTEENTH)


def test_the_subject_counts_too() -> None:
    assert absence("Out of office until 14 March", "Hello", SENT) == Absence(None, FOURTEENTH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("until 14 March", None),
        ("until 14.03.2025", Absence(None, FOURTEENTH)),
        ("until 3/4/2025", Absence(None, date(2025, 4, 3))),
    ],
)
def test_without_a_day_of_sending_only_dates_with_a_year_are_read(text: str, expected: Absence | None) -> None:
    assert absence("", text, None) == expected


@pytest.mark.parametrize(
    ("sent", "ends"), [(date(2025, 3, 1), date(2025, 3, 4)), (date(2025, 3, 20), date(2025, 4, 3))]
)
def test_of_two_readings_the_next_one_counts(sent: date, ends: date) -> None:
    assert absence("", "Away until 3/4/2025", sent) == Absence(None, ends)


def test_two_readings_that_both_passed_are_read_the_european_way() -> None:
    assert absence("", "Away until 3/4/2025", date(2025, 5, 1)) == Absence(None, date(2025, 4, 3))


@given(st.text(alphabet="0123456789./- marchunti月日", max_size=300), st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_any_text_at_any_time_is_read(text: str, sent: date) -> None:
    absence(text, text, sent)
