"""What a notice says of where a person's words came from: a form's fields, a chat's turns, a forwarded mail."""

from dataclasses import dataclass

from mailgateway.compose.lines import one_line
from mailgateway.model.cut import Piece
from mailgateway.model.message import Address, Forwarded, Message, Through

MAX_FIELDS = 30
MAX_LABEL = 60
MAX_VALUE = 200
_IN_WORDS = {
    Through.FORM: "the contact form",
    Through.CHAT: "the chat",
    Through.LIST: "the mailing group",
}


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of a contact form as a template names it: `label` and `value`, each on one line."""

    label: str
    value: str


def came_through(message: Message) -> str:
    """Return the channel in words, "" for a person's own mail."""
    relay = message.relay
    if relay is None:
        return ""
    typed = "; the address was typed in by whoever wrote this" if relay.is_typed else ""
    return f"{_IN_WORDS[relay.through]} {relay.channel} ({one_line(relay.carrier.address, MAX_VALUE)}){typed}"


def form_fields(message: Message) -> tuple[FieldLine, ...]:
    """Return a form's fields but the message, at most MAX_FIELDS (30), values cut to MAX_VALUE (200) characters."""
    if message.form is None:
        return ()
    fields = ((label, value) for label, value in message.form.fields if value and value != message.form.message)
    lines = tuple(FieldLine(one_line(label, MAX_LABEL), one_line(value, MAX_VALUE)) for label, value in fields)
    return lines[:MAX_FIELDS]


def shown_words(message: Message, piece: Piece | None = None) -> str:
    """Return the words to show: a piece's, a chat's turns with who said them, or the text; then a forwarded mail's."""
    text = message.body.text
    if message.chat:
        text = "\n".join(f"{turn.speaker or '*'} ({turn.role}): {turn.text}" for turn in message.chat.turns)
    forwarded = message.forwarded.text.strip() if message.forwarded else ""
    shown = piece.text if piece else text
    return shown if not forwarded or forwarded in text else f"{shown}\n\nForwarded:\n{forwarded}".lstrip()


def forwarded_line(message: Message) -> str:
    """Return who wrote the mail that is forwarded, when, about what, "" where none is."""
    forwarded: Forwarded | None = message.forwarded
    if forwarded is None:
        return ""
    parts = (_shown(forwarded.sender), forwarded.date, forwarded.subject)
    return one_line(", ".join(part for part in parts if part), MAX_VALUE) or "another mail"


def _shown(address: Address) -> str:
    return f"{address.name} <{address.address}>".strip() if address.address else address.name
