"""Phrases and the texts they are searched in: whole words in any case, in any script, in linear time.

A text is cut into words once (`words_of`); every phrase of every rule is then looked up in that value. What the words
of a text are, the same for texts and phrases:

- letters, digits, marks and underscores, compared after NFKC and case folding; Turkish dotted and dotless i are i;
- hyphens, apostrophes, dots and @ inside a word belong to it: `non-production`, `don't`, `5.2.1`, `db1.corp.example`
  and `dev@corp.example` are one word each and mention neither `production` nor `dev`; so is a web address;
- in scripts that are written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) every character with its
  marks is a word: a phrase is found wherever its characters stand together.

No phrase crosses a sentence end: `.`, `!`, `?` and their like, an empty line, the start of a list item. Mail is wrapped
at some 72 columns, so a line break alone ends nothing. Who joins a subject and a text puts an empty line between them.

Regular expressions and globs live in patterns.py. What a phrase means to a rule is not known here.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Protocol

import re2

MAX_TEXT_CHARS = 256 * 1024
"""What of a text is searched; the rest is not."""
MAX_PHRASE_CHARS = 200
MAX_WORDS_BETWEEN = 3
"""How many words `...` stands for at most; two characters of a script without spaces count as one word."""
EVIDENCE_CHARS = 60
_STEM_CHARS = 4


class PhraseError(ValueError):
    """A phrase cannot be used; the text is a sentence for the admin who wrote it."""


class Span(Protocol):
    """What is needed of RE2's matches, which come without types."""

    def start(self) -> int:
        """Return where the match begins, in characters."""

    def end(self) -> int:
        """Return where it ends."""


class Regexp(Protocol):
    """What is needed of RE2's compiled expressions, which come without types."""

    def search(self, text: str) -> Span | None:
        """Return the leftmost match, None where there is none."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a text: offsets in characters, the end exclusive."""

    start: int
    end: int


# --- texts -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)  # no slots: the offsets are worked out at the first hit and kept
class Words:
    """A text cut into words, ready for any number of phrases. Made by `words_of`.

    Attributes:
        text: The text that was searched, valid Unicode; hits are offsets into it and into the text it was made from.
        is_cut: Whether the text was longer than MAX_TEXT_CHARS and its end is missing here.
        index: Every word, the beginning of every word with a `*`, and the empty text.
        line: The words, folded, with one space before, after and between them; two where a sentence ends.
    """

    text: str
    is_cut: bool = field(compare=False)
    index: frozenset[str] = field(compare=False, repr=False)
    line: str = field(compare=False, repr=False)
    _found: list[str] = field(compare=False, repr=False)
    _folded: list[str] = field(compare=False, repr=False)

    @cached_property
    def _ends(self) -> tuple[list[int], list[int]]:
        """Return where the pieces, gap and word by turns, end: in the line and in the text."""
        return list(accumulate(map(len, self._folded))), list(accumulate(map(len, self._found)))

    def hit(self, start: int, end: int) -> Hit:
        """Return the place in the text of words that stand in the line from `start` to before `end`."""
        in_line, in_text = self._ends
        return Hit(in_text[bisect_right(in_line, start) - 1], in_text[bisect_right(in_line, end - 1)])


def words_of(text: str) -> Words:
    """Return a text cut into words.

    Args:
        text: Any string. Lone surrogates count as U+FFFD; of more than MAX_TEXT_CHARS characters the end is left
            out, back to the last blank so that no word is halved.
    """
    searched, is_cut = _cut(valid_text(text))
    found = _pieces(_marked(searched))
    words = _folded(found[1::2])
    gaps = found[2:-1:2]
    breaks = {gap: "  " if _SENTENCE_END.search(gap) else " " for gap in set(gaps)}
    folded = [" "] * len(found)
    folded[1::2] = words
    folded[2:-1:2] = [breaks[gap] for gap in gaps]
    distinct = set(words)
    index = distinct.union([word[:_STEM_CHARS] + "*" for word in distinct], ("",))
    return Words(searched, is_cut, frozenset(index), "".join(folded), found, folded)


