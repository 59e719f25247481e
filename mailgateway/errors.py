"""Every error a caller may catch. What is not here is a bug, and nobody catches a bug."""

import re

_BYTES = re.compile(r"""\bb(['"])(.*?)\1""")  # imaplib and smtplib show what a server said as Python would


class MailgatewayError(Exception):
    """The root: something went wrong that a person can be told in one sentence."""


class ConfigError(MailgatewayError):
    """The configuration cannot be used; the text is ready to print, with file, line and column."""


class RulesUnreadableError(ConfigError):
    """The rule files cannot be read as they are; the text says what to do about it."""


class TemporaryError(MailgatewayError):
    """A neighbour (server, database, disk) cannot do it now: keep what we have and back off."""


class RulesChangingError(TemporaryError):
    """The rule files changed while they were read: read them again."""


class ConflictError(TemporaryError):
    """Of two writers that waited for each other this one was ended: the same again may succeed at once."""


class PermanentError(MailgatewayError):
    """Trying again will not help: set the mail or the delivery aside for a person."""


class FencedError(TemporaryError):
    """Another daemon holds the mailbox now; what this one began must not be written."""


class NotFoundError(MailgatewayError):
    """What a person named (a ticket, a mail, a customer) does not exist."""


def one_line(error: BaseException) -> str:
    """Return an error's words on one line of at most 300 characters; its class where it has none."""
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    text = _BYTES.sub(r"\2", text)
    return " ".join(text.split())[:300] or type(error).__name__
