"""What can be counted of items and of the words around them, for the scorecards; FEATURES has names and units."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import combinations

from mailgateway.model.segments import Item, ListKind
from mailgateway.triage.split.alone import by_lead_in, by_shape, goes_on_in_time
from mailgateway.triage.split.areas import areas_of
from mailgateway.triage.split.items import meant, refers_back
from mailgateway.triage.split.lead import Around, Lead, is_in_context, is_introduced, is_neutral, lead_of
from mailgateway.triage.split.page import Candidate
from mailgateway.triage.split.vocabulary import (
    ANNOUNCED,
    CAUSE,
    EVERYTHING,
    OURSELVES,
    PARTS,
    PROBLEM,
    PROCESS,
    REPORT,
    STEP_WORDS,
    Words,
    words_of,
)

_MOST_TEXTS = 256
_LOOKED_AT = 2_000  # Characters of an item
_LAST = 400  # Characters of the last item
_FEW_WORDS = 5
_MANY_WORDS = 14
_FIRST_WORDS = 3
_EARLY_WORDS = 12
_LIKE = 12  # Of a hundred words shared by two items that stand alone
_DIGIT = re.compile(r"\d")
_WITH_DIGIT = re.compile(r"\b(?=[\w.@\\/-]{0,60}\d)(?=[\w.@\\/-]{0,60}[A-Za-z])[\w@\\/-]{2}")
_CAPITALS = re.compile(r"\b[A-Z]{2,20}[A-Za-z]{0,20}\b|https?://\S")
_ADDRESS = re.compile(r"\S@\S")
_meant = lru_cache(_MOST_TEXTS)(meant)
_refers_back = lru_cache(_MOST_TEXTS)(refers_back)


class Counted:
    """Items with what several features are counted from."""

    def __init__(self, items: Sequence[Item], around: Around, strengths: Sequence[int]) -> None:
        """Take the items of a candidate, the words around them, and how surely each but the first is another matter."""
        self.items, self.around, self.strengths = items, around, strengths
        self.texts = [one.text[:_LOOKED_AT] for one in items]
        self.words = [words_of(text) for text in self.texts]
        self.before = words_of(around.before)
        self.behind = words_of(around.behind)
        self.subject = words_of(around.subject)
        self.last = words_of(self.texts[-1].rpartition("\n\n")[2][-_LAST:])

    def __getitem__(self, name: str) -> int:
        """Return a feature, counted when it is asked for."""
        return FEATURES[name](self)

    @cached_property
    def lead(self) -> Lead:
        """What the words before the items say of them."""
        return lead_of(self.around)

    @cached_property
    def areas(self) -> list[Counter[str]]:
        """The areas of each item."""
        return [areas_of(words) for words in self.words]

    @cached_property
    def main_areas(self) -> list[str]:
        """The area that each item is on most, "" for one that is on none."""
        return [max(found, key=lambda area: found[area]) if found else "" for found in self.areas]

    @cached_property
    def meant(self) -> list[frozenset[str]]:
        """The words that say what each item is about."""
        return [_meant(text) for text in self.texts]

    def share_with(self, text: str) -> int:
        """Return of how many items in a hundred a word is that says what a text is about."""
        topic = _meant(text)
        return self.share(one & topic for one in self.meant)

    def share(self, holds: Iterable[object]) -> int:
        """Return of how many items in a hundred something holds."""
        return 100 * sum(map(bool, holds)) // len(self.items)


def _is_of_the_past(one: Item, words: Words) -> bool:
    """Return whether an item tells what its author does, and neither that it fails nor what he wants."""
    return OURSELVES.within(words[:_FIRST_WORDS]) and one.is_plain


def _is_on_all(seen: Counted) -> bool:
    """Return whether everything is concerned, by the subject, what stands before, or the first words of an item."""
    said = (seen.subject, seen.before, *(words[:_EARLY_WORDS] for words in seen.words), seen.behind)
    return any(EVERYTHING.within(words) for words in said)


def _is_mixed(seen: Counted) -> bool:
    """Return whether there is a problem, and something that is asked for and is none."""
    asks = any((one.is_question or one.is_request) and not one.is_problem for one in seen.items)
    return asks and any(one.is_problem for one in seen.items)


def _same_first(seen: Counted) -> int:
    firsts = [words[0] if words else "" for words in seen.words]
    return seen.share(firsts.count(word) > 1 for word in firsts)


def _share_area(seen: Counted) -> int:
    pairs = list(combinations(seen.areas, 2))
    return 100 * sum(bool(one.keys() & other.keys()) for one, other in pairs) // len(pairs)


def _on(seen: Counted, words: Words) -> int:
    areas = areas_of(words).keys()
    return seen.share(found.keys() & areas for found in seen.areas)


def _stand_alone(seen: Counted) -> list[bool]:
    """Return of each item whether it tells a problem or asks, shares few words, and refers to nothing before it."""
    return [
        not one.is_plain and one.overlap <= _LIKE and not _refers_back(text)
        for one, text in zip(seen.items, seen.texts, strict=True)
    ]


def _have_own_areas(seen: Counted) -> list[bool]:
    """Return of each item whether it is on an area that no other item is on most."""
    return [bool(main) and seen.main_areas.count(main) == 1 for main in seen.main_areas]


@lru_cache(_MOST_TEXTS)
def _has_name(text: str) -> bool:
    """Return whether a text holds a word with a digit, an address or a word in capitals."""
    if _CAPITALS.search(text) or _ADDRESS.search(text):
        return True
    return _DIGIT.search(text) is not None and _WITH_DIGIT.search(text) is not None


def _both(one: Sequence[bool], other: Sequence[bool]) -> list[bool]:
    return [first and second for first, second in zip(one, other, strict=True)]


FEATURES: Mapping[str, Callable[[Counted], int]] = {
    "words of the shortest item": lambda seen: min(one.words for one in seen.items),
    "words of an item on average": lambda seen: sum(one.words for one in seen.items) // len(seen.items),
    "% items of few words": lambda seen: seen.share(one.words < _FEW_WORDS for one in seen.items),
    "% items of many words": lambda seen: seen.share(one.words >= _MANY_WORDS for one in seen.items),
    "items": lambda seen: len(seen.items),
    "% items that tell a problem": lambda seen: seen.share(one.is_problem for one in seen.items),
    "% items that ask for something": lambda seen: seen.share(one.is_request for one in seen.items),
    "% items that neither tell a problem nor ask": lambda seen: seen.share(one.is_plain for one in seen.items),
    "a problem, and what is asked for besides": lambda seen: int(_is_mixed(seen)),
    "% words the likest items share": lambda seen: max(one.overlap for one in seen.items),
    "% words an item shares on average": lambda seen: sum(one.overlap for one in seen.items) // len(seen.items),
    "% items on one area or several": lambda seen: seen.share(seen.areas),
    "% items on an area of their own": lambda seen: 100 * len({*seen.main_areas} - {""}) // len(seen.items),
    "% pairs of items on the same area": _share_area,
    "% items that stand alone": lambda seen: seen.share(_stand_alone(seen)),
    "% items that stand alone on an area of their own": lambda seen: seen.share(
        _both(_stand_alone(seen), _have_own_areas(seen))
    ),
    "areas in the subject": lambda seen: len(areas_of(seen.subject)),
    "% items on an area of the subject": lambda seen: _on(seen, seen.subject),
    "words of an area before the items": lambda seen: areas_of(seen.before).total(),
    "% items on an area of what stands before": lambda seen: _on(seen, seen.before),
    "words of the subject that tell": lambda seen: len(_meant(seen.around.subject)),
    "% items with a word of the subject": lambda seen: seen.share_with(seen.around.subject),
    "the subject announces several": lambda seen: int(ANNOUNCED.within(seen.subject)),
    "words before the items": lambda seen: len(seen.before),
    "words behind the items": lambda seen: len(seen.behind),
    "a problem before the items": lambda seen: int(PROBLEM.within(seen.before)),
    "% items with a word of what stands before": lambda seen: seen.share_with(seen.around.before),
    "brought as a collection": lambda seen: int(is_introduced(seen.around)),
    "said to be separate": lambda seen: int(seen.lead is Lead.SAID),
    "announced": lambda seen: int(seen.lead is Lead.ANNOUNCED),
    "the lead-in has a topic": lambda seen: int(seen.lead is Lead.TOPIC),
    "something is told before": lambda seen: int(is_in_context(seen.around)),
    "little is said before": lambda seen: int(is_neutral(seen.around)),
    "the lead-in names what one matter has": lambda seen: int(bool(by_lead_in(seen.around, seen.lead))),
    "the items look like what one matter has": lambda seen: int(bool(by_shape(seen.items, seen.around))),
    "parts of one thing": lambda seen: int(PARTS.within((*seen.subject, *seen.before))),
    "% items that begin as steps": lambda seen: seen.share(STEP_WORDS.begins(words) for words in seen.words),
    "% items on how a matter is handled": lambda seen: seen.share(PROCESS.within(words) for words in seen.words),
    "% items that refer back": lambda seen: seen.share(_refers_back(text) for text in seen.texts),
    "% items of ourselves": lambda seen: seen.share(OURSELVES.within(words[:_FIRST_WORDS]) for words in seen.words),
    "% items that tell what we did": lambda seen: seen.share(map(_is_of_the_past, seen.items, seen.words)),
    "% items that go on in time": lambda seen: seen.share(map(goes_on_in_time, seen.texts)),
    "all of something is concerned": lambda seen: int(_is_on_all(seen)),
    "a cause for all is guessed": lambda seen: int(CAUSE.within((*seen.last, *seen.behind))),
    "% items headed as sections of a report": lambda seen: seen.share(
        REPORT.begins(words_of(one.title)) for one in seen.items
    ),
    "% items that begin with the same word": _same_first,
    "% items in lower case": lambda seen: seen.share(text[:1].islower() for text in seen.texts),
    "% items that end a sentence": lambda seen: seen.share(
        text.rstrip().endswith((".", "!", "?")) for text in seen.texts
    ),
    "% items of several paragraphs": lambda seen: seen.share("\n\n" in text for text in seen.texts),
    "% items with a name of a machine or the like": lambda seen: seen.share(_has_name(text) for text in seen.texts),
    "how surely the surest is another matter": lambda seen: int(max(seen.strengths, default=0)),
    "how surely the least sure is another matter": lambda seen: int(min(seen.strengths, default=0)),
    "headings": lambda seen: int(seen.around.kind is ListKind.HEADINGS),
    "a reply": lambda seen: int(seen.around.is_reply),
}
"""The name of each feature, and how it is counted: a share in a hundred (%), a number, or 1 where it holds."""


def features_of(items: Sequence[Item], around: Around, candidate: Candidate) -> dict[str, int]:
    """Return all features of the items of a candidate, by their names in FEATURES.

    Linear in the items and what stands around them; of an item the first 2,000 characters are looked at.
    """
    seen = Counted(items, around, candidate.strengths)
    return {name: seen[name] for name in FEATURES}
