"""Octets of mails as programs write them: headers, encoded words, parts. No library chooses for us what they look like."""

import base64
import binascii
import quopri
import textwrap
from dataclasses import dataclass

EOL = "\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part: its header fields and its body, both as they are sent."""

    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def octets(self) -> bytes:
        """The part with its headers."""
        return fields(self.headers) + b"\r\n" + self.body


def fields(headers: tuple[tuple[str, str], ...]) -> bytes:
    """Return header fields as sent. Values may hold their own folds; raw 8-bit text is sent as UTF-8."""
    return "".join(f"{name}: {value}{EOL}" for name, value in headers).encode()


def usable(charset: str, text: str) -> str:
    """Return the charset if it can write the text, else utf-8, as programs do."""
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return "utf-8"
    return charset


def text_part(text: str, *, kind: str = "plain", charset: str = "utf-8", cte: str = "", extra: str = "") -> Part:
    """Return a text part.

    Args:
        text: With LF between lines.
        kind: The subtype.
        charset: Replaced by utf-8 where it cannot write the text.
        cte: 7bit, 8bit, quoted-printable or base64; "" chooses like most programs.
        extra: More parameters of Content-Type, such as `; format=flowed`.
    """
    charset = usable(charset, text)
    raw = text.replace("\n", EOL).encode(charset)
    cte = cte or _encoding(raw)
    return Part(
        (("Content-Type", f'text/{kind}; charset="{charset}"{extra}'), ("Content-Transfer-Encoding", cte)),
        encoded(raw, cte) + b"\r\n",
    )


def _encoding(raw: bytes) -> str:
    share = sum(octet > 127 for octet in raw) / max(len(raw), 1)
    if not share and all(len(line) < 900 for line in raw.splitlines()):
        return "7bit"
    return "base64" if share > 0.25 else "quoted-printable"


def encoded(raw: bytes, cte: str) -> bytes:
    """Return octets in a transfer encoding."""
    if cte == "base64":
        return base64.encodebytes(raw).replace(b"\n", b"\r\n")
    if cte == "quoted-printable":
        lines = raw.split(b"\r\n")
        return b"\r\n".join(quopri.encodestring(line).replace(b"\n", b"\r\n") for line in lines)
    return raw


def multipart(subtype: str, boundary: str, parts: tuple[Part, ...], *, extra: str = "", preamble: str = "") -> Part:
    """Return a multipart of parts."""
    body = preamble.encode()
    for part in parts:
        body += f"--{boundary}{EOL}".encode() + part.octets + b"\r\n"
    body += f"--{boundary}--{EOL}".encode()
    return Part((("Content-Type", f'multipart/{subtype};{extra}{EOL}\tboundary="{boundary}"'),), body)


def file_part(raw: bytes, *headers: tuple[str, str]) -> Part:
    """Return a part with a file in base64 under the given headers."""
    return Part((*headers, ("Content-Transfer-Encoding", "base64")), encoded(raw, "base64"))


def word(text: str, charset: str = "utf-8", *, form: str = "B") -> str:
    """Return a header value as encoded words of at most 75 characters, folded; pure ASCII stays as it is.

    A character is never split, except in ISO-2022-JP, whose words each begin in ASCII (RFC 2047 section 5).
    """
    if text.isascii():
        return text
    charset = usable(charset, text)
    pieces, piece = [], ""
    for letter in text:
        if len(_word(piece + letter, charset, form)) > 72:
            pieces.append(piece)
            piece = ""
        piece += letter
    return f"{EOL} ".join(_word(each, charset, form) for each in (*pieces, piece) if each)


def _word(text: str, charset: str, form: str) -> str:
    raw = text.encode(charset)
    if form == "B":
        return f"=?{charset}?B?{base64.b64encode(raw).decode()}?="
    safe = "".join(chr(o) if chr(o).isascii() and chr(o).isalnum() else "_" if o == 32 else f"={o:02X}" for o in raw)
    return f"=?{charset}?Q?{safe}?="


def mailbox(name: str, address: str, charset: str = "utf-8", *, form: str = "B") -> str:
    """Return a From value: the name quoted or as encoded words."""
    if not name:
        return address
    shown = (
        word(name, charset, form=form) if not name.isascii() else f'"{name}"' if set(name) & set("(),.:;@|") else name
    )
    return f"{shown} <{address}>"


def wrapped(text: str, width: int = 76, prefix: str = "") -> str:
    """Return text with its lines broken at spaces, each with the prefix; lines without spaces stay long."""
    lines = []
    for line in text.split("\n"):
        lines += textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
    return "\n".join((prefix + line).rstrip() if not line else prefix + line for line in lines)


def flowed(text: str, depth: int = 0) -> str:
    """Return text as format=flowed (RFC 3676): soft breaks end in a space, lines are space-stuffed."""
    marks = ">" * depth + (" " if depth else "")
    lines = []
    for line in text.split("\n"):
        rows = textwrap.wrap(line, 70, break_long_words=False, break_on_hyphens=False) or [""]
        rows = [row + " " for row in rows[:-1]] + rows[-1:]
        lines += [marks + (" " if not depth and row.startswith((" ", ">", "From ")) else "") + row for row in rows]
    return "\n".join(line if line.strip("> ") or line == "-- " else line.rstrip() for line in lines)


def uuencoded(name: str, raw: bytes) -> str:
    """Return a file as uuencoded text with LF between lines."""
    rows = [binascii.b2a_uu(raw[at : at + 45]).decode().rstrip("\n") for at in range(0, len(raw), 45)]
    return "\n".join([f"begin 644 {name}", *rows, "`", "end"])
