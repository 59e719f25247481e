"""The words that name the subject area of a matter: in what form they stand, and that each names one area only."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator

import pytest

from mailgateway.phrases import phrases
from mailgateway.triage.split.vocabulary import phrases_of, words_of

LANGUAGES = {"en", "sv", "de", "fr", "ru"}
AREAS = phrases("areas")
ALL = [(area, words) for area, rows in AREAS.items() for row in rows.values() for words in row]
SAID = {area: phrases_of(area, "areas") for area in AREAS}
STEM_LETTERS = 4


def fits(wanted: str, word: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def by_first_word() -> dict[str, list[tuple[str, str]]]:
    """Return the phrases with their areas by the first letters of their first word, as far as any stem tells them."""
    found = defaultdict(list)
    for area, phrase in ALL:
        found[phrase.split()[0].rstrip("*")[:2]].append((area, phrase))
    return found


FIRST = by_first_word()


def others(area: str, phrase: str) -> Iterator[tuple[str, str]]:
    """Yield what of other areas fits all words of a phrase, whatever its language."""
    words = phrase.replace("*", "").split()
    for other, rival in FIRST[words[0][:2]]:
        wanted = rival.split()
        if other != area and len(wanted) == len(words) and all(map(fits, wanted, words)):
            yield other, rival


def test_every_area_has_phrases_in_every_language() -> None:
    assert {area: {name for name, row in rows.items() if row} for area, rows in AREAS.items()} == dict.fromkeys(
        AREAS, LANGUAGES
    )


@pytest.mark.parametrize("area", AREAS)
def test_phrases_are_words_in_lower_case_as_the_search_sees_them(area: str) -> None:
    said = [phrase for row in AREAS[area].values() for phrase in row]

    assert [" ".join(words_of(unicodedata.normalize("NFC", phrase))) for phrase in said] == [
        phrase.replace("*", "").replace("\u0451", "\u0435") for phrase in said
    ]
    assert [phrase for phrase in said if any("*" in word[:-1] for word in phrase.split())] == []


@pytest.mark.parametrize("area", AREAS)
def test_a_stem_that_stands_alone_has_four_letters(area: str) -> None:
    stems = [word for row in AREAS[area].values() for word in row if word.endswith("*") and " " not in word]

    assert [stem for stem in stems if len(stem) <= STEM_LETTERS] == []


@pytest.mark.parametrize("area", AREAS)
def test_a_phrase_names_one_area_in_all_languages(area: str) -> None:
    assert [(phrase, *other) for name, phrase in ALL if name == area for other in others(area, phrase)] == []


@pytest.mark.parametrize("area", AREAS)
def test_no_language_says_a_phrase_of_an_area_twice(area: str) -> None:
    assert {name: len(row) for name, row in AREAS[area].items()} == {
        name: len(set(row)) for name, row in AREAS[area].items()
    }


@pytest.mark.parametrize("area", AREAS)
def test_a_text_that_is_a_phrase_is_found_whole_in_its_area(area: str) -> None:
    said = SAID[area]
    texts = [words_of(phrase) for row in AREAS[area].values() for phrase in row]

    assert [(text, said.begins(text)) for text in texts if said.begins(text) != len(text)] == []


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("the customer portal", "web"),
        ("port 443 is closed", "network"),
        ("a network printer", "printing"),
        ("certificate renewal", "certificates"),
        ("the licence renewal", "sales"),
        ("Lizenzverlängerung", "sales"),
        ("die Monatsrechnung", "billing"),
        ("l'imprimante du bureau", "printing"),
        ("säkerhetskopieringen", "backup"),
        ("сетевая папка", "storage"),
    ],
)
def test_the_first_and_longest_phrase_names_the_area(text: str, area: str) -> None:
    words = words_of(text)
    found = [(-at, said.at(words, at), name) for name, said in SAID.items() for at in range(len(words))]

    assert max(hit for hit in found if hit[1])[2] == area
