"""Items 2 and 4 of the semantics: all of `when`, none of `unless`, a list is any, unknown holds in neither."""

from dataclasses import dataclass

import pytest

from mailgateway.model.decision import Decision, Fact, Step, Tried
from mailgateway.rules.conditions import UNKNOWN, Condition, Finding
from mailgateway.rules.evaluation import MAX_EVIDENCE
from mailgateway.rules.seen import Seen
from mailgateway.rules.values import RuleSet
from tests.rules.rulesets import decided, matched, ruled


def asking(*lines: str) -> RuleSet:
    """Return rules with one of routing that asks what the lines say."""
    return ruled(
        routing="\n".join(('[[rule]]\nid = "r"', *lines)),
        calendars='[[calendar]]\nid = "office"\nopen.mon-fri = "09:00-17:00"\nholidays = [2026-03-06]',
        lists='[phrases]\noutage = ["production is down", "everything down"]',
    )


def holds(*lines: str, **facts: Fact) -> bool:
    return matched(decided(asking(*lines), named(facts)), "routing") == ["r"]


def named(facts: dict[str, Fact]) -> dict[str, Fact]:
    return {name.replace("__", "."): value for name, value in facts.items()}


def step(decision: Decision, rule: str = "r") -> Step:
    return next(one for one in decision.trace if one.rule == rule)


# --- the two clauses


def test_a_rule_without_conditions_matches_every_mail() -> None:
    assert holds()


@pytest.mark.parametrize(
    ("plan", "text", "expected"),
    [("basic", "it burns", True), ("basic", "fine", False), ("enterprise", "it burns", False), ("basic", None, False)],
)
def test_all_lines_of_when_must_hold(plan: str, text: Fact, expected: bool) -> None:
    rule = ('when.customer.plan = "basic"', 'when.text.mentions = "burns"')

    assert holds(*rule, customer__plan=plan, text=text) is expected


@pytest.mark.parametrize(
    ("plan", "text", "expected"),
    [("basic", "fine", False), ("enterprise", "it burns", False), ("basic", "it burns", False), ("gold", "fine", True)],
)
def test_none_of_unless_may_hold(plan: str, text: str, expected: bool) -> None:
    rule = ('unless.customer.plan = ["basic", "enterprise"]', 'unless.text.mentions = "burns"')

    assert holds(*rule, customer__plan=plan, text=text) is expected


@pytest.mark.parametrize(
    ("line", "fact", "value"),
    [
        ('text.mentions = "burns"', "text", "x"),
        ('subject.contains = "b"', "subject", "x"),
        ("text.matches = 'b+'", "text", "x"),
        ('customer.plan = "basic"', "customer__plan", "gold"),
        ('mail.mailbox = "*@a.example"', "mail__mailbox", "x@b.example"),
        ("answers.recent = { at_least = 3 }", "answers__recent", 1),
        ("answers.recent = [3, 4]", "answers__recent", 1),
        ("customer.known = true", "customer__known", False),
        ('arrived.in_hours = "office"', "arrived", "2026-03-07T12:00:00+00:00"),
        ('arrived.on_holiday = "office"', "arrived", "2026-03-04T12:00:00+00:00"),
    ],
)
def test_a_condition_on_something_unknown_holds_neither_in_when_nor_in_unless(
    line: str, fact: str, value: Fact
) -> None:
    rules = asking(f"when.{line}")
    unknown = decided(rules, named({fact: None}))

    assert not step(unknown).matched
    assert step(unknown).tried[0][2:] == UNKNOWN
    assert step(decided(rules, named({fact: value}))).tried[0].held is False
    assert holds(f"unless.{line}", **{fact: None})


def test_that_something_is_unknown_can_be_asked_for() -> None:
    assert holds("when.customer.known = false", customer__known=False, customer__plan=None)


@pytest.mark.parametrize(
    ("line", "fact", "hits", "misses"),
    [
        ('text.mentions = ["burns", "smokes"]', "text", ["it burns", "it smokes"], ["fine"]),
        ('text.mentions = ["@outage", "smokes"]', "text", ["everything down", "it smokes"], ["fine"]),
        ('subject.contains = ["[a]", "[b]"]', "subject", ["x [A] y", "[b]"], ["[c]"]),
        ("text.matches = ['^a', 'z$']", "text", ["abc", "xyz"], ["bcd"]),
        ('customer.plan = ["basic", "enterprise"]', "customer__plan", ["basic", "Enterprise"], ["professional"]),
        ('mail.mailbox = ["a@*", "b@*"]', "mail__mailbox", ["a@x.example", "b@x.example"], ["c@x.example"]),
        (
            'attachments.names = ["*.log", "*.zip"]',
            "attachments__names",
            [("x.pdf", "A.LOG"), ("b.zip",)],
            [("c",), ()],
        ),
        ("answers.recent = [1, 3]", "answers__recent", [1, 3], [2]),
    ],
)
def test_a_list_of_values_is_any_of_them(line: str, fact: str, hits: list[Fact], misses: list[Fact]) -> None:
    assert [holds(f"when.{line}", **{fact: value}) for value in hits] == [True] * len(hits)
    assert [holds(f"when.{line}", **{fact: value}) for value in misses] == [False] * len(misses)
    assert [holds(f"unless.{line}", **{fact: value}) for value in hits] == [False] * len(hits)
    assert [holds(f"unless.{line}", **{fact: value}) for value in misses] == [True] * len(misses)


