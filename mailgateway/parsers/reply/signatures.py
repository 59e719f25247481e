"""Signatures, phones' lines, legal texts and banners: what stands in the author's part and says nothing new.

Only what is certain is split off; a name alone, or thanks and a name, stay with the words above them.
"""

import re
from collections.abc import Iterable, Sequence

from mailgateway.parsers.reply.delimiters import is_rule
from mailgateway.parsers.reply.regions import Region, Text, folded
from mailgateway.phrases import all_of, phrases

_PHRASES = phrases("signatures")
_MOBILE = all_of(_PHRASES["mobile"])
_DEVICES = all_of(_PHRASES["devices"])
_PROGRAMS = (*_DEVICES, *all_of(_PHRASES["programs"]))
_SENT = frozenset(all_of(_PHRASES["sent_words"]))
_SIGN_OFFS = frozenset(all_of(_PHRASES["sign_offs"]))
_SIGN_OFF_STARTS = tuple(f"{each}, " for each in _SIGN_OFFS if each[0] < "\u3000")
_THANKS = frozenset(all_of(_PHRASES["thanks"]))
_DISCLAIMERS = all_of(_PHRASES["disclaimers"])
_LEGAL = all_of(_PHRASES["legal"])
_FOOTERS = all_of(_PHRASES["footers"])
_BANNERS = all_of(_PHRASES["banners"])
_POSTSCRIPTS = all_of(_PHRASES["postscripts"])

_RUNS = 500  # The last runs of new lines: more answers than these have no signatures
_SIGNATURE_LINES = 40
_UNSURE_LINES = 12  # Below "--" without its space, or another rule
_LINES_LOOKED_AT = 60
_MOBILE_WORDS = 14
_MOBILE_LINES = 3
_NAME_WORDS = 5
_NAME_CHARS = 50
_BLOCK_LINES = 10
_LINE_CHARS = 90
_LINE_WORDS = 12
_NUMBERED_WORDS = 16
_SURE_CONTACTS = 2
_LEGAL_START = 2
_LEGAL_ALONE = 4
_LEGAL_CHARS = 100
_CONTACT = re.compile(
    r"@|www\.|https?:|\b(?:tel|tlf|mob|phone|fax|puh|тел|моб|mobil|telefon)\b|[+(]?\d[\d ()/.\-]{5,28}\d"
)
_VERSION = re.compile(r"\d{1,2}(?:\.\d{1,4}){1,3}(?:[.-][a-z0-9.]{1,20})?")
_URL = re.compile(r"[<\[(]?https?:\S{1,300}")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]{1,80})\]\((?:https?:[^\s()]{1,300})?\)?")
_PARTICLES = frozenset(
    ("von", "van", "de", "der", "den", "af", "av", "da", "di", "du", "la", "le", "dos", "i", "und", "ter")
)
_STOPS = ",.!:;\uff0c\u3002\uff01 "


def mark_signatures(text: Text, author: str) -> None:
    """Mark what of the new lines is signature or legal text.

    Args:
        text: With its quotes marked.
        author: The display name of who wrote the mail, "" where unknown: his own name below a sign-off is certain.
    """
    names = frozenset(word for word in folded(author).replace(",", " ").split() if len(word) > 1)
    words = next((at for at, key in enumerate(text.keys) if key and not is_rule(key)), 0)
    for start, end in list(text.runs())[-_RUNS:]:
        if start <= words < end:
            start = _below_banner(text, words, end)  # noqa: PLW2901 - what is left of the run
        end = _above_disclaimer(text, start, end)  # noqa: PLW2901
        end = _above_postscript(text.keys, start, end)  # noqa: PLW2901
        end = _above_mobile(text, start, end)  # noqa: PLW2901
        end = _above_separator(text, start, end, names)  # noqa: PLW2901
        end = _above_mobile(text, start, end)  # noqa: PLW2901
        block = _sign_off(text, start, end, names) or _contact_block(text, start, end, names)
        if block and any(text.keys[start:block]):
            text.mark(block, end, Region.SIGNATURE)


def _below_banner(text: Text, first: int, end: int) -> int:
    """Mark the warning about outsiders' mail that stands above all words; return the line below it."""
    if not text.keys[first].startswith(_BANNERS):
        return first
    stop = next((at for at in range(first, end) if not text.keys[at]), end)
    text.mark(first, stop, Region.DISCLAIMER)
    return stop


