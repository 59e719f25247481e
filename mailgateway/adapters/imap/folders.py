"""Finding and making folders on servers that name them each in their own way."""

from collections.abc import Mapping
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from mailgateway.adapters.imap.session import Session
from mailgateway.errors import NotFoundError

_UNUSABLE = frozenset({b"\\noselect", b"\\nonexistent"})


def opened(session: Session, name: str, *, readonly: bool = False) -> Mapping[bytes, Any]:
    """Select a folder under whatever name it has on this server; return the answer as imapclient reads it.

    Raises:
        NotFoundError: There is none.
    """
    try:
        return dict(session.select_folder(name, readonly=readonly))
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        found = find(session, spellings(session, name))
        if found is None:
            raise NotFoundError(f"there is no folder {name!r}") from error
        if found == name:
            raise
        return dict(session.select_folder(found, readonly=readonly))


def _namespace(session: Session) -> tuple[str, str]:
    # RFC 2342: where a user's own folders live, such as "INBOX." on servers that keep all of them below INBOX.
    if "NAMESPACE" in session.offers:
        personal = session.namespace().personal
        if personal:
            prefix, delimiter = personal[0]
            return prefix, delimiter or ""
    listed = session.list_folders("", "")  # RFC 3501 section 6.3.8: an empty pattern asks for the delimiter
    delimiter = listed[0][1] if listed else None
    return "", delimiter.decode("ascii") if isinstance(delimiter, bytes) else ""


def spellings(session: Session, name: str) -> tuple[str, ...]:
    """Return how a folder of the configuration may be called on this server, the likeliest place for a new one last.

    The name as it is; then below the user's own prefix, with "/" as the server's delimiter.
    """
    prefix, delimiter = _namespace(session)
    spelled = name.replace("/", delimiter) if delimiter else name
    if not spelled.startswith(prefix):
        spelled = prefix + spelled
    return tuple(dict.fromkeys((name, spelled)))


def find(session: Session, names: tuple[str, ...]) -> str | None:
    """Return the first of the names that is a folder with mails in it, None where none is."""
    return next((name for name in names if _exists(session, name)), None)


def _exists(session: Session, name: str) -> bool:
    # The name may hold "*" or "%", which LIST reads as wildcards: compare what comes back.
    return any(
        found == name and not _UNUSABLE.intersection(flag.lower() for flag in flags)
        for flags, _, found in session.list_folders("", name)
    )
