"""Files with their sums, in a folder or in one tar file: what a backup is made of."""

import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from mailgateway.errors import NotFoundError, PermanentError, TemporaryError

CHUNK_BYTES = 1 << 20
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a backup: its name there, its SHA-256 in hex, its size."""

    name: str
    sha256: str
    size_bytes: int


class Writer(Protocol):
    """A backup that is being made."""

    def add(self, name: str, source: BinaryIO) -> Entry:
        """Copy a whole file in; the sum is of what was read."""


class Reader(Protocol):
    """A backup that is there."""

    def open(self, name: str) -> BinaryIO:
        """Open one of its files.

        Raises:
            NotFoundError: It is not in the backup.
        """


class _Summing(io.RawIOBase):
    """A source that sums what is read from it."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source = source
        self._sum = hashlib.sha256()
        self._size_bytes = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk = self._source.read(size)
        self._sum.update(chunk)
        self._size_bytes += len(chunk)
        return chunk

    def entry(self, name: str) -> Entry:
        """Return what was read, under a name."""
        return Entry(name, self._sum.hexdigest(), self._size_bytes)


class _FolderWriter:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, source: BinaryIO) -> Entry:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
        summing = _Summing(source)
        with _private(path) as file:
            while chunk := summing.read(CHUNK_BYTES):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        return summing.entry(name)


class _TarWriter:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, source: BinaryIO) -> Entry:
        info = tarfile.TarInfo(name)
        info.size = source.seek(0, os.SEEK_END)
        info.mode = _PRIVATE_FILE
        source.seek(0)
        summing = _Summing(source)
        self._tar.addfile(info, summing)
        return summing.entry(name)


def _private(path: Path) -> BinaryIO:
    """Return a new file that its owner alone may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=_PRIVATE_FILE), "wb")


@contextmanager
def new_archive(target: Path) -> Iterator[Writer]:
    """Return a context that makes a backup: a tar file where the name ends in `.tar`, else a folder.

    It appears under its name once it is whole and on the disk; where the context is left by an exception, nothing does.

    Raises:
        PermanentError: Something has the name already.
        TemporaryError: The disk is full or gone.
    """
    if target.exists():
        raise PermanentError(f"{target} exists already; a backup overwrites nothing")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _tar(unfinished) if target.suffix == ".tar" else _folder(unfinished) as writer:
            yield writer
        unfinished.rename(target)
        _sync(target.parent)
    except OSError as error:
        raise TemporaryError(f"cannot write {target}: {error}") from error
    finally:
        _remove(unfinished)


@contextmanager
def _tar(path: Path) -> Iterator[Writer]:
    with _private(path) as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            yield _TarWriter(tar)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _folder(path: Path) -> Iterator[Writer]:
    path.mkdir(mode=_PRIVATE_FOLDER)
    yield _FolderWriter(path)
    for folder in (path, *(one for one in path.rglob("*") if one.is_dir())):
        _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(unfinished: Path) -> None:
    if unfinished.is_dir():
        shutil.rmtree(unfinished)
    elif unfinished.exists():
        unfinished.unlink()


class _FolderReader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, name: str) -> BinaryIO:
        try:
            return (self._folder / name).open("rb")
        except OSError as error:
            raise NotFoundError(f"{name} is not in the backup {self._folder}") from error


class _TarReader:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def open(self, name: str) -> BinaryIO:
        try:
            file = self._tar.extractfile(name)
        except KeyError:
            file = None
        if file is None:
            raise NotFoundError(f"{name} is not in the backup {self._tar.name!s}")
        return io.BufferedReader(file)  # type: ignore[type-var] # IO[bytes] is what it reads from


@contextmanager
def open_archive(source: Path) -> Iterator[Reader]:
    """Return a context that reads a backup, folder or tar file.

    Raises:
        PermanentError: There is neither.
    """
    if source.is_dir():
        yield _FolderReader(source)
        return
    try:
        tar = tarfile.open(source, "r:")  # noqa: SIM115 -- only opening it may fail; it is closed below
    except (OSError, tarfile.TarError) as error:
        raise PermanentError(f"{source} is no backup: {error}") from error
    with tar:
        yield _TarReader(tar)


def sum_of(name: str, file: BinaryIO) -> Entry:
    """Return name, sum and size of an open file, read to its end."""
    summing = _Summing(file)
    while summing.read(CHUNK_BYTES):
        pass
    return summing.entry(name)
