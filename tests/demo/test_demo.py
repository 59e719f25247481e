"""The demo as a newcomer runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mailgateway.__main__ import main as program
from mailgateway.demo import __main__ as demo
from tests.app.filled import Filled
from tests.servers import PROGRAM_S


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, "subprocess.CompletedProcess[str]"]:
    """Run the demo once in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, run_demo(folder)


def run_demo(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "mailgateway.demo"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=PROGRAM_S,
        check=False,
    )


def test_demo_ends_by_itself_and_shows_six_mails(
    played: tuple[Path, "subprocess.CompletedProcess[str]"],
) -> None:
    _, ended = played

    titles = [line.partition("mail ")[2].strip(" ─╮") for line in ended.stdout.splitlines() if line.startswith("╭")]
    assert (ended.returncode, ended.stderr) == (0, "")
    assert titles == [
        "1: a new problem",
        "2: a reply with the ticket ID in its subject",
        "3: a reply without it, but with References",
        "4: an out-of-office answer",
        "5: a stranger who quotes the number",
        "6: two issues in one mail",
    ]


def test_demo_sends_nothing_for_the_out_of_office(played: tuple[Path, "subprocess.CompletedProcess[str]"]) -> None:
    mails = played[1].stdout.split("╭")[1:]

    assert ["went out  nothing" in mail for mail in mails] == [False, False, False, True, False, False]


def test_demo_leaves_a_ticket_with_four_messages_one_of_the_stranger_and_two_of_one_mail(
    played: tuple[Path, "subprocess.CompletedProcess[str]"],
) -> None:
    left = Filled(played[0] / "demo-state")

    def incoming(number: int) -> list[str]:
        (shown,) = left.lines("ticket", "show", str(number))
        return [message["kind"] for message in shown["messages"] if message["incoming"]]

    tickets: list[dict[str, Any]] = left.lines("ticket", "list")
    assert sorted((ticket["number"], ticket["requester_address"]) for ticket in tickets) == [
        (1, "anna@acme.example"),
        (2, "mallory@elsewhere.example"),
        (3, "ben@tools.example"),
        (4, "ben@tools.example"),
    ]
    assert incoming(1) == ["person", "person", "person", "out_of_office"]
    assert incoming(2) == ["person"]


def test_the_three_next_commands_work(played: tuple[Path, "subprocess.CompletedProcess[str]"]) -> None:
    folder, ended = played
    commands = [line.split()[1:] for line in ended.stdout.splitlines()[-3:]]

    codes = [Filled(folder / "demo-state").run(*command[2:]).exit_code for command in commands]

    assert [" ".join(command) for command in commands] == [
        f"-c demo-state/config.toml {words}" for words in ("ticket list", "ticket show 1", "queue list")
    ]
    assert codes == [0, 0, 0]


def test_demo_overwrites_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    codes = [demo.main(), demo.main()]

    assert codes == [0, 0]
    assert len(Filled(tmp_path / "demo-state").lines("queue", "list")) == 6


@pytest.mark.parametrize("config", [None, "[site]\n"], ids=["no configuration", "another configuration"])
def test_demo_refuses_a_folder_that_is_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], config: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    state = tmp_path / "demo-state"
    state.mkdir()
    (state / "precious").write_text("words")
    if config:
        (state / "config.toml").write_text(config)

    code = demo.main()

    assert (code, (state / "precious").read_text()) == (1, "words")
    assert capsys.readouterr() == ("", "error: demo-state exists and is not the demo's; move it away\n")


def test_the_program_runs_as_a_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["mailgateway", "config", "schema"])

    with pytest.raises(SystemExit) as ended:
        program()

    assert ended.value.code in {None, 0}
    assert json.loads(capsys.readouterr().out)
