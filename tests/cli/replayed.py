"""A gateway with recorded mails, and rules that would decide them otherwise."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import Result

from mailgateway.adapters.rulefiles import KeptRules
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.shipped import default_rules
from tests.app.filled import Filled
from tests.rulebooks import write_rules

NOW = datetime(2026, 11, 7, 8, 20, tzinfo=UTC)
WINDOW = ("--since", "2026-02-01", "--until", "2026-03-31")
SHIPPED = default_rules().revision
ROUTING = """format = 1
kind = "routing"
[[rule]]
id = "printer"
when.text.mentions = "printer"
route.tags = ["printer"]
[[rule]]
id = "large"
when.subject.contains = "large"
route.ignore = true
route.because = "too large"
"""
UNMATCHED = ", ".join(
    [rule.id for rule in default_rules().rules["split"]]
    + ["stated", "stated-critical", "not-production", "closed-too-long", "reopen"]
)


def edited_rules(folder: Path) -> Path:
    """Write rules that tag one mail and ignore another, without guards; return their folder."""
    write_rules(folder)
    (folder / "routing.toml").write_text(ROUTING)
    return folder


def replay(gateway: Filled, rules: Path, *arguments: str) -> Result:
    return gateway.run("rules", "replay", "--rules", str(rules), *WINDOW, *arguments)


def plain(result: Result) -> str:
    """Return what was printed, without how long it took."""
    return re.sub(r"\d+\.\d s", "0.0 s", result.stdout)


def revision(gateway: Filled, rules: Path) -> str:
    return str(json.loads(replay(gateway, rules, "--json").stdout)["after"]).split()[0]


def use_folder(gateway: Filled, rules: Path) -> KeptRules:
    """Configure a folder of rules, and return where the daemon keeps good ones."""
    config = gateway.folder / "config.toml"
    config.write_text(f'{config.read_text()}\n[rules]\nfolder = "{rules}"\n')
    return KeptRules(gateway.folder / "state" / "rules", print)


def files_of(folder: Path) -> RuleFiles:
    return RuleFiles(tuple(sorted((path.name, path.read_bytes()) for path in folder.glob("*.toml"))))
