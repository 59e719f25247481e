"""Item 14: what a decision may cost is counted and never timed; texts are cut; items 15 and 16: any text, no clock."""

from dataclasses import replace

import pytest

from mailgateway.model.decision import Decision, Fact
from mailgateway.model.effects import Acknowledge, AddTags, NotifyAgents, OpenTicket, PostMessage, StaySilent
from mailgateway.rules.decide import decide
from mailgateway.rules.kinds.quota import quota_keys
from mailgateway.rules.seen import MAX_CONDITIONS, MAX_SEARCHED_CHARS, Seen
from mailgateway.rules.values import RuleSet
from mailgateway.rules.words import MAX_TEXT_CHARS
from tests.rules.rulesets import ON_A_TICKET, decided, given, matched, ruled, seen

OPENED = OpenTicket("new-ticket", "support", "question", 3)
TOLD_NEW, TOLD_REPLY = NotifyAgents("notify-new", ()), NotifyAgents("notify-reply", ())
FLOOD = '[[rule]]\nid = "g"\nwhen.answers.recent = { at_least = 10 }\nsilent = "enough"\n'


def repeated(rules: RuleSet, kind: str, times: int) -> RuleSet:
    """Return rules whose one rule of a kind asks its conditions so many times."""
    rule = rules.rules[kind][0]
    many = replace(rule, conditions=rule.conditions * times)
    return replace(rules, rules={**rules.rules, kind: (many, *rules.rules[kind][1:])})


def costly(times: int) -> RuleSet:
    rules = ruled(
        routing='[[rule]]\nid = "a"\nwhen.customer.known = true\nroute.queue = "sales"\n'
        '[[rule]]\nid = "b"\nroute.queue = "billing"',
        priority='[[rule]]\nid = "p"\npriority.raise_to = 1',
        guards=FLOOD,
    )
    return repeated(rules, "routing", times)


def test_over_the_limit_of_conditions_the_remaining_stages_take_their_defaults() -> None:
    found = decided(costly(MAX_CONDITIONS + 1))

    assert found.effects == (replace(OPENED, tags=("rules-limit",)), Acknowledge("acknowledge"), TOLD_NEW)
    assert [step.rule for step in found.trace if step.stage in {"routing", "priority"}] == ["a"]
    assert next(step for step in found.trace if step.rule == "a").error == "over 50000 conditions tried"


def test_the_last_condition_within_the_limit_is_still_tried() -> None:
    within, over = (decided(costly(MAX_CONDITIONS + more)) for more in (0, 1))

    assert (given(within, "queue"), given(over, "queue")) == (("sales", "a"), ("support", ""))


def test_a_mail_that_costs_too_much_is_guarded_all_the_same() -> None:
    found = decided(costly(MAX_CONDITIONS + 1), {"answers.recent": 10})

    assert found.effects == (replace(OPENED, tags=("rules-limit",)), StaySilent("g", "enough"), TOLD_NEW)


@pytest.mark.parametrize(
    ("facts", "rule"),
    [({"mail.no_answer": "spam"}, "silence"), ({"mail.answerable": False}, "silent-folder")],
)
def test_a_mail_that_costs_too_much_is_answered_as_little_as_any_that_must_not_be(
    facts: dict[str, Fact], rule: str
) -> None:
    found = decided(costly(MAX_CONDITIONS + 1), facts)

    assert [effect.rule for effect in found.effects if isinstance(effect, StaySilent)] == [rule]
    assert given(found, "tags") == (("rules-limit",), "")


def test_where_the_guards_themselves_cost_too_much_nothing_is_answered() -> None:
    found = decided(repeated(ruled(guards=FLOOD), "guards", MAX_CONDITIONS + 1))

    assert found.effects == (
        replace(OPENED, tags=("rules-limit",)),
        StaySilent("rules-limit", "the guards cost more than they may"),
        TOLD_NEW,
    )


def test_a_reply_that_costs_too_much_is_kept_and_tagged() -> None:
    rules = repeated(
        ruled(lifecycle='[[rule]]\nid = "x"\nwhen.customer.known = true\nthen = "close"'),
        "lifecycle",
        MAX_CONDITIONS + 1,
    )

    found = decide(rules, seen(ON_A_TICKET))

    assert found.effects == (PostMessage("reply"), AddTags("reply", ("rules-limit",)), TOLD_REPLY)


@pytest.mark.parametrize(("on", "facts"), [("new", {}), ("reply", ON_A_TICKET)])
def test_a_raise_does_not_count_where_a_cap_that_was_to_come_cost_too_much(on: str, facts: dict[str, Fact]) -> None:
    rules = ruled(
        priority=f'[[rule]]\nid = "up"\non = "{on}"\npriority.raise_to = 1\n'
        f'[[rule]]\nid = "cap"\non = "{on}"\nwhen.customer.known = true\npriority.cap_at = 4'
    )
    up, cap = rules.rules["priority"]
    many = replace(cap, conditions=cap.conditions * (MAX_CONDITIONS + 1))

    found = decided(replace(rules, rules={**rules.rules, "priority": (up, many)}), facts)

    assert given(found, "priority") == (3, "")


