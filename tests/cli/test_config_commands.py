"""The program's frame, and the commands `config` and `keys`."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mailgateway import __version__
from mailgateway.cli import app
from mailgateway.cli.output import print_fields, print_json, print_table
from mailgateway.config import config_schema

GOOD = """\
[smtp]
host = "localhost"
[[mailbox]]
name = "a"
address = "a@x.example"
imap = { host = "imap", user = "a" }
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(GOOD)
    return path


def run(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200", **environment})


def test_check_of_a_good_file_says_fine(path: Path) -> None:
    result = run("-c", path, "config", "check")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{path}: fine: 1 mailbox, 0 agents\n")


def test_check_of_a_bad_file_prints_every_fault_and_ends_with_1(path: Path) -> None:
    path.write_text(GOOD + "usr = 1\n[log]\nlevel = 3\n")

    result = run("--config", path, "config", "check")

    assert (result.exit_code, result.stdout) == (1, "")
    assert f"--> {path}:9:9" in result.stderr
    assert result.stderr.count("error[") == 2
    assert "Traceback" not in result.stderr


def test_check_prints_warnings_and_still_ends_with_0(path: Path) -> None:
    path.write_text(GOOD + "[state]\ndatabase = 'postgresql://u:hunter2@db/g'\n")

    result = run("-c", path, "config", "check")

    assert result.exit_code == 0
    assert "warning[W003]" in result.stderr
    assert "1 warning" in result.stderr
    assert "hunter2" not in result.stderr


def test_check_as_json_is_one_object_with_every_fault(path: Path) -> None:
    path.write_text(GOOD + "[log]\nlevl = 3\n")

    result = run("-c", path, "config", "check", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "file": str(path),
        "ok": False,
        "diagnostics": [
            {
                "severity": "error",
                "code": "E010",
                "message": 'unknown key "levl"',
                "label": 'not known in "log"',
                "file": str(path),
                "line": 8,
                "column": 1,
                "length": 4,
                "help": ['did you mean "level"?', "known here: format, level"],
                "marks": [],
            }
        ],
    }


def test_check_as_json_of_a_good_file(path: Path) -> None:
    result = run("-c", path, "config", "check", "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (0, {"file": str(path), "ok": True, "diagnostics": []})


def test_check_as_json_of_a_missing_file(tmp_path: Path) -> None:
    result = run("-c", tmp_path / "nowhere.toml", "config", "check", "--json")

    found = json.loads(result.stdout)
    assert (result.exit_code, found["ok"], found["diagnostics"]) == (1, False, [])
    assert "nowhere.toml: no such file" in found["error"]


def test_file_is_named_by_the_environment_where_no_option_does(path: Path) -> None:
    assert run("config", "check", MAILGATEWAY_CONFIG=str(path)).exit_code == 0


def test_missing_file_is_one_message_and_exit_code_1(tmp_path: Path) -> None:
    result = run("-c", tmp_path / "nowhere.toml", "config", "show")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {tmp_path}/nowhere.toml: no such file")


def test_schema_is_that_of_the_models() -> None:
    assert json.loads(run("config", "schema").stdout) == config_schema()


def test_show_as_json_holds_defaults_and_covers_passwords(path: Path) -> None:
    path.write_text(GOOD + "[state]\ndatabase = 'postgresql://u:hunter2@db/g'\n")

    shown = json.loads(run("-c", path, "config", "show", "--json").stdout)

    assert shown["state"]["database"] == "postgresql://u:***@db/g"
    assert shown["state"]["folder"] == str(path.parent / "state")
    assert (shown["mailbox"][0]["imap"]["port"], shown["log"]["level"]) == (993, "info")


def test_show_tells_what_is_a_default(path: Path) -> None:
    lines = [line.split() for line in run("-c", path, "config", "show").stdout.splitlines()]

    assert ["smtp.host", "localhost"] in lines
    assert ["smtp.port", "465", "default"] in lines
    assert ["mailbox.0.imap.idle", "true", "default"] in lines


def test_keys_are_rotated_and_listed_without_their_secrets(path: Path) -> None:
    keyring = path.parent / "state/keyring"
    keyring.parent.mkdir()
    keyring.write_text("a 00ff\n")
    keyring.chmod(0o600)

    rotated = run("-c", path, "keys", "rotate", "--json")
    listed = run("-c", path, "keys", "list")

    assert [json.loads(line) for line in rotated.stdout.splitlines()] == [
        {"id": "b", "signs": True},
        {"id": "a", "signs": False},
    ]
    assert [line.split() for line in listed.stdout.splitlines()] == [["id"], ["b", "signs"], ["a", "verifies"]]
    secrets = [line.split()[1] for line in keyring.read_text().splitlines() if not line.startswith("#")]
    assert not any(secret in rotated.output + listed.output for secret in secrets)


def test_list_without_keyring_ends_with_1(path: Path) -> None:
    result = run("-c", path, "keys", "list")

    assert (result.exit_code, result.stderr) == (1, f"error: {path.parent}/state/keyring: No such file or directory\n")


def test_version_is_shown() -> None:
    assert run("--version").stdout == f"mailgateway {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["confg"], ["config", "chek"], ["config", "check", "--jsn"], ["config", "check", "x"]]
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")


def test_every_command_has_a_help_page() -> None:
    assert run("--help").exit_code == 0
    assert [run(*names, "--help").exit_code for names in (["config"], ["config", "check"], ["keys", "rotate"])] == [
        0,
        0,
        0,
    ]


def in_a_process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "COVERAGE_PROCESS_START"}}
    return subprocess.run(
        [sys.executable, "-m", "mailgateway", *arguments], env=inherited | environment, capture_output=True, check=False
    )


