"""Item 13: whose a place of a quota is, in which period, and which places are looked up and locked."""

import pytest

from mailgateway.model.decision import Fact
from mailgateway.model.effects import Acknowledge, TakeQuota
from tests.rules.quotas import URGENT, counting, keys, quota
from tests.rules.rulesets import ON_A_TICKET, given, ruled


@pytest.mark.parametrize(
    ("per", "first"),
    [
        ("day", "2026-03-04"),
        ("week", "2026-03-02"),
        ("month", "2026-03-01"),
        ("quarter", "2026-01-01"),
        ("year", "2026-01-01"),
    ],
)
def test_periods_are_those_of_the_calendar(per: str, first: str) -> None:
    assert keys(ruled(quota=quota(per=per))) == [("q", "customer", first)]


@pytest.mark.parametrize(
    ("customers", "first"),
    [
        (None, "2026-04-01"),  # Berlin, the site's
        ("UTC", "2026-03-01"),
        ("America/New_York", "2026-03-01"),
        ("Asia/Tokyo", "2026-04-01"),
        ("Nowhere/Land", "2026-04-01"),
    ],
)
def test_a_period_is_the_customers_and_else_the_sites(customers: Fact, first: str) -> None:
    facts = {"arrived": "2026-03-31T22:30:00+00:00", "customer.time_zone": customers}

    assert keys(ruled(quota=quota()), facts) == [("q", "customer", first)]


def test_the_next_free_day_is_one_of_the_same_zone() -> None:
    rules = ruled(quota=quota('used_up.tell = "over"', allow=1, per="day"))

    found = counting(rules, {"arrived": "2026-03-31T22:30:00+00:00"}, q=("SUP-1",))

    told = next(effect for effect in found.effects if isinstance(effect, Acknowledge)).told
    assert dict(told[0].values)["next_on"] == "2026-04-02"


def test_a_quota_is_the_customers_or_each_contacts() -> None:
    rules = ruled(quota=quota('each = "contact"'))

    assert keys(rules) == [("q", "carla@customer.example", "2026-03-01")]


@pytest.mark.parametrize("lie", [{"sender.authentication": "fail"}, {"sender.typed": True}], ids=["forged", "typed"])
def test_an_address_that_may_be_anybodys_takes_no_place_of_its_owner(lie: dict[str, Fact]) -> None:
    assert keys(ruled(quota=quota('each = "contact"')), lie) == []


def test_a_quota_that_cannot_match_locks_nothing() -> None:
    rules = ruled(quota=quota('when.customer.plan = "basic"'))

    assert keys(rules) == []


@pytest.mark.parametrize("line", [URGENT, 'when.ticket.queue = "billing"', "unless.usage.q = { at_least = 9 }"])
def test_what_is_not_known_yet_excludes_no_quota(line: str) -> None:
    assert keys(ruled(quota=quota(line))) == [("q", "customer", "2026-03-01")]


def test_a_ticket_that_follows_a_closed_one_takes_a_place_though_the_closed_one_would_not() -> None:
    closed = {**ON_A_TICKET, "ticket.status": "closed", "ticket.closed_days": 60}
    lines = ('unless.ticket.status = "closed"', "unless.ticket.closed_days = { at_least = 1 }", 'used_up.tag = "over"')
    rules = ruled(quota=quota(*lines, allow=1), lifecycle='[[rule]]\nid = "l"\nthen = "new ticket"')

    free, used_up = counting(rules, closed), counting(rules, closed, q=("SUP-1",))

    assert TakeQuota("q", "customer", "2026-03-01") in free.effects
    assert (given(used_up, "used_up"), given(used_up, "tags")) == ((("q",), "q"), (("over",), ""))


def test_a_quota_that_asks_for_its_own_usage_counts() -> None:
    rules = ruled(quota=quota("when.usage.q = { at_most = 5 }"))

    assert given(counting(rules, q=("SUP-1",)), "counted") == ("q", "q")


@pytest.mark.parametrize("facts", [{"customer.id": None}, {"arrived": None}, {"arrived": "yesterday"}])
def test_without_a_holder_or_a_time_nothing_is_locked(facts: dict[str, Fact]) -> None:
    assert keys(ruled(quota=quota()), facts) == []
