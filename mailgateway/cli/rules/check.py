"""`mailgateway rules check`: every fault of the rule files at once."""

import sys
import time
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from mailgateway.adapters.files import LoadedConfig, load_templates
from mailgateway.app.rules.check import Checked, known_to
from mailgateway.app.rules.check import check as checked
from mailgateway.cli.options import Json
from mailgateway.cli.output import EXIT_ERROR, print_diagnostics, print_text
from mailgateway.cli.rules.source import RulesDir, found_files
from mailgateway.diagnostics.formats import Format, formatted
from mailgateway.rules.values import Known

EXIT_WARNINGS = 3
"""With --strict: no errors, but warnings."""

FormatOption = Annotated[Format, typer.Option("--format", help="How to print what was found.")]
Strict = Annotated[bool, typer.Option("--strict", help="End with exit code 3 where there are warnings.")]
Today = Annotated[
    datetime | None,
    typer.Option("--today", formats=["%Y-%m-%d"], metavar="DATE", help="The day to check at; else today, in UTC."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(_check)


def _check(
    ctx: typer.Context,
    rules: RulesDir = None,
    today: Today = None,
    strict: Strict = False,
    format: FormatOption = Format.TEXT,  # noqa: A002 -- the option's name
    json: Json = False,
) -> None:
    """Report every fault of the rule files, each with its place and what to do.

    Exit code 0: fine. 1: errors. 2: wrong usage. 3: warnings, with --strict.
    """
    started = time.perf_counter()
    found = found_files(ctx, rules)
    day = today.date() if today else _today()
    result = checked(found.files, found.folder, today=day, known=known_names(found.config))
    if json or format is not Format.TEXT:
        sys.stdout.write(formatted(result.report, Format.JSON if json else format))
    else:
        _print(result, round((time.perf_counter() - started) * 1000))
    code = exit_code(result, strict=strict)
    if code:
        raise typer.Exit(code)


def _today() -> date:
    return datetime.now(UTC).date()


def known_names(config: LoadedConfig | None) -> Known | None:
    """Return what a configuration knows of the names in rules; None where there is none.

    Raises:
        ConfigError: Its folder of templates cannot be read.
    """
    return None if config is None else known_to(config.config, load_templates(config))


def exit_code(result: Checked, *, strict: bool) -> int:
    """Return the exit code of a check: 1 for errors, 3 for warnings that count, else 0."""
    if not result.report.ok:
        return EXIT_ERROR
    return EXIT_WARNINGS if strict and result.report.warnings else 0


def _print(result: Checked, took_ms: int) -> None:
    print_diagnostics(result.diagnostics, result.texts)
    print_text(summary(result, took_ms))


def summary(result: Checked, took_ms: int) -> str:
    """Return the last line of a check."""
    report = result.report
    numbers = (("file", report.counts["files"]), ("rule", report.counts["rules"]))
    found = (*numbers, ("error", report.errors), ("warning", report.warnings))
    counted = ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for word, number in found)
    return f"{'OK' if report.ok else 'FAILED'}: {counted}  (revision {report.counts['revision']}, {took_ms} ms)"
