"""Large mails and attachments as files, named by their content. Nothing here is ever changed or deleted.

Crash guarantee: a blob is there whole under its name, or it is not there; a file that begins with `.new-` is what a
crash left of one that was being written, and is nobody's.
"""

import contextlib
import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from mailgateway.errors import NotFoundError, TemporaryError

_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".new-"


class FolderBlobs:
    """Fulfils `Blobs` with a folder: the content with the digest `abcdef...` is in the file `ab/cdef...`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store the chunks; return (SHA-256 in hex, size in bytes). Storing the same content twice is free.

        Raises:
            TemporaryError: The disk is full or gone; nothing is left behind.
        """
        with _disk_trouble_is_temporary("write a blob"):
            _make_durable_folder(self._folder)
            descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=self._folder)
            unfinished = Path(name)
            try:
                with open(descriptor, "wb") as file:  # noqa: PTH123 -- mkstemp gives a descriptor, no path to open
                    digest, size_bytes = _write(file, chunks)
                    self._keep(file, unfinished, digest)
            finally:
                unfinished.unlink(missing_ok=True)
        return digest, size_bytes

    def open(self, digest: str) -> BinaryIO:
        """Open a blob for reading.

        Raises:
            NotFoundError: There is none.
            TemporaryError: The disk does not answer.
        """
        with _disk_trouble_is_temporary("read a blob"):
            try:
                return self.path(digest).open("rb")
            except FileNotFoundError as error:
                raise NotFoundError(f"there is no blob {digest}") from error

    def exists(self, digest: str) -> bool:
        """Return whether the blob is there."""
        return self.path(digest).is_file()

    def path(self, digest: str) -> Path:
        """Return where a blob lies, or would.

        Raises:
            NotFoundError: The text is no digest, so that no path outside the folder can come of it.
        """
        if not _DIGEST.fullmatch(digest):
            raise NotFoundError(f"{digest!r} is no digest of a blob")
        return self._folder / digest[:2] / digest[2:]

    def _keep(self, file: BinaryIO, unfinished: Path, digest: str) -> None:
        """Give a written file its name, durably; one that is there already is the same."""
        path = self.path(digest)
        if not path.is_file():
            file.flush()
            os.fsync(file.fileno())
            path.parent.mkdir(exist_ok=True, mode=0o700)
            unfinished.rename(path)
        # Also where it was there: another process may have named it and not come to this line yet.
        _sync_folder(path.parent)
        _sync_folder(self._folder)


def _write(file: BinaryIO, chunks: Iterable[bytes]) -> tuple[str, int]:
    sum_, size_bytes = hashlib.sha256(), 0
    for chunk in chunks:
        file.write(chunk)
        sum_.update(chunk)
        size_bytes += len(chunk)
    return sum_.hexdigest(), size_bytes


def _make_durable_folder(folder: Path) -> None:
    """Make a folder where it is missing; its name, too, is on the disk then."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _disk_trouble_is_temporary(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = os.strerror(error.errno) if error.errno else str(error)
        full = " (the disk is full)" if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} else ""
        raise TemporaryError(f"cannot {doing}: {what}{full}") from error
