"""`mailgateway rules check`: what it prints, how it ends, and that nothing in the files ends it otherwise."""

import json
import subprocess
import tomllib
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from mailgateway.app.rules.check import check
from mailgateway.cli import app
from mailgateway.diagnostics.formats import Format, formatted
from mailgateway.diagnostics.report import Level
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.shipped import default_rules
from mailgateway.rules.starter import starter_files
from tests.rules.example_files import example_files

FILES = len(starter_files().files)
RULES = sum(map(len, default_rules().rules.values()))
CONFIG = """\
[smtp]
host = "localhost"
[site]
host = "example.org"
[[agent]]
id = "anna"
name = "Anna"
addresses = ["anna@example.org"]
roles = ["support"]
[[mailbox]]
name = "a"
address = "a@example.org"
imap = { host = "imap", user = "a" }
[rules]
folder = "rules"
"""
ROUTE = """\
format = 1
kind = "routing"
[[rule]]
id = "billing"
when.mail.mailbox = "billing@example.org"
%s
  [[rule.example]]
  mail = "To: billing@example.org"
"""
TYPO = ROUTE % 'route.queue = "suport"'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The starter set, in the folder rules of the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "rules"
    folder.mkdir()
    for name, raw in starter_files().files:
        (folder / name).write_bytes(raw)
    return folder


def run(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200", **environment})


def test_files_without_faults_are_ok(folder: Path) -> None:
    result = run("rules", "check", "--rules", folder, "--strict")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"OK: {FILES} files, {RULES} rules, 0 errors, 0 warnings  (revision ")
    assert result.stderr == ""


def test_every_error_of_every_file_is_told_and_the_exit_code_is_1(folder: Path) -> None:
    (folder / "routing.toml").write_text(TYPO)
    (folder / "lists.toml").write_text('format = 1\nkind = "lists"\n[phrases]\noutage = ["a ..."]\nnot-production = []')

    result = run("rules", "check", "--rules", "rules")

    assert result.exit_code == 1
    assert "--> rules/routing.toml:6:15\n" in result.stdout
    assert "--> rules/lists.toml:4:11\n" in result.stdout
    assert f"\nFAILED: {FILES} files, {RULES} rules, 2 errors, 1 warning  (revision " in result.stdout


def test_warnings_count_only_where_it_is_strict(folder: Path) -> None:
    (folder / "routing.toml").write_text((ROUTE % 'route.queue = "support"').partition("  [[rule.example]]")[0])

    lenient, strict = run("rules", "check", "--rules", "rules"), run("rules", "check", "--rules", "rules", "--strict")

    assert (lenient.exit_code, strict.exit_code) == (0, 3)
    assert "warning[W012]" in lenient.stdout
    assert f"OK: {FILES} files, {RULES} rules, 0 errors, 1 warning  (" in lenient.stdout


@pytest.mark.parametrize("arguments", [["--rules", "nowhere"], ["--rules", "config.toml"], ["--format", "xml"]])
def test_wrong_usage_ends_with_2(folder: Path, arguments: list[str]) -> None:
    (folder.parent / "config.toml").write_text(CONFIG)

    assert run("rules", "check", *arguments).exit_code == 2


def test_a_folder_without_rule_files_is_an_error(folder: Path) -> None:
    (folder.parent / "empty").mkdir()

    result = run("rules", "check", "--rules", "empty")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "no rule files" in result.stderr


def test_without_a_configuration_the_shipped_rules_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    result = run("rules", "check", "--strict")

    assert (result.exit_code, result.stdout[:11]) == (0, f"OK: {FILES} files")


def test_the_configured_folder_is_checked_with_the_agents_and_templates_of_the_configuration(folder: Path) -> None:
    (folder.parent / "config.toml").write_text(CONFIG)
    site = (folder / "site.toml").read_text().replace("templates = []", 'templates = ["go-away"]')
    (folder / "site.toml").write_text(site)
    wrong = 'route.role = "sales"\nroute.assignee = "ana"\nroute.refuse = "go-away"'
    (folder / "routing.toml").write_text(ROUTE % wrong)

    result = run("rules", "check", "--json")

    problems = json.loads(result.stdout)["problems"]
    assert [(problem["code"], problem["message"], problem["file"], problem["line"]) for problem in problems] == [
        ("W052", 'no agent has the role "sales"', "rules/routing.toml", 6),
        ("W052", 'there is no agent "ana"', "rules/routing.toml", 7),
        ("W051", 'there is no template "go-away"', "rules/routing.toml", 8),
    ]
    assert problems[1]["help"][0] == 'did you mean "anna"?'


def test_a_configured_folder_that_is_missing_ends_with_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)

    result = run("rules", "check")

    assert result.exit_code == 2
    assert "no such folder" in result.stderr


def test_a_configuration_that_is_named_must_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert run("-c", "other.toml", "rules", "check").exit_code == 1


def test_of_a_repository_the_committed_files_are_checked_and_of_a_named_folder_those_that_lie_there(
    folder: Path,
) -> None:
    (folder.parent / "config.toml").write_text(CONFIG + 'source = "git"\n')
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for arguments in (("init", "-q"), ("add", "rules"), (*identity, "commit", "-qm", "Begin")):
        subprocess.run(["git", *arguments], cwd=folder.parent, check=True)
    (folder / "routing.toml").write_text(TYPO)

    assert (run("rules", "check").exit_code, run("rules", "check", "--rules", "rules").exit_code) == (0, 1)


