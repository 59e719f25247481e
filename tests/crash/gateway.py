"""One gateway of a crash test: a Dovecot mailbox, an SMTP sink, a state folder, and the process that is killed."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mailgateway.adapters.files import load_config
from mailgateway.adapters.store import open_store
from mailgateway.model.ledger import MailState
from tests.crash.faults import KILLED
from tests.servers.dovecot import Dovecot
from tests.servers.sink import SmtpSink, SunkMail

TICKET_ID = re.compile(rb"^Subject: .*?\[(SUP-\d+-[A-Z]{2})\]", re.MULTILINE)
MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]+)>", re.MULTILINE | re.IGNORECASE)
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

[limits]
answers_per_hour = 10000
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
        self.process.wait(10)
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

    def __post_init__(self) -> None:
        self.config = self.folder / "config.toml"
        self.sunk_before = len(self.sink.mails)
        (self.folder / "password").write_text("secret\n")
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
        """Run rounds without dying until all is done; suspects come one to a round's batch, so one round is enough."""
        self.run(die_at=0)

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
        loaded = load_config(self.config)
        store = open_store(loaded.database_url)
        try:
            states = Counter(entry.state for entry in store.entries(limit=100_000))
            tickets = store.tickets(limit=100_000)
            posted = Counter(
                message.message_id
                for ticket in tickets
                for message in store.messages(ticket.number)
                if message.incoming
            )
            backlog = store.backlog()
        finally:
            store.close()
        expected = Counter(MESSAGE_ID.findall(mail)[0].decode() for mail in mails)
        assert posted == Counter(dict.fromkeys(expected, 1))
        assert states[MailState.PROCESSED] == len(expected)
        assert set(states) <= {MailState.PROCESSED, MailState.DUPLICATE}
        assert dict(backlog.deliveries).get("queued", 0) == 0
        self._assert_acknowledged({ticket.ref for ticket in tickets}, self.sink.mails[self.sunk_before :])
        assert self.dovecot.mails(self.user) == ()

    @staticmethod
    def _assert_acknowledged(refs: set[str], sent: Sequence[SunkMail]) -> None:
        ids: dict[str, set[bytes]] = {}
        for mail in sent:
            (ref,) = TICKET_ID.findall(mail.raw)
            ids.setdefault(ref.decode(), set()).update(MESSAGE_ID.findall(mail.raw))
        assert {ref: len(found) for ref, found in ids.items()} == dict.fromkeys(refs, 1)
