"""Whom a bounce in plain words names: addresses where notices name them, without those of bystanders."""

import re
from collections.abc import Callable, Iterable, Sequence

from mailgateway.parsers.bounce_copy import is_ours, named_ids, normal
from mailgateway.phrases import all_of, phrases

_TABLES = phrases("bounces")
_BYSTANDERS = all_of(_TABLES["bystanders"])
SYSTEM_NAMES = frozenset(_TABLES["senders"]["names"])
"""Local parts of mail systems themselves."""
_ANNOUNCING = (
    *all_of(_TABLES["notices"]),
    *("your message to", "message to", "ihre nachricht an", "votre message à", "su mensaje a"),
)
_WORDS = re.compile(r"[\s<>()\[\]{},;:\"|*\u3000-\u303f\uff01-\uff0f\uff1a-\uff1f]+")  # Eastern punctuation too
_EDGES = ".'`!?=-_/\\"
_LEADING = re.compile(r"[\s<>\"'*\-|\[(•]*")
_LABEL = re.compile(
    r"\s*(?:(?:failed|failing|final|original|receiver|the)[ -])?"
    rf"(?:{'|'.join(sorted(map(re.escape, all_of(_TABLES['recipients'])), key=len, reverse=True))})"
    r"(?: address)?\s*(?:[:\uff1a]\s*\|?|\|)\s*",
    re.IGNORECASE,
)
_PREFIXES = ("smtp:", "mailto:", "rfc822;")
_MAX_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3


def recipients(said: Sequence[str], failed: str, others: frozenset[str], likely: str) -> dict[str, int | None]:
    """Return the addresses that were not reached, with the line of the notice that names each.

    Args:
        said: The lines of the notice.
        failed: The field X-Failed-Recipients, which outweighs the words; "" where absent.
        others: Addresses it cannot be about, in lower case: the notice's sender and receivers.
        likely: To of the returned mail, which counts where no line names an address; "" where unknown.
    """
    failures = {
        address: next((at for at, line in enumerate(said) if address in line), None) for address in addresses_in(failed)
    }
    named = failures or _named(said, _at_the_beginning, others) or _named(said, _announced, others)
    if named:
        return named
    found = _named(said, _anywhere, others)
    # Others that stand somewhere are people to ask
    return {likely: found.get(likely)} if likely in found or not found else found


def _named(said: Sequence[str], look: Callable[[str], Iterable[str]], others: frozenset[str]) -> dict[str, int | None]:
    named: dict[str, int | None] = {}
    for at, line in enumerate(said):
        for address in look(line):
            if _may_be_recipient(address, line, others):
                named.setdefault(address, at)
    return named


def _may_be_recipient(address: str, line: str, others: frozenset[str]) -> bool:
    key = address.lower()
    local, _, domain = key.rpartition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    strange = local in SYSTEM_NAMES or is_ours(key) or address in named_ids(line)
    return not (strange or key in others or plain in others)


def _at_the_beginning(line: str) -> Iterable[str]:
    """Yield the address that a line begins with, as in `<gone@client.example>:` or `Recipient: gone@...`."""
    label = _LABEL.match(line)
    bare = line[label.end() :] if label else line
    leading = _LEADING.match(bare)
    rest = bare[leading.end() :] if leading else bare
    for prefix in _PREFIXES:
        if rest.lower().startswith(prefix):
            rest = rest[len(prefix) :].lstrip(" <")
    found = addresses_in(rest)
    return found[:1] if found and rest.startswith(found[0]) else ()


def _announced(line: str) -> Iterable[str]:
    """Yield the addresses of a line that says of them that they were not reached."""
    return addresses_in(line) if any(phrase in normal(line) for phrase in _ANNOUNCING) else ()


def _anywhere(line: str) -> Iterable[str]:
    return () if any(phrase in normal(line) for phrase in _BYSTANDERS) else addresses_in(line)


def addresses_in(text: str) -> list[str]:
    """Return what looks like an address in a text, in order; linear in its length."""
    if "@" not in text:
        return []
    words = (word.strip(_EDGES) for word in _WORDS.split(text))
    return [word for word in words if _is_address(word)]


def _is_address(word: str) -> bool:
    local, at, domain = word.rpartition("@")
    return bool(at and local and "@" not in local and "." in domain.strip(".") and len(word) <= _MAX_ADDRESS)
