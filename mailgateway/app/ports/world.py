"""Time, blobs, the mail server and the way out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol

from mailgateway.model.ledger import RecipientResult


class Clock(Protocol):
    """The time, and waiting."""

    def now(self) -> datetime:
        """Return the present moment, aware, UTC."""

    def jitter(self) -> float:
        """Return a random number, 0 <= x < 1, to spread retries."""


class Blobs(Protocol):
    """Content-addressed storage of what is too large for a row. Durable once a method returns."""

    def put(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store the chunks; return (SHA-256 in hex, size in bytes). Storing the same content twice is free.

        Raises:
            TemporaryError: The disk is full or gone; nothing is left behind.
        """

    def open(self, digest: str) -> BinaryIO:
        """Open a blob for reading.

        Raises:
            NotFoundError: There is none.
        """

    def exists(self, digest: str) -> bool:
        """Return whether the blob is there."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A selected folder (RFC 3501 section 7.3.1, 2.3.1.1)."""

    name: str
    uidvalidity: int
    exists: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail on the server before it is fetched."""

    uid: int
    size_bytes: int
    internaldate: datetime


@dataclass(frozen=True, slots=True)
class PutAway:
    """What became of mails that were taken out of their folder.

    Attributes:
        how: "moved", "copied", or "kept" where the server can do neither.
        folder: The destination.
        uidvalidity: The destination's.
        uids: New UIDs by old ones, as far as the server told them (COPYUID, RFC 4315 section 3).
    """

    how: str
    folder: str = ""
    uidvalidity: int = 0
    uids: Mapping[int, int] = field(default_factory=dict)


class MailServer(Protocol):
    """One connection to one mail account. Not for use by two threads. Any failure closes it."""

    def select(self, folder: str) -> Folder:
        """Select a folder for reading and writing.

        Raises:
            NotFoundError: The folder does not exist.
        """

    def uids(self, after: int = 0) -> tuple[int, ...]:
        """Return the UIDs above `after` in the selected folder, ascending."""

    def listed(self, uids: Sequence[int]) -> tuple[Listed, ...]:
        """Return size and INTERNALDATE for those of the UIDs that still exist, ascending by UID."""

    def fetch(self, uids: Sequence[int]) -> Mapping[int, bytes]:
        """Return whole mails by UID, without touching their flags (BODY.PEEK). Missing UIDs are left out."""

    def fetch_range(self, uid: int, start: int, count: int) -> bytes:
        """Return at most `count` octets of a mail from `start`; b"" at or beyond its end, or where it is gone."""

    def put_away(self, uids: Sequence[int], destination: str) -> PutAway:
        """Take mails out of the selected folder, creating the destination where it is missing.

        MOVE (RFC 6851), else COPY, flag as deleted and UID EXPUNGE (RFC 4315), else they stay and get the keyword
        `$MailgatewayDone`, since a bare EXPUNGE would delete other people's mail.
        """

    def wait(self, timeout_s: float, interrupted: Callable[[], bool]) -> bool:
        """Wait until the selected folder may have something new (IDLE, RFC 2177), at most `timeout_s`.

        `interrupted` is asked at least twice a second; once it is true the wait ends. Where the server has no
        IDLE it returns False at once: the caller polls.

        Returns:
            Whether the server reported something.
        """

    @property
    def can_idle(self) -> bool:
        """Whether `wait` really waits."""

    def close(self) -> None:
        """Log out where possible; never raises."""


class Relay(Protocol):
    """The way out: one SMTP connection, kept between mails. Not for use by two threads."""

    def send(self, envelope_sender: str, recipients: Sequence[str], raw: bytes) -> tuple[RecipientResult, ...]:
        """Hand one mail over and return one result for each recipient, in their order.

        Raises:
            TemporaryError: Nobody was told anything: no connection, no greeting, no login. A connection lost
                after the end of the data was sent counts as temporary too (at least once).
        """

    def close(self) -> None:
        """QUIT where possible; never raises."""
