"""The language of a text, one of those a site serves, or none where it is too short, mixed or another.

The model itself is an adapter's (`adapters.languages`); what is here decides what its figures mean. Only samples of a
long text are looked at, so that the cost is bounded.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from math import log

Likelihoods = Callable[[str], Mapping[str, float]]
"""Takes a text; returns how likely each language is, by its ISO 639 code; {} where the model has nothing to say."""

MIN_WORDS = 3
"""A text with fewer words has no language."""
_MAX_CHARS = 8_000
_SAMPLES = 4
_SAMPLE_CHARS = 70
_UNLIKELY = 0.1
"""A language that is less likely than this, against the likeliest of all, is not the text's."""
_MIXED = 0.3
"""The share of the samples that may be in another language."""
_TINY = 1e-9
# Addresses, links, numbers and codes are of no language; the long ones come first, so that the rest is soon tried.
_NOISE = re.compile(r"[!-~]{41,}|[!-~]*(?:://|www\.|[@\\/_=<>{}\[\]|0-9])[!-~]*")
_LETTERS = re.compile(r"[^\W\d_]")
# Scripts without spaces between words: about two characters make one
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]")
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}
_PAIR = 2


def language_of(text: str, languages: Sequence[str], likelihoods: Likelihoods) -> str:
    """Return which of the languages a text is written in, "" where none of them surely is.

    Args:
        text: The new words of a mail; its first 8,000 characters count.
        languages: BCP 47 tags; the answer is one of them as it stands here.
        likelihoods: The model.
    """
    words = [word for word in _NOISE.sub(" ", text[:_MAX_CHARS]).split() if _LETTERS.search(word)]
    if _count(words) < MIN_WORDS:
        return ""
    by_code: dict[str, str] = {}
    for tag in languages:
        by_code.setdefault(_code(tag), tag)
    found = [_by_code(likelihoods(sample)) for sample in _samples(words)]
    best = max(by_code, key=lambda code: sum(log(each.get(code, 0.0) + _TINY) for each in found))
    strange = sum(each.get(best, 0.0) < _UNLIKELY * max(each.values(), default=1.0) for each in found)
    return by_code[best] if strange <= _MIXED * len(found) else ""


def _code(tag: str) -> str:
    code = tag.partition("-")[0].lower()
    return _SAME.get(code, code)


def _by_code(likely: Mapping[str, float]) -> dict[str, float]:
    """Return the likelihoods with languages that a site does not tell apart as one."""
    together: dict[str, float] = {}
    for code, share in likely.items():
        together[_SAME.get(code, code)] = together.get(_SAME.get(code, code), 0.0) + share
    return together


def _count(words: Sequence[str]) -> int:
    """Return how many words these are, up to MIN_WORDS."""
    count = 0
    for word in words:
        count += max(1, len(_UNSPACED.findall(word[: 2 * _PAIR * MIN_WORDS])) // _PAIR)
        if count >= MIN_WORDS:
            break
    return count


def _samples(words: Sequence[str]) -> list[str]:
    """Return pieces of a text, evenly spread: the whole in one piece where it is short."""
    chars = sum(map(len, words)) + len(words)
    pieces = min(_SAMPLES, max(1, round(chars / _SAMPLE_CHARS)))
    size = -(-len(words) // pieces)
    joined = (" ".join(words[start : start + size]) for start in range(0, len(words), size))
    return [piece[:_SAMPLE_CHARS] for piece in joined] if pieces > 1 else [" ".join(words)[: 2 * _SAMPLE_CHARS]]
