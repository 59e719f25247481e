"""What a person is told of an error that is not ours."""

import pytest

from mailgateway.errors import one_line


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("two\r\n lines\tof it"), "two lines of it"),
        (ValueError("LOGIN failed: b'NO [LIMIT] later'"), "LOGIN failed: NO [LIMIT] later"),
        (ValueError((550, b"no")), "(550, no)"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (ValueError(), "ValueError"),
        (ValueError("x" * 301), "x" * 300),
    ],
)
def test_an_error_is_one_line_of_bounded_words(error: Exception, words: str) -> None:
    assert one_line(error) == words
