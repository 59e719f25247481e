"""Learn the scorecards for splitting: `python -m bench.scorecard [--folds N | --write]`, from the open sets.

Every way to cut a mail is a row: its features, and whether it is the right one. The points are those of boosted stumps:
each adds a step of one feature. `--folds` learns on the other mails what it measures, `--write` writes
mailgateway/triage/split/points.py.
"""

import argparse
import json
import math
import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from bench.scoring import Json, wilson
from bench.split import CORPUS, right_parts
from mailgateway.app.rules.given import read_with
from mailgateway.rules.shipped import default_rules
from mailgateway.triage.split import points
from mailgateway.triage.split.features import FEATURES, features_of
from mailgateway.triage.split.score import Card, scored
from mailgateway.triage.split.segments import MOST_SCORED, is_told, ways_to_cut

OPEN = tuple(CORPUS / name for name in ("dev", "first", "second", "third", "more"))
CARDS = ("LISTED", "TOLD")
ROUNDS = 600
RATE = 0.1
CALM = 5.0  # What is added to the weight of the rows of a step, so that a few of them say little
LEAST_ROWS = 8
MOST_BINS = 24
SHARE_OF_FEATURES = 0.4
SHARE_OF_ROWS = 0.8
WEIGHT_OF_ONE_MATTER = 1.5
WEIGHT_OF_ANOTHER_CUT = 0.3
POINTS = 10
NEVER = -1_000
LINE_CHARS = 121


