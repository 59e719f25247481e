"""Writing so that a crash leaves the old or the new, on local disks and on network drives.

No links and no locks: a drive mounted from elsewhere may have neither. What is needed is a rename that replaces.
"""

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from mailgateway.errors import TemporaryError

UNFINISHED = ".new-"
PRIVATE, READABLE = 0o600, 0o644
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}  # SMB and some FUSE drives; they do it with the rename


def write_whole(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Put a file in place of what has its name, durably.

    Raises:
        OSError: What was there before is still there.
    """
    aside = path.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
    try:
        write_new(aside, content, mode)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_new(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write a file that is not there yet; its content is on the disk then, its name once the folder is synced."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "wb") as file:  # noqa: PTH123 -- a descriptor, not a path
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder where it is missing; its name, too, is on the disk then."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the drive can do that at all."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)


def sweep(folder: Path, now: datetime, older_than: timedelta, pattern: str = f"{UNFINISHED}*") -> None:
    """Remove what matches and was not touched for some time; what cannot be removed stays."""
    for path in folder.glob(pattern):
        with contextlib.suppress(OSError):
            if now.timestamp() - path.stat().st_mtime > older_than.total_seconds():
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextlib.contextmanager
def disk_trouble_is_temporary(doing: str) -> Iterator[None]:
    """Turn a failure of the file system into words."""
    try:
        yield
    except OSError as error:
        full = " (the disk is full)" if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} else ""
        where = f": {error.filename}" if error.filename else ""
        raise TemporaryError(f"cannot {doing}: {error.strerror or error}{full}{where}") from error
