"""Signed and encrypted mail: what can be read of it, and a word where nothing can.

Nothing is verified here: a signature says what the sender's program says. A signed S/MIME mail that is opaque holds its
text inside a CMS structure (RFC 5652 section 5), which takes a reader of a few tags, not a cryptographic library.
"""

import re
from dataclasses import dataclass

from mailgateway.model.message import Protection
from mailgateway.parsers.mime import SMIME

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_ENVELOPED = (bytes.fromhex("2a864886f70d010703"), bytes.fromhex("2a864886f70d0109100117"))
_ENCRYPTED_TYPES = frozenset({"enveloped-data", "authenveloped-data"})
_MAX_TAGS = 20_000
_MAX_DEPTH = 12
_CONSTRUCTED, _OCTETS, _SEQUENCE, _OID, _CONTEXT = 0x20, 0x04, 0x30, 0x06, 0xA0
_PGP_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_PGP_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_PGP_END = "-----END PGP SIGNATURE-----"
_PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"
_PGP_MESSAGE_END = "-----END PGP MESSAGE-----"
_ARMOUR = re.compile(r"(?:[A-Za-z0-9-]{1,40}:[^\n]{0,300}\n){0,10}\n")

ENCRYPTED_TEXT = "(This mail is encrypted. Its text cannot be read here.)"


@dataclass(frozen=True, slots=True)
class Opaque:
    """What an S/MIME part that is not clear text holds.

    Attributes:
        protection: What was done to it; None where it is no such thing.
        content: The mail part inside where it is signed, b"" where it cannot be read.
    """

    protection: Protection | None
    content: bytes


def declared(content_type: str, parameters: dict[str, str]) -> Protection | None:
    """Return what a mail's own type says of its protection (RFC 1847 section 2, RFC 8551 section 3.2.2)."""
    if content_type == "multipart/signed":
        return Protection.SIGNED
    if content_type == "multipart/encrypted":
        return Protection.ENCRYPTED
    if content_type in SMIME and parameters.get("smime-type", "").lower() in _ENCRYPTED_TYPES:
        return Protection.ENCRYPTED
    return None


def opaque(octets: bytes) -> Opaque:
    """Return what is in an S/MIME part; bounded by the number of its tags."""
    tags = _Tags(octets)
    kind = tags.content_type()
    if kind in _ENVELOPED:
        return Opaque(Protection.ENCRYPTED, b"")
    if kind != _SIGNED_DATA:
        return Opaque(None, b"")
    return Opaque(Protection.SIGNED, tags.signed_content())


def without_armour(text: str) -> tuple[str, Protection | None]:
    """Return a text without the armour of inline PGP (RFC 9580 section 7), and what that said.

    The words around a signed text stay; an encrypted block leaves a line that says so.
    """
    if "-----BEGIN PGP " not in text:
        return text, None
    if _starts_line(text, _PGP_SIGNED) >= 0:
        return _unsigned(text), Protection.SIGNED
    start = _starts_line(text, _PGP_MESSAGE)
    if start < 0:
        return text, None
    end = text.find(_PGP_MESSAGE_END, start)
    after = text[end + len(_PGP_MESSAGE_END) :] if end >= 0 else ""
    return f"{text[:start]}{ENCRYPTED_TEXT}{after}", Protection.ENCRYPTED


def _starts_line(text: str, mark: str) -> int:
    """Return where a line begins with a mark, -1 where none does; a quoted one is somebody else's."""
    found = text.find(mark)
    while found > 0 and text[found - 1] != "\n":
        found = text.find(mark, found + 1)
    return found


def _unsigned(text: str) -> str:
    start = _starts_line(text, _PGP_SIGNED)
    head = _ARMOUR.match(text, start + len(_PGP_SIGNED) + 1)
    begin = head.end() if head else start + len(_PGP_SIGNED) + 1
    signature = text.find(f"\n{_PGP_SIGNATURE}", begin - 1)
    end = text.find(_PGP_END, signature) if signature >= 0 else -1
    words = text[begin : signature if signature >= 0 else len(text)]
    # RFC 9580 section 7.2: a dash at the beginning of a line is escaped by another one
    words = "\n".join(line.removeprefix("- ") for line in words.split("\n"))
    return text[:start] + words + (text[end + len(_PGP_END) :] if end >= 0 else "")


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag of the encoding: where its content begins and ends; `end` is None where a mark ends it."""

    kind: int
    start: int
    end: int | None


class _Tags:
    """Reads the few structures of BER (X.690) that lead to the content."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0
        self._count = 0

    def content_type(self) -> bytes:
        """Return the object identifier the structure begins with, b"" where it has none."""
        outer = self._next()
        return self._identifier() if outer and outer.kind == _SEQUENCE else b""

    def signed_content(self) -> bytes:
        """Return the octets that are signed, after `content_type`; b"" where they are elsewhere."""
        for wanted in (_CONTEXT, _SEQUENCE):
            tag = self._next()
            if tag is None or tag.kind != wanted:
                return b""
        for _ in range(2):  # The version and the digest algorithms
            self._skip(self._next(), 0)
        inner = self._next()
        if inner is None or inner.kind != _SEQUENCE or not self._identifier():
            return b""
        explicit = self._next()
        return self._octet_string(self._next(), 0) if explicit and explicit.kind == _CONTEXT else b""

    def _identifier(self) -> bytes:
        tag = self._next()
        if tag is None or tag.kind != _OID or tag.end is None:
            return b""
        self._at = tag.end
        return self._octets[tag.start : tag.end]

    def _next(self) -> _Tag | None:
        """Read a tag and its length; None at the end, and where there are too many."""
        octets, at = self._octets, self._at
        self._count += 1
        if at + 2 > len(octets) or self._count > _MAX_TAGS:
            return None
        kind, length = octets[at], octets[at + 1]
        at += 2
        if length == 0x80:  # noqa: PLR2004 -- the indefinite form
            self._at = at
            return _Tag(kind, at, None)
        if length > 0x80:  # noqa: PLR2004 -- the long form
            count = length & 0x7F
            length = int.from_bytes(octets[at : at + min(count, 8)], "big")
            at += count
        self._at = at
        return _Tag(kind, min(at, len(octets)), min(at + length, len(octets)))

    def _skip(self, tag: _Tag | None, depth: int) -> None:
        if tag is None:
            return
        if tag.end is not None:
            self._at = tag.end
            return
        while (inner := self._inner(None, depth)) is not None:
            self._skip(inner, depth + 1)

    def _octet_string(self, tag: _Tag | None, depth: int) -> bytes:
        """Return the octets of a string, which may consist of many."""
        if tag is None or tag.kind & ~_CONSTRUCTED != _OCTETS:
            return b""
        if not tag.kind & _CONSTRUCTED:
            self._at = tag.end if tag.end is not None else len(self._octets)
            return self._octets[tag.start : tag.end]
        pieces: list[bytes] = []
        while (inner := self._inner(tag.end, depth)) is not None:
            pieces.append(self._octet_string(inner, depth + 1))
        return b"".join(pieces)

    def _inner(self, end: int | None, depth: int) -> _Tag | None:
        """Return the next tag inside another one that ends at `end`, or with a mark where that is None."""
        if depth > _MAX_DEPTH or (end is not None and self._at >= end):
            return None
        tag = self._next()
        return None if tag is None or (end is None and tag.kind == 0) else tag
