"""`mailgateway run` as a supervisor sees it: a process that is told by signals and says by its exit code."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mailgateway.adapters.files import LoadedConfig
from mailgateway.cli import app
from mailgateway.cli import run as run_module
from mailgateway.daemon import Parts, open_parts
from tests.app.parts import Instead, mail, raising
from tests.daemon.house import House
from tests.servers import PATIENCE_S, PROGRAM_S, Dovecot, SmtpSink, eventually, free_port


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, new_user: Callable[[], str]) -> House:
    return House(tmp_path, dovecot, smtp_sink, {"support": new_user()})


@dataclass(slots=True)
class Program:
    """The running command and what it has logged."""

    process: "subprocess.Popen[str]"
    log: list[dict[str, Any]] = field(default_factory=list)

    def read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if line.startswith("{"):
                self.log.append(json.loads(line))

    def said(self, event: str, times: int = 1) -> dict[str, Any]:
        """Return the last line of an event, once it was logged so often."""
        eventually(lambda: sum(line["event"] == event for line in self.log) >= times, PROGRAM_S)
        return [line for line in self.log if line["event"] == event][-1]

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@contextmanager
def program(path: Path) -> Iterator[Program]:
    """Run `mailgateway run`, and kill it where it has not ended by then."""
    command = [sys.executable, "-m", "mailgateway", "-c", str(path), "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        started = Program(process)
        reader = threading.Thread(target=started.read)
        reader.start()
        try:
            yield started
        finally:
            process.kill()
            reader.join()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idling_daemon_cleanly_before_its_next_poll(house: House, number: signal.Signals) -> None:
    with program(house.write()) as running:
        running.said("mailbox.first_contact")
        running.said("daemon.started")

        running.tell(number)
        code = running.process.wait(PATIENCE_S)  # the next poll comes after ten minutes

    assert code == 0
    assert running.log[-1]["event"] == "daemon.stopped"


def test_sighup_reads_the_configuration_again_and_a_broken_one_changes_nothing(house: House) -> None:
    with program(house.write()) as running:
        first = running.said("daemon.started")
        good = house.path.read_text()
        house.path.write_text(good + "nonsense = 1\n")
        running.tell(signal.SIGHUP)
        refused = running.said("config.refused")
        house.deliver(mail("m1"))
        house.sink.wait_for_mails(1)

        house.path.write_text('[[agent]]\nid = "olga"\nname = "Olga"\naddresses = ["olga@gateway.test"]\n' + good)
        running.tell(signal.SIGHUP)
        second = running.said("daemon.started", 2)
        house.deliver(mail("m2"))
        sent = house.sink.wait_for_mails(3)

        running.tell(signal.SIGTERM)
        code = running.process.wait(PATIENCE_S)

    assert "nonsense" in refused["problem"]
    assert first["owner"] != second["owner"]
    assert sorted(recipient for one in sent for recipient in one.recipients) == [
        "carla@customer.example",
        "carla@customer.example",
        "olga@gateway.test",
    ]
    assert code == 0


def test_a_state_folder_that_cannot_be_used_is_refused_on_sighup(house: House) -> None:
    with program(house.write()) as running:
        running.said("daemon.started")
        (house.folder / "file").write_text("")
        house.write(state="file/state")
        running.tell(signal.SIGHUP)

        assert "Not a directory" in running.said("config.refused")["problem"]
        running.tell(signal.SIGTERM)
        assert running.process.wait(PATIENCE_S) == 0


def test_a_relay_without_its_password_is_refused_on_sighup(house: House) -> None:
    with program(house.write()) as running:
        running.said("daemon.started")
        house.path.write_text(
            house.path.read_text().replace("[smtp]", '[smtp]\nuser = "us"\npassword_file = "nowhere"')
        )
        running.tell(signal.SIGHUP)

        assert "nowhere" in running.said("config.refused")["problem"]
        running.tell(signal.SIGTERM)
        assert running.process.wait(PATIENCE_S) == 0


def test_a_health_port_that_is_taken_is_refused_on_sighup_and_mail_goes_on(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, program(house.write()) as running:
        running.said("daemon.started")
        port = taken.getsockname()[1]
        good = house.path.read_text()
        house.path.write_text(good.replace("[http]\nport = 0", f"[http]\nport = {port}"))
        running.tell(signal.SIGHUP)
        refused = running.said("config.refused")
        house.deliver(mail("m1"))
        house.sink.wait_for_mails(1)

        house.path.write_text(good)
        running.tell(signal.SIGHUP)
        running.said("daemon.started", 2)
        running.tell(signal.SIGTERM)
        code = running.process.wait(PATIENCE_S)

    assert refused["problem"] == f"the health port 127.0.0.1:{port} cannot be had: Address already in use"
    assert code == 0


def test_a_health_port_is_kept_over_sighup(house: House) -> None:
    path = house.write()
    port = free_port()
    path.write_text(path.read_text().replace("[http]\nport = 0", f"[http]\nport = {port}"))
    with program(path) as running:
        running.said("daemon.started")
        running.tell(signal.SIGHUP)
        second = running.said("daemon.started", 2)
        running.tell(signal.SIGTERM)
        code = running.process.wait(PATIENCE_S)

    assert (second["health_port"], code) == (port, 0)


def test_a_health_port_that_is_taken_ends_the_command_with_1(house: House) -> None:
    path = house.write()
    port = free_port()
    path.write_text(path.read_text().replace("[http]\nport = 0", f"[http]\nport = {port}"))
    with program(path) as first:
        first.said("daemon.started")

        second = subprocess.run(
            [sys.executable, "-m", "mailgateway", "-c", str(path), "run"],
            capture_output=True,
            text=True,
            timeout=PROGRAM_S,
            check=False,
        )

    assert second.returncode == 1
    assert f"the health port 127.0.0.1:{port} cannot be had" in second.stderr
    assert "Traceback" not in second.stderr


def once(house: House) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["-c", str(house.write()), "run", "--once"], env={"COLUMNS": "200"})
    return result.exit_code, result.stderr


def test_once_ends_with_0_where_all_went_well(house: House) -> None:
    house.deliver(mail("m1"))

    code, _ = once(house)

    assert (code, len(house.sink.mails)) == (0, 1)


def test_once_ends_with_1_and_names_the_mailbox_that_could_not_be_polled(house: House) -> None:
    house.ports["support"] = free_port()

    code, words = once(house)

    assert (code, "warning: support: " in words) == (1, True)


def test_once_ends_with_1_where_the_configuration_cannot_be_used(house: House) -> None:
    house.more = "nonsense = 1\n"

    code, words = once(house)

    assert (code, "nonsense" in words) == (1, True)


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put the handlers of this process back in the end."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_a_thread_that_dies_ends_the_command_with_1(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_a_bug(loaded: LoadedConfig) -> Parts:
        parts = open_parts(loaded)
        buggy = Instead(parts.store, begin=raising(ZeroDivisionError("a bug")))
        return replace(parts, store=buggy)  # type: ignore[arg-type]  # a wrapper has what the real one has

    monkeypatch.setattr(run_module, "open_parts", with_a_bug)

    result = CliRunner().invoke(app, ["-c", str(house.write()), "run"])

    assert result.exit_code == 1


@pytest.mark.usefixtures("handlers")
def test_signals_are_heard_in_this_process_too(house: House) -> None:
    telling = threading.Thread(target=lambda: tell_when_polled(house))
    telling.start()

    result = CliRunner().invoke(app, ["-c", str(house.write()), "run"])

    telling.join()
    assert result.exit_code == 0
    assert house.lie_in("Processed") == 1


def tell_when_polled(house: House) -> None:
    """Reload once the first mail was answered, then end; end in any case, so that nobody waits for ever."""
    owners = house.folder / "state" / "owners"
    try:
        house.deliver(mail("m1"))
        house.sink.wait_for_mails(1)
        first = set(owners.iterdir())
        os.kill(os.getpid(), signal.SIGHUP)
        eventually(lambda: set(owners.iterdir()) - first)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
