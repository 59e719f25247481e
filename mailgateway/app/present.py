"""A message as `mailgateway mail show --json` prints it: plain values under fixed names."""

from mailgateway.model.message import (
    Absence,
    Address,
    Attachment,
    Chat,
    Classification,
    Form,
    Forwarded,
    Message,
    MessageKind,
    Through,
)
from mailgateway.model.people import AuthenticationResults
from mailgateway.parsers.authentication import NO_RESULTS

Json = dict[str, object]


def presented(
    file: str, message: Message, classification: Classification, results: AuthenticationResults = NO_RESULTS
) -> Json:
    """Return what is known of a message, ready for JSON.

    Args:
        file: Where the mail was read from, as the caller named it.
        message: The message.
        classification: Its kind.
        results: What a trusted server found out about the sender.

    Returns:
        The same keys for every message. `language` is None where it is unknown; `date` is ISO 8601 or None.
    """
    return {
        "file": file,
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "references": list(message.references),
        "subject": message.subject,
        "from": _address(message.relay.carrier if message.relay else message.sender),
        "reply_to": [_address(each) for each in message.reply_to],
        "to": [_address(each) for each in message.to],
        "cc": [_address(each) for each in message.cc],
        "date": message.date.isoformat() if message.date else None,
        "kind": str(classification.kind),
        "kind_reason": classification.reason,
        "language": message.language or None,
        "text": message.body.text,
        "quoted": message.body.quoted,
        "signature": message.body.signature,
        "full_text": message.body.full_text,
        "pairs": [{"question": pair.question, "answer": pair.answer} for pair in message.body.pairs],
        "attachments": [_attachment(each) for each in message.attachments],
        "forwarded": _forwarded(message.forwarded) if message.forwarded else None,
        "forwards": [_forwarded(each) for each in (message.forwarded, *message.further_forwards) if each],
        "form": _form(message.form) if message.form else None,
        "chat": _chat(message.chat) if message.chat else None,
        "originator": {**_address(message.sender), "by": str(_named_by(message))},
        "bounce": _bounce(message) if classification.kind is MessageKind.BOUNCE else None,
        "absent": _absent(classification.absent) if classification.absent else None,
        "authentication": _authentication(results),
        "protection": str(message.protection) if message.protection else None,
        "defects": list(dict.fromkeys((*message.defects, *message.suspicious))),
    }


def _address(address: Address) -> Json:
    return {"name": address.name, "address": address.address}


def _attachment(attachment: Attachment) -> Json:
    return {
        "name": attachment.name,
        "content_type": attachment.content_type,
        "size_bytes": attachment.size_bytes,
        "inline": attachment.inline,
    }


def _named_by(message: Message) -> Through:
    """Return what names the person of a message: the channel it came through, else the header field."""
    if message.relay:
        return message.relay.through
    written = (message.header("from") or "").lower()
    instead = any(each.key == message.sender.key for each in message.reply_to)
    return Through.REPLY_TO if instead and message.sender.key not in written else Through.FROM


def _bounce(message: Message) -> Json:
    ids = (name for report in message.reports for name in (report.original_message_id, *report.other_ids))
    return {
        "recipients": [
            {
                "recipient": report.recipient,
                "status": report.status,
                "permanent": report.permanent,
                "diagnostic": report.diagnostic,
            }
            for report in message.reports
            if report.recipient
        ],
        "original_message_id": next((name for name in ids if name), ""),
    }


def _absent(absent: Absence) -> Json:
    return {
        "from": absent.starts.isoformat() if absent.starts else None,
        "until": absent.ends.isoformat() if absent.ends else None,
    }


def _authentication(results: AuthenticationResults) -> Json:
    return {
        "verdict": str(results.verdict),
        "authserv_id": results.authserv_id or None,
        **{name: getattr(results, name) or None for name in ("spf", "dkim", "dmarc", "arc")},
    }


def _forwarded(forwarded: Forwarded) -> Json:
    return {
        "from": _address(forwarded.sender),
        "date": forwarded.date or None,
        "subject": forwarded.subject,
        "text": forwarded.text,
        "depth": forwarded.depth,
        "attachments": list(forwarded.attachments),
    }


def _form(form: Form) -> Json:
    return {
        "name": form.name,
        "address": form.address,
        "company": form.company,
        "subject": form.subject,
        "message": form.message,
        "fields": dict(form.fields),
    }


def _chat(chat: Chat) -> Json:
    turns = [{"speaker": turn.speaker, "role": str(turn.role), "text": turn.text} for turn in chat.turns]
    return {"service": chat.service, "visitor": _address(chat.visitor), "turns": turns}
