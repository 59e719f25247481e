"""How much speaks for items being several matters: points for each feature, as a scorecard gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Protocol

from mailgateway.model.segments import Reason

MOST_REASONS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """A scorecard: ten points are one unit of log-odds, so that 0 is even and 20 are about seven to one.

    Attributes:
        base: The points every mail has.
        steps: Feature -> (from which value on, points), ascending and from 0 on.
    """

    base: int
    steps: Mapping[str, tuple[tuple[int, int], ...]]


class Features(Protocol):
    """Features by their names; they may be counted when they are asked for."""

    def __getitem__(self, name: str, /) -> int:
        """Return the value of a feature."""


class Scored(NamedTuple):
    """What a scorecard says of items.

    Attributes:
        points: The more, the surer they are several matters; below 0 they are rather one.
        reasons: What counted most, either way, the most first.
    """

    points: int
    reasons: tuple[Reason, ...]


def scored(card: Card, features: Features) -> Scored:
    """Return the points of features by a card; a feature the card has no steps for counts nothing."""
    return _summed(card, [_reason(card, features, name) for name in card.steps])


def scored_from(card: Card, features: Features, least: int) -> Scored | None:
    """Return the points of features by a card, None as soon as it is sure that they are fewer than `least`."""
    counted = {}
    most = card.base + sum(gain for _, gain in _heaviest(card))
    for name, gain in _heaviest(card):
        counted[name] = _reason(card, features, name)
        most += counted[name].points - gain
        if most < least:
            return None
    return _summed(card, [counted[name] for name in card.steps])


def _summed(card: Card, counted: Sequence[Reason]) -> Scored:
    strongest = sorted((one for one in counted if one.points), key=lambda one: -abs(one.points))
    return Scored(card.base + sum(one.points for one in counted), tuple(strongest[:MOST_REASONS]))


def _reason(card: Card, features: Features, name: str) -> Reason:
    """Return the value of a feature, with the points of the last step that it reaches."""
    value = features[name]
    points = 0
    for least, given in card.steps[name]:
        if value < least:
            break
        points = given
    return Reason(name, value, points)


@cache
def _heaviest(card: Card) -> Sequence[tuple[str, int]]:
    """Return the features of a card with the most points each may give, those that may change most first."""
    points = {name: [given for _, given in steps] for name, steps in card.steps.items()}
    weights = {name: max(some) - min(some) for name, some in points.items()}
    return [(name, max(points[name])) for name in sorted(points, key=lambda name: -weights[name])]
