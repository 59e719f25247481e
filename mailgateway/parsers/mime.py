"""The MIME structure of a mail, as a flat list of its leaf parts.

The standard library's feed parser (mail-parser stands on it too) does the reading; `Part` is what it builds, with
guards: headers, depth and number of parts are bounded, message/* is never opened, and the structured fields are read
once, by `headers.parameters`, which cannot fail.
"""

import re
from dataclasses import dataclass
from email.feedparser import BytesFeedParser
from email.message import Message as MimeMessage
from email.policy import Policy, compat32
from typing import cast

from mailgateway.parsers.headers import parameters
from mailgateway.parsers.limits import ParseLimits

SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
CONTAINERS = SMIME | TNEF
"""Types of parts that hold others."""

_MULTIPART = "multipart/"
# What may stand before the first header field: a byte order mark, blank lines, the line that separates mails in an
# mbox. Without a header field after it, it is not skipped: then it is text.
_LEADING = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*\r?\n)*(?:>?From [^\r\n]*\r?\n)?(?=[!-9;-~]+:)")
_FIELD_BYTES = 4096  # Of Content-Type and its like: no real one is longer


@dataclass(frozen=True, slots=True)
class Leaf:
    """One part without parts of its own.

    Attributes:
        content_type: `type/subtype` in lower case.
        parameters: Of Content-Type, by name in lower case.
        disposition: "inline", "attachment", ... or "".
        file_name: As the sender wrote it, decoded; "" where absent.
        content_id: Without angle brackets.
        encoding: Content-Transfer-Encoding in lower case.
        raw: The encoded body.
        containers: The multipart subtypes around it, outermost first.
        alternative: Which multipart/alternative it belongs to (a number), None where to none.
    """

    content_type: str
    parameters: dict[str, str]
    disposition: str
    file_name: str
    content_id: str
    encoding: str
    raw: bytes
    containers: tuple[str, ...]
    alternative: int | None


@dataclass(slots=True)
class _Tally:
    """What the parts of one mail share while it is read."""

    limits: ParseLimits
    parts: int = 1
    cuts: dict[str, None] | None = None

    def cut(self, what: str) -> None:
        if self.cuts is None:
            self.cuts = {}
        self.cuts[what] = None


class Part(MimeMessage):
    """A MIME part as the feed parser builds it, bounded. Only `read_mime` makes and reads these."""

    def __init__(self, policy: Policy = compat32, tally: _Tally | None = None, depth: int = 0) -> None:
        super().__init__(policy)
        self.tally = tally or _Tally(ParseLimits())
        self.depth = depth
        self.fields: list[tuple[str, str]] = []
        self._type: tuple[str, dict[str, str]] | None = None

    def set_raw(self, name: str, value: str) -> None:
        """Take a header field from the feed parser; over the limits it is cut or passed over, and said."""
        limits = self.tally.limits
        if len(self.fields) >= limits.headers:
            self.tally.cut(f"more than {limits.headers} header fields")
            return
        name = name.lower().rstrip(" \t")
        bound = _FIELD_BYTES if name.startswith("content-") else limits.header_bytes
        if len(value) > bound:
            self.tally.cut(f"header field {name[:40]} cut to {bound} bytes")
            value = value[:bound]
        self.fields.append((name, value))

    def field(self, name: str) -> str:
        """Return the first field body of that name, "" where there is none."""
        return next((value for known, value in self.fields if known == name), "")

    @property
    def typed(self) -> tuple[str, dict[str, str]]:
        """The content type and its parameters; the default type where it is absent or nonsense."""
        if self._type is None:
            value, named = parameters(self.field("content-type"))
            main, slash, sub = value.partition("/")
            valid = bool(main and slash and sub) and not set(value) & set(' \t"()<>@,;:\\')
            self._type = (value if valid else self.get_default_type(), named)
        return self._type

    def attach(self, payload: "Part") -> None:  # type: ignore[override]  # the feed parser attaches what it made
        """Take a part from the feed parser; what is over the limit is passed over, and said."""
        payload.depth = self.depth + 1
        if self.tally.parts > self.tally.limits.parts:  # One more than the scanner reads: what it puts the rest into
            self.tally.cut(f"more than {self.tally.limits.parts} parts")
            return
        self.tally.parts += 1
        super().attach(payload)

    def get_content_type(self) -> str:
        """Return the type as far as the feed parser may act on it: message/* and deep multiparts stay closed."""
        content_type = self.typed[0]
        if content_type.startswith("message/"):
            return "application/octet-stream"
        if content_type.startswith(_MULTIPART) and (self.depth >= self.tally.limits.depth or not self.get_boundary()):
            return "application/octet-stream"
        return content_type

    def get_content_maintype(self) -> str:
        """Return the part of `get_content_type` before the slash."""
        return self.get_content_type().partition("/")[0]

    def get_boundary(self, _failobj: object = None) -> str | None:  # type: ignore[override]  # nobody passes one
        """Return the boundary, None where the part is no multipart or names none."""
        boundary = self.typed[1].get("boundary", "").rstrip()
        # The feed parser compares it with lines whose raw octets are surrogate escapes
        return boundary.encode().decode("ascii", "surrogateescape") or None


