"""The examples of the rule files, run as tests: each mail goes through the whole pipeline to a decision.

No clock and no store: the time, the customer and what is used of quotas come from the example alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mailgateway.app.rules.answered import answered, deciding, is_as_expected
from mailgateway.app.rules.given import completed, facts_of
from mailgateway.app.snapshot import Snapshot
from mailgateway.diagnostics import Position
from mailgateway.model.decision import Decision, Fact, Facts
from mailgateway.rules.decide import decide
from mailgateway.rules.values import Example, Rule, RuleSet


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that did not come out.

    Attributes:
        answer: The answer's name, such as `priority` or `part.2.priority`; `rule "ID" matches` where it is about the
            example's rule itself.
        expected: What should have come out; whether a rule matches is yes or no.
        got: What came out; None for nothing.
        by: The rules that decided it, `DEFAULT` for the site's default, "" where nobody did.
        place: Where the expectation stands.
    """

    answer: str
    expected: object
    got: Fact
    by: str
    place: Position

    @property
    def is_about_rule(self) -> bool:
        """Whether it is about the example's rule itself, and not about an answer."""
        return self.answer.startswith("rule ")


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What came of one example.

    Attributes:
        example: The example.
        facts: What the rules saw.
        decision: What they said.
        failures: What did not come out as expected; () where it passed.
    """

    example: Example
    facts: Facts
    decision: Decision
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.failures

    @property
    def title(self) -> str:
        """The rule and the example as people read it."""
        return f"{self.example.rule} / {self.example.name}" if self.example.rule else self.example.name


@dataclass(frozen=True, slots=True)
class ExampleReport:
    """What came of all examples.

    Attributes:
        rules: The rules they were run with.
        results: In the order of the files.
    """

    rules: RuleSet
    results: tuple[ExampleResult, ...]

    @property
    def failed(self) -> tuple[ExampleResult, ...]:
        """Those that did not come out as expected."""
        return tuple(result for result in self.results if not result.passed)

    @property
    def passed(self) -> bool:
        """Whether at least one example was run and all came out as expected: none at all proves nothing."""
        return bool(self.results) and not self.failed

    @property
    def own_rules(self) -> tuple[Rule[object], ...]:
        """The rules that should have examples: all but those of shipped files that stand in."""
        return tuple(rule for rules in self.rules.rules.values() for rule in rules if not rule.is_shipped)

    @property
    def rules_with_examples(self) -> int:
        """How many of them have an example or a counterexample."""
        shown = {example.rule for example in self.rules.examples}
        return sum(rule.id in shown for rule in self.own_rules)

    def without(self, *, must_match: bool) -> tuple[Rule[object], ...]:
        """Return the rules that have no example (`must_match`), or no counterexample."""
        shown = {one.rule for one in self.rules.examples if one.must_match is must_match}
        return tuple(rule for rule in self.own_rules if rule.id not in shown)


def run_examples(rules: RuleSet, snapshot: Snapshot | None = None) -> ExampleReport:
    """Return what came of all examples of a rule set.

    Args:
        rules: The rules and their examples.
        snapshot: The configuration with its mailboxes, agents, channels and languages; None for none. Its rules are
            not looked at.
    """
    return ExampleReport(rules, tuple(run_example(one, rules, snapshot) for one in rules.examples))


def run_example(example: Example, rules: RuleSet, snapshot: Snapshot | None = None) -> ExampleResult:
    """Return what came of one example; as `run_examples`."""
    raw = completed(example.raw, snapshot) if example.rule else example.raw
    facts = facts_of(raw, example.given, rules, snapshot)
    decision = decide(rules, facts)
    return ExampleResult(example, facts, decision, tuple(_failures(example, rules, facts, decision)))


def _failures(example: Example, rules: RuleSet, facts: Facts, decision: Decision) -> Iterator[Failure]:
    if example.must_match is not None:
        matched = any(step.matched for step in decision.trace if step.rule == example.rule)
        if matched is not example.must_match:
            wanted, found = ("yes", "no") if example.must_match else ("no", "yes")
            yield Failure(f'rule "{example.rule}" matches', wanted, found, "", example.place)
    for name, expected in example.expect:
        got = answered(name, decision, facts, rules)
        if not is_as_expected(expected, got, name, rules):
            yield Failure(name, expected, got, deciding(name, decision), example.places.get(name, example.place))
