"""The configuration: what an admin may write in config.toml, as values.

`models` holds the tables, `parse` reads them from bytes or reports every fault at once, `schema` and `reference`
describe them. Reading files, environment and secrets is not done here; `adapters.files` does it.
"""

from mailgateway.config.models import (
    FILE_MARK,
    AgentConfig,
    ChannelConfig,
    Config,
    DeliveryConfig,
    FolderConfig,
    HttpConfig,
    ImapAccess,
    LabelsConfig,
    LimitsConfig,
    LogConfig,
    MailAddress,
    MailboxConfig,
    Name,
    NotifyConfig,
    RulesConfig,
    Secret,
    Security,
    ServerAccess,
    SiteConfig,
    SmtpAccess,
    StateConfig,
)
from mailgateway.config.parse import ParsedConfig, parse_config, read_config, shown
from mailgateway.config.schema import config_schema
from mailgateway.config.site import site_of

__all__ = [
    "FILE_MARK",
    "AgentConfig",
    "ChannelConfig",
    "Config",
    "DeliveryConfig",
    "FolderConfig",
    "HttpConfig",
    "ImapAccess",
    "LabelsConfig",
    "LimitsConfig",
    "LogConfig",
    "MailAddress",
    "MailboxConfig",
    "Name",
    "NotifyConfig",
    "ParsedConfig",
    "RulesConfig",
    "Secret",
    "Security",
    "ServerAccess",
    "SiteConfig",
    "SmtpAccess",
    "StateConfig",
    "config_schema",
    "parse_config",
    "read_config",
    "shown",
    "site_of",
]
