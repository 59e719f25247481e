"""Whether another daemon that shares the state folder lives: each holds a lock on a file that dies with it.

A crash frees the lock with the process, so that a restart need not wait for the end of the dead one's leases.
"""

import fcntl
import os
from pathlib import Path


class Liveness:
    """The files of one folder. On a file system without locks, and for owners elsewhere, everybody counts as alive."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}
        self._dead: set[str] = set()

    def mark(self, owner: str) -> None:
        """Say that this process is `owner`, until `close` or its end."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(self._folder / owner, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._held[owner] = file

    def is_dead(self, owner: str) -> bool:
        """Return whether the process of an owner has certainly ended; it stays dead, so its file can go."""
        if owner in self._dead:
            return True
        try:
            file = os.open(self._folder / owner, os.O_RDWR | os.O_CLOEXEC)
        except (OSError, ValueError):
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        else:
            (self._folder / owner).unlink(missing_ok=True)
            self._dead.add(owner)
            return True
        finally:
            os.close(file)

    def is_anybody_alive(self) -> bool:
        """Return whether a process that shares the folder runs, as far as locks can tell."""
        return any(not self.is_dead(file.name) for file in self._folder.glob("*"))

    def close(self) -> None:
        """Take the marks away."""
        for owner, file in self._held.items():
            # The leases were given back, so nobody asks for this owner any more.
            (self._folder / owner).unlink(missing_ok=True)
            os.close(file)
        self._held.clear()
