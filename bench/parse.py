"""Reads every mail of tests/corpus again and again: mails a second on one core, the slowest hundredth, peak memory.

    python -m bench.parse [--rounds 20] [--folder tests/corpus]

Each mail is parsed and classified, as a daemon does before it asks the store. CPU time is counted, not the clock's: the
figures hold on a busy machine too. Memory is the peak of the whole process, with and without what was there before.
"""

import argparse
import resource
import statistics
import time
from pathlib import Path

BEFORE_KIB = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

from mailgateway.parsers.message import parse  # noqa: E402 -- memory is measured before it is loaded
from mailgateway.triage.classify import classify  # noqa: E402 -- likewise

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
LEAST_PER_SECOND, MOST_MS, MOST_MIB = 400, 50, 150


def timed(raw: bytes) -> float:
    """Return the CPU seconds one mail takes."""
    started = time.process_time()
    classify(parse(raw).message, frozenset())
    return time.process_time() - started


def main() -> None:
    """Print the figures and, worst first, the five slowest mails."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--folder", type=Path, default=CORPUS)
    chosen = options.parse_args()
    mails = {path: path.read_bytes() for path in sorted(chosen.folder.glob("**/*.eml"))}
    for raw in mails.values():
        timed(raw)
    seconds = {path: [timed(raw) for _ in range(chosen.rounds)] for path, raw in mails.items()}
    every = sorted(each for times in seconds.values() for each in times)
    per_second = len(every) / sum(every)
    slowest_ms = every[int(len(every) * 0.99)] * 1000
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(mails)} mails of {sum(map(len, mails.values())) / len(mails) / 1024:.1f} KiB on average")
    print(f"{per_second:.0f} mails/s (aim {LEAST_PER_SECOND}), median {statistics.median(every) * 1000:.2f} ms")
    print(f"p99 {slowest_ms:.1f} ms (aim {MOST_MS}), slowest {every[-1] * 1000:.1f} ms")
    print(f"peak memory {peak_mib:.0f} MiB (aim {MOST_MIB}), {BEFORE_KIB / 1024:.0f} MiB of it the interpreter's")
    for path in sorted(seconds, key=lambda path: -statistics.median(seconds[path]))[:5]:
        print(f"  {statistics.median(seconds[path]) * 1000:8.2f} ms  {path.relative_to(chosen.folder)}")


if __name__ == "__main__":
    main()
