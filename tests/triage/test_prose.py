"""What a line is, and what is left of a text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.triage.prose import LineKind, ProseLine, lines_of, prose
from mailgateway.triage.prose.lines import MAX_CHARS
from mailgateway.triage.prose.patterns import BY_END, BY_START

SYSLOG = "Nov  2 10:11:12 mx1 sshd[1]: refused"
SHAPES = (
    "",
    " ",
    "x",
    "{",
    "[",
    "}",
    "```",
    "~~~ x",
    "{code}",
    "$ x",
    "Received: x",
    "@@ -1,9999999 +1,9999999 @@",
    SYSLOG,
    "at " + "a." * 199,
    "at " + "a:1" * 120,
    "a(" * 190,
    "a()" * 130,
    "<a " + "b" * 300,
    "PHP Warning: " + " in /" * 60,
    "2026-11-02 10:11:12 " + "x " * 190,
    "SELECT " + "FRO " * 90,
    "1 " * 190,
    "AA  " * 90,
    "File " * 90,
    "請" * 300,
    "x" * 300_000,
)
words = st.sampled_from(
    [
        "",
        " ",
        "\t",
        "```",
        "~~~",
        SYSLOG,
        "We ask you.",
        "  indented",
        "a = 1",
        "{",
        "}",
        "a_b = c",
        "$ ls -l",
        "at noon",
    ]
)


def kinds(text: str) -> list[LineKind]:
    return [line.kind for line in lines_of(text)]


def test_a_line_says_where_it_stands_in_the_text() -> None:
    text = f"Hello,\n\n{SYSLOG}"

    found = lines_of(text)

    assert found == (
        ProseLine(0, 6, "Hello,", LineKind.PROSE),
        ProseLine(7, 7, "", LineKind.BLANK),
        ProseLine(8, 8 + len(SYSLOG), SYSLOG, LineKind.LOG),
    )


def test_an_empty_text_is_one_blank_line() -> None:
    assert lines_of("") == (ProseLine(0, 0, "", LineKind.BLANK),)


def test_an_empty_line_stands_where_something_was_taken_out() -> None:
    text = f"The server\n{SYSLOG}\n{SYSLOG}\nis down.\n\nBye"

    assert prose(text) == "The server\n\nis down.\n\nBye"


def test_a_text_of_people_alone_stays_as_it_is() -> None:
    text = "Hello,\n\n  we ask: is it known?\n\n\nBye\n"

    assert prose(text) == text


def test_line_ends_of_two_characters_do_no_harm() -> None:
    assert kinds(f"Hello\r\n\r\n{SYSLOG}\r\n") == [LineKind.PROSE, LineKind.BLANK, LineKind.LOG, LineKind.BLANK]


@pytest.mark.parametrize(
    "line", ["at 10:15", "at 10:15:32", "at home (room 12)", "at noon: 12:30:15", "in Hamburg (Elbe)"]
)
def test_a_place_or_time_after_at_is_no_frame(line: str) -> None:
    assert kinds(line) == [LineKind.PROSE]


@pytest.mark.parametrize("words", ["nothing happens after that", "It stays down", "then everything stopped"])
def test_words_below_a_command_are_prose_unless_another_command_follows(words: str) -> None:
    command = "$ systemctl restart app"

    assert kinds(f"{command}\n{words}") == [LineKind.CODE, LineKind.PROSE]
    assert kinds(f"{command}\n{words}\n{command}") == [LineKind.CODE] * 3


def test_two_settings_are_code_and_one_is_prose() -> None:
    assert kinds("max_size = 5") == [LineKind.PROSE]
    assert kinds("max_size = 5\nmin_size = 1") == [LineKind.CODE] * 2


def test_runs_end_at_two_blank_lines() -> None:
    assert kinds("max_size = 5\n\n\nmin_size = 1") == [LineKind.PROSE, LineKind.BLANK, LineKind.BLANK, LineKind.PROSE]
    assert kinds("max_size = 5\n\nmin_size = 1") == [LineKind.CODE, LineKind.BLANK, LineKind.CODE]


def test_person_words_keep_a_line_with_a_level_prose() -> None:
    assert kinds("2026-11-02 10:15:32 ERROR appeared, we restarted") == [LineKind.PROSE]
    assert kinds("2026-11-02 10:15:32 ERROR disk full") == [LineKind.LOG]


def test_what_is_behind_the_limit_is_prose_in_one_piece() -> None:
    head = "a" * MAX_CHARS

    assert lines_of(f"{head}\n{SYSLOG}\n{SYSLOG}") == (
        ProseLine(0, MAX_CHARS, head, LineKind.PROSE),
        ProseLine(MAX_CHARS + 1, MAX_CHARS + 2 + 2 * len(SYSLOG), f"{SYSLOG}\n{SYSLOG}", LineKind.PROSE),
    )


def test_every_pattern_has_its_own_name_and_starts_where_it_says() -> None:
    names = [row[1] for row in (*BY_START, *BY_END)]

    assert len(names) == len(set(names))
    assert {start for row in BY_START for start in row[0]} <= set("aAz0#")


@given(st.one_of(st.text(), st.lists(words).map("\n".join)))
def test_every_line_is_in_exactly_one_and_joined_they_are_the_text(text: str) -> None:
    lines = lines_of(text)

    assert "\n".join(line.text for line in lines) == text
    assert [text[line.start : line.end] for line in lines] == [line.text for line in lines]
    assert [line.kind is LineKind.BLANK for line in lines] == [not line.text.strip() for line in lines]


@given(st.lists(words).map("\n".join))
def test_prose_keeps_the_lines_of_people_in_their_order_and_no_others(text: str) -> None:
    said = [line.text for line in lines_of(text) if line.kind is LineKind.PROSE]

    assert [line for line in prose(text).split("\n") if line.strip()] == said


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: repr(shape[:20]))
def test_a_megabyte_of_one_shape_is_read_in_seconds_at_most(shape: str) -> None:
    text = ((shape + "\n") * (1_000_000 // (len(shape) + 1) + 1))[:1_000_000]

    started = time.process_time()
    lines_of(text)
    took_s = time.process_time() - started

    assert took_s < 5  # A tenth of it on an idle machine; what grows with the square takes minutes


def test_a_person_who_says_i_keeps_a_line_prose() -> None:
    assert kinds("2026-11-02 10:15:32 ERROR when I log in") == [LineKind.PROSE]


def test_a_line_with_nothing_in_its_looked_at_part_is_prose() -> None:
    assert kinds(" " * 500 + SYSLOG) == [LineKind.PROSE]


@pytest.mark.parametrize("message", ["our a=1", "請 a=1", "Node a_1 was restarted."])
def test_times_before_a_persons_words_are_no_log(message: str) -> None:
    assert kinds("\n".join([f"10:15:32 {message}"] * 3)) == [LineKind.PROSE] * 3


def test_times_before_a_programs_words_are_a_log_from_the_third_line_on() -> None:
    assert kinds("\n".join(["10:15:32 opened a=1"] * 3)) == [LineKind.LOG] * 3
    assert kinds("\n".join(["10:15:32 opened a=1"] * 2)) == [LineKind.PROSE] * 2
