"""Rule files in a plain folder. Only read; nothing here can be left behind."""

import errno
import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mailgateway.errors import MailgatewayError, RulesChangingError, RulesUnreadableError, TemporaryError
from mailgateway.model.rulefiles import SETTLE_S, TESTS, RuleFiles, counted, is_rule_file, name_fault, size_faults

_PERSONS = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG}
"""Failures that somebody has to mend; the others (a drive that is away) may pass."""

AnyResult = TypeVar("AnyResult")


@dataclass(frozen=True, slots=True)
class _Look:
    """What can be seen of a file without reading it; all zero for a link that leads nowhere."""

    size_bytes: int = 0
    mtime_ns: int = 0
    inode: int = 0


class FolderSource:
    """Fulfils `RuleSource` with the files as they lie in a folder.

    Links (as mounted Kubernetes configuration has them) are followed as long as they stay in the folder.
    """

    settle_s = SETTLE_S

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def described(self) -> str:
        """The kind and the place, in words."""
        return f"folder {self._folder}"

    def fingerprint(self) -> str:
        """Return a digest of name, size, time of change and inode of every file that counts; as `RuleSource` says."""
        looks = self._told(self._look)
        return hashlib.sha256(repr(sorted(looks.items())).encode("utf-8", "backslashreplace")).hexdigest()

    def read(self) -> RuleFiles:
        """Return all files, each as it was before and after all were read; as `RuleSource` says."""
        before = self._told(self._look)
        refuse_unusable(self._folder, {name: look.size_bytes for name, look in before.items()})
        contents, faults = self._told(lambda: self._contents(before))
        if self._told(self._look) != before:
            raise RulesChangingError(f"{self._folder}: the files are being changed")
        if faults:
            raise RulesUnreadableError("\n".join(faults))
        return RuleFiles(tuple(contents.items()))

    def _look(self) -> dict[str, _Look]:
        return {name: _look_at(self._folder / name) for name in counted(listed(self._folder))}

    def _contents(self, looks: Mapping[str, _Look]) -> tuple[dict[str, bytes], list[str]]:
        root = self._folder.resolve(strict=True)
        contents: dict[str, bytes] = {}
        faults = []
        for name, look in looks.items():
            try:
                contents[name] = _content(root, name, look.size_bytes)
            except RulesUnreadableError as error:
                faults.append(str(error))
        return contents, faults

    def _told(self, work: Callable[[], AnyResult]) -> AnyResult:
        """Return what work on the folder gives; turn its failure into words."""
        try:
            return work()
        except OSError as error:
            words = f"{self._folder}: {_folder_words(error)}"
            raise (RulesUnreadableError if error.errno in _PERSONS else TemporaryError)(words) from error


def listed(folder: Path) -> list[str]:
    """Return the names in a folder, and as `tests/...` those in its folder of tests, where it has one."""
    names = os.listdir(folder)  # noqa: PTH208 -- names, not paths
    with suppress(FileNotFoundError, NotADirectoryError):
        names += [f"{TESTS}/{name}" for name in os.listdir(folder / TESTS)]  # noqa: PTH208 -- likewise
    return names


def refuse_unusable(place: object, sizes_bytes: Mapping[str, int]) -> None:
    """Refuse names nobody can print, too much, and nothing at all.

    Args:
        place: Where the files lie, for the words.
        sizes_bytes: The size of each file by its name.

    Raises:
        RulesUnreadableError: With everything that is wrong, a line each.
    """
    faults = [fault for name in sizes_bytes if (fault := name_fault(name))] + list(size_faults(sizes_bytes))
    if not any(map(is_rule_file, sizes_bytes)):
        faults.append('no rule files (*.toml): is it the right folder, is its drive there? "rules init" writes some')
    if faults:
        raise RulesUnreadableError("\n".join(f"{place}: {fault}" for fault in faults))


def _look_at(path: Path) -> _Look:
    try:
        seen = path.stat()
    except OSError:  # gone since it was listed, or a link to nothing: reading will say which
        return _Look()
    return _Look(seen.st_size, seen.st_mtime_ns, seen.st_ino)


def _content(root: Path, name: str, size_bytes: int) -> bytes:
    """Return what is in a file.

    Raises:
        RulesUnreadableError: It is no file, not in the folder or not ours to read.
        RulesChangingError: It is gone, or has another size by now.
    """
    try:
        path = (root / name).resolve(strict=True)
        if not path.is_relative_to(root):
            raise RulesUnreadableError(f"{root / name}: a link that leads out of the folder; put a copy in its place")
        if not path.is_file():
            raise RulesUnreadableError(f"{root / name}: not a file; remove or rename it")
        raw = _read(path, size_bytes)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself, before Python 3.13
        raise _file_trouble(root / name, error) from error
    if len(raw) != size_bytes:
        raise RulesChangingError(f"{root / name}: the file is being written")
    return raw


def _read(path: Path, size_bytes: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # what is a pipe by now must not wait
    with open(descriptor, "rb") as file:  # noqa: PTH123 -- a descriptor, not a path
        return file.read(size_bytes + 1)


def _file_trouble(path: Path, error: OSError | RuntimeError) -> MailgatewayError:
    nowhere = isinstance(error, RuntimeError) or error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
    if nowhere and not path.is_symlink():
        return RulesChangingError(f"{path}: gone since the folder was listed")
    if isinstance(error, RuntimeError) or nowhere:
        return RulesUnreadableError(f"{path}: a link that leads nowhere; remove it, or put a copy in its place")
    words = f"{path}: {error.strerror or error}"
    return RulesUnreadableError(words) if error.errno in _PERSONS else TemporaryError(words)


def _folder_words(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return 'no such folder; make it, or name another one; "rules init" writes a first set of files'
    return error.strerror or str(error)
