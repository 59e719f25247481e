"""Names in From that pretend to be one of us; what can be told without the site is parsers.doubts'."""

from mailgateway.model.message import Address, Message
from mailgateway.model.site import Site, own_suffix
from mailgateway.parsers.doubts import shown_addresses


def suspicions(message: Message, site: Site) -> tuple[str, ...]:
    """Return why From may not be whom it seems to be: what the parsers found, and names that show one of us.

    Args:
        message: The mail as it was read.
        site: Whose addresses and agents are ours.
    """
    authors = message.authors or (message.sender,)
    ours = (
        f"the name in From shows {whose}: {shown}"
        for author in authors
        for shown in shown_addresses(author)
        if shown != author.key and (whose := _whose(shown, author, site))
    )
    return tuple(dict.fromkeys((*ours, *message.suspicious)))


def _whose(shown: str, author: Address, site: Site) -> str:
    """Return whose address a name shows where it is one of us, "" where it is not, or the author's own other one."""
    if own_suffix(shown, site.own_addresses) is not None:
        return "an address of ours"
    agent = site.agent_with(shown)
    return "an agent's address" if agent and author.key not in agent.addresses else ""