def valid_text(text: str) -> str:
    """Return the text with U+FFFD for each lone surrogate, which no UTF-8 and no RE2 can hold. The length stays."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    return text


def _cut(text: str) -> tuple[str, bool]:
    """Return what of a text is searched, and whether something is missing."""
    if len(text) <= MAX_TEXT_CHARS:
        return text, False
    blank = max(text.rfind(" ", 0, MAX_TEXT_CHARS + 1), text.rfind("\n", 0, MAX_TEXT_CHARS + 1))
    return text[: blank if blank > 0 else MAX_TEXT_CHARS], True


# --- words -----------------------------------------------------------------------------------------------------

_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSPACED = (
    "\u0e01-\u0e4e\u0e80-\u0ece\u1000-\u103f\u1780-\u17d3\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, kana, Bopomofo, Chinese characters: as they stand in a character class."""
_IGNORED = "\u00ad\u200c-\u200f\u2060\ufeff"
"""Soft hyphen, joiners, direction marks: in a word, but no part of it."""
_MARK_BLOCKS = (
    range(0x300, 0x1E00),
    range(0x20D0, 0x2100),
    range(0x2CEF, 0x2E00),
    range(0x302A, 0x3030),
    range(0x3099, 0x309B),
    range(0xA66F, 0xAC00),
    range(0xFB1E, 0xFB1F),
    range(0xFE00, 0xFE30),
    range(0x10A00, 0x11E00),
    range(0x1E000, 0x1E970),
    range(0xE0100, 0xE01F0),
)


def _marks() -> str:
    """Return the characters that combine with the letter before them: `re` counts them to no word."""
    every = (chr(code) for block in _MARK_BLOCKS for code in block)
    return "".join(char for char in every if unicodedata.category(char).startswith("M")) + "\uff9e\uff9f"


def _word_pattern(letters: str, marks: str, alone: str) -> re.Pattern[str]:
    """Return what finds a word, from character classes; possessive throughout, so that it is linear."""
    run = f"{letters}++(?:{marks}++{letters}*+)*+"
    address = r"(?:://[!#-;=?-{}~]*[0-9a-z_])?"
    return re.compile(rf"({alone}{run}(?:[-'.@]{run})*+{address})")


_ASCII_WORD = _word_pattern("[0-9a-z_]", r"(?!)", "")
_ANY_WORD = _word_pattern(
    rf"[^\W{_UNSPACED}]", f"[{_marks()}{_IGNORED}]", rf"[{_UNSPACED}](?<=\w)[{_marks()}{_IGNORED}]*+|"
)
_IGNORABLE = re.compile(f"[{_IGNORED}]")
_ALIKE = (("’", "'"), ("ʼ", "'"), ("‐", "-"), ("‑", "-"), ("İ", "i"), ("ı", "i"))  # noqa: RUF001 -- the point
"""Characters that are the same, one for one, so that offsets stay."""


def _pieces(text: str) -> list[str]:
    """Return the text in lower case as gap and word by turns, a gap at both ends. All lengths stay."""
    if text.isascii():
        return _ASCII_WORD.split(text.lower())
    for char, same in _ALIKE:
        text = text.replace(char, same)
    return _ANY_WORD.split(text.lower())  # İ is gone: nothing else changes its length


def _folded(words: list[str]) -> list[str]:
    """Return the words as they are compared."""
    line = "".join(words)
    if line.isascii() or (
        unicodedata.is_normalized("NFKC", line) and line == line.casefold() and not _IGNORABLE.search(line)
    ):
        return words
    folded = {word: word if word.isascii() else "".join(fold(word).split()) for word in set(words)}
    return [folded[word] for word in words]


def fold(text: str) -> str:
    """Return a text in the form in which two that read the same in any case are equal, without invisible characters."""
    once = unicodedata.normalize("NFKC", _IGNORABLE.sub("", text)).casefold()
    # Folding İ leaves a dot over the i.
    return unicodedata.normalize("NFKC", once).replace("i\u0307", "i").replace("ı", "i")  # noqa: RUF001 -- dotless i


# --- sentences -------------------------------------------------------------------------------------------------

