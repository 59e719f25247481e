"""The rule files that come with the program: `mailgateway rules init` writes them, and they count where there are none.

The guards and the life cycle of these files stand in wherever a site has no files of these kinds.
"""

from functools import cache
from importlib.resources import files

from mailgateway.model.rulefiles import RuleFiles, is_rule_file


@cache
def starter_files() -> RuleFiles:
    """Return the starter set. It comes with the package, so it is read like a module: once, as a value."""
    found = ((one.name, one.read_bytes()) for one in files(__package__).iterdir() if is_rule_file(one.name))
    return RuleFiles(tuple(sorted(found)))
