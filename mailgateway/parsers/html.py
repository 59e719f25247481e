"""HTML to readable text, and HTML made safe to send on.

A real tree builder mends the markup; what it gives back is well formed and is read once, tag by tag, into lines.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape

import nh3
from resiliparse.parse.html import HTMLTree

from mailgateway.parsers.charset import clean
from mailgateway.parsers.html_guard import guarded
from mailgateway.parsers.html_lines import Line, Lines
from mailgateway.parsers.html_links import picture, says, target
from mailgateway.parsers.html_quotes import is_indent, mark_regions
from mailgateway.parsers.html_style import NO_SHEET, Look, Sheet, inherited, is_removed, sheet

# The tree builder's own output: attributes are quoted, "&", "<" and ">" in text are escaped.
_TOKEN = re.compile(r"<(?:!--|[!?][^>]*+>|(/)?+([a-zA-Z][^\s/>]*+)((?:\s=?+[^\s/>=]*+=\"[^\"]*+\")*+)>)")
_ATTRIBUTE = re.compile(r"\s(=?+[^\s/>=]*+)=\"([^\"]*+)\"")
_MAX_TOKENS = 40_000  # What is behind them loses its tags only
_MAX_QUOTES = 1_000
_MAX_TABLES = 8  # Inside each other; cells of deeper ones stand below each other
_MAX_SHEET = 200_000
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_RAW = frozenset(["script", "style", "xmp", "iframe", "noembed", "noframes", "plaintext"])
_UNSHOWN = frozenset(
    [
        "head",
        "script",
        "style",
        "title",
        "template",
        "svg",
        "math",
        "select",
        "iframe",
        "object",
        "audio",
        "video",
        "noembed",
    ]
)
_LINES = frozenset(
    [
        "address",
        "article",
        "aside",
        "body",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "html",
        "legend",
        "li",
        "main",
        "nav",
        "optgroup",
        "option",
        "section",
        "summary",
        "tbody",
        "tfoot",
        "thead",
        "tr",
    ]
)
_PARAGRAPHS = frozenset(["blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "ul"])
_RAW_TEXT = ("xmp", "plaintext")
_KEPT_AS_IT_IS = ("pre", "textarea")
_RULE = "_" * 32
_MAX_INDENT = 20
_MAX_DIGITS = 6
_INDENT = "indent-only"


def html_to_text(markup: str) -> str:
    """Return the readable text of HTML.

    Blocks stand on lines of their own, lists have bullets or numbers, cells of a row are separated by " | ", links are
    followed by where they lead, pictures stand as their alternative text, quotes are marked with "> " (at most 10
    levels). What a reader does not see is left out. Linear in the input; the caller bounds it.
    """
    try:
        tree = HTMLTree.parse(guarded(markup))
        known = _sheet(tree)
        _mark_indents(tree)
        mark_regions(tree)
        text = _Page(known).read(tree.document.html if tree.document else "")
    except (ValueError, TypeError, AttributeError):  # resiliparse's errors are ValueErrors
        text = _without_tags(markup)
    return clean(text)


def is_markup(text: str) -> bool:
    """Return whether a text begins as an HTML page does, whatever its type is said to be."""
    beginning = text[:200].lstrip("\ufeff \t\r\n").lower()
    return beginning.startswith(("<!doctype html", "<html", "<head>", "<body"))


def clean_html(markup: str) -> str:
    """Return HTML without scripts, styles, forms, remote images and event handlers, for mails we send."""
    return nh3.clean(
        clean(markup),
        tags=nh3.ALLOWED_TAGS - {"img", "map", "area"},
        url_schemes={"http", "https", "mailto", "tel"},
    )


def _without_tags(markup: str) -> str:
    return unescape(re.sub(r"<[^<>]{0,2000}>", " ", markup))


def _sheet(tree: HTMLTree) -> Sheet:
    # Iterating a node list looks the nodes up again and again, in quadratic time; values() does it once
    styles = tree.document.query_selector_all("style").values() if tree.document else []
    css = "\n".join(str(style.text) for style in styles[:20])
    return sheet(css[:_MAX_SHEET]) if css else NO_SHEET


def _mark_indents(tree: HTMLTree) -> None:
    quotes = tree.document.query_selector_all("blockquote").values() if tree.document else []
    for quote in quotes[:_MAX_QUOTES]:
        if is_indent(quote):
            quote.set_attribute(_INDENT, "")


@dataclass(slots=True)
class _Table:
    """A table that is open, with the cells of the row at hand; `captures` where cells may stand beside each other."""

    captures: bool
    keep_empty: bool
    cells: list[list[Line]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that is open: its name, the look of the text around it, and what is to be done at its end."""

    tag: str
    around: Look
    at_end: Callable[[], None] | None
    after: Callable[[], None] | None


