"""Dates as mail programs write them above quoted and forwarded mails, in many languages."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from mailgateway.parsers.headers import date
from mailgateway.phrases import all_of, phrases

_LOOKED_AT = 120
_MONTHS = {name: int(number) for number, names in phrases("absences")["months"].items() for name in names}
_STEM = 3
# Some clients cut months to three letters of their own; of languages that disagree the first counts.
for _name, _number in tuple(_MONTHS.items()):
    _MONTHS.setdefault(_name[:_STEM], _number)
_AFTERNOON = all_of(phrases("forwards")["afternoon"])
_MORNING = all_of(phrases("forwards")["morning"])
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_YEAR_FIRST = re.compile(r"((?:19|20)\d\d)\s?[-./年년]\s?(\d{1,2})\s?[-./月월]\s?(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s?([-./])\s?(\d{1,2})\s?[-./]\s?((?:19|20)?\d\d)(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CLOCK = re.compile(r"(?<![\d.])(\d{1,2})[:.h时時시]\s?(\d{2})(?:[:.분分](\d{2}))?(?![\d.])")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})\b")
_RFC = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? [+-]\d{4}"
)  # RFC 5322 section 3.3
_MONTHS_IN_YEAR = 12
_NOON = 12


def written_date(text: str) -> str:
    """Return a written date and time in ISO 8601, as it stands where it cannot be read, "" where there is none.

    Day comes before month in 03/04/2025 unless the hours are counted to twelve, as Americans do.

    Args:
        text: The value beside "Sent:" or "Date:"; its first 120 characters count.
    """
    written = " ".join(text[:_LOOKED_AT].split())
    if not written:
        return ""
    exact = date(written) if _RFC.match(written) else None
    if exact is not None:
        return exact.isoformat()
    found = _day(written)
    if found is None:
        return written
    (year, month, day), rest = found
    hour, minute, second = _time(rest)
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return written
    return _zoned(moment, rest)


def _zoned(moment: datetime, rest: str) -> str:
    """Return the moment with the offset that is written, else as a local time."""
    offset = _OFFSET.search(rest)
    if offset is None:
        return moment.replace(tzinfo=None).isoformat()
    minutes = int(offset[2]) * 60 + int(offset[3])
    if minutes >= 24 * 60:
        return moment.replace(tzinfo=None).isoformat()
    zone = timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    return moment.replace(tzinfo=zone).isoformat()


def _day(text: str) -> tuple[tuple[int, int, int], str] | None:
    """Return (year, month, day) and the text without them."""
    named = _named(text)
    if named:
        return named
    first = _YEAR_FIRST.search(text)
    if first:
        return (int(first[1]), int(first[2]), int(first[3])), text[: first.start()] + text[first.end() :]
    last = _YEAR_LAST.search(text)
    if last:
        rest = text[: last.start()] + text[last.end() :]
        day, month = int(last[1]), int(last[3])
        american = last[2] == "/" and _half(rest) is not None
        if month > _MONTHS_IN_YEAR or (american and day <= _MONTHS_IN_YEAR):
            day, month = month, day
        return (int(last[4]) + (2000 if len(last[4]) == 2 else 0), month, day), rest  # noqa: PLR2004 -- "25"
    return None


def _named(text: str) -> tuple[tuple[int, int, int], str] | None:
    year = _YEAR.search(text)
    if year is None:
        return None
    rest = text[: year.start()] + " " + text[year.end() :]
    clock = _CLOCK.search(rest)
    tokens = _TOKEN.findall(rest.replace(clock[0], " ", 1) if clock else rest)
    at = next((at for at, token in enumerate(tokens) if token.lower() in _MONTHS), None)
    if at is None:
        return None
    day = _number_beside(tokens, at)
    return ((int(year[0]), _MONTHS[tokens[at].lower()], day), rest) if day else None


def _number_beside(tokens: Sequence[str], at: int) -> int:
    """Return the day: the number before a month, a word like "de" between them, else the one after it."""
    for place in (at - 1, at - 2, at + 1):
        word = tokens[place] if 0 <= place < len(tokens) else ""
        if word.isdecimal() and len(word) <= 2 and int(word):  # noqa: PLR2004 -- a day has two digits
            return int(word)
    return 0


def _time(rest: str) -> tuple[int, int, int]:
    clock = _CLOCK.search(rest)
    if clock is None:
        return 0, 0, 0
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    half = _half(rest)
    if half is not None and hour <= _NOON:
        hour = hour % _NOON + half
    return (hour, minute, second) if hour < 24 and minute < 60 and second < 60 else (0, 0, 0)  # noqa: PLR2004 -- a clock


def _half(text: str) -> int | None:
    """Return the hours that the half of the day adds, None where no half is named."""
    lower = f" {text.lower()} "
    for hours, words in ((_NOON, _AFTERNOON), (0, _MORNING)):
        if any((f" {word} " in lower or f"{word} " in lower) if word.isascii() else word in lower for word in words):
            return hours
    return None
