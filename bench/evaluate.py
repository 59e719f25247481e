"""Score reading on the sealed sets: `make eval`, or `python -m bench.evaluate --json` or `--failures [MEASURE ...]`.

Each set (tests/corpus/sealed*) was written before the parsers were run on it and is not tuned on. So `--failures`,
which shows mails, is for those who write the page about what fails, not for those who mend it.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.scoring import MEASURES, Json, Score, kind, wilson

CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
CONFIG = Path(__file__).with_suffix(".toml")
SETS = tuple(CORPUS / name for name in ("sealed", "sealed_wild", "sealed_odd"))
BY_SHAPE = ("exact", "kept", "not_lost", "kind", "subject", "attached")
BY_TONGUE = ("exact", "kept", "not_lost", "kind", "language", "pairs")


@dataclass(frozen=True, slots=True)
class Read:
    """One mail: what should be read in it, what was, and its score in each measure."""

    name: str
    expected: Json
    shown: Json
    scores: dict[str, Score]


def shown(mails: list[Path], config: Path | None) -> Iterator[Json]:
    """Yield what the program shows of each mail, read in one process; {} where it could not be read.

    Args:
        mails: The files.
        config: The configuration; None for none, which then must not lie in the folder of the program either.
    """
    command = [sys.executable, "-m", "mailgateway", *(["--config", str(config)] if config else [])]
    command += ["mail", "show", "--json", *map(str, mails)]
    ended = subprocess.run(command, capture_output=True, check=False, text=True, encoding="utf-8")
    found = {each.get("file"): each for each in map(json.loads, ended.stdout.splitlines())}
    if not found:
        sys.exit(f"nothing was read: {ended.stderr[-2000:]}")
    return (found.get(str(mail), {}) for mail in mails)


def readings(folder: Path, config: Path | None) -> list[Read]:
    """Return every mail of a folder with its scores."""
    mails = sorted(folder.glob("*.eml"))
    return [_read(mail, reading) for mail, reading in zip(mails, shown(mails, config), strict=True)]


def _read(mail: Path, reading: Json) -> Read:
    expected = json.loads(mail.with_suffix(".json").read_text("utf-8"))
    return Read(
        mail.stem, expected, reading, {key: measure(expected, reading) for key, (_, measure) in MEASURES.items()}
    )


def total(reads: Iterable[Read], measure: str) -> Score:
    """Return hits and tries of a measure over mails."""
    scores = [read.scores[measure] for read in reads]
    return sum(hits for hits, _ in scores), sum(tries for _, tries in scores)


def grouped(reads: list[Read], key: str) -> dict[str, list[Read]]:
    """Return the mails by a key of their expectation (shape, tongue), those without it left out."""
    groups: dict[str, list[Read]] = defaultdict(list)
    for read in reads:
        if key in read.expected:
            groups[str(read.expected[key])].append(read)
    return dict(sorted(groups.items()))


def confusion(reads: list[Read]) -> dict[str, dict[str, int]]:
    """Return how often each kind was taken for which."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for read in reads:
        if "kind" in read.expected:
            table[kind(read.expected["kind"])][kind(read.shown.get("kind"))] += 1
    return {wanted: dict(sorted(found.items())) for wanted, found in sorted(table.items())}


def summary(reads: list[Read]) -> dict[str, object]:
    """Return all figures, ready for JSON."""
    return {
        "mails": len(reads),
        "total": {key: _figures(total(reads, key)) for key in MEASURES},
        "shapes": _groups(grouped(reads, "shape")),
        "languages": _groups(grouped(reads, "tongue")),
        "kinds": confusion(reads),
    }


def _groups(groups: dict[str, list[Read]]) -> dict[str, object]:
    return {
        name: {"mails": len(reads)} | {key: _figures(total(reads, key)) for key in MEASURES if total(reads, key)[1]}
        for name, reads in groups.items()
    }


def _figures(score: Score) -> dict[str, object]:
    low, high = wilson(*score)
    return {"hits": score[0], "tries": score[1], "low": round(low, 4), "high": round(high, 4)}


def print_summary(name: str, reads: list[Read]) -> None:
    """Print the figures of a set as tables."""
    print(f"{len(reads)} mails of {name}; share and 95 % Wilson interval\n")
    for key, (words, _) in MEASURES.items():
        if total(reads, key)[1]:
            print(f"{words:32} {_share(total(reads, key))}")
    for title, key, measures in (("shape", "shape", BY_SHAPE), ("language", "tongue", BY_TONGUE)):
        print(f"\n{title:28} {'mails':>5}  " + "  ".join(f"{measure:^21}" for measure in measures))
        for each, group in grouped(reads, key).items():
            print(f"{each:28} {len(group):5}  " + "  ".join(_cell(total(group, measure)) for measure in measures))
    print("\nkinds: expected, then what was found and how often")
    for wanted, found in confusion(reads).items():
        print(f"{wanted:16} " + ", ".join(f"{each} {count}" for each, count in found.items()))
    print()


def _share(score: Score) -> str:
    low, high = wilson(*score)
    return f"{score[0]:4}/{score[1]:<4} {score[0] / score[1]:7.1%}  [{low:.1%}, {high:.1%}]" if score[1] else "  -"


def _cell(score: Score) -> str:
    low, high = wilson(*score)
    return f"{score[0]:3}/{score[1]:<3} {low:5.0%} to {high:4.0%}".ljust(21) if score[1] else " " * 21


def print_failures(reads: list[Read], measures: list[str]) -> None:
    """Print each mail that misses in a measure, with what was expected and what came."""
    for read in reads:
        missed = [key for key in measures if read.scores[key][0] < read.scores[key][1]]
        if missed:
            print(f"\n=== {read.name}: {', '.join(missed)}")
            print(f"expected {json.dumps(read.expected, ensure_ascii=False)}")
            kept = {key: read.shown.get(key) for key in (*read.expected, "kind_reason", "quoted", "signature")}
            print(f"came     {json.dumps(kept, ensure_ascii=False)}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--failures", nargs="*", choices=list(MEASURES), help="list what failed, in some measures or all"
    )
    parser.add_argument(
        "--no-config", action="store_true", help="read without the channels and languages of evaluate.toml"
    )
    parser.add_argument("--folder", type=Path, nargs="*", default=SETS, help="other sets of .eml with .json beside")
    arguments = parser.parse_args()
    config = None if arguments.no_config else CONFIG
    sets = {folder.name: readings(folder, config) for folder in arguments.folder}
    if arguments.json:
        print(json.dumps({name: summary(reads) for name, reads in sets.items()}, ensure_ascii=False, indent=1))
    elif arguments.failures is not None:
        for reads in sets.values():
            print_failures(reads, arguments.failures or list(MEASURES))
    else:
        for name, reads in sets.items():
            print_summary(name, reads)


if __name__ == "__main__":
    main()
