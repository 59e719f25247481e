"""The rules that decide where a site has none: the starter set, or, in need, its defaults and guards alone."""

from dataclasses import replace
from functools import cache

from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.kinds.all import SHIPPED_WHERE_MISSING
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet

TAG_MISSING = "rules-missing"
_NEEDED = frozenset({"site", *SHIPPED_WHERE_MISSING})


@cache
def default_rules() -> RuleSet:
    """Return the starter set: what decides where no folder of rules is configured."""
    files = starter_files()
    return load(files, files, folder="shipped/").rules


@cache
def built_in_rules() -> RuleSet:
    """Return what decides where a site's rule files cannot be used and no good copy of them is kept.

    Each mail is one ticket with the defaults of the starter set and the tag `rules-missing`; the guards still count.
    """
    whole = starter_files()
    files = RuleFiles(tuple((name, raw) for name, raw in whole.files if name.removesuffix(".toml") in _NEEDED))
    rules = load(files, files, folder="shipped/").rules
    return replace(rules, revision="built-in", tags=(TAG_MISSING,), examples=())
