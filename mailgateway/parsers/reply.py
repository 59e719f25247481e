"""The regions of a mail's text: new words, quote, signature. A line scanner, linear in the text.

Doubt goes to the author: a line that is not surely quote or signature is new text, since a ticket that loses words is
worse than one that shows a quote. Answers below and between quoted lines are new text.
"""

from collections.abc import Iterator, Sequence
from enum import Enum

from mailgateway.model.message import Body
from mailgateway.parsers.phrases import (
    ATTRIBUTION_STARTS,
    COLONS,
    FORWARDED,
    FROM_LABELS,
    ORIGINAL,
    OTHER_LABELS,
    SIGNATURE_STARTS,
    WROTE,
)

_LINE_CHARS = 400  # What is looked at of a line
_ATTRIBUTION_LINES = 3
_HEADER_LINES = 8
_HEADER_FIELDS = 2
_DATE_DIGITS = 4
_SIGNATURE_LINES = 40
_FRAME = "-_*=~+#> \t"


class _Region(Enum):
    NEW = "new"
    QUOTED = "quoted"
    SIGNATURE = "signature"


def split_reply(full_text: str) -> Body:
    """Return the text with its regions; where nothing would be new, all of it is.

    Args:
        full_text: With line feeds as line ends, quotes marked with ">".
    """
    lines = full_text.split("\n")
    keys = [line[:_LINE_CHARS].strip().lower() for line in lines]
    regions = [_Region.QUOTED if key.startswith(">") else _Region.NEW for key in keys]
    _mark_attributions(keys, regions)
    _mark_rest(keys, regions)
    _mark_signature(lines, keys, regions)
    new = _joined(lines, regions, _Region.NEW)
    if not new:
        return Body(text=full_text.strip(), quoted="", signature="", full_text=full_text)
    return Body(
        text=new,
        quoted=_joined(lines, regions, _Region.QUOTED),
        signature=_joined(lines, regions, _Region.SIGNATURE),
        full_text=full_text,
    )


def is_forward_mark(line: str) -> bool:
    """Return whether a line stands above a forwarded mail."""
    return _framed(line[:_LINE_CHARS].strip().lower(), FORWARDED)


def _joined(lines: Sequence[str], regions: Sequence[_Region], wanted: _Region) -> str:
    return "\n".join(line for line, region in zip(lines, regions, strict=True) if region is wanted).strip()


def _mark_attributions(keys: Sequence[str], regions: list[_Region]) -> None:
    """Mark the lines that announce a marked quote: the last ones before it, blank lines between them allowed."""
    for start in range(1, len(keys)):
        if regions[start] is not _Region.QUOTED or regions[start - 1] is _Region.QUOTED:
            continue
        last = start - 1
        while last > 0 and not keys[last] and start - last <= _ATTRIBUTION_LINES:
            last -= 1
        first = _attribution_start(keys, last)
        if first <= last:
            regions[first:start] = [_Region.QUOTED] * (start - first)


def _attribution_start(keys: Sequence[str], last: int) -> int:
    """Return where the attribution that ends in line `last` begins, a line after it where there is none.

    The last line where it says everything, else the most lines that are one together.
    """
    if not keys[last].rstrip("*").endswith(COLONS):
        return last + 1
    if _is_attribution(keys[last : last + 1], quoted_below=False):
        return last
    for first in range(max(0, last - _ATTRIBUTION_LINES + 1), last + 1):
        if all(keys[first:last]) and _is_attribution(keys[first : last + 1], quoted_below=True):
            return first
    return last + 1


def _mark_rest(keys: Sequence[str], regions: list[_Region]) -> None:
    """Mark everything from the first sure beginning of an unmarked quote on, where there are new words above it."""
    seen_new = False
    for position, key in enumerate(keys):
        if not key or regions[position] is not _Region.NEW:
            continue
        if seen_new and _begins_quote(keys, position):
            above = position - 1
            if above >= 0 and keys[above] and not keys[above].strip(_FRAME):  # Outlook's rule of underscores
                position = above  # noqa: PLW2901 - the quote begins one line higher
            regions[position:] = [_Region.QUOTED] * (len(keys) - position)
            return
        seen_new = seen_new or bool(key.strip(_FRAME))


