"""How much of one mail is read; whatever is cut because of a limit is said in the message's defects."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """Bounds for one mail.

    Attributes:
        mail_bytes: Of the raw mail; the rest is not looked at.
        parts: MIME parts; what comes after the last one allowed is kept in one piece, unread.
        depth: Multiparts inside each other; deeper ones are kept in one piece, unread.
        headers: Header fields of one part.
        header_bytes: Of one header field's body.
        header_block_bytes: Of all header fields of one part, where the bounded scanner reads the mail.
        text_bytes: Of one text part, decoded; also the characters of the readable text altogether.
        html_bytes: Of one HTML part, decoded.
        container_bytes: Of a part that holds others (winmail.dat, opaque signed S/MIME), decoded; a larger one stays
            an attachment.
        recipients: Addresses read from one header field.
        large_bytes: Encoded parts above this size go round the MIME parser, through the bounded scanner.
    """

    mail_bytes: int = 64 * MIB
    parts: int = 500
    depth: int = 20
    headers: int = 1_000
    header_bytes: int = 64 * KIB
    header_block_bytes: int = 256 * KIB
    text_bytes: int = 256 * KIB
    html_bytes: int = MIB
    container_bytes: int = 4 * MIB
    recipients: int = 500
    large_bytes: int = 64 * KIB


DEFAULT_LIMITS = ParseLimits()
