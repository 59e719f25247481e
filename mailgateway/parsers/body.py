"""Which parts of a mail are its text, and that text: alternatives, format=flowed."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailgateway.parsers.html import html_to_text

_STUB_CHARS = 200
_STUB_RATIO = 4


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part that may be shown as text.

    Attributes:
        text: Decoded; markup where `is_html`.
        is_html: Whether it is HTML.
        flowed: Whether it is `format=flowed` (RFC 3676).
        delsp: Whether a space before a soft line break is to be deleted (RFC 3676 section 4.1).
        alternative: Which multipart/alternative it belongs to, None where to none.
    """

    text: str
    is_html: bool
    flowed: bool = False
    delsp: bool = False
    alternative: int | None = None


def readable_text(parts: Sequence[TextPart], limit: int) -> str:
    """Return the text of a mail: of each multipart/alternative the better one, all others one after the other.

    Args:
        parts: In the order of the mail.
        limit: At most so many characters.
    """
    groups: dict[int | str, list[TextPart]] = {}
    for position, part in enumerate(parts):
        key = f"alone {position}" if part.alternative is None else part.alternative
        groups.setdefault(key, []).append(part)
    texts = (_better(group) for group in groups.values())
    return "\n\n".join(text for text in texts if text.strip())[:limit]


def unflowed(text: str, *, delsp: bool) -> str:
    """Return format=flowed text with its soft line breaks joined (RFC 3676 section 4).

    Quote marks stay; space-stuffing is undone; the signature separator never joins.
    """
    out: list[str] = []
    pieces: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth, words = _quote_depth(line)
        if open_depth not in (-1, depth):  # RFC 3676 section 4.5: a change of depth ends the paragraph
            out.append(_quote(open_depth) + "".join(pieces))
            pieces, open_depth = [], -1
        if words.endswith(" ") and words != "-- ":
            pieces.append(words[:-1] if delsp else words)
            open_depth = depth
            continue
        out.append(_quote(depth) + "".join((*pieces, words)))
        pieces, open_depth = [], -1
    if pieces:
        out.append(_quote(open_depth) + "".join(pieces).rstrip())
    return "\n".join(out)


def _better(group: Sequence[TextPart]) -> str:
    """Return the plain text where it says something; a stub beside a long HTML text loses."""
    plain = "\n\n".join(_plain(part) for part in group if not part.is_html).strip("\n")
    markup = [part.text for part in group if part.is_html]
    if not markup or len(plain) > _STUB_CHARS:
        return plain
    text = "\n\n".join(html_to_text(each) for each in markup)
    if plain.strip() and len(text) < _STUB_RATIO * len(plain) + _STUB_CHARS:
        return plain
    return text if text.strip() else plain


def _plain(part: TextPart) -> str:
    return unflowed(part.text, delsp=part.delsp) if part.flowed else part.text


def _quote_depth(line: str) -> tuple[int, str]:
    words = line.lstrip(">")
    depth = len(line) - len(words)
    return depth, words.removeprefix(" ")  # RFC 3676 section 4.4: space-stuffing


def _quote(depth: int) -> str:
    return ">" * depth + " " if depth > 0 else ""