def test_a_mail_that_costs_too_much_takes_its_place_of_a_quota_all_the_same() -> None:
    rules = ruled(
        routing='[[rule]]\nid = "r"\nwhen.customer.known = true\nroute.queue = "sales"',
        quota='[[quota]]\nid = "q"\nwhen.customer.known = true\nallow = 1\nper = "calendar day"',
    )

    found = decided(repeated(rules, "routing", MAX_CONDITIONS + 1))

    assert (given(found, "counted"), given(found, "tags")) == (("q", "q"), (("rules-limit",), ""))


def test_what_regular_expressions_search_is_counted_in_characters() -> None:
    patterns = MAX_SEARCHED_CHARS // MAX_TEXT_CHARS
    asks = "\n".join(f"[[rule]]\nid = 'r{i}'\nwhen.text.matches = 'x{{{i + 1}}}y'" for i in range(patterns + 1))
    rules = ruled(routing=asks)

    whole, less = decided(rules, {"text": "a" * MAX_TEXT_CHARS}), decided(rules, {"text": "a" * (MAX_TEXT_CHARS // 2)})

    assert given(whole, "tags") == (("rules-limit",), "")
    assert [step.error for step in whole.trace if step.stage == "routing"] == [
        *[""] * patterns,
        f"over {MAX_SEARCHED_CHARS} characters searched by regular expressions",
    ]
    assert given(less, "tags") == ((), "")


def test_a_quota_that_costs_too_much_to_look_at_is_locked_all_the_same() -> None:
    rules = ruled(quota='[[quota]]\nid = "q"\nwhen.customer.known = true\nallow = 1\nper = "calendar day"')

    keys = quota_keys(repeated(rules, "quota", MAX_CONDITIONS + 1), dict(seen().values))

    assert [key.quota for key in keys] == ["q"]


def test_the_same_costly_mail_always_ends_the_same_way() -> None:
    rules = costly(MAX_CONDITIONS + 1)

    assert decided(rules) == decided(rules)


def test_a_text_is_cut_into_words_once_a_decision_and_anew_where_it_changes() -> None:
    facts = Seen({"text": "it burns"}, {})

    words = facts.words("text")
    again = facts.words("text")
    facts.answer("text", "it smokes")

    assert words is again
    assert facts.words("text") != words


# --- long texts

END = '[[rule]]\nid = "end"\nwhen.text.mentions = "needle"\nroute.queue = "sales"'


def long(rules: RuleSet, chars: int) -> Decision:
    return decided(rules, {"text": "x " * (chars // 2) + "needle"})


@pytest.mark.parametrize("operator", ["mentions", "contains", "matches"])
def test_the_end_of_a_text_that_is_too_long_is_not_searched_and_the_ticket_says_so(operator: str) -> None:
    rules = ruled(routing=END.replace("mentions", operator))

    whole, cut = long(rules, MAX_TEXT_CHARS - 6), long(rules, MAX_TEXT_CHARS)

    assert whole.effects[0] == replace(OPENED, queue="sales")
    assert cut.effects[0] == replace(OPENED, tags=("text-cut",))


def test_a_text_that_no_rule_asks_for_is_not_said_to_be_cut() -> None:
    assert given(long(ruled(), MAX_TEXT_CHARS), "tags") == ((), "")


def test_that_a_text_is_cut_is_said_of_replies_and_where_only_a_guard_searches() -> None:
    asks = 'when.text.mentions = "needle"'
    rules = ruled(
        lifecycle=f'[[rule]]\nid = "l"\n{asks}\nthen = "close"', guards=f'[[rule]]\nid = "g"\n{asks}\nsilent = "x"'
    )
    text = "x " * MAX_TEXT_CHARS

    assert decided(rules, {"text": text}).effects[0] == replace(OPENED, tags=("text-cut",))
    assert decide(rules, seen(ON_A_TICKET, {"text": text})).effects == (
        PostMessage("reply"),
        AddTags("reply", ("text-cut",)),
        TOLD_REPLY,
    )


# --- any text

SURROGATES = "a \ud83d lone \udc00 one, production is down"


@pytest.mark.parametrize(
    "line",
    [
        'text.mentions = "production is down"',
        'text.contains = "production"',
        "text.matches = 'p.*n'",
        'mail.mailbox = "*production*"',
    ],
)
def test_lone_surrogates_are_text_like_any(line: str) -> None:
    rules = ruled(routing=f'[[rule]]\nid = "r"\nwhen.{line}\nroute.queue = "sales"')

    found = decided(rules, {"text": SURROGATES, "mail.mailbox": SURROGATES})

    assert (given(found, "tags"), given(found, "queue")) == (((), ""), ("sales", "r"))


@pytest.mark.parametrize("fact", ["customer.plan", "mail.mailbox", "text", "subject"])
def test_evidence_of_lone_surrogates_can_be_stored(fact: str) -> None:
    asks = {"customer.plan": '= "basic"', "mail.mailbox": '= "x@*"'}.get(fact, '.contains = "lone"')
    rules = ruled(routing=f'[[rule]]\nid = "r"\nwhen.{fact}{asks}')

    found = decided(rules, {fact: SURROGATES})

    step = next(step for step in found.trace if step.rule == "r")
    assert (step.error, matched(found, "routing") == ["r"]) == ("", fact in {"text", "subject"})
    assert (step.evidence + step.tried[0].evidence).encode()
