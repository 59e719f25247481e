"""What an item is called: its first words or its heading, as the title of a ticket."""

import re

from mailgateway.triage.split.vocabulary import GREETING, words_of

MAX_TITLE = 120
_LOOKED_AT = 1_000  # Characters of a line
_LINES = 6  # Of an item, from the first one with a word on
_HARD_WRAPPED = 28  # Characters of a line that may go on in the next one
_GREETING = re.compile(r"[^.!?,:\n]{2,40}[.!,]\s+(?=\w)")
_GREETING_WORDS = 3
_NUMBER = re.compile(r"\(?\d{1,2}[.)]\s+(?=\S)")
_WORD = re.compile(r"[^\W_]")
_GOES_ON = re.compile(r"[^\W\d_]{2,}(?![.)\]:]|\S*\))")
_ENDS = (".", "!", "?", ":", ";")
_AROUND = "*_#: "
_AND = frozenset(("and", "or", "och", "eller", "samt", "und", "oder", "sowie", "et", "ou", "и", "или", "также"))
_BEHIND = " \t,;:(\u2013\u2014-"


def title_of(text: str) -> str:
    """Return the title of an item, on one line: at most MAX_TITLE characters, without a word only where it has none.

    A line that was broken within a sentence goes on; a greeting before it, and an `and` behind it, are no part of it.
    """
    first = _WORD.search(text)
    begin = text.rfind("\n", 0, first.start()) + 1 if first else 0
    seen = text[begin : begin + _LINES * _LOOKED_AT].split("\n", _LINES)[:_LINES]
    lines = [" ".join(line[:_LOOKED_AT].replace("|", " ").split()) for line in seen]
    titles = (_cleaned(_joined(lines[at:])) for at in range(len(lines)))
    return next((title for title in titles if _WORD.search(title)), lines[0][:MAX_TITLE])


def _cleaned(line: str) -> str:
    """Return a line without what is no part of a title, not longer than one."""
    kept = _without_greeting(_without_number(line.strip(_AROUND)))
    return _without_and(kept if len(kept) <= MAX_TITLE else kept[: MAX_TITLE + 1].rsplit(" ", 1)[0][:MAX_TITLE])


def _joined(lines: list[str]) -> str:
    line = lines[0]
    for after in lines[1:]:
        is_whole = len(line) < _HARD_WRAPPED or line.endswith(_ENDS) or len(line) > MAX_TITLE
        if is_whole or not after[:1].islower() or not _GOES_ON.match(after):
            break
        line = f"{line} {after}"
    return line


def _without_number(line: str) -> str:
    """Return a heading without its number."""
    number = _NUMBER.match(line)
    return line[number.end() :] if number else line


def _without_greeting(line: str) -> str:
    """Return a line without the greeting that it begins with; one that only greets as it is."""
    greeting = _GREETING.match(line)
    words = words_of(greeting[0]) if greeting else ()
    if greeting is None or len(words) > _GREETING_WORDS or not GREETING.begins(words):
        return line
    return line[greeting.end() :]


def _without_and(line: str) -> str:
    """Return a line without the comma or the `and` that it ends with."""
    kept = line.rstrip(_BEHIND)
    before, _, last = kept.rpartition(" ")
    return (before if before and last.lower() in _AND else kept).rstrip(_BEHIND) or line
