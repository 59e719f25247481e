"""Priority: item 5 (raises, then caps), item 9 (never silent), item 10 (a person wins), item 11 (a reply raises)."""

from dataclasses import replace

import pytest

from mailgateway.model.decision import Fact
from mailgateway.model.effects import (
    Acknowledge,
    AddTags,
    ChangePriority,
    Effect,
    Inform,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    Told,
)
from mailgateway.rules.values import RuleSet
from tests.rules.rulesets import SITE, decided, given, matched, replied, ruled

OPENED = OpenTicket("new-ticket", "support", "question", 3)
TOLD_REPLY = NotifyAgents("notify-reply", ())


def asking(*answers: str, on: str = "new") -> RuleSet:
    """Return rules of priority named a, b, ... that all match."""
    return ruled(
        priority="\n".join(
            f'[[rule]]\nid = "{name}"\non = "{on}"\nwhy = "why {name}"\n{answer}'
            for name, answer in zip("abcdef", answers, strict=False)
        )
    )


def up(priority: int) -> str:
    return f"priority.raise_to = {priority}"


def cap(priority: int) -> str:
    return f"priority.cap_at = {priority}"


@pytest.mark.parametrize(
    ("answers", "priority", "by", "tags"),
    [
        ((), 3, "", ()),
        ((up(2),), 2, "a", ()),
        ((up(2), up(1)), 1, "b", ()),
        ((up(1), up(1)), 1, "a, b", ()),
        ((up(3),), 3, "", ()),  # it is the default already
        ((up(4),), 3, "", ()),  # a raise never makes less urgent
        ((cap(2),), 3, "", ()),  # a cap never makes more urgent
        ((cap(4),), 4, "a", ()),
        ((cap(4), cap(5)), 5, "b", ()),
        ((cap(5), cap(5)), 5, "a, b", ()),
        ((up(1), cap(2)), 2, "b", ("raised-and-capped",)),
        ((cap(2), up(1)), 2, "a", ("raised-and-capped",)),
        ((up(2), cap(2)), 2, "a", ()),  # nothing is taken away
        ((up(2), cap(1)), 2, "a", ()),
        ((up(1), cap(3), cap(4)), 4, "c", ("raised-and-capped",)),
        ((up(4), cap(5)), 5, "b", ()),  # that raise had no part in it
        (("priority.raise_to = 1\npriority.cap_at = 2",), 2, "a", ("raised-and-capped",)),
    ],
)
def test_the_most_urgent_raise_wins_and_then_the_least_urgent_cap(
    answers: tuple[str, ...], priority: int, by: str, tags: tuple[str, ...]
) -> None:
    found = decided(asking(*answers))

    assert given(found, "priority") == (priority, by)
    assert found.effects[0] == replace(OPENED, priority=priority, tags=tags)


# --- what the customer states


def test_a_stated_priority_counts_only_where_a_rule_says_so() -> None:
    facts: dict[str, Fact] = {"stated.priority": 1}

    assert given(decided(asking(), facts), "priority") == (3, "")
    assert given(decided(asking("priority.as_stated = true"), facts), "priority") == (1, "a")


@pytest.mark.parametrize(("stated", "priority"), [(1, 1), (3, 3), (5, 5), (8, 5), (0, 1), (-4, 1)])
def test_a_stated_priority_is_one_of_the_sites(stated: int, priority: int) -> None:
    found = decided(asking("priority.as_stated = true"), {"stated.priority": stated})

    assert given(found, "priority") == (priority, "a")


@pytest.mark.parametrize("stated", [None, True, "1"])
def test_where_nothing_usable_is_stated_the_default_counts(stated: Fact) -> None:
    found = decided(asking("priority.as_stated = true"), {"stated.priority": stated})

    assert given(found, "priority") == (3, "")


def test_a_stated_priority_is_raised_and_capped_like_the_default() -> None:
    stated = "priority.as_stated = true"

    assert given(decided(asking(stated, cap(2)), {"stated.priority": 1}), "priority") == (2, "b")
    assert given(decided(asking(stated, up(2)), {"stated.priority": 4}), "priority") == (2, "b")
    assert given(decided(asking(stated, up(4)), {"stated.priority": 2}), "priority") == (2, "a")


# --- what the customer is told


def told(effects: tuple[Effect, ...]) -> tuple[Told, ...]:
    return next((one.told for one in effects if isinstance(one, Acknowledge | Inform)), ())


def values(stated: int | None, priority: int, why: str) -> tuple[tuple[str, str], ...]:
    names = ("critical", "high", "normal", "low", "lowest")
    return (
        ("stated", "" if stated is None else str(stated)),
        ("stated_name", "" if stated is None else names[stated - 1]),
        ("priority", str(priority)),
        ("priority_name", names[priority - 1]),
        ("why", why),
    )


@pytest.mark.parametrize("by", ["line", "subject"])
def test_the_customer_is_told_where_the_priority_is_not_the_one_stated_in_words(by: str) -> None:
    found = decided(asking(cap(4)), {"stated.priority": 1, "stated.by": by})

    assert told(found.effects) == (Told("priority-changed", "a", values(1, 4, "why a")),)
    assert given(found, "told") == (("priority-changed",), "")


