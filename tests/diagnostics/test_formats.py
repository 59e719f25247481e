import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.diagnostics import Diagnostic, Mark, Position, Severity
from mailgateway.diagnostics.formats import Format, formatted, report_values
from mailgateway.diagnostics.report import Case, Level, Problem, Report, cases_by_file, problem_of

ERROR = Problem(
    Level.ERROR,
    "E110",
    'unknown name "a,b:c"',
    Position("rules/a,b.toml", 12, 6, 7),
    "100% not known",
    ('did you mean "customer"?',),
    (Mark(Position("rules/site.toml", 3, 1, 4), "named here"),),
)
WARNING = Problem(Level.WARNING, "W012", "no example", Position("rules/a,b.toml", 8, 1, 8))
NOTE = Problem(Level.NOTE, "R001", "16 decisions change")
REPORT = Report(
    "rules check",
    (
        Case("rules/a,b.toml", problems=(ERROR, WARNING), time_s=0.25),
        Case("rules/site.toml"),
        Case("all", "x", (NOTE,)),
    ),
    {"revision": "5b52d30a", "files": 2, "rules": 7},
    {"E110": "A name that is not known."},
)
TEXTS = st.text(max_size=30)
PROBLEMS = st.builds(
    Problem,
    st.sampled_from(Level),
    st.sampled_from(["E110", "W012"]),
    TEXTS,
    st.none() | st.builds(Position, TEXTS, st.integers(1, 99), st.integers(1, 99), st.integers(0, 9)),
    TEXTS,
    st.lists(TEXTS, max_size=2).map(tuple),
)
REPORTS = st.builds(
    Report,
    st.just("rules check"),
    st.lists(st.builds(Case, TEXTS, TEXTS, st.lists(PROBLEMS, max_size=3).map(tuple)), max_size=3).map(tuple),
)


def suite_of(report: Report) -> ET.Element:
    return ET.fromstring(formatted(report, Format.JUNIT))[0]  # noqa: S314 -- our own text


def test_a_report_counts_what_it_holds() -> None:
    assert (REPORT.ok, REPORT.errors, REPORT.warnings, REPORT.problems) == (False, 1, 1, (ERROR, WARNING, NOTE))


def test_a_fault_of_a_file_becomes_a_problem_with_all_its_parts() -> None:
    fault = Diagnostic(
        Severity.ERROR, ERROR.code, ERROR.message, Position("rules/a,b.toml", 12, 6, 7), *(ERROR.label, ERROR.help)
    )

    assert problem_of(fault) == Problem(Level.ERROR, "E110", ERROR.message, ERROR.position, ERROR.label, ERROR.help)


def test_every_file_is_a_case_also_those_without_faults_and_those_that_only_a_fault_names() -> None:
    fault = Diagnostic(Severity.WARNING, "W012", "no example", Position("b", 8, 1, 8))

    cases = cases_by_file(["a"], [fault])

    assert cases == (Case("a"), Case("b", problems=(problem_of(fault),)))


NOWHERE = {"file": None, "line": None, "column": None, "length": None}
ERROR_AS_JSON = {
    "severity": "error",
    "code": "E110",
    "message": 'unknown name "a,b:c"',
    "label": "100% not known",
    "file": "rules/a,b.toml",
    "line": 12,
    "column": 6,
    "length": 7,
    "help": ['did you mean "customer"?'],
    "marks": [{"file": "rules/site.toml", "line": 3, "column": 1, "length": 4, "label": "named here"}],
}


def test_json_is_one_object_with_every_problem() -> None:
    found = json.loads(formatted(REPORT, Format.JSON))

    problems = found.pop("problems")
    assert found == {"ok": False, "revision": "5b52d30a", "files": 2, "rules": 7, "errors": 1, "warnings": 1}
    assert problems[0] == ERROR_AS_JSON
    assert [problem["severity"] for problem in problems] == ["error", "warning", "note"]
    assert NOWHERE.items() <= problems[2].items()


def test_github_gets_a_workflow_command_a_line_with_its_signs_escaped() -> None:
    said = 'unknown name "a,b:c": 100%25 not known%0Adid you mean "customer"?'

    assert formatted(REPORT, Format.GITHUB).splitlines() == [
        f"::error file=rules/a%2Cb.toml,line=12,col=6,endColumn=13,title=E110::{said}",
        "::warning file=rules/a%2Cb.toml,line=8,col=1,endColumn=9,title=W012::no example",
        "::notice title=R001::16 decisions change",
    ]


