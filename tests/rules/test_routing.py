"""Routing: item 5 (first match, union of tags), item 6 (order), item 7 (stop), item 8 (defaults), item 18 (ignore)."""

from dataclasses import replace

from mailgateway.model.decision import Answer
from mailgateway.model.effects import (
    Acknowledge,
    IgnoreMail,
    NotifyAgents,
    OpenTicket,
    Refuse,
    StaySilent,
)
from mailgateway.model.ticket import Status
from tests.rules.rulesets import codes, decided, given, matched, ruled

OPENED = OpenTicket("new-ticket", "support", "question", 3)


def answer(rule: str, route: str, *more: str) -> str:
    return "\n".join(("[[rule]]", f'id = "{rule}"', *more, route, ""))


def test_the_first_matching_rule_that_gives_an_answer_decides_it() -> None:
    rules = ruled(
        routing=answer("other", 'route.queue = "support"', 'when.customer.plan = "basic"')
        + answer("kind-only", 'route.kind = "incident"')
        + answer("first", 'route.queue = "sales"')
        + answer("second", 'route.queue = "billing"\nroute.kind = "upgrade"')
    )

    found = decided(rules)

    assert found.answers[:2] == (
        Answer("queue", "sales", "first", ("second",)),
        Answer("kind", "incident", "kind-only", ("second",)),
    )
    assert found.effects[0] == replace(OPENED, queue="sales", kind="incident")


def test_a_later_rule_with_another_answer_is_listed_as_not_used_and_one_with_the_same_is_not() -> None:
    rules = ruled(
        routing=answer("a", 'route.queue = "sales"')
        + answer("b", 'route.queue = "sales"')
        + answer("c", 'route.queue = "billing"')
        + answer("d", 'route.queue = "support"')
    )

    assert decided(rules).answers[0] == Answer("queue", "sales", "a", ("c", "d"))


def test_tags_of_all_matching_rules_add_up_in_their_order_without_doubles() -> None:
    rules = ruled(
        routing=answer("a", 'route.tags = ["z", "b"]')
        + answer("no", 'route.tags = ["never"]', 'when.customer.plan = "basic"')
        + answer("c", 'route.tags = ["b", "a", "a"]')
    )

    found = decided(rules)

    assert found.effects[0] == replace(OPENED, tags=("z", "b", "a"))
    assert given(found, "tags") == (("z", "b", "a"), "")


def test_stop_ends_routing_for_this_mail_and_nothing_else() -> None:
    rules = ruled(
        routing=answer("a", 'route.queue = "sales"\nstop = true', 'when.customer.plan = "professional"')
        + answer("b", 'route.tags = ["late"]\nroute.kind = "upgrade"'),
        priority='[[rule]]\nid = "p"\npriority.raise_to = 2',
    )

    stopped, passed = decided(rules), decided(rules, {"customer.plan": "basic"})

    assert [step.rule for step in stopped.trace if step.stage == "routing"] == ["a"]
    assert matched(stopped, "priority") == ["p"]
    assert stopped.effects[0] == replace(OPENED, queue="sales", priority=2)
    assert passed.effects[0] == replace(OPENED, kind="upgrade", priority=2, tags=("late",))


def test_a_rule_that_stops_gives_its_own_tags() -> None:
    rules = ruled(routing=answer("a", 'route.tags = ["t"]\nstop = true'))

    assert given(decided(rules), "tags") == (("t",), "")


def test_where_no_rule_answers_the_site_does_and_it_shows_as_the_default() -> None:
    found = decided(ruled())

    assert found.effects[0] == OPENED
    assert [given(found, name) for name in ("queue", "kind", "priority")] == [
        ("support", ""),
        ("question", ""),
        (3, ""),
    ]
    assert [given(found, name) for name in ("assignee", "role", "hold", "refuse", "ignore")] == [(None, "")] * 5


def test_an_assignee_and_a_role_are_answers_like_all() -> None:
    rules = ruled(routing=answer("a", 'route.assignee = "anna"\nroute.role = "sales"'))

    found = decided(rules)

    assert found.effects == (
        replace(OPENED, assignee="anna"),
        Acknowledge("acknowledge"),
        NotifyAgents("notify-new", ("sales",)),
    )


# --- hold, refuse, ignore


def test_a_held_mail_becomes_a_ticket_and_gets_no_answer() -> None:
    rules = ruled(routing=answer("a", 'route.hold = true\nroute.because = "abuse"'))

    assert decided(rules).effects == (
        replace(OPENED, status=Status.HELD),
        StaySilent("a", "held: abuse"),
        NotifyAgents("notify-new", ()),
    )


