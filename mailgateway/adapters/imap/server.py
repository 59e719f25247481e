"""`MailServer` on one IMAP connection."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from mailgateway.adapters.imap import folders
from mailgateway.adapters.imap.copyuid import new_places
from mailgateway.adapters.imap.session import PROTOCOL_ERRORS, Session, drop, errors_of, open_session
from mailgateway.app.ports import Folder, Listed, PutAway
from mailgateway.config import ImapAccess
from mailgateway.errors import MailgatewayError, NotFoundError, TemporaryError, one_line

DONE_KEYWORD: Final = "$MailgatewayDone"
"""What a mail gets that we are through with and cannot take out of its folder."""
_UIDS_A_COMMAND = 500  # keeps a line below the 8,192 octets of RFC 7162 section 4
_REISSUE_IDLE_S = 28 * 60.0  # RFC 2177: at least every 29 minutes
_LOOK_UP_S = 0.4  # how long a wait does not ask whether it is interrupted
_LOGOUT_S = 2.0


Way = Callable[[Session, Sequence[int], str], None]
"""How mails are taken into a folder."""

log = structlog.get_logger()


def connect(access: ImapAccess, password: str) -> "ImapServer":
    """Return a connection that is logged in, with TLS as the access wants it.

    Raises:
        TemporaryError: Not now.
        PermanentError: A person must change something (certificate, STARTTLS, user, password); the text says what.
            The daemon backs off from it as from a passing failure, since even these may heal by themselves.
    """
    return ImapServer(access, open_session(access, password))


class ImapServer:
    """One connection to one mail account. Not for use by two threads. Any failure but NotFoundError closes it.

    Everything is by UID. A response that does not carry what was asked for is unsolicited and passed over.
    """

    def __init__(self, access: ImapAccess, session: Session) -> None:
        self._access = access
        self._session = session
        self._open = True
        self._keywords = False
        self._destinations: dict[str, str] = {}

    @contextmanager
    def _conversation(self) -> Iterator[Session]:
        try:
            with errors_of(self._access):
                if not self._open:
                    raise TemporaryError("the connection is closed")
                yield self._session
        except NotFoundError:
            raise
        except MailgatewayError:
            self._open = False
            drop(self._session)
            raise

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server can do for this user, in upper case."""
        return self._session.offers

    @property
    def can_idle(self) -> bool:
        """Whether `wait` really waits."""
        return self._access.idle and "IDLE" in self.capabilities

    def select(self, folder: str) -> Folder:
        """Select a folder for reading and writing, by its name or by its name below the user's own prefix.

        Raises:
            NotFoundError: The folder does not exist; the connection stays usable.
        """
        with self._conversation() as session:
            answer = folders.opened(session, folder)
            self._keywords = takes_keywords(answer)
            session.wire.forget_news()
            return Folder(folder, answer[b"UIDVALIDITY"], answer.get(b"EXISTS", 0))

    def uids(self, after: int = 0) -> tuple[int, ...]:
        """Return the UIDs above `after` in the selected folder, ascending."""
        with self._conversation() as session:
            session.wire.forget_news()  # what comes from now on is news for `wait`
            found = session.search(["UID", f"{after + 1}:*"])
        # RFC 3501 section 6.4.8: n:* always holds the last mail, also where its UID is below n.
        return tuple(sorted({uid for uid in found if uid > after}))

    def _fetched(self, uids: Sequence[int], items: Sequence[str]) -> dict[int, Mapping[bytes, object]]:
        with self._conversation() as session:
            found: dict[int, Mapping[bytes, object]] = {}
            for chunk in _chunks(uids):
                found.update(session.fetch(chunk, items))
        return found

    def listed(self, uids: Sequence[int]) -> tuple[Listed, ...]:
        """Return size and INTERNALDATE for those of the UIDs that still exist, ascending by UID.

        A date that cannot be read becomes the present moment, so that the mail is not passed over for ever.
        """
        fetched = self._fetched(uids, ("RFC822.SIZE", "INTERNALDATE"))
        return tuple(
            Listed(uid, size, arrival(values[b"INTERNALDATE"]))
            for uid, values in sorted(fetched.items())
            if isinstance(size := values.get(b"RFC822.SIZE"), int) and b"INTERNALDATE" in values
        )

    def fetch(self, uids: Sequence[int]) -> Mapping[int, bytes]:
        """Return whole mails by UID, without touching their flags (BODY.PEEK). Missing UIDs are left out.

        Raises:
            TemporaryError: A mail came shorter than it is.
        """
        mails: dict[int, bytes] = {}
        for uid, values in self._fetched(uids, ("RFC822.SIZE", "BODY.PEEK[]")).items():
            raw, size = values.get(b"BODY[]"), values.get(b"RFC822.SIZE")
            if not isinstance(raw, bytes) or (not raw and size):
                continue  # unsolicited, or removed by somebody else in this moment
            if isinstance(size, int) and len(raw) < size:
                self._check_end(uid, len(raw))
            mails[uid] = raw
        return mails

    def _check_end(self, uid: int, size_bytes: int) -> None:
        # Some servers only estimate RFC822.SIZE. Whether a shorter mail is whole shows in what lies behind it.
        if self.fetch_range(uid, size_bytes, 1):
            with self._conversation():
                raise TemporaryError(f"the mail with UID {uid} came without its end")

    def fetch_range(self, uid: int, start: int, count: int) -> bytes:
        """Return at most `count` octets of a mail from `start`; b"" at or beyond its end, or where it is gone."""
        values = self._fetched((uid,), (f"BODY.PEEK[]<{start}.{count}>",)).get(uid, {})
        part = values.get(f"BODY[]<{start}>".encode("ascii"))
        if not isinstance(part, bytes):
            return b""
        if len(part) > count:
            with self._conversation():
                raise TemporaryError(f"asked for {count} bytes of UID {uid}, got {len(part)}")
        return part

    def put_away(self, uids: Sequence[int], destination: str) -> PutAway:
        """Take mails out of the selected folder, creating the destination where it is missing.

        MOVE (RFC 6851), else COPY, flag as deleted and UID EXPUNGE (RFC 4315), else they stay and get the keyword
        `$MailgatewayDone` where the folder takes keywords, since a bare EXPUNGE would delete other people's mail. They
        stay too where the server refuses (no right, no room): they are safe here, and the next ones must not wait.
        """
        if "MOVE" in self.capabilities:
            how, way = "moved", _move
        elif "UIDPLUS" in self.capabilities:
            how, way = "copied", _copy
        else:
            return self._keep(uids)
        with self._conversation() as session:
            session.taken_copyuid()
            problem = self._refused(session, uids, destination, way)
            uidvalidity, places = new_places(session.taken_copyuid())
        if problem:
            log.warning("mails.not_moved", destination=destination, mails=len(uids), problem=problem)
            return self._keep(uids)
        return PutAway(how, destination, uidvalidity, places)

    def _refused(self, session: Session, uids: Sequence[int], destination: str, way: Way) -> str:
        """Take mails out of the folder; return why the server does not want to, "" where it did."""
        try:
            for chunk in _chunks(uids):
                self._into(session, chunk, destination, way)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            return one_line(error)
        return ""

    def _keep(self, uids: Sequence[int]) -> PutAway:
        with self._conversation() as session:
            for chunk in _chunks(uids if self._keywords else ()):
                session.add_flags(chunk, DONE_KEYWORD, silent=True)
        return PutAway("kept")

    def _into(self, session: Session, uids: Sequence[int], destination: str, way: Way) -> None:
        try:
            way(session, uids, self._destination(session, destination))
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            # RFC 3501 section 6.4.7: the folder is gone since we looked, and making it would help.
            if "[TRYCREATE]" not in str(error).upper():
                raise
            del self._destinations[destination]
            way(session, uids, self._destination(session, destination))

    def _destination(self, session: Session, name: str) -> str:
        """Return what the destination is called on the server; it exists."""
        if name not in self._destinations:
            names = folders.spellings(session, name)
            self._destinations[name] = folders.find(session, names) or _create(session, names[-1])
        return self._destinations[name]

    def wait(self, timeout_s: float, interrupted: Callable[[], bool]) -> bool:
        """Wait until the selected folder may have something new (IDLE, RFC 2177), at most `timeout_s`.

        `interrupted` is asked at least twice a second; once it is true the wait ends. Where the server has no IDLE
        it returns False at once: the caller polls. What the server reported since the last `uids` counts too.

        Returns:
            Whether the server reported something.
        """
        if not self.can_idle:
            return False
        ends_at = time.monotonic() + timeout_s
        with self._conversation() as session:
            news = False
            while not news and not interrupted() and (left := ends_at - time.monotonic()) > 0:
                news = _idle(session, min(left, _REISSUE_IDLE_S), interrupted)
            return news

    def close(self) -> None:
        """Log out where possible; never raises."""
        if not self._open:
            return
        self._open = False
        with suppress(*PROTOCOL_ERRORS):
            self._session.wire.sock.settimeout(_LOGOUT_S)
            self._session.logout()
        drop(self._session)


