"""A configured gateway for tests: a folder with config.toml, mailboxes on a real Dovecot, an SMTP sink."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from mailgateway.adapters.files import load_config
from mailgateway.daemon import Daemon, Parts, open_parts
from tests.servers import Dovecot, SmtpSink, eventually

CONFIG = """
[site]
host = "gateway.test"
[state]
folder = "{state}"
database = "{database}"
blobs = "{folder}/blobs"
keyring = "{folder}/keyring"
[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
[delivery]
first_retry_s = 0.2
[http]
port = 0
[log]
format = "json"
"""
MAILBOX = """
[[mailbox]]
name = "{name}"
address = "{name}@gateway.test"
folders = [{{ name = "INBOX" }}, {{ name = "Junk", acknowledge = false }}]
[mailbox.imap]
host = "127.0.0.1"
port = {port}
security = "none"
user = "{user}"
password_file = "{folder}/password"
idle = {idle}
poll_every_s = {poll_every_s}
"""


@dataclass(slots=True)
class House:
    """Where a gateway lives.

    Attributes:
        users: The account behind each mailbox, by the mailbox's name.
        ports: IMAP ports that are not Dovecot's, by the mailbox's name.
        poll_every_s: Long, so that only IDLE can be quick.
    """

    folder: Path
    dovecot: Dovecot
    sink: SmtpSink
    users: dict[str, str]
    ports: dict[str, int] = field(default_factory=dict)
    database: str = ""
    idle: bool = True
    poll_every_s: float = 600
    more: str = ""

    @property
    def path(self) -> Path:
        return self.folder / "config.toml"

    def write(self, state: str = "state") -> Path:
        """Write config.toml and return its path."""
        (self.folder / "password").write_text("secret\n")
        (self.folder / "password").chmod(0o600)
        text = self.more + CONFIG.format(
            state=state, database=self.database, folder=self.folder, smtp_port=self.sink.port
        )
        for name, user in self.users.items():
            text += MAILBOX.format(
                name=name,
                user=user,
                port=self.ports.get(name, self.dovecot.imap_port),
                folder=self.folder,
                idle=str(self.idle).lower(),
                poll_every_s=self.poll_every_s,
            )
        self.path.write_text(text)
        return self.path

    @contextmanager
    def parts(self, state: str = "state") -> Iterator[Parts]:
        """Open everything and close it in the end."""
        opened = open_parts(load_config(self.write(state)))
        try:
            yield opened
        finally:
            opened.close()

    def deliver(self, *raws: bytes, mailbox: str = "support") -> None:
        for raw in raws:
            self.dovecot.deliver(self.users[mailbox], raw)

    def lie_in(self, folder: str = "INBOX", mailbox: str = "support") -> int:
        return len(self.dovecot.mails(self.users[mailbox], folder))


@contextmanager
def running(parts: Parts, **wrapped: object) -> Iterator[Daemon]:
    """Run a daemon on parts, some of them wrapped, and stop it in the end."""
    daemon = Daemon(replace(parts, **wrapped))  # type: ignore[arg-type]  # wrappers have what the real ones have
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop()


def answered(sink: SmtpSink, count: int) -> Sequence[tuple[str, ...]]:
    """Return the recipients of what went out, once it is so much."""
    return [sent.recipients for sent in sink.wait_for_mails(count)]


def titles(parts: Parts, count: int) -> list[str]:
    """Return the titles of all tickets, once there are so many."""
    eventually(lambda: len(parts.store.tickets(limit=1000)) >= count)
    return sorted(ticket.title for ticket in parts.store.tickets(limit=1000))
