"""A look at an account for `mailgateway doctor`: logs in, reads, changes nothing."""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime

from mailgateway.adapters.imap import folders
from mailgateway.adapters.imap.server import DONE_KEYWORD, arrival, takes_keywords
from mailgateway.adapters.imap.session import Session, drop, errors_of, open_session
from mailgateway.app.doctor import FolderSeen, MailboxSeen
from mailgateway.config import ImapAccess
from mailgateway.errors import NotFoundError

_LOOKED_AT = 500
"""The oldest mail is looked for among so many with the lowest UIDs."""


def examine(access: ImapAccess, password: str, polled: Sequence[str], destinations: Sequence[str]) -> MailboxSeen:
    """Return what an account is like.

    Folders are opened read-only, but for the first one where the server can neither move nor expunge by UID: whether it
    takes keywords shows only in one opened for writing.

    Args:
        access: Where.
        password: For the user.
        polled: The names of folders, as configured.
        destinations: Likewise.

    Raises:
        TemporaryError: Not now.
        PermanentError: A person must change something; the text says what.
    """
    session = open_session(access, password)
    try:
        with errors_of(access):
            keeps = not {"MOVE", "UIDPLUS"} & session.offers
            return MailboxSeen(
                certificate_until=_certificate_end(session),
                capabilities=session.offers,
                folders=tuple(_folder(session, name) for name in polled),
                destinations=tuple(FolderSeen(name, _is_there(session, name)) for name in destinations),
                takes_keywords=not keeps or takes_keywords(folders.opened(session, polled[0])),
            )
    finally:
        drop(session)


def _certificate_end(session: Session) -> datetime | None:
    sock = session.wire.sock
    if not isinstance(sock, ssl.SSLSocket):
        return None
    shown = sock.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


def _folder(session: Session, name: str) -> FolderSeen:
    try:
        folders.opened(session, name, readonly=True)
    except NotFoundError:
        return FolderSeen(name, exists=False)
    waiting = sorted(session.search(["UNKEYWORD", DONE_KEYWORD]))
    dates = session.fetch(waiting[:_LOOKED_AT], ["INTERNALDATE"])
    oldest = min((arrival(values.get(b"INTERNALDATE")) for values in dates.values()), default=None)
    return FolderSeen(name, exists=True, waiting=len(waiting), oldest=oldest)


def _is_there(session: Session, name: str) -> bool:
    return folders.find(session, folders.spellings(session, name)) is not None
