"""The configuration as the pure core wants it."""

from mailgateway.config.models import ChannelConfig, Config, MailboxConfig
from mailgateway.model.message import Through
from mailgateway.model.site import Channel, Site
from mailgateway.model.tokens import Keyring


def site_of(config: Config, mailbox: MailboxConfig, keyring: Keyring) -> Site:
    """Return the site as one mailbox sees it.

    Args:
        config: The whole configuration.
        mailbox: One of its mailboxes.
        keyring: The signing keys.
    """
    return Site(
        mailbox=mailbox.name,
        address=mailbox.address,
        display_name=mailbox.display_name or config.site.name,
        plus_addressing=mailbox.plus_addressing,
        host=config.site.host,
        prefix=config.site.ticket_prefix,
        keyring=keyring,
        own_addresses=config.own_addresses,
        agents=config.agents,
        null_sender=config.smtp.null_sender,
        authserv_id=mailbox.authserv_id,
        channels=channels_of(config),
        languages=config.site.languages,
    )


def channels_of(config: Config) -> tuple[Channel, ...]:
    """Return the robots whose mails hold a person's words."""
    return tuple(map(_channel, config.channel))


def _channel(written: ChannelConfig) -> Channel:
    labels = {name: getattr(written.labels, name) for name in type(written.labels).model_fields}
    return Channel(
        name=written.name,
        kind=Through(written.kind),
        addresses=tuple(address.lower() for address in written.addresses),
        list_ids=tuple(each.strip().strip("<>").lower() for each in written.list_ids),
        labels=tuple((name, words) for name, words in labels.items() if words),
        operators=written.operators,
    )
