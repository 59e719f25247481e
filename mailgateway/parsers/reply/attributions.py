"""The lines that announce a quote: "On <date>, <name> wrote:", in many languages, over one to four lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailgateway.parsers.reply.regions import FRAME, LINE_CHARS
from mailgateway.phrases import all_of, phrases

_PHRASES = phrases("attributions")
_LINES = 4
_WRAPPED_CHARS = 120  # A longer line was not broken: it is a paragraph
_DATE_DIGITS = 4
_BARE_WORDS = 8  # A verb without date and address makes an attribution only of a short line
_HEAD_WORDS = 4
_WORD = re.compile(r"[^\W\d_]+(?:[.'’ʼ-][^\W\d_]+)*")
_CLOCK = re.compile(r"(?<!\d)[0-2]?\d ?(?:[:.h]|h ) ?[0-5]\d|\d ?(?:am|pm|uhr|時|시)(?!\w)")
_ADDRESSED = re.compile(r"<[^<>\s]{1,100}@[^<>\s]{1,200}>")
_CLOSED = (".", "!", "?", "。", "！", "？", "…")
_FRAGMENT = ("<", "(", "[", '"', "«", ">", "mailto:")
_WROTE = tuple(f" {verb} " for verb in all_of(_PHRASES["wrote"]) if verb[0] < "\u3000")
_WROTE_HEADS = frozenset(verb.split()[0] for verb in _WROTE)
# Scripts without spaces between words
_WROTE_INSIDE = tuple(verb for verb in all_of(_PHRASES["wrote"]) if verb[0] >= "\u3000")
_WROTE_FIRST = frozenset(verb.split()[0] for verb in all_of(_PHRASES["wrote"]))
_STARTS = tuple(f"{start} " for start in all_of(_PHRASES["starts"]) if start[0] < "\u3000")
_STARTS_INSIDE = tuple(start for start in all_of(_PHRASES["starts"]) if start[0] >= "\u3000")
_DAYS = frozenset(all_of(_PHRASES["weekdays"]))
_MONTHS = frozenset(all_of(_PHRASES["months"]))
COLONS = (":", "\uff1a")


@dataclass(frozen=True, slots=True)
class _Signs:
    """What an attribution is known by."""

    verb: bool
    ends_with_verb: bool
    address: bool
    dated: bool
    clock: bool


def attribution_start(keys: Sequence[str], last: int, *, marked: bool) -> int:
    """Return where the attribution that ends in line `last` begins, a line after it where there is none.

    Args:
        keys: Folded lines.
        last: A line that is not blank.
        marked: Whether a marked quote follows; without one it must name an address, or a date and a time.
    """
    if not may_end(keys[last]) and not (marked and _signs(keys[last]).ends_with_verb):
        return last + 1
    joined = ""
    for first in range(last, max(-1, last - _LINES), -1):
        key = keys[first]
        if not key or key.startswith(">") or (first < last and _is_closed(key)):
            break
        joined = f"{key} {joined}".strip()
        if len(joined) > LINE_CHARS:
            break
        if _is_attribution(joined, marked=marked):
            return _extended(keys, first)
    return last + 1


def may_end(key: str) -> bool:
    """Return whether a line ends as attributions do."""
    return key.rstrip(FRAME).endswith(COLONS)


def _extended(keys: Sequence[str], first: int) -> int:
    """Return the line above where that one is the beginning and this one goes on in the middle of it."""
    start = first
    while start > 0 and first - start < _LINES - 1:
        above = keys[start - 1]
        if not above or len(above) > _WRAPPED_CHARS or above.startswith(">"):
            break
        if above.endswith(COLONS) or _is_closed(above) or not _goes_on(above, keys[start]):
            break
        start -= 1
    return start


def _goes_on(above: str, key: str) -> bool:
    """Return whether a line is the rest of the attribution that begins above it."""
    if _ADDRESSED.search(above) and "@" not in key:
        return True
    if _begins(key):
        return _signs(above).ends_with_verb and len(above.split()) <= _BARE_WORDS
    return _begins(above) or key.startswith(_FRAGMENT) or _first_word(key) in _WROTE_FIRST


def _is_closed(key: str) -> bool:
    """Return whether a line ends a sentence of its own: an abbreviated word for the year does not."""
    return key.endswith(_CLOSED) and not (_begins(key) and _digits(key) >= _DATE_DIGITS)


def _begins(key: str) -> bool:
    """Return whether a line may be the first of an attribution: "On 3", "Mon,", "2025-03-03"."""
    if key[:1].isdigit() or key.startswith(_STARTS_INSIDE):
        return _digits(key) >= _DATE_DIGITS
    word = _first_word(key)
    if word in _DAYS or (word in _MONTHS and any(map(str.isdigit, key))):
        return True
    return key.startswith(_STARTS) and (any(map(str.isdigit, key)) or any(w in _DAYS for w in _WORD.findall(key)))


def _first_word(key: str) -> str:
    found = _WORD.match(key)
    return found.group().rstrip(".") if found else ""


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _signs(joined: str) -> _Signs:
    words = [word.rstrip(".") for word in _WORD.findall(joined)]
    spaced = f" {' '.join(words)} "
    tail = f" {' '.join(words[-3:])} "
    spaced_verb = not _WROTE_HEADS.isdisjoint(words) and any(each in spaced for each in _WROTE)
    inside = () if joined.isascii() else _WROTE_INSIDE
    digits = _digits(joined)
    return _Signs(
        verb=spaced_verb or any(each in joined for each in inside),
        ends_with_verb=(spaced_verb and tail.endswith(_WROTE)) or any(each in joined[-12:] for each in inside),
        address="@" in joined,
        dated=digits >= _DATE_DIGITS or (digits > 0 and not _MONTHS.isdisjoint(words)),
        clock=_CLOCK.search(joined) is not None,
    )


def _is_attribution(joined: str, *, marked: bool) -> bool:
    if marked:
        return _is_above_marked(joined, _signs(joined))
    if "@" not in joined and not any(map(str.isdigit, joined)):
        return False
    return _is_sure(joined, _signs(joined))


def _is_above_marked(joined: str, signs: _Signs) -> bool:
    """Return whether a text announces the marked quote that follows it."""
    if not signs.verb:
        return signs.dated and (signs.address or (signs.clock and _begins(joined)))
    bare = signs.ends_with_verb or _first_word(joined) in _WROTE_FIRST
    return signs.dated or signs.address or (bare and len(joined.split()) <= _BARE_WORDS)


def _is_sure(joined: str, signs: _Signs) -> bool:
    """Return whether a text announces a quote although none is marked below."""
    if signs.verb and signs.address:
        return signs.dated or signs.ends_with_verb
    if signs.address:
        end = joined.rstrip(FRAME.replace(">", "") + ":\uff1a")[-1:]
        return signs.dated and _begins(joined) and end in (">", ")", '"')
    return signs.verb and signs.dated and signs.clock and (_begins(joined) or _names_first(joined))


def _names_first(joined: str) -> bool:
    """Return whether a short line is a name, the verb and a date with its time: "Anna Lind wrote 3.3.2025 10:05:"."""
    head = f" {' '.join(_WORD.findall(joined)[:_HEAD_WORDS])} "
    ends_with_time = any(map(str.isdigit, joined.rstrip(FRAME + ":\uff1a")[-2:]))
    return ends_with_time and len(joined.split()) <= _BARE_WORDS and any(each in head for each in _WROTE)
