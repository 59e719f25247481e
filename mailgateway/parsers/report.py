"""Delivery reports (RFC 3464): what a bounce says of each recipient."""

from collections.abc import Iterator

from mailgateway.model.message import DeliveryReport
from mailgateway.parsers.charset import decode_text
from mailgateway.parsers.headers import decoded
from mailgateway.parsers.references import message_id

_MAX_REPORTS = 100
_MAX_DIAGNOSTIC = 1_000
_FAILURES = frozenset(("failed", "delayed", ""))


def delivery_reports(status: bytes, original: bytes) -> tuple[DeliveryReport, ...]:
    """Return one report for each recipient that was not reached, at most 100.

    Args:
        status: The content of the message/delivery-status part.
        original: The returned mail or its header (message/rfc822 or text/rfc822-headers), b"" where absent.

    Returns:
        () where no recipient failed or is late (a report of success is no bounce).
    """
    blocks = list(_blocks(status))
    if not blocks:
        return ()
    per_message, per_recipient = (blocks[0], blocks[1:]) if "final-recipient" not in blocks[0] else ({}, blocks)
    original_id = message_id(next(_blocks(original), {}).get("message-id", ""))
    envelope_id = per_message.get("original-envelope-id", "")
    return tuple(
        _report(block, original_id, envelope_id)
        for block in per_recipient[:_MAX_REPORTS]
        if block.get("action", "").strip().lower() in _FAILURES
    )


def _report(block: dict[str, str], original_id: str, envelope_id: str) -> DeliveryReport:
    status = block.get("status", "").partition(" ")[0]
    return DeliveryReport(
        recipient=_typed(block.get("original-recipient", "") or block.get("final-recipient", "")),
        status=status,
        permanent=status.startswith("5") and block.get("action", "").lower() != "delayed",
        original_message_id=original_id,
        envelope_id=envelope_id,
        diagnostic=_typed(block.get("diagnostic-code", ""))[:_MAX_DIAGNOSTIC],
    )


def _typed(value: str) -> str:
    """Return what follows the type in `rfc822; anna@example.org` (RFC 3464 section 2.1.2)."""
    _, semicolon, text = value.partition(";")
    return (text if semicolon else value).strip().strip("<>")


def _blocks(raw: bytes) -> Iterator[dict[str, str]]:
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