def test_days_are_over_at_the_day_that_is_given(folder: Path) -> None:
    office = (folder / "calendars.toml").read_text().replace("holidays     = []", "holidays = [2026-12-25]")
    (folder / "calendars.toml").write_text(office)

    before = run("rules", "check", "--rules", "rules", "--today", "2026-12-25")
    after = run("rules", "check", "--rules", "rules", "--today", "2026-12-26")

    assert "W031" not in before.stdout
    assert "warning[W031]" in after.stdout
    assert after.exit_code == 0


def test_json_is_one_object(folder: Path) -> None:
    (folder / "routing.toml").write_text(TYPO)

    result = run("rules", "check", "--rules", "rules", "--format", "json")

    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {key: found[key] for key in ("ok", "files", "rules", "errors", "warnings")} == {
        "ok": False,
        "files": FILES,
        "rules": RULES,
        "errors": 1,
        "warnings": 0,
    }
    assert found["problems"] == [
        {
            "severity": "error",
            "code": "E111",
            "message": '"suport" is not known',
            "label": "not in site.toml under queues",
            "file": "rules/routing.toml",
            "line": 6,
            "column": 15,
            "length": 8,
            "help": ['did you mean "support"?', "known here: support"],
            "marks": [],
        }
    ]


def test_the_formats_for_programs_hold_the_fault_and_nothing_else_is_printed(folder: Path) -> None:
    (folder / "routing.toml").write_text(TYPO)

    outputs = {
        name: run("rules", "check", "--rules", "rules", "--format", name).stdout
        for name in ("github", "sarif", "junit")
    }

    assert outputs["github"].startswith("::error file=rules/routing.toml,line=6,col=15,endColumn=23,title=E111::")
    assert json.loads(outputs["sarif"])["runs"][0]["results"][0]["ruleId"] == "E111"
    suite = ET.fromstring(outputs["junit"])[0]  # noqa: S314 -- our own text
    assert (suite.attrib["tests"], suite.attrib["failures"]) == (str(FILES), "1")


# --- whatever the files hold --------------------------------------------------------------------------------


KEYS = st.sampled_from(
    ["format", "kind", "rule", "quota", "when", "unless", "id", "text", "mentions", "customer", "plan", "x.y"]
) | st.sampled_from(
    [
        "priority",
        "phrases",
        "calendar",
        "open",
        "default",
        "queues",
        "example",
        "given",
        "expect",
        "from",
        "on",
        "usage",
    ]
)
LEAVES = (
    st.text(max_size=12) | st.integers() | st.booleans() | st.floats() | st.dates().map(date.isoformat) | st.just("@a")
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
KINDS = ("site", "lists", "calendars", "routing", "split", "priority", "quota", "lifecycle", "guards", "nothing")
ORIGINALS = (*starter_files().files, *example_files().files)


def toml(value: object) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def looked_at(name: str, raw: bytes) -> None:
    """Check the starter set with one file in another state: it ends in a report, and the report in every format."""
    files = {**dict(starter_files().files), name: raw}

    result = check(RuleFiles(tuple(sorted(files.items()))), "rules/", today=date(2026, 11, 22))

    assert all(problem.level in {Level.ERROR, Level.WARNING} for problem in result.report.problems)
    assert all(formatted(result.report, one) for one in (Format.JSON, Format.SARIF, Format.JUNIT))


@given(st.sampled_from(KINDS), st.dictionaries(KEYS, VALUES, max_size=5))
def test_arbitrary_toml_is_checked_to_its_end(kind: str, tables: dict[str, object]) -> None:
    values = {**tables, "format": 1, "kind": kind}
    text = "\n".join(f"{json.dumps(key)} = {toml(value)}" for key, value in values.items())
    tomllib.loads(text)

    looked_at(f"{kind}.toml", text.encode())


@given(st.sampled_from(ORIGINALS), st.data())
def test_a_file_in_which_anything_was_changed_is_checked_to_its_end(
    original: tuple[str, bytes], data: st.DataObject
) -> None:
    name, raw = original
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 40)))
    inserted = data.draw(
        st.binary(max_size=6) | st.sampled_from([b"\n[[rule]]\n", b"= 3", b'"@x"', b"*", b".x", b"[]"])
    )

    looked_at(name, raw[:start] + inserted + raw[end:])


@given(st.sampled_from(ORIGINALS), st.data())
def test_a_file_in_which_a_value_was_changed_is_checked_to_its_end(
    original: tuple[str, bytes], data: st.DataObject
) -> None:
    name, raw = original
    lines = raw.decode().split("\n")
    number = data.draw(st.sampled_from([i for i, line in enumerate(lines) if " = " in line and line[:1] != "#"]))
    key, _, _ = lines[number].partition(" = ")
    lines[number] = f"{key} = {toml(data.draw(VALUES))}"

    looked_at(name, "\n".join(lines).encode())


@given(st.sampled_from(KINDS), st.binary(max_size=200))
def test_arbitrary_bytes_are_checked_to_their_end(kind: str, raw: bytes) -> None:
    looked_at(f"{kind}.toml", raw)
    looked_at("tests/x.expect.toml", raw)
