"""A mail over which the process hangs: the process ends, and the mail is a suspect."""

import subprocess
import sys
from pathlib import Path

from mailgateway.model.ledger import MailState
from tests.app.parts import Desk, mail

HANG = """
import re
import sys
import threading
from pathlib import Path

from mailgateway.app.health import Health
from mailgateway.daemon import watchdog
from mailgateway.daemon.leases import Leases
from mailgateway.daemon.workers import Worker, process_waiting
from tests.app.parts import Instead, open_desk

watchdog.LONGEST_S = 2.0  # long enough to write down that the attempt is begun
desk = open_desk(sys.argv[1], Path(sys.argv[2]))
leases = Leases(desk.store, desk.clock, desk.owner, lambda _: False, Health())
leases.keep(["support"])
# Holds the lock of the interpreter: no other thread runs meanwhile.
work = desk.work(Instead(desk.store, batch=lambda _: re.match("(a+)+$", "a" * 60 + "b")))
process_waiting(Worker(work, ["support"], leases, threading.Event(), lambda: None, threading.Event()))
"""


def test_a_process_that_hangs_over_a_mail_ends_and_leaves_a_suspect(desk: Desk, tmp_path: Path) -> None:
    desk.arrive(mail("hangs"))

    ended = subprocess.run(
        [sys.executable, "-c", HANG, desk.url, str(tmp_path)],
        check=False,
        capture_output=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    (suspect,) = desk.store.begin(desk.lease(), desk.clock.now(), 10)

    assert ended.returncode == 1
    assert b"Timeout" in ended.stderr
    assert (suspect.attempt, desk.states()) == (2, [MailState.ACKNOWLEDGED])
