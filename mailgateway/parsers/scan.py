"""The bounded scanner: a mail of any size, read as a stream, becomes a small skeleton and blobs.

The scanner follows the MIME structure with a bounded stack of boundaries. The decoded content of every large leaf part
goes through `keep` (a blob store's put) while it is read; in the skeleton a placeholder stands for it, under the part's
own header, and `message.parse` puts both together again. A few MiB are held at most, whatever the mail is.

A placeholder carries a SHA-256 over everything read so far, the part it stands for included: a sender cannot write it
into his mail before that part, and the first one met is the one that counts.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from mailgateway.parsers.headers import parameters
from mailgateway.parsers.limits import DEFAULT_LIMITS, KIB, MIB, ParseLimits
from mailgateway.parsers.mime import CONTAINERS, leading_bytes
from mailgateway.parsers.source import Source
from mailgateway.parsers.transfer import decoded_chunks

Keep = Callable[[Iterable[bytes]], tuple[str, int]]
"""Takes the chunks of a content to their end; returns (SHA-256 in hex, size in bytes)."""

_SKELETON_BYTES = 2 * MIB
_LATE_HEADER_BYTES = 4 * KIB
_HEADS_BYTES = 8 * MIB
_HEADER_LINE = re.compile(rb"[!-9;-~]*:|[ \t]|From ")
_FIELD = re.compile(rb"(?im)^(content-type|content-transfer-encoding)[ \t]*:((?:.|\n[ \t]){0,4096})")
_UNREAD = b"Content-Type: application/octet-stream\r\n\r\n"
WHITE_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class LargePart:
    """A part that went round the parser, into a blob.

    Attributes:
        digest: SHA-256 of the decoded content in hex, the blob's address.
        size_bytes: Of the decoded content.
        head: The beginning of the decoded content where the part is text, a mail or a container, else b"".
        words_digest: SHA-256 in hex of the decoded content without white space where there is a head, else "".
    """

    digest: str
    size_bytes: int
    head: bytes
    words_digest: str


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What is left of a mail for `message.parse`.

    Attributes:
        raw: A mail with placeholders for its large parts.
        large: Those parts, by placeholder.
        defects: What was cut.
    """

    raw: bytes
    large: Mapping[str, LargePart]
    defects: tuple[str, ...]


def skeleton(chunks: Iterable[bytes], keep: Keep, limits: ParseLimits = DEFAULT_LIMITS) -> Skeleton:
    """Return the skeleton of a mail and where its large parts are.

    Args:
        chunks: The mail, in pieces of any size.
        keep: Called for each large part, one after the other, while the mail is read; what it raises ends the scan.
        limits: `large_bytes` is the encoded size above which a part is large. Once the skeleton has 2 MiB every part
            counts as large.
    """
    scan = _Scan(Source(chunks), keep, limits)
    scan.run()
    return Skeleton(b"".join(scan.out), scan.large, tuple(scan.defects))


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a part's header says about its body."""

    content_type: str
    boundary: bytes
    encoding: str


_PLAIN = _Kind("text/plain", b"", "")


