"""The lines of HTML that are headings: h1 to h6, and lines that are wholly bold."""

import re
from typing import cast

from resiliparse.parse.html import HTMLTree, Node

from mailgateway.parsers.charset import clean
from mailgateway.parsers.html_guard import guarded

MAX_HEADINGS = 100
MAX_HEADING = 200
"""Characters; a longer line is no heading."""
_LOOKED_AT = 300  # Bold elements
_STEPS = 12  # Elements around a bold one
_MAY_HAVE = re.compile(r"<(?:h[1-6]|b|strong)[\s>]", re.IGNORECASE)
_SELECTED = "h1, h2, h3, h4, h5, h6, b, strong"
_BLOCKS = frozenset(
    ["p", "div", "td", "th", "body", "h1", "h2", "h3", "h4", "h5", "h6", "center", "section", "article", "ul", "ol"]
)
_ENDS = _BLOCKS | {"br", "table", "hr", "blockquote", "pre", "dl"}
_NO_PARENTS = frozenset(["li", "a", "label", "button", "summary"])


def html_headings(markup: str) -> tuple[str, ...]:
    """Return the texts of headings and of wholly bold lines, each on one line, in the order of the page.

    Args:
        markup: Bounded by the caller.

    Returns:
        At most MAX_HEADINGS, each once and of at most MAX_HEADING characters. () for what cannot be read.
    """
    if not _MAY_HAVE.search(markup):
        return ()
    try:
        tree = HTMLTree.parse(guarded(markup))
        nodes = tree.document.query_selector_all(_SELECTED).values() if tree.document else []
        texts = (
            " ".join(clean(str(node.text)[: 4 * MAX_HEADING]).split()) for node in nodes[:_LOOKED_AT] if _is_line(node)
        )
        return tuple(dict.fromkeys(text for text in texts if 0 < len(text) <= MAX_HEADING))[:MAX_HEADINGS]
    except (ValueError, TypeError, AttributeError):  # As parsers.html: resiliparse's errors are ValueErrors
        return ()


def _is_line(node: Node) -> bool:
    """Return whether an element has a line of its own: a heading, or bold with nothing beside it."""
    if node.tag in _BLOCKS:
        return True
    at = node
    for _ in range(_STEPS):
        before, after = _beside(at, "prev"), _beside(at, "next")
        if not (_ends_line(before) and _ends_line(after)):
            return False
        parent = at.parent
        if before is not None or after is not None or parent is None or parent.tag in _BLOCKS:
            return parent is not None and parent.tag not in _NO_PARENTS
        if parent.tag in _NO_PARENTS:
            return False
        at = parent
    return False


def _beside(node: Node, side: str) -> Node | None:
    """Return the node before or behind one, white space left out."""
    found = cast("Node | None", getattr(node, side))
    for _ in range(_STEPS):
        if found is None or str(found.tag) != "#text" or str(found.text).strip():
            return found
        found = cast("Node | None", getattr(found, side))
    return found


def _ends_line(node: Node | None) -> bool:
    return node is None or node.tag in _ENDS
