"""Servers started once for a whole test run, however many processes run the tests.

The process that begins the run makes a folder and ends what lies in it; each test process asks for a server, and the
first to ask starts it, under a lock. A server is known by its folder alone, so the others just point at it.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol, TypeVar


class Server(Protocol):
    """What every server here can do."""

    def start(self) -> None:
        """Start it; return once it answers."""

    def stop(self) -> None:
        """Stop it; return once it is gone."""


AnyServer = TypeVar("AnyServer", bound=Server)


def make_run_folder() -> Path:
    """Return a new folder for servers: with a short path, for sockets, and open to the servers' own users."""
    folder = Path(tempfile.mkdtemp(prefix="mgt-", dir="/tmp"))
    folder.chmod(0o755)
    return folder


def shared(run_folder: Path, name: str, make: Callable[[Path], AnyServer]) -> AnyServer:
    """Return the server of that name, started unless another process of this run has done so.

    Raises:
        ServerError: It does not come up. It is tried again for the next who asks.
    """
    with locked(run_folder):
        server = make(run_folder)
        if not (run_folder / f"{name}.running").exists():
            server.start()
            (run_folder / f"{name}.running").touch()
    return server


def end_shared(run_folder: Path, makers: Mapping[str, Callable[[Path], Server]]) -> None:
    """Stop whatever of these servers was started, the last one named first, and remove the folder."""
    with ExitStack() as ending:
        ending.callback(remove, run_folder)
        for name, make in makers.items():
            if (run_folder / f"{name}.running").exists():
                ending.callback(make(run_folder).stop)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock; other processes of this run wait."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove(folder: Path) -> None:
    """Remove a folder of servers that have ended; what a dying child still writes is no reason to fail."""
    shutil.rmtree(folder, ignore_errors=True)
