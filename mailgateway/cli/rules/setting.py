"""What examples and mails in files are read with: the configuration where there is one, without its secrets."""

import typer

from mailgateway.adapters.files import LoadedConfig
from mailgateway.adapters.languages import LanguageModel
from mailgateway.app.snapshot import Snapshot
from mailgateway.cli.options import configuration, options
from mailgateway.cli.rules.source import FoundFiles
from mailgateway.compose.templates import Templates
from mailgateway.config.site import site_of
from mailgateway.model.tokens import NOBODYS_KEYRING
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet

LANGUAGE = "mail.language"


def loaded_rules(found: FoundFiles) -> RuleSet:
    """Return the rules of files.

    Raises:
        DiagnosedError: They cannot be used; with all faults.
    """
    return load(found.files, starter_files(), folder=found.folder).rules


def setting(ctx: typer.Context, found: FoundFiles, rules: RuleSet) -> Snapshot | None:
    """Return the configuration that was named, or lies here; None where there is none.

    The language model takes a second to load: it is there only where a rule asks for the language.

    Raises:
        ConfigError: The configuration cannot be used.
    """
    loaded = found.config or _config(ctx)
    if loaded is None:
        return None
    model = LanguageModel() if _asks_for_language(rules) else None
    sites = {mailbox.name: site_of(loaded.config, mailbox, NOBODYS_KEYRING) for mailbox in loaded.config.mailbox}
    return Snapshot(loaded.config, sites, Templates({}), model, rules)


def _config(ctx: typer.Context) -> LoadedConfig | None:
    source = ctx.find_root().get_parameter_source("config")
    if source is not None and source.name == "DEFAULT" and not options(ctx).config.exists():
        return None
    return configuration(ctx)


def _asks_for_language(rules: RuleSet) -> bool:
    of_all = (rule for of_kind in rules.rules.values() for rule in of_kind)
    return any(condition.fact == LANGUAGE for rule in of_all for condition in rule.conditions)
