"""Rule files of a daemon that really runs: followed, refused, put in force and taken back from another process."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from mailgateway.cli import app
from tests.e2e.clients import new_mail
from tests.e2e.conftest import MakeGateway
from tests.e2e.gateway import Gateway, Setting
from tests.e2e.spawner import ROOT
from tests.servers import PROGRAM_S, Dovecot, SmtpSink


@pytest.fixture
def gateway(make_gateway: MakeGateway, dovecot: Dovecot, smtp_sink: SmtpSink, new_user: Callable[[], str]) -> Gateway:
    return make_gateway(Setting(new_user(), dovecot.imap_port, smtp_sink.port, poll_every_s=0.3))


def command(gateway: Gateway, *arguments: str) -> "subprocess.CompletedProcess[str]":
    run = [sys.executable, "-m", "mailgateway", "--config", str(gateway.config), "rules", *arguments]
    return subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PROGRAM_S)


def status(gateway: Gateway) -> Result:
    """Ask for the status in this process, which is ten times as quick."""
    return CliRunner().invoke(app, ["--config", str(gateway.config), "rules", "status", "--json"])


def revision(gateway: Gateway) -> str:
    found = json.loads(status(gateway).stdout)
    return str((found["status"] or {}).get("revision", ""))


def edit(gateway: Gateway, old: str, new: str) -> None:
    site = gateway.folder / "rules" / "site.toml"
    site.write_text(site.read_text("utf-8").replace(old, new), "utf-8")


def test_a_running_daemon_follows_its_rule_files_and_the_commands(gateway: Gateway, dovecot: Dovecot) -> None:
    process = gateway.start(by_command=True)
    first = gateway.wait_for(lambda: revision(gateway))

    edit(gateway, 'kind     = "question"', 'kind     = "incident"')
    reloaded = command(gateway, "reload")
    second = revision(gateway)
    edit(gateway, "time_zone = ", "time_zon = ")
    process.running.send_signal(signal.SIGHUP)
    refused = gateway.wait_for(lambda: status(gateway).exit_code == 1)
    after_typo = revision(gateway)
    address = gateway.setting.address
    dovecot.deliver(address, new_mail("customer@example.test", address, "Printer"))
    gateway.wait_until_done(1)
    (ticket,) = gateway.store.tickets()
    rolled_back = command(gateway, "rollback")

    assert (reloaded.returncode, refused, rolled_back.returncode) == (0, True, 0), (reloaded, rolled_back)
    assert second != first
    assert after_typo == second
    assert ticket.kind == "incident"
    assert revision(gateway) == first
