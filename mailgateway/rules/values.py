"""Rules as they were read and checked: immutable, compiled, with the place each was written at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Generic, TypeVar

from mailgateway.diagnostics import Position
from mailgateway.model.calendar import Calendar
from mailgateway.rules.conditions import Condition

O_co = TypeVar("O_co", covariant=True)
"""What a rule of one kind asks for."""

DEFAULT_PRIORITY_NAMES = ("critical", "high", "normal", "low", "lowest")


@dataclass(frozen=True, slots=True)
class SiteWords:
    """The words of this site, and what a ticket gets when no rule says otherwise.

    Attributes:
        plans: Names of contracts' plans.
        kinds: Names of kinds of tickets.
        queues: Names of piles.
        releases: Versions of the product, oldest first.
        templates: Names of texts for customers.
        roles: Names of agents' roles; () where any may stand.
        priorities: The names of the priorities 1, 2, ...
        time_zone: Name or offset, used where nothing else names one.
        queue: Where a ticket lies by default.
        kind: What a ticket is by default.
        priority: How urgent it is by default; 1 is most urgent.
    """

    plans: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("question",)
    queues: tuple[str, ...] = ("support",)
    releases: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    priorities: tuple[str, ...] = DEFAULT_PRIORITY_NAMES
    time_zone: str = "UTC"
    queue: str = "support"
    kind: str = "question"
    priority: int = 3

    def priority_name(self, priority: int) -> str:
        """Return the name of a priority, its number where it has none."""
        return self.priorities[priority - 1] if 1 <= priority <= len(self.priorities) else str(priority)


@dataclass(frozen=True, slots=True)
class Known:
    """What the configuration knows and rules name.

    Attributes:
        templates: Names of the texts that exist, for `tell` and `refuse`.
        agents: The agents' ids, for `assignee`.
        roles: The agents' roles, for `role`.
    """

    templates: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A mail that runs as a test.

    Attributes:
        rule: The id of the rule it belongs to; "" for a whole mail of the folder `tests`.
        name: What it shows; the counted name where it has none.
        must_match: Whether the rule must match; None for a whole mail, where only `expect` counts.
        raw: The mail.
        given: (dotted fact, value) pairs that stand in for what the mail cannot show.
        expect: (answer, value) pairs that must come out.
        place: Where it stands.
        places: Where each expectation stands, by the answer's name.
    """

    rule: str
    name: str
    must_match: bool | None
    raw: bytes
    given: tuple[tuple[str, object], ...]
    expect: tuple[tuple[str, object], ...]
    place: Position
    places: Mapping[str, Position] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Rule(Generic[O_co]):
    """One rule.

    Attributes:
        id: Unique over all files.
        kind: The kind of its file.
        outcome: What it asks for.
        conditions: Those of `when`, then those of `unless`, as they were written.
        place: Its header `[[rule]]`.
        why: The reason in words.
        on_reply: Whether it looks at replies; else at mails that open a ticket.
        starts: The first day it counts, in the site's zone.
        ends: The last day it counts.
        is_shipped: Whether its file stands in for one that the site does not have.
    """

    id: str
    kind: str
    outcome: O_co
    conditions: tuple[Condition, ...]
    place: Position
    why: str = ""
    on_reply: bool = False
    starts: date | None = None
    ends: date | None = None
    is_shipped: bool = False


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One whole state of the rule files.

    Attributes:
        revision: What the decisions record.
        site: The site's words and defaults.
        calendars: By id.
        rules: By kind, in the order they are tried; rules that are switched off are not here.
        examples: Every example of every rule, and the whole mails.
        files: How many files were read.
        tags: Put on every new ticket, such as `rules-missing` where the files could not be used.
        commit: Where the files come from git.
    """

    revision: str
    site: SiteWords = SiteWords()
    calendars: Mapping[str, Calendar] = field(default_factory=lambda: MappingProxyType({}))
    rules: Mapping[str, tuple[Rule[object], ...]] = field(default_factory=lambda: MappingProxyType({}))
    examples: tuple[Example, ...] = ()
    files: int = 0
    tags: tuple[str, ...] = ()
    commit: str = ""

    def __hash__(self) -> int:
        """Return a number by the revision: a set is its files."""
        return hash(self.revision)

    def rule(self, rule: str) -> Rule[object] | None:
        """Return a rule by its id, None where there is none."""
        return next((one for rules in self.rules.values() for one in rules if one.id == rule), None)