@dataclass(slots=True)
class _Scan:
    """One mail being scanned."""

    source: Source
    keep: Keep
    limits: ParseLimits
    out: list[bytes] = field(default_factory=list)
    large: dict[str, LargePart] = field(default_factory=dict)
    defects: dict[str, None] = field(default_factory=dict)
    boundaries: list[bytes] = field(default_factory=list)
    parts: int = 0
    out_bytes: int = 0
    head_bytes: int = 0

    def run(self) -> None:
        """Read part after part until the mail ends."""
        if self.source.skip(leading_bytes):
            self.defects["text before the header"] = None
        reading = self._part()
        while reading:
            stop = self.source.stop
            if stop is None:
                break
            self._emit(stop.line)
            if stop.closes:
                del self.boundaries[stop.level :]
                self._body(_PLAIN)
            else:
                del self.boundaries[stop.level + 1 :]
                reading = self._part()

    def _part(self) -> bool:
        """Read one part's header and what follows up to the next boundary; return False where the mail is over."""
        if self.parts >= self.limits.parts:
            self.defects[f"cut: more than {self.limits.parts} parts, the rest is attached unread"] = None
            self._emit(_UNREAD)
            self._set_apart(self.source.body(()), _Kind("application/octet-stream", b"", ""))
            return False
        self.parts += 1
        kind = _kind(self._header())
        if kind.boundary and len(self.boundaries) < self.limits.depth:
            self.boundaries.append(kind.boundary)
        self._body(kind)
        return True

    def _header(self) -> bytes:
        """Pass on a part's header, bounded, and return what was passed on; it always ends with a blank line."""
        room = self.limits.header_block_bytes if self.out_bytes < _SKELETON_BYTES else _LATE_HEADER_BYTES
        block: list[bytes] = []
        while (line := self.source.line(self.boundaries)) and _HEADER_LINE.match(line):
            self.source.take(len(line))
            cut = self.source.skip_line() if not line.endswith(b"\n") else False
            room -= len(line)
            if room >= 0:
                block.append(line + b"\n" if cut else line)
            if cut or room < 0:
                self.defects["cut: header fields"] = None
        if not line.strip(b"\r\n") and line:
            self.source.take(len(line))
        header = b"".join(block)
        self._emit(header if header.endswith(b"\n") or not header else header + b"\r\n")
        self._emit(b"\r\n")
        return header

    def _body(self, kind: _Kind) -> None:
        """Pass on what stands before the next boundary, or set it apart where it is large."""
        pieces = self.source.body(self.boundaries)
        bound = self.limits.large_bytes if self.out_bytes < _SKELETON_BYTES else 0
        small: list[bytes] = []
        size = 0
        for piece in pieces:
            small.append(piece)
            size += len(piece)
            if size > bound:
                self._set_apart(chain(small, pieces), kind)
                return
        self._emit(b"".join(small))

    def _set_apart(self, encoded: Iterable[bytes], kind: _Kind) -> None:
        """Stream a part's content through `keep` and write its placeholder."""
        content = decoded_chunks(encoded, kind.encoding)
        readable = kind.content_type.startswith(("text/", "message/", "multipart/")) or kind.content_type in CONTAINERS
        head = _Head(self._head_bound(kind.content_type)) if readable else None
        digest, size = self.keep(head.watched(content) if head else content)
        for _ in content:  # The scan goes on behind the part, however much of it `keep` took
            pass
        self.head_bytes += len(head.octets) if head else 0
        placeholder = f"large-part-{self.source.digest()}-{len(self.large)}"
        self.large[placeholder] = LargePart(
            digest=digest,
            size_bytes=size,
            head=bytes(head.octets) if head else b"",
            words_digest=head.words.hexdigest() if head else "",
        )
        self._emit(placeholder.encode())

    def _head_bound(self, content_type: str) -> int:
        wanted = self.limits.html_bytes if content_type == "text/html" else self.limits.text_bytes
        wanted = self.limits.container_bytes if content_type in CONTAINERS else wanted
        return max(0, min(wanted, _HEADS_BYTES - self.head_bytes))

    def _emit(self, octets: bytes) -> None:
        self.out.append(octets)
        self.out_bytes += len(octets)


class _Head:
    """Watches a stream go by: keeps its beginning and hashes its words."""

    def __init__(self, bound: int) -> None:
        self.octets = bytearray()
        self.words = hashlib.sha256()
        self._bound = bound

    def watched(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the chunks as they come."""
        for chunk in chunks:
            if len(self.octets) < self._bound:
                self.octets += chunk[: self._bound - len(self.octets)]
            self.words.update(chunk.translate(None, WHITE_SPACE))
            yield chunk


def _kind(header: bytes) -> _Kind:
    """Return what a header says about the body, as `mime.Part` would read it."""
    fields: dict[bytes, str] = {}
    for match in _FIELD.finditer(header):
        fields.setdefault(match[1].lower(), match[2].decode("ascii", "surrogateescape"))
    content_type, named = parameters(fields.get(b"content-type", ""))
    encoding = parameters(fields.get(b"content-transfer-encoding", ""))[0]
    if named.get("name", "").lower() == "winmail.dat":
        content_type = "application/ms-tnef"
    boundary = named.get("boundary", "").rstrip() if content_type.startswith("multipart/") else ""
    return _Kind(content_type or "text/plain", boundary.encode("utf-8", "surrogateescape"), encoding)