class Row(NamedTuple):
    """A way to cut a mail.

    Attributes:
        card: Which card it is scored by.
        features: Its features.
        is_right: Whether it makes the parts that a person makes.
    """

    card: str
    features: Mapping[str, int]
    is_right: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail with every way to cut it.

    Attributes:
        name: Of its set and file.
        tickets: How many a person makes of it.
        rows: The ways.
    """

    name: str
    tickets: int
    rows: tuple[Row, ...]


def mails_of(folders: Iterable[Path]) -> Iterator[Mail]:
    """Yield the mails of labelled sets."""
    for folder in folders:
        for path in sorted(folder.glob("*.eml")):
            expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
            yield Mail(f"{folder.name}/{path.stem}", int(expected["tickets"]), tuple(_rows(path, expected)))


def _rows(path: Path, expected: Json) -> Iterator[Row]:
    message = read_with(path.read_bytes(), (), default_rules()).message
    if not message.body.has_new:
        return
    names = tuple(one.name for one in message.attachments)
    wanted = int(str(expected["tickets"]))
    for way in ways_to_cut(message.body.text, message.body.headings, names, message.subject):
        texts = [one.text for one in way.items]
        is_right = wanted == len(texts) > 1 and right_parts(expected, texts) == wanted
        card = "TOLD" if is_told(way.candidate) else "LISTED"
        yield Row(card, features_of(way.items[:MOST_SCORED], way.around, way.candidate), is_right)


def learn(mails: Sequence[Mail], card: str, seed: int = 1) -> Card:
    """Return the card that boosted stumps make of the rows that are scored by it."""
    rows = [(row, _weight(row, mail)) for mail in mails for row in mail.rows if row.card == card]
    labels = [float(row.is_right) for row, _ in rows]
    weights = [weight for _, weight in rows]
    columns = {name: [row.features[name] for row, _ in rows] for name in FEATURES}
    limits = {name: _limits(column) for name, column in columns.items()}
    bins = {name: [bisect_right(limits[name], value) for value in columns[name]] for name in FEATURES if limits[name]}
    chance = random.Random(seed)  # noqa: S311 -- the same numbers each time are what is wanted
    right = sum(weight * label for weight, label in zip(weights, labels, strict=True))
    base = math.log(right / (sum(weights) - right))
    logits = [base] * len(rows)
    added: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for _ in range(ROUNDS):
        sample = chance.sample(range(len(rows)), int(SHARE_OF_ROWS * len(rows)))
        names = chance.sample(sorted(bins), max(1, int(SHARE_OF_FEATURES * len(bins))))
        slopes = _slopes(sample, logits, labels, weights)
        step = max((_best(bins[name], len(limits[name]), sample, slopes, name) for name in names), key=_gain)
        if not step.gain:
            continue
        below, above = RATE * step.below, RATE * step.above
        base += below
        added[step.name][limits[step.name][step.at]] += above - below
        column = bins[step.name]
        logits = [each + (above if column[at] > step.at else below) for at, each in enumerate(logits)]
    return _card(base, added)


def _weight(row: Row, mail: Mail) -> float:
    if row.is_right:
        return 1.0
    return WEIGHT_OF_ANOTHER_CUT if mail.tickets > 1 else WEIGHT_OF_ONE_MATTER


def _limits(column: Sequence[int]) -> list[int]:
    """Return from which values on a step may begin: a few, with about as many rows between them."""
    values = sorted(column)
    picked = {values[at * (len(values) - 1) // MOST_BINS] for at in range(1, MOST_BINS + 1)}
    return sorted(picked - {values[0]} | ({values[-1]} if values[-1] > values[0] else set()))


class Step(NamedTuple):
    """A step of one feature: what it gains, and what it adds below and from its limit on."""

    gain: float
    name: str
    at: int
    below: float
    above: float


def _gain(step: Step) -> tuple[float, str]:
    return step.gain, step.name


def _slopes(
    sample: Sequence[int], logits: Sequence[float], labels: Sequence[float], weights: Sequence[float]
) -> list[tuple[float, float]]:
    """Return the first and second derivative of the loss of each row of the sample."""
    found = []
    for at in sample:
        share = 1 / (1 + math.exp(-logits[at]))
        found.append((weights[at] * (labels[at] - share), weights[at] * share * (1 - share)))
    return found


def _best(
    column: Sequence[int], limits: int, sample: Sequence[int], slopes: Sequence[tuple[float, float]], name: str
) -> Step:
    """Return the best step of a feature."""
    firsts, seconds, counts = [0.0] * (limits + 1), [0.0] * (limits + 1), [0] * (limits + 1)
    for at, (first, second) in zip(sample, slopes, strict=True):
        into = column[at]
        firsts[into] += first
        seconds[into] += second
        counts[into] += 1
    all_first, all_second, rows = sum(firsts), sum(seconds), sum(counts)
    best = Step(0.0, name, 0, 0.0, 0.0)
    first = second = 0.0
    count = 0
    for at in range(limits):
        first, second, count = first + firsts[at], second + seconds[at], count + counts[at]
        if count < LEAST_ROWS or rows - count < LEAST_ROWS:
            continue
        below, above = first / (second + CALM), (all_first - first) / (all_second - second + CALM)
        gain = first * below + (all_first - first) * above - all_first * all_first / (all_second + CALM)
        if gain > best.gain:
            best = Step(gain, name, at, below, above)
    return best


def _card(base: float, added: Mapping[str, Mapping[int, float]]) -> Card:
    """Return a card in points; what rounds to nothing is left out."""
    steps: dict[str, tuple[tuple[int, int], ...]] = {}
    for name in FEATURES:
        total, found = 0.0, [(0, 0)]
        for limit, more in sorted(added.get(name, {}).items()):
            total += more
            found.append((limit, round(POINTS * total)))
        told = [found[0], *(later for before, later in pairwise(found) if later[1] != before[1])]
        if len(told) > 1:
            steps[name] = tuple(told)
    return Card(round(POINTS * base), steps)


# --- what it is worth ------------------------------------------------------------------------------------------------


class Verdict(NamedTuple):
    """What cards say of a mail that they were not learned from: the points of its likeliest cut, and if it is right."""

    tickets: int
    points: int
    is_right: bool


def verdicts(mails: Sequence[Mail], folds: int, seed: int = 3) -> list[Verdict]:
    """Return the verdict on each mail by cards that were learned from the mails of the other folds."""
    order = list(mails)
    random.Random(seed).shuffle(order)  # noqa: S311 -- the same folds each time are what is wanted
    found = []
    for fold in range(folds):
        others = [mail for at, mail in enumerate(order) if at % folds != fold]
        cards = {card: learn(others, card) for card in CARDS}
        found += [verdict(cards, mail) for mail in order[fold::folds]]
    return found


def verdict(cards: Mapping[str, Card], mail: Mail) -> Verdict:
    """Return what cards say of a mail."""
    ways = [(scored(cards[row.card], row.features).points, row.is_right) for row in mail.rows]
    points, is_right = max(ways, key=lambda way: way[0], default=(NEVER, False))
    return Verdict(mail.tickets, points, is_right)


def print_verdicts(found: Sequence[Verdict]) -> None:
    """Print what a rule that cuts from some points on would do, point by point."""
    several = [one for one in found if one.tickets > 1]
    others = [one for one in found if one.tickets == 1]
    print(f"{len(several)} mails of several issues, {len(others)} of one; each by cards learned from other mails\n")
    print("from   several, cut exactly        cut otherwise   one, cut (false)")
    for least in range(-10, 31, 2):
        cut = [one for one in several if one.points >= least]
        exact = sum(one.is_right for one in cut)
        false = sum(one.points >= least for one in others)
        low, high = wilson(exact, len(several))
        share = f"{exact / len(several):6.1%} [{low:.1%}, {high:.1%}]"
        print(f"{least:4}   {share:26} {len(cut) - exact:6}   {false:10}")


def source(cards: Mapping[str, Card], mails: Sequence[Mail]) -> str:
    """Return the module that holds the cards."""
    several = sum(mail.tickets > 1 for mail in mails)
    head = f'''"""The scorecards for lists and for what words set apart. Written by `python -m bench.scorecard --write`.

Learned from {len(mails)} mails, {several} of them of several issues.
"""

from mailgateway.triage.split.score import Card
'''
    return "\n".join([head, *(f"{name} = {_literal(card)}\n" for name, card in cards.items())])


def _literal(card: Card) -> str:
    return f"Card(\n    {card.base},\n    {{\n{''.join(map(_entry, card.steps.items()))}    }},\n)"


def _entry(step: tuple[str, Sequence[tuple[int, int]]]) -> str:
    """Return a feature with its steps, on one line where there is room."""
    name, found = json.dumps(step[0]), step[1]
    line = f"        {name}: {found!r},\n"
    rows = "".join(f"            {each!r},\n" for each in found)
    return line if len(line) <= LINE_CHARS else f"        {name}: (\n{rows}        ),\n"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=0, help="measure with so many folds")
    parser.add_argument("--write", action="store_true", help="write the module")
    given = parser.parse_args()
    mails = list(mails_of(OPEN))
    if given.folds:
        print_verdicts(verdicts(mails, given.folds))
    if given.write:
        cards = {card: learn(mails, card) for card in CARDS}
        Path(points.__file__).write_text(source(cards, mails), "utf-8")


if __name__ == "__main__":
    main()
