"""Item 15: an error inside a rule is that rule's alone; one outside ends with the defaults, and guards stay guards."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from mailgateway.model.decision import Decision, Fact, Step
from mailgateway.model.effects import Acknowledge, AddTags, NotifyAgents, OpenTicket, PostMessage, StaySilent
from mailgateway.rules.conditions import Condition, Finding
from mailgateway.rules.decide import decide
from mailgateway.rules.kinds.quota import quota_keys
from mailgateway.rules.seen import Seen
from mailgateway.rules.values import Rule, RuleSet
from tests.rules.rulesets import ON_A_TICKET, decided, given, matched, ruled, seen

OPENED = OpenTicket("new-ticket", "support", "question", 3)
TOLD_NEW, TOLD_REPLY = NotifyAgents("notify-new", ()), NotifyAgents("notify-reply", ())


@dataclass(frozen=True)
class Plugin:
    """A fact of somebody else's code that breaks when it is looked at."""

    error: Callable[[str], Exception] = ZeroDivisionError

    def find(self, seen: Seen) -> Finding:
        del seen
        raise self.error("oh " * 200)


class Misshapen:
    """What no stage can work with."""


def broken(rules: RuleSet, name: str, clause: str = "when") -> RuleSet:
    """Return rules of which one asks a plug-in that breaks, after what it asks anyway."""
    asks = Condition("unless" if clause == "unless" else "when", "plug.in", "plug.in is odd", Plugin())
    return changed(rules, name, lambda rule: replace(rule, conditions=(*rule.conditions, asks, *rule.conditions)))


def changed(rules: RuleSet, name: str, change: Callable[[Rule[object]], Rule[object]]) -> RuleSet:
    return replace(
        rules,
        rules={
            kind: tuple(change(rule) if rule.id == name else rule for rule in of_kind)
            for kind, of_kind in rules.rules.items()
        },
    )


def misshapen(rules: RuleSet, *names: str) -> RuleSet:
    """Return rules of which some have an outcome that no stage can work with."""
    for name in names:
        rules = changed(rules, name, lambda rule: replace(rule, outcome=Misshapen()))
    return rules


def step(decision: Decision, rule: str) -> Step:
    return next(one for one in decision.trace if one.rule == rule)


ROUTING = """
[[rule]]
id = "a"
when.customer.known = true
route.queue = "sales"
[[rule]]
id = "b"
route.queue = "billing"
"""


@pytest.mark.parametrize("clause", ["when", "unless"])
def test_an_error_inside_a_rule_counts_as_not_matched_and_the_rest_goes_on(clause: str) -> None:
    found = decided(broken(ruled(routing=ROUTING, priority='[[rule]]\nid = "p"\npriority.raise_to = 2'), "a", clause))

    assert found.effects[0] == replace(OPENED, queue="billing", priority=2, tags=("rules-error",))
    assert (matched(found, "routing"), matched(found, "priority")) == (["b"], ["p"])


def test_the_record_names_the_rule_and_the_error_and_what_was_tried_before() -> None:
    found = step(decided(broken(ruled(routing=ROUTING), "a")), "a")

    assert (found.matched, found.error) == (False, f"ZeroDivisionError: {'oh ' * 200}"[:200])
    assert [tried.words for tried in found.tried] == ["customer.known is true"]


def test_the_tag_stands_once_however_many_rules_break() -> None:
    found = decided(broken(broken(ruled(routing=ROUTING), "a"), "b"))

    assert given(found, "tags") == (("rules-error",), "")
    assert given(found, "queue") == ("support", "")


def test_a_broken_rule_is_tried_by_the_next_mail_again() -> None:
    rules = broken(ruled(routing=ROUTING), "a")

    assert decided(rules) == decided(rules)


@pytest.mark.parametrize(
    ("kind", "text", "facts"),
    [
        ("priority", '[[rule]]\nid = "x"\npriority.raise_to = 1', {}),
        ("quota", '[[quota]]\nid = "x"\nallow = 0\nper = "calendar day"\nused_up.priority.cap_at = 5', {}),
        ("guards", '[[rule]]\nid = "x"\nsilent = "never"', {}),
    ],
)
def test_a_broken_rule_of_any_kind_has_no_effect_but_the_tag(kind: str, text: str, facts: dict[str, Fact]) -> None:
    found = decided(broken(ruled(**{kind: text}), "x"), facts)

    assert found.effects == (replace(OPENED, tags=("rules-error",)), Acknowledge("acknowledge"), TOLD_NEW)


