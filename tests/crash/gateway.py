"""One gateway of a crash test: a Dovecot mailbox, an SMTP sink, a state folder, and the process that is killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mailgateway.adapters.clock import SystemClock
from mailgateway.adapters.files import load_config
from mailgateway.adapters.store import open_store
from mailgateway.model.ledger import MailState
from tests.crash.faults import KILLED
from tests.invariant import assert_nothing_lost_nothing_twice
from tests.rulebooks import write_rules
from tests.servers.dovecot import Dovecot
from tests.servers.parts import PATIENCE_S
from tests.servers.sink import SmtpSink

ROUNDS = 20
CONFIG = """
[site]
host = "gateway.test"

[state]
database = "{database}"

[[mailbox]]
name = "support"
address = "support@gateway.test"
folders = [{{ name = "INBOX" }}]

[mailbox.imap]
host = "127.0.0.1"
port = {imap_port}
security = "none"
user = "{user}"
password_file = "password"
poll_every_s = 0.2

[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"

[delivery]
first_retry_s = 0.05
longest_retry_s = 0.2

[rules]
folder = "rules"

[limits]
{limits}

[http]
enabled = false
"""


@dataclass(slots=True)
class Forker:
    """The process that runs jobs in forks."""

    process: "subprocess.Popen[str]"

    @classmethod
    def start(cls) -> "Forker":
        """Start it."""
        command = [sys.executable, "-m", "tests.crash.forker"]
        return cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))

    def begin(self, **job: object) -> int:
        """Begin a job; return its process id."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return int(self._answer()["pid"])

    def end(self) -> tuple[int, int]:
        """Wait for the job; return (exit code, moments)."""
        answer = self._answer()
        return answer["exit"], answer["moments"]

    def run(self, **job: object) -> tuple[int, int]:
        """Begin a job and wait for it."""
        self.begin(**job)
        return self.end()

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)
        out: IO[str] | None = self.process.stdout
        if out:
            out.close()

    def _answer(self) -> dict[str, int]:
        assert self.process.stdout is not None
        answer: dict[str, int] = json.loads(self.process.stdout.readline())
        return answer


@dataclass(slots=True)
class CrashingGateway:
    """What one crash test works with."""

    folder: Path
    dovecot: Dovecot
    sink: SmtpSink
    user: str
    forker: Forker
    database: str = ""
    limits: str = ""
    config: Path = field(init=False)
    sunk_before: int = field(init=False)
    put_back_mails: int = 0

    def __post_init__(self) -> None:
        self.config = self.folder / "config.toml"
        self.sunk_before = len(self.sink.mails)
        (self.folder / "password").write_text("secret\n")
        write_rules(self.folder / "rules")
        (self.folder / "password").chmod(0o600)
        self.config.write_text(
            CONFIG.format(
                database=self.database,
                imap_port=self.dovecot.imap_port,
                smtp_port=self.sink.port,
                user=self.user,
                limits=self.limits,
            )
        )

    def fill(self, mails: Sequence[bytes]) -> None:
        """Put mails into the INBOX."""
        with self.dovecot.imap(self.user) as connection:
            for mail in mails:
                connection.append("INBOX", mail)

    def drain(self) -> None:
        """Run rounds without dying until nothing waits; what was claimed by the dead is due again in a moment."""
        for _ in range(ROUNDS):
            self.run(die_at=0)
            if not self.waiting() and not self.put_back():
                return
        raise AssertionError(f"after {ROUNDS} rounds there still wait {self.waiting()}")

    def waiting(self) -> int:
        """Return how many mails and deliveries are not at their end."""
        store = open_store(load_config(self.config).database_url)
        try:
            backlog = store.backlog()
        finally:
            store.close()
        waiting = {**dict(backlog.mails), **dict(backlog.deliveries)}
        return sum(waiting.get(state, 0) for state in ("received", "acknowledged", "queued"))

    def put_back(self) -> int:
        """Do what an operator does with mails that were in the way of three kills; return how many there were.

        Each is listed with the one reason it may have: nothing that died by itself may hide among them.
        """
        store = open_store(load_config(self.config).database_url)
        try:
            aside = store.entries((MailState.ASIDE,))
            assert {entry.reason for entry in aside} <= {"3 attempts never came back"}
            for entry in aside:
                store.retry(entry.id, "admin", SystemClock().now())
        finally:
            store.close()
        self.put_back_mails += len(aside)
        return len(aside)

    def run(self, die_at: int) -> tuple[int, int]:
        """Run one round that dies at a moment; return (exit code, moments)."""
        code, moments = self.forker.run(config=str(self.config), die_at=die_at)
        assert code in {0, KILLED}, (self.folder / "config.toml.log").read_text()
        assert die_at or code == 0
        return code, moments

    def kill(self, pid: int) -> None:
        """End the job the hard way and wait for it."""
        os.kill(pid, signal.SIGKILL)
        self.forker.end()

    def assert_nothing_lost_nothing_twice(self, mails: Sequence[bytes]) -> None:
        """Every distinct mail is one ticket or message, every ticket has one acknowledgement id, INBOX is empty."""
        store = open_store(load_config(self.config).database_url)
        try:
            assert_nothing_lost_nothing_twice(store, mails, self.sink.mails[self.sunk_before :])
        finally:
            store.close()
        assert self.dovecot.mails(self.user) == ()