@given(REPORTS)
def test_nothing_in_a_report_can_begin_a_workflow_command_of_its_own(report: Report) -> None:
    lines = formatted(report, Format.GITHUB).splitlines()

    assert len(lines) == len(report.problems)
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)


def location(uri: str, line: int, start: int, end: int) -> dict[str, object]:
    region = {"startLine": line, "startColumn": start, "endColumn": end}
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def test_sarif_has_the_rules_the_results_and_their_regions() -> None:
    found = json.loads(formatted(REPORT, Format.SARIF))

    (run,) = found["runs"]
    assert (found["version"], run["columnKind"]) == ("2.1.0", "unicodeCodePoints")
    assert [(rule["id"], rule["defaultConfiguration"]["level"]) for rule in run["tool"]["driver"]["rules"]] == [
        ("E110", "error"),
        ("R001", "note"),
        ("W012", "warning"),
    ]
    assert run["tool"]["driver"]["rules"][0]["shortDescription"] == {"text": "A name that is not known."}
    first, second, third = run["results"]
    assert first == {
        "ruleId": "E110",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": 'unknown name "a,b:c": 100% not known\ndid you mean "customer"?'},
        "locations": [location("rules/a%2Cb.toml", 12, 6, 13)],
        "relatedLocations": [
            {"id": 1, **location("rules/site.toml", 3, 1, 5), "message": {"text": "named here"}},
        ],
    }
    assert second["locations"] == [location("rules/a%2Cb.toml", 8, 1, 9)]
    assert third == {"ruleId": "R001", "ruleIndex": 1, "level": "note", "message": {"text": "16 decisions change"}}


@given(REPORTS)
def test_sarif_of_any_report_keeps_to_what_its_readers_rely_on(report: Report) -> None:
    (run,) = json.loads(formatted(report, Format.SARIF))["runs"]

    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [p.code for p in report.problems]
    assert all(result["level"] in {"error", "warning", "note"} for result in run["results"])


def test_a_file_with_an_absolute_name_has_an_absolute_uri() -> None:
    problem = Problem(Level.ERROR, "E001", "no", Position("/etc/my rules/a.toml", 1, 1))

    (run,) = json.loads(formatted(Report("x", (Case("a", problems=(problem,)),)), Format.SARIF))["runs"]

    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "file:///etc/my%20rules/a.toml"}


def test_junit_has_a_failure_for_each_error_and_passes_with_warnings() -> None:
    suite = suite_of(REPORT)

    assert suite.attrib == {
        "name": "mailgateway rules check",
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
        "time": "0.250",
    }
    assert [(test.get("classname"), test.get("name"), [part.tag for part in test]) for test in suite] == [
        ("mailgateway rules check", "rules/a,b.toml", ["failure"]),
        ("mailgateway rules check", "rules/site.toml", []),
        ("x", "all", ["system-out"]),
    ]
    assert suite[0][0].attrib == {"type": "E110", "message": 'unknown name "a,b:c"'}
    assert suite[0][0].text == (
        'rules/a,b.toml:12:6: error[E110]: unknown name "a,b:c": 100% not known\ndid you mean "customer"?'
    )


def test_junit_gives_each_of_several_errors_of_a_file_a_test_of_its_own() -> None:
    errors = tuple(Problem(Level.ERROR, "E001", message) for message in ("one", "two"))

    suite = suite_of(Report("x", (Case("a.toml", problems=errors),)))

    assert [test.get("name") for test in suite] == ["a.toml: one", "a.toml: two"]


@given(REPORTS)
def test_junit_of_any_report_is_xml_with_every_error(report: Report) -> None:
    suite = suite_of(report)

    assert len(suite.findall("testcase")) == int(suite.attrib["tests"])
    assert len(suite.findall("testcase/failure")) == int(suite.attrib["failures"]) == report.errors


@pytest.mark.parametrize("format_", [Format.JSON, Format.SARIF])
def test_json_says_anything_in_ascii(format_: Format) -> None:
    odd = Problem(Level.ERROR, "E001", "Zürich \ud800", Position("ü.toml", 1, 1))

    assert formatted(Report("x", (Case("a", problems=(odd,)),)), format_).isascii()


def test_a_report_without_anything_is_fine() -> None:
    empty = Report("rules check", ())

    assert report_values(empty) == {"ok": True, "errors": 0, "warnings": 0, "problems": []}
    assert formatted(empty, Format.GITHUB) == ""