_Begin = Callable[[str, Mapping[str, str]], Callable[[], None] | None]
"""Writes what an element begins with; returns what is to be done at its end."""


class _Page:
    """One page being read."""

    def __init__(self, known: Sheet) -> None:
        self._known = known
        self._lines = Lines()
        self._open: list[_Open] = []
        self._look = Look()
        self._numbers: list[int | None] = []  # Of the lists that are open: the next item's, None for bullets
        self._tables: list[_Table] = []
        self._skipped = 0  # Elements open inside one that is not shown
        self._begins: dict[str, _Begin] = {
            "a": self._link,
            "blockquote": self._quote,
            "dd": self._definition,
            "li": self._item,
            "ol": self._list,
            "q": self._inline_quote,
            "table": self._table,
            "td": self._cell,
            "th": self._cell,
            "tr": self._row,
            "ul": self._list,
        }

    def read(self, markup: str) -> str:
        """Return the text of well-formed markup."""
        at = 0
        for _ in range(_MAX_TOKENS):
            token = _TOKEN.search(markup, at)
            if token is None:
                self._text(markup[at:])
                return self._finished()
            if token.start() > at:
                self._text(markup[at : token.start()])
            at = self._take(markup, token)
        self._text(_without_tags(markup[at:]))
        return self._finished()

    def _finished(self) -> str:
        while self._open:
            self._end(self._open[-1].tag)
        return self._lines.finished()

    def _take(self, markup: str, token: re.Match[str]) -> int:
        """Take a tag, a comment or raw text; return where it ends."""
        closing, tag, attributes = token.groups()
        if tag is None:
            return _comment_end(markup, token)
        if closing:
            self._end(tag)
        elif tag in _RAW:
            end = markup.find(f"</{tag}>", token.end())
            end = end if end >= 0 else len(markup)
            if tag in _RAW_TEXT and not self._skipped and not self._look.unseen:
                self._lines.verbatim(markup[token.end() : end])
            return end + len(tag) + 3
        else:
            self._begin(tag, attributes)
        return token.end()

    def _text(self, text: str) -> None:
        if self._skipped or self._look.unseen:
            return
        if "&" in text:
            text = unescape(text)
        if self._look.preformatted:
            self._lines.verbatim(text)
        else:
            self._lines.text(text)

    def _begin(self, tag: str, raw_attributes: str) -> None:
        attributes = _attributes(raw_attributes) if raw_attributes and not self._skipped else {}
        style = self._known.style(tag, attributes) if attributes else {}
        if self._skipped or tag in _UNSHOWN or is_removed(tag, attributes, style):
            self._skipped += tag not in _VOID
        elif tag in _VOID:
            self._void(tag, attributes, style)
        else:
            self._enter(tag, attributes, style)

    def _enter(self, tag: str, attributes: Mapping[str, str], style: Mapping[str, str]) -> None:
        around, after = self._look, self._break(tag, attributes, style)
        begin = self._begins.get(tag)
        if attributes or self._known.backgrounds or tag in _KEPT_AS_IT_IS:
            self._look = inherited(around, tag, attributes, style, self._known)
        if after:
            after()
        self._open.append(_Open(tag, around, begin(tag, attributes) if begin else None, after))

    def _end(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif self._open and self._open[-1].tag == tag:
            closed = self._open.pop()
            if closed.at_end:
                closed.at_end()
            self._look = closed.around
            if closed.after:
                closed.after()

    def _break(self, tag: str, attributes: Mapping[str, str], style: Mapping[str, str]) -> Callable[[], None] | None:
        """Return how a block is set apart from what stands before and after it, None where it is none."""
        if tag in _PARAGRAPHS and not self._numbers and not _is_tight(attributes, style):
            return self._lines.gap
        return self._lines.end_line if tag in _LINES or tag in _PARAGRAPHS else None

    def _void(self, tag: str, attributes: Mapping[str, str], style: Mapping[str, str]) -> None:
        if tag == "br":
            self._lines.line_break()
        elif tag == "hr":
            self._lines.end_line()
            self._text(_RULE)
            self._lines.end_line()
        elif tag == "img" and not self._look.unseen:
            shown = picture(attributes, style)
            if shown:
                self._lines.text(shown)

    def _link(self, _tag: str, attributes: Mapping[str, str]) -> Callable[[], None] | None:
        url = target(attributes.get("href", ""))
        if not url or self._look.unseen:
            return None
        self._lines.heard = []

        def at_end() -> None:
            label = "".join(self._lines.heard or ())
            self._lines.heard = None
            if label.strip() and not says(label, url):
                self._lines.text(f" <{url}>")

        return at_end

    def _quote(self, _tag: str, attributes: Mapping[str, str]) -> Callable[[], None] | None:
        if _INDENT in attributes:
            return None
        self._lines.depth += 1

        def at_end() -> None:
            self._lines.end_line()
            self._lines.depth -= 1

        return at_end

    def _inline_quote(self, _tag: str, _attributes: Mapping[str, str]) -> Callable[[], None]:
        self._text('"')
        return lambda: self._text('"')

    def _list(self, tag: str, attributes: Mapping[str, str]) -> Callable[[], None]:
        self._numbers.append(_number(attributes.get("start", ""), 1) if tag == "ol" else None)

        def at_end() -> None:
            self._lines.end_line()
            self._numbers.pop()

        return at_end

    def _item(self, _tag: str, attributes: Mapping[str, str]) -> Callable[[], None]:
        number = self._numbers[-1] if self._numbers else None
        if number is not None:
            number = _number(attributes.get("value", ""), number)
            self._numbers[-1] = number + 1
        before = self._lines.indent
        self._lines.label = f"{number}. " if number is not None else "\u2022 "
        self._lines.indent = before + " " * len(self._lines.label) if len(before) < _MAX_INDENT else before
        return lambda: self._unindent(before)

    def _definition(self, _tag: str, _attributes: Mapping[str, str]) -> Callable[[], None]:
        before = self._lines.indent
        self._lines.indent = before + "  " if len(before) < _MAX_INDENT else before
        return lambda: self._unindent(before)

    def _unindent(self, before: str) -> None:
        self._lines.end_line()
        self._lines.indent, self._lines.label = before, ""

    def _table(self, _tag: str, attributes: Mapping[str, str]) -> Callable[[], None]:
        ruled = attributes.get("border", "0") not in ("", "0")
        self._tables.append(_Table(len(self._tables) < _MAX_TABLES, ruled))

        def at_end() -> None:
            self._lines.end_line()
            self._tables.pop()

        return at_end

    def _row(self, _tag: str, _attributes: Mapping[str, str]) -> Callable[[], None] | None:
        if not self._tables or not self._tables[-1].captures:
            return None
        table = self._tables[-1]
        table.cells = []

        def at_end() -> None:
            self._lines.table_row(table.cells, keep_empty=table.keep_empty)

        return at_end

    def _cell(self, tag: str, _attributes: Mapping[str, str]) -> Callable[[], None]:
        if not self._tables or not self._tables[-1].captures:
            return self._lines.end_line
        table = self._tables[-1]
        table.keep_empty = table.keep_empty or tag == "th"
        self._lines.open_cell()
        return lambda: table.cells.append(self._lines.close_cell())


def _attributes(raw: str) -> dict[str, str]:
    found = dict(reversed(_ATTRIBUTE.findall(raw)))  # Of a doubled one the first counts
    return {name: unescape(value) if "&" in value else value for name, value in found.items()}


def _comment_end(markup: str, token: re.Match[str]) -> int:
    """Return where a comment ends; a document type and a processing instruction end with their token."""
    if not token[0].endswith("<!--"):
        return token.end()
    end = markup.find("-->", token.end())
    return end + 3 if end >= 0 else len(markup)


def _number(text: str, otherwise: int) -> int:
    """Return the number a list's attribute gives, else the other; huge ones count for nothing."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= _MAX_DIGITS else otherwise


def _is_tight(attributes: Mapping[str, str], style: Mapping[str, str]) -> bool:
    """Return whether a paragraph has no room above and below: mail programs write each line as one."""
    if "MsoNormal" in attributes.get("class", ""):
        return True
    margins = style.get("margin", "").split()
    sides = [style.get("margin-top") or (margins[0] if margins else ""), style.get("margin-bottom", "")]
    sides[1] = sides[1] or (margins[2] if len(margins) > 2 else sides[0])  # noqa: PLR2004 -- top, right, bottom
    return all(side and not side.strip("0.").strip("cinmptxer%") for side in sides)
