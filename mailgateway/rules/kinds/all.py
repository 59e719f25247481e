"""Every kind of file there is, in the order in which they are read and documented."""

from collections.abc import Mapping

from mailgateway.rules.kind import Kind
from mailgateway.rules.kinds.calendars import CalendarsFile
from mailgateway.rules.kinds.guards import GUARDS, Guard
from mailgateway.rules.kinds.lifecycle import LIFECYCLE, Lifecycle
from mailgateway.rules.kinds.lists import ListsFile
from mailgateway.rules.kinds.priority import PRIORITY, Priority
from mailgateway.rules.kinds.quota import QUOTA, Quota
from mailgateway.rules.kinds.routing import ROUTING, Routing
from mailgateway.rules.kinds.site import SiteFile
from mailgateway.rules.kinds.split import SPLIT, Split
from mailgateway.rules.tables import RuleFile

AnyKind = Kind[Routing] | Kind[Priority] | Kind[Quota] | Kind[Split] | Kind[Lifecycle] | Kind[Guard]

RULE_KINDS: tuple[AnyKind, ...] = (ROUTING, SPLIT, PRIORITY, QUOTA, LIFECYCLE, GUARDS)
"""The kinds that hold rules, in the order of the pipeline."""
FILES: Mapping[str, type[RuleFile]] = {
    "site": SiteFile,
    "lists": ListsFile,
    "calendars": CalendarsFile,
    **{kind.name: kind.file for kind in RULE_KINDS},
}
"""The model of a file by the kind it says it is."""
EXPECTED: frozenset[str] = frozenset(answer for kind in RULE_KINDS for answer in kind.answers) | {"tickets"}
"""What examples may expect."""
PART = "part"
"""Under this name examples expect what becomes of one part of a mail: `expect.part.2.priority`."""
EXPECTED_OF_PART: frozenset[str] = (EXPECTED - {"split", "tickets", "told", "silent", "ignore"}) | {"title", "files"}
"""What examples may expect of a part; its title and files are what was found, not what was answered."""
SHIPPED_WHERE_MISSING = ("guards", "lifecycle")
"""Kinds whose shipped files stand in where a site has none of its own."""
SHIPPED_TEMPLATES = ("priority-changed", "closed-too-long", "refused")
"""Texts that come with the program: rules may name them although no site.toml does."""
