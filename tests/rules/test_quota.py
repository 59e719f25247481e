"""Item 13: what a quota counts, whose it is, in which period, and what happens where nothing is left."""

from dataclasses import replace

import pytest

from mailgateway.model.decision import Decision, Facts
from mailgateway.model.effects import (
    Acknowledge,
    AddTags,
    ChangePriority,
    Inform,
    MissQuota,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    TakeQuota,
    Told,
)
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.rules.decide import decide
from mailgateway.rules.kinds.quota import quota_keys, usage_facts
from mailgateway.rules.values import RuleSet
from tests.rules.quotas import URGENT, capped, counting, keys, quota
from tests.rules.rulesets import ON_A_TICKET, SITE, codes, decided, given, ruled, seen

OPENED = OpenTicket("new-ticket", "support", "question", 2)
UP = '[[rule]]\nid = "up"\npriority.raise_to = 2\n'
UP_ON_REPLY = '[[rule]]\nid = "up"\non = "reply"\npriority.raise_to = 1\n'
TOLD_NEW, TOLD_REPLY = NotifyAgents("notify-new", ()), NotifyAgents("notify-reply", ())


# --- counted, or used up


def test_a_ticket_that_matches_takes_a_place() -> None:
    found = counting(ruled(priority=UP, quota=quota(URGENT, capped(3))))

    assert found.effects == (
        OPENED,
        TakeQuota("q", "customer", "2026-03-01"),
        Acknowledge("acknowledge"),
        TOLD_NEW,
    )
    assert given(found, "counted") == ("q", "q")
    assert given(found, "priority") == (2, "up")


def test_the_last_place_is_still_a_place_and_the_next_ticket_gets_none() -> None:
    rules = ruled(priority=UP, quota=quota(URGENT, capped(3)))

    assert given(counting(rules, q=("SUP-1",)), "counted") == ("q", "q")
    assert given(counting(rules, q=("SUP-1", "SUP-2")), "used_up") == (("q",), "q")


def test_a_quota_that_is_used_up_caps_tags_and_tells_with_the_tickets_that_used_it_and_the_next_free_day() -> None:
    rules = ruled(
        priority=UP, quota=quota('why = "so"', URGENT, capped(4), 'used_up.tell = "quota-used"', 'used_up.tag = "over"')
    )

    found = counting(rules, {"stated.priority": 1}, q=("SUP-1", "SUP-2"))

    values = (
        ("quota", "q"),
        ("allow", "2"),
        ("per", "calendar month"),
        ("used_by", "SUP-1, SUP-2"),
        ("next_on", "2026-04-01"),
        ("why", "so"),
        ("stated", "1"),
        ("stated_name", "critical"),
        ("priority", "4"),
        ("priority_name", "low"),
    )
    assert found.effects == (
        replace(OPENED, priority=4, tags=("over",)),
        MissQuota("q", "customer", "2026-03-01", 2),
        Acknowledge("acknowledge", (Told("quota-used", "q", values),)),
        TOLD_NEW,
    )
    assert [given(found, name) for name in ("priority", "uncapped", "used_up")] == [(4, "q"), (2, "q"), (("q",), "q")]
    assert [answer.name for answer in found.answers].count("priority") == 1


def test_a_quota_of_nothing_never_has_a_next_day() -> None:
    rules = ruled(priority=UP, quota=quota(URGENT, 'used_up.tell = "over"', allow=0))

    told = next(effect for effect in counting(rules).effects if isinstance(effect, Acknowledge)).told

    assert dict(told[0].values)["next_on"] == ""


def test_every_used_up_quota_applies_its_cap_and_the_least_urgent_counts() -> None:
    rules = ruled(
        priority=UP,
        quota=quota(URGENT, capped(3), name="a", allow=0)
        + quota(URGENT, capped(5), name="b", allow=0)
        + quota(URGENT, capped(5), name="c", allow=0)
        + quota(URGENT, 'used_up.tag = "t"', name="d", allow=0),
    )

    found = counting(rules)

    assert given(found, "priority") == (5, "b, c")
    assert given(found, "used_up") == (("a", "b", "c", "d"), "a, b, c, d")
    assert found.effects[:4] == (
        replace(OPENED, priority=5, tags=("t",)),
        *(MissQuota(name, "customer", "2026-03-01", 2) for name in "abc"),
    )


def test_the_order_of_quotas_does_not_matter() -> None:
    one, other = quota(URGENT, capped(3), name="a", allow=0), quota(URGENT, capped(4), name="b", allow=0)

    found = [counting(ruled(priority=UP, quota=text)) for text in (one + other, other + one)]

    assert found[0].effects[0] == found[1].effects[0] == replace(OPENED, priority=4)