def _begins_quote(keys: Sequence[str], position: int) -> bool:
    key = keys[position]
    if _framed(key, ORIGINAL) or _is_header_block(keys, position):
        return True
    if not (key.startswith(ATTRIBUTION_STARTS) or "@" in key or any(verb in key for verb in WROTE)):
        return False
    return any(
        _is_attribution(keys[position : position + count], quoted_below=False)
        for count in range(1, _ATTRIBUTION_LINES + 1)
    )


def _is_attribution(keys: Sequence[str], *, quoted_below: bool) -> bool:
    """Return whether these lines together are one "On <date>, <name> wrote:".

    Without a marked quote below, it must name a date or an address as well; over several lines, it must begin as one.
    """
    joined = " ".join(keys).strip()
    if not joined.rstrip("*").endswith(COLONS) or len(joined) > _LINE_CHARS:
        return False
    verb = any(each in joined for each in WROTE)
    digits = sum(map(str.isdigit, joined))
    address = "@" in joined
    if len(keys) > 1 and not _may_begin(keys[0]):
        return False
    if quoted_below:
        return verb or (address and digits >= _DATE_DIGITS)
    dated = digits >= _DATE_DIGITS and (joined.startswith(ATTRIBUTION_STARTS) or address)
    return dated and (verb or joined.rstrip(":*").endswith(">"))


def _may_begin(key: str) -> bool:
    if key.endswith((".", "!", "?")):  # A sentence of its own
        return False
    digits = sum(map(str.isdigit, key))
    if digits >= 1 and key.startswith(ATTRIBUTION_STARTS):
        return True
    return ("@" in key or digits >= _DATE_DIGITS) and any(verb in key for verb in WROTE)


def _framed(key: str, phrases: Sequence[str]) -> bool:
    """Return whether a line is one of the phrases between dashes, or alone with a colon."""
    words = key.strip(_FRAME)
    if words.rstrip(": ") not in phrases and not (words != key and words.rstrip(": ").startswith(tuple(phrases))):
        return False
    return words != key or key.endswith(":")


def _is_header_block(keys: Sequence[str], position: int) -> bool:
    """Return whether a From line and at least two more fields of a quoted header stand here."""
    if _label(keys[position]) not in FROM_LABELS:
        return False
    below = keys[position + 1 : position + _HEADER_LINES]
    return sum(_label(key) in OTHER_LABELS for key in below) >= _HEADER_FIELDS


def _label(key: str) -> str:
    """Return what stands before a line's colon, without the stars that mark bold text and without spaces."""
    label, colon, _ = key.replace(COLONS[1], ":", 1).partition(":")
    return label.strip("* \t").replace(" ", "") if colon else ""


def _mark_signature(lines: Sequence[str], keys: Sequence[str], regions: list[_Region]) -> None:
    """Mark what stands below "-- " up to the quote or the end, and the last words where a phone wrote them."""
    for start, end in _runs(regions):
        separator = next((at for at in range(start, end) if keys[at] == "--" and lines[at].startswith("--")), None)
        if separator is not None and end - separator <= _SIGNATURE_LINES:
            regions[separator:end] = [_Region.SIGNATURE] * (end - separator)
            end = separator  # noqa: PLW2901 - the phone's line stands above it
        last = next((at for at in range(end - 1, start - 1, -1) if keys[at]), None)
        if last is not None and keys[last].startswith(SIGNATURE_STARTS):
            regions[last] = _Region.SIGNATURE


def _runs(regions: Sequence[_Region]) -> Iterator[tuple[int, int]]:
    """Yield where runs of new lines begin and end."""
    start = 0
    for at in range(len(regions) + 1):
        if at == len(regions) or regions[at] is not _Region.NEW:
            if at > start:
                yield start, at
            start = at + 1
