"""Subject lines without reply marks and without our ticket IDs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.parsers.subject import base_subject, ticket_ids


@pytest.mark.parametrize(
    "subject",
    [
        "Printer",
        "Re: Printer",
        "RE: AW: SV: Fwd: Printer",
        "Re[2]: Printer",
        "Re (3): Printer",
        "Отв: Re: Printer",
        "ОТВ: Printer",  # noqa: RUF001 -- Russian
        "回复\uff1aPrinter",
        "Antw.: Printer",
        "[Fwd: Printer]",
        "[SUP-1042-QX] Re: Printer",
        "Re: [SUP-1042-QX] Re: Printer",
        "AW: [sup-1042-qx]  Re: Printer",
        "Re: SUP-1042-QX Printer",
        "[SUP-1-AB] [SUP-2-CD] Printer SUP-3-EF",
        "  Re:\tPrinter  ",
        "Svar: Vast: Odpowiedź: Printer",
        "\u0130LT: Printer",
        "FW: [EXTERNAL] Re: Printer",
        "***SPAM*** [Ext] Printer",
        "[users] Re: Printer",
        "Re: [users] AW: Printer (fwd)",
    ],
)
def test_marks_and_ids_are_taken_off(subject: str) -> None:
    assert base_subject(subject, "SUP") == "Printer"


@pytest.mark.parametrize(
    "subject",
    [
        "Reset: how",
        "Re-check of the printer",
        "Printer re: paper",
        "[URGENT] Printer",
        "[a] Printer [b]",
        "[external affairs] Printer",
        "Printer (fwd) again",
        "R: drive is full",
        "HELP-1042-QX is open",
        "SUPER-1042-QX",
        "XSUP-1042-QX",
        "SUP-1042-QXY",
    ],
)
def test_other_words_stay(subject: str) -> None:
    assert base_subject(subject, "SUP") == subject


@pytest.mark.parametrize("subject", ["", "Re:", "Fwd: Re: ", "[SUP-1042-QX]", "Re: [SUP-1042-QX] AW:"])
def test_subject_of_marks_alone_leaves_nothing(subject: str) -> None:
    assert base_subject(subject, "SUP") == ""


def test_ids_are_found_in_any_form_each_once_in_order() -> None:
    text = "Re: [sup-7-ab] and SUP-1042-QX, (Sup-7-AB), SUP-9-X1, SUP-9, xSUP-8-AA, \u017fUP-5-AA"

    assert ticket_ids(text, "SUP") == ("SUP-7-AB", "SUP-1042-QX")


@given(
    st.text(st.characters(exclude_categories=())), st.sampled_from(["", "Re: ", "[SUP-1-AB] ", "AW: [SUP-12-XY] Fwd: "])
)
def test_marks_in_front_change_nothing(subject: str, marks: str) -> None:
    bare = base_subject(subject, "SUP")

    assert base_subject(marks + bare, "SUP") == bare
    assert "\n" not in bare


def test_hostile_subject_is_quick() -> None:
    assert base_subject("[Re: " * 100_000, "SUP") == ""
    assert ticket_ids("SUP-" * 250_000, "SUP") == ()