def test_program_runs_where_the_terminal_knows_ascii_alone(path: Path) -> None:
    path.write_text(GOOD + '[site]\nname = "Zürich"\n', encoding="utf-8")
    ascii_alone = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}

    shown = in_a_process("-c", path, "config", "show", **ascii_alone)
    as_json = in_a_process("-c", path, "config", "show", "--json", **ascii_alone)

    assert b"Z\\xfcrich" in shown.stdout
    assert json.loads(as_json.stdout)["site"]["name"] == "Zürich"
    assert (shown.returncode, as_json.returncode, shown.stderr) == (0, 0, b"")


def test_output_of_a_process_has_no_colours(path: Path) -> None:
    path.write_text("x")

    result = in_a_process("-c", path, "config", "check", TERM="xterm-256color")

    assert result.returncode == 1
    assert b"error[E001]" in result.stderr
    assert b"\x1b" not in result.stderr


class Kind(StrEnum):
    PERSON = "person"


@dataclass(frozen=True)
class Thing:
    at: datetime
    kind: Kind
    tags: tuple[str, ...]
    of: frozenset[str]
    path: Path


THING = Thing(datetime(2026, 1, 2, tzinfo=UTC), Kind.PERSON, ("a", "b\x1b[2J"), frozenset({"y", "x"}), Path("p"))


def test_values_are_printed_as_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(THING, {"bad": "\ud800"})

    first, second = capsys.readouterr().out.splitlines()
    assert json.loads(first) == {
        "at": "2026-01-02T00:00:00+00:00",
        "kind": "person",
        "tags": ["a", "b\x1b[2J"],
        "of": ["x", "y"],
        "path": "p",
    }
    assert json.loads(second) == {"bad": "\ud800"}


def test_tables_cannot_steer_a_terminal_and_keep_every_word_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("a", "b"), [(THING.tags, None), ("[bold]" + "x" * 300, 7)])
    print_fields({"kind": THING.kind, "text": "\x1b[31m"})

    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "a, b\\x1b[2J" in out
    assert "[bold]" + "x" * 300 in out
    assert [line.split() for line in out.splitlines()[-2:]] == [["kind", "person"], ["text", "\\x1b[31m"]]
