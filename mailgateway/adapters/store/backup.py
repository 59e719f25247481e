"""Backup and restore: database, blobs and keyring together, with the sum of every file.

A backup is consistent while a daemon writes: the database is copied first, and the blobs it names were there before
the rows that name them and are never deleted.
"""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import sqlalchemy as sa

from mailgateway import __version__
from mailgateway.adapters.store.archive import Entry, Writer, new_archive
from mailgateway.adapters.store.copies import can_copy, copy_database, copy_name
from mailgateway.adapters.store.engine import Database, engine_for, sqlite_path
from mailgateway.adapters.store.schema import status
from mailgateway.adapters.store.tables import attachment, mail
from mailgateway.app.ports import Blobs
from mailgateway.errors import NotFoundError, PermanentError

FORMAT = 1
MANIFEST, KEYRING, BLOBS = "MANIFEST.json", "keyring", "blobs"

_MAIL_BLOBS = sa.select(mail.c.blob).where(mail.c.blob != sa.literal_column("''")).distinct()
_FILES = sa.select(attachment.c.digest).where(attachment.c.digest != sa.literal_column("''")).distinct()


@dataclass(frozen=True, slots=True)
class Place:
    """What a backup is made of, or goes back to.

    Attributes:
        url: The database's.
        blobs: Where large mails and attachments are.
        keyring: The file with the signing keys.
    """

    url: str
    blobs: Blobs
    keyring: Path


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds.

    Attributes:
        target: Where it is.
        database: What the copy of the database is called in it, "" where it has none (PostgreSQL without pg_dump).
        blobs: How many.
        size_bytes: Of everything.
        missing: Digests of mails whose bytes are not in the blob store.
        damaged: Digests of blobs whose content is another; they are in the backup as they are.
        has_keyring: Whether there was one.
    """

    target: str
    database: str
    blobs: int
    size_bytes: int
    missing: tuple[str, ...]
    damaged: tuple[str, ...]
    has_keyring: bool


def backup(place: Place, target: Path, made_at: datetime) -> BackupReport:
    """Make a backup: a tar file where the name ends in `.tar`, else a folder.

    Raises:
        PermanentError: The target exists, the database is not ours or is damaged.
        TemporaryError: The database cannot be read, or the disk is full; nothing is left behind.
    """
    path = sqlite_path(place.url)
    if path is not None and not path.exists():
        raise PermanentError(f"there is no database {path}")
    found = status(place.url)
    if not found.current:
        raise PermanentError("the database is empty: there is nothing to back up")
    with new_archive(target) as archive, tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
        entries, named = _add_database(place, archive, Path(scratch) / copy_name(place.url))
        blobs, missing, damaged = _add_blobs(place.blobs, archive, named)
        keys = _add_keyring(place.keyring, archive)
        files = (*entries, *blobs, *keys)
        manifest = {
            "format": FORMAT,
            "program": __version__,
            "schema": found.current,
            "made_at": made_at.isoformat(),
            "database": entries[0].name if entries else "",
            "missing": missing,
            "damaged": damaged,
            "files": [asdict(entry) for entry in files],
        }
        archive.add(MANIFEST, BytesIO(json.dumps(manifest, indent=1).encode()))
    return BackupReport(
        target=str(target),
        database=entries[0].name if entries else "",
        blobs=len(blobs),
        size_bytes=sum(entry.size_bytes for entry in files),
        missing=missing,
        damaged=damaged,
        has_keyring=bool(keys),
    )


@dataclass(frozen=True, slots=True)
class _Named:
    """Digests the database names: of mails, which must be there, and of files, of which only large ones are."""

    mails: tuple[str, ...]
    files: tuple[str, ...]


def _add_database(place: Place, archive: Writer, copy: Path) -> tuple[tuple[Entry, ...], _Named]:
    if not can_copy(place.url):
        return (), _named(place.url)
    copy_database(place.url, copy)
    with copy.open("rb") as file:
        entry = archive.add(copy.name, file)
    # On PostgreSQL the database itself is asked, later than it was dumped: it names all that the dump does.
    return (entry,), _named(place.url if sqlite_path(place.url) is None else f"sqlite:///{copy}")


def _named(url: str) -> _Named:
    database = Database(engine_for(url))
    try:
        with database.read() as connection:
            mails = tuple(sorted(connection.execute(_MAIL_BLOBS).scalars()))
            files = tuple(sorted(set(connection.execute(_FILES).scalars()) - set(mails)))
    finally:
        database.close()
    return _Named(mails, files)


def _add_blobs(
    blobs: Blobs, archive: Writer, named: _Named
) -> tuple[tuple[Entry, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the blobs that were added, the digests of those that are missing, and of those that are damaged."""
    entries: list[Entry] = []
    for digest in (*named.mails, *named.files):
        try:
            with blobs.open(digest) as file:
                entries.append(archive.add(f"{BLOBS}/{digest}", file))
        except NotFoundError:
            continue
    added = {entry.name.rpartition("/")[2] for entry in entries}
    missing = tuple(digest for digest in named.mails if digest not in added)
    return tuple(entries), missing, _damaged(entries)


def _damaged(entries: Sequence[Entry]) -> tuple[str, ...]:
    digests = [(entry.name.rpartition("/")[2], entry.sha256) for entry in entries]
    return tuple(digest for digest, found in digests if digest != found)


def _add_keyring(keyring: Path, archive: Writer) -> tuple[Entry, ...]:
    if not keyring.is_file():
        return ()
    with keyring.open("rb") as file:
        return (archive.add(KEYRING, file),)