def test_a_cap_that_is_more_urgent_than_the_ticket_changes_nothing_and_misses_nothing() -> None:
    found = counting(ruled(priority=UP, quota=quota(capped(1), allow=0) + quota(capped(2), name="same", allow=0)))

    assert found.effects == (OPENED, Acknowledge("acknowledge"), TOLD_NEW)
    assert given(found, "priority") == (2, "up")


def test_every_matching_quota_counts() -> None:
    rules = ruled(quota=quota(name="a") + quota(name="b", per="week") + quota('when.customer.plan = "basic"', name="c"))

    assert counting(rules).effects[1:3] == (
        TakeQuota("a", "customer", "2026-03-01"),
        TakeQuota("b", "customer", "2026-03-02"),
    )


def test_a_place_for_priority_tickets_is_not_taken_where_another_quota_took_the_priority_away() -> None:
    rules = ruled(
        priority=UP,
        quota=quota(URGENT, name="a") + quota(capped(3), name="b", allow=0) + quota(name="c"),
    )

    found = counting(rules)

    assert [effect for effect in found.effects if isinstance(effect, TakeQuota)] == [
        TakeQuota("c", "customer", "2026-03-01")
    ]


def test_where_nobody_holds_the_quota_the_rule_decides_and_nothing_is_written() -> None:
    rules = ruled(priority=UP, quota=quota(URGENT, capped(3)))

    found = counting(rules, {"customer.id": None})

    assert (given(found, "counted"), found.effects) == (("q", "q"), (OPENED, Acknowledge("acknowledge"), TOLD_NEW))


# --- replies


def on_reply(rules: RuleSet, priority: int = 3, **used: tuple[str, ...]) -> Decision:
    return counting(rules, {**ON_A_TICKET, "ticket.priority": priority}, **used)


def test_a_reply_that_makes_a_priority_ticket_takes_the_place() -> None:
    rules = ruled(priority=UP_ON_REPLY, quota=quota(URGENT, capped(3)))

    assert on_reply(rules).effects == (
        PostMessage("reply"),
        ChangePriority("up", 1),
        TakeQuota("q", "customer", "2026-03-01"),
        TOLD_REPLY,
    )


def test_a_ticket_counts_once_whichever_message_did_it() -> None:
    rules = ruled(priority=UP_ON_REPLY, quota=quota(URGENT, capped(3), allow=1))

    found = on_reply(rules, q=("SUP-1042-QX",))

    assert found.effects == (PostMessage("reply"), ChangePriority("up", 1), TOLD_REPLY)
    assert given(found, "used_up") == (None, "")


def test_a_reply_that_raises_nothing_counts_nothing() -> None:
    rules = ruled(quota=quota())

    assert on_reply(rules).effects == (PostMessage("reply"), TOLD_REPLY)


def test_a_reply_is_capped_where_nothing_is_left_and_its_author_is_told() -> None:
    rules = ruled(
        priority=UP_ON_REPLY,
        quota=quota(URGENT, capped(3), 'used_up.tell = "over"', 'used_up.tag = "t"', allow=1),
    )

    found = on_reply(rules, priority=4, q=("SUP-1",))

    assert found.effects[:4] == (
        PostMessage("reply"),
        ChangePriority("q", 3),
        MissQuota("q", "customer", "2026-03-01", 1),
        AddTags("reply", ("t",)),
    )
    assert [type(effect) for effect in found.effects[4:]] == [Inform, NotifyAgents]


@pytest.mark.parametrize("before", [2, 3])
def test_a_cap_never_makes_a_ticket_less_urgent_than_it_was_and_nobody_is_told_so(before: int) -> None:
    rules = ruled(priority=UP_ON_REPLY, quota=quota(URGENT, capped(5), 'used_up.tell = "over"', allow=0))

    found = on_reply(rules, priority=before)

    informed = next(effect for effect in found.effects if isinstance(effect, Inform))
    assert not [effect for effect in found.effects if isinstance(effect, ChangePriority)]
    assert given(found, "priority") == (before, "q")
    assert dict(informed.told[0].values)["priority"] == str(before)


@pytest.mark.parametrize("tickets", [(), ("SUP-1", "SUP-2")], ids=["free", "used up"])
def test_a_reply_to_a_granted_ticket_neither_counts_nor_tells_again(tickets: tuple[str, ...]) -> None:
    found = replied("SUP-9", tickets, granted=("SUP-8", "SUP-9"))

    assert found.effects == (PostMessage("reply"), ChangePriority("up", 1), TOLD_REPLY)
    assert {answer.name for answer in found.answers}.isdisjoint({"counted", "used_up"})


