"""The configuration: what an admin may write in config.toml, as values.

`models` holds the tables. Reading files, environment and secrets is not done here; `adapters.files` does it.
"""

from mailgateway.config.models import (
    AgentConfig,
    Config,
    DeliveryConfig,
    FolderConfig,
    HttpConfig,
    ImapAccess,
    LimitsConfig,
    LogConfig,
    MailAddress,
    MailboxConfig,
    Name,
    NotifyConfig,
    Secret,
    Section,
    Security,
    ServerAccess,
    SiteConfig,
    SmtpAccess,
    StateConfig,
)

__all__ = [
    "AgentConfig",
    "Config",
    "DeliveryConfig",
    "FolderConfig",
    "HttpConfig",
    "ImapAccess",
    "LimitsConfig",
    "LogConfig",
    "MailAddress",
    "MailboxConfig",
    "Name",
    "NotifyConfig",
    "Secret",
    "Section",
    "Security",
    "ServerAccess",
    "SiteConfig",
    "SmtpAccess",
    "StateConfig",
]
