"""Regular expressions and globs: where a wrong one is wrong, and that no right one hangs."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.rules.patterns import PatternError, glob, matches_empty, pattern, search
from mailgateway.rules.phrases import Hit
from mailgateway.rules.words import MAX_TEXT_CHARS


def culprit(text: str) -> tuple[str, str, str]:
    """Return what is said against an expression: the message, the piece at fault and the first words of the help."""
    with pytest.raises(PatternError) as refused:
        pattern(text)
    error = refused.value
    return str(error), text[error.offset : error.offset + error.length], error.help.partition(",")[0].partition(";")[0]


def refusal(text: str) -> PatternError | None:
    """Return why an expression is refused, None where it is not."""
    try:
        pattern(text)
    except PatternError as error:
        return error
    return None


# --- regular expressions


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("disk [0-9]+", "the disk 17 is full", Hit(4, 11)),
        ("(?i)DISK", "die disk", Hit(4, 8)),
        ("DISK", "die disk", None),
        ("(?i)СЕРВЕР", "Наш сервер", Hit(4, 10)),
        ("größe", "Ü: größe \ud800", Hit(3, 8)),
        ("\ufffd", "a\ud800", Hit(1, 2)),
        ("^b", "a\nb", None),
        ("(?m)^b", "a\nb", Hit(2, 3)),
        ("a", "", None),
    ],
)
def test_an_expression_finds_the_leftmost_place_in_characters(expression: str, text: str, expected: Hit | None) -> None:
    assert search(pattern(expression), text) == expected


def test_an_expression_sees_no_more_than_is_searched_of_a_text() -> None:
    text = "a" * MAX_TEXT_CHARS + "b"

    assert search(pattern("b"), text) is None
    assert search(pattern("a$"), text) == Hit(MAX_TEXT_CHARS - 1, MAX_TEXT_CHARS)


@pytest.mark.parametrize(
    ("expression", "message", "piece", "advice"),
    [
        ("(?i)upgrade(?!d) from", "invalid perl operator: (?!", "(?!", "a look ahead or behind"),
        ("größe(?=x)", "invalid perl operator: (?=", "(?=", "a look ahead or behind"),
        ("(?<=a)b", "invalid perl operator: (?<=", "(?<=", "a look ahead or behind"),
        ("(?<!a)b", "invalid perl operator: (?<!", "(?<!", "a look ahead or behind"),
        (r"\(?!(?!d)", "invalid perl operator: (?!", "(?!", "a look ahead or behind"),
        ("(?#why)a", "invalid perl operator: (?#", "(?#", "comments are not available here"),
        ("(?>a)", "invalid perl operator: (?>", "(?>", "groups are (…)"),
        ("(?P<>a)", "invalid named capture group: (?P<>", "(?P<>", "groups are (…)"),
        (
            r"(a)\1",
            r"invalid escape sequence: \1",
            r"\1",
            "a group's text cannot be asked for again: no back-references",
        ),
        (r"a\Z", r"invalid escape sequence: \Z", r"\Z", r"the end of the text is \z"),
        (r"\u2022", r"invalid escape sequence: \u", r"\u", r"a character by its number is \x{2022}"),
        (r"\y", r"invalid escape sequence: \y", r"\y", "to find the sign itself put a backslash before it"),
        ("(a", "missing )", "(", "for the bracket itself put a backslash before it"),
        (r"(b)(a[)]\)", "missing )", "(", "for the bracket itself put a backslash before it"),
        ("[(]a)", "unexpected )", ")", "for the bracket itself put a backslash before it"),
        ("x[ab", "missing ]", "[", "for the bracket itself put a backslash before it"),
        ("*.log", "no argument for repetition operator: *", "*", "put something before it that is repeated"),
        ("a++", "bad repetition operator: ++", "++", "one repetition to a piece: * + ? {2} {2"),
        ("a{1001}", "invalid repetition size: {1001}", "{1001}", "one repetition to a piece: * + ? {2} {2"),
        (
            "[z-a]",
            "invalid character class range: z-a",
            "z-a",
            "a range goes from the lower character to the higher one",
        ),
        ("a\\", "trailing \\", "\\", "a backslash stands before another sign"),
        ("a\ud800b", "this is no character", "\ud800", "write it as \\x{FFFD} if you mean the replacement mark"),
    ],
)
def test_a_wrong_expression_names_the_piece_and_what_to_write_instead(
    expression: str, message: str, piece: str, advice: str
) -> None:
    assert culprit(expression) == (message, piece, advice)


def test_the_place_is_that_of_the_piece_at_fault_and_not_of_one_like_it() -> None:
    with pytest.raises(PatternError) as refused:
        pattern(r"\\Z is \Z")

    assert (refused.value.offset, refused.value.length) == (7, 2)


def test_the_bracket_at_fault_is_the_one_without_another_half() -> None:
    with pytest.raises(PatternError) as refused:
        pattern(r"\Q(\E(b)(a[)]\)")

    assert (refused.value.offset, refused.value.length) == (8, 1)


def test_an_expression_of_too_many_bytes_or_characters_is_refused_whole() -> None:
    large = r"((\pL{20}){10}){5}"
    message, piece, advice = culprit(large)

    assert (message, piece, advice) == ("pattern too large - compile failed", large, "fewer or smaller repetitions: {1")
    assert culprit("a" * 2001)[:2] == (
        "a regular expression has at most 2000 characters, this one has 2001",
        "a" * 2001,
    )


@pytest.mark.parametrize(
    ("expression", "expected"), [("a*", True), ("", True), ("a|", True), ("^a", False), ("a+", False)]
)
def test_an_expression_for_nothing_is_told_from_one_for_something(expression: str, expected: bool) -> None:
    assert matches_empty(pattern(expression)) == expected


def test_no_expression_hangs() -> None:
    text = "a" * 50_000 + "!"
    started = time.process_time()

    assert search(pattern("(a+)+$"), text) is None
    assert search(pattern("(a|aa)*b"), text) is None
    assert time.process_time() - started < 5  # others take for ever


@given(
    st.one_of(st.text(st.characters()), st.text(st.sampled_from(r"ab()[]{}\*+?|^$.-:=!<>PQE1,2")), st.just("\ud800"))
)
def test_any_expression_is_refused_with_a_place_or_can_be_searched(text: str) -> None:
    refused = refusal(text)

    if refused is not None:
        assert 0 <= refused.offset < refused.offset + refused.length <= len(text)
        assert refused.message
    else:
        hit = search(pattern(text), "ab()\ud800 é")
        assert hit is None or 0 <= hit.start <= hit.end <= 7


# --- globs


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        ("*@bigcorp.example", "ops@bigcorp.example", True),
        ("*@bigcorp.example", "Ops@BigCorp.Example", True),
        ("*@bigcorp.example", "ops@eu.bigcorp.example", False),
        ("*@bigcorp.example", "ops@bigcorp.example.evil.example", False),
        ("*@bigcorp.example", "ops@bigcorpxexample", False),
        ("*@*.bigcorp.example", "ops@eu.bigcorp.example", True),
        ("ops@bigcorp.example", "ops@bigcorp.example", True),
        ("ops@bigcorp.example", "devops@bigcorp.example", False),
        ("*.log", "disk full.LOG", True),
        ("*.log", "error.log.gz", False),
        ("*.log*", "error.log.gz", True),
        ("node-??.log", "node-17.log", True),
        ("node-??.log", "node-7.log", False),
        ("*node-?.*", "my node-7.log", True),
        ("?", "\n", True),
        ("*", "", True),
        ("a*a", "a", False),
        ("a*b*a", "aba", True),
        ("a*bc*c", "abc", False),
        ("[a]*", "a", False),
        ("[a]*", "[a]b", True),
        ("Störung*.pdf", "STO\u0308RUNG 3.PDF", True),
        ("*?", "\ud800", True),
    ],
)
def test_a_glob_is_like_the_whole_value_in_any_case(written: str, value: str, expected: bool) -> None:
    assert glob(written).matches(value) == expected


@pytest.mark.parametrize("written", ["", " ", "a" * 501])
def test_a_glob_of_nothing_or_too_much_is_refused(written: str) -> None:
    with pytest.raises(PatternError):
        glob(written)


@given(st.text("ab*?", min_size=1, max_size=8), st.text("abc", max_size=8))
def test_a_glob_matches_what_a_plain_loop_matches(written: str, value: str) -> None:
    def like(rest: str, left: str) -> bool:
        if not rest:
            return not left
        if rest[0] == "*":
            return like(rest[1:], left) or (left != "" and like(rest, left[1:]))
        return left != "" and rest[0] in ("?", left[0]) and like(rest[1:], left[1:])

    assert glob(written).matches(value) == like(written, value)


@given(st.text(st.characters(), min_size=1).filter(str.strip), st.text(st.characters()))
def test_any_glob_is_compared_with_any_value(written: str, value: str) -> None:
    plain = written.replace("*", "")[:400]

    assert glob(f"{plain}/*").matches(f"{plain}/{value}")


@pytest.mark.parametrize("written", ["*a" * 200 + "b", "*a?" * 150 + "b"])
def test_no_glob_hangs(written: str) -> None:
    started = time.process_time()

    assert not glob(written).matches("a" * 20_000)
    assert time.process_time() - started < 5  # one that tries everything takes for ever
