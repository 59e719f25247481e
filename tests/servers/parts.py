"""What the throw-away servers have in common: ports, templates, programs, waiting, and errors with a log tail."""

import json
import os
import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

TEMPLATES = Path(__file__).parent
HOST = "127.0.0.1"
PORTS = range(20_000, 32_000)  # below the kernel's own choice, so that a stopped server finds its port free again
START_TIMEOUT_S = 60.0
PATIENCE_S = 40.0
"""So long a test waits for what comes at once on an idle machine; less than what would come by itself takes, such as
the end of a lease (45 s) or the next poll (600 s)."""
PROGRAM_S = 120.0
"""Likewise for a run of the program in a process of its own, which takes seconds on an idle machine."""
LOG_TAIL_LINES = 30

T = TypeVar("T")


class ServerError(Exception):
    """A throw-away server did not do what it was told; the text ends with the tail of its log."""


def free_port() -> int:
    """Return a port of the loopback address nobody listens on just now."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ServerError("no free port on the loopback address")


def ports_of(folder: Path, *names: str) -> Mapping[str, int]:
    """Return the ports of the server that lives in a folder, chosen at the first call and kept in the folder."""
    kept = folder / "ports.json"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # the servers' own users must get in
        kept.write_text(json.dumps({name: free_port() for name in names}))
    ports: dict[str, int] = json.loads(kept.read_text())
    return ports


def fill_in(template: str, values: Mapping[str, object]) -> str:
    """Return a template's text with every @NAME@ replaced."""
    text = (TEMPLATES / template).read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def run(command: Sequence[str], log: Path, *, user: str | None = None) -> None:
    """Run a server's control program to its end, in the folder of the log.

    Its output goes to a file, never to a pipe: the server it leaves behind would keep the pipe open.

    Raises:
        ServerError: It failed or hung; the text has its output and the end of the log.
    """
    output = log.with_name("control.out")
    groups: list[str] | None = [] if user else None
    with output.open("wb") as stream:
        try:
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                cwd=log.parent,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                user=user,
                group=user,
                extra_groups=groups,
                start_new_session=True,
                timeout=START_TIMEOUT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ServerError(f"{error}\n{tail(output)}\n{tail(log)}") from error


def tail(log: Path) -> str:
    """Return the last lines of a log, under a line with its name."""
    if not log.exists():
        return f"--- {log}: missing"
    lines = log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
    return "\n".join([f"--- {log}:", *lines])


def eventually(probe: Callable[[], T | None], timeout_s: float = PATIENCE_S, every_s: float = 0.02) -> T:
    """Return the first true value of a probe, asked again and again.

    Raises:
        AssertionError: Nothing true came in time; the text has the last value.
    """
    pause = threading.Event()
    end = time.monotonic() + timeout_s
    while not (value := probe()):
        if time.monotonic() >= end:
            raise AssertionError(f"not within {timeout_s:g} s; last: {value!r}")
        pause.wait(every_s)
    return value


def greets(port: int) -> bool:
    """Return whether a mail server on the loopback address says the first word at a port (IMAP, SMTP, LMTP)."""
    try:
        with socket.create_connection((HOST, port), timeout=PATIENCE_S) as connection:
            return connection.recv(1) != b""
    except OSError:
        return False


def wait_until_up(port: int, log: Path, what: str) -> None:
    """Wait until a mail server greets, so that its processes are past their own beginnings.

    Raises:
        ServerError: It does not; the text has the end of the log.
    """
    try:
        eventually(lambda: greets(port), START_TIMEOUT_S)
    except AssertionError:
        raise ServerError(f"{what} does not greet on port {port}\n{tail(log)}") from None


def wait_until_gone(pid_file: Path, log: Path, what: str) -> None:
    """Wait until a server has removed its process id file, the last thing it does.

    Raises:
        ServerError: It goes on; the text has the end of the log.
    """
    try:
        eventually(lambda: not pid_file.exists(), START_TIMEOUT_S)
    except AssertionError:
        raise ServerError(f"{what} did not stop\n{tail(log)}") from None
