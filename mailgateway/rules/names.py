"""The names of a site's own that rule files give: for editors and for those who look things up.

Read leniently, so that completion goes on while a file has faults.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from mailgateway.diagnostics import DiagnosedError, read_toml
from mailgateway.diagnostics.toml import frozen
from mailgateway.model.rulefiles import RuleFiles, is_rule_file
from mailgateway.rules.kinds.all import SHIPPED_TEMPLATES
from mailgateway.rules.kinds.site import SiteFile
from mailgateway.rules.values import Known


@dataclass(frozen=True, slots=True)
class Names:
    """Names that may be used in rules; () where any may stand, or none is known.

    Attributes:
        plans: Of contracts.
        kinds: Of tickets.
        queues: Of piles.
        releases: Of the product.
        templates: Of texts for customers, those that come with the program among them.
        roles: Of agents.
        priorities: Of the priorities 1, 2, ...
        agents: Ids of agents.
        lists: Of phrases.
        calendars: Ids of calendars.
        quotas: Ids of quotas.
    """

    plans: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    calendars: tuple[str, ...] = ()
    quotas: tuple[str, ...] = ()

    def of(self, which: str) -> tuple[str, ...]:
        """Return names by what they are, such as `plans`; () for what is no name."""
        names: tuple[str, ...] = getattr(self, which, ())
        return names


def names_in(files: RuleFiles, known: Known | None = None) -> Names:
    """Return the names that files give; what cannot be read of them gives none.

    Args:
        files: All files of the folder.
        known: What the configuration knows; None where there is none.
    """
    documents = list(_documents(files))
    site = next(filter(None, map(_site, documents)), None)
    return Names(
        plans=site.plans if site else (),
        kinds=site.kinds if site else (),
        queues=site.queues if site else (),
        releases=site.releases if site else (),
        templates=tuple(dict.fromkeys((*site.templates, *SHIPPED_TEMPLATES))) if site else (),
        roles=(site.roles if site else ()) or (known.roles if known else ()),
        priorities=site.priorities if site else (),
        agents=known.agents if known else (),
        lists=tuple(name for values in documents for name in _keys(values, "lists", "phrases")),
        calendars=tuple(name for values in documents for name in _ids(values, "calendars", "calendar")),
        quotas=tuple(name for values in documents for name in _ids(values, "quota", "quota")),
    )


def _documents(files: RuleFiles) -> Iterator[Mapping[str, object]]:
    for name, raw in files.files:
        if is_rule_file(name):
            try:
                yield read_toml(raw, name).values
            except DiagnosedError:
                continue


def _site(values: Mapping[str, object]) -> SiteFile | None:
    try:
        return SiteFile.model_validate(frozen(values), strict=True)
    except ValidationError:
        return None


def _keys(values: Mapping[str, object], kind: str, table: str) -> tuple[str, ...]:
    found = values.get(table)
    return tuple(map(str, found)) if values.get("kind") == kind and isinstance(found, Mapping) else ()


def _ids(values: Mapping[str, object], kind: str, table: str) -> tuple[str, ...]:
    found = values.get(table)
    if values.get("kind") != kind or not isinstance(found, list):
        return ()
    ids = (one.get("id") for one in found if isinstance(one, Mapping))
    return tuple(one for one in ids if isinstance(one, str))
