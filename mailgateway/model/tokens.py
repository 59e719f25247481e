"""Signed tokens: reply addresses, bounce addresses, our Message-IDs and the check letters of ticket IDs.

Every token ends in the same signature: the key's id and 80 bits of HMAC-SHA256 over the purpose and the token's own
text, so that a token made for one purpose never verifies for another, and nothing of it can be changed. Reading takes
any text at all and never raises. Reading ignores (ASCII) case, since mail systems do not keep it; nothing else.
"""

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from mailgateway.model.ticket import Visibility

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 characters of which no two are mistaken for each other in either case: no l and 1, no o and 0."""
CHECK_LETTERS = "BCDFGHJKMNPQRTVWXYZ"
"""The last letters of a ticket ID: no I and L, no O and U, and no vowels, so that they make no words."""

_MAC_BYTES = 10
_MAC_DIGITS = _MAC_BYTES * 8 // 5
_SIGNATURE_LENGTH = 1 + _MAC_DIGITS
_DATE_DIGITS = 5
_HEAD_LENGTH = 2 + _DATE_DIGITS
_INSIDE, _HAS_CONTACT, _HAS_AGENT = 1, 2, 4

_INDEX_TIME = bytes.fromhex("01d5c0366905")
_INDEX_NUMBER_BYTES = 5
_INDEX_DIGITS = 32
_MAX_INDEX = 1_000

_KEY_ID = re.compile(r"[a-z0-9]")
_SIGNATURE = rf"([a-z0-9]{{{_SIGNATURE_LENGTH}}})"
_NUMBER = r"([0-9]{1,18})"
_BOUNCE = re.compile(rf"b{_NUMBER}\.{_SIGNATURE}")
_MESSAGE_ID = re.compile(rf"((?:t{_NUMBER}\.)?o{_NUMBER})\.{_SIGNATURE}@(.+)")


@dataclass(frozen=True, slots=True)
class Key:
    """A secret and the character that names it in every token it signed.

    Attributes:
        id: One character, a-z or 0-9, never used again for another secret.
        secret: Random bytes, 32 as a rule.
    """

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The signing keys: the first signs, all verify.

    Raises:
        ValueError: There is no key, an id is not one of a-z and 0-9, an id is used twice, or a secret is empty.
    """

    keys: tuple[Key, ...]

    def __post_init__(self) -> None:
        ids = [key.id for key in self.keys]
        if not ids:
            raise ValueError("a keyring needs at least one key")
        if not all(_KEY_ID.fullmatch(name) for name in ids):
            raise ValueError("a key's id is one character, a-z or 0-9")
        if len(set(ids)) < len(ids):
            raise ValueError("two keys have the same id")
        if not all(key.secret for key in self.keys):
            raise ValueError("a key's secret is empty")

    @property
    def signing(self) -> Key:
        """The key that signs."""
        return self.keys[0]

    def named(self, key_id: str) -> Key | None:
        """Return a key by its id, None where the ring does not have it (any more)."""
        return next((key for key in self.keys if key.id == key_id), None)


NOBODYS_KEYRING = Keyring((Key("a", b"no mail is signed with this key"),))
"""For what needs a site and signs no mail: examples, and explanations of mails in files."""


@dataclass(frozen=True, slots=True)
class ReplyToken:
    """What the address in a Reply-To says of the mail that comes to it.

    Attributes:
        ticket: The ticket's number, 0 or more.
        contact: The contact it was made for, None for an agent.
        agent: The agent's id it was made for, "" for a contact.
        visibility: INSIDE for the address of notes.
        expires: The last day on which it counts.
    """

    ticket: int
    contact: int | None
    agent: str
    visibility: Visibility
    expires: date


@dataclass(frozen=True, slots=True)
class SignedId:
    """What a Message-ID of ours says: the ticket (None where the mail had none) and the outbox row."""

    ticket: int | None
    outbox: int


