"""The language model: py3langid, about 100 MiB and a second to load, so it is loaded when it is first asked.

Nothing is written anywhere and nothing is fetched: the model comes with the package.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache

Rank = Callable[[str], Iterable[tuple[str, float]]]


class LanguageModel:
    """Tells how likely each language is for a text. One for a process; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rank: Rank | None = None

    def __call__(self, text: str) -> Mapping[str, float]:
        """Return the likelihood of every language the model knows, by ISO 639 code; they sum up to 1."""
        return dict(self._loaded()(text))

    def _loaded(self) -> Rank:
        with self._lock:
            if self._rank is None:
                self._rank = _load()
            return self._rank


@cache
def _load() -> Rank:
    # Half a second with NumPy, which commands that detect nothing need not wait for
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 -- see above

    rank: Rank = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).rank
    return rank
