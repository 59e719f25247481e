"""One whole state of what admins write: configuration, keys and templates, replaced by another as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailgateway.compose.templates import Templates
from mailgateway.config import Config
from mailgateway.config.site import site_of
from mailgateway.model.site import Site
from mailgateway.model.tokens import Keyring
from mailgateway.parsers.language import Likelihoods
from mailgateway.rules.shipped import default_rules
from mailgateway.rules.values import RuleSet


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the decisions of one moment are made with.

    Attributes:
        config: The configuration.
        sites: What pure code needs of it, by the name of the mailbox.
        templates: The texts, compiled.
        likelihoods: The language model, None where no language is detected.
        rules: One whole state of the rule files.
    """

    config: Config
    sites: Mapping[str, Site]
    templates: Templates
    likelihoods: Likelihoods | None = None
    rules: RuleSet = field(default_factory=default_rules)


def snapshot(
    config: Config, keyring: Keyring, templates: Templates, likelihoods: Likelihoods | None = None
) -> Snapshot:
    """Return a configuration with its keys, templates and the language model as one value."""
    sites = {mailbox.name: site_of(config, mailbox, keyring) for mailbox in config.mailbox}
    return Snapshot(config, sites, templates, likelihoods)
