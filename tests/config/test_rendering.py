"""Faults on the screen: the examples of the design, strange characters, suggestions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.diagnostics import Diagnostic, Mark, Position, Severity, did_you_mean, printable, render

UNKNOWN = Diagnostic(
    Severity.ERROR,
    "E110",
    'unknown name "custmer"',
    Position("bad/priority.toml", 12, 6, 7),
    'not known in "rule.when"',
    ('did you mean "customer"?', "known here: text, subject"),
)


def test_fault_shows_code_place_line_carets_and_helps() -> None:
    text = "\n" * 11 + 'when.custmer.plan = ["professional", "advanced"]\n'

    shown = render([UNKNOWN], {"bad/priority.toml": text})

    assert shown == (
        'error[E110]: unknown name "custmer"\n'
        "  --> bad/priority.toml:12:6\n"
        "   |\n"
        '12 | when.custmer.plan = ["professional", "advanced"]\n'
        '   |      ^^^^^^^ not known in "rule.when"\n'
        "   |\n"
        '   = help: did you mean "customer"?\n'
        "   = help: known here: text, subject"
    )


def test_second_place_is_shown_with_dashes_in_the_order_of_the_lines() -> None:
    text = "\n" * 6 + "[[rule]]\n" + "\n" * 53 + "[[rule]]\n"
    warning = Diagnostic(
        Severity.WARNING,
        "W010",
        'rule "b" can never be reached',
        Position("r.toml", 61, 1, 8),
        "every mail is stopped before it",
        marks=(Mark(Position("r.toml", 7, 1, 8), '"a" stops first'),),
    )

    shown = render([warning], {"r.toml": text})

    assert shown == (
        'warning[W010]: rule "b" can never be reached\n'
        "  --> r.toml:61:1\n"
        "   |\n"
        " 7 | [[rule]]\n"
        '   | -------- "a" stops first\n'
        "61 | [[rule]]\n"
        "   | ^^^^^^^^ every mail is stopped before it"
    )


def test_second_place_in_another_file_is_shown_after_the_first() -> None:
    fault = Diagnostic(
        Severity.ERROR, "E1", "twice", Position("b.toml", 1, 1, 1), marks=(Mark(Position("a.toml", 1, 1, 1), "first"),)
    )

    shown = render([fault], {"a.toml": "x", "b.toml": "y"})

    assert shown == "error[E1]: twice\n --> b.toml:1:1\n  |\n1 | y\n  | ^\n ::: a.toml:1:1\n  |\n1 | x\n  | - first"


def test_place_in_an_unknown_text_is_named_without_its_line() -> None:
    assert (
        render([Diagnostic(Severity.ERROR, "E1", "gone", Position("a", 3, 2, 1))], {}) == "error[E1]: gone\n --> a:3:2"
    )


@pytest.mark.parametrize(
    ("line", "column", "length", "carets"),
    [
        ("\tkey = 1", 2, 3, "    ^^^"),
        ("日本 = 1", 1, 2, "^^^^"),
        ("日本 = 1", 6, 1, "       ^"),
        ("e\u0301 = 1", 4, 1, "  ^"),
        ("a = 1", 6, 0, "     ^"),
        ("a = 1", 99, 5, "     ^"),
        ("a = 1", 1, 99, "^^^^^"),
    ],
    ids=["tab", "wide", "after wide", "combining", "end of line", "beyond the line", "over the end"],
)
def test_carets_stand_below_the_characters(line: str, column: int, length: int, carets: str) -> None:
    shown = render([Diagnostic(Severity.ERROR, "E1", "m", Position("f", 1, column, length))], {"f": line})

    assert shown.splitlines()[-1] == f"  | {carets}"


def test_long_line_is_cut_around_the_mark() -> None:
    line = "a" * 500 + "HERE" + "b" * 500

    shown = render([Diagnostic(Severity.ERROR, "E1", "m", Position("f", 1, 501, 4), "this")], {"f": line})

    source, under = shown.splitlines()[-2:]
    assert len(source) < 180
    assert source[under.index("^") : under.index("^") + 4] == "HERE"
    assert under.endswith("^^^^ this")
    assert source.startswith("1 | …")
    assert source.endswith("…")


def test_control_characters_never_reach_the_terminal() -> None:
    fault = Diagnostic(
        Severity.ERROR,
        "E1",
        "m\x1b[2J",
        Position("f\x1b", 1, 1, 1),
        "l\x07",
        ("h\x9b",),
        (Mark(Position("f\x1b", 1, 1), "\r"),),
    )

    shown = render([fault], {"f\x1b": "\x1b[31mred\x00\ud800"})

    assert printable(shown) == shown
    assert "\\x1b[31mred\\x00\\ud800" in shown


def test_colours_add_nothing_but_escape_sequences() -> None:
    plain = render([UNKNOWN], {"bad/priority.toml": "x\n" * 12})
    colored = render([UNKNOWN], {"bad/priority.toml": "x\n" * 12}, color=True)

    assert colored != plain
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == plain


POSITIONS = st.builds(
    Position, st.sampled_from(["f", "g"]), st.integers(-1, 9), st.integers(-1, 300), st.integers(-1, 300)
)


@given(st.text(), POSITIONS, POSITIONS)
def test_rendering_never_fails(text: str, first: Position, second: Position) -> None:
    fault = Diagnostic(Severity.ERROR, "E1", text, first, text, (text,), (Mark(second, text),))

    shown = render([fault, fault], {"f": text * 9})

    assert shown.startswith("error[E1]: ")


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("custmer", ["text", "customer"], "customer"),
        ("password", ["host", "password_env"], "password_env"),
        ("Poll-Every-S", ["poll_every_s"], "poll_every_s"),
        ("profesional", ["advanced", "professional"], "professional"),
        ("zzz", ["text", "customer"], None),
        ("", ["text"], None),
        ("x", [], None),
        ("a" * 101, ["a" * 100], None),
    ],
)
def test_suggestion_is_the_nearest_known_word_or_none(word: str, known: list[str], meant: str | None) -> None:
    assert did_you_mean(word, known) == meant


@given(st.text(), st.lists(st.text()))
def test_suggestion_is_one_of_the_known_words(word: str, known: list[str]) -> None:
    assert did_you_mean(word, known) in {None, *known}
