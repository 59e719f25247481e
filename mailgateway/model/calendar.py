"""Time zones, opening hours and holidays as values. What they mean for a moment is worked out in rules.times.

Zones come from the pinned package `tzdata` and never from the machine: the same facts give the same decision on every
machine, and `tzdata_version` says with which data. Like the phrase files they are constants that happen to be files:
nothing at run time changes them, and this is the only place that reads them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import cache
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

import tzdata

MINUTES_A_DAY = 24 * 60
DAYS_A_WEEK = 7

_OFFSET = re.compile(r"([+-])(\d\d):([0-5]\d)", re.ASCII)
_FURTHEST = {"+": timedelta(hours=14), "-": timedelta(hours=12)}
_NOT_PLACES = ("Etc/", "SystemV/", "posix/", "right/")
_LIKE_OFFSET = re.compile(r"(?:GMT|UTC?|Z)?\s?([+-])\s?(\d{1,2})(?::?([0-5]\d))?", re.ASCII | re.IGNORECASE)
_POSIX_SIGN = re.compile(r"Etc/GMT([+-])(\d{1,2})", re.ASCII | re.IGNORECASE)
_PLACES_OF = {
    "BST": "Europe/London", "CEST": "Europe/Berlin", "CET": "Europe/Berlin", "CST": "America/Chicago",
    "EDT": "America/New_York", "EEST": "Europe/Helsinki", "EET": "Europe/Helsinki", "EST": "America/New_York",
    "GMT": "Europe/London", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "MEZ": "Europe/Berlin",
    "MESZ": "Europe/Berlin", "MSK": "Europe/Moscow", "PDT": "America/Los_Angeles", "PST": "America/Los_Angeles",
    "TRT": "Europe/Istanbul", "WET": "Europe/Lisbon",
}  # fmt: skip
"""What people who write an abbreviation most often mean; only ever a suggestion."""


class Period(StrEnum):
    """The spans of the calendar that a quota counts in."""

    DAY = "calendar day"
    WEEK = "calendar week"
    MONTH = "calendar month"
    QUARTER = "calendar quarter"
    YEAR = "calendar year"


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone by its name, so that it can be compared, stored and printed.

    Attributes:
        name: A place of the IANA data (`Europe/Istanbul`), a fixed offset (`+03:00`), or `UTC`.
    """

    name: str

    @property
    def tzinfo(self) -> tzinfo:
        """The zone as datetime takes it; raises ValueError where the name is none (see parse_zone)."""
        return parse_zone(self.name)


@dataclass(frozen=True, slots=True)
class Days:
    """Days that follow each other; a single one is its own first and last."""

    first: date
    last: date


Hours = tuple[int, int]
"""Minutes since midnight: the first that is open and the first that is closed again, at most 1440."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody is there.

    Attributes:
        id: As rules name it.
        zone: In which the hours and the holidays are meant.
        open: For each weekday from Monday its hours, in order and without overlap (rules.times.opening makes them).
        holidays: Closed all day, from midnight to midnight.
    """

    id: str
    zone: Zone
    open: tuple[tuple[Hours, ...], ...]
    holidays: tuple[Days, ...] = ()


def tzdata_version() -> str:
    """Return the version of the time zone data, such as `2026a`."""
    return str(tzdata.IANA_VERSION)


@cache
def places() -> frozenset[str]:
    """Return the names of all places that have a time zone, such as `Europe/Istanbul`."""
    names = (files("tzdata") / "zones").read_text("utf-8").split()
    return frozenset(name for name in names if "/" in name and not name.startswith(_NOT_PLACES))


def parse_zone(text: str) -> tzinfo:
    """Return the time zone that a name means: a place, a fixed offset `+HH:MM` from -12:00 to +14:00, or `UTC`.

    Raises:
        ValueError: The name is none. Its words are a help: what to write instead. Abbreviations and forms such as
            `GMT+3` are among these, since people mean different things by them.
    """
    if text == "UTC":
        return UTC
    if text in places():
        return _place(text)
    offset = _OFFSET.fullmatch(text)
    if offset is None:
        raise ValueError(_instead_of(text))
    distance = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    if distance > _FURTHEST[offset[1]]:
        raise ValueError("offsets go from -12:00 to +14:00")
    return timezone(-distance if offset[1] == "-" else distance)


def is_zone(text: str) -> bool:
    """Return whether a name means a time zone."""
    try:
        parse_zone(text)
    except ValueError:
        return False
    return True


@cache
def _place(name: str) -> ZoneInfo:
    """Return the zone of a place as the package has it; ZoneInfo(name) would ask the machine first."""
    compiled = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    return ZoneInfo.from_file(BytesIO(compiled), key=name)


def _instead_of(text: str) -> str:
    """Return what to write instead of what is no zone."""
    posix = _POSIX_SIGN.fullmatch(text)
    if posix:  # POSIX counts the other way round: Etc/GMT-3 is three hours east
        return f'in "{text}" the sign is turned round: write "{"-" if posix[1] == "+" else "+"}{int(posix[2]):02}:00"'
    if text.upper() in _PLACES_OF:
        return (
            f'an abbreviation may mean several zones: write a place, for example "{_PLACES_OF[text.upper()]}", '
            'or a fixed offset, for example "+03:00"'
        )
    like = _LIKE_OFFSET.fullmatch(text)
    offset = f'"{like[1]}{int(like[2]):02}:{like[3] or "00"}"' if like else 'for example "+03:00"'
    return f'for a fixed offset write {offset}; for a place with summer time write for example "Europe/Berlin"'
