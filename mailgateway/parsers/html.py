"""HTML to readable text, and HTML made safe to send on."""

import re
from typing import cast

import nh3
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import ElementNode, HTMLTree

from mailgateway.parsers.charset import clean
from mailgateway.parsers.html_quotes import is_indent, mark_regions

# Private-use characters that mark where quotes begin and end while the text is extracted.
_OPEN, _CLOSE = "\uf8f0", "\uf8f1"
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}]")
_MAX_QUOTE_DEPTH = 10
_MAX_QUOTES = 1_000  # Marking takes quadratic time; quotes after these are kept unmarked
_HIDDEN = re.compile(
    r"(?:^|;)(?:display:none|visibility:hidden|mso-hide:all|font-size:0(?:px|pt|em|%)?(?:;|!|$)|opacity:0(?:;|!|$))"
)


def html_to_text(markup: str) -> str:
    """Return the readable text of HTML: block elements on their own lines, quotes marked with "> ".

    What a reader does not see (display:none, zero size, hidden) is left out. Quotes deeper than 10 levels are marked
    with 10. Linear in the input; the caller bounds it.
    """
    markup = _MARKS.sub("", markup)
    try:
        tree = HTMLTree.parse(markup)
        _drop_hidden(tree)
        _mark_quotes(tree)
        mark_regions(tree)
        text = extract_plain_text(tree, preserve_formatting=True, alt_texts=False)
    except (ValueError, TypeError, AttributeError):  # resiliparse's errors are ValueErrors
        text = re.sub(r"<[^<>]{0,2000}>", " ", markup)
    return _quoted(clean(text))


def clean_html(markup: str) -> str:
    """Return HTML without scripts, styles, forms, remote images and event handlers, for mails we send."""
    return nh3.clean(
        clean(markup),
        tags=nh3.ALLOWED_TAGS - {"img", "map", "area"},
        url_schemes={"http", "https", "mailto", "tel"},
    )


def _drop_hidden(tree: HTMLTree) -> None:
    for element in _all(tree, "[style],[hidden]"):
        style = "".join((element.get_attribute("style") or "").lower().split())
        if element.has_attribute("hidden") or _HIDDEN.search(style):
            element.remove()


def _mark_quotes(tree: HTMLTree) -> None:
    for quote in _all(tree, "blockquote")[:_MAX_QUOTES]:
        if is_indent(quote):
            continue
        for mark, put in ((_OPEN, quote.prepend), (_CLOSE, quote.append)):
            paragraph = cast("ElementNode", tree.create_element("p"))
            paragraph.text_content = mark
            put(paragraph)


def _all(tree: HTMLTree, selector: str) -> list[ElementNode]:
    # Iterating a node list looks the nodes up again and again, in quadratic time; values() does it once
    return tree.document.query_selector_all(selector).values() if tree.document else []


def _quoted(text: str) -> str:
    """Replace the marks by "> " before each line between them; never two blank lines in a row."""
    depth = 0
    lines: list[str] = []
    for line in text.split("\n"):
        opened, closed = line.count(_OPEN), line.count(_CLOSE)
        depth += opened
        words = _MARKS.sub("", line) if opened or closed else line
        if words.strip() or not (opened or closed):
            lines.append(_prefixed(words.rstrip(), depth))
        depth = max(0, depth - closed)
    return _without_blank_runs(lines)


def _prefixed(line: str, depth: int) -> str:
    if not depth:
        return line
    return (">" * min(depth, _MAX_QUOTE_DEPTH) + " " + line).rstrip()


def _without_blank_runs(lines: list[str]) -> str:
    kept: list[str] = []
    for line in lines:
        blank = not line.strip("> ")
        if blank and (not kept or not kept[-1].strip("> ")):
            continue
        if kept and not kept[-1].strip("> ") and not line.startswith(">"):
            kept[-1] = ""  # The quote ended above it
        kept.append(line)
    while kept and not kept[-1].strip("> "):
        kept.pop()
    return "\n".join(kept)