def test_a_grant_of_another_ticket_does_not_help() -> None:
    free, used_up = (replied("SUP-7", tickets, granted=("SUP-9",)) for tickets in ((), ("SUP-1", "SUP-2")))

    assert given(free, "counted") == ("q", "q")
    assert given(used_up, "used_up") == (("q",), "q")


def replied(ticket: str, tickets: tuple[str, ...], granted: tuple[str, ...]) -> Decision:
    """Return the decision on an urgent reply to a ticket, with the tickets that have a place or were let through."""
    rules = ruled(priority=UP_ON_REPLY, quota=quota(URGENT, capped(3), 'used_up.tag = "over"'))
    plain = seen({**ON_A_TICKET, "ticket.ref": ticket, "ticket.priority": 4, "ticket.is_priority": False})
    (key,) = quota_keys(rules, dict(plain.values))
    usage = Usage(key, len(tickets), tickets, granted)
    return decide(rules, Facts((*plain.values, *usage_facts([usage]))))


def test_usage_is_facts_as_it_was_read() -> None:
    usage = Usage(QuotaKey("q", "customer", "2026-03-01"), 3, ("SUP-1", "SUP-2"), ("SUP-3",))

    assert usage_facts([usage]) == (
        ("usage.q", 3),
        ("usage.q.tickets", ("SUP-1", "SUP-2")),
        ("usage.q.granted", ("SUP-3",)),
        ("usage.q.period", "2026-03-01"),
        ("usage.q.holder", "customer"),
    )


def test_a_rule_of_any_kind_may_ask_what_is_used() -> None:
    rules = ruled(
        routing='[[rule]]\nid = "r"\nwhen.usage.q = { at_least = 1 }\nroute.queue = "sales"', quota=quota(allow=9)
    )

    assert given(counting(rules, q=("SUP-1",)), "queue") == ("sales", "r")
    assert given(counting(rules), "queue") == ("support", "")


def test_asking_for_a_quota_that_does_not_exist_is_an_error() -> None:
    assert codes(quota=quota(), routing='[[rule]]\nid = "r"\nwhen.usage.p = 1') == ["E203"]


def test_rules_without_any_quota_look_nothing_up() -> None:
    assert quota_keys(RuleSet("none"), dict(seen().values)) == ()


def test_a_quota_may_ask_for_the_hours_of_a_calendar() -> None:
    rules = ruled(
        quota=quota('unless.arrived.in_hours = "office"'),
        calendars='[[calendar]]\nid = "office"\nopen.mon-fri = "09:00-17:00"',
    )

    assert keys(rules) == []
    assert keys(rules, {"arrived": "2026-03-07T12:00:00+00:00"}) == [("q", "customer", "2026-03-01")]


def test_what_nobody_counted_is_nothing() -> None:
    assert given(decided(ruled(quota=quota(allow=1))), "counted") == ("q", "q")


@pytest.mark.parametrize("missing", ["usage.q.holder", "usage.q.period"])
def test_without_a_whole_place_nothing_is_written(missing: str) -> None:
    facts = {"usage.q": 0, "usage.q.holder": "customer", "usage.q.period": "2026-03-01", missing: None}

    assert [type(one) for one in decided(ruled(quota=quota()), facts).effects] == [
        OpenTicket,
        Acknowledge,
        NotifyAgents,
    ]


def test_a_quota_without_a_cap_misses_nothing() -> None:
    facts = {"usage.q": 2, "usage.q.holder": "customer", "usage.q.period": "2026-03-01"}
    rules = ruled(site=SITE.replace("priority = 3", "priority = 1"), quota=quota())

    assert [type(one) for one in decided(rules, facts).effects] == [OpenTicket, Acknowledge, NotifyAgents]


def test_the_text_for_what_is_used_up_says_nothing_of_tickets_and_wishes_that_are_not_known() -> None:
    told = decided(ruled(quota=quota('used_up.tell = "over"', allow=0))).effects[1]

    assert isinstance(told, Acknowledge)
    values = dict(told.told[0].values)
    assert (values["used_by"], values["stated"], values["stated_name"]) == ("", "", "")


def test_a_wish_that_is_no_number_is_no_wish() -> None:
    told = decided(ruled(quota=quota('used_up.tell = "over"', allow=0)), {"stated.priority": "high"}).effects[1]

    assert isinstance(told, Acknowledge)
    assert dict(told.told[0].values)["stated"] == ""


def test_without_any_usage_a_quota_of_places_lets_everything_through() -> None:
    found = decided(ruled(quota=quota(capped(5))))

    assert given(found, "counted") == ("q", "q")
