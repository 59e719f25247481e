"""Drain one Dovecot mailbox to tickets with acknowledgements, beside the simplest loop that could be: `make bench`.

The gateway fetches, parses, decides, writes a ticket with its history, and hands an acknowledgement to an SMTP sink.
The bare loop fetches a mail, parses it with `email.policy.default` and commits one row. Both drain the same mails, in
turn, from the same Dovecot; the figures are medians, the ratio is the gateway's rate by the bare loop's.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.mailbox import mails
from bench.tickets import fill_with_tickets
from tests.rulebooks import write_rules
from tests.servers import Dovecot

CONFIG = """
[site]
host = "gateway.test"

[[mailbox]]
name = "support"
address = "support@gateway.test"
imap = {{ host = "127.0.0.1", port = {imap_port}, security = "none", user = "{user}", password_env = "BENCH_PASSWORD" }}

[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"

[rules]
folder = "rules"

[http]
enabled = false

[log]
level = "error"
"""


@dataclass(frozen=True, slots=True)
class Drained:
    """One run.

    Attributes:
        rate: Mails a second.
        peak_mib: The largest resident size of the process.
    """

    rate: float
    peak_mib: float


class Bench:
    """Servers and a folder for everything a run writes."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.count = count
        self._raws = mails(count)
        self._dovecot = Dovecot(folder / "dovecot")
        self._users = 0

    @contextmanager
    def running(self) -> Iterator["Bench"]:
        """Run Dovecot until the context ends."""
        self.folder.chmod(0o755)  # Dovecot's mail belongs to another user
        self._dovecot.start()
        try:
            yield self
        finally:
            self._dovecot.stop()

    def gateway(self, tickets: int = 0, trace: Sequence[str] = ()) -> Drained:
        """Drain with the gateway, with so many tickets in the database before."""
        user = self._new_mailbox()
        state = self.folder / user
        state.mkdir()
        with sink() as (port, mails_taken):
            config = state / "config.toml"
            write_rules(config.parent / "rules")
            config.write_text(CONFIG.format(imap_port=self._dovecot.imap_port, user=user, smtp_port=port))
            fill_with_tickets(config, tickets)
            command = [*trace, sys.executable, "-m", "bench.contenders", "gateway", str(config)]
            with contender(command) as process:
                began = float(_line(process))
                while mails_taken() < self.count:
                    time.sleep(0.02)
                seconds = time.monotonic() - began
                process.stdin.write("stop\n")  # type: ignore[union-attr]  # it is a pipe
                process.stdin.flush()  # type: ignore[union-attr]  # likewise
                peak_mib = float(_line(process))
        shutil.rmtree(state)
        return Drained(self.count / seconds, peak_mib)

    def bare(self) -> Drained:
        """Drain with the bare loop."""
        user = self._new_mailbox()
        database = self.folder / f"{user}.db"
        command = [sys.executable, "-m", "bench.contenders", "bare", str(database)]
        with contender([*command, str(self._dovecot.imap_port), user]) as process:
            seconds, peak_mib = float(_line(process)), float(_line(process))
        return Drained(self.count / seconds, peak_mib)

    def _new_mailbox(self) -> str:
        self._users += 1
        user = f"user{self._users}"
        with self._dovecot.imap(user) as connection:
            for start in range(0, self.count, 100):
                for raw in self._raws[start : start + 100]:
                    connection.append("INBOX", raw)
        return user


@contextmanager
def contender(command: Sequence[str]) -> Iterator["subprocess.Popen[str]"]:
    """Run a contender; it says when it began and how it went on standard output."""
    environment = {"BENCH_PASSWORD": "secret", "PYTHONPATH": ".", "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield process
    finally:
        process.communicate(timeout=60)


@contextmanager
def sink() -> Iterator[tuple[int, Callable[[], int]]]:
    """Run the SMTP sink; yield its port and a function that says how many mails it took."""
    command = [sys.executable, "-m", "bench.sink"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def taken() -> int:
        process.stdin.write("\n")  # type: ignore[union-attr]  # it is a pipe
        process.stdin.flush()  # type: ignore[union-attr]  # likewise
        return int(_line(process))

    try:
        yield int(_line(process)), taken
    finally:
        process.communicate(timeout=10)


def _line(process: "subprocess.Popen[str]") -> str:
    return process.stdout.readline().strip()  # type: ignore[union-attr]  # it is a pipe


def fsyncs(bench: Bench) -> float:
    """Return the syncs to disk for each mail of one run, by strace; 0.0 where strace is not installed."""
    if not shutil.which("strace"):
        return 0.0
    summary = bench.folder / "strace"
    bench.gateway(trace=["strace", "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", str(summary)])
    rows = [line.split() for line in summary.read_text().splitlines()]
    return sum(int(row[3]) for row in rows if row and row[-1] in {"fsync", "fdatasync"}) / bench.count


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tickets", type=int, nargs=2, default=(1_000, 200_000))
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Bench(Path(folder), wanted.mails).running() as bench:
        pairs = [(bench.gateway(), bench.bare()) for _ in range(wanted.rounds)]
        few, many = wanted.tickets
        loaded = [(bench.gateway(few), bench.gateway(many)) for _ in range(wanted.rounds)]
        syncs = fsyncs(bench)
    figures = {
        "mails": wanted.mails,
        "gateway, mails/s": [round(ours.rate) for ours, _ in pairs],
        "bare loop, mails/s": [round(bare.rate) for _, bare in pairs],
        "ratio, median of pairs (aim: at least 0.7)": round(median(ours.rate / bare.rate for ours, bare in pairs), 2),
        "peak memory of the gateway, MiB": round(max(ours.peak_mib for ours, _ in pairs)),
        "syncs to disk for each mail": round(syncs, 3) if syncs else "not measured: no strace here",
        f"mails/s with {few} tickets before": [round(small.rate) for small, _ in loaded],
        f"mails/s with {many} tickets before": [round(large.rate) for _, large in loaded],
        "the second by the first (aim: within 15 %)": round(median(b.rate / a.rate for a, b in loaded), 2),
    }
    for name, value in figures.items():
        print(f"{name:45} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