@dataclass(frozen=True, slots=True)
class Mime:
    """A mail taken apart.

    Attributes:
        fields: The top header fields: (name in lower case, raw body), in order, bounded.
        content_type: The mail's own.
        parameters: Of its Content-Type.
        leaves: In the order of the mail.
        defects: What was cut or broken.
        epilogue: The octets after the last part, without white space around; a program that is no mail program may
            have put its text there.
    """

    fields: tuple[tuple[str, str], ...]
    content_type: str
    parameters: dict[str, str]
    leaves: tuple[Leaf, ...]
    defects: tuple[str, ...]
    epilogue: bytes = b""


def leading_bytes(raw: bytes) -> int:
    """Return how many bytes of a mail stand before its first header field and mean nothing."""
    found = _LEADING.match(raw)
    return found.end() if found else 0


def read_mime(raw: bytes, limits: ParseLimits) -> Mime:
    """Return the structure of a mail, within the limits."""
    tally = _Tally(limits)

    def make(policy: Policy = compat32) -> Part:
        return Part(policy, tally)

    parser = BytesFeedParser(make)
    parser.feed(raw)
    root = parser.close()
    leaves: list[Leaf] = []
    defects: dict[str, None] = {}
    _collect(root, (), None, leaves, defects)
    content_type, named = root.typed
    cuts = tuple(f"cut: {what}" for what in tally.cuts or ())
    epilogue = (root.epilogue or "").strip().encode("utf-8", "surrogateescape")
    return Mime(tuple(root.fields), content_type, named, tuple(leaves), cuts + tuple(defects), epilogue)


ENDS_EARLY = "the mail ends before its last part does"
"""The defect of a mail whose structure has no end."""
# What the feed parser notes, in words; the rest of its defects are of no use to a person.
_DEFECTS = {
    "StartBoundaryNotFoundDefect": "the multipart has no part",
    "CloseBoundaryNotFoundDefect": ENDS_EARLY,
    "MissingHeaderBodySeparatorDefect": "a header line is no header",
    "FirstHeaderLineIsContinuationDefect": "the header begins in the middle of a line",
    "MisplacedEnvelopeHeaderDefect": "a mailbox separator inside the header",
}


def _collect(
    part: Part, containers: tuple[str, ...], alternative: int | None, leaves: list[Leaf], defects: dict[str, None]
) -> None:
    for defect in part.defects:
        words = _DEFECTS.get(type(defect).__name__)
        if words:
            defects[words] = None
    if part.depth and part.epilogue and part.epilogue.strip():
        defects["text after the last part, not shown"] = None
    payload = part.get_payload()
    if not isinstance(payload, list):
        leaves.append(_leaf(part, containers, alternative))
        return
    subtype = part.typed[0].partition("/")[2]
    if subtype == "alternative" and alternative is None:
        alternative = len(leaves)
    for child in payload:
        _collect(cast("Part", child), (*containers, subtype), alternative, leaves, defects)


def _leaf(part: Part, containers: tuple[str, ...], alternative: int | None) -> Leaf:
    content_type, named = part.typed
    disposition, options = parameters(part.field("content-disposition"))
    raw = part.get_payload(decode=True)  # The fields are not in the base class, so nothing is decoded: the octets
    return Leaf(
        content_type=content_type,
        parameters=named,
        disposition=disposition,
        file_name=options.get("filename", "") or named.get("name", ""),
        content_id=part.field("content-id").strip().strip("<>"),
        encoding=parameters(part.field("content-transfer-encoding"))[0],
        raw=raw if isinstance(raw, bytes) else b"",
        containers=containers,
        alternative=alternative,
    )