def _above_disclaimer(text: Text, start: int, end: int) -> int:
    """Mark from the first legal paragraph on, where only the end of the run follows; return where the words end."""
    found = end
    for first, last in _paragraphs(text.keys, max(start, end - _LINES_LOOKED_AT), end):
        if first > start and _is_disclaimer(text.keys[first:last]):
            found = first
            break
    while found > start and found < end and is_rule(text.keys[found - 1]) and text.keys[found - 1] != "--":
        found -= 1
    text.mark(found, end, Region.DISCLAIMER)
    return found


def _is_disclaimer(keys: Sequence[str]) -> bool:
    """Return whether a paragraph is a legal text (several words of law and a length) or a footer programs add."""
    if keys[0].startswith(_FOOTERS):
        return True
    joined = " ".join(keys)
    long_enough = len(joined) >= (_LEGAL_CHARS if joined.isascii() or joined[0] < "\u3000" else _LEGAL_CHARS // 3)
    if not long_enough:
        return False
    roots = sum(map(joined.__contains__, _LEGAL))
    return roots >= _LEGAL_ALONE or (roots >= _LEGAL_START and keys[0].lstrip("*_ ").startswith(_DISCLAIMERS))


def _paragraphs(keys: Sequence[str], start: int, end: int) -> list[tuple[int, int]]:
    """Return where paragraphs begin and end; a rule ends one too."""
    found: list[tuple[int, int]] = []
    first = start
    for at in range(start, end + 1):
        if at == end or not keys[at] or is_rule(keys[at]):
            if at > first:
                found.append((first, at))
            first = at + 1
    return found


def _above_postscript(keys: Sequence[str], start: int, end: int) -> int:
    """Return where a postscript begins: it is the author's, and what stands above it may be a signature."""
    for at in range(end - 1, max(start, end - _LINES_LOOKED_AT), -1):
        if keys[at].startswith(_POSTSCRIPTS) and not keys[at - 1]:
            return at
    return end


def _above_mobile(text: Text, start: int, end: int) -> int:
    """Mark the last lines that a phone or webmail wrote; return where the words above them end."""
    for _ in range(_MOBILE_LINES):
        last = next((at for at in range(end - 1, start - 1, -1) if text.keys[at]), None)
        if last is None or not _is_mobile(text.keys[last]):
            break
        text.mark(last, end, Region.SIGNATURE)
        end = last
    return end


def _is_mobile(key: str) -> bool:
    if "outlook" in key and "aka.ms/" in key:
        return True
    words = " ".join(_URL.sub(" ", _MARKDOWN_LINK.sub(r"\1", key)).split()).strip(" <>[]().!*_-")
    tokens = words.split()
    if not tokens or len(tokens) > _MOBILE_WORDS or words.endswith("?"):
        return False
    if words.startswith(_MOBILE) and any(device in words for device in _PROGRAMS):
        return True
    sent = tokens[0] in _SENT or tokens[-1] in _SENT
    return sent and any(device in words for device in _DEVICES)


def _above_separator(text: Text, start: int, end: int, names: frozenset[str]) -> int:
    """Mark what stands below "-- ", or below another rule where it is surely a signature."""
    for at in range(max(start, end - _SIGNATURE_LINES), end):
        if _is_separator(text, at, end, names):
            text.mark(at, end, Region.SIGNATURE)
            return at
    return end


def _is_separator(text: Text, at: int, end: int, names: frozenset[str]) -> bool:
    key, line = text.keys[at], text.lines[at]
    if line.rstrip("\r") == "-- ":
        return not _is_patch(text.keys[at + 1 : end])
    if not is_rule(key) or end - at > _UNSURE_LINES or (len(key) == 1 and key not in ("\u2014", "\u2013")):
        return False
    below = [below for below in range(at + 1, end) if text.keys[below]]
    if key == "--" and line.startswith("--"):
        short = all(len(text.keys[each]) <= _LINE_CHARS for each in below)
        return short and not _is_output(text, at, end) and not _asks(text.keys[each] for each in below)
    if not below or not all(_is_signature_line(text.keys[each]) for each in below):
        return False
    own = _is_name(text.lines[below[0]]) and _is_authors(text.keys[below[0]], names)
    return own or sum(map(_is_contact, (text.keys[each] for each in below))) >= _SURE_CONTACTS


def _asks(keys: Iterable[str]) -> bool:
    """Return whether the author goes on below: a signature asks nothing."""
    return any(key.endswith(("?", "\uff1f")) for key in keys)


def _is_patch(below: Sequence[str]) -> bool:
    """Return whether the version of git stands first, which ends its patches so, and not a name."""
    first = next((key for key in below if key), "")
    return bool(_VERSION.fullmatch(first))


def _is_output(text: Text, at: int, end: int) -> bool:
    """Return whether "--" stands in what a program printed: indented lines below it, or the same line once more."""
    indented = any(line.startswith(("  ", "\t")) and line.strip() for line in text.lines[at + 1 : end])
    others = range(max(0, at - _SIGNATURE_LINES), end)
    return indented or any(text.keys[each] == "--" for each in others if each != at)


def _sign_off(text: Text, start: int, end: int, names: frozenset[str]) -> int:
    """Return the line of the sign-off that ends the words, with a name and nothing but a signature below; else 0."""
    below: list[int] = []
    for at in range(end - 1, max(start - 1, end - _LINES_LOOKED_AT), -1):
        key = text.keys[at]
        if not key:
            continue
        if _is_sign_off(key):
            return _first_sign_off(text.keys, start, at) if _is_block(text, below[::-1], names) else 0
        if not below and _is_sign_off_with_name(key, text.lines[at], names):
            return at
        below.append(at)
        if len(below) > _BLOCK_LINES or not _is_signature_line(key):
            return 0
    return 0


def _is_sign_off(key: str) -> bool:
    """Return whether a line is words that end a mail, in one language or in several with slashes between them."""
    words = key.strip(_STOPS + "*_")
    return words in _SIGN_OFFS or ("/" in words and all(each.strip(_STOPS) in _SIGN_OFFS for each in words.split("/")))


def _is_sign_off_with_name(key: str, line: str, names: frozenset[str]) -> bool:
    """Return whether a line is such words and a name: "Regards, Anna"; without the comma it must be the author's."""
    if key.startswith(_SIGN_OFF_STARTS):
        return _is_name(line.partition(",")[2])
    words = [word.strip(_STOPS) for word in key.split()]
    others = [word for word in words if word not in names]
    return len(others) < len(words) and words[: len(others)] == others and " ".join(others) in _SIGN_OFFS


def _first_sign_off(keys: Sequence[str], start: int, at: int) -> int:
    while at > start and _is_sign_off(keys[at - 1]):
        at -= 1
    return at


def _is_block(text: Text, below: Sequence[int], names: frozenset[str]) -> bool:
    """Return whether the lines below a sign-off begin with a name."""
    if not below:
        return False
    return _is_name(text.lines[below[0]]) or _is_authors(text.keys[below[0]], names)


def _contact_block(text: Text, start: int, end: int, names: frozenset[str]) -> int:
    """Return where the last paragraph begins that is a name and how to reach him; 0 where there is none.

    The author's own name needs one such line, another one two. A paragraph that the words announce ("Write to:") is no
    signature.
    """
    lines = [at for at in range(max(start, end - _LINES_LOOKED_AT), end) if text.keys[at]]
    if not lines:
        return 0
    first = lines[-1]
    while first > start and text.keys[first - 1]:
        first -= 1
    if text.keys[first].strip(_STOPS) in _THANKS:
        first += 1
    above = next((text.keys[at] for at in range(first - 1, start - 1, -1) if text.keys[at]), "")
    block = [at for at in lines if at >= first]
    if not 1 < len(block) <= _BLOCK_LINES or not above or above.endswith((":", "\uff1a")):
        return 0
    if not _is_name(text.lines[first]) or not all(_is_signature_line(text.keys[at]) for at in block):
        return 0
    contacts = sum(_is_contact(text.keys[at]) for at in block)
    return first if contacts >= (1 if _is_authors(text.keys[first], names) else _SURE_CONTACTS) else 0


def _is_contact(key: str) -> bool:
    return _CONTACT.search(key) is not None


def _is_signature_line(key: str) -> bool:
    """Return whether a line may stand in a signature: short, or with a number or a contact, and no question."""
    words = len(key.split())
    if key.endswith(("?", "!", "\uff1f", "\uff01")) or len(key) > _LINE_CHARS * 2:
        return False
    if _is_contact(key) or (words <= _NUMBERED_WORDS and any(map(str.isdigit, key))):
        return True
    sentence = key.endswith((".", "\u3002")) and words > _NAME_WORDS
    return len(key) <= _LINE_CHARS and words <= _LINE_WORDS and not sentence and not key.endswith(":")


def _is_authors(key: str, names: frozenset[str]) -> bool:
    return not names.isdisjoint(key.strip(_STOPS).replace(",", " ").split())


def _is_name(line: str) -> bool:
    """Return whether a line may be a name: few words, each with a capital where its script has them."""
    words = line.strip("*_ \t,.|-\u00a0").split()
    if not 0 < len(words) <= _NAME_WORDS or len(line) > _NAME_CHARS or any(map(str.isdigit, line)):
        return False
    if line.rstrip().endswith(("?", "!", ":", "\u3002", "\uff1f")) or "@" in line:
        return False
    return all(word.lower() in _PARTICLES or not word[0].islower() for word in words)