def test_a_broken_rule_for_replies_leaves_the_ticket_as_it_is_and_tags_it() -> None:
    rules = broken(ruled(lifecycle='[[rule]]\nid = "x"\nthen = "close"'), "x")

    found = decide(rules, seen(ON_A_TICKET))

    assert found.effects == (PostMessage("reply"), AddTags("reply", ("rules-error",)), TOLD_REPLY)


def test_a_quota_with_a_broken_fact_is_locked_all_the_same() -> None:
    rules = broken(ruled(quota='[[quota]]\nid = "x"\nallow = 0\nper = "calendar day"'), "x")

    assert [key.quota for key in quota_keys(rules, dict(seen().values))] == ["x"]


# --- outside a rule


@pytest.mark.parametrize("kind", ["routing", "priority", "quota"])
def test_an_error_outside_a_rule_ends_with_the_defaults_and_says_so(kind: str) -> None:
    text = {
        "routing": ROUTING,
        "priority": '[[rule]]\nid = "a"\npriority.raise_to = 1',
        "quota": '[[quota]]\nid = "a"\nallow = 0\nper = "calendar day"',
    }
    rules = misshapen(ruled(**{"routing": ROUTING.replace('"a"', '"other"'), kind: text[kind]}), "a")

    found = decided(rules)

    assert found.effects == (replace(OPENED, tags=("rules-failed",)), Acknowledge("acknowledge"), TOLD_NEW)
    assert (found.trace[0].rule, found.trace[0].matched) == ("rules", False)
    assert found.trace[0].error.startswith("AttributeError: 'Misshapen' object has no attribute ")
    assert found.revision == rules.revision


def test_an_error_outside_a_rule_takes_no_guard_away() -> None:
    rules = misshapen(ruled(routing=ROUTING), "a")

    found = decided(rules, {"answers.recent": 10})

    assert found.effects == (
        replace(OPENED, tags=("rules-failed", "answers-limited")),
        StaySilent("one-address", "ten answers to this address within an hour"),
        TOLD_NEW,
    )


def test_where_the_guards_fail_too_nothing_is_answered() -> None:
    rules = misshapen(ruled(routing=ROUTING, guards='[[rule]]\nid = "g"\nsilent = "x"'), "a", "g")

    found = decided(rules)

    assert found.effects == (
        replace(OPENED, tags=("rules-failed",)),
        StaySilent("rules-failed", "the guards could not be asked"),
        TOLD_NEW,
    )
    missing = "AttributeError: 'Misshapen' object has no attribute"
    assert found.trace[:2] == (
        Step("rules", matched=False, evidence="", error=f"{missing} 'tags'"),
        Step("rules", matched=False, evidence="", error=f"{missing} 'tag'"),
    )


def test_where_there_are_no_guards_at_all_the_defaults_are_answered() -> None:
    rules = misshapen(ruled(routing=ROUTING), "a")

    found = decided(replace(rules, rules={"routing": rules.rules["routing"]}))

    assert found.effects == (replace(OPENED, tags=("rules-failed",)), Acknowledge("acknowledge"), TOLD_NEW)


def test_an_error_outside_a_rule_on_a_reply_puts_the_reply_on_its_ticket_and_tags_it() -> None:
    rules = misshapen(ruled(lifecycle='[[rule]]\nid = "x"\nthen = "close"'), "x")

    found = decide(rules, seen(ON_A_TICKET))

    assert found.effects == (PostMessage("reply"), AddTags("reply", ("rules-failed",)), TOLD_REPLY)


def test_a_rule_that_stands_among_those_of_another_kind_is_an_error_outside_a_rule() -> None:
    rules = ruled(routing=ROUTING)
    rules = replace(rules, rules={**rules.rules, "priority": rules.rules["routing"]})

    found = decided(rules)

    assert found.trace[0].error == "TypeError: a is a rule of routing, not of priority"
    assert found.effects[0] == replace(OPENED, tags=("rules-failed",))


def test_what_an_error_says_can_be_stored_whatever_is_in_it() -> None:
    asks = Condition("when", "plug.in", "plug.in is odd", Plugin(lambda _: ValueError("the word \udcff")))
    rules = changed(ruled(routing=ROUTING), "a", lambda rule: replace(rule, conditions=(asks,)))

    assert step(decided(rules), "a").error == "ValueError: the word \ufffd"
