"""The log: events and fields, nothing secret, libraries from warnings on."""

import io
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum, StrEnum
from pathlib import Path

import pytest
import structlog

from mailgateway import log as logs

Lines = Callable[[], list[dict[str, object]]]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Kind(StrEnum):
    PERSON = "person"


class State(Enum):
    DONE = "done"


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def lines(stream: io.StringIO) -> Lines:
    logs.configure("json", "info", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_event_is_one_json_object_with_level_and_utc_time(lines: Lines) -> None:
    structlog.get_logger().info("message.decided", message=812, rules=("a", "b"), took_ms=1.5)

    (line,) = lines()
    moment = datetime.fromisoformat(str(line.pop("timestamp")))
    assert moment.utcoffset() == UTC.utcoffset(None)
    assert line == {"event": "message.decided", "level": "info", "message": 812, "rules": ["a", "b"], "took_ms": 1.5}


def test_values_beyond_json_become_text(lines: Lines) -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)

    structlog.get_logger().info(
        "e", at=moment, kind=Kind.PERSON, state=State.DONE, path=Path("a"), found=frozenset({"b", "a"}), bad="\ud800"
    )

    assert lines()[0] | {"timestamp": ""} == {
        "event": "e",
        "level": "info",
        "timestamp": "",
        "at": "2026-01-02T00:00:00+00:00",
        "kind": "person",
        "state": "done",
        "path": "a",
        "found": ["a", "b"],
        "bad": "\ud800",
    }


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("password", "hunter2", "***"),
        ("imap_password", "hunter2", "***"),
        ("Reply-Token", "hunter2", "***"),
        ("secret", ("hunter2",), "***"),
        ("authorization", {"x": "hunter2"}, "***"),
        ("raw", b"hunter2", "<7 bytes>"),
        ("anything", b"hunter2", "<7 bytes>"),
        ("body", "hunter2", "<7 characters>"),
        ("server", {"host": "h", "password": "hunter2"}, {"host": "h", "password": "***"}),
        ("body_bytes", 7, 7),
        ("secret", None, None),
        ("ticket", "SUP-1", "SUP-1"),
    ],
)
@pytest.mark.parametrize("format_", ["json", "console"])
def test_secrets_and_contents_are_covered(format_: logs.Format, name: str, value: object, shown: object) -> None:
    stream = io.StringIO()
    logs.configure(format_, "info", stream)

    structlog.get_logger().info("event", **{name: value})

    assert "hunter2" not in stream.getvalue()
    if format_ == "json":
        assert json.loads(stream.getvalue())[name] == shown


@pytest.mark.parametrize("format_", ["json", "console"])
def test_traceback_is_shown_without_the_values_of_variables(format_: logs.Format) -> None:
    stream = io.StringIO()
    logs.configure(format_, "info", stream)
    mail = "retnuh"[::-1]

    try:
        1 / (len(mail) - 6)
    except ZeroDivisionError:
        structlog.get_logger().exception("mail.failed")

    assert "ZeroDivisionError" in stream.getvalue()
    assert "hunter" not in stream.getvalue()


def test_less_important_events_are_left_out(stream: io.StringIO) -> None:
    logs.configure("json", "warning", stream)

    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["loud"]


def test_libraries_are_heard_from_warnings_on(lines: Lines) -> None:
    for name in ("imapclient", "mailparser", "alembic", "sqlalchemy.engine"):
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("trouble %s", 7)

    assert [line | {"timestamp": ""} for line in lines()] == [
        {"event": "library", "level": "warning", "timestamp": "", "library": name, "message": "trouble 7"}
        for name in ("imapclient", "mailparser", "alembic", "sqlalchemy.engine")
    ]


def test_configuring_again_replaces_the_first_log(lines: Lines) -> None:
    log = structlog.get_logger()
    log.info("first")
    other = io.StringIO()

    logs.configure("json", "error", other)
    log.warning("second")
    log.error("third")
    logging.getLogger("imapclient").warning("fourth")

    assert [line["event"] for line in lines()] == ["first"]
    assert [json.loads(line)["event"] for line in other.getvalue().splitlines()] == ["third"]


def test_auto_is_json_unless_the_stream_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    file, terminal = io.StringIO(), Terminal()

    for stream in (file, terminal):
        logs.configure("auto", "info", stream)
        structlog.get_logger().info("event")

    assert json.loads(file.getvalue())["event"] == "event"
    assert "\x1b[" in terminal.getvalue()


def test_no_color_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()

    logs.configure("auto", "info", terminal)
    structlog.get_logger().info("event", subject="\x1b[2Jx")

    assert "\x1b" not in terminal.getvalue()
    assert "\\x1b[2Jx" in terminal.getvalue()