_BREAK = "\x1e"  # a control character that separates records; a gap that holds it ends the sentence
_SENTENCE_END = re.compile(
    r"^\.|\.[\"'”’»)\]}]*(?:\s|$)"  # noqa: RUF001 -- quotation marks of many languages
    r"|[!?…‼⁇⁈⁉。！？．｡؟۔।॥།။។\x0c\x1e\u2029]"  # noqa: RUF001 -- sentence ends of many scripts
    r"|\n[^\S\n]*\n"
    r"|\n[^\S\n]*(?:[-*+=~|•◦▪‣·–—]|#+\s)"  # noqa: RUF001 -- marks of list items, headings and tables
)
_ITEM = re.compile(r"\n(?=[^\S\n]*+(?:\d{1,3}|[A-Za-z])\)\s)")
_NO_BLANK = re.compile(r"(?<=[a-zß-ÿα-ωа-яё])\.(?=[A-ZÀ-ÞΑ-ΩА-ЯЁ][a-zß-ÿα-ωа-яё])")
_ADDRESS_CHARS = 64


def _marked(text: str) -> str:
    """Return the text with breaks that a gap alone does not show: before `1)`, and in `is down.Please call`."""
    return _NO_BLANK.sub(_dot, _ITEM.sub(_BREAK, text))


def _dot(match: re.Match[str]) -> str:
    """Return a break for a dot without a blank after it, the dot itself where it stands in an address."""
    text, at = match.string, match.start()
    before = text[max(0, at - _ADDRESS_CHARS) : at].split()[-1]
    after = text[at : at + _ADDRESS_CHARS].split(maxsplit=1)[0]
    return "." if "@" in before + after or "://" in before or before.startswith("www.") else _BREAK


# --- phrases ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, ready to be searched. Made by `phrase`.

    Attributes:
        text: As it was written.
        keys: Entries of the index that a text must have, all of them, for the phrase to be in it.
        key: The longest of them, "" where there is none.
        needle: What to look for in the line; where there is a regexp, that is used instead.
        regexp: For what is more than some words in a row.
    """

    text: str
    keys: frozenset[str] = field(compare=False, repr=False)
    key: str = field(compare=False, repr=False)
    needle: str = field(compare=False, repr=False)
    regexp: Regexp | None = field(compare=False, repr=False)


_GAP = re.compile(r"\.{3}|…")
_STAR = re.compile(r"([-'.@]?)\*(?!\S)")
_BETWEEN = rf"(?: (?:[{_UNSPACED}]\pM* [{_UNSPACED}]\pM*|[^ ]+)){{0,{MAX_WORDS_BETWEEN}}}?"


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of a phrase: how a word must begin or what it must be, and whether others may stand before the next."""

    start: str
    is_prefix: bool
    has_gap: bool

    @property
    def key(self) -> str:
        """Return what the index holds of a text that has such a word, "" where that cannot be said."""
        if not self.is_prefix:
            return self.start
        return f"{self.start[:_STEM_CHARS]}*" if len(self.start) >= _STEM_CHARS else ""


def phrase(text: str) -> Phrase:
    """Return a phrase: words in a row, `word*` for all words that begin so, `a ... b` for up to three between.

    Raises:
        PhraseError: No word in it, too long, a `*` or `...` where it has no meaning, or more than a sentence.
    """
    if len(text) > MAX_PHRASE_CHARS:
        raise PhraseError(f"a phrase has at most {MAX_PHRASE_CHARS} characters, this one has {len(text)}")
    # Lower case first: `Node.Js` is a word here, where in a text it may be two sentences.
    before, *found = _pieces(valid_text(text).lower())
    words = _folded(found[::2])
    if not any(words):
        raise PhraseError("a phrase needs at least one word of letters or digits")
    if "*" in before:
        raise PhraseError(_STAR_PROBLEM)
    parts = [_part(word, gap) for word, gap in zip(words, [*found[1:-1:2], f"{found[-1]} "], strict=True)]
    if parts[-1].has_gap or _GAP.search(before):
        raise PhraseError('"..." stands between two words, not at an end of the phrase')
    if any(_ends_sentence(gap) for gap in found[1:-1:2]):
        raise PhraseError("a phrase cannot go over the end of a sentence: this one would never be found")
    return _compiled(text, parts)


_STAR_PROBLEM = 'a "*" stands at the end of a word, as in "upgrad*"'


def _part(word: str, gap: str) -> _Part:
    """Return a word of a phrase from the word and what stands between it and the next."""
    star = _STAR.match(gap)
    rest = gap[star.end() :] if star else gap
    if "*" in rest or (star and not rest):
        raise PhraseError(_STAR_PROBLEM)
    return _Part(word + (star[1] if star else ""), star is not None, _GAP.search(rest) is not None)


