from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailgateway.app.pace import UNLIMITED, Pace

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_no_cap_lets_everything_go() -> None:
    pace = Pace(0)
    pace.spend(5000, NOON)

    assert pace.allowance(NOON) == UNLIMITED


def test_what_was_spent_is_back_after_a_minute() -> None:
    pace = Pace(3)
    pace.spend(2, NOON)
    pace.spend(1, NOON + seconds(20))

    allowed = [pace.allowance(NOON + seconds(after)) for after in (20, 59.9, 60, 79.9, 80)]

    assert allowed == [0, 0, 2, 2, 3]


def test_spending_more_than_allowed_leaves_nothing_and_no_debt_below() -> None:
    pace = Pace(2)
    pace.spend(9, NOON)

    assert (pace.allowance(NOON), pace.allowance(NOON + seconds(60))) == (0, 2)


def test_a_clock_set_back_does_not_stop_mail() -> None:
    pace = Pace(1)
    pace.spend(1, NOON)

    assert pace.allowance(NOON - timedelta(hours=1)) == 1


@given(st.integers(1, 10), st.lists(st.floats(0, 40), max_size=60))
def test_no_minute_sees_more_than_the_cap(cap: int, pauses: list[float]) -> None:
    pace, now, sent = Pace(cap), NOON, []

    for pause in pauses:
        now += seconds(pause)
        count = min(3, pace.allowance(now))
        pace.spend(count, now)
        sent += [now] * count

    assert all(sum(start <= at < start + seconds(60) for at in sent) <= cap for start in sent)
