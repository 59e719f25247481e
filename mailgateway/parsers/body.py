"""Which parts of a mail are its text, and that text: alternatives chosen by their content, format=flowed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from mailgateway.parsers.html import html_to_text, is_markup
from mailgateway.phrases import all_of, phrases

# Alternatives are compared by their words. Links are no words: one of both often lacks them; nor is what stands in
# brackets for a picture. Scripts without spaces count by characters.
_NO_WORDS = re.compile(r"(?:https?://|www\.|cid:|mailto:)[^\s<>]{1,2000}|\[[^\[\]\n]{0,300}\]")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,60}")
_COMPARED = 20_000  # Characters of each
_COPY = 0.9  # So much of the other's words make a copy
_OTHER = 0.5  # Less than so much makes two texts of it
_FEW = 4  # Different words; fewer are no text of their own
_NOTICE_WORDS = 40  # Different words; a notice has no more
_NOTICE = frozenset(all_of(phrases("alternatives")["notice"]))
_TAG = re.compile(r"<[a-zA-Z!/?]")


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

    An alternative that says what the other says, and no more, wins over it where it is plain text; one that says less
    loses. Two that say different things are both shown. Of a text and an HTML part beside each other that are copies,
    one is shown.

    Args:
        parts: In the order of the mail.
        limit: At most so many characters.
    """
    groups: dict[int | str, list[TextPart]] = {}
    for position, part in enumerate(parts):
        key = f"alone {position}" if part.alternative is None else part.alternative
        groups.setdefault(key, []).append(part)
    texts = [_better(group) for group in groups.values()]
    if len(parts) == 2 and len(texts) == 2 and parts[0].is_html is not parts[1].is_html:  # noqa: PLR2004 -- a pair
        texts = _without_copy(parts, texts)
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
    """Return the text of alternatives: the plain one where it says what the HTML says."""
    plain = "\n\n".join(_plain(part) for part in group if not part.is_html).strip("\n")
    rendered = "\n\n".join(_rendered(part.text) for part in group if part.is_html)
    if not rendered.strip() or not plain.strip():
        return plain if plain.strip() else rendered
    words, other = _words(plain), _words(rendered)
    if _share(other, words) >= _COPY:
        return plain
    if not _says_nothing(words) and _share(words, other) < _OTHER:
        return f"{plain}\n\n{rendered}"
    return rendered


def _says_nothing(words: set[str]) -> bool:
    """Return whether a text part with these words only sends the reader to the HTML part."""
    return len(words) < _FEW or (len(words) <= _NOTICE_WORDS and not words.isdisjoint(_NOTICE))


def _without_copy(parts: Sequence[TextPart], texts: Sequence[str]) -> list[str]:
    """Return the texts of a plain and an HTML part that are no alternatives by name, without one that is a copy."""
    plain, rendered = texts if parts[1].is_html else reversed(texts)
    words, other = _words(plain), _words(rendered)
    if not words or not other:
        return list(texts)
    if _share(other, words) >= _COPY:
        return [plain]
    return [rendered] if _share(words, other) == 1 else list(texts)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(_NO_WORDS.sub(" ", text[:_COMPARED]).lower()))


def _share(words: set[str], known: set[str]) -> float:
    """Return how many of the words are known; all of none."""
    return len(words & known) / len(words) if words else 1.0


def _rendered(markup: str) -> str:
    """Return HTML as text; what has no tag at all is plain text under a wrong name."""
    return html_to_text(markup) if _TAG.search(markup) else unescape(markup).strip("\n")


def _plain(part: TextPart) -> str:
    if is_markup(part.text):
        return html_to_text(part.text)
    return unflowed(part.text, delsp=part.delsp) if part.flowed else part.text


def _quote_depth(line: str) -> tuple[int, str]:
    words = line.lstrip(">")
    depth = len(line) - len(words)
    return depth, words.removeprefix(" ")  # RFC 3676 section 4.4: space-stuffing


def _quote(depth: int) -> str:
    return ">" * depth + " " if depth > 0 else ""
