"""Answers within a quote of ours that the mail program did not mark, such as Outlook's and those of many phones.

Nothing in such a mail tells whose a line is. What we wrote is known, though, so every other line is the customer's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from typing import NamedTuple

from mailgateway.model.message import Body, Pair
from mailgateway.triage.keys import DASHES

MAX_CHARS = 20_000
"""Characters of a mail that are compared."""
FEWEST_LINES = 2
"""Lines with ticket IDs that an acknowledgement of a cut mail has at least."""

_WORD = re.compile(r"[^\W_]+")
_HEAD = re.compile(r"[\s>*_]*\[([A-Z][A-Z0-9]{0,9}-[0-9]{1,18}-[A-Z]{2})\]", re.IGNORECASE | re.ASCII)
_BLANK_LINES = re.compile(r"\n{3,}")
_FEWEST_WORDS = 3  # so many of ours in a row are ours wherever they stand


class _Head(NamedTuple):
    start: int
    end: int
    line: str


_NO_HEAD = _Head(0, 0, "")


@dataclass(frozen=True, slots=True)
class _Ours:
    """What we wrote, word by word.

    Attributes:
        words: All of them.
        text: The same, with a blank before and behind each.
        lines: Where each line begins, by its words.
        ends: Behind which word each line ends.
        heads: The lines that a ticket ID begins: where each begins and ends, and itself.
    """

    words: tuple[str, ...]
    text: str
    lines: Mapping[str, int]
    ends: frozenset[int]
    heads: tuple[_Head, ...]

    def same(self, words: Sequence[str], at: int) -> int:
        """Return how many words are the same from a place on."""
        pairs = zip(words, self.words[at : at + len(words)], strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    def place(self, words: Sequence[str]) -> int:
        """Return where these words stand, where they are few as a line of their own; -1 for nowhere."""
        if len(words) < _FEWEST_WORDS:
            return self.lines.get(" ".join(words), -1)
        found = self.text.find(f" {' '.join(words)} ")
        return self.text.count(" ", 0, found) if found >= 0 else -1


def with_answers(body: Body, acknowledgement: str) -> Body:
    """Return the text of an answer to an acknowledgement of a cut mail, with the words between its lines.

    Args:
        body: As it was read. One with pairs stays as it is, since its quote was marked, and so does a very long one.
        acknowledgement: The words of what it answers.

    Returns:
        The same where nothing is found between the quoted lines. Else `text` has the words that are found, behind those
        above the quote, and `pairs` those that stand below the line of one ticket.
    """
    ours = _ours(acknowledgement)
    if body.pairs or len(ours.heads) < FEWEST_LINES or len(body.full_text) > MAX_CHARS:
        return body
    is_quote_new = _holds_list(body.text, ours)
    lines = _stripped(body.text if is_quote_new else body.quoted)
    found = groupby(_not_ours(lines, ours, above=is_quote_new and body.has_new), lambda one: one[1])
    blocks = [(head, words) for head, group in found if (words := _block(line for line, _ in group))]
    answers = tuple(Pair(head, words) for head, words in blocks if head)
    if is_quote_new and blocks:
        return replace(body, text="\n\n".join(words for _, words in blocks), pairs=answers, has_new=True)
    return replace(body, text="\n\n".join((body.text, *(one.answer for one in answers))), pairs=answers)


def _block(lines: Iterable[str]) -> str:
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _ours(text: str) -> _Ours:
    words: list[str] = []
    lines: dict[str, int] = {}
    ends: set[int] = set()
    heads: list[_Head] = []
    for line in text[:MAX_CHARS].split("\n"):
        start, own = len(words), _words(line)
        words += own
        lines.setdefault(" ".join(own), start)
        ends.add(len(words))
        if _HEAD.match(line):
            heads.append(_Head(start, len(words), line.strip()))
    return _Ours(tuple(words), f" {' '.join(words)} ", lines, frozenset(ends), tuple(heads))


def _words(line: str) -> list[str]:
    return _WORD.findall(line.translate(DASHES).lower())


def _stripped(text: str) -> list[str]:
    """Return the lines without the mark of the outermost quote."""
    return [line.lstrip().removeprefix(">").strip() for line in text.split("\n")]


def _holds_list(text: str, ours: _Ours) -> bool:
    """Return whether a text has our list of tickets in it: its reader did not see that it is a quote."""
    named = {_id_of(line) for line in text.split("\n")} - {""}
    return len(named & {_id_of(head.line) for head in ours.heads}) >= FEWEST_LINES


def _id_of(line: str) -> str:
    found = _HEAD.match(line.translate(DASHES))
    return found[1].upper() if found else ""


def _not_ours(lines: Sequence[str], ours: _Ours, *, above: bool) -> Iterator[tuple[str, str]]:
    """Yield (line, the line of ours with a ticket ID right above it or ""), of blank lines and those we did not write.

    Args:
        lines: Of the quote.
        ours: What we wrote.
        above: Whether what stands above all of ours may be the customer's: else it announces the quote.
    """
    heads = {_id_of(head.line): head for head in reversed(ours.heads)}
    at, below, is_begun = 0, _NO_HEAD, above
    for line in lines:
        words = _words(line)
        head = heads.get(_id_of(line))
        if head:
            at, below = head.start, head
        same = _ours_of(words, ours, at)
        if words and not same and (elsewhere := ours.place(words)) >= 0:
            at, same = elsewhere, len(words)
        at += same
        is_begun = is_begun or same > 0
        below = below if below.start < at <= below.end else _NO_HEAD
        rest = _rest(line, same)
        if is_begun and not (same and not rest) and not line.startswith(">"):
            yield rest, below.line


def _ours_of(words: Sequence[str], ours: _Ours, at: int) -> int:
    """Return how many words of a line go on with ours: up to the end of a line of ours, or nearly all, or none."""
    same = ours.same(words, at)
    if at + same in ours.ends:
        return same
    # A title that was changed on the way is still no answer.
    return len(words) if same * 3 >= len(words) * 2 else 0


def _rest(line: str, count: int) -> str:
    """Return what of a line stands behind so many words."""
    found = list(_WORD.finditer(line.translate(DASHES)))
    return line if not count else line[found[count].start() :] if count < len(found) else ""