def ticket_ref(keyring: Keyring, prefix: str, number: int) -> str:
    """Return the ticket ID to issue for a number, such as `SUP-1042-QX`.

    The letters keep numbers from being guessed in passing; they are no proof of anything (standing is). Issued IDs are
    stored and looked up as they were issued, so a later key gives no second ID.
    """
    drawn = int.from_bytes(_mac(keyring.signing, "ticket", f"{prefix}-{number}")) % len(CHECK_LETTERS) ** 2
    first, second = divmod(drawn, len(CHECK_LETTERS))
    return f"{prefix}-{number}-{CHECK_LETTERS[first]}{CHECK_LETTERS[second]}"


def reply_token(keyring: Keyring, token: ReplyToken) -> str:
    """Return the text of a reply token, in lower case: at most 39 characters for numbers below 2**35.

    With a support name of 24 octets and the "+" the local part stays within 64 octets (RFC 5321 section 4.5.3.1.1).
    The agent is not written in it: it is signed, and reading tries the site's agents.
    """
    flags = (
        (_INSIDE if token.visibility is Visibility.INSIDE else 0)
        | (_HAS_CONTACT if token.contact is not None else 0)
        | (_HAS_AGENT if token.agent else 0)
    )
    ticket = _digits(token.ticket)
    head = ALPHABET[flags] + ALPHABET[len(ticket)] + _digits(token.expires.toordinal()).rjust(_DATE_DIGITS, ALPHABET[0])
    text = head + ticket + _digits(token.contact or 0)
    return text + _sign(keyring.signing, "reply", _for_agent(text, token.agent))


def read_reply_token(keyring: Keyring, text: str, agent_ids: Iterable[str], today: date) -> ReplyToken | None:
    """Return what a reply token says, None where it is not one of ours, was changed, or has expired.

    Args:
        keyring: The keys; a token signed with one that has left the ring is not ours any more.
        text: What stands between "+" and "@", any text.
        agent_ids: The ids an agent's token may be for; a token of somebody who is no agent any more is None.
        today: The day the mail arrived.
    """
    body, signature = text.lower()[:-_SIGNATURE_LENGTH], text.lower()[-_SIGNATURE_LENGTH:]
    if not text.isascii() or len(body) < _HEAD_LENGTH:
        return None
    agents = agent_ids if ALPHABET.find(body[0]) & _HAS_AGENT else ("",)
    for agent in agents:
        if _is_signed(keyring, signature, "reply", _for_agent(body, agent)):
            token = _decoded(body, agent)
            return token if today <= token.expires else None
    return None


def bounce_token(keyring: Keyring, outbox: int) -> str:
    """Return what stands after "+" in the envelope sender of an outgoing mail: `b5512.<signature>` (VERP)."""
    return f"b{outbox}.{_sign(keyring.signing, 'bounce', f'{outbox}')}"


def read_bounce_token(keyring: Keyring, text: str) -> int | None:
    """Return the outbox id a bounce address names, None where it is not one of ours."""
    match = _BOUNCE.fullmatch(text.lower()) if text.isascii() else None
    if match is None or not _is_signed(keyring, match[2], "bounce", match[1]):
        return None
    return int(match[1])


def message_id(keyring: Keyring, ticket: int | None, outbox: int, host: str) -> str:
    """Return the Message-ID of an outgoing mail, without angle brackets: `t1042.o5512.<signature>@host`.

    The part of the ticket is left out where there is none.
    """
    name = f"o{outbox}" if ticket is None else f"t{ticket}.o{outbox}"
    return f"{name}.{_sign(keyring.signing, 'message', f'{name}@{host.lower()}')}@{host}"


def read_message_id(keyring: Keyring, text: str) -> SignedId | None:
    """Return what a Message-ID says, None where it is not one of ours; without angle brackets.

    The host is the one in the text, so that ids from before the site's host changed still count.
    """
    match = _MESSAGE_ID.fullmatch(text.lower()) if text.isascii() else None
    if match is None or not _is_signed(keyring, match[4], "message", f"{match[1]}@{match[5]}"):
        return None
    return SignedId(None if match[2] is None else int(match[2]), int(match[3]))


