"""What is in the leaf parts of a mail: decoded content, text, digests."""

import hashlib
from dataclasses import dataclass

from mailgateway.parsers.charset import decode_text
from mailgateway.parsers.limits import ParseLimits
from mailgateway.parsers.mime import Leaf
from mailgateway.parsers.scan import WHITE_SPACE, LargePart
from mailgateway.parsers.transfer import decode_transfer

_READABLE = ("text/plain", "text/html")
_MAX_KEY = 200


@dataclass(frozen=True, slots=True)
class Content:
    """One leaf part with its content.

    Attributes:
        leaf: The part.
        whole: The decoded content; of a stored part its head.
        digest: SHA-256 of the whole content in hex.
        size_bytes: Of the whole content.
        cut: Whether `text` is only the beginning of it.
        stored: Whether the whole is in a blob already.
        identity: What stands for the part in the message's digest.
        text: Decoded where the part may be the mail's text, else "".
        defect: What was wrong with its charset, "" where nothing was.
    """

    leaf: Leaf
    whole: bytes
    digest: str
    size_bytes: int
    cut: bool
    stored: bool
    identity: str
    text: str
    defect: str


def read_content(leaf: Leaf, large: dict[str, LargePart], limits: ParseLimits) -> Content:
    """Return what is in a leaf part.

    Args:
        leaf: The part.
        large: Parts that went to blobs, by placeholder; one that is met is taken out, so that it counts once.
        limits: How much text is read.
    """
    known = large.pop(leaf.raw.strip().decode("ascii", "replace"), None) if len(leaf.raw) <= _MAX_KEY else None
    if known is not None:
        whole = known.head
        digest, size, words_digest = known.digest, known.size_bytes, known.words_digest
    else:
        whole = decode_transfer(leaf.raw, leaf.encoding)
        digest, size, words_digest = hashlib.sha256(whole).hexdigest(), len(whole), ""
    octets, text, defect = _readable(leaf, whole, limits)
    cut = is_readable(leaf) and len(octets) < size
    identity = digest
    if leaf.content_type.startswith("text/"):
        identity = _words_digest(text.encode()) if text and not cut else words_digest or _words_digest(whole)
    return Content(
        leaf=leaf,
        whole=whole,
        digest=digest,
        size_bytes=size,
        cut=cut,
        stored=known is not None,
        identity=f"{leaf.content_type} {identity}",
        text=text,
        defect=defect,
    )


def _readable(leaf: Leaf, whole: bytes, limits: ParseLimits) -> tuple[bytes, str, str]:
    """Return the octets kept, and the text in them where the part is readable."""
    if not is_readable(leaf):
        return whole, "", ""
    limit = limits.html_bytes if leaf.content_type == "text/html" else limits.text_bytes
    octets = whole if len(whole) <= limit else whole[:limit]
    if len(octets) < len(whole) and (end := octets.rfind(b"\n", limit // 2)) > 0:
        octets = octets[: end + 1]  # No character cut in half
    text, defect = decode_text(octets, leaf.parameters.get("charset", ""))
    return octets, text, defect


def is_readable(leaf: Leaf) -> bool:
    """Return whether a part may be the mail's text: a whole mail is, even where it calls itself an attachment."""
    if not leaf.containers and leaf.content_type.startswith("multipart/"):  # Without any part
        return True
    return leaf.content_type in _READABLE and (leaf.disposition != "attachment" or not leaf.containers)


def _words_digest(octets: bytes) -> str:
    """Hash text without its white space: line ends, folding and padding differ on the way here."""
    return hashlib.sha256(octets.translate(None, WHITE_SPACE)).hexdigest()
