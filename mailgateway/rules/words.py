"""Texts cut into words, once for all that is searched in them: any script, any case, in linear time.

What the words of a text are, the same for texts and phrases:

- letters, digits, marks and underscores, compared after NFKC and case folding; Turkish dotted and dotless i are i;
- hyphens, apostrophes, dots and @ inside a word belong to it: `non-production`, `don't`, `5.2.1`, `db1.corp.example`
  and `dev@corp.example` are one word each and mention neither `production` nor `dev`; so is a web address;
- in scripts that are written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) every character with its
  marks is a word: a phrase is found wherever its characters stand together.

No phrase crosses a sentence end: `.`, `!`, `?` and their like, an empty line, the start of a list item. Mail is wrapped
at some 72 columns, so a line break alone ends nothing. Who joins a subject and a text puts an empty line between them.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise

MAX_TEXT_CHARS = 256 * 1024
"""What of a text is searched; the rest is not."""
STEM_CHARS = 4
"""What of each word a text's index holds beside the word, for phrases with a `*`."""
EVIDENCE_CHARS = 60
Key = str | tuple[str, str]
"""An entry of a text's index."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a text: offsets in characters, the end exclusive."""

    start: int
    end: int


@dataclass(frozen=True)  # no slots: what only a hit needs is worked out at the first one and kept
class Words:
    """A text cut into words, ready for any number of phrases. Made by `words_of`.

    Attributes:
        text: The text that was searched, valid Unicode; hits are offsets into it and into the text it was made from.
        is_cut: Whether the text was longer than MAX_TEXT_CHARS and its end is missing here.
        index: Every word, the first STEM_CHARS characters of every word, every two neighbours as a tuple, and "".
        line: The words, folded, with one space before, after and between them; two where a sentence ends.
    """

    text: str
    is_cut: bool = field(compare=False)
    index: frozenset[Key] = field(compare=False, repr=False)
    line: str = field(compare=False, repr=False)
    _found: list[str] = field(compare=False, repr=False)
    _folded: list[str] = field(compare=False, repr=False)

    @cached_property
    def _ends(self) -> tuple[list[int], list[int]]:
        """Return where the pieces, gap and word by turns, end: in the line and in the text."""
        return list(accumulate(map(len, self._folded))), list(accumulate(map(len, self._found)))

    @cached_property
    def encoded(self) -> bytes:
        """Return the line as RE2 reads it."""
        return self.line.encode()

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
    found = pieces(_marked(searched))
    words = folded_words(found[1::2])
    breaks = {gap: "  " if ends_sentence(gap) else " " for gap in set(found[2:-1:2])}
    folded = [" "] * len(found)
    folded[1::2] = words
    folded[2:-1:2] = map(breaks.__getitem__, found[2:-1:2])
    index: set[Key] = set(words)
    index.update([word[:STEM_CHARS] for word in set(words)], pairwise(words), ("",))
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

_BREAK = "\x1e"  # a control character that separates records; a gap that holds it ends the sentence
_SURROGATE = re.compile("[\ud800-\udfff]")
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
)
_VOICE_MARKS = "\uff9e\uff9f"
"""Of half-width kana: letters by their category, marks by what they do."""


def _marks() -> str:
    """Return the characters that combine with the letter before them, as ranges of a class: `re` has no name for them.

    Here and below no class goes beyond U+FFFF: `re` is slow with such, and the words of the few scripts up there are
    found all the same, in pieces.
    """
    codes = [code for block in _MARK_BLOCKS for code in block if unicodedata.category(chr(code)).startswith("M")]
    firsts = [code for before, code in pairwise([0, *codes]) if code != before + 1]
    lasts = [code for code, after in pairwise([*codes, 0]) if after != code + 1]
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in zip(firsts, lasts, strict=True))


_MARKS = _VOICE_MARKS + _marks()
_UNSPACED = (
    "\u0e01-\u0e4e\u0e80-\u0ece\u1000-\u103f\u1780-\u17d3\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d"
)
"""Thai, Lao, Burmese, Khmer, kana, Bopomofo, Chinese characters."""
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_CLUSTER = re.compile(f"([{_UNSPACED}][{_MARKS}{_IGNORED}]*+)")


_JOINT = re.compile(f"(?<=[{_UNSPACED}{_MARKS}])[-'.@]|[-'.@](?=[{_UNSPACED}])")


def _gap_pattern(no_word: str, no_letter: str) -> str:
    """Return what finds all that stands between two words, from classes; a lone joint between two letters is no gap."""
    return rf"{no_word}(?:(?<![-'.@]){no_letter}*+|{no_letter}++|\Z|(?<=\A.))"


_ASCII_GAP = re.compile(f"({_gap_pattern('[^0-9a-z_]', '[^0-9a-z_]')})", re.DOTALL)
_BESIDE = f"{_MARKS}{_IGNORED}"
_NO_WORD = rf"[^\w{_BESIDE}]"
_NO_WORD_LETTER = rf"[\W{_VOICE_MARKS}]"
_ANY_GAP = re.compile(rf"({_gap_pattern(_NO_WORD, _NO_WORD_LETTER)}|\A[{_BESIDE}]{_NO_WORD_LETTER}*+)", re.DOTALL)
_WEB_ADDRESS = re.compile(r"(?<=[0-9a-z])://[!#-;=?-{}~]*[0-9a-z_]")
_NO_LETTER = re.compile(r"[^0-9a-z_]")
_DOTTED_I = "i\u0307"
_IGNORABLE = re.compile(f"[{_IGNORED}]")
_ALIKE = (("’", "'"), ("ʼ", "'"), ("‐", "-"), ("‑", "-"), ("İ", "i"), ("ı", "i"))  # noqa: RUF001 -- the point
"""Characters that are the same, one for one, so that offsets stay."""


