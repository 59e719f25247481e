"""The language of a text: right on twenty languages, silent on what is too short, mixed or another."""

import subprocess
import sys
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.adapters.languages import LanguageModel
from mailgateway.parsers.language import language_of
from tests.parsers.sentences import SENTENCES

MODEL = LanguageModel()
LANGUAGES = tuple(SENTENCES)
SIX = ("en", "de", "fr", "es", "sv", "ru")


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_sentences_are_told_apart_among_twenty_languages(language: str) -> None:
    assert [language_of(text, LANGUAGES, MODEL) for text in SENTENCES[language]] == [language] * 7


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_languages_than_the_sites_are_unknown_or_rarely_taken_for_one(language: str) -> None:
    found = [language_of(text, SIX, MODEL) for text in SENTENCES[language]]

    expected = language if language in SIX else ""
    assert sum(each == expected for each in found) >= 6


@pytest.mark.parametrize(("first", "second"), [(a, b) for a, b in product(SIX, SIX) if a != b])
def test_a_text_in_two_languages_is_unknown(first: str, second: str) -> None:
    text = "\n".join((*SENTENCES[first], *SENTENCES[second]))

    assert language_of(text, LANGUAGES, MODEL) == ""


@pytest.mark.parametrize(
    "text", ["", "ok", "Danke schön", "https://x.example/a b@c.example 4711 0x80", "谢谢", "1 2 3 4"]
)
def test_what_has_fewer_than_three_words_has_no_language(text: str) -> None:
    assert language_of(text, LANGUAGES, MODEL) == ""


@pytest.mark.parametrize(
    ("languages", "language", "tag"),
    [(("pt-BR", "en"), "pt", "pt-BR"), (("en", "nb"), "no", "nb"), (("de-AT", "de"), "de", "de-AT")],
)
def test_the_answer_is_a_configured_tag(languages: tuple[str, ...], language: str, tag: str) -> None:
    assert {language_of(text, languages, MODEL) for text in SENTENCES[language][:4]} == {tag}


def test_logs_and_links_do_not_hide_the_language() -> None:
    log = "0x80070005 https://support.example.org/this/is/where/it/happened?a=b C:\\temp\\new\\file.txt " * 3

    assert language_of(f"{SENTENCES['de'][0]}\n{log}\n{SENTENCES['de'][1]}", SIX, MODEL) == "de"


def test_a_model_that_knows_nothing_finds_nothing() -> None:
    assert language_of(SENTENCES["en"][0], ("en",), lambda _: {}) == ""


def test_only_samples_of_a_long_text_are_looked_at() -> None:
    asked: list[str] = []

    def model(text: str) -> dict[str, float]:
        asked.append(text)
        return {"en": 1.0}

    language_of("some words of a long text " * 100_000, ("en",), model)

    assert 1 <= len(asked) <= 5
    assert max(map(len, asked)) <= 90


@given(st.text(), st.lists(st.sampled_from(["en", "de-AT", "xx", "nb"]), min_size=1, max_size=4))
def test_any_text_has_a_configured_language_or_none(text: str, languages: list[str]) -> None:
    assert language_of(text, languages, MODEL) in {*languages, ""}


def test_commands_that_detect_nothing_do_not_load_the_model() -> None:
    code = "import sys, mailgateway.cli, mailgateway.daemon; sys.exit('numpy' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0