def test_a_refused_mail_becomes_a_ticket_and_its_author_is_told_what_to_do_instead() -> None:
    rules = ruled(routing=answer("a", 'route.refuse = "instead"'))

    assert decided(rules).effects == (
        replace(OPENED, status=Status.REFUSED),
        Refuse("a", "instead"),
        NotifyAgents("notify-new", ()),
    )


def test_a_reason_alone_holds_and_ignores_nothing() -> None:
    refused = ruled(routing=answer("a", 'route.refuse = "instead"\nroute.because = "not our product"'))
    tagged = ruled(routing=answer("a", 'route.tags = ["t"]\nroute.because = "so"'))

    assert decided(refused).effects[0] == replace(OPENED, status=Status.REFUSED)
    assert decided(tagged).effects[0] == replace(OPENED, tags=("t",))


def test_hold_beats_refuse_where_two_rules_ask_for_both() -> None:
    rules = ruled(
        routing=answer("a", 'route.refuse = "instead"') + answer("b", 'route.hold = true\nroute.because = "abuse"')
    )

    assert decided(rules).effects[:2] == (replace(OPENED, status=Status.HELD), StaySilent("b", "held: abuse"))


def test_what_must_not_be_answered_is_not_refused_either() -> None:
    rules = ruled(routing=answer("a", 'route.refuse = "instead"'))

    found = decided(rules, {"mail.no_answer": "spam"})

    assert found.effects[1] == StaySilent("silence", "spam")


def test_an_ignored_mail_makes_no_ticket_no_answer_and_no_later_stage() -> None:
    rules = ruled(
        routing=answer("a", 'route.ignore = true\nroute.because = "newsletter"'),
        quota='[[quota]]\nid = "q"\nallow = 1\nper = "calendar day"',
    )

    found = decided(rules)

    assert found.effects == (IgnoreMail("a", "newsletter"),)
    assert {step.stage for step in found.trace} == {"program", "routing"}


def test_only_routing_can_ignore_a_mail_and_only_with_a_reason() -> None:
    assert codes(routing=answer("a", "route.ignore = true")) == ["E130"]
    assert codes(routing=answer("a", "route.hold = true")) == ["E130"]
    assert codes(priority='[[rule]]\nid = "a"\nroute.ignore = true\npriority.cap_at = 3') == ["E010"]


def test_what_may_be_answered_is_recorded_without_a_reason() -> None:
    assert decided(ruled(), {"mail.kind": "list"}).effects[1] == StaySilent("machine-alert", "")


def test_a_machine_is_routed_like_a_person_and_never_answered() -> None:
    rules = ruled(routing=answer("a", 'route.queue = "billing"\nroute.role = "sales"'))

    found = decided(rules, {"mail.kind": "list", "mail.no_answer": "List-Id"})

    assert found.effects == (
        OpenTicket("machine-alert", "billing", "question", 3, ("machine",)),
        StaySilent("machine-alert", "List-Id"),
        NotifyAgents("machine-alert", ("sales",)),
    )


def test_a_machine_can_be_ignored() -> None:
    rules = ruled(routing=answer("a", 'route.ignore = true\nroute.because = "noise"'))

    assert decided(rules, {"mail.kind": "list"}).effects == (IgnoreMail("a", "noise"),)


# --- order


def test_files_of_one_kind_are_read_by_their_names_and_check_warns() -> None:
    routing = {"routing__b": answer("b", 'route.queue = "sales"'), "routing": answer("a", 'route.queue = "billing"')}

    # "routing-b.toml" stands before "routing.toml": a hyphen sorts before a dot.
    assert given(decided(ruled(**routing)), "queue") == ("sales", "b")
    assert codes(**routing) == ["W040"]


def test_a_kind_without_an_order_may_stand_in_several_files() -> None:
    one = '[[rule]]\nid = "a"\npriority.raise_to = 2\n'
    other = '[[rule]]\nid = "b"\nwhen.customer.plan = "basic"\npriority.cap_at = 4\n'

    assert codes(priority=one, priority__b=other) == []


def test_a_rule_that_is_switched_off_is_not_tried() -> None:
    rules = ruled(routing=answer("a", 'route.queue = "sales"\noff = true'))

    assert [step.rule for step in decided(rules).trace if step.stage == "routing"] == []


# --- replies


def test_routing_never_looks_at_replies() -> None:
    rules = ruled(routing=answer("a", 'route.queue = "sales"'))

    found = decided(rules, {"ticket.found": True})

    assert [step.rule for step in found.trace if step.stage == "routing"] == []
    assert codes(routing=answer("a", 'route.queue = "sales"\non = "reply"')) == ["E134"]