def thread_index(keyring: Keyring, ticket: int) -> str:
    """Return the Thread-Index of every mail on a ticket: Outlook's replies keep its 22 bytes and add to them.

    It is a time (the same for all, since nothing needs it) and a GUID of 16 bytes: the key's id, five bytes of number
    and the MAC. Exchange drops References and rewrites ids; this it keeps. "" for a number of more than five bytes.
    """
    if ticket >= 1 << 8 * _INDEX_NUMBER_BYTES:
        return ""
    key = keyring.signing
    guid = key.id.encode() + ticket.to_bytes(_INDEX_NUMBER_BYTES) + _mac(key, "thread", f"{ticket}")
    return b64encode(_INDEX_TIME + guid).decode()


def read_thread_index(keyring: Keyring, text: str) -> int | None:
    """Return the ticket that the beginning of a Thread-Index names, None where it is not one of ours."""
    try:
        guid = b64decode("".join(text[:_MAX_INDEX].split())[:_INDEX_DIGITS])[len(_INDEX_TIME) :]
    except ValueError:
        return None
    key = keyring.named(guid[:1].decode("ascii", "replace"))
    number = int.from_bytes(guid[1 : 1 + _INDEX_NUMBER_BYTES])
    mac = guid[1 + _INDEX_NUMBER_BYTES : 1 + _INDEX_NUMBER_BYTES + _MAC_BYTES]
    if key is None or not hmac.compare_digest(mac, _mac(key, "thread", f"{number}")):
        return None
    return number


def plus_address(address: str, suffix: str) -> str:
    """Return `local+suffix@domain` for a mailbox's address."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{suffix}@{domain}"


def plus_suffix(recipient: str, address: str) -> str | None:
    """Return what a recipient has after the "+", where it is a plus address of a mailbox; any case.

    Args:
        recipient: An address of a mail, without display name; any text.
        address: The configured `local@domain`.

    Returns:
        The suffix in lower case, "" for the address itself, None for another address.
    """
    local, _, domain = address.lower().rpartition("@")
    found, _, host = recipient.lower().rpartition("@")
    if host != domain:
        return None
    if found == local:
        return ""
    return found[len(local) + 1 :] if found.startswith(f"{local}+") else None


def _for_agent(text: str, agent: str) -> str:
    """Return what a reply token's signature covers. The text has no NUL, so this reads one way only."""
    return f"{text}\0{agent}"


def _decoded(body: str, agent: str) -> ReplyToken:
    """Return the fields of a body whose signature was right: we wrote it, so it is well-formed."""
    flags = ALPHABET.index(body[0])
    end_of_ticket = _HEAD_LENGTH + ALPHABET.index(body[1])
    return ReplyToken(
        ticket=_number(body[_HEAD_LENGTH:end_of_ticket]),
        contact=_number(body[end_of_ticket:]) if flags & _HAS_CONTACT else None,
        agent=agent,
        visibility=Visibility.INSIDE if flags & _INSIDE else Visibility.PUBLIC,
        expires=date.fromordinal(_number(body[2:_HEAD_LENGTH])),
    )


def _mac(key: Key, purpose: str, text: str) -> bytes:
    """Return the HMAC over purpose, key id and text. Neither of the first two has a NUL."""
    return hmac.digest(key.secret, f"{purpose}\0{key.id}\0{text}".encode(), "sha256")[:_MAC_BYTES]


def _sign(key: Key, purpose: str, text: str) -> str:
    """Return a signature: the key's id and the MAC in 16 characters."""
    return key.id + _digits(int.from_bytes(_mac(key, purpose, text))).rjust(_MAC_DIGITS, ALPHABET[0])


def _is_signed(keyring: Keyring, signature: str, purpose: str, text: str) -> bool:
    """Return whether a signature (ASCII) is ours; compared in constant time."""
    key = keyring.named(signature[0])
    return key is not None and hmac.compare_digest(signature, _sign(key, purpose, text))


def _digits(number: int) -> str:
    """Return a number, 0 or more, in base 32, most significant digit first; "" for 0."""
    digits = ""
    while number > 0:
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def _number(digits: str) -> int:
    """Return the number that `_digits` wrote; leading zeros are fine."""
    number = 0
    for digit in digits:
        number = number * len(ALPHABET) + ALPHABET.index(digit)
    return number
