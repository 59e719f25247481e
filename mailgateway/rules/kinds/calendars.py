"""Calendars: opening hours and holidays, used by name in conditions such as `arrived.in_hours`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from pydantic import Field

from mailgateway.model.calendar import Calendar, Days, Zone
from mailgateway.rules.faults import At, Faults
from mailgateway.rules.kinds.site import check_zone
from mailgateway.rules.tables import Line, Name, RuleFile, Table
from mailgateway.rules.times import opening


class CalendarTable(Table):
    """One calendar."""

    id: Name
    """By which rules name it."""
    why: Line = ""
    """The reason, for colleagues."""
    time_zone: str | None = None
    """In which the hours and holidays are meant; the site's where missing."""
    open: dict[str, str] = Field(default_factory=dict)
    """Hours by day, such as `mon-fri = "10:00-19:00"` or `always = "00:00-24:00"`; the end is closed."""
    holidays: tuple[date, ...] = ()
    """Days on which it is closed from midnight to midnight."""


class CalendarsFile(RuleFile):
    """A file of kind calendars."""

    kind: Literal["calendars"]
    """What the file holds."""
    calendar: tuple[CalendarTable, ...] = ()
    """The calendars."""


def calendars(file: CalendarsFile, at: At, site_zone: str, faults: Faults) -> Mapping[str, Calendar]:
    """Return the calendars of a file by id; what cannot be used, or comes twice, is noted."""
    read: dict[str, Calendar] = {}
    for i, table in enumerate(file.calendar):
        here = at / "calendar" / i
        if table.id in read:
            faults.error("E401", f'"{table.id}" is used twice', (here / "id").value, "another calendar has this id")
            continue
        calendar = _calendar(table, here, site_zone, faults)
        if calendar is not None:
            read[table.id] = calendar
    return read


def _calendar(table: CalendarTable, at: At, site_zone: str, faults: Faults) -> Calendar | None:
    zone = table.time_zone or site_zone
    if table.time_zone is not None and not check_zone(zone, at / "time_zone", faults):
        return None
    if not table.open:
        faults.warn("W030", f'calendar "{table.id}" is never open', at.value, "no hours in it")
    try:
        hours = opening(table.open.items())
    except ValueError as error:
        faults.error("E411", "these hours cannot be used", _culprit(table, at).value, str(error))
        return None
    return Calendar(table.id, Zone(zone), hours, tuple(Days(day, day) for day in table.holidays))


def _culprit(table: CalendarTable, at: At) -> At:
    """Return the first line of hours that cannot be used by itself; the table where each can."""
    for days, hours in table.open.items():
        try:
            opening([(days, hours)])
        except ValueError:
            return at / "open" / days
    return at / "open"


def past_holidays(file: CalendarsFile, at: At, today: date) -> Sequence[At]:
    """Return calendars whose holidays are all over: somebody forgot the next year's."""
    tables = enumerate(file.calendar)
    return [at / "calendar" / i / "holidays" for i, table in tables if table.holidays and max(table.holidays) < today]