def _chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), _UIDS_A_COMMAND):
        yield uids[start : start + _UIDS_A_COMMAND]


def takes_keywords(answer: Mapping[bytes, Any]) -> bool:
    """Return whether a folder takes `$MailgatewayDone`, from the answer to SELECT."""
    flags = {flag.lower() for flag in answer.get(b"PERMANENTFLAGS", ())}
    # RFC 3501 section 7.1: "\*" means that new keywords may be made.
    return b"\\*" in flags or DONE_KEYWORD.lower().encode("ascii") in flags


def arrival(internaldate: object) -> datetime:
    """Return an INTERNALDATE in UTC; the present moment where it is none."""
    now = datetime.now(UTC)
    if not isinstance(internaldate, datetime):
        return now
    try:
        return internaldate.replace(tzinfo=internaldate.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return now


def _move(session: Session, uids: Sequence[int], destination: str) -> None:
    session.move(uids, destination)


def _copy(session: Session, uids: Sequence[int], destination: str) -> None:
    session.copy(uids, destination)
    session.add_flags(uids, b"\\Deleted", silent=True)
    session.uid_expunge(uids)


def _create(session: Session, name: str) -> str:
    try:
        session.create_folder(name)
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        # Somebody else may have made it in this moment.
        if folders.find(session, (name,)) is None:
            raise
    with suppress(IMAPClientError):
        session.subscribe_folder(name)  # so that mail programs show it; not every server has subscriptions
    return name


def _idle(session: Session, timeout_s: float, interrupted: Callable[[], bool]) -> bool:
    """Idle once; return whether the server reported a mail. DONE is always sent and answered."""
    ends_at = time.monotonic() + timeout_s
    wire = session.wire
    tag = wire.begin_idle()
    news = wire.has_news
    while not news and not interrupted() and (left := ends_at - time.monotonic()) > 0:
        news = wire.reported_within(min(left, _LOOK_UP_S))
    wire.end_idle(tag)
    return news
