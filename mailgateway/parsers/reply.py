"""First version, replaced below."""

from mailgateway.model.message import Body


def split_reply(full_text: str) -> Body:
    """Return the regions of a text."""
    return Body(text=full_text.strip(), quoted="", signature="", full_text=full_text)


def is_forward_mark(line: str) -> bool:
    return False
