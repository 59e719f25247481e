"""A small process that runs the gateway in children of its own: `python -m tests.crash.forker`.

The modules are loaded once; each job, a line of JSON on standard input, runs in a fork that can be killed at will.
Jobs: {"config": PATH, "die_at": N} runs rounds until nothing is left, dying at moment N; {"config": PATH, "daemon":
true} runs the daemon until it is killed. Answers: {"pid": ...} at once, {"exit": ..., "moments": ...} at the end.
"""

import json
import os
import signal
import sys
import threading
import traceback
from pathlib import Path

from mailgateway import log
from mailgateway.adapters.files import load_config
from mailgateway.daemon import Daemon, open_parts, run_once
from tests.crash.faults import Fuse, with_fuse
from tests.forks import load_for_forks


def main() -> None:
    load_for_forks()
    for line in sys.stdin:
        job = json.loads(line)
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            _run(job, write)
        os.close(write)
        _say({"pid": pid})
        with os.fdopen(read, "rb") as answers:
            last = answers.read().decode().strip()
        _, status = os.waitpid(pid, 0)
        _say({"exit": os.waitstatus_to_exitcode(status), "moments": int(last or 0)})


def _say(answer: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _run(job: dict[str, object], answers: int) -> None:
    """Do a job and never come back."""
    code = 1
    try:
        os.dup2(os.open(f"{job['config']}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        log.configure("json", "warning")
        parts = open_parts(load_config(Path(str(job["config"]))))
        if job.get("daemon"):
            _run_daemon(Daemon(parts))
        else:
            fuse = Fuse(int(str(job.get("die_at", 0))))
            problems = run_once(with_fuse(parts, fuse))
            os.write(answers, str(fuse.moments).encode())
            code = 1 if problems else 0
            for problem in problems:
                sys.stderr.write(f"{problem}\n")
    except BaseException:  # noqa: BLE001 -- a fork must never come back into the loop above
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _run_daemon(daemon: Daemon) -> None:
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: told.set())
    daemon.start()
    told.wait()
    daemon.stop()


if __name__ == "__main__":
    main()
