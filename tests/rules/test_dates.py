"""Item 12: time is the moment of arrival, in zones of the rule files and never of the machine; from and until."""

from time import tzset

import pytest

from mailgateway.model.calendar import tzdata_version
from mailgateway.model.decision import Fact
from tests.rules.rulesets import decided, matched, ruled

OFFICE = """
[[calendar]]
id = "office"
time_zone = "Europe/Berlin"
open.mon-fri = "09:00-17:00"
open.sun = "01:00-04:00"
holidays = [2026-03-06]
[[calendar]]
id = "moscow"
time_zone = "+03:00"
open.mon-fri = "10:00-19:00"
[[calendar]]
id = "sites"
open.mon = "00:00-24:00"
"""


def in_force(*lines: str, arrived: Fact, zone: str = "Europe/Berlin") -> bool:
    site = f"""
kinds = ["question"]
queues = ["support"]
time_zone = "{zone}"
default = {{ queue = "support", kind = "question", priority = 3 }}
"""
    rules = ruled(site=site, routing="\n".join(('[[rule]]\nid = "r"', *lines)), calendars=OFFICE)
    return matched(decided(rules, {"arrived": arrived}), "routing") == ["r"]


# --- opening hours


@pytest.mark.parametrize(
    ("arrived", "expected"),
    [
        ("2026-03-04T08:00:00+00:00", True),  # 09:00 in Berlin
        ("2026-03-04T07:59:59+00:00", False),
        ("2026-03-04T15:59:59+00:00", True),
        ("2026-03-04T16:00:00+00:00", False),  # the end is closed
        ("2026-03-06T12:00:00+00:00", False),  # a holiday
        ("2026-03-07T12:00:00+00:00", False),  # Saturday
        ("2026-07-01T07:00:00+00:00", True),  # 09:00 in summer
        ("2026-07-01T15:00:00+00:00", False),
        ("2026-03-04T10:00:00+02:00", True),  # the same instant in another zone
    ],
)
def test_hours_are_from_the_first_minute_to_before_the_last_in_the_calendars_zone(arrived: str, expected: bool) -> None:
    assert in_force('when.arrived.in_hours = "office"', arrived=arrived) is expected
    assert in_force('unless.arrived.in_hours = "office"', arrived=arrived) is not expected


def test_a_time_that_clocks_skip_or_repeat_counts_by_its_instant() -> None:
    # Sundays are open from 01:00 to 04:00: in March two hours, in October four.
    march = [in_force('when.arrived.in_hours = "office"', arrived=f"2026-03-29T{h:02}:30:00+00:00") for h in range(4)]
    october = [in_force('when.arrived.in_hours = "office"', arrived=f"2026-10-25T{h:02}:30:00+00:00") for h in range(4)]

    assert march == [True, True, False, False]
    assert october == [True, True, True, False]


def test_a_fixed_offset_knows_no_summer_time() -> None:
    hours = [f"2026-{month:02}-01T07:00:00+00:00" for month in (4, 7, 10, 12)]

    assert [in_force('when.arrived.in_hours = "moscow"', arrived=hour) for hour in hours] == [True] * 4


def test_any_of_several_calendars_is_enough() -> None:
    line = 'when.arrived.in_hours = ["office", "moscow"]'

    assert in_force(line, arrived="2026-03-04T07:30:00+00:00")
    assert in_force(line, arrived="2026-03-04T15:30:00+00:00")
    assert not in_force(line, arrived="2026-03-04T20:00:00+00:00")


def test_a_holiday_lasts_from_midnight_to_midnight_in_the_calendars_zone() -> None:
    arrived = ["2026-03-05T22:59:59", "2026-03-05T23:00:00", "2026-03-06T22:59:59", "2026-03-06T23:00:00"]

    found = [in_force('when.arrived.on_holiday = "office"', arrived=f"{one}+00:00") for one in arrived]

    assert found == [False, True, True, False]


def test_a_calendar_without_a_zone_uses_the_sites() -> None:
    arrived = "2026-03-01T23:30:00+00:00"

    assert in_force('when.arrived.in_hours = "sites"', arrived=arrived)
    assert not in_force('when.arrived.in_hours = "sites"', arrived=arrived, zone="UTC")


# --- from and until


@pytest.mark.parametrize(
    ("arrived", "expected"),
    [
        ("2026-03-08T22:59:59+00:00", False),
        ("2026-03-08T23:00:00+00:00", True),  # the 9th in Berlin
        ("2026-03-10T22:59:59+00:00", True),
        ("2026-03-10T23:00:00+00:00", False),
    ],
)
def test_a_rule_counts_from_its_first_to_its_last_day_in_the_sites_zone(arrived: str, expected: bool) -> None:
    assert in_force("from = 2026-03-09", "until = 2026-03-10", arrived=arrived) is expected


@pytest.mark.parametrize(("day", "begun", "not_over"), [("08", False, True), ("09", True, True), ("10", True, False)])
def test_one_of_the_two_days_is_enough(day: str, begun: bool, not_over: bool) -> None:
    noon = f"2026-03-{day}T12:00:00+00:00"

    assert in_force("from = 2026-03-09", arrived=noon) is begun
    assert in_force("until = 2026-03-09", arrived=noon) is not_over


def test_where_the_day_is_unknown_a_rule_with_dates_does_not_count_and_one_without_does() -> None:
    assert not in_force("from = 2026-03-09", arrived=None)
    assert not in_force("until = 2026-03-09", arrived=None)
    assert in_force(arrived=None)


@pytest.mark.parametrize(
    "arrived",
    [
        "yesterday",
        "",
        20260304,
        "2026-03-04T12:00:00",
        "2026-03-04",
        "0001-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59+00:00",
    ],
)
def test_what_is_no_moment_is_unknown_and_never_taken_in_the_machines_zone(arrived: Fact) -> None:
    assert not in_force('when.arrived.in_hours = "office"', arrived=arrived)
    assert in_force('unless.arrived.in_hours = "office"', arrived=arrived)
    assert not in_force("from = 2026-03-09", arrived=arrived)


# --- nothing of the machine


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "UTC"])
def test_the_zone_of_the_machine_has_no_say(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    tzset()

    assert in_force(
        'when.arrived.in_hours = "office"',
        "from = 2026-03-04",
        "until = 2026-03-04",
        arrived="2026-03-04T15:59:59+00:00",
    )

    monkeypatch.undo()
    tzset()


def test_the_version_of_the_zone_data_is_in_the_decision() -> None:
    assert decided(ruled()).tzdata == tzdata_version()
