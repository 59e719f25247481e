"""Searches texts for the phrases of many rules: milliseconds a mail on one core, words and evidence included.

    python -m bench.phrases [--rounds 30]

Each rule has five phrases: most are words in a row, some have a `*` or a `...`. Texts and phrases are drawn from one
vocabulary in which, as in a language, a few words are most of every text; the seed is fixed. CPU time is counted, not
the clock's; the median of the rounds is shown. At the end, texts made to be slow, each as long as is searched at all.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from itertools import accumulate

from mailgateway.rules.phrases import PhraseList, evidence, find, find_any, phrase, phrase_list, words_of
from mailgateway.rules.words import MAX_TEXT_CHARS

SYLLABLES = {  # what words are made of: several letters, or one character
    "English": ("pro", "duc", "tion", "stag", "ing", "clus", "ter", "node", "down", "er", "re", "pli", "ca", "log"),
    "German": ("stö", "rung", "pro", "duk", "ti", "on", "netz", "werk", "größ", "aus", "fall", "prü", "spei", "über"),
    "Russian": ("про", "из", "вод", "ство", "узел", "диск", "клас", "тер", "шиб", "ка", "нов", "лен", "ли", "для"),
    "Chinese": tuple(chr(0x4E00 + 7 * number) for number in range(900)),
}
AIMS_MS = {(200, 4): 0.3, (2000, 4): 2.5, (200, 50): 2.0, (2000, 50): 10.0}
FORMS = ("{}", *["{} {}"] * 8, *["{} {} {}"] * 8, "{} {}*", "{}* {}", "{} ... {}")


def vocabulary(dice: random.Random, syllables: tuple[str, ...]) -> list[str]:
    """Return words, the most frequent first."""
    return list(dict.fromkeys("".join(dice.choices(syllables, k=dice.randint(1, 4))) for _ in range(30000)))


def text_of(dice: random.Random, words: list[str], size_bytes: int) -> str:
    """Return a mail's text: wrapped lines, sentences of some ten words, paragraphs."""
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    gaps = [" "] * 60 + [", "] * 6 + [". "] * 5 + ["\n"] * 6 + ["\n\n"]
    drawn = dice.choices(words, cum_weights=weights, k=size_bytes)
    return "".join(word + dice.choice(gaps) for word in drawn).encode()[:size_bytes].decode(errors="ignore")


def rules_of(dice: random.Random, words: list[str], count: int) -> list[PhraseList]:
    """Return five phrases for each rule, none of them of the most frequent words alone."""

    def one() -> str:
        form = dice.choice(FORMS)
        drawn = [dice.choice(words[20:6000]) for _ in range(form.count("{}") - 1)]
        return form.format(*drawn, dice.choice(words[200:6000]))

    return [phrase_list(phrase(one()) for _ in range(5)) for _ in range(count)]


def searched(text: str, rules: list[PhraseList]) -> int:
    """Do all that a decision needs of the phrases; return how many rules matched."""
    words = words_of(text)
    hits = [hit for rule in rules if (hit := find_any(words, rule)) is not None]
    return len([evidence(words.text, hit) for hit in hits])


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the CPU milliseconds of a piece of work."""
    times = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        times.append((time.process_time() - started) * 1000)
    return statistics.median(times)


def show_mails(rounds: int) -> None:
    """Print a line for each language, number of rules and size of a text."""
    print("language    rules    text   words alone   all phrases     aim   rules that match")
    for language, syllables in SYLLABLES.items():
        dice = random.Random(4)  # noqa: S311 -- the same texts every time
        words = vocabulary(dice, syllables)
        for (count, size_kib), aim in AIMS_MS.items():
            rules = rules_of(dice, words, count)
            text = text_of(dice, words, size_kib * 1024)
            cutting = median_ms(lambda text=text: words_of(text), rounds)
            all_ms = median_ms(lambda text=text, rules=rules: searched(text, rules), rounds)
            matched = searched(text, rules)
            figures = f"{cutting:8.2f} ms   {all_ms:8.2f} ms   {aim:5.1f}   {matched:5}"
            print(f"{language:10}  {count:5}  {size_kib:3} KiB  {figures}")


def show_hostile() -> None:
    """Print what the worst texts cost, each MAX_TEXT_CHARS long: words, and one phrase with many places to begin."""
    worst = {
        "one word": "a ",
        "two words": "a b ",
        "dots": "a.Bc",
        "addresses": "a@b.Cd ",
        "web addresses": "a://(( ",
        "empty lines": "\n \n",
        "brackets": ".)",
        "items": "\n1) a",
        "characters": "停",
        "marks": "a\u0301",
        "long when folded": "\ufdfa",
    }
    sought = phrase("a ... a ... a ... a ... a ... a b* c")
    print(f"\n{MAX_TEXT_CHARS // 1024} Ki characters of      words    phrase with five gaps")
    for name, piece in worst.items():
        text = piece * (MAX_TEXT_CHARS // len(piece) - 2) + " c"
        words = words_of(text)
        cutting = median_ms(lambda text=text: words_of(text), 3)
        finding = median_ms(lambda words=words: find(words, sought), 3)
        print(f"{name:18} {cutting:10.1f} ms   {finding:8.1f} ms")


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=30)
    show_mails(options.parse_args().rounds)
    show_hostile()


if __name__ == "__main__":
    main()
