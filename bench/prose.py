"""Reads people's words and pasted lines again and again: megabytes a second on one core, and the slowest line shapes.

    python -m bench.prose

Prose and pasted text are those of tests/corpus/prose, repeated to 50 KB. CPU time is counted, not the clock's.
"""

import time
from pathlib import Path

from mailgateway.triage.prose import lines_of, prose

CORPUS = Path(__file__).parent.parent / "tests" / "corpus" / "prose"
CHARS = 50_000
ROUNDS = 20
SHAPES = (
    "",
    "x",
    "{",
    "[",
    "}",
    " x",
    "```",
    "$ x",
    "a = b",
    "at " + "a." * 199,
    "a()" * 130,
    "2026-11-02 10:11:12 x=1",
)


def taken(text: str) -> float:
    """Return the CPU seconds that a text takes, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        prose(text)
        best = min(best, time.process_time() - started)
    return best


def main() -> None:
    """Print one line for each file and one for the slowest shape."""
    for path in sorted(CORPUS.glob("*.txt")):
        lines = (line[2:] for line in path.read_text("utf-8").split("\n") if not line.startswith("="))
        text = "\n".join(lines)
        text = (text * (CHARS // len(text) + 1))[:CHARS]
        seconds = taken(text)
        size = len(text.encode())
        print(f"{path.stem:8} {size / 1e6 / seconds:6.1f} MB/s  {seconds * 1000:6.2f} ms for {size / 1000:.0f} KB")
    slowest: list[tuple[float, str]] = []
    for shape in SHAPES:
        text = (shape + "\n") * (1_000_000 // (len(shape) + 1))
        started = time.process_time()
        lines_of(text)
        slowest.append((time.process_time() - started, shape[:20]))
    seconds, shape = max(slowest)
    print(f"slowest megabyte of one line shape: {seconds:.2f} s, {shape!r}")


if __name__ == "__main__":
    main()
