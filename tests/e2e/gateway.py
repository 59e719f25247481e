"""The gateway as an admin runs it: a configuration file and `mailgateway run` in processes of their own."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from mailgateway.adapters.files import load_config
from mailgateway.adapters.store import open_store
from mailgateway.app.ports import Store
from mailgateway.model.ledger import MailState
from tests.e2e.spawner import ROOT, Spawner
from tests.rulebooks import write_rules
from tests.servers.dovecot import PASSWORD
from tests.servers.parts import PATIENCE_S, PROGRAM_S, eventually, tail

STARTED = "daemon.started"
CONFIG = """
[site]
name = "Acme Support"
host = "example.test"

[state]
database = "{database}"
{state}

[[mailbox]]
name = "support"
address = "{address}"
plus_addressing = true
{mailbox}

[mailbox.imap]
host = "127.0.0.1"
port = {imap_port}
security = "{imap_security}"
ca_file = "{ca_file}"
user = "{address}"
password_file = "password"
poll_every_s = {poll_every_s}

[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "{smtp_security}"
ca_file = "{ca_file}"
null_sender = {null_sender}

[delivery]
first_retry_s = 0.2
longest_retry_s = 0.5

[rules]
folder = "rules"

[limits]
{limits}

[http]
port = 0
{agents}
"""
AGENT = """
[[agent]]
id = "{id}"
name = "Anna Berg"
addresses = ["{address}"]
"""
END_STATES = (MailState.PROCESSED, MailState.DUPLICATE, MailState.IGNORED, MailState.ASIDE)
MANY = 100_000

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Setting:
    """What differs between the gateways of the tests.

    Attributes:
        address: The support address, and the account's name.
        imap_port: Of the server, or of a proxy before it.
        smtp_port: Likewise.
        database: A SQLAlchemy URL, "" for SQLite in the state folder.
        ca_file: Of the servers' certificates, "" where all goes without TLS.
        imap_security: How to go to the IMAP server.
        smtp_security: How to go to the relay.
        poll_every_s: Long where IDLE must be what finds a mail.
        null_sender: Whether acknowledgements go with the null sender.
        answers_per_hour: Of one address, None for no limit.
        shipped_guards: Whether the shipped guards stand in its place.
        mailbox: More lines for the table [[mailbox]].
        state: More lines for the table [state].
        limits: More lines for the table [limits].
        agents: Their addresses, by id.
    """

    address: str
    imap_port: int
    smtp_port: int
    database: str = ""
    ca_file: str = ""
    imap_security: str = "none"
    smtp_security: str = "none"
    poll_every_s: float = 600.0
    null_sender: bool = True
    answers_per_hour: int | None = None
    shipped_guards: bool = False
    mailbox: str = ""
    state: str = ""
    limits: str = ""
    agents: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """Return the configuration file."""
        values = {name: getattr(self, name) for name in self.__slots__}
        agents = "".join(AGENT.format(id=name, address=address) for name, address in self.agents)
        return CONFIG.format(**{**values, "agents": agents, "null_sender": str(self.null_sender).lower()})


class Running(Protocol):
    """A process of ours, whoever started it."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""

    def wait(self, timeout: float) -> int | None:
        """Wait for its end; return the exit code."""

    def send_signal(self, number: int) -> None:
        """Send a signal unless it has ended."""


@dataclass(slots=True)
class Process:
    """One `mailgateway run`, from its start until it is stopped or killed."""

    log: Path
    running: Running

    @classmethod
    def start(cls, config: Path, log: Path, spawner: Spawner | None) -> "Process":
        """Start it; return once all its threads run."""
        process = cls(log, spawner.run(config, log) if spawner else _command(config, log))
        eventually(lambda: process.has_said(STARTED) or process.running.poll() is not None, PROGRAM_S)
        assert process.running.poll() is None, tail(log)
        return process

    def has_said(self, event: str) -> bool:
        """Return whether an event stands in the log."""
        return self.log.exists() and event.encode() in self.log.read_bytes()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.running.send_signal(signal.SIGKILL)
        self.running.wait(PATIENCE_S)

    def stop(self) -> None:
        """End it as a supervisor does; it must say that all went well. Nothing happens where it was killed."""
        if self.running.poll() == -signal.SIGKILL:
            return
        self.running.send_signal(signal.SIGTERM)
        try:
            assert self.running.wait(PATIENCE_S) == 0, tail(self.log)
        finally:
            self.kill()

    def peak_bytes(self) -> int:
        """Return the most memory it ever had resident (VmHWM)."""
        status = Path(f"/proc/{self.running.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024


def _command(config: Path, log: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "mailgateway", "--config", str(config), "run"]
    with log.open("wb") as stderr:
        return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr)


@dataclass(slots=True)
class Gateway:
    """A state folder, its configuration, the processes on it, and its database as a test sees it."""

    folder: Path
    setting: Setting
    spawner: Spawner
    processes: list[Process] = field(default_factory=list)
    _store: Store | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir()
        (self.folder / "password").write_text(f"{PASSWORD}\n")
        (self.folder / "password").chmod(0o600)
        self.config.write_text(self.setting.text())
        write_rules(self.folder / "rules", self.setting.answers_per_hour, shipped_guards=self.setting.shipped_guards)

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "config.toml"

    @property
    def store(self) -> Store:
        """The database; a process must have made it before."""
        if self._store is None:
            self._store = open_store(load_config(self.config).database_url)
        return self._store

    def start(self, *, by_command: bool = False) -> Process:
        """Start a daemon, one more where some run; by its command, or quicker as a fork that runs the command."""
        spawner = None if by_command else self.spawner
        process = Process.start(self.config, self.folder / f"log-{len(self.processes)}", spawner)
        self.processes.append(process)
        return process

    def close(self) -> None:
        """Stop whatever runs."""
        if self._store is not None:
            self._store.close()
        for process in self.processes:
            process.stop()

    def wait_for(self, probe: Callable[[], Value], timeout_s: float = PATIENCE_S) -> Value:
        """Return the first true value of a probe.

        Raises:
            AssertionError: There is none in time; the text ends with the logs' tails.
        """
        try:
            return eventually(probe, timeout_s, every_s=0.05)
        except AssertionError as error:
            raise AssertionError("\n".join([str(error), *(tail(process.log) for process in self.processes)])) from None

    def wait_until_done(self, count: int, timeout_s: float = PATIENCE_S) -> None:
        """Wait until so many mails have reached an end and nothing waits to be sent."""
        self.wait_for(lambda: self.ended() >= count and not self.queued(), timeout_s)

    def ended(self) -> int:
        """Return how many mails have reached an end."""
        return len(self.store.entries(END_STATES, limit=MANY))

    def queued(self) -> int:
        """Return how many recipients still wait for their mail."""
        return dict(self.store.backlog().deliveries).get("queued", 0)
