"""What a mail shows and what it carries: its text, its files, also those inside other parts.

Containers (opaque signed S/MIME, winmail.dat, uuencoded files in a text) are opened; what cannot be opened stays as it
is.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from mailgateway.model.message import Attachment, Protection
from mailgateway.parsers.attachments import file_name, is_pixel, referred_ids, safe_name
from mailgateway.parsers.body import TextPart, readable_text
from mailgateway.parsers.calendar import calendar_text
from mailgateway.parsers.charset import decode_text
from mailgateway.parsers.contents import Content, is_readable, read_content
from mailgateway.parsers.headers import decoded
from mailgateway.parsers.html_headings import html_headings
from mailgateway.parsers.limits import ParseLimits
from mailgateway.parsers.mime import SMIME, TNEF, Mime, read_mime
from mailgateway.parsers.protection import ENCRYPTED_TEXT, declared, opaque, without_armour
from mailgateway.parsers.tnef import Tnef, read_tnef
from mailgateway.parsers.uuencode import encoded_files

_MAX_NESTING = 3
_ALTERNATIVES = 1_000_000  # Numbers of alternatives in one part; more than it can have parts
_INSTEAD = ("text/markdown", "text/x-markdown", "text/enriched", "text/richtext")
_OTHER_LOOKS = ("text/x-amp-html", "text/watch-html")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A mail's text and files.

    Attributes:
        text: What is to be read, with the marks of parsers.html_quotes.
        contents: Of all leaf parts, those of opened containers in place of these.
        attachments: The files.
        in_memory: (digest, content) of the files that are in no blob yet, each once.
        protection: What the sender's program did to the mail.
        defects: What was cut or could not be opened.
        headings: What HTML shows as headings.
    """

    text: str
    contents: tuple[Content, ...]
    attachments: tuple[Attachment, ...]
    in_memory: tuple[tuple[str, bytes], ...]
    protection: Protection | None
    defects: tuple[str, ...]
    headings: tuple[str, ...] = ()


def unpacked(mime: Mime, contents: Sequence[Content], limits: ParseLimits) -> Unpacked:
    """Return what a mail shows and carries.

    Args:
        mime: The mail.
        contents: Of its leaves.
        limits: What is above them is cut, and said.
    """
    packing = _Packing(limits, declared(mime.content_type, mime.parameters))
    opened = tuple(_opened(contents, packing, _MAX_NESTING))
    texts = _text_parts(opened)
    shown = [_text_part(content, packing) for content in texts]
    tnefs = [_tnef(content, packing) for content in opened]
    text = readable_text(shown, limits.text_bytes)
    if not text.strip():
        text = _instead(mime, opened, [tnef for tnef in tnefs if tnef], packing)[: limits.text_bytes]
    elif mime.epilogue:
        packing.say("text after the last part, not shown")
    read = {id(content) for content in texts if not content.cut}
    read |= {id(content) for content, tnef in zip(opened, tnefs, strict=True) if tnef and tnef.whole}
    ids = referred_ids(content.text for content in texts if content.leaf.content_type == "text/html")
    attached = [content for content in opened if id(content) not in read]
    packing.files[:0] = [_File(_attachment(each, ids), None if each.stored else each.whole) for each in attached]
    _cut_files(packing)
    return Unpacked(
        text=text,
        contents=opened,
        attachments=tuple(file.attachment for file in packing.files),
        in_memory=_in_memory(packing.files),
        protection=packing.protection,
        defects=tuple(packing.defects),
        headings=tuple(heading for part in shown if part.is_html for heading in html_headings(part.text)),
    )


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the mail; its content where that is in no blob yet."""

    attachment: Attachment
    content: bytes | None


@dataclass(slots=True)
class _Packing:
    """What is found while a mail is unpacked."""

    limits: ParseLimits
    protection: Protection | None
    files: list[_File] = field(default_factory=list)
    opened: int = 0
    defects: dict[str, None] = field(default_factory=dict)

    def say(self, defect: str) -> None:
        self.defects[defect] = None

    def protect(self, protection: Protection | None) -> None:
        """Note a protection; encryption outweighs a signature."""
        if protection and self.protection is not Protection.ENCRYPTED:
            self.protection = protection

    def add(self, name: str, content_type: str, content: bytes) -> None:
        digest = hashlib.sha256(content).hexdigest()
        plain_name = safe_name(decode_text(name.encode("utf-8", "replace"), "utf-8")[0])
        attachment = Attachment(plain_name, content_type, len(content), inline=False, content_id="", digest=digest)
        self.files.append(_File(attachment, content))


def _opened(contents: Sequence[Content], packing: _Packing, nesting: int) -> Iterator[Content]:
    """Yield the contents with those of opaque signed parts in place of these (RFC 8551 section 3.5.2)."""
    for content in contents:
        inner: tuple[Content, ...] = ()
        if content.leaf.content_type in SMIME and nesting:
            inner = _signed(content, packing)
        if inner:
            yield from _opened(inner, packing, nesting - 1)
        else:
            yield content


def _signed(content: Content, packing: _Packing) -> tuple[Content, ...]:
    """Return what is inside an opaque S/MIME part, () where nothing can be read."""
    if not _is_whole(content):
        packing.say(f"cut: {content.leaf.content_type} of {content.size_bytes} bytes, not opened")
        return ()
    found = opaque(content.whole)
    packing.protect(found.protection)
    if not found.content:
        return ()
    inner = read_mime(found.content, packing.limits)
    for defect in inner.defects:
        packing.say(defect)
    packing.protect(declared(inner.content_type, inner.parameters))
    packing.opened += _ALTERNATIVES
    leaves = (
        leaf if leaf.alternative is None else replace(leaf, alternative=leaf.alternative + packing.opened)
        for leaf in inner.leaves
    )
    read = tuple(read_content(leaf, {}, packing.limits) for leaf in leaves)
    for each in read:
        if each.defect:
            packing.say(each.defect)
    return read


def _is_whole(content: Content) -> bool:
    return len(content.whole) == content.size_bytes


def _text_parts(contents: Sequence[Content]) -> list[Content]:
    """Return the parts that are the mail's text; where all have a file name, the first that is not an attachment."""
    readable = [content for content in contents if is_readable(content.leaf)]
    unnamed = [content for content in readable if not content.leaf.file_name]
    return unnamed or readable[:1]


