"""The way out: `Relay` over SMTP (RFC 5321) on smtplib's connection.

`envelope` decides what to write (pure), `connection` makes a connection safe and exchanges commands for replies,
`relay` is the port, `probe` asks a relay what it takes. Crash guarantee: nothing here is state. A mail whose end was
sent and never answered counts as undecided, so the caller sends it again: at least once, with the same Message-ID.
"""

from mailgateway.adapters.smtp.probe import probe
from mailgateway.adapters.smtp.relay import Limits, SmtpRelay

__all__ = ["Limits", "SmtpRelay", "probe"]
