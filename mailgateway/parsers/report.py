"""Reports made for machines: delivery reports (RFC 3464), complaints (RFC 5965), and the header of what came back."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mailgateway.model.message import DeliveryReport
from mailgateway.parsers.charset import decode_text
from mailgateway.parsers.headers import decoded
from mailgateway.parsers.references import message_id

MAX_REPORTS = 100
MAX_DIAGNOSTIC = 1_000
_MAX_SUBJECT = 1_000
_ACTIONS = frozenset(("failed", "delayed", "delivered", "relayed", "expanded"))  # RFC 3464 section 2.3.3
_OTHER_IDS = (
    *(
        "x-microsoft-original-message-id",
        "x-original-message-id",
        "x-google-original-message-id",
        "original-message-id",
    ),
    *("x-message-id", "resent-message-id"),
)
# RFC 3463 section 2; the second number has one digit, or a version such as 4.94.2 would be a code.
_STATUS = re.compile(r"(?<![\d.])([245]\.[0-9]\.\d{1,3})(?!\.?\d)")
_BY_STATUS = {"2": "delivered", "4": "failed", "5": "failed"}


@dataclass(frozen=True, slots=True)
class Original:
    """What is known of a mail that came back.

    Attributes:
        message_id: The oldest that is known: some servers rewrite it and keep the first in a field of their own. ""
            where unknown, as for the next ones.
        subject: Decoded.
        sender: Its envelope sender.
        recipient: Its To, where that is a single address.
        other_ids: Ids that servers on the way kept of it or gave it.
    """

    message_id: str = ""
    subject: str = ""
    sender: str = ""
    recipient: str = ""
    other_ids: tuple[str, ...] = ()


NO_ORIGINAL = Original()


def delivery_reports(status: bytes, original: Original) -> tuple[DeliveryReport, ...]:
    """Return one report for each recipient of a delivery report, at most 100.

    Args:
        status: The content of the message/delivery-status part.
        original: The mail it is about.

    Returns:
        Recipients that were not reached, or not yet; where there is none of them those that were; () where the report
        names nobody.
    """
    all_blocks = list(blocks(status))
    first = all_blocks[0] if all_blocks else {}
    is_recipient = "final-recipient" in first or "original-recipient" in first or "action" in first
    per_message, per_recipient = ({}, all_blocks) if is_recipient else (first, all_blocks[1:])
    envelope_id = per_message.get("original-envelope-id", "")
    if not original.message_id:
        original = replace(original, message_id=message_id(per_message.get("x-original-message-id", "")))
    reports = [_report(block, original, envelope_id) for block in per_recipient[:MAX_REPORTS]]
    failures = tuple(report for report in reports if report.is_bounce)
    return failures or tuple(reports)


def receipts(disposition: bytes) -> tuple[DeliveryReport, ...]:
    """Return what a receipt says (RFC 8098), () where it names nothing.

    Args:
        disposition: The content of the message/disposition-notification part.
    """
    fields = next(blocks(disposition), {})
    return tuple(
        DeliveryReport(
            recipient=_typed(fields.get("final-recipient", "")),
            status="",
            permanent=False,
            original_message_id=message_id(original),
            envelope_id="",
            diagnostic=fields.get("disposition", "")[:MAX_DIAGNOSTIC],
            action="displayed",
        )
        for original in (fields.get("original-message-id", ""),)
        if original
    )


def feedback_reports(feedback: bytes, original: Original) -> tuple[DeliveryReport, ...]:
    """Return one report for each recipient of ours who complained (RFC 5965), at most 100; one where none is named.

    Args:
        feedback: The content of the message/feedback-report part.
        original: The mail it is about.
    """
    lines = decode_text(feedback, "")[0].split("\n")
    recipients = [_typed(line.partition(":")[2]) for line in lines if line.lower().startswith("original-rcpt-to:")]
    fields = next(blocks(feedback), {})
    return tuple(
        DeliveryReport(
            recipient=recipient,
            status="",
            permanent=False,
            original_message_id=original.message_id,
            envelope_id=fields.get("original-envelope-id", ""),
            diagnostic=fields.get("feedback-type", "")[:MAX_DIAGNOSTIC],
            action="complaint",
            original_subject=original.subject,
            original_sender=_typed(fields.get("original-mail-from", "")) or original.sender,
            other_ids=original.other_ids,
        )
        for recipient in recipients[:MAX_REPORTS] or [original.recipient]
    )


def original_in(header: bytes) -> Original:
    """Return what the header of a returned mail says, or the part of it that came back; never raises."""
    return original_of(next(blocks(header), {}))


def original_of(fields: Mapping[str, str]) -> Original:
    """Return what header fields (names in lower case) say of a mail."""
    named = [message_id(fields[name]) for name in (*_OTHER_IDS, "message-id") if name in fields]
    names = list(dict.fromkeys(name for name in named if name))
    to = [word for word in re.split(r"[\s<>,;\"]+", fields.get("to", "")) if "@" in word]
    return Original(
        message_id=names[0] if names else "",
        subject=fields.get("subject", "")[:_MAX_SUBJECT],
        sender=fields.get("return-path", "").strip("<> "),
        recipient=to[0] if len(set(to)) == 1 else "",
        other_ids=tuple(names[1:]),
    )


def status_code(text: str) -> str:
    """Return the first enhanced status code of a failure in a text (RFC 3463), "" where there is none."""
    return next((code for code in _STATUS.findall(text) if code[0] != "2"), "")


def _report(block: dict[str, str], original: Original, envelope_id: str) -> DeliveryReport:
    diagnostic = _typed(block.get("diagnostic-code", ""))[:MAX_DIAGNOSTIC]
    written = _STATUS.search(block.get("status", ""))
    status = written[1] if written else status_code(diagnostic)
    written_action = next(iter(block.get("action", "").lower().split()), "")
    action = written_action if written_action in _ACTIONS else _BY_STATUS.get(status[:1], "failed")
    return DeliveryReport(
        recipient=_typed(block.get("original-recipient", "")) or _typed(block.get("final-recipient", "")),
        status=status,
        permanent=status.startswith("5") and action == "failed",
        original_message_id=original.message_id,
        envelope_id=envelope_id,
        diagnostic=diagnostic,
        action=action,
        original_subject=original.subject,
        original_sender=original.sender,
        other_ids=original.other_ids,
    )


def _typed(value: str) -> str:
    """Return what follows the type in `rfc822; anna@example.org` (RFC 3464 section 2.1.2)."""
    _, semicolon, text = value.partition(";")
    return (text if semicolon else value).strip().strip("<>")


def blocks(raw: bytes) -> Iterator[dict[str, str]]:
    """Yield the groups of fields between blank lines; of a doubled field the first counts."""
    block: dict[str, str] = {}
    name, value = "", ""
    for line in decode_text(raw, "")[0].split("\n"):
        if line[:1] in (" ", "\t") and line.strip():
            value += " " + line.strip()
            continue
        if name:
            block.setdefault(name, decoded(value))
        name, colon, value = line.partition(":")
        name = name.strip().lower() if colon else ""
        if not line.strip() and block:
            yield block
            block = {}
    if name:
        block.setdefault(name, decoded(value))
    if block:
        yield block
