"""Names and roles of attached files."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from mailgateway.parsers.calendar import card_name
from mailgateway.parsers.charset import decode_text
from mailgateway.parsers.headers import decoded
from mailgateway.parsers.mime import Leaf

_SEPARATORS = re.compile(r"[/\\]")
# Controls, and marks that reverse the reading order: "exe.txt" must not be shown for what ends in .exe.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_MAX_NAME = 200
_MAX_TITLE = 80
_HEADER_BYTES = 64 * 1024
_SUBJECT = re.compile(
    rb"^subject:[ \t]*([^\r\n]{0,998}(?:\r?\n[ \t][^\r\n]{0,998}){0,10})", re.IGNORECASE | re.MULTILINE
)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_REFERENCE = re.compile(r"cid:([^\"'\s<>)]{1,300})", re.IGNORECASE)
_PIXEL = 2
# What parts without a file name are called.
_NAMES = {
    "text/calendar": "invite.ics",
    "application/ics": "invite.ics",
    "application/pgp-signature": "signature.asc",
    "application/pgp-keys": "key.asc",
    "application/pgp-encrypted": "version.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/ms-tnef": "winmail.dat",
}
_MAILS = ("message/rfc822", "message/global")
_CARDS = ("text/vcard", "text/x-vcard", "text/directory")


def safe_name(name: str) -> str:
    """Return a file name without folders, controls and reordering marks, at most 200 characters, "" where none is left.

    A name that is too long keeps its suffix.
    """
    name = _SEPARATORS.split(_UNSAFE.sub("", name))[-1].strip(' ."')
    if len(name) <= _MAX_NAME:
        return name
    _, dot, suffix = name.rpartition(".")
    suffix = (dot + suffix)[:20] if dot else ""
    return name[: _MAX_NAME - len(suffix)] + suffix


def file_name(leaf: Leaf, content: bytes) -> str:
    """Return the name of an attached part: the sender's, else one that says what it is, "" where nothing does.

    An attached mail is called by its subject, a visiting card by whose it is.
    """
    name = safe_name(leaf.file_name)
    if name:
        return name
    if leaf.content_type in _MAILS:
        return f"{_title(_subject(content)) or 'message'}.eml"
    if leaf.content_type in _CARDS:
        card, _ = decode_text(content[:_HEADER_BYTES], leaf.parameters.get("charset", ""))
        return f"{_title(card_name(card)) or 'contact'}.vcf"
    return _NAMES.get(leaf.content_type, "")


def referred_ids(markups: Iterable[str]) -> frozenset[str]:
    """Return the Content-IDs that HTML texts refer to (RFC 2392)."""
    found: set[str] = set()
    for markup in markups:
        for content_id in _REFERENCE.findall(markup):
            found.update((content_id, unquote(content_id)))
    return frozenset(found)


def is_pixel(content: bytes) -> bool:
    """Return whether a picture (GIF or PNG) is too small to show anything: it counts who reads the mail."""
    if content.startswith(b"GIF8"):
        sizes = (int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little"))
    elif content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        sizes = (int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big"))
    else:
        return False
    return max(sizes) <= _PIXEL


def _subject(mail: bytes) -> str:
    end = _HEADER_END.search(mail, 0, _HEADER_BYTES)
    found = _SUBJECT.search(mail, 0, end.start() if end else min(len(mail), _HEADER_BYTES))
    return decoded(found[1].decode("ascii", "surrogateescape")) if found else ""


def _title(text: str) -> str:
    return safe_name(_SEPARATORS.sub("-", text)[:_MAX_TITLE])
