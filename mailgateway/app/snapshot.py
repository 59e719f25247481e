"""One whole state of what admins write: configuration, keys and templates, replaced by another as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass

from mailgateway.compose.templates import Templates
from mailgateway.config import Config
from mailgateway.config.site import site_of
from mailgateway.model.site import Site
from mailgateway.model.tokens import Keyring


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the decisions of one moment are made with.

    Attributes:
        config: The configuration.
        sites: What pure code needs of it, by the name of the mailbox.
        templates: The texts, compiled.
    """

    config: Config
    sites: Mapping[str, Site]
    templates: Templates


def snapshot(config: Config, keyring: Keyring, templates: Templates) -> Snapshot:
    """Return a configuration with its keys and templates as one value."""
    return Snapshot(config, {mailbox.name: site_of(config, mailbox, keyring) for mailbox in config.mailbox}, templates)
