"""What the tests of the use cases put together: a clock that is set, wrappers around real parts, mails, a gateway."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from mailgateway.adapters.blobs import FolderBlobs
from mailgateway.adapters.clock import SystemClock
from mailgateway.adapters.store import SqlStore, open_store
from mailgateway.app.ports import Lease
from mailgateway.app.process import Processing, process_some
from mailgateway.app.snapshot import Snapshot, snapshot
from mailgateway.config import AgentConfig, Config, ImapAccess, LimitsConfig, MailboxConfig, SmtpAccess
from mailgateway.model.ledger import FetchedMail, LedgerEntry, Location, MailState
from tests.compose.values import TEMPLATES
from tests.factories import KEYRING

NOW = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
SUPPORT = "support@acme.example"
MAILBOX = "support"
OLGA = AgentConfig(id="olga", name="Olga", addresses=("olga@acme.example",))


@dataclass(slots=True)
class SetClock:
    """A clock that stands where a test puts it."""

    at: datetime = NOW
    spread: float = 0.5

    def now(self) -> datetime:
        return self.at

    def jitter(self) -> float:
        return self.spread

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def real_now() -> datetime:
    return SystemClock().now()


class Instead:
    """A real object with some of its methods replaced: how a test makes a part misbehave."""

    def __init__(self, real: object, **methods: Callable[..., Any]) -> None:
        self._real, self._methods = real, methods

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the real one has
        return self._methods.get(name) or getattr(self._real, name)


def raising(error: Exception) -> Callable[..., Any]:
    """Return a function that takes anything and fails."""

    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def mail(
    name: str, *headers: str, sender: str = "Carla <carla@customer.example>", text: str = "It burns.", subject: str = ""
) -> bytes:
    """Return a person's mail; its Message-ID is `<name@customer.example>`, its subject the name where not given."""
    lines = (
        f"From: {sender}",
        f"To: {SUPPORT}",
        f"Subject: {subject or name}",
        f"Message-ID: <{name}@customer.example>",
        f"Date: {format_datetime(NOW)}",
        *headers,
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "",
        text,
        "",
    )
    return "\r\n".join(lines).encode()


def large_mail(name: str, size_bytes: int) -> bytes:
    """Return a mail of at least a size, in lines of 78."""
    return mail(name, text="\r\n".join(f"{number:076d}" for number in range(1 + size_bytes // 78)))


def config(**changes: object) -> Config:
    """Return a configuration with one mailbox, one agent and small limits."""
    plain = Config(
        mailbox=(MailboxConfig(name=MAILBOX, address=SUPPORT, imap=ImapAccess(host="imap.example", user="support")),),
        smtp=SmtpAccess(host="smtp.example"),
        agent=(OLGA,),
    )
    return plain.model_copy(update=changes)


def snapshot_of(written: Config) -> Snapshot:
    return snapshot(written, KEYRING, TEMPLATES)


@dataclass(slots=True)
class Desk:
    """The store, the blobs and a clock, with the steps of a mail up to its end."""

    store: SqlStore
    blobs: FolderBlobs
    url: str
    written: Config = field(default_factory=config)
    clock: SetClock = field(default_factory=SetClock)
    owner: str = "daemon-1"
    ended: list[MailState] = field(default_factory=list)
    uid: int = 0

    def lease(self, mailbox: str = MAILBOX, ttl_s: float = 10_000.0) -> Lease:
        taken = self.store.acquire(mailbox, self.owner, self.clock.now(), ttl_s)
        assert taken is not None
        return taken

    def arrive(self, *raws: bytes, mailbox: str = MAILBOX, **changes: object) -> None:
        """Put mails into the ledger as if they had been fetched and acknowledged."""
        lease = self.lease(mailbox)
        fetched = []
        for raw in raws:
            self.uid += 1
            plain = FetchedMail(Location(mailbox, "INBOX", 7, self.uid), self.clock.now(), len(raw), raw)
            fetched.append(replace(plain, **changes))  # type: ignore[arg-type]  # the fields of FetchedMail
        self.store.receive(lease, fetched)
        self.store.acknowledge(lease, "INBOX", 7, dict.fromkeys(mail.location.uid for mail in fetched))

    def work(self, store: object = None, blobs: object = None, **written: object) -> Processing:
        """Return what processing works with; the store or the blobs can be wrapped."""
        return Processing(
            store=store or self.store,  # type: ignore[arg-type]  # a wrapper has what the real one has
            blobs=blobs or self.blobs,  # type: ignore[arg-type]
            clock=self.clock,
            snapshot=snapshot_of(self.written.model_copy(update=written)),
            ended=self.ended.append,
        )

    def drain(self, work: Processing | None = None, mailbox: str = MAILBOX) -> int:
        """Process until nothing is due; return the number of attempts."""
        work, attempts = work or self.work(), 0
        while begun := process_some(work, self.lease(mailbox)):
            attempts += begun
        return attempts

    def entries(self, *states: MailState) -> tuple[LedgerEntry, ...]:
        """Return the ledger, oldest first."""
        return self.store.entries(states, limit=1000)[::-1]

    def states(self) -> list[MailState]:
        return [entry.state for entry in self.entries()]

    def posts(self, ticket: int) -> list[str]:
        """Return the Message-IDs of what came in on a ticket, in order."""
        return [message.message_id for message in self.store.messages(ticket) if message.incoming]

    def titles(self) -> list[str]:
        return [ticket.title for ticket in sorted(self.store.tickets(), key=lambda ticket: ticket.number)]


def open_desk(url: str, folder: Path, written: Config | None = None) -> Desk:
    return Desk(open_store(url), FolderBlobs(folder / "blobs"), url, written or config())


def small_limits(**changes: int) -> LimitsConfig:
    """Return limits that small mails reach; below what a person may configure."""
    return LimitsConfig().model_copy(update=changes)


def subjects(raws: Sequence[bytes]) -> list[str]:
    return [raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode() for raw in raws]
