"""A rule that keeps failing: counted always, told once."""

from datetime import timedelta

from mailgateway.app.rules.failing import Failing, RuleErrors, failures_after
from mailgateway.model.decision import Decision, Step
from tests.app.parts import NOW

MINUTE = timedelta(minutes=1)


def decision(*rules: str, revision: str = "aaaaaaaa") -> Decision:
    steps = [Step(rule, matched=False, evidence="", error="ValueError: no") for rule in rules]
    return Decision((), (*steps, Step("fine", matched=True, evidence="")), revision)


def test_the_fifth_failure_within_ten_minutes_is_told() -> None:
    errors = RuleErrors()
    told = []
    for number in range(5):
        errors.note(decision("broken"), NOW + number * 2 * MINUTE)
        told.append(errors.due())

    assert told == [(), (), (), (), (Failing("broken", "ValueError: no", "aaaaaaaa"),)]


def test_five_failures_within_more_than_ten_minutes_are_not_told() -> None:
    errors = RuleErrors()
    for number in range(20):
        errors.note(decision("broken"), NOW + number * 3 * MINUTE)

    assert errors.due() == ()


def test_failures_of_several_rules_do_not_add_up() -> None:
    errors = RuleErrors()
    for number in range(6):
        errors.note(decision(f"rule-{number}"), NOW)

    assert errors.due() == ()


def test_it_is_told_once_for_each_revision() -> None:
    errors = RuleErrors()
    for revision in ("aaaaaaaa", "bbbbbbbb"):
        for _ in range(20):
            errors.note(decision("broken", revision=revision), NOW)

    assert [failing.revision for failing in errors.due()] == ["aaaaaaaa", "bbbbbbbb"]
    errors.note(decision("broken"), NOW)
    assert errors.due() == ()


def test_every_failure_counts_in_the_total() -> None:
    errors = RuleErrors()
    errors.note(decision("b", "a"), NOW)
    errors.note(decision("b"), NOW + 60 * MINUTE)

    assert errors.totals() == (("a", 1), ("b", 2))


def test_what_is_exactly_ten_minutes_old_still_counts() -> None:
    assert failures_after((NOW, NOW + MINUTE), NOW + 10 * MINUTE) == (NOW, NOW + MINUTE, NOW + 10 * MINUTE)
    assert failures_after((NOW,), NOW + 10 * MINUTE + timedelta.resolution) == (
        NOW + 10 * MINUTE + timedelta.resolution,
    )
