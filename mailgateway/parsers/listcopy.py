"""Copies from a mailing group that writes itself into From (DMARC makes them): who wrote the mail before."""

import re

from mailgateway.model.message import Address, Message
from mailgateway.parsers.headers import addresses

_ORIGINALS = ("x-original-from", "x-original-sender", "x-google-original-from", "x-envelope-from-original")
_VIA = re.compile(r"\s+(?:via|through|über|genom|par|por|через)\s", re.IGNORECASE)
_QUOTES = "'\"‘’“”"  # noqa: RUF001 -- groups put them round names


def list_author(message: Message, carriers: frozenset[str]) -> Address:
    """Return who wrote a mail that a mailing group passed on.

    Args:
        message: The copy.
        carriers: The group's own addresses in lower case: it is never the author.

    Returns:
        From where the group left it alone, else what it kept of it: X-Original-From and its like, then Reply-To.
        Where nothing names the author, From's name without an address.
    """
    shown = message.sender
    name = _VIA.split(shown.name, maxsplit=1)[0].strip().strip(_QUOTES).strip()
    if shown.key not in carriers and not _VIA.search(shown.name):
        return shown
    for header in _ORIGINALS:
        found = next((each for each in addresses(message.header(header) or "", 1) if "@" in each.address), None)
        if found and found.key not in carriers:
            return Address(found.name or name, found.address)
    reply_to = next((each for each in message.reply_to if "@" in each.address and each.key not in carriers), None)
    return Address(name or reply_to.name, reply_to.address) if reply_to else Address(name, "")
