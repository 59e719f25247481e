"""Raw bytes to a `Message`. Never raises, whatever the bytes are; what could not be read is said in `defects`."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain

from mailgateway.model.message import Address, Attachment, Body, Forwarded, Message
from mailgateway.parsers.attachments import safe_name
from mailgateway.parsers.bounce import Notice
from mailgateway.parsers.bounce_mail import mail_reports
from mailgateway.parsers.contents import Content, read_content
from mailgateway.parsers.doubts import doubts
from mailgateway.parsers.forwarded import MAX_DEPTH, carried, forwarded_in
from mailgateway.parsers.headers import FAULTS, addresses, date, decoded, unfolded
from mailgateway.parsers.limits import DEFAULT_LIMITS, ParseLimits
from mailgateway.parsers.mime import Leaf, Mime, leading_bytes, read_mime
from mailgateway.parsers.references import message_id, message_ids, references
from mailgateway.parsers.reply import split_reply
from mailgateway.parsers.scan import LargePart, skeleton
from mailgateway.parsers.unpack import Unpacked, unpacked

_NO_LARGE: Mapping[str, LargePart] = {}
_ONCE = ("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references")
_INSTEAD_OF_FROM = ("reply-to", "sender", "return-path")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_NAMESPACE = "x-mailgateway-"
# Encoded words mean nothing there (RFC 2047 section 5): decoded, a sender's local part could become syntax.
_NOT_DECODED = frozenset(("authentication-results", "arc-authentication-results"))
_FORWARDED_TYPES = ("message/rfc822", "message/global")
_FORWARDED_BYTES = 256 * 1024
_FURTHER_BYTES = 512 * 1024
_MAX_FORWARDS = 20


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail as it was understood, with what came in it.

    Attributes:
        message: The message.
        contents: (digest, content) of the attachments that are in memory, each once, for the blob store. Those that
            went to blobs before (see parsers.scan) are not among them.
    """

    message: Message
    contents: tuple[tuple[str, bytes], ...]


def parse(
    raw: bytes,
    limits: ParseLimits = DEFAULT_LIMITS,
    partial: bool = False,
    large: Mapping[str, LargePart] = _NO_LARGE,
    defects: Sequence[str] = (),
) -> Parsed:
    """Return the message that the bytes of a mail are. Never raises.

    Args:
        raw: The mail, or the skeleton that parsers.scan made of it.
        limits: What is above them is cut, and said in the defects.
        partial: Whether only the beginning of the mail was fetched.
        large: With a skeleton, the parts that went to blobs.
        defects: What is known to be wrong already.
    """
    noted = list(defects)
    if len(raw) > limits.mail_bytes:
        noted.append(f"cut: mail of {len(raw)} bytes")
        raw = raw[: limits.mail_bytes]
    if large or not _is_big(raw, limits):
        return _parsed(raw, large, _Reading(limits, partial, noted))
    return _parsed_in_memory(raw, _Reading(limits, partial, noted))


@dataclass(frozen=True, slots=True)
class _Reading:
    limits: ParseLimits
    partial: bool
    defects: list[str]
    level: int = 0  # of mails inside mails


@dataclass(frozen=True, slots=True)
class _Envelope:
    """The fields of the header that have a meaning of their own."""

    subject: str
    sender: Address
    authors: tuple[Address, ...]
    date: datetime | None


def _is_big(raw: bytes, limits: ParseLimits) -> bool:
    """Return whether the scanner is to look at a mail first: it is quicker on big parts, and bounds their number."""
    return len(raw) > limits.large_bytes or raw.count(b"\n--") + raw.count(b"\r--") > limits.parts


def _parsed_in_memory(raw: bytes, reading: _Reading) -> Parsed:
    """Parse a mail with its large parts set apart in memory."""
    kept: dict[str, bytes] = {}

    def keep(chunks: Iterable[bytes]) -> tuple[str, int]:
        content = b"".join(chunks)
        digest = hashlib.sha256(content).hexdigest()
        kept[digest] = content
        return digest, len(content)

    found = skeleton((raw,), keep, reading.limits)
    reading.defects.extend(found.defects)
    parsed = _parsed(found.raw, found.large, reading)
    attached = {attachment.digest for attachment in parsed.message.attachments}
    contents = dict(parsed.contents) | {digest: kept[digest] for digest in kept if digest in attached}
    return Parsed(parsed.message, tuple(contents.items()))


