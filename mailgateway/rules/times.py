"""Calendars and periods worked out for a moment: opening hours, holidays, and the spans that quotas count in.

Everything counts by instants. A local time that does not exist or exists twice on a clock change has no say of its own
(item 12 of the rules' semantics). No zone of the machine comes in: a moment without one is refused.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from mailgateway.diagnostics.suggest import did_you_mean
from mailgateway.model.calendar import DAYS_A_WEEK, MINUTES_A_DAY, Calendar, Days, Hours, Period, Zone, places

_DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALWAYS = "always"
_HOURS = re.compile(r"(\d\d?):([0-5]\d)\s?-\s?(\d\d?):([0-5]\d)", re.ASCII)
_SHORTEST_CITY = 4  # shorter ones are abbreviations such as MSK


# --- what an admin writes ----------------------------------------------------------------------------------------


def weekdays(text: str) -> tuple[int, ...]:
    """Return the weekdays that a key of `open` names, from 0 for Monday to 6, in the order they are named.

    Args:
        text: `mon` ... `sun`, two of them as in `mon-fri` (both included; `fri-mon` goes over the week's end), or
            `always` for all seven.

    Raises:
        ValueError: It is none of these. The words say what may be written.
    """
    if text == _ALWAYS:
        return tuple(range(DAYS_A_WEEK))
    first, dash, last = text.partition("-")
    start, end = _weekday(first), _weekday(last if dash else first)
    return tuple((start + step) % DAYS_A_WEEK for step in range((end - start) % DAYS_A_WEEK + 1))


def _weekday(name: str) -> int:
    if name not in _DAY_NAMES:
        raise ValueError(f'"{name}" is no day: write {", ".join(_DAY_NAMES)}, two of them as in "mon-fri", or "always"')
    return _DAY_NAMES.index(name)


def parse_hours(text: str) -> Hours:
    """Return when hours written as `10:00-19:00` begin and end, in minutes since midnight of the day they begin.

    Hours over midnight end on the next day: `22:00-06:00` gives (1320, 1800). 24:00 is the end of the day.

    Raises:
        ValueError: It is no such text, no time of a day, or nothing between the two. The words say what to write.
    """
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise ValueError('hours are written as "10:00-19:00", for a whole day "00:00-24:00"')
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if start >= MINUTES_A_DAY or end > MINUTES_A_DAY:
        raise ValueError("the times of a day go from 00:00 to 24:00, and hours begin at 23:59 at the latest")
    if start == end:
        raise ValueError('these hours end when they begin: for a whole day write "00:00-24:00"')
    return start, end if end > start else end + MINUTES_A_DAY


def opening(written: Iterable[tuple[str, str]]) -> tuple[tuple[Hours, ...], ...]:
    """Return the hours of each weekday from Monday, in order: what Calendar.open takes.

    Hours after midnight count to the day on which they are: of `fri = "22:00-06:00"` six hours are Saturday's, and a
    holiday on that Saturday closes them.

    Args:
        written: (days, hours) such as ("mon-fri", "10:00-19:00"); days may come again with other hours.

    Raises:
        ValueError: Days or hours are written wrongly, or a day has hours that overlap: which were meant is a guess.
    """
    week: list[list[Hours]] = [[] for _ in range(DAYS_A_WEEK)]
    for days, hours in written:
        start, end = parse_hours(hours)
        for day in weekdays(days):
            week[day].append((start, min(end, MINUTES_A_DAY)))
            if end > MINUTES_A_DAY:
                week[(day + 1) % DAYS_A_WEEK].append((0, end - MINUTES_A_DAY))
    return tuple(_in_order(name, hours) for name, hours in zip(_DAY_NAMES, week, strict=True))


def _in_order(day: str, hours: Iterable[Hours]) -> tuple[Hours, ...]:
    ordered = tuple(sorted(hours))
    for earlier, later in pairwise(ordered):
        if later[0] < earlier[1]:
            raise ValueError(f"on {day} the hours {_written(earlier)} and {_written(later)} overlap")
    return ordered


def _written(hours: Hours) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in hours)


def near_place(text: str) -> str | None:
    """Return the place with a time zone that somebody who wrote this may have meant, None where there is none near.

    The place may be written without its continent: `Istambul` gives `Europe/Istanbul`.
    """
    known = sorted(places())
    cities = {name.rpartition("/")[2]: name for name in known}
    city = text.rpartition("/")[2]
    whole = did_you_mean(text, known) if "/" in text and city not in cities else None
    if whole:
        return whole
    near = did_you_mean(city, cities) if len(city) >= _SHORTEST_CITY else None
    return cities[near] if near and abs(len(near) - len(city)) <= 1 else None


# --- opening hours -----------------------------------------------------------------------------------------------


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Return whether a calendar is open at a moment: start <= time of day < end in its zone, and no holiday.

    Args:
        calendar: The calendar.
        at: Aware, in any zone.
    """
    local = _local(at, calendar.zone.tzinfo)
    minute = local.hour * 60 + local.minute
    is_within = any(start <= minute < end for start, end in calendar.open[local.weekday()])
    return is_within and not _is_among(local.date(), calendar.holidays)


def is_holiday(calendar: Calendar, at: datetime) -> bool:
    """Return whether a moment falls on a holiday of a calendar, in its zone."""
    return _is_among(local_date(at, calendar.zone), calendar.holidays)


def local_date(at: datetime, zone: Zone) -> date:
    """Return the date that a calendar on the wall shows at a moment in a zone."""
    return _local(at, zone.tzinfo).date()


def _is_among(day: date, holidays: Iterable[Days]) -> bool:
    return any(days.first <= day <= days.last for days in holidays)


def _local(at: datetime, zone: tzinfo) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(zone)


# --- periods -----------------------------------------------------------------------------------------------------


def period_first_day(per: Period, at: datetime, zone: Zone) -> date:
    """Return the first day of the period that a moment falls in: its name on the ledger and in mails.

    Weeks begin on Monday (ISO 8601). See period_start for clock changes.
    """
    first = _FIRST_DAY[per](local_date(at, zone))
    following = _following(per, first)
    # Where clocks go back over midnight the old date comes again: what has begun stays begun.
    return following if _midnight(following, zone.tzinfo) <= at else first


def next_period_first_day(per: Period, at: datetime, zone: Zone) -> date:
    """Return the first day of the period after the one that a moment falls in."""
    return _following(per, period_first_day(per, at, zone))


def period_start(per: Period, at: datetime, zone: Zone) -> datetime:
    """Return when the period that a moment falls in began, in UTC.

    A period begins with the first instant of its first day in the zone. Where clocks skip midnight that is the first
    instant after the change; where midnight comes twice it is the first. So periods follow each other without gap or
    overlap: period_start <= at < next_period_start.

    Args:
        per: How long.
        at: Aware, in any zone, of the years 2 to 9997.
        zone: The customer's, else the site's.
    """
    return _midnight(period_first_day(per, at, zone), zone.tzinfo)


def next_period_start(per: Period, at: datetime, zone: Zone) -> datetime:
    """Return when the period after the one that a moment falls in begins, in UTC; always later than the moment."""
    return _midnight(next_period_first_day(per, at, zone), zone.tzinfo)


_FIRST_DAY: dict[Period, Callable[[date], date]] = {
    Period.DAY: lambda day: day,
    Period.WEEK: lambda day: day - timedelta(days=day.weekday()),
    Period.MONTH: lambda day: day.replace(day=1),
    Period.QUARTER: lambda day: date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
    Period.YEAR: lambda day: date(day.year, 1, 1),
}
_LONGEST_DAYS = {Period.DAY: 1, Period.WEEK: DAYS_A_WEEK, Period.MONTH: 31, Period.QUARTER: 92, Period.YEAR: 366}


def _following(per: Period, first: date) -> date:
    """Return the first day of the next period: no period is shorter than the longest by more than it has days."""
    return _FIRST_DAY[per](first + timedelta(days=_LONGEST_DAYS[per]))


def _midnight(day: date, zone: tzinfo) -> datetime:
    """Return the first instant at which a day has begun in a zone, in UTC."""
    begin = datetime.combine(day, time(), zone)
    instant = begin.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == begin.replace(tzinfo=None):
        return instant
    # Clocks skip midnight. The change lies between midnight by the clock after it and by the one before it.
    low, high = begin.replace(fold=1).astimezone(UTC), instant
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        has_begun = middle.astimezone(zone).date() >= day
        low, high = (low, middle) if has_begun else (middle, high)
    return high.replace(microsecond=0)
