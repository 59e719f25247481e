"""`mailgateway rules status`, `reload` and `rollback`, without a daemon and with one that answers."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mailgateway.adapters.files import load_config
from mailgateway.adapters.liveness import Liveness
from mailgateway.cli import app
from mailgateway.cli.rules import live
from mailgateway.daemon.parts import rule_places
from mailgateway.daemon.rules import RulePlaces
from mailgateway.model.rulefiles import Origin, RulesAnswer, RulesRequest, RulesStatus
from tests.app.parts import NOW
from tests.app.rulefolder import PRIORITY, ROUTING, SITE, raising_rule

CONFIG = """\
[smtp]
host = "localhost"
[[mailbox]]
name = "a"
address = "a@example.org"
imap = { host = "imap", user = "a" }
[rules]
folder = "rules"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a folder with a configuration and good rule files."""
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "rules").mkdir()
    write(tmp_path, site=SITE, priority=PRIORITY + raising_rule("first"))
    return tmp_path


def write(site: Path, /, **contents: str) -> None:
    for name, text in contents.items():
        (site / "rules" / f"{name}.toml").write_text(text)


def run(site: Path, *arguments: str) -> Result:
    command = ["-c", str(site / "config.toml"), "rules", *arguments]
    return CliRunner().invoke(app, command, env={"COLUMNS": "200"})


def status(site: Path) -> tuple[int, dict[str, Any]]:
    result = run(site, "status", "--json")
    shown: dict[str, Any] = json.loads(result.stdout)
    return result.exit_code, shown


def places(site: Path) -> RulePlaces:
    found = rule_places(load_config(site / "config.toml"))
    assert found is not None
    return found


def revision(site: Path) -> str:
    return places(site).source.read().revision


# --- without a daemon ------------------------------------------------------------------------------------------


def test_before_the_first_start_nothing_is_known(site: Path) -> None:
    result = run(site, "status")

    assert (result.exit_code, result.stdout.startswith("nothing is known yet")) == (1, True)


def test_without_a_daemon_a_reload_makes_what_the_next_start_takes(site: Path) -> None:
    result = run(site, "reload")
    code, shown = status(site)

    assert (result.exit_code, code) == (0, 0)
    assert result.stdout == f"revision {revision(site)} is in force; the files hold nothing else\n"
    assert result.stderr == "no daemon is running: this is what the next one starts with\n"
    assert (shown["running"], shown["status"]["revision"], shown["status"]["successful"]) == (
        False,
        revision(site),
        True,
    )


def test_files_that_are_refused_are_told_and_end_with_one(site: Path) -> None:
    run(site, "reload")
    good = revision(site)
    write(site, priority="nonsense")

    reloaded, shown = run(site, "reload"), run(site, "status")

    assert (reloaded.exit_code, shown.exit_code, status(site)[0]) == (1, 1, 1)
    assert reloaded.stdout.rstrip().endswith(f"not valid TOML; revision {good} stays in force")
    assert f"in force      {good}" in shown.stdout
    assert f"refused {revision(site)} at " in shown.stdout
    assert "error[" in shown.stdout


def test_a_loss_is_taken_once_it_is_accepted(site: Path) -> None:
    write(site, routing=ROUTING)
    run(site, "reload")
    (site / "rules" / "routing.toml").unlink()

    refused = run(site, "reload")
    waiting = status(site)[1]["pending"]["revision"]
    accepted = run(site, "reload", "--accept")

    assert (refused.exit_code, waiting) == (1, revision(site))
    assert "no rule would be left of: routing" in refused.stdout
    assert (accepted.exit_code, status(site)[1]["status"]["revision"]) == (0, revision(site))


def test_there_must_be_something_to_accept(site: Path) -> None:
    result = run(site, "reload", "--accept")

    assert result.exit_code == 0
    assert result.stderr.startswith("nothing waits to be accepted")


def test_a_rollback_goes_to_the_one_before_and_shows_as_pinned(site: Path) -> None:
    run(site, "reload")
    first = revision(site)
    write(site, priority=PRIORITY + raising_rule("second"))
    run(site, "reload")

    result, (code, shown) = run(site, "rollback"), status(site)

    assert (result.exit_code, result.stdout) == (0, f"revision {first} is in force until the files change\n")
    assert (code, shown["status"]["revision"], shown["pinned"]["revision"]) == (0, first, first)


def test_there_must_be_something_to_go_back_to(site: Path) -> None:
    run(site, "reload")

    result = run(site, "rollback")
    unknown = run(site, "rollback", "00000000")

    assert (result.exit_code, unknown.exit_code) == (1, 1)
    assert result.stderr == "error: there is nothing to go back to: no other revision was in force yet\n"
    assert unknown.stdout == "revision 00000000 is not kept, or its copy is damaged\n"


def test_without_a_folder_the_shipped_rules_are_in_force(site: Path) -> None:
    (site / "config.toml").write_text(CONFIG.replace('[rules]\nfolder = "rules"\n', ""))

    shown, reloaded = run(site, "status"), run(site, "reload")

    assert (shown.exit_code, shown.stdout) == (0, "the shipped rules; [rules] names no folder\n")
    assert (reloaded.exit_code, "the shipped rules are in force" in reloaded.stderr) == (1, True)


# --- with a daemon ---------------------------------------------------------------------------------------------


@contextmanager
def daemon(site: Path, text: str = "") -> Iterator[list[RulesRequest]]:
    """Be a daemon that answers every request with a text, or none where there is no text."""
    found, served, over = places(site), list[RulesRequest](), threading.Event()
    found.prepare()
    marks = Liveness(site / "state" / "owners")
    marks.mark("daemon")

    def serve() -> None:
        while not over.wait(0.01):
            for request in found.requests.requests() if text else ():
                served.append(request)
                found.requests.done(request, RulesAnswer(NOW, done=True, text=text))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield served
    finally:
        over.set()
        thread.join()
        marks.close()


def test_the_running_daemon_is_asked_and_its_answer_printed(site: Path) -> None:
    with daemon(site, "revision 1234abcd is in force") as served:
        result = run(site, "rollback", "1234abcd")

    assert (result.exit_code, result.stdout) == (0, "revision 1234abcd is in force\n")
    assert [request.revision for request in served] == ["1234abcd"]
    assert places(site).keep.revisions() == ()


def test_status_tells_that_a_daemon_runs(site: Path) -> None:
    with daemon(site):
        places(site).notes.write_status(RulesStatus("folder", Origin.SOURCE, "1234abcd", NOW, agreed_at=NOW))
        result = run(site, "status")

    assert (result.exit_code, result.stderr) == (0, "a daemon is running\n")


def test_a_daemon_that_does_not_answer_is_waited_for_and_the_request_taken_back(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ANSWER_S", 0.3)
    with daemon(site):
        result = run(site, "reload")

    assert result.exit_code == 1
    assert "the daemon did not answer within" in result.stderr
    assert places(site).requests.requests() == ()