def _ends_sentence(gap: str) -> bool:
    """Return whether a text with this between two words would have a sentence end there."""
    return _SENTENCE_END.search(_GAP.sub("", _STAR.sub("", gap, count=1), count=1)) is not None


def _compiled(text: str, parts: list[_Part]) -> Phrase:
    """Return the phrase that is made of these words."""
    keys = frozenset(part.key for part in parts) - {""}
    key = max(sorted(keys), key=len, default="")
    needle = "".join(f" {part.start}" for part in parts) + ("" if parts[-1].is_prefix else " ")
    if not any(part.is_prefix or part.has_gap for part in parts[:-1]):
        return Phrase(text, keys, key, needle, None)
    pattern = "".join(f" {re2.escape(part.start)}{'[^ ]*' * part.is_prefix}{_BETWEEN * part.has_gap}" for part in parts)
    options = re2.Options()
    options.never_capture = True
    return Phrase(text, keys, key, needle, re2.compile(f"{pattern} ", options))


def find(words: Words, phrase: Phrase) -> Hit | None:
    """Return the leftmost place of a phrase in a text, None where it is not mentioned."""
    if not phrase.keys <= words.index:
        return None
    if phrase.regexp is not None:
        found = phrase.regexp.search(words.line)
        return words.hit(found.start() + 1, found.end() - 1) if found else None
    start = words.line.find(phrase.needle)
    if start < 0:
        return None
    return words.hit(start + 1, words.line.index(" ", start + len(phrase.needle) - 1))


@dataclass(frozen=True, slots=True)
class PhraseList:
    """Phrases of which any will do. Made by `phrase_list`.

    Attributes:
        phrases: As they were given.
        keys: One entry of the index for each phrase: a text that has none of them mentions no phrase.
        by_key: For each, the numbers of the phrases that need it.
    """

    phrases: tuple[Phrase, ...]
    keys: frozenset[str] = field(compare=False, repr=False)
    by_key: Mapping[str, tuple[int, ...]] = field(compare=False, repr=False)


def phrase_list(phrases: Iterable[Phrase]) -> PhraseList:
    """Return phrases as a list that is searched at once."""
    given = tuple(phrases)
    by_key: dict[str, tuple[int, ...]] = {}
    for number, each in enumerate(given):
        by_key[each.key] = (*by_key.get(each.key, ()), number)
    return PhraseList(given, frozenset(by_key), by_key)


def find_any(words: Words, phrases: PhraseList) -> Hit | None:
    """Return the place of the first phrase, in the order of the list, that a text mentions; None without one."""
    if phrases.keys.isdisjoint(words.index):
        return None
    numbers = sorted(number for key in phrases.keys & words.index for number in phrases.by_key[key])
    hits = (find(words, phrases.phrases[number]) for number in numbers)
    return next((hit for hit in hits if hit is not None), None)


# --- evidence --------------------------------------------------------------------------------------------------

_LINE_BREAK = re.compile(r"\s*[\n\u2028\u2029]\s*")
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def evidence(text: str, hit: Hit, width: int = EVIDENCE_CHARS) -> str:
    """Return a hit in brackets with what stands around it, on one line and in quotes: `"… [prod down] since…"`.

    Args:
        text: What was searched.
        hit: A place in it.
        width: How many characters the result has at most, with quotes and dots; at least 20.

    Returns:
        Valid Unicode without control characters; ¶ for a line break. A long hit loses its middle.
    """
    inner = width - 4
    found = _one_line(text[hit.start : min(hit.end, hit.start + 4 * width)])
    if len(found) > inner - 2 or hit.end - hit.start > 4 * width:
        half = (inner - 3) // 2
        found = f"{found[:half]}…{_one_line(text[max(hit.start, hit.end - 4 * width) : hit.end])[-half:]}"
    room = (inner - len(found)) // 2
    left = _one_line(text[max(0, hit.start - 4 * width) : hit.start])
    right = _one_line(text[hit.end : hit.end + 4 * width])
    before = left if len(left) <= room and hit.start <= 4 * width else f"…{left[len(left) - room + 1 :]}"
    after = right if len(right) <= room and hit.end + 4 * width >= len(text) else f"{right[: max(0, room - 1)]}…"
    return f'"{before}[{found}]{after}"'


def _one_line(text: str) -> str:
    """Return a piece of a text as it can be shown on one line."""
    return _UNSEEN.sub(" ", _LINE_BREAK.sub(" ¶ ", valid_text(text)))
