"""`mailgateway rules test`: the examples of the rule files, run through the whole pipeline."""

import sys
import time
from typing import Annotated

import typer

from mailgateway.app.rules.examples import ExampleReport, run_example
from mailgateway.app.rules.examples_report import NO_EXAMPLE, coverage_lines, failure_text, report_of, summary
from mailgateway.app.rules.explain import rule_named
from mailgateway.app.snapshot import Snapshot
from mailgateway.cli.options import Json
from mailgateway.cli.output import EXIT_ERROR, print_text
from mailgateway.cli.rules.setting import loaded_rules, setting
from mailgateway.cli.rules.source import RulesDir, found_files
from mailgateway.diagnostics.formats import Format, formatted
from mailgateway.rules.values import Example, RuleSet

RuleId = Annotated[str, typer.Option("--rule", metavar="ID", help="Run the examples of this rule alone.")]
Coverage = Annotated[bool, typer.Option("--coverage", help="List the rules without an example or a counterexample.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print what came of them.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("test")(_test)


def _test(
    ctx: typer.Context,
    rules: RulesDir = None,
    rule: RuleId = "",
    coverage: Coverage = False,
    format: FormatOption = Format.TEXT,  # noqa: A002 -- the option's name
    json: Json = False,
) -> None:
    """Run the examples of the rules as tests: whether each rule matches as it should, and every answer expected.

    Each mail goes through the whole pipeline. Customer, quotas and the time of arrival come from the example's
    `given` alone; a mail without a time arrives on a Wednesday at noon, UTC.

    Exit code 0: all passed. 1: one failed, none was run, or the files cannot be used. 2: wrong usage.
    """
    started = time.perf_counter()
    found = found_files(ctx, rules)
    loaded = loaded_rules(found)
    report, times_s = _run(_wanted(loaded, rule), loaded, setting(ctx, found, loaded))
    if json or format is not Format.TEXT:
        result = report_of(report, times_s, with_coverage=coverage)
        sys.stdout.write(formatted(result, Format.JSON if json else format))
    else:
        _print(report, round((time.perf_counter() - started) * 1000), with_coverage=coverage)
    if not report.passed:
        raise typer.Exit(EXIT_ERROR)


def _wanted(rules: RuleSet, rule_id: str) -> list[Example]:
    """Return the examples to run: all, or those of one rule."""
    if not rule_id:
        return list(rules.examples)
    try:
        rule = rule_named(rule_id, rules)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--rule") from error
    return [example for example in rules.examples if example.rule == rule.id]


def _run(examples: list[Example], rules: RuleSet, snapshot: Snapshot | None) -> tuple[ExampleReport, list[float]]:
    """Return what came of examples, and how many seconds each took."""
    results, times_s = [], []
    for example in examples:
        started = time.perf_counter()
        results.append(run_example(example, rules, snapshot))
        times_s.append(time.perf_counter() - started)
    return ExampleReport(rules, tuple(results)), times_s


def _print(report: ExampleReport, took_ms: int, *, with_coverage: bool) -> None:
    for result in report.failed:
        print_text(f"{failure_text(result, report.rules)}\n")
    if not report.results:
        print_text(f"FAIL  {NO_EXAMPLE}: nothing is proved; rules have [[rule.example]], or mails lie in tests/\n")
    if with_coverage:
        for line in coverage_lines(report):
            print_text(line)
    print_text(summary(report, took_ms))
