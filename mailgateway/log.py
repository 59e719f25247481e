"""The log: an event and its fields, on standard error, as lines for people or as JSON.

Nothing secret gets through: fields named like a password and the contents of mails are covered here, whoever logs them.
Libraries are heard from warnings on, as the event `library`.
"""

import logging
import os
import sys
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from mailgateway.diagnostics import printable

Format = Literal["auto", "console", "json"]
Level = Literal["debug", "info", "warning", "error"]

COVERED = "***"
_SECRET_WORDS = frozenset(
    {"password", "passwd", "passphrase", "secret", "token", "authorization", "credentials", "cookie"}
)
_CONTENT_WORDS = frozenset({"raw", "body", "content"})


def configure(format: Format = "auto", level: Level = "info", stream: TextIO | None = None) -> None:  # noqa: A002 -- the name of the key in the configuration
    """Set up the log of the whole process; may be called again, loggers made before follow.

    Args:
        format: `auto` is console on a terminal and JSON otherwise.
        level: The least important level that is shown; libraries are shown from warnings on at most.
        stream: Where to; standard error by default.
    """
    terminal = (stream or sys.stderr).isatty()
    last = _console(terminal) if format == "console" or (format == "auto" and terminal) else _json()
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *_COMMON, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.PrintLogger(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    _configure_libraries(stream or sys.stderr, max(number, logging.WARNING), last)


def _configure_libraries(out: TextIO, number: int, last: list[Processor]) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_library_event, *_COMMON],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    handler.set_name("mailgateway")
    root = logging.getLogger()
    for earlier in [known for known in root.handlers if known.get_name() == "mailgateway"]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(number)


def _library_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    return {**event, "event": "library", "library": record.name, "message": event["event"]}


def covered(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Return an event without passwords and without the contents of mails."""
    return {name: _covered(name, value) for name, value in event.items()}


def _covered(name: str, value: object) -> object:
    if name.startswith("_"):  # structlog's own, never printed
        return value
    words = set(name.lower().replace("-", "_").split("_"))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{len(value)} bytes>"
    if words & _SECRET_WORDS and not _harmless(value):
        return COVERED
    if words & _CONTENT_WORDS and not _harmless(value):
        return f"<{len(str(value))} characters>"
    return (
        {str(key): _covered(str(key), inner) for key, inner in value.items()} if isinstance(value, Mapping) else value
    )


def _harmless(value: object) -> bool:
    """Return whether a value can hold no words: a count or a yes is worth knowing."""
    return value is None or isinstance(value, (bool, int, float))


def _safe_for_terminal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {name: printable(value) if isinstance(value, str) else value for name, value in event.items()}


def _plain(value: object) -> object:
    """Return what JSON has for a value."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)


def _console(terminal: bool) -> list[Processor]:
    colors = terminal and not os.environ.get("NO_COLOR")
    return [_safe_for_terminal, structlog.dev.ConsoleRenderer(colors=colors)]


def _json() -> list[Processor]:
    return [structlog.processors.JSONRenderer(default=_plain)]


_COMMON: tuple[Processor, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,  # here, since the console's own tracebacks show local variables: mails
    covered,
)
