"""What a word of the vocabulary is: a fact with its type, its meaning and an example."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class FactType(StrEnum):
    """What a fact is made of, and so what may be asked of it."""

    TEXT = "text"
    NAME = "name"
    NUMBER = "number"
    YES_NO = "yes/no"
    PATTERN = "pattern"
    TIME = "time"


class Stage(IntEnum):
    """From when on a fact of a new ticket is known: a file sees the answers of earlier stages only."""

    MAIL = 0
    ROUTED = 1
    PRIORITISED = 2


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the vocabulary.

    Attributes:
        name: As it stands in rules, dotted. One that ends in ".*" stands for every name below it.
        type: What may be asked of it.
        meaning: For the documentation, one sentence.
        example: A condition that uses it, one line of TOML.
        names: The only names it may have; () where any may stand.
        site: The list of site.toml whose names it may have, "" for none.
        stage: From when on it is known.
    """

    name: str
    type: FactType
    meaning: str
    example: str
    names: tuple[str, ...] = ()
    site: str = ""
    stage: Stage = Stage.MAIL
