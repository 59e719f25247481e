"""From the command line to other sets of rules than the files at hand: those that are kept or committed."""

from pathlib import Path

from mailgateway.adapters.files import LoadedConfig
from mailgateway.adapters.rulefiles import GitSource, KeptRules, RulesNotes
from mailgateway.app.rules.revisions import Revisions
from mailgateway.cli.output import warn


def revisions(config: LoadedConfig, rules: Path | None) -> Revisions:
    """Return where other sets of rules are found: what the daemon keeps, and the commits of the files at hand.

    Args:
        config: The configuration: its state folder, and its folder of rules.
        rules: The folder named with --rules, None where none is.
    """
    kept = config.state_folder / "rules"
    configured = Path(config.config.rules.folder) if config.config.rules.folder else None
    folder = rules or configured
    return Revisions(
        keep=KeptRules(kept, warn),
        notes=RulesNotes(kept, warn),
        history=GitSource(folder) if folder else None,
        is_configured=configured is not None,
    )
