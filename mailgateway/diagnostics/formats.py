"""Reports for programs: JSON, the annotations of GitHub, SARIF 2.1.0, JUnit XML."""

import json
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from mailgateway.diagnostics.render import printable
from mailgateway.diagnostics.report import Case, Level, Problem, Report
from mailgateway.diagnostics.values import Mark, Position

_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_PROGRAM = "mailgateway"


class Format(StrEnum):
    """How a report is printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"


def formatted(report: Report, format: Format) -> str:  # noqa: A002 -- its name everywhere
    """Return a report in a format for programs, with a line end at the end; "" where there is nothing to say.

    Raises:
        KeyError: For TEXT, which each command writes in its own words.
    """
    return _WRITERS[format](report)


# --- JSON --------------------------------------------------------------------------------------------------


def report_values(report: Report) -> dict[str, object]:
    """Return a report as the one JSON object of `--json`: ok, what was counted, errors, warnings, problems."""
    return {
        "ok": report.ok,
        **report.counts,
        "errors": report.errors,
        "warnings": report.warnings,
        "problems": [_flat(problem) for problem in report.problems],
    }


def _flat(problem: Problem) -> dict[str, object]:
    return {
        "severity": problem.level.value,
        "code": problem.code,
        "message": problem.message,
        "label": problem.label,
        **_place(problem.position),
        "help": list(problem.help),
        "marks": [{**_place(mark.position), "label": mark.label} for mark in problem.marks],
    }


def _place(position: Position | None) -> dict[str, object]:
    if position is None:
        return {"file": None, "line": None, "column": None, "length": None}
    return {"file": position.path, "line": position.line, "column": position.column, "length": position.length}


def _json(report: Report) -> str:
    return json.dumps(report_values(report)) + "\n"


# --- GitHub ------------------------------------------------------------------------------------------------

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def _github(report: Report) -> str:
    return "".join(f"{_command(problem)}\n" for problem in report.problems)


def _command(problem: Problem) -> str:
    """Return the workflow command that puts a problem beside the line it is about."""
    at = problem.position
    place = {} if at is None else {"file": at.path, "line": at.line, **_columns(at)}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in {**place, "title": problem.code}.items())
    return f"::{_COMMANDS[problem.level]} {properties}::{_message(problem.words)}"


def _columns(at: Position) -> dict[str, object]:
    return {"col": at.column, "endColumn": at.column + at.length} if at.length else {"col": at.column}


def _message(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


# --- SARIF -------------------------------------------------------------------------------------------------


def _sarif(report: Report) -> str:
    codes = {problem.code: problem for problem in reversed(report.problems)}
    rules = [_sarif_rule(codes[code], report.meanings) for code in sorted(codes)]
    driver = {"name": _PROGRAM, "rules": rules}
    results = [_sarif_result(problem, sorted(codes)) for problem in report.problems]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _sarif_rule(example: Problem, meanings: Mapping[str, str]) -> dict[str, object]:
    text = {"text": meanings.get(example.code, example.message)}
    return {
        "id": example.code,
        "shortDescription": text,
        "fullDescription": text,
        "help": text,
        "defaultConfiguration": {"level": example.level.value},
    }


def _sarif_result(problem: Problem, codes: list[str]) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": problem.level.value,
        "message": {"text": problem.words},
    }
    if problem.position is not None:
        result["locations"] = [_location(problem.position)]
    if problem.marks:
        result["relatedLocations"] = [_related(mark, number) for number, mark in enumerate(problem.marks, 1)]
    return result


def _location(at: Position) -> dict[str, object]:
    region = {"startLine": at.line, "startColumn": at.column, "endColumn": at.column + at.length}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(at.path)}, "region": region}}


def _related(mark: Mark, number: int) -> dict[str, object]:
    return {"id": number, **_location(mark.position), "message": {"text": mark.label}}


def _uri(path: str) -> str:
    """Return a file as a URI: relative to where the command ran, as those who read SARIF expect, or absolute."""
    return ("file://" if path.startswith("/") else "") + quote(path, errors="surrogateescape")


# --- JUnit -------------------------------------------------------------------------------------------------


def _junit(report: Report) -> str:
    tests = [test for case in report.cases for test in _tests(case, report.command)]
    failures = sum("<failure" in test for test in tests)
    time_s = sum(case.time_s for case in report.cases)
    head = f'tests="{len(tests)}" failures="{failures}" errors="0" skipped="0" time="{time_s:.3f}"'
    name = quoteattr(f"{_PROGRAM} {report.command}")
    lines = ('<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", f"<testsuite name={name} {head}>")
    return "\n".join((*lines, *tests, "</testsuite>", "</testsuites>")) + "\n"


def _tests(case: Case, command: str) -> Iterator[str]:
    """Yield one test for each error of a case; one that passes where it has none, with its warnings as output."""
    group = case.group or f"{_PROGRAM} {command}"
    errors = [problem for problem in case.problems if problem.level is Level.ERROR]
    others = [problem for problem in case.problems if problem.level is not Level.ERROR]
    for error in errors:
        name = case.name if len(errors) == 1 else f"{case.name}: {error.message}"
        head = f"<failure type={_attribute(error.code)} message={_attribute(error.message)}>"
        yield _test(group, name, case.time_s / len(errors), error.position, f"{head}{_element(_told(error))}</failure>")
    if not errors:
        position = others[0].position if others else None
        said = f"<system-out>{_element(chr(10).join(map(_told, others)))}</system-out>" if others else ""
        yield _test(group, case.name, case.time_s, position, said)


def _test(group: str, name: str, time_s: float, position: Position | None, inside: str) -> str:
    place = f' file={_attribute(position.path)} line="{position.line}"' if position else ""
    head = f'<testcase classname={_attribute(group)} name={_attribute(name)} time="{time_s:.3f}"{place}'
    return f"{head}>{inside}</testcase>" if inside else f"{head}/>"


def _told(problem: Problem) -> str:
    place = f"{problem.position}: " if problem.position else ""
    return f"{place}{problem.level}[{problem.code}]: {problem.words}"


def _attribute(text: str) -> str:
    return quoteattr(_xml_text(text))


def _element(text: str) -> str:
    return escape(_xml_text(text))


def _xml_text(text: str) -> str:
    """Return text without what XML 1.0 cannot say (section 2.2): most control characters, and surrogates."""
    return "".join(c if _is_xml(ord(c)) else "\ufffd" for c in text)


def _is_xml(c: int) -> bool:
    return c in {0x09, 0x0A, 0x0D} or 0x20 <= c <= 0xD7FF or 0xE000 <= c <= 0xFFFD or c >= 0x10000  # noqa: PLR2004 -- its ranges


_WRITERS: dict[Format, Callable[[Report], str]] = {
    Format.JSON: _json,
    Format.GITHUB: _github,
    Format.SARIF: _sarif,
    Format.JUNIT: _junit,
}
