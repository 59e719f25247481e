"""What stands between the new words and a quote without quote marks: delimiter lines and blocks of header fields."""

from collections.abc import Sequence

from mailgateway.parsers.reply.regions import FRAME
from mailgateway.phrases import Table, all_of, phrases

_PHRASES = phrases("delimiters")
_ORIGINAL = frozenset((*all_of(_PHRASES["original"]), *all_of(_PHRASES["forwarded"])))
_ORIGINAL_STARTS = tuple(_ORIGINAL)
_FORWARDED = frozenset(all_of(_PHRASES["forwarded"]))
_FORWARDED_STARTS = tuple(_FORWARDED)
_REPLY_ABOVE = all_of(_PHRASES["reply_above"])
_INLINE = all_of(_PHRASES["inline"])
_INLINE_CHARS = 400
_ROLES: tuple[str, ...] = ("from", "sent", "to", "cc", "subject")
_LABEL_CHARS = 30
_BLOCK_LINES = 16
_BLOCK_GAP = 2
_FIELDS = 3
_RULE = 5
_REPLY_ABOVE_CHARS = 200


def _by_label(tables: dict[str, Table]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for role in _ROLES:
        for label in all_of(tables[role]):
            found.setdefault(label, set()).add(role)
    return {label: frozenset(roles) for label, roles in found.items()}


LABELS = _by_label(_PHRASES)
"""Labels of a header block in lower case -> what they may mean: from, sent, to, cc, subject."""


def delimiter_end(keys: Sequence[str], position: int) -> int:
    """Return where the quote's own words begin below a delimiter that begins in this line; 0 where none does."""
    key = keys[position]
    if _is_reply_above(key):
        return position + 1
    framed = _is_framed(key)
    words = key.strip(FRAME).rstrip(":\uff1a ")
    known = words in _ORIGINAL or (framed and words.startswith(_ORIGINAL_STARTS))
    if known and (framed or key.endswith((":", "\uff1a"))):
        return _block_below(keys, position) or (0 if _is_amid_words(keys, position) else position + 1)
    if known or (framed and key.startswith(("--", "__", "==", "\u2014\u2014", "\u2500\u2500"))):
        return _block_below(keys, position)
    end = header_block_end(keys, position)
    return 0 if end and _is_pasted(keys, position, end) else end


def is_forward_mark(key: str) -> bool:
    """Return whether a folded line stands above a forwarded mail."""
    words = key.strip(FRAME).rstrip(":\uff1a ")
    if _is_framed(key):
        return words.startswith(_FORWARDED_STARTS)
    return words in _FORWARDED and key.endswith((":", "\uff1a"))


def says_inline(keys: Sequence[str]) -> bool:
    """Return whether a few words say that the answers stand in the text below them."""
    joined = " ".join(keys)
    return len(joined) <= _INLINE_CHARS and any(phrase in joined for phrase in _INLINE)


def is_rule(key: str) -> bool:
    """Return whether a line is nothing but a frame."""
    return bool(key) and not key.strip(FRAME)


def label_of(key: str) -> str:
    """Return what stands before a folded line's colon, without the marks of bold text; "" where there is none."""
    head = key[: _LABEL_CHARS + 1].replace("\uff1a", ":")
    label, colon, _ = head.partition(":")
    return label.strip("*_ \t") if colon else ""


def header_block_end(keys: Sequence[str], position: int) -> int:
    """Return where the lines end that are From, Sent, To, Subject of a quoted mail; 0 where there is no such block.

    Three fields of them with an author and a subject (or an address) are one: "Date, Time, Address" is not.
    """
    if label_of(keys[position]) not in LABELS:
        return 0
    labels: dict[str, frozenset[str]] = {}
    last = position
    for at in range(position, min(len(keys), position + _BLOCK_LINES)):
        label = label_of(keys[at])
        if label in LABELS:
            labels[label] = LABELS[label]
            last = at
        elif at - last > _BLOCK_GAP:
            break
    return last + 1 if _is_block(labels, keys[position : last + 2]) else 0


def _is_pasted(keys: Sequence[str], first: int, end: int) -> bool:
    """Return whether fields without a delimiter above them are part of what the author pasted, such as a log.

    What programs put above a quote says when it was sent, and the quote's words follow. Where fields are a piece of a
    log, lines of it stand close above and below them, or the next mail's fields follow at once.
    """
    dated = any("sent" in LABELS.get(label_of(key), ()) for key in keys[first:end])
    above = keys[first - 1].strip(FRAME) if first else ""
    below = keys[end] if end < len(keys) else ""
    amid = bool(above and below and not label_of(below)[:1].isalpha())
    return not dated or amid or _is_one_of_several(keys, first, end)


def _is_one_of_several(keys: Sequence[str], first: int, end: int) -> bool:
    """Return whether the fields are those of two mails, one right below the other."""
    before = next((keys[at] for at in range(first - 1, max(-1, first - 1 - _BLOCK_GAP), -1) if keys[at]), "")
    return label_of(before) in LABELS or label_of(keys[first]) in map(label_of, keys[first + 1 : end])


def _is_block(labels: dict[str, frozenset[str]], keys: Sequence[str]) -> bool:
    if len(labels) < _FIELDS or not any("from" in roles for roles in labels.values()):
        return False
    return any("subject" in roles for roles in labels.values()) or any("@" in key for key in keys)


def _block_below(keys: Sequence[str], position: int) -> int:
    """Return where the block ends that stands below a delimiter, at most two lines away; 0 where none does."""
    below = (at for at in range(position + 1, min(len(keys), position + 4)) if keys[at])
    first = next(below, 0)
    if not first:
        return 0
    return header_block_end(keys, first) or _foreign_block_end(keys, first)


def _foreign_block_end(keys: Sequence[str], first: int) -> int:
    """Return the end of a block in an unknown language: three labelled lines, an address among them."""
    end = first
    while end < len(keys) and end - first < _BLOCK_LINES and label_of(keys[end]):
        end += 1
    enough = end - first >= _FIELDS and any("@" in key for key in keys[first:end])
    return end if enough else 0


def _is_amid_words(keys: Sequence[str], position: int) -> bool:
    """Return whether lines of text stand close above and below a line: people name buttons and captions."""
    above = keys[position - 1] if position else ""
    below = keys[position + 1] if position + 1 < len(keys) else ""
    return bool(above.strip(FRAME) and below) and not below.startswith(">")


def _is_framed(key: str) -> bool:
    words = key.strip(FRAME)
    return bool(words) and words != key and (key[:1] in FRAME or len(key) - len(words) >= _RULE)


def _is_reply_above(key: str) -> bool:
    if len(key) > _REPLY_ABOVE_CHARS:
        return False
    words = key.strip(FRAME)
    if words == key:  # nearly every line: one look instead of one for each phrase
        return words.rstrip(".:! ").startswith(_REPLY_ABOVE)
    return any(phrase in key for phrase in _REPLY_ABOVE)