# --- what may be asked of each type


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("3", [3]),
        ("{ at_least = 3 }", [3, 4, 5]),
        ("{ at_most = 3 }", [0, 1, 2, 3]),
        ("{ at_least = 2, at_most = 3 }", [2, 3]),
        ("{ at_least = 2, at_most = 2 }", [2]),
    ],
)
def test_bounds_of_a_number_are_both_included(line: str, numbers: list[int]) -> None:
    rules = asking(f"when.answers.recent = {line}")

    assert [n for n in range(6) if matched(decided(rules, {"answers.recent": n}), "routing")] == numbers


def test_yes_is_no_number_and_a_number_is_no_yes() -> None:
    assert not holds("when.answers.recent = 1", answers__recent=True)
    assert not holds("when.answers.recent = { at_least = 0 }", answers__recent=True)
    assert not holds("when.customer.known = true", customer__known=1)
    assert holds("unless.customer.known = true", customer__known=1)


def test_yes_and_no_are_what_is_asked_for() -> None:
    assert holds("when.customer.known = false", customer__known=False)
    assert not holds("when.customer.known = false", customer__known=True)


def test_a_phrase_is_whole_words_in_any_case_and_a_piece_is_any_part() -> None:
    assert holds('when.text.mentions = "Production IS down"', text="production is DOWN")
    assert not holds('when.text.mentions = "product"', text="production")
    assert holds('when.text.mentions = "product*"', text="production")
    assert holds('when.text.mentions = "production ... down"', text="production has been going down")
    assert holds('when.text.contains = "DUCT"', text="production")


def test_a_regular_expression_has_its_own_case() -> None:
    assert not holds("when.text.matches = 'Down'", text="down")
    assert holds("when.text.matches = '(?i)Down'", text="down")


def test_several_texts_of_one_fact_are_lines_of_one() -> None:
    assert holds("when.mail.defects.matches = '(?m)^b$'", mail__defects=("a", "b"))


# --- the trace: no short-cuts


def test_every_condition_is_tried_and_shown_after_one_that_fails_too() -> None:
    rules = asking(
        'when.customer.plan = "basic"',
        'when.text.mentions = "@outage"',
        "when.stated.priority = { at_most = 2 }",
        'unless.mail.mailbox = "billing@*"',
    )

    assert step(decided(rules)) == Step(
        rule="r",
        matched=False,
        evidence="professional",
        stage="routing",
        tried=(
            Tried("when", "customer.plan is basic", held=False, evidence="professional"),
            Tried(
                "when",
                "text mentions @outage",
                held=True,
                evidence='"Volume is gone ¶ [Production is down] since noon."',
            ),
            Tried("when", "stated.priority is at most 2", held=None, evidence="(unknown)"),
            Tried("unless", "mail.mailbox is like billing@*", held=False, evidence="support@acme.example"),
        ),
    )


def test_the_evidence_of_a_rule_that_matches_is_what_held_and_of_another_the_first_that_failed() -> None:
    rules = asking('when.customer.plan = "professional"', "when.customer.known = true", "unless.mail.forwarded = true")

    found = [step(decided(rules, {"mail.forwarded": forwarded})) for forwarded in (None, False, True)]

    assert [(one.matched, one.evidence) for one in found] == [
        (True, "professional; true"),
        (True, "professional; true"),
        (False, "true"),
    ]


def test_rules_after_the_one_that_decides_are_tried_and_shown_as_well() -> None:
    rules = ruled(routing='[[rule]]\nid = "a"\nroute.queue = "sales"\n[[rule]]\nid = "b"\nroute.queue = "billing"')

    assert matched(decided(rules), "routing") == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ('when.customer.plan = "basic"', {"customer.plan": "b" * 500}),
        ('when.mail.mailbox = "*@x.example"', {"mail.mailbox": "m" * 500}),
        ('when.attachments.names = "*.a"', {"attachments.names": tuple(f"{i}.b" for i in range(500))}),
        ('when.text.mentions = "burns"', {"text": "x " * 500 + "burns" + " y" * 500}),
        ("when.text.matches = 'x+'", {"text": "x" * 500}),
        (f'when.subject.contains = "{"s" * 500}"', {"subject": "s" * 500}),
        ("when.answers.recent = 3", {"answers.recent": 10**500}),
        ("when.answers.recent = { at_least = 3 }", {"answers.recent": 10**500}),
        (f'when.arrived.in_hours = "{"o" * 60}"', {}),
    ],
)
def test_evidence_is_cut_on_every_line_and_rule(line: str, facts: dict[str, Fact]) -> None:
    rules = ruled(
        routing=f'[[rule]]\nid = "r"\n{line}',
        calendars=f'[[calendar]]\nid = "{"o" * 60}"\nopen.always = "00:00-24:00"',
    )

    found = step(decided(rules, facts))

    assert found.error == ""
    assert 0 < len(found.evidence) <= MAX_EVIDENCE
    assert 0 < len(found.tried[0].evidence) <= MAX_EVIDENCE