def test_the_customer_is_not_told_of_the_priority_that_was_stated() -> None:
    found = decided(asking("priority.as_stated = true"), {"stated.priority": 1, "stated.by": "line"})

    assert told(found.effects) == ()


def test_a_rule_may_have_its_own_words_and_they_are_used_where_it_decides() -> None:
    rules = asking(up(1) + '\ntell = "over"', cap(4) + '\ntell = "capped"')

    assert told(decided(rules).effects) == (Told("capped", "b", values(None, 4, "why b")),)


def test_of_two_that_decide_the_one_with_words_has_its_say() -> None:
    rules = asking(cap(4), cap(4) + '\ntell = "capped"')

    assert told(decided(rules).effects) == (Told("capped", "b", values(None, 4, "why b")),)


def test_a_rule_whose_wish_came_true_anyway_has_its_say() -> None:
    rules = asking("priority.as_stated = true", up(1) + '\ntell = "over"', up(2) + '\ntell = "capped"')

    found = decided(rules, {"stated.priority": 1, "stated.by": "line"})

    assert told(found.effects) == (Told("over", "b", values(1, 1, "why b")),)


def test_on_a_reply_a_rule_has_its_say_only_where_it_raises() -> None:
    rules = asking(up(2) + '\ntell = "over"', on="reply")

    assert told(replied(rules, {"ticket.priority": 2}).effects) == ()
    assert told(replied(rules, {"ticket.priority": 3}).effects) == (Told("over", "a", values(None, 2, "why a")),)


# --- replies


def test_a_reply_runs_only_the_rules_for_replies_and_a_new_mail_only_the_others() -> None:
    rules = ruled(
        priority=f'[[rule]]\nid = "new"\n{up(1)}\n[[rule]]\nid = "answer"\non = "reply"\n{up(2)}',
    )

    assert matched(decided(rules), "priority") == ["new"]
    assert matched(replied(rules), "priority") == ["answer"]


@pytest.mark.parametrize(
    ("answers", "current", "after"),
    [
        ((up(1),), 3, 1),
        ((up(2),), 2, 2),
        ((up(3),), 2, 2),
        ((cap(4),), 3, 3),
        ((cap(4),), 2, 2),
        ((up(1), cap(2)), 4, 2),
        ((up(1), cap(4)), 3, 3),
        ((up(1), cap(4)), 5, 4),
        (("priority.as_stated = true",), 3, 3),
    ],
)
def test_a_reply_can_raise_the_priority_and_never_lowers_it(answers: tuple[str, ...], current: int, after: int) -> None:
    found = replied(asking(*answers, on="reply"), {"ticket.priority": current, "stated.priority": 5})

    changes = [effect.priority for effect in found.effects if isinstance(effect, ChangePriority)]
    assert changes == ([after] if after != current else [])
    assert given(found, "priority")[0] == after


def test_a_reply_that_raises_changes_the_ticket_by_the_name_of_the_rule() -> None:
    found = replied(asking(up(1), cap(2), on="reply"))

    assert found.effects == (
        PostMessage("reply"),
        ChangePriority("b", 2),
        AddTags("reply", ("raised-and-capped",)),
        TOLD_REPLY,
    )


def test_agents_are_not_told_of_their_own_replies_again() -> None:
    found = replied(asking(up(2), on="reply"), {"sender.role": "agent", "thread.verified": True})

    assert found.effects == (PostMessage("agent-reply"),)


def test_a_raise_alone_caps_nothing() -> None:
    rules = ruled(site=SITE.replace("priority = 3", "priority = 1"), priority=f'[[rule]]\nid = "a"\n{up(2)}')

    assert given(decided(rules), "priority") == (1, "")


def test_a_reply_never_changes_queue_or_kind() -> None:
    rules = ruled(routing='[[rule]]\nid = "r"\nroute.queue = "sales"\nroute.kind = "upgrade"')

    assert replied(rules).effects == (PostMessage("reply"), TOLD_REPLY)


def test_the_author_of_a_reply_is_told_of_a_wish_that_was_not_met() -> None:
    found = replied(asking(cap(2), on="reply"), {"stated.priority": 1, "stated.by": "line", "ticket.priority": 2})

    assert found.effects == (
        PostMessage("reply"),
        Inform("", (Told("priority-changed", "", values(1, 2, "")),)),
        TOLD_REPLY,
    )


def test_a_priority_that_a_person_set_is_never_changed_by_a_rule() -> None:
    by_hand = replied(asking(up(1), on="reply"), {"ticket.priority_by_hand": True})

    assert by_hand.effects == (PostMessage("reply"), TOLD_REPLY)
    assert matched(by_hand, "priority") == []


def test_a_ticket_without_a_priority_is_left_alone() -> None:
    assert replied(asking(up(1), on="reply"), {"ticket.priority": None}).effects == (PostMessage("reply"), TOLD_REPLY)