def _parsed(raw: bytes, large: Mapping[str, LargePart], reading: _Reading) -> Parsed:
    skipped = leading_bytes(raw)
    if skipped:
        reading.defects.append("text before the header")
        raw = raw[skipped:]
    try:
        return _assembled(read_mime(raw, reading.limits), dict(large), reading)
    except FAULTS as fault:
        reading.defects.append(f"unreadable structure ({type(fault).__name__}), read as plain text")
        return _assembled(_as_text(raw, reading.limits), dict(large), reading)


def _as_text(raw: bytes, limits: ParseLimits) -> Mime:
    """Return a mail whose structure cannot be read: its header where that can, and the rest as one text."""
    end = _HEADER_END.search(raw)
    try:
        fields = read_mime(raw[: end.end()] if end else b"", limits).fields
    except FAULTS:
        fields, end = (), None
    leaf = Leaf(
        content_type="text/plain",
        parameters={},
        disposition="",
        file_name="",
        content_id="",
        encoding="",
        raw=raw[end.end() if end else 0 :],
        containers=(),
        alternative=None,
    )
    return Mime(fields=fields, content_type="text/plain", parameters={}, leaves=(leaf,), defects=())


def _assembled(mime: Mime, large: dict[str, LargePart], reading: _Reading) -> Parsed:
    fields = _first_fields(mime.fields, reading)
    contents = [read_content(leaf, large, reading.limits) for leaf in mime.leaves]
    found = _unpacked(mime, contents, large, reading)
    envelope = _envelope(mime, fields, reading)
    to = _addresses(fields, "to", reading)
    body = replace(split_reply(found.text, envelope.sender.name), headings=found.headings)
    notice = _notice(envelope, fields, to, body)
    forwards = _forwards(mime, found.contents, (body.full_text, envelope.subject), reading)
    message = Message(
        headers=_headers(mime, reading),
        message_id=message_id(unfolded(fields.get("message-id", ""))),
        in_reply_to=next(iter(message_ids(unfolded(fields.get("in-reply-to", "")))), ""),
        references=references(unfolded(fields.get("references", "")), unfolded(fields.get("in-reply-to", ""))),
        subject=envelope.subject,
        sender=envelope.sender,
        reply_to=_addresses(fields, "reply-to", reading),
        to=to,
        cc=_addresses(fields, "cc", reading),
        return_path=notice.return_path,
        date=envelope.date,
        body=body,
        attachments=(*found.attachments, *_unclaimed(large, reading)),
        reports=mail_reports(mime, found.contents, notice),
        forwarded=next(iter(forwards), None),
        partial=reading.partial,
        digest=_digest(envelope, contents),
        defects=tuple(dict.fromkeys(reading.defects)),
        authors=envelope.authors,
        suspicious=doubts(envelope.authors),
        protection=found.protection,
        further_forwards=forwards[1:],
    )
    return Parsed(message, found.in_memory)


def _notice(envelope: _Envelope, fields: Mapping[str, str], to: Sequence[Address], body: Body) -> Notice:
    """Return what is looked at to find a bounce."""
    return Notice(
        sender=envelope.sender,
        return_path=_return_path(fields),
        subject=envelope.subject,
        failed_recipients=decoded(fields.get("x-failed-recipients", "")),
        own=frozenset(address.key for address in to),
        text=body.full_text,
    )


def _first_fields(fields: Sequence[tuple[str, str]], reading: _Reading) -> dict[str, str]:
    """Return the first body of each field: a sender must not choose a second subject."""
    firsts: dict[str, str] = {}
    for name, raw in fields:
        if name not in firsts:
            firsts[name] = raw
        elif name in _ONCE:
            reading.defects.append(f"{name} occurs more than once, the first counts")
    return firsts


def _unpacked(mime: Mime, contents: Sequence[Content], large: Mapping[str, LargePart], reading: _Reading) -> Unpacked:
    """Return what a mail shows and carries, and note what was wrong with its parts."""
    if mime.epilogue.decode("ascii", "replace") in large:  # It went to a blob and is attached
        mime = replace(mime, epilogue=b"")
    found = unpacked(mime, contents, reading.limits)
    reading.defects.extend(mime.defects)
    reading.defects.extend(content.defect for content in contents if content.defect)
    reading.defects.extend(found.defects)
    return found


def _headers(mime: Mime, reading: _Reading) -> tuple[tuple[str, str], ...]:
    """Return the header fields without those of our own namespace: nobody else may write them."""
    ours = [name for name, _ in mime.fields if name.startswith(_NAMESPACE)]
    reading.defects.extend(f"{name} is not believed" for name in ours)
    return tuple(
        (name, unfolded(raw) if name in _NOT_DECODED else decoded(raw))
        for name, raw in mime.fields
        if not name.startswith(_NAMESPACE)
    )


