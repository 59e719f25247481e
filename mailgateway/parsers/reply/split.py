"""The regions of a mail's text: new words, quote, signature. A line scanner, linear in the text.

Doubt goes to the author: a line that is not surely quote or signature is new text, since a ticket that loses words is
worse than one that shows a quote. Answers below and between quoted lines are new text.
"""

from collections.abc import Iterator
from itertools import islice

from mailgateway.model.message import Body
from mailgateway.parsers.reply import delimiters
from mailgateway.parsers.reply.attributions import attribution_start, may_end
from mailgateway.parsers.reply.pairs import pairs_of
from mailgateway.parsers.reply.regions import FRAME, LINE_CHARS, Region, Text, folded, read_text
from mailgateway.parsers.reply.signatures import mark_signatures

_BLANKS = 3  # Blank lines between an attribution and its quote
_LINES = 20_000  # Lines looked at for an unmarked quote
_LOOK_UPS = 2_000  # Attributions looked for, above marked quotes and in other places: nobody answers in more
_TORN_CHARS = 60
_CLOSED = ".!?:;"
_QUOTES = (Region.QUOTED, Region.ATTRIBUTION)
_ENDS = (Region.SIGNATURE, Region.DISCLAIMER)


def split_reply(full_text: str, author: str = "") -> Body:
    """Return the text with its regions; where nothing would be new, all of it is.

    Args:
        full_text: With line feeds as line ends, quotes marked with ">", perhaps with marks of parsers.html_quotes,
            which are taken out.
        author: The display name of the sender, "" where unknown.
    """
    text = read_text(full_text)
    plain = "\n".join(text.lines)
    _mark_torn_lines(text)
    _mark_attributions(text)
    is_quote = _mark_unmarked_quotes(text)
    _keep_comments(text, folded(author[:LINE_CHARS]))
    mark_signatures(text, author)
    new = text.joined((Region.NEW,))
    if not new:
        return Body(text=plain.strip(), quoted="", signature="", full_text=plain, has_new=False)
    return Body(
        text=new,
        quoted=text.joined(_QUOTES),
        signature=text.joined(_ENDS),
        full_text=plain,
        pairs=pairs_of(text),
        has_new=not is_quote,
    )


def is_forward_mark(line: str) -> bool:
    """Return whether a line stands above a forwarded mail."""
    return delimiters.is_forward_mark(folded(line[:LINE_CHARS]))


def _mark_torn_lines(text: Text) -> None:
    """Mark the ends of quoted lines that a gateway broke without repeating the quote mark."""
    for at in range(1, len(text.keys) - 1):
        if text.regions[at] is not Region.NEW or not text.keys[at]:
            continue
        above, below = text.keys[at - 1], text.keys[at + 1]
        long_above = above.startswith(">") and len(above) >= _TORN_CHARS and above[-1] not in _CLOSED
        if long_above and below.startswith(">") and text.lines[at][:1].islower() and len(text.keys[at]) < len(above):
            text.regions[at] = Region.QUOTED


def _keep_comments(text: Text, author: str) -> None:
    """Give back what Outlook marks as the author's comment within an unmarked quote: "[Anna Lind] The left one."."""
    if not author:
        return
    for at, key in enumerate(text.keys):
        if key.startswith(f"[{author}]"):
            text.regions[at] = Region.NEW


def _mark_attributions(text: Text) -> None:
    """Mark the lines that announce a marked quote: the last ones before it, blank lines between them allowed."""
    for start in islice(_quote_starts(text), _LOOK_UPS):
        last = start - 1
        while last > 0 and not text.keys[last] and start - last <= _BLANKS:
            last -= 1
        if not text.keys[last] or text.regions[last] is not Region.NEW:
            continue
        first = attribution_start(text.keys, last, marked=True)
        if first <= last:
            text.mark(first, start, Region.ATTRIBUTION)


def _quote_starts(text: Text) -> Iterator[int]:
    """Yield where marked quotes begin below new lines."""
    for start in range(1, len(text.keys)):
        if text.regions[start] is Region.QUOTED and text.regions[start - 1] is Region.NEW:
            yield start


def _mark_unmarked_quotes(text: Text) -> bool:
    """Mark everything from the first sure beginning of an unmarked quote on, where there are new words above it.

    Where marked lines follow that beginning, they are the quote, and what stands below them is the author's.

    Returns:
        Whether such a beginning stands above all words; what is below it stays unmarked then.
    """
    ends = frozenset(islice((at for at, key in enumerate(text.keys[:_LINES]) if may_end(key)), _LOOK_UPS))
    seen_new = is_first = False
    passed = 0
    for position, key in enumerate(text.keys[:_LINES]):
        if position < passed or not key or text.regions[position] is not Region.NEW:
            continue
        first, end = _quote_at(text, position, ends)
        if not end:
            seen_new = seen_new or bool(key.strip(FRAME))
            continue
        if _is_marked_below(text, end):
            text.mark(first, end, Region.ATTRIBUTION)
            passed = end
        elif seen_new and any(_is_new(text, at) for at in range(first)):
            inline = delimiters.says_inline(text.keys[:first])
            text.mark(first, end if inline else len(text.keys), Region.ATTRIBUTION)
            return is_first
        else:
            is_first = is_first or not seen_new
    return is_first


def _is_new(text: Text, at: int) -> bool:
    return text.regions[at] is Region.NEW and bool(text.keys[at].strip(FRAME))


def _quote_at(text: Text, position: int, ends: frozenset[int]) -> tuple[int, int]:
    """Return where a quote begins that this line announces, and where its own words do; (0, 0) where it does not.

    Args:
        text: The text.
        position: The line.
        ends: The lines that may end an attribution and are to be looked at.
    """
    keys = text.keys
    end = delimiters.delimiter_end(keys, position)
    if end:
        above = keys[position - 1] if position else ""
        if above.endswith((":", "\uff1a")) and not delimiters.is_rule(above):
            return 0, 0  # The author announces what he pastes
        return (position - 1 if delimiters.is_rule(above) and above[0] in "_-" else position), end  # Outlook's rule
    if position in ends:
        first = attribution_start(keys, position, marked=False)
        if first <= position:
            return first, position + 1
    return 0, 0


def _is_marked_below(text: Text, end: int) -> bool:
    below = next((at for at in range(end, min(len(text.keys), end + _BLANKS + 1)) if text.keys[at]), None)
    return below is not None and text.keys[below].startswith(">")
