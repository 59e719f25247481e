"""How much speaks for items being several matters: points for each feature, as a scorecard gives them."""

from collections.abc import Mapping
from typing import NamedTuple

from mailgateway.model.segments import Reason

MOST_REASONS = 6


class Card(NamedTuple):
    """A scorecard: ten points are one unit of log-odds, so that 0 is even and 20 are about seven to one.

    Attributes:
        base: The points every mail has.
        steps: Feature -> (from which value on, points), ascending and from 0 on.
    """

    base: int
    steps: Mapping[str, tuple[tuple[int, int], ...]]


class Scored(NamedTuple):
    """What a scorecard says of items.

    Attributes:
        points: The more, the surer they are several matters; below 0 they are rather one.
        reasons: What counted most, either way, the most first.
    """

    points: int
    reasons: tuple[Reason, ...]


def scored(card: Card, features: Mapping[str, int]) -> Scored:
    """Return the points of features by a card; a feature the card has no steps for counts nothing."""
    counted = [Reason(name, features[name], _points(steps, features[name])) for name, steps in card.steps.items()]
    strongest = sorted(counted, key=lambda one: -abs(one.points))[:MOST_REASONS]
    total = card.base + sum(one.points for one in counted)
    return Scored(total, tuple(one for one in strongest if one.points))


def _points(steps: tuple[tuple[int, int], ...], value: int) -> int:
    """Return the points of the last step that a value reaches."""
    return next(points for least, points in reversed(steps) if value >= least)
