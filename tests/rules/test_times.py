"""Calendars and periods: rules.md has no clock, so every moment here is a literal."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta, timezone
from importlib import resources
from pathlib import Path
from time import tzset
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailgateway.model import calendar
from mailgateway.model.calendar import Calendar, Days, Period, Zone, parse_zone, places, tzdata_version
from mailgateway.rules.times import (
    is_holiday,
    is_open,
    local_date,
    near_place,
    next_period_first_day,
    next_period_start,
    opening,
    parse_hours,
    period_first_day,
    period_start,
    weekdays,
)

MOMENTS = st.datetimes(datetime(1860, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds
ZONES = st.sampled_from([*sorted(places()), "UTC", "+03:00", "-12:00", "+14:00"]).map(Zone)
PERIODS = st.sampled_from(Period)
MOSCOW_OFFICE = Calendar(
    "support-hours",
    Zone("+03:00"),
    opening([("mon-fri", "10:00-19:00")]),
    (Days(date(2026, 12, 31), date(2027, 1, 1)),),
)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=parse_zone(zone))


# --- zones ---------------------------------------------------------------------------------------------------------


def test_a_place_a_fixed_offset_and_utc_are_zones() -> None:
    moment = at("2026-07-01 12:00")

    shown = [moment.astimezone(Zone(name).tzinfo).isoformat() for name in ("Europe/Berlin", "+05:30", "-12:00", "UTC")]

    assert shown == [
        "2026-07-01T14:00:00+02:00",
        "2026-07-01T17:30:00+05:30",
        "2026-07-01T00:00:00-12:00",
        "2026-07-01T12:00:00+00:00",
    ]


HELP = 'for a fixed offset write {}; for a place with summer time write for example "Europe/Berlin"'
ABBREVIATION = (
    'an abbreviation may mean several zones: write a place, for example "Europe/Moscow", '
    'or a fixed offset, for example "+03:00"'
)
NO_ZONES = ("", "Europe/Istambul", "europe/berlin", "../../etc/passwd", "/etc/localtime", "Factory", "EST5EDT")


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("GMT+3", HELP.format('"+03:00"')),
        ("UTC+3", HELP.format('"+03:00"')),
        ("-0330", HELP.format('"-03:30"')),
        ("Etc/GMT-3", 'in "Etc/GMT-3" the sign is turned round: write "+03:00"'),
        ("Etc/GMT+3", 'in "Etc/GMT+3" the sign is turned round: write "-03:00"'),
        ("msk", ABBREVIATION),
        ("+14:01", "offsets go from -12:00 to +14:00"),
        ("-12:01", "offsets go from -12:00 to +14:00"),
        *((text, HELP.format('for example "+03:00"')) for text in NO_ZONES),
    ],
)
def test_what_is_no_zone_is_refused_with_what_to_write(text: str, help_: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 -- the whole message is compared below
        parse_zone(text)

    assert str(refused.value) == help_


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Europe/Istambul", "Europe/Istanbul"),
        ("Istambul", "Europe/Istanbul"),
        ("europe/berlin", "Europe/Berlin"),
        ("Europe/Moskow", "Europe/Moscow"),
        ("America/Berlin", "Europe/Berlin"),
        ("MSK", None),
        ("GMT+3", None),
        ("Turkey", None),
        ("", None),
    ],
)
def test_a_mistyped_place_is_guessed(text: str, near: str | None) -> None:
    assert near_place(text) == near


def test_every_place_is_a_zone() -> None:
    zones = {name: parse_zone(name) for name in places()}

    assert len(zones) > 400
    assert all(isinstance(zone, ZoneInfo) and zone.key == name for name, zone in zones.items())


def test_zones_come_from_the_pinned_package_and_not_from_the_machine(tmp_path: Path) -> None:
    tokyo = (resources.files("tzdata") / "zoneinfo" / "Asia" / "Tokyo").read_bytes()
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Berlin").write_bytes(tokyo)
    moment = at("2026-07-01 12:00")
    usual = zoneinfo.TZPATH

    zoneinfo.reset_tzpath([str(tmp_path)])
    try:
        calendar._place.cache_clear()
        of_the_machine = moment.astimezone(ZoneInfo.no_cache("Europe/Berlin")).hour
        ours = moment.astimezone(parse_zone("Europe/Berlin")).hour
    finally:
        zoneinfo.reset_tzpath(usual)

    assert (of_the_machine, ours) == (21, 14)


def test_the_version_of_the_zone_data_is_known() -> None:
    zones = (resources.files("tzdata") / "zoneinfo" / "tzdata.zi").read_text("utf-8")

    assert zones.startswith(f"# version {tzdata_version()}\n")


# --- opening hours -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon", (0,)),
        ("sun", (6,)),
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("sat-sun", (5, 6)),
        ("fri-mon", (4, 5, 6, 0)),
        ("tue-tue", (1,)),
        ("tue-mon", (1, 2, 3, 4, 5, 6, 0)),
        ("always", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_a_key_of_open_names_weekdays(text: str, days: tuple[int, ...]) -> None:
    assert weekdays(text) == days


@pytest.mark.parametrize(
    ("text", "culprit"), [("monday", "monday"), ("mon-", ""), ("Mon", "Mon"), ("mon-fri-sat", "fri-sat")]
)
def test_an_unknown_weekday_is_refused(text: str, culprit: str) -> None:
    expected = (
        f'"{culprit}" is no day: write mon, tue, wed, thu, fri, sat, sun, two of them as in "mon-fri", or "always"'
    )

    with pytest.raises(ValueError) as refused:  # noqa: PT011 -- the whole message is compared below
        weekdays(text)

    assert str(refused.value) == expected


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("10:00-19:00", (600, 1140)),
        ("9:00 - 17:30", (540, 1050)),
        ("00:00-24:00", (0, 1440)),
        ("22:00-06:00", (1320, 1800)),
        ("22:00-00:00", (1320, 1440)),
        ("23:59-23:58", (1439, 2878)),
    ],
)
def test_hours_are_minutes_from_the_midnight_before_they_begin(text: str, hours: tuple[int, int]) -> None:
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        *(
            (text, 'hours are written as "10:00-19:00", for a whole day "00:00-24:00"')
            for text in ("", "10-19", "10:00", "10am-7pm", "10.00-19.00", "10:00-19:60", "10:00-19:00-20:00")
        ),
        ("24:00-02:00", "the times of a day go from 00:00 to 24:00, and hours begin at 23:59 at the latest"),
        ("10:00-24:01", "the times of a day go from 00:00 to 24:00, and hours begin at 23:59 at the latest"),
        ("10:00-10:00", 'these hours end when they begin: for a whole day write "00:00-24:00"'),
    ],
)
def test_hours_that_are_none_are_refused_with_what_to_write(text: str, help_: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 -- the whole message is compared below
        parse_hours(text)

    assert str(refused.value) == help_


def test_hours_after_midnight_count_to_the_next_day() -> None:
    written = [("fri", "22:00-06:00"), ("sat", "10:00-12:00"), ("sun", "22:00-02:00")]

    assert opening(written) == (((0, 120),), (), (), (), ((1320, 1440),), ((0, 360), (600, 720)), ((1320, 1440),))


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ([("mon-fri", "10:00-19:00"), ("fri", "10:00-16:00")], "on fri the hours 10:00-16:00 and 10:00-19:00 overlap"),
        ([("mon", "22:00-06:00"), ("tue", "05:00-07:00")], "on tue the hours 00:00-06:00 and 05:00-07:00 overlap"),
    ],
)
def test_hours_that_overlap_are_refused(written: list[tuple[str, str]], problem: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 -- the whole message is compared below
        opening(written)

    assert str(refused.value) == problem


def test_hours_that_touch_do_not_overlap() -> None:
    assert opening([("mon", "10:00-12:00"), ("mon", "12:00-14:00")])[0] == ((600, 720), (720, 840))


@pytest.mark.parametrize(
    ("local", "is_open_"),
    [
        ("2026-11-06 09:59:59", False),
        ("2026-11-06 10:00:00", True),
        ("2026-11-06 18:59:59", True),
        ("2026-11-06 19:00:00", False),
        ("2026-11-07 11:20:00", False),  # a Saturday
        ("2026-12-30 12:00:00", True),
        ("2026-12-31 12:00:00", False),  # holidays
        ("2027-01-01 12:00:00", False),
    ],
)
def test_a_calendar_is_open_from_the_start_and_closed_at_the_end_and_on_holidays(local: str, is_open_: bool) -> None:
    moment = at(local, "+03:00")

    assert is_open(MOSCOW_OFFICE, moment) is is_open_
    assert is_open(MOSCOW_OFFICE, moment.astimezone(parse_zone("America/New_York"))) is is_open_


def test_a_holiday_is_a_day_of_the_calendars_zone() -> None:
    moments = [
        at("2026-12-30 20:59:59"),
        at("2026-12-30 21:00:00"),
        at("2027-01-01 20:59:59"),
        at("2027-01-01 21:00:00"),
    ]

    assert [is_holiday(MOSCOW_OFFICE, moment) for moment in moments] == [False, True, True, False]


def test_round_the_clock_is_always_open_but_on_holidays() -> None:
    always = Calendar(
        "always", Zone("UTC"), opening([("always", "00:00-24:00")]), (Days(date(2026, 5, 1), date(2026, 5, 1)),)
    )
    moments = [at("2026-04-30 23:59:59"), at("2026-05-01 00:00"), at("2026-05-01 23:59:59"), at("2026-05-02 00:00")]

    assert [is_open(always, moment) for moment in moments] == [True, False, False, True]


def test_a_night_before_a_holiday_ends_at_midnight() -> None:
    nights = Calendar(
        "nights", Zone("UTC"), opening([("always", "22:00-06:00")]), (Days(date(2026, 5, 1), date(2026, 5, 1)),)
    )
    moments = [at("2026-04-30 23:00"), at("2026-05-01 01:00"), at("2026-05-01 23:00"), at("2026-05-02 01:00")]

    assert [is_open(nights, moment) for moment in moments] == [True, False, False, True]


def test_opening_hours_are_wall_time_on_both_sides_of_a_clock_change() -> None:
    berlin = Calendar("office", Zone("Europe/Berlin"), opening([("mon-fri", "09:00-17:00")]))

    assert [is_open(berlin, at(text)) for text in ("2026-03-27 07:59", "2026-03-27 08:00")] == [False, True]
    assert [is_open(berlin, at(text)) for text in ("2026-03-30 06:59", "2026-03-30 07:00")] == [False, True]


def test_an_hour_that_exists_twice_is_open_both_times_and_one_that_does_not_exist_never() -> None:
    night = Calendar("night", Zone("Europe/Berlin"), opening([("sun", "02:00-03:00")]))
    autumn = [at("2026-10-24 23:59"), at("2026-10-25 00:00"), at("2026-10-25 01:59"), at("2026-10-25 02:00")]
    spring = [at("2026-03-29 00:59"), at("2026-03-29 01:00")]

    assert [is_open(night, moment) for moment in autumn] == [False, True, True, False]
    assert [is_open(night, moment) for moment in spring] == [False, False]


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="a moment needs a time zone"):
        is_open(MOSCOW_OFFICE, datetime(2026, 11, 6, 12))  # noqa: DTZ001 -- what is refused


# --- periods -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per", "first", "following"),
    [
        (Period.DAY, date(2026, 5, 14), date(2026, 5, 15)),
        (Period.WEEK, date(2026, 5, 11), date(2026, 5, 18)),
        (Period.MONTH, date(2026, 5, 1), date(2026, 6, 1)),
        (Period.QUARTER, date(2026, 4, 1), date(2026, 7, 1)),
        (Period.YEAR, date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_begins_with_its_first_day_in_the_zone(per: Period, first: date, following: date) -> None:
    zone, moment = Zone("+03:00"), at("2026-05-13 21:00")  # the 14th in that zone, a Thursday

    assert local_date(moment, zone) == date(2026, 5, 14)
    assert period_first_day(per, moment, zone) == first
    assert next_period_first_day(per, moment, zone) == following
    assert period_start(per, moment, zone) == datetime.combine(first, datetime.min.time(), timezone(timedelta(hours=3)))
    assert next_period_start(per, moment, zone).tzinfo is UTC


@pytest.mark.parametrize(
    ("zone", "moment", "start", "following"),
    [
        # Midnight does not exist: clocks go from 24:00 to 01:00.
        ("America/Santiago", "2024-09-08 12:00", "2024-09-08 04:00", "2024-09-09 03:00"),
        # The same, and the change is at 23:30.
        ("America/Toronto", "1919-03-31 12:00", "1919-03-31 04:30", "1919-04-01 04:00"),
        # Midnight exists twice: at 00:01 clocks go back to 23:01. The first counts, and what has begun stays begun.
        ("America/St_Johns", "2009-11-01 03:00", "2009-11-01 02:30", "2009-11-02 03:30"),
        # A day of 23 and one of 25 hours.
        ("Europe/Berlin", "2026-03-29 12:00", "2026-03-28 23:00", "2026-03-29 22:00"),
        ("Europe/Berlin", "2026-10-25 12:00", "2026-10-24 22:00", "2026-10-25 23:00"),
        # The 30th of December does not exist.
        ("Pacific/Apia", "2011-12-30 09:59", "2011-12-29 10:00", "2011-12-30 10:00"),
        ("Pacific/Apia", "2011-12-30 10:00", "2011-12-30 10:00", "2011-12-31 10:00"),
    ],
)
def test_a_day_on_which_clocks_change_begins_with_its_first_instant(
    zone: str, moment: str, start: str, following: str
) -> None:
    assert period_start(Period.DAY, at(moment), Zone(zone)) == at(start)
    assert next_period_start(Period.DAY, at(moment), Zone(zone)) == at(following)


@given(PERIODS, MOMENTS, ZONES)
@example(Period.MONTH, datetime(2009, 11, 1, 3, 0, tzinfo=UTC), Zone("America/St_Johns"))
@example(Period.DAY, datetime(1867, 10, 19, 0, 30, tzinfo=UTC), Zone("America/Juneau"))
def test_a_moment_lies_in_its_period(per: Period, moment: datetime, zone: Zone) -> None:
    assert period_start(per, moment, zone) <= moment < next_period_start(per, moment, zone)


@given(PERIODS, MOMENTS, ZONES)
@example(Period.DAY, datetime(2011, 12, 30, 9, 59, tzinfo=UTC), Zone("Pacific/Apia"))
def test_periods_tile_the_time_line(per: Period, moment: datetime, zone: Zone) -> None:
    start, following = period_start(per, moment, zone), next_period_start(per, moment, zone)

    assert period_start(per, following, zone) == following
    assert period_start(per, start, zone) == start
    assert next_period_start(per, following - timedelta(microseconds=1), zone) == following
    assert next_period_start(per, start, zone) == following


@given(PERIODS, MOMENTS, ZONES, ZONES)
def test_the_zone_a_moment_is_written_in_changes_nothing(
    per: Period, moment: datetime, zone: Zone, other: Zone
) -> None:
    shown = moment.astimezone(other.tzinfo)

    assert period_start(per, shown, zone) == period_start(per, moment, zone)
    assert is_open(MOSCOW_OFFICE, shown) == is_open(MOSCOW_OFFICE, moment)


@pytest.mark.parametrize("machine", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_zone_of_the_process_changes_nothing(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    moment, zone = at("2026-03-01 00:30"), Zone("America/New_York")
    monkeypatch.setenv("TZ", machine)
    tzset()

    try:
        found = period_start(Period.MONTH, moment, zone), is_open(MOSCOW_OFFICE, at("2026-11-06 07:00"))
    finally:
        monkeypatch.undo()
        tzset()

    assert found == (at("2026-02-01 05:00"), True)