def _envelope(mime: Mime, fields: Mapping[str, str], reading: _Reading) -> _Envelope:
    raw_date = fields.get("date", "")
    moment = date(raw_date) if raw_date else None
    if raw_date and moment is None:
        reading.defects.append("unreadable date")
    authors = _addresses(fields, "from", reading)
    others = [addresses(raw, reading.limits.recipients) for name, raw in mime.fields if name == "from"][1:]
    sender = _sender(authors, fields, reading)
    return _Envelope(decoded(fields.get("subject", "")), sender, tuple(chain(authors, *others)), moment)


def _sender(authors: Sequence[Address], fields: Mapping[str, str], reading: _Reading) -> Address:
    """Return the author; where From names no address, who else the header names (RFC 5322 section 3.6.2)."""
    reachable = [author for author in authors if author.address]
    if len(reachable) > 1:
        reading.defects.append("several addresses in From, the first counts")
    if reachable:
        return reachable[0]
    name = authors[0].name if authors else ""
    for field in _INSTEAD_OF_FROM:
        found = next((each for each in _addresses(fields, field, reading) if each.address), None)
        if found:
            reading.defects.append(f"no address in From, {field} counts")
            return Address(name or found.name, found.address)
    reading.defects.append("no sender")
    return Address(name, "")


def _addresses(fields: Mapping[str, str], name: str, reading: _Reading) -> tuple[Address, ...]:
    raw = fields.get(name, "")
    found = addresses(raw, reading.limits.recipients) if raw else ()
    if len(found) == reading.limits.recipients:
        reading.defects.append(f"cut: {name} has {len(found)} addresses or more")
    return found


def _return_path(fields: Mapping[str, str]) -> str | None:
    raw = fields.get("return-path")
    if raw is None:
        return None
    return next((each.address for each in addresses(raw) if each.address), "")


def _unclaimed(large: Mapping[str, LargePart], reading: _Reading) -> Iterator[Attachment]:
    """Yield what went to a blob and has no place in the structure: nothing a sender wrote is lost."""
    for part in large.values():
        reading.defects.append("a large part has no place in the mail, attached")
        yield Attachment(
            "", "application/octet-stream", part.size_bytes, inline=False, content_id="", digest=part.digest
        )


def _forwards(
    mime: Mime, contents: Sequence[Content], written: tuple[str, str], reading: _Reading
) -> tuple[Forwarded, ...]:
    """Return the mails that are attached, else the one that is quoted as forwarded in (text, subject).

    In a mail that is attached itself only the first counts: so the work stays linear in what was sent.
    """
    mails = [each for each in contents if each.leaf.content_type in _FORWARDED_TYPES]
    if mails and mime.content_type != "multipart/report" and reading.level < MAX_DEPTH:
        return tuple(_carried(each, reading) for each in _readable(mails, reading))
    text, subject = written
    names = [safe_name(each.leaf.file_name) for each in contents if each.leaf.disposition == "attachment"]
    found = forwarded_in(text, subject, [name for name in names if name])
    return (found,) if found else ()


def _carried(content: Content, reading: _Reading) -> Forwarded:
    inside = _Reading(reading.limits, partial=False, defects=[], level=reading.level + 1)
    return carried(_parsed(content.whole[:_FORWARDED_BYTES], {}, inside).message)


def _readable(mails: Sequence[Content], reading: _Reading) -> Iterator[Content]:
    """Yield the attached mails that are read: the first, and further ones while they are few and small altogether."""
    yield mails[0]
    left = 0 if reading.level else _FURTHER_BYTES
    for mail in mails[1:_MAX_FORWARDS]:
        left -= min(len(mail.whole), _FORWARDED_BYTES)
        if left < 0:
            break
        yield mail
    if not reading.level and (left < 0 or len(mails) > _MAX_FORWARDS):
        reading.defects.append("cut: more attached mails than are read, all are attachments")


def _digest(envelope: _Envelope, contents: Sequence[Content]) -> str:
    """Hash what the author wrote: no trace field, no transfer encoding, no order of header fields comes in."""
    lines = (
        f"{envelope.sender.name} <{envelope.sender.key}>",
        envelope.date.astimezone(UTC).isoformat() if envelope.date else "",
        " ".join(envelope.subject.split()),
        *(content.identity for content in contents),
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
