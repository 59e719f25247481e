"""Site: the words the other files may use, and what a ticket gets when no rule says otherwise."""

from typing import Literal

from pydantic import Field

from mailgateway.model.calendar import parse_zone
from mailgateway.rules.faults import At, Faults
from mailgateway.rules.tables import Name, RuleFile, Table, Word
from mailgateway.rules.times import near_place
from mailgateway.rules.values import DEFAULT_PRIORITY_NAMES, SiteWords


class DefaultTable(Table):
    """What a ticket gets when no rule says otherwise."""

    queue: Word
    """Where it lies; one of `queues`."""
    kind: Word
    """What it is; one of `kinds`."""
    priority: int = Field(ge=1, le=9)
    """How urgent it is; 1 is most urgent."""


class SiteFile(RuleFile):
    """The file of kind site: there is one."""

    kind: Literal["site"]
    """What the file holds."""
    plans: tuple[Word, ...] = ()
    """The plans of customers' contracts."""
    kinds: tuple[Word, ...] = Field(min_length=1)
    """The kinds of tickets."""
    queues: tuple[Word, ...] = Field(min_length=1)
    """The piles tickets lie on."""
    releases: tuple[Word, ...] = ()
    """The versions of the product, oldest first."""
    templates: tuple[Name, ...] = ()
    """The texts for customers that rules may name."""
    roles: tuple[Name, ...] = ()
    """The roles of agents that rules may name; any where empty."""
    priorities: tuple[Word, ...] = Field(default=DEFAULT_PRIORITY_NAMES, min_length=1, max_length=9)
    """The names of the priorities 1, 2, ...; 1 is most urgent."""
    time_zone: str = "UTC"
    """A place such as `Europe/Berlin` or an offset such as `+03:00`, used where nothing else names one."""
    default: DefaultTable
    """What a ticket gets when no rule says otherwise."""


def site_words(file: SiteFile, at: At, faults: Faults) -> SiteWords:
    """Return the site's words; what does not fit together is noted."""
    check_zone(file.time_zone, at / "time_zone", faults)
    for key, known in (("queue", file.queues), ("kind", file.kinds)):
        word = getattr(file.default, key)
        if word not in known:
            faults.unknown_word(word, (at / "default" / key).value, f"not in {key}s above", known)
    if file.default.priority > len(file.priorities):
        faults.error(
            "E132",
            f"there is no priority {file.default.priority}",
            (at / "default" / "priority").value,
            "not in priorities above",
            (f"named are {len(file.priorities)}: {', '.join(file.priorities)}",),
        )
    return SiteWords(
        plans=file.plans,
        kinds=file.kinds,
        queues=file.queues,
        releases=file.releases,
        templates=file.templates,
        roles=file.roles,
        priorities=file.priorities,
        time_zone=file.time_zone,
        queue=file.default.queue,
        kind=file.default.kind,
        priority=file.default.priority,
    )


def check_zone(zone: str, at: At, faults: Faults) -> bool:
    """Return whether a time zone is one; note it where it is not."""
    try:
        parse_zone(zone)
    except ValueError as error:
        place = near_place(zone)
        helps = (str(error), *((f'did you mean "{place}"?',) if place and place not in str(error) else ()))
        faults.error("E410", f'unknown time zone "{zone}"', at.value, "", helps)
        return False
    return True
