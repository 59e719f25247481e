"""Whether a line sounds like a person."""

from mailgateway.phrases import all_of, phrases

_PHRASES = phrases("prose")
_WORDS = frozenset(all_of(_PHRASES["person"]))
_ANYWHERE = all_of(_PHRASES["person_anywhere"])
_AROUND = ".,;:!?()\"'«»„“”*_-"
_SENTENCE_ENDS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")
_SENTENCE_WORDS = 2


def names_people(line: str) -> bool:
    """Return whether a line has a word that people use of themselves or to each other: we, please, your."""
    lower = line.lower().replace("\u2019", "'")
    if not line.isascii() and any(phrase in lower for phrase in _ANYWHERE):
        return True
    if line.startswith("I ") or " I " in line:
        return True
    return any(word.strip(_AROUND) in _WORDS for word in lower.split())


def is_spoken(line: str) -> bool:
    """Return whether a line sounds like a person: by its words, or because it ends as a sentence of some words does."""
    words = line.strip()
    if words.endswith(_SENTENCE_ENDS):
        enough = sum(word.strip(_AROUND).isalpha() for word in words.split()) >= _SENTENCE_WORDS
        if (enough and words[0].isupper()) or not words.isascii():
            return True
    return names_people(words)
