"""Life cycle: what a customer's reply changes. The first matching rule decides, replies only (item 11)."""

from dataclasses import replace

import pytest

from mailgateway.model.decision import Answer
from mailgateway.model.effects import (
    Acknowledge,
    AddTags,
    ChangeStatus,
    Effect,
    IgnoreMail,
    Inform,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    StaySilent,
    Told,
)
from mailgateway.model.ticket import Status
from tests.rules.rulesets import codes, decided, matched, replied, ruled

TOLD_REPLY, TOLD_NEW = NotifyAgents("notify-reply", ()), NotifyAgents("notify-new", ())
FOLLOWING = OpenTicket("a", "support", "question", 3, follows=1042)


def then(outcome: str, *lines: str, name: str = "a") -> str:
    return "\n".join(("[[rule]]", f'id = "{name}"', f'then = "{outcome}"', *lines, ""))


@pytest.mark.parametrize(
    ("outcome", "changes"),
    [("reopen", (ChangeStatus("a", Status.OPEN),)), ("close", (ChangeStatus("a", Status.CLOSED),)), ("leave", ())],
)
def test_a_rule_says_what_becomes_of_the_ticket(outcome: str, changes: tuple[Effect, ...]) -> None:
    assert replied(ruled(lifecycle=then(outcome))).effects == (PostMessage("reply"), *changes, TOLD_REPLY)


def test_a_ticket_stays_as_it_is_where_no_rule_matches() -> None:
    rules = ruled(lifecycle=then("close", 'when.ticket.status = "waiting"'))

    assert replied(rules).effects == (PostMessage("reply"), TOLD_REPLY)


def test_the_first_matching_rule_decides_and_later_ones_that_say_otherwise_are_listed() -> None:
    rules = ruled(
        lifecycle=then("close", 'when.ticket.status = "waiting"', name="no")
        + then("reopen", name="first")
        + then("reopen", 'when.text.mentions = "production"', name="same")
        + then("close", 'when.text.mentions = "noon"', name="other")
    )
    next_to_each_other = ruled(lifecycle=then("reopen", 'when.text.mentions = "production"') + then("close", name="b"))

    found = replied(rules)

    assert found.answers[0] == Answer("then", "reopen", "first", ("other",))
    assert matched(found, "lifecycle") == ["first", "same", "other"]
    assert replied(next_to_each_other).answers[0] == Answer("then", "reopen", "a", ("b",))


def test_lifecycle_looks_at_replies_alone() -> None:
    rules = ruled(lifecycle=then("close"))

    assert matched(decided(rules), "lifecycle") == []
    assert codes(lifecycle=then("close", 'on = "new"')) == ["E013"]


def test_a_new_ticket_goes_through_routing_priority_and_quota_like_any() -> None:
    rules = ruled(
        lifecycle=then("new ticket"),
        routing='[[rule]]\nid = "r"\nroute.queue = "sales"\nroute.role = "sales"',
        priority='[[rule]]\nid = "p"\npriority.raise_to = 2\n'
        '[[rule]]\nid = "on-reply"\non = "reply"\npriority.raise_to = 1\n',
        quota='[[quota]]\nid = "q"\nallow = 1\nper = "calendar day"',
    )

    found = replied(rules, {"ticket.priority": 1, "ticket.queue": "billing"})

    assert found.effects == (
        replace(FOLLOWING, queue="sales", priority=2),
        Acknowledge("acknowledge"),
        NotifyAgents("notify-new", ("sales",)),
    )
    assert [matched(found, kind) for kind in ("priority", "quota")] == [["p"], ["q"]]


def test_what_was_known_of_the_old_ticket_is_not_known_of_the_new_one() -> None:
    rules = ruled(
        lifecycle=then("new ticket", 'when.ticket.queue = "billing"'),
        routing='[[rule]]\nid = "r"\nroute.queue = "sales"',
        priority='[[rule]]\nid = "p"\nwhen.ticket.queue = "billing"\npriority.raise_to = 1',
    )

    found = replied(rules, {"ticket.queue": "billing"})

    assert found.effects[0] == replace(FOLLOWING, queue="sales")


def test_what_a_guard_puts_on_a_ticket_is_on_one_that_goes_on_from_another() -> None:
    rules = ruled(lifecycle=then("new ticket"), guards='[[rule]]\nid = "g"\nsilent = "enough"\ntag = "loop"')

    assert replied(rules).effects == (replace(FOLLOWING, tags=("loop",)), StaySilent("g", "enough"), TOLD_NEW)


def test_a_mail_that_would_open_a_new_ticket_may_be_ignored() -> None:
    rules = ruled(
        lifecycle=then("new ticket"),
        routing='[[rule]]\nid = "r"\nroute.ignore = true\nroute.because = "noise"',
    )

    assert replied(rules).effects == (IgnoreMail("r", "noise"),)


def test_a_new_ticket_without_a_number_to_follow_follows_none() -> None:
    found = replied(ruled(lifecycle=then("new ticket")), {"ticket.number": None})

    assert found.effects[0] == replace(FOLLOWING, follows=0)


# --- what the author is told


def test_the_author_is_told_by_the_rule_that_decides() -> None:
    rules = ruled(lifecycle=then("close", 'why = "You asked for it."', 'tell = "over"') + then("close", name="b"))

    assert replied(rules).effects == (
        PostMessage("reply"),
        ChangeStatus("a", Status.CLOSED),
        Inform("a", (Told("over", "a", (("why", "You asked for it."),)),)),
        TOLD_REPLY,
    )


@pytest.mark.parametrize(
    ("facts", "silence"),
    [
        ({"mail.no_answer": "spam"}, StaySilent("silence", "spam")),
        (
            {"sender.has_agents_address": True},
            StaySilent("silent-agent", "an agent's address: agents get notices, not acknowledgements"),
        ),
    ],
)
def test_who_must_not_be_answered_is_told_nothing(facts: dict[str, str | bool], silence: StaySilent) -> None:
    found = replied(ruled(lifecycle=then("close", 'tell = "over"')), facts)

    assert found.effects == (PostMessage("reply"), ChangeStatus("a", Status.CLOSED), silence, TOLD_REPLY)


def test_guards_count_for_what_the_author_of_a_reply_is_told_and_their_word_is_put_on_the_ticket() -> None:
    rules = ruled(
        lifecycle=then("leave", 'tell = "over"'), guards='[[rule]]\nid = "g"\nsilent = "enough"\ntag = "loop"'
    )

    assert replied(rules).effects == (
        PostMessage("reply"),
        AddTags("reply", ("loop",)),
        StaySilent("g", "enough"),
        TOLD_REPLY,
    )
