"""What is written for one mail: commands, octets, and who cannot be served. No I/O."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SERVICE_CLOSING = 421
"""RFC 5321 section 3.8: the server says so before it hangs up, at any moment."""
GO_AHEAD = 354
"""The answer to DATA (RFC 5321 section 4.2.3)."""
_CANNOT_BE_SENT = 553
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
_NEVER_IN_A_PATH = re.compile(r"[\x00-\x20\x7f<>]")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered: the code and its words on one line."""

    code: int
    text: str

    @property
    def is_good(self) -> bool:
        """Whether the command was accepted."""
        return self.code // 100 == 2  # noqa: PLR2004  # RFC 5321 section 4.2.1


@dataclass(frozen=True, slots=True)
class Envelope:
    """The commands that come before the octets.

    Attributes:
        mail: MAIL FROM with its parameters.
        recipients: (position in the list of recipients, RCPT TO).
        refused: Position to the reply we give ourselves, for recipients this relay cannot serve.
    """

    mail: bytes
    recipients: tuple[tuple[int, bytes], ...]
    refused: Mapping[int, Reply]


def octets(raw: bytes) -> bytes:
    """Return what follows the go-ahead for DATA, its end included.

    Every line ends with CRLF: a lone CR or LF may not be sent (RFC 5321 section 2.3.8), and a server that takes one
    for the end of a line could be told that the mail ends inside it. Leading dots are doubled (section 4.5.2).
    """
    ends = raw.count(b"\r\n")
    if not ends == raw.count(b"\r") == raw.count(b"\n"):
        raw = _LINE_ENDS.sub(b"\r\n", raw)
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    return b"".join((b"." if stuffed.startswith(b".") else b"", stuffed, b".\r\n"))


def envelope(sender: str, recipients: Sequence[str], raw: bytes, features: Mapping[str, str]) -> Envelope:
    """Return the commands for a mail.

    SIZE (RFC 1870), 8BITMIME (RFC 6152) and SMTPUTF8 (RFC 6531) are used where the server offers them and the mail
    needs them. A mail with 8-bit octets goes as it is to a server without 8BITMIME: nearly all take it, and only its
    author could encode it anew.

    Args:
        sender: "" for the null sender.
        recipients: Addresses.
        raw: The mail.
        features: What the server offers: keyword in lower case to parameters.
    """
    origin = _path(sender, features)
    if isinstance(origin, Reply):
        return Envelope(b"", (), dict.fromkeys(range(len(recipients)), origin))
    paths = [_path(recipient, features) for recipient in recipients]
    good = tuple((position, b"RCPT TO:" + path) for position, path in enumerate(paths) if isinstance(path, bytes))
    refused = {position: path for position, path in enumerate(paths) if isinstance(path, Reply)}
    mail = b"MAIL FROM:" + origin + _parameters((sender, *recipients), raw, features)
    return Envelope(mail, good, refused)


def _path(address: str, features: Mapping[str, str]) -> bytes | Reply:
    if _NEVER_IN_A_PATH.search(address):
        return Reply(_CANNOT_BE_SENT, "5.1.3 not sent: this is no address")
    if address.isascii() or "smtputf8" in features:
        return f"<{address}>".encode()
    local, _, domain = address.rpartition("@")
    try:
        return b"<" + local.encode("ascii") + b"@" + domain.encode("idna") + b">"
    except UnicodeError:
        return Reply(_CANNOT_BE_SENT, "5.6.7 not sent: the relay does not offer SMTPUTF8, which this address needs")


def _parameters(addresses: Sequence[str], raw: bytes, features: Mapping[str, str]) -> bytes:
    words = [b""]
    if "size" in features:
        words.append(b"SIZE=%d" % len(raw))
    if raw.isascii() and all(address.isascii() for address in addresses):
        return b" ".join(words)
    if "8bitmime" in features:
        words.append(b"BODY=8BITMIME")
    if "smtputf8" in features and not (_header(raw).isascii() and all(address.isascii() for address in addresses)):
        words.append(b"SMTPUTF8")
    return b" ".join(words)


def _header(raw: bytes) -> bytes:
    end = raw.find(b"\r\n\r\n")
    return raw if end < 0 else raw[:end]
