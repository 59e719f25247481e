"""The nearest known word to a mistyped one."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST_WORD = 100  # comparing is quadratic, and nobody mistypes longer ones
_LIKENESS = 0.6


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like another one, None where none is.

    Upper and lower case, `-`, `_` and spaces count as the same. Of equally near words the first one wins.

    Args:
        word: As it was written.
        known: The words that would be right.
    """
    if len(word) > _LONGEST_WORD:
        return None
    by_shape = {_shape(candidate): candidate for candidate in reversed(list(known))}
    near = get_close_matches(_shape(word), by_shape, n=1, cutoff=_LIKENESS)
    return by_shape[near[0]] if near else None


def _shape(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
