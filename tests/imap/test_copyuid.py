import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.adapters.imap.copyuid import new_places


def test_sets_are_paired_in_their_order() -> None:
    assert new_places([b"38505 304,319:320 3956:3958"]) == (38505, {304: 3956, 319: 3957, 320: 3958})


@pytest.mark.parametrize("answer", [b"", b"7 1:2 5", b"7 x 5", b"7 1:99999999 1:99999999", b"\xff 1 1", b"1 2"])
def test_nonsense_says_nothing(answer: bytes) -> None:
    assert new_places([answer]) == (0, {})


@given(st.lists(st.binary(max_size=40), max_size=3))
def test_no_answer_is_an_error(answers: list[bytes]) -> None:
    uidvalidity, places = new_places(answers)

    assert uidvalidity >= 0 or places
