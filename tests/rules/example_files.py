"""The rule files of a made-up site that uses plans, calendars and a quota."""

from pathlib import Path

from mailgateway.model.rulefiles import RuleFiles

EXAMPLE_SITE = Path(__file__).parent / "example_site"


def example_files() -> RuleFiles:
    """Return them."""
    return RuleFiles(tuple(sorted((path.name, path.read_bytes()) for path in EXAMPLE_SITE.glob("*.toml"))))
