"""What came of the examples, in words for people and as a report for programs."""

import json
from collections.abc import Iterator, Sequence

from mailgateway.app.rules.examples import ExampleReport, ExampleResult, Failure
from mailgateway.diagnostics.report import Case, Level, Problem, Report
from mailgateway.rules.explain import not_tried, rule_lines, was_tried
from mailgateway.rules.explained import Explained
from mailgateway.rules.values import Rule, RuleSet

COMMAND = "rules test"
NO_EXAMPLE = "no example was run"
MEANINGS = {
    "X001": "A rule that does not match an example as it should.",
    "X002": "An answer other than the example expects.",
    "X003": "No example was run: nothing is proved.",
}
"""By the code of a problem in the report."""


def failure_text(result: ExampleResult, rules: RuleSet) -> str:
    """Return an example that failed: what was expected and what came, and the rules it hangs on with their conditions.

    Returns:
        Lines; "" for an example that passed.
    """
    if result.passed:
        return ""
    place = result.example.place
    head = (f"FAIL  {result.title}", f"   --> {place.path}:{place.line}")
    told = (f"   {_told(failure)}" for failure in result.failures)
    return "\n".join((*head, *told, *_rules_lines(result, rules)))


def _told(failure: Failure) -> str:
    by = f"   (decided by {failure.by})" if failure.by else ""
    return f"{failure.answer}: expected {_shown(failure.expected)}, got {_shown(failure.got)}{by}"


def _shown(value: object) -> str:
    """Return a value as people write it in TOML."""
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _rules_lines(result: ExampleResult, rules: RuleSet) -> Iterator[str]:
    """Yield the rules a failure hangs on: the example's own, and for a whole mail those that decided otherwise."""
    own = result.example.rule
    deciding = (rule for failure in result.failures for rule in failure.by.split(", "))
    explained = Explained(result.title, result.facts, result.decision, rules)
    for rule_id in (own,) if own else dict.fromkeys(deciding):
        rule = rules.rule(rule_id)
        if rule is not None:
            yield from rule_lines(rule, explained)
            if not was_tried(rule, explained):
                yield f"          not tried: {not_tried(rule, explained)}"


def summary(report: ExampleReport, took_ms: int) -> str:
    """Return how many examples passed and failed, how many of the rules have any, and how long it took."""
    passed, failed = len(report.results) - len(report.failed), len(report.failed)
    own, with_examples = len(report.own_rules), report.rules_with_examples
    return f"{passed} passed, {failed} failed  ({with_examples} of {own} rules have examples, {took_ms} ms)"


def coverage_lines(report: ExampleReport) -> tuple[str, str]:
    """Return the rules without an example and those without a counterexample, a line each."""
    return (
        f"without an example: {_placed(report.without(must_match=True))}",
        f"without a counterexample: {_placed(report.without(must_match=False))}",
    )


def _placed(rules: Sequence[Rule[object]]) -> str:
    return ", ".join(f"{rule.id} ({rule.place.path}:{rule.place.line})" for rule in rules) or "none"


def report_of(report: ExampleReport, times_s: Sequence[float], *, with_coverage: bool = False) -> Report:
    """Return what came of the examples as every format for programs is made from.

    Args:
        report: What came of them.
        times_s: How long each took, in their order.
        with_coverage: Whether the rules without examples are named.
    """
    cases = [
        Case(result.example.name, result.example.rule, tuple(_problems(result, report.rules)), time_s)
        for result, time_s in zip(report.results, times_s, strict=True)
    ]
    if not cases:
        cases.append(Case("examples", problems=(Problem(Level.ERROR, "X003", NO_EXAMPLE),)))
    counts: dict[str, object] = {
        "revision": report.rules.revision,
        "passed": len(report.results) - len(report.failed),
        "failed": len(report.failed),
        "rules": len(report.own_rules),
        "rules_with_examples": report.rules_with_examples,
    }
    if with_coverage:
        counts["without_example"] = [rule.id for rule in report.without(must_match=True)]
        counts["without_counterexample"] = [rule.id for rule in report.without(must_match=False)]
    return Report(COMMAND, tuple(cases), counts, MEANINGS)


def _problems(result: ExampleResult, rules: RuleSet) -> Iterator[Problem]:
    helps = tuple(line.rstrip() for line in _rules_lines(result, rules))
    for failure in result.failures:
        code = "X001" if failure.is_about_rule else "X002"
        yield Problem(Level.ERROR, code, f"{result.title}: {_told(failure)}", failure.place, help=helps)