def pieces(text: str) -> list[str]:
    """Return a text in lower case as gap and word by turns, a gap at both ends. All lengths stay."""
    is_ascii = text.isascii()
    for char, same in () if is_ascii else _ALIKE:
        text = text.replace(char, same)
    text = text.lower()  # İ is gone: nothing else changes its length
    if "://" in text:
        text = _WEB_ADDRESS.sub(lambda address: _NO_LETTER.sub("_", address[0]), text)
    has_unspaced = not is_ascii and _IS_UNSPACED.search(text)
    if has_unspaced:
        text = _JOINT.sub(lambda joint: _BREAK if joint[0] == "." else " ", text)
    found = (_ASCII_GAP if is_ascii else _ANY_GAP).split(text)  # word and gap by turns, empty words at the ends
    found = found[1:] if not found[0] else ["", *found]
    found = found[:-1] if found and not found[-1] else [*found, ""]
    return _one_by_one(found) if has_unspaced else found


def _one_by_one(found: list[str]) -> list[str]:
    """Return the pieces with every character of a script without spaces as a word, with an empty gap to the next."""
    result = found[:1]
    for word, gap in zip(found[1::2], found[2::2], strict=True):
        for part in filter(None, _CLUSTER.split(word)):
            result += (part, "")
        result[-1] = gap
    return result


def is_unspaced(word: str) -> bool:
    """Return whether a word is of a script without spaces."""
    return _IS_UNSPACED.match(word) is not None


def folded_words(words: list[str]) -> list[str]:
    """Return words as they are compared."""
    line = "".join(words)
    if line.isascii() or _is_folded(line):
        return words
    folded = {word: word if word.isascii() else "".join(fold(word).split()) for word in set(words)}
    return [folded[word] for word in words]


def _is_folded(line: str) -> bool:
    """Return whether words need no folding any more, as those of most mails once they are in lower case."""
    is_normal = unicodedata.is_normalized("NFKC", line) and line == line.casefold()
    return is_normal and _DOTTED_I not in line and not _IGNORABLE.search(line)


def fold(text: str) -> str:
    """Return a text in the form in which two that read the same in any case are equal, without invisible characters."""
    once = unicodedata.normalize("NFKC", _IGNORABLE.sub("", text)).casefold()
    return unicodedata.normalize("NFKC", once).replace(_DOTTED_I, "i").replace("ı", "i")  # noqa: RUF001 -- dotless i


# --- sentences -------------------------------------------------------------------------------------------------

_CLOSING = "[\"'”’»)\\]}]*"  # noqa: RUF001 -- quotation marks of many languages
_SENTENCE_END = re.compile(
    rf"^{_CLOSING}\.|\.{_CLOSING}\s"  # not in "see .profile"
    r"|[!?…‼⁇⁈⁉。！？．｡؟۔।॥།။។\x0c\x1e\u2029]"  # noqa: RUF001 -- sentence ends of many scripts
    r"|\n[^\S\n]*\n"
    r"|\n[^\S\n]*(?:[-*+=~|•◦▪‣·–—]|#+\s)"  # noqa: RUF001 -- marks of list items, headings and tables
)
_ITEM = re.compile(r"\n(?=[^\S\n]*+(?:\d{1,3}|[A-Za-z])\)\s)")
_NO_BLANK = re.compile(r"\.(?<=[a-zß-ÿα-ωа-яё].)(?=[A-ZÀ-ÞΑ-ΩА-ЯЁ][a-zß-ÿα-ωа-яё])")
_ADDRESS_CHARS = 64


def ends_sentence(gap: str) -> bool:
    """Return whether what stands between two words ends a sentence."""
    return _SENTENCE_END.search(gap) is not None


def _marked(text: str) -> str:
    """Return the text with breaks that a gap alone does not show: before `1)`, and in `is down.Please call`."""
    return _NO_BLANK.sub(_dot, _ITEM.sub(_BREAK, text))


def _dot(match: re.Match[str]) -> str:
    """Return a break for a dot without a blank after it, the dot itself where it stands in an address."""
    text, at = match.string, match.start()
    before = text[max(0, at - _ADDRESS_CHARS) : at].split()[-1]
    after = text[at : at + _ADDRESS_CHARS].split(maxsplit=1)[0]
    return "." if "@" in before + after or "://" in before or before.startswith("www.") else _BREAK


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
    found = _one_line(text[hit.start : min(hit.end, hit.start + 2 * width)])
    if len(found) > inner - 2 or hit.end - hit.start > 2 * width:
        half = (inner - 3) // 2
        found = f"{found[:half]}…{_one_line(text[max(hit.start, hit.end - 2 * width) : hit.end])[-half:]}"
    room = (inner - len(found)) // 2
    left = _one_line(text[max(0, hit.start - 2 * width) : hit.start])
    right = _one_line(text[hit.end : hit.end + 2 * width])
    before = left if len(left) <= room and hit.start <= 2 * width else f"…{left[len(left) - room + 1 :]}"
    after = right if len(right) <= room and hit.end + 2 * width >= len(text) else f"{right[: max(0, room - 1)]}…"
    return f'"{before}[{found}]{after}"'


def _one_line(text: str) -> str:
    """Return a piece of a text as it can be shown on one line."""
    if text.isprintable() and "  " not in text:
        return text
    return _UNSEEN.sub(" ", _LINE_BREAK.sub(" ¶ ", valid_text(text)))
