"""The mail server: `MailServer` over IMAP (RFC 3501) with imapclient.

`wire` reads octets with limits, `session` makes a connection safe and logs in, `folders` finds and makes folders,
`server` is the port, `examine` looks for
`doctor`. Crash guarantee: nothing here is state; a mail leaves its folder only in `put_away`, which the
caller calls once the mail is durable, and each of its steps may be done again.
"""

from mailgateway.adapters.imap.examine import examine
from mailgateway.adapters.imap.server import ImapServer, connect

__all__ = ["ImapServer", "connect", "examine"]
