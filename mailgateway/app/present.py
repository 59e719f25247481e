"""A message as `mailgateway mail show --json` prints it: plain values under fixed names."""

from mailgateway.model.message import Address, Classification, Message

Json = dict[str, object]


def presented(file: str, message: Message, classification: Classification) -> Json:
    """Return what is known of a message, ready for JSON.

    Args:
        file: Where the mail was read from, as the caller named it.
        message: The message.
        classification: Its kind.

    Returns:
        The same keys for every message. `language` is None until a language is detected; `date` is ISO 8601 or None.
    """
    return {
        "file": file,
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "references": list(message.references),
        "subject": message.subject,
        "from": _address(message.sender),
        "reply_to": [_address(each) for each in message.reply_to],
        "to": [_address(each) for each in message.to],
        "cc": [_address(each) for each in message.cc],
        "date": message.date.isoformat() if message.date else None,
        "kind": str(classification.kind),
        "kind_reason": classification.reason,
        "language": None,
        "text": message.body.text,
        "quoted": message.body.quoted,
        "signature": message.body.signature,
        "full_text": message.body.full_text,
        "attachments": [
            {
                "name": attachment.name,
                "content_type": attachment.content_type,
                "size_bytes": attachment.size_bytes,
                "inline": attachment.inline,
            }
            for attachment in message.attachments
        ],
        "forwarded": message.forwarded,
        "defects": list(message.defects),
    }


def _address(address: Address) -> Json:
    return {"name": address.name, "address": address.address}
