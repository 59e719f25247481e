"""Whose words a mail holds: a configured channel's mail becomes the message of the person inside.

Only what an admin configured counts. A mail that merely looks like a form stays the mail of whoever sent it: else
anybody could have us write to a third address.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import unquote

from mailgateway.model.message import Address, Body, Chat, Form, Message, Relay, Speaker, Through
from mailgateway.model.site import Channel, own_suffix
from mailgateway.parsers.chat import read_chat
from mailgateway.parsers.form import read_form
from mailgateway.parsers.listcopy import list_author

_ANY = "chat"
_FIELDS = 3
NO_ADDRESS = "the form names no address to answer to"


@dataclass(frozen=True, slots=True)
class Here:
    """What is to be known of ourselves.

    Attributes:
        channels: As configured.
        own_addresses: In lower case; nobody who is named inside a mail is one of us.
        operators: The names of our people.
    """

    channels: tuple[Channel, ...]
    own_addresses: frozenset[str] = frozenset()
    operators: tuple[str, ...] = ()


def through_channel(message: Message, here: Here) -> Message:
    """Return a message as the person inside wrote it, where it came through a configured channel.

    The sender is then the person, the text their words; `relay` names the robot and full_text keeps everything. A
    mail of a channel in which no person can be found stays as it is, and so do reports and answers of robots.

    Args:
        message: The mail as it was read.
        here: The channels and ourselves.
    """
    channel = next((channel for channel in here.channels if _is_from(message, channel)), None)
    if channel is None or message.reports:
        return message
    if channel.kind is not Through.LIST and _is_answer(message):
        return message
    return _READERS[channel.kind](message, channel, here)


def look_alike(message: Message) -> Message:
    """Return a message with the form or chat it looks like, where no configuration says what is one.

    For showing only: the sender and the text stay what they are.
    """
    text = message.body.full_text
    chat = read_chat(text, (), message.reply_to, message.sender.key)
    if chat and (chat.service != _ANY or {turn.role for turn in chat.turns} >= {Speaker.VISITOR, Speaker.OPERATOR}):
        return replace(message, chat=chat)
    form = read_form(text, (), message.reply_to)
    is_form = form is not None and form.message and "@" in form.address and len(form.fields) >= _FIELDS
    return replace(message, form=form) if is_form else message


def _is_from(message: Message, channel: Channel) -> bool:
    address = message.sender.key
    if address and (address in channel.addresses or f"*@{message.sender.domain}" in channel.addresses):
        return True
    if not channel.list_ids:
        return False
    written = (value.rpartition("<")[2].partition(">")[0].strip() or value for value in _all(message, "list-id"))
    return any(each.lower() in channel.list_ids for each in written)


def _all(message: Message, name: str) -> tuple[str, ...]:
    return tuple(unquote(value).strip() for known, value in message.headers if known == name)


def _is_answer(message: Message) -> bool:
    """Return whether a robot answers one of our own mails (RFC 3834 section 5, RFC 6522)."""
    replied = any(value.lower().startswith("auto-replied") for value in _all(message, "auto-submitted"))
    return replied or (message.header("content-type") or "").lower().startswith("multipart/report")


def _strangers(message: Message, here: Here) -> tuple[Address, ...]:
    """Return those of Reply-To who are neither us nor the robot."""
    return tuple(each for each in message.reply_to if each.key != message.sender.key and not _is_own(each.key, here))


def _is_own(address: str, here: Here) -> bool:
    return own_suffix(address, here.own_addresses) is not None


# --- the kinds of channel --------------------------------------------------------------------------------------


def _as_form(message: Message, channel: Channel, here: Here) -> Message:
    reply_to = _strangers(message, here)
    form = read_form(message.body.full_text, channel.labels, reply_to)
    if form is None and reply_to:
        form = Form(reply_to[0].name, reply_to[0].address, "", "", message.body.text, ())
    return _with_form(message, form, channel, here) if form else message


def _with_form(message: Message, form: Form, channel: Channel, here: Here) -> Message:
    person = _person(Address(form.name, form.address), here)
    defects = message.defects if person.address else (*message.defects, NO_ADDRESS)
    words = form.message or message.body.text
    return replace(
        message,
        sender=person,
        relay=Relay(channel.kind, message.sender, channel.name),
        form=form,
        body=Body(words, "", "", message.body.full_text),
        defects=defects,
    )


def _as_chat(message: Message, channel: Channel, here: Here) -> Message:
    operators = (*channel.operators, *here.operators)
    chat = read_chat(message.body.full_text, operators, _strangers(message, here), message.sender.key)
    if chat is None:
        return _as_form(message, channel, here)  # what visitors leave when nobody is there
    person = _person(chat.visitor, here)
    return replace(
        message,
        sender=person,
        relay=Relay(Through.CHAT, message.sender, channel.name),
        chat=chat,
        body=Body(_visitors_words(chat) or message.body.text, "", "", message.body.full_text),
        defects=message.defects if person.address else (*message.defects, NO_ADDRESS),
    )


def _visitors_words(chat: Chat) -> str:
    return "\n".join(turn.text for turn in chat.turns if turn.role is Speaker.VISITOR)


def _as_list_copy(message: Message, channel: Channel, _: Here) -> Message:
    author = list_author(message, frozenset(channel.addresses))
    return replace(message, sender=author, relay=Relay(Through.LIST, message.sender, channel.name))


def _person(typed: Address, here: Here) -> Address:
    """Return who was named; an address that is none, or ours, is not taken."""
    usable = "@" in typed.address and not _is_own(typed.key, here)
    local, _, domain = typed.address.rpartition("@")
    return Address(typed.name, f"{local}@{domain.lower()}" if usable else "")


_READERS: dict[Through, Callable[[Message, Channel, Here], Message]] = {
    Through.FORM: _as_form,
    Through.CHAT: _as_chat,
    Through.LIST: _as_list_copy,
}
