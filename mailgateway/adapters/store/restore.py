"""The way back from a backup. Everything is checked before anything is written, and nothing is overwritten."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict, ValidationError

from mailgateway.adapters.store.archive import CHUNK_BYTES, Entry, Reader, open_archive, sum_of
from mailgateway.adapters.store.backup import BLOBS, FORMAT, KEYRING, MANIFEST, Place
from mailgateway.adapters.store.copies import copy_name, refuse_existing, restore_database
from mailgateway.adapters.store.engine import sqlite_path
from mailgateway.errors import NotFoundError, PermanentError


class _Manifest(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(frozen=True)

    format: int
    program: str
    database: str
    damaged: tuple[str, ...]
    files: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored.

    Attributes:
        database: Whether the backup had one.
        blobs: How many.
        damaged: Digests of blobs that were damaged when the backup was made; they were left out.
        has_keyring: Whether the backup had one.
    """

    database: bool
    blobs: int
    damaged: tuple[str, ...]
    has_keyring: bool


def restore(place: Place, source: Path) -> RestoreReport:
    """Bring back database, blobs and keyring from a backup.

    The database comes last: where something fails before, no daemon finds one and starts on half of everything.

    Raises:
        PermanentError: It is no backup, a file in it is damaged or missing, it is of another kind of database, or
            something that is there would be overwritten.
        TemporaryError: The database does not answer, or the disk is full.
    """
    with open_archive(source) as archive:
        manifest = _manifest(archive)
        _refuse_other_database(manifest, place.url)
        _check_sums(archive, manifest)
        if manifest.database:
            refuse_existing(place.url)
        _refuse_other_keyring(archive, manifest, place.keyring)
        blobs = _restore_blobs(archive, manifest, place)
        _restore_keyring(archive, manifest, place.keyring)
        if manifest.database:
            _restore_database(archive, manifest.database, place.url)
    return RestoreReport(bool(manifest.database), blobs, manifest.damaged, _has_keyring(manifest))


def _manifest(archive: Reader) -> _Manifest:
    try:
        with archive.open(MANIFEST) as file:
            manifest = _Manifest.model_validate_json(file.read())
    except NotFoundError as error:
        raise PermanentError(f"this is no backup: {error}") from error
    except ValidationError as error:
        raise PermanentError(f"the backup's {MANIFEST} cannot be read") from error
    if manifest.format != FORMAT:
        raise PermanentError(f"the backup was made by mailgateway {manifest.program} in a format this one cannot read")
    return manifest


def _refuse_other_database(manifest: _Manifest, url: str) -> None:
    if manifest.database not in {"", copy_name(url)}:
        raise PermanentError(f"the backup holds {manifest.database}, which cannot become the configured database")


def _check_sums(archive: Reader, manifest: _Manifest) -> None:
    """Read every file of the backup; all that is wrong is told at once."""
    wrong: list[str] = []
    for entry in manifest.files:
        try:
            with archive.open(entry.name) as file:
                found = sum_of(entry.name, file)
        except NotFoundError:
            wrong.append(f"{entry.name} is missing")
        else:
            wrong.extend([f"{entry.name} is damaged"] if found != entry else [])
    if wrong:
        raise PermanentError(f"the backup is not whole: {', '.join(wrong)}")


def _has_keyring(manifest: _Manifest) -> bool:
    return any(entry.name == KEYRING for entry in manifest.files)


def _refuse_other_keyring(archive: Reader, manifest: _Manifest, keyring: Path) -> None:
    if not _has_keyring(manifest) or not keyring.exists():
        return
    with archive.open(KEYRING) as file:
        if file.read() != keyring.read_bytes():
            raise PermanentError(f"{keyring} exists already and has other keys; move it away first")


def _restore_blobs(archive: Reader, manifest: _Manifest, place: Place) -> int:
    names = [entry.name for entry in manifest.files if entry.name.startswith(f"{BLOBS}/")]
    whole = [name for name in names if name.rpartition("/")[2] not in manifest.damaged]
    for name in whole:
        with archive.open(name) as file:
            place.blobs.put(_chunks(file))
    return len(whole)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _restore_keyring(archive: Reader, manifest: _Manifest, keyring: Path) -> None:
    if _has_keyring(manifest) and not keyring.exists():
        keyring.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _extract(archive, KEYRING, keyring.parent).rename(keyring)


def _restore_database(archive: Reader, name: str, url: str) -> None:
    path = sqlite_path(url)
    folder = path.parent if path is not None else Path(tempfile.gettempdir())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy = _extract(archive, name, folder)
    try:
        restore_database(copy, url)
    finally:
        copy.unlink(missing_ok=True)


def _extract(archive: Reader, name: str, folder: Path) -> Path:
    """Return a new file in the folder, readable by its owner alone and on the disk, with a file of the backup."""
    descriptor, text = tempfile.mkstemp(prefix=f".{name}-", dir=folder)
    path = Path(text)
    try:
        with archive.open(name) as file, os.fdopen(descriptor, "wb") as target:
            for chunk in _chunks(file):
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path
