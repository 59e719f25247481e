"""Starts the program without loading its modules again: `python -m tests.e2e.spawner`, one request a line.

["run", CONFIG, LOG] forks a child that runs `mailgateway --config CONFIG run` as its command line does; the answer is
its process id. ["poll", PID] answers its exit code (minus the signal's number), or null while it runs.
"""

import json
import os
import subprocess
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from mailgateway.__main__ import main as mailgateway
from tests.forks import load_for_forks
from tests.servers.parts import PATIENCE_S, eventually

ROOT = Path(__file__).parents[2]


def main() -> None:
    load_for_forks()
    for line in sys.stdin:
        request = json.loads(line)
        answer = run(request[1], request[2]) if request[0] == "run" else poll(request[1])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def run(config: str, log: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for number, target in enumerate((nothing, output, output)):
            os.dup2(target, number)
        sys.argv = ["mailgateway", "--config", config, "run"]
        mailgateway()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001  (a fork must never come back into the loop above)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def poll(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


@dataclass(slots=True)
class Spawner:
    """The process that does so, from the test's side."""

    process: "subprocess.Popen[str]"

    @classmethod
    def start(cls) -> "Spawner":
        """Start it."""
        command = [sys.executable, "-m", "tests.e2e.spawner"]
        pipe = subprocess.PIPE
        return cls(subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True))

    def run(self, config: Path, log: Path) -> "Child":
        """Start a `mailgateway run`."""
        return Child(self, int(self.ask("run", str(config), str(log)) or 0))

    def ask(self, *request: object) -> int | None:
        """Return the answer to a request."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer: int | None = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        """End it."""
        self.process.communicate(timeout=PATIENCE_S)


@dataclass(slots=True)
class Child:
    """One of its children, as `subprocess.Popen` shows its own."""

    spawner: Spawner
    pid: int
    returncode: int | None = field(default=None)

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        if self.returncode is None:
            self.returncode = self.spawner.ask("poll", self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int | None:
        """Wait for its end; return the exit code."""
        eventually(lambda: self.poll() is not None, timeout)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


if __name__ == "__main__":
    main()