def test_evidence_of_many_conditions_together_is_cut() -> None:
    rules = asking('when.text.mentions = "burns"', 'when.mail.mailbox = "m*"', 'when.subject.contains = "sss"')

    found = step(decided(rules, {"text": "x " * 99 + "burns", "mail.mailbox": "m" * 99, "subject": "s" * 99}))

    assert (found.matched, len(found.evidence)) == (True, MAX_EVIDENCE)


# --- what is known when


def test_what_changes_during_a_decision_is_looked_at_again() -> None:
    rules = ruled(
        priority='[[rule]]\nid = "up"\non = "reply"\nunless.ticket.is_priority = true\npriority.raise_to = 1',
        quota='[[quota]]\nid = "q"\nwhen.ticket.is_priority = true\nallow = 5\nper = "calendar month"',
    )

    found = decided(rules, {"ticket.found": True, "ticket.priority": 3, "ticket.is_priority": False})

    assert matched(found, "quota") == ["q"]


def test_a_later_kind_sees_the_answers_of_an_earlier_one() -> None:
    rules = ruled(
        routing='[[rule]]\nid = "r"\nroute.queue = "billing"\nroute.tags = ["money"]',
        priority='[[rule]]\nid = "p"\nwhen.ticket.queue = "billing"\nwhen.ticket.tags = "money"\npriority.raise_to = 2',
        quota='[[quota]]\nid = "q"\nwhen.ticket.priority = 2\nallow = 0\nper = "calendar day"\nused_up.tag = "over"',
        guards='[[rule]]\nid = "g"\nwhen.ticket.is_priority = true\nsilent = "because"',
    )

    found = decided(rules)

    assert [matched(found, kind) for kind in ("routing", "priority", "quota", "guards")] == [["r"], ["p"], ["q"], ["g"]]


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ('ticket.tags = "beta"', {"ticket.tags": ("beta",)}),
        ('ticket.tags = "money"', {"ticket.tags": ("beta",)}),
        ('ticket.queue = "sales"', {"ticket.queue": "sales"}),
        ('ticket.queue = "billing"', {}),
        ('ticket.kind = "upgrade"', {"ticket.kind": "upgrade"}),
        ('ticket.kind = "incident"', {}),
        ("ticket.priority = 5", {"ticket.priority": 5}),
        ("ticket.priority = 3", {}),
        ("ticket.is_priority = false", {}),
    ],
)
def test_what_an_example_gives_of_the_ticket_stands_in_for_what_was_answered(line: str, given: dict[str, Fact]) -> None:
    rules = ruled(
        routing='[[rule]]\nid = "r"\nroute = { queue = "billing", kind = "incident", tags = ["money"] }',
        quota=f'[[quota]]\nid = "q"\nwhen.{line}\nallow = 5\nper = "calendar month"',
    )

    assert matched(decided(rules, given), "quota") == ["q"]


@dataclass
class Counting:
    """A test that counts how often it is asked."""

    asked: int = 0

    def find(self, seen: Seen) -> Finding:
        self.asked += 1
        return seen.facts["ticket.queue"] == "sales", "asked"


def test_a_test_is_asked_once_until_the_fact_it_looks_at_changes() -> None:
    facts, counting = Seen({"ticket.queue": "sales", "ticket.kind": "question"}, {}), Counting()
    one, other = (Condition("when", "ticket.queue", words, counting) for words in ("one", "other"))

    before = [one.tried(facts), other.tried(facts), one.tried(facts)]
    facts.answer("ticket.kind", "incident")
    still = one.tried(facts)
    asked = counting.asked
    facts.answer("ticket.queue", "billing")
    after = other.tried(facts)

    assert before == [Tried("when", words, held=True, evidence="asked") for words in ("one", "other", "one")]
    assert (still.held, asked) == (True, 1)
    assert (after, counting.asked) == (Tried("when", "other", held=False, evidence="asked"), 2)


def test_an_answer_may_come_before_anybody_asked() -> None:
    facts = Seen({}, {})

    facts.answer("ticket.queue", "sales")
    facts.forget("ticket.queue")
    facts.forget("ticket.queue")

    assert facts.facts == {}


def test_a_mail_is_searched_for_a_list_once_however_many_rules_ask_for_it() -> None:
    when, unless = (f'{clause}.text.mentions = "@outage"\n' for clause in ("when", "unless"))
    rules = ruled(
        lists='[phrases]\noutage = ["production is down"]',
        routing=f'[[rule]]\nid = "a"\n{when}[[rule]]\nid = "b"\n{unless}',
        priority=f'[[rule]]\nid = "c"\n{when}priority.raise_to = 1',
    )

    tests = {
        id(condition.test) for rule in (rules.rule(name) for name in "abc") if rule for condition in rule.conditions
    }

    assert len(tests) == 1
