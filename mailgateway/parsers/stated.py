"""How urgent the writer says a mail is: a line `Priority: high`, a mark in the subject, or a header field.

Only what is set off as a statement counts. A sentence that mentions urgency, what is quoted, signatures, and the
"normal" that programs write into every header by themselves state nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from mailgateway.model.message import Message
from mailgateway.parsers.labels import known_labels, labelled
from mailgateway.parsers.subject import MAX_SUBJECT, base_subject
from mailgateway.parsers.urgency import LABELS, MAX_STATEMENT, P, Scale, folded

MAX_LINES = 2_000
"""Lines of a mail that are looked at."""
_MAX_WORDS = 60


class StatedBy(StrEnum):
    """What states a priority, the strongest first."""

    LINE = "line"
    SUBJECT = "subject"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Stated:
    """A priority that the writer stated.

    Attributes:
        priority: 1 is most urgent; at most 5, or as many as the site has names for.
        by: What states it.
        words: The line, mark or header field as it stands, cut to 60 characters.
    """

    priority: int
    by: StatedBy
    words: str


def stated_priority(message: Message, names: tuple[str, ...] = ()) -> Stated | None:
    """Return how urgent the writer says a mail is, None where nothing states it.

    A line of the new text wins over a mark in the subject, and that over the header. Of each the first counts. What
    came through a form or chat is read in its fields and words; the robot's own header and subject say nothing.

    Args:
        message: The mail as it was read.
        names: What the site calls its priorities, from 1; () for 1 to 5. A name means its number whatever the word
            means elsewhere, and a word for a number beyond them the least urgent there is.
    """
    scale = Scale(tuple(folded(name) for name in names))
    return _of_lines(_lines(message), scale) or _of_subject(_subject(message), scale) or _of_header(message, scale)


def _is_typed(message: Message) -> bool:
    return message.relay is not None and message.relay.is_typed


def _subject(message: Message) -> str:
    if _is_typed(message):
        return message.form.subject if message.form else ""
    return message.subject


def _lines(message: Message) -> list[str]:
    fields = message.form.fields if message.form and _is_typed(message) else ()
    written = [f"{label}: {value.partition(chr(10))[0]}" for label, value in fields]
    return [*written, *message.body.text.splitlines()][:MAX_LINES]


# --- lines -------------------------------------------------------------------------------------------------------

_KNOWN = known_labels({"priority": LABELS})
_LETTERS = r"(?:[^\W\d_]|[\u0300-\u036f])+"  # Macs write accents apart
_OPENING = re.compile(rf"\W{{0,8}}(?:\d{{1,2}}[.)]\s{{0,3}})?({_LETTERS})")
_CLOSING = re.compile(rf"({_LETTERS})\W{{0,8}}")
_OF_LABELS = tuple(re.findall(r"[^\W\d_]+", label) for label in LABELS)
_FIRST_WORDS = frozenset(words[0] for words in _OF_LABELS) | set(P)
_LAST_WORDS = frozenset(words[-1] for words in _OF_LABELS)


def _of_lines(lines: Sequence[str], scale: Scale) -> Stated | None:
    """Return what the first line that states a priority says."""
    for number, line in enumerate(lines):
        if len(line) > MAX_STATEMENT or not _may_state(line):
            continue
        plain = folded(line)
        found = labelled(plain, _KNOWN)
        words = line
        if found and found.key:
            below = "" if found.value else _below(lines, number)
            words = f"{line} {below}"
            level = scale.of_value(found.value or folded(below))
        else:
            level = scale.of_mark(plain, alone=False) if _begins_paragraph(lines, number) else None
        if level:
            return _stated(level, StatedBy.LINE, words)
    return None


def _below(lines: Sequence[str], number: int) -> str:
    """Return the value of a label that has a line of its own: the next line, or the one after an empty one."""
    below = next((line for line in lines[number + 1 : number + 3] if line.strip()), "")
    return below if len(below) <= MAX_STATEMENT else ""


def _begins_paragraph(lines: Sequence[str], number: int) -> bool:
    """Return whether a line can stand for itself: `high priority.` may also be the end of a wrapped sentence."""
    return number == 0 or not lines[number - 1].strip()


def _may_state(line: str) -> bool:
    """Return whether a line begins or ends as a statement does: what can be told quickly."""
    first = _OPENING.match(line)
    if first is None:
        return False
    last = _CLOSING.match(line.rsplit(None, 1)[-1])
    return _word(first[1]) in _FIRST_WORDS or (last is not None and _word(last[1]) in _LAST_WORDS)


_word = lru_cache(maxsize=2_000)(folded)  # mails begin and end their lines with the same words


def _stated(level: int, by: StatedBy, words: str) -> Stated:
    return Stated(level, by, " ".join(words.split())[:_MAX_WORDS])


# --- subject -----------------------------------------------------------------------------------------------------

_PAIRS = ("[]", "()", "{}", "\u3010\u3011", "\uff08\uff09")
_BRACKETED = re.compile("|".join(rf"\{pair[0]}[^{re.escape(pair)}]{{1,40}}\{pair[1]}" for pair in _PAIRS))
_SET_OFF = re.compile(r"[:!|*#\uff1a\uff01\uff5c\u2013\u2014]+|\s-+\s|^-+\s|\s-+$")
_AT_THE_END = re.compile(
    r"(?:[!|*\uff01\u2013\u2014]|\s-)\s*([^!|*:\uff01\uff1a\u2013\u2014]{1,40}?)[\s!*.\uff01]{0,20}$"
)
_TAIL = 80
_ANY_PREFIX = "-"  # IDs of ours in brackets are gone already


def _of_subject(subject: str, scale: Scale) -> Stated | None:
    """Return what a subject's marks state: `[P1] Printer`, `Re: URGENT: printer`, `Printer down - urgent`."""
    subject = subject[:MAX_SUBJECT]
    for mark in _marks(subject):
        level = scale.of_mark(folded(mark), alone=True)
        if level:
            return _stated(level, StatedBy.SUBJECT, mark)
    return None


def _marks(subject: str) -> Iterator[str]:
    """Yield what is set off in a subject: in brackets, then at its beginning, then behind a dash at its end."""
    for bracketed in _BRACKETED.finditer(subject):
        yield bracketed[0]
    rest = base_subject(_BRACKETED.sub(" ", subject), _ANY_PREFIX)
    pieces = [piece.strip() for piece in _SET_OFF.split(rest) if piece.strip()]
    yield from pieces[:1]
    yield " ".join(pieces[:2])  # "Priority: high - printer"
    ending = _AT_THE_END.search(rest[-_TAIL:])
    if ending:
        yield ending[1]


# --- header ------------------------------------------------------------------------------------------------------

_FIELDS = ("x-priority", "importance", "x-msmail-priority", "priority")  # RFC 2156 sections 5.3.4 and 5.3.7
_FIELD_WORDS = {"highest": 1, "urgent": 1, "high": 2, "low": 4, "non-urgent": 4, "lowest": 5}
_FIELD_NUMBER = re.compile(r"\s*([1245])(?!\d)")


def _of_header(message: Message, scale: Scale) -> Stated | None:
    """Return what the header states. 3 and `normal` are what programs write when nobody chose anything."""
    if _is_typed(message):
        return None
    for name in _FIELDS:
        value = (message.header(name) or "")[:_MAX_WORDS]
        number = _FIELD_NUMBER.match(value)
        level = int(number[1]) if number else _FIELD_WORDS.get(value.strip().lower())
        if level:
            return _stated(scale.capped(level), StatedBy.HEADER, f"{name}: {value}")
    return None
