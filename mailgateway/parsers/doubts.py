"""What makes From look like somebody else's: several authors, and names that show addresses."""

from collections.abc import Sequence
from unicodedata import normalize

from mailgateway.model.message import Address
from mailgateway.parsers.bounce_names import addresses_in

_SHOWN = 3
_MAX_NAME = 500


def doubts(authors: Sequence[Address]) -> tuple[str, ...]:
    """Return why From may not be whom it seems to be, as phrases for a person; () as a rule.

    Args:
        authors: Every mailbox of every From field.
    """
    keys = list(dict.fromkeys(author.key for author in authors if author.address))
    found = [f"From names several addresses: {', '.join(keys[:_SHOWN])}"] if len(keys) > 1 else []
    for author in authors[:_SHOWN]:
        others = [shown for shown in shown_addresses(author) if shown != author.key]
        found += [f"the name in From shows another address: {other}" for other in others[:_SHOWN]]
    return tuple(dict.fromkeys(found))


def shown_addresses(author: Address) -> tuple[str, ...]:
    """Return the addresses inside a display name, in lower case; look-alikes of letters and "@" are read as those."""
    if author.name.isascii() and "@" not in author.name:
        return ()
    return tuple(found.lower() for found in addresses_in(normalize("NFKC", author.name[:_MAX_NAME])))
