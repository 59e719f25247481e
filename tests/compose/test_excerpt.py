"""What a mail says of another mail."""

import pytest

from mailgateway.compose.excerpt import first_lines, size, words
from mailgateway.compose.lines import body_text, one_line


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (74_812, "75 kB"),
        (999_499, "999 kB"),
        (999_501, "1.0 MB"),
        (2_500_000, "2.5 MB"),
    ],
)
def test_sizes_are_for_people(size_bytes: int, said: str) -> None:
    assert size(size_bytes) == said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ((), False)),
        ("\n \n", ((), False)),
        ("a\n\n  b\tc ", (("a", "b c"), False)),
        ("1\n2\n3\n4\n5\n6", (("1", "2", "3", "4", "5", "6"), False)),
        ("1\n2\n3\n4\n5\n6\n7", (("1", "2", "3", "4", "5", "6"), True)),
        ("x" * 201, (("x" * 199 + "…",), True)),
        ("a" + "\n" * 9000 + "b", (("a",), True)),
    ],
)
def test_first_lines_are_those_that_hold_something(text: str, expected: tuple[tuple[str, ...], bool]) -> None:
    assert first_lines(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ("", False)), ("a\r\n\r\nb\n\n", ("a\n\nb", False)), ("x" * 20_001, ("x" * 20_000, True))],
)
def test_words_are_cut_at_their_bound(text: str, expected: tuple[str, bool]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\x85d\u2028e", "a\nb\nc\nd\ne\n"),
        ("tab\tstays", "tab\tstays\n"),
        ("a\0b\x1b[31mc\ud800", "ab[31mc\ufffd\n"),
        ("", "\n"),
        ("a\n\n \n", "a\n"),
    ],
)
def test_body_text_has_one_kind_of_line_end_and_no_controls(text: str, expected: str) -> None:
    assert body_text(text) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("a\t\r\n b", 0, "a b"),
        ("\u202eab\u2069", 0, "ab"),
        ("\udcff", 0, "\ufffd"),
        ("abcdef", 4, "abc…"),
        ("ab", 2, "ab"),
    ],
)
def test_one_line_is_one_line(text: str, limit: int, expected: str) -> None:
    assert one_line(text, limit) == expected
