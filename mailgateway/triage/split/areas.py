"""Which areas of support a text is on: the backup, an invoice, somebody's account."""

from collections import Counter
from functools import lru_cache

from mailgateway.phrases import all_of, phrases
from mailgateway.triage.split.vocabulary import Phrases, Words

_MOST_TEXTS = 256
_AREAS = Phrases()
for _area, _words in phrases("areas").items():
    for _phrase in all_of(_words):
        _AREAS.add(_phrase, _area)


@lru_cache(_MOST_TEXTS)
def areas_of(words: Words) -> Counter[str]:
    """Return how often words of an area stand among the words, by its name in `phrases/areas.toml`."""
    return Counter(_AREAS.kinds(words))
