"""`mailgateway rules test`: examples as tests, exit codes, formats."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result
from typer.testing import CliRunner

from mailgateway.cli import app

SITE = """format = 1
kind = "site"
plans = ["basic", "gold"]
kinds = ["question"]
queues = ["support"]
[default]
queue = "support"
kind = "question"
priority = 3
"""
PRIORITY = """format = 1
kind = "priority"
[[rule]]
id = "outage"
when.text.mentions = "outage"
when.customer.plan = "gold"
priority.raise_to = 1
[[rule.example]]
name = "of gold"
given.customer.plan = "{plan}"
mail = "Subject: outage"
expect.priority = 1
[[rule.counterexample]]
mail = "Subject: question"
"""
BARE = '[[rule]]\nid = "bare"\nwhen.text.mentions = "lab"\npriority.cap_at = 4\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site.toml").write_text(SITE)
    (tmp_path / "priority.toml").write_text(PRIORITY.format(plan="gold"))
    return tmp_path


def ran(folder: Path | None, *options: str) -> Result:
    where = () if folder is None else ("--rules", str(folder))
    return CliRunner().invoke(app, ["rules", "test", *where, *options])


def test_examples_that_pass_end_with_0_and_a_summary(folder: Path) -> None:
    done = ran(folder)

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("2 passed, 0 failed  (1 of 1 rules have examples, ")
    assert done.stdout.endswith(" ms)\n")


def test_without_a_folder_the_shipped_examples_are_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    done = ran(None)

    assert done.exit_code == 0
    assert " passed, 0 failed  (" in done.stdout


def test_a_failed_example_ends_with_1_and_shows_the_conditions(folder: Path) -> None:
    (folder / "priority.toml").write_text(PRIORITY.format(plan="basic"))

    done = ran(folder)

    lines = done.stdout.splitlines()
    assert done.exit_code == 1
    assert lines[0] == "FAIL  outage / of gold"
    assert lines[1] == f"   --> {folder}/priority.toml:8"
    assert lines[2:4] == [
        '   rule "outage" matches: expected "yes", got "no"',
        "   priority: expected 1, got 3   (decided by (default))",
    ]
    assert lines[-1].startswith("1 passed, 1 failed  (1 of 1 rules have examples, ")


def test_no_example_at_all_ends_with_1(folder: Path) -> None:
    (folder / "priority.toml").write_text(f'format = 1\nkind = "priority"\n{BARE}')

    done = ran(folder)

    assert done.exit_code == 1
    assert "no example was run" in done.stdout
    assert "0 passed, 0 failed  (0 of 1 rules have examples, " in done.stdout


def test_coverage_names_the_rules_without_examples(folder: Path) -> None:
    (folder / "priority.toml").write_text(PRIORITY.format(plan="gold") + BARE)

    done = ran(folder, "--coverage")

    assert done.exit_code == 0
    assert done.stdout.splitlines()[:2] == [
        f"without an example: bare ({folder}/priority.toml:15)",
        f"without a counterexample: bare ({folder}/priority.toml:15)",
    ]


def test_the_examples_of_one_rule_are_run_alone(folder: Path) -> None:
    (folder / "priority.toml").write_text(PRIORITY.format(plan="gold") + BARE)

    assert ran(folder, "--rule", "outage").stdout.startswith("2 passed")
    assert ran(folder, "--rule", "bare").exit_code == 1


def test_a_rule_that_does_not_exist_is_wrong_usage(folder: Path) -> None:
    done = ran(folder, "--rule", "outtage")

    assert done.exit_code == 2
    assert 'did you mean "outage"?' in " ".join(done.stderr.replace("│", "").split())


def test_files_that_cannot_be_used_end_with_1_and_their_faults(folder: Path) -> None:
    (folder / "priority.toml").write_text(PRIORITY.format(plan="silver"))

    done = ran(folder)

    assert done.exit_code == 1
    assert 'error[E111]: "silver" is not known' in done.stderr


def test_json_is_one_object_with_every_problem(folder: Path) -> None:
    (folder / "priority.toml").write_text(PRIORITY.format(plan="basic"))

    done = ran(folder, "--json", "--coverage")

    made = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (made["ok"], made["passed"], made["failed"], made["without_example"]) == (False, 1, 1, [])
    assert [(one["code"], one["file"], one["line"]) for one in made["problems"]] == [
        ("X001", f"{folder}/priority.toml", 8),
        ("X002", f"{folder}/priority.toml", 12),
    ]
    assert ran(folder, "--format", "json", "--coverage").stdout == done.stdout


def test_github_shows_failures_beside_their_lines(folder: Path) -> None:
    (folder / "priority.toml").write_text(PRIORITY.format(plan="basic"))

    done = ran(folder, "--format", "github")

    assert done.stdout.startswith(f"::error file={folder}/priority.toml,line=8,")
    assert done.stdout.count("::error ") == 2


def test_junit_has_a_test_for_each_example(folder: Path) -> None:
    done = ran(folder, "--format", "junit")

    tests = ET.fromstring(done.stdout).findall(".//testcase")  # noqa: S314 -- our own output
    assert [(one.get("classname"), one.get("name")) for one in tests] == [
        ("outage", "of gold"),
        ("outage", "counterexample 1"),
    ]