def _text_part(content: Content, packing: _Packing) -> TextPart:
    """Return a part as text, without the armour of PGP and without files that stand in it."""
    named = content.leaf.parameters
    if content.cut:
        packing.say(f"cut: {content.leaf.content_type} of {content.size_bytes} bytes, whole attached")
    text = content.text
    is_html = content.leaf.content_type == "text/html"
    if not is_html:
        text, protection = without_armour(text)
        packing.protect(protection)
        text = _without_files(text, packing)
    return TextPart(
        text=text,
        is_html=is_html,
        flowed=named.get("format", "").lower() == "flowed",
        delsp=named.get("delsp", "").lower() == "yes",
        alternative=content.leaf.alternative,
    )


def _without_files(text: str, packing: _Packing) -> str:
    text, files = encoded_files(text)
    for file in files:
        packing.add(file.name, "application/octet-stream", file.content)
        if not file.whole:
            packing.say(f"cut: the uuencoded file {safe_name(file.name)} has no end")
    return text


def _tnef(content: Content, packing: _Packing) -> Tnef | None:
    """Return what is in a winmail.dat and note its files; None for every other part."""
    leaf = content.leaf
    if leaf.content_type not in TNEF and leaf.file_name.lower() != "winmail.dat":
        return None
    found = read_tnef(content.whole) if _is_whole(content) else None
    if found is None or not found.whole:
        packing.say("winmail.dat could not be opened" if found is None else "winmail.dat is damaged, kept as it is")
    for file in found.files if found else ():
        packing.add(file.name, file.content_type or "application/octet-stream", file.content)
    return found


def _instead(mime: Mime, contents: Sequence[Content], tnefs: Sequence[Tnef], packing: _Packing) -> str:
    """Return what is shown of a mail without a text: the first of the other things that say something."""
    sources = (
        _tnef_text(tnefs, packing.limits),
        _of_types(contents, _INSTEAD),
        calendar_text(_of_types(contents, ("text/calendar", "application/ics"))),
        ENCRYPTED_TEXT if packing.protection is Protection.ENCRYPTED else "",
    )
    text = next((source for source in sources if source.strip()), "")
    if not text:
        text = without_armour(decode_text(mime.epilogue[: packing.limits.text_bytes], "")[0])[0]
        if text.strip():
            packing.say("text after the last part, shown since there is no other")
    elif mime.epilogue:
        packing.say("text after the last part, not shown")
    return text


def _tnef_text(tnefs: Sequence[Tnef], limits: ParseLimits) -> str:
    parts = [TextPart(tnef.text[: limits.html_bytes], is_html=tnef.is_html) for tnef in tnefs]
    return readable_text(parts, limits.text_bytes)


def _of_types(contents: Sequence[Content], types: Sequence[str]) -> str:
    """Return the text of the first part of one of these types."""
    found = next((content for content in contents if content.leaf.content_type in types), None)
    if found is None:
        return ""
    return decode_text(found.whole[: 256 * 1024], found.leaf.parameters.get("charset", ""))[0]


def _attachment(content: Content, ids: frozenset[str]) -> Attachment:
    leaf = content.leaf
    inline = bool(leaf.content_id) and leaf.content_id in ids
    if leaf.content_type.startswith("image/"):
        # One with an id that no text refers to is a photo among the words (Apple Mail).
        related = leaf.disposition == "inline" and "related" in leaf.containers and not leaf.content_id
        inline = inline or related or is_pixel(content.whole)
    return Attachment(
        name=file_name(leaf, content.whole),
        content_type=leaf.content_type,
        size_bytes=content.size_bytes,
        inline=inline or leaf.content_type in _OTHER_LOOKS,
        content_id=decoded(leaf.content_id),
        digest=content.digest,
    )


def _in_memory(files: Sequence[_File]) -> tuple[tuple[str, bytes], ...]:
    contents = {file.attachment.digest: file.content for file in files}
    return tuple((digest, content) for digest, content in contents.items() if content is not None)


def _cut_files(packing: _Packing) -> None:
    """Bound the number of files; those that are in no part of their own come last."""
    most = packing.limits.parts
    if len(packing.files) > most:
        packing.say(f"cut: more than {most} files")
        del packing.files[most:]
