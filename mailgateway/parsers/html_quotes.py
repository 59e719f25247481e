"""What the structure of HTML says of quotes and signatures, client by client, put into the text as marks.

`mark_regions` puts characters into the tree before its text is taken; they come out in the text at the same places and
`parsers.reply` reads and removes them. They are Unicode noncharacters, which no text may carry from outside to mean
anything; a sender who writes them marks his own words, which he can do with ">" too.
"""

import re
from typing import Final, cast

from resiliparse.parse.html import ElementNode, HTMLTree, Node

QUOTE_OPEN: Final = "\ufdd0"
QUOTE_CLOSE: Final = "\ufdd1"
QUOTE_REST: Final = "\ufdd2"
"""Everything from here to the end of the mail is quote."""
SIGNATURE_OPEN: Final = "\ufdd3"
SIGNATURE_CLOSE: Final = "\ufdd4"
MARKS: Final = QUOTE_OPEN + QUOTE_CLOSE + QUOTE_REST + SIGNATURE_OPEN + SIGNATURE_CLOSE

_MAX_MARKED = 200  # Elements of each kind: putting nodes into the tree takes time that grows with it
# Around the attribution and, in blockquotes of its own, the quote: people answer between those.
_AROUND = (
    *("div.gmail_attr", "div.gmail_quote", "div.moz-cite-prefix", "div.protonmail_quote", "div.tutanota_quote"),
    *("[name=messageReplySection]", "[data-marker=__HEADERS__]", "[data-marker=__QUOTED_TEXT__]", "div.zmail_extra"),
    *(
        "div.mail-quote",
        "#mail-app-auto-quote",
        "#isForwardContent",
        "div.freshdesk_quote",
        "div.gmail_quote_container",
    ),
)
# Wholly quote.
_WHOLLY = (
    "div.yahoo_quoted",
    "div[name=quote]",
    "#isReplyContent",
    "includetail",
    "div.ms-outlook-mobile-reference-message",
)
# From here on all is quote.
_REST = (
    *("#divRplyFwdMsg", "#appendonsend", "#stopSpelling", "#mail-editor-reference-message-container", "#zwchr"),
    *("[data-marker=__DIVIDER__]", "#OLK_SRC_BODY_SECTION", "#reply-intro"),
)
_SIGNATURE = (
    *("div.gmail_signature", ".moz-signature", "#ms-outlook-mobile-signature", "#Signature", "#AppleMailSignature"),
    *("div.protonmail_signature_block", "#ymail_android_signature", "#ymail_ios_signature", "#composer_signature"),
    *(".k9mail-signature", "[name=messageSignatureSection]", "#bloop_sign", "#mail-app-auto-default-signature"),
    *("[data-signature-widget=container]", "[data-marker=__SIG_PRE__]", "[data-marker=__SIG_POST__]", "signature"),
    *(".gmail_signature_prefix", ".yahoo-signature", ".tutanota_signature", ".zohoMailSignature"),
)
_STYLED = "div[style]"
_RULE_ABOVE = re.compile(r"border:none;border-top:solid|border-top:(?:#[0-9a-f]{3,6}|solid|1px|1\.0pt)")
_INDENT = re.compile(r"border:(?:none|0)")
_HEAD_CHARS = 2_000
_FIELDS = 3


def mark_regions(tree: HTMLTree) -> None:
    """Put marks around what the sender's mail program says is quote, attribution or signature.

    Args:
        tree: Changed in place. At most 200 elements of each kind are marked.
    """
    for element in _found(tree, _AROUND):
        _mark_attribution(tree, element)
    for element in _found(tree, _WHOLLY):
        _put(tree, element, QUOTE_OPEN, QUOTE_CLOSE)
    for element in _found(tree, _SIGNATURE):
        _put(tree, element, SIGNATURE_OPEN, SIGNATURE_CLOSE)
    for element in (*_found(tree, _REST), *filter(_is_outlook_header, _found(tree, (_STYLED,)))):
        element.before(_text(tree, QUOTE_REST))


def is_indent(quote: ElementNode) -> bool:
    """Return whether a blockquote only indents what the author writes, as the buttons of Gmail and Apple Mail do."""
    if quote.has_attribute("type") or quote.has_attribute("cite") or quote.has_attribute("class"):
        return False
    style = "".join((quote.get_attribute("style") or "").lower().split())
    return bool(_INDENT.search(style)) and "border-left:" not in style


def _found(tree: HTMLTree, selectors: tuple[str, ...]) -> list[ElementNode]:
    found = tree.document.query_selector_all(",".join(selectors)).values() if tree.document else []
    return found[:_MAX_MARKED]


def _mark_attribution(tree: HTMLTree, element: ElementNode) -> None:
    """Mark an element up to its first blockquote; wholly where it has none."""
    quote = element.query_selector("blockquote")
    if quote is not None and element.query_selector("div.gmail_attr") is not None:
        return  # The attribution has marks of its own, and what else stands here may be the author's
    element.prepend(_text(tree, QUOTE_OPEN))
    if quote is None:
        element.append(_text(tree, QUOTE_CLOSE))
    else:
        quote.prepend(_text(tree, QUOTE_CLOSE))


def _put(tree: HTMLTree, element: ElementNode, opening: str, closing: str) -> None:
    element.prepend(_text(tree, opening))
    element.append(_text(tree, closing))


def _text(tree: HTMLTree, mark: str) -> Node:
    return cast("Node", tree.create_text_node(mark))


def _is_outlook_header(element: ElementNode) -> bool:
    """Return whether a div is the rule with the header block that Outlook puts above the quoted mail."""
    style = "".join((element.get_attribute("style") or "").lower().split())
    if not _RULE_ABOVE.search(style):
        return False
    head = str(element.text)[:_HEAD_CHARS]
    return head.count(":") + head.count("\uff1a") >= _FIELDS and len(head) < _HEAD_CHARS
