"""What lines begin with: numbers, letters, bullets, names of items, and the marks of headings and table rows."""

import re
import unicodedata
from typing import NamedTuple

from mailgateway.triage.split.page import Page, Row, plain
from mailgateway.triage.split.vocabulary import NOUNS

_NOUN = "|".join(sorted(map(re.escape, NOUNS), key=len, reverse=True))
_SPELT_OUT = (
    ("one", "ett", "один", "eins", "un"),
    ("two", "två", "два", "zwei", "deux"),
    ("three", "tre", "три", "drei", "trois"),
    ("four", "fyra", "четыре", "vier", "quatre"),
)
_DIGITS = {word: number for number, words in enumerate(_SPELT_OUT, start=1) for word in words}
_SPELT = "|".join(_DIGITS)
_NUMBER = re.compile(
    r"\s{0,12}(?:(?P<round>\()?(?P<a>\d{1,2})(?:[.)\]:](?:\)|(?=[\s*])|(?=[^\W\d_]{2}))|\.\)|\s?[-\u2013\u2014](?=\s))"
    r"|(?P<slash>\d{1,2})\s?/(?=\s)|(?P<bare>\d)(?=\s[^\W\d_]{2})"
    r"|(?P<sign>№|#|[QВF]|No\.?|Nr\.?)\s?(?P<b>\d{1,2})\s?(?:[.):\-\u2013](?=\s)|(?=\s))"  # noqa: RUF001 -- a Cyrillic letter
    r"|(?P<c>\d)\ufe0f?\u20e3|(?P<circled>[\u2460-\u2473\u2474-\u2487\u2776-\u2793]))\s*(?=\S)"
)
_ALONE = re.compile(r"\s{0,12}\(?(?P<a>\d{1,2})(?:[.:]|\.?\))\s*$")
_LETTER = re.compile(r"\s{0,12}\(?(?P<letter>[A-Ha-hА-Жа-ж])(?:[.):/]|\s[-\u2013\u2014])\s+(?=\S)")  # noqa: RUF001 -- Cyrillic letters
_ROMAN = re.compile(r"\s{0,12}\(?(?P<roman>[IVX]{1,4}|[ivx]{1,4})[.)]\s+(?=\S)")
_EMOJI = r"\u2190-\u2bff\U0001f300-\U0001faff"
BULLETS = (
    "-*+>\u2022\u00b7\u25e6\u25aa\u25cf\u25cb\u2013\u2014\u2023\u27a4\u2192\u21d2"
    "\u25b6\u25ba\u2794\u279c\u203a\u00bb\u25a0\u25a1\u2610\u2713"
)
"""Signs that set items apart at the beginning of a line."""
_BULLET = re.compile(
    rf"\s{{0,12}}(?:(?P<bullet>[{re.escape(BULLETS)}]|=>|->|o(?= [^\W\d_]))\ufe0f?|"
    rf"[{_EMOJI}][\u200d\ufe0f{_EMOJI}]{{0,8}})\s+(?:\[[ xX]?\]\s+)?(?=\S)"
)
_NAMED = re.compile(
    rf"\s{{0,12}}(?:#{{1,4}}\s+)?[*_]{{0,2}}(?P<noun>{_NOUN})\s{{0,2}}(?:#|№|nr\.?|no\.?|n°)?\s{{0,2}}"
    rf"(?P<which>\d{{1,2}}|[a-h\u0430-\u0436]|{_SPELT})(?!\w)\s?[*_]{{0,2}}[.:)\-\u2013\u2014]?[*_]{{0,2}}\s*",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\s{0,12}[*_]{0,2}(?P<noun>[^\W\d_]{2,20})\s(?:#|№|nr\.?|no\.?|n°)?\s?(?P<which>\d{1,2})\s?[*_]{0,2}[.:)\-\u2013\u2014][*_]{0,2}\s+(?=\S)",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"(?P<level>#{1,5})\s+(?=\S)")
_UNDERLINE = re.compile(r"\s{0,4}(?:={3,}|-{3,}|~{3,}|\*{3,}|_{3,})\s*$")
_BOLD = re.compile(r"\s{0,4}(?:\*\*[^*]{2,120}\*\*|__[^_]{2,120}__|\*[^*\s][^*]{1,118}\*):?\s*$")
_FRAMED = re.compile(r"\s{0,4}(={2,}|-{2,}|\*{3,}|~{2,}|_{3,}) ?\w.{0,100}\w\)? ?\1\s*$")
_HEADING_CHARS = 120
_LOUD_WORDS = 6
_LOUD_LETTERS = 4
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_LETTERS = "abcdefgh"
_CYRILLIC = "абвгдеж"


class Mark(NamedTuple):
    """What sets a line apart.

    Attributes:
        style: Lines with the same one may be items of one list.
        number: Which item it says it is; 0 where it says nothing.
        start: Where the line begins, in characters.
        body: Where its words begin.
        row: Which row it is.
    """

    style: str
    number: int
    start: int
    body: int
    row: int


def numbered(page: Page) -> list[Mark]:
    """Return the lines that begin with a number."""
    found = []
    for at, row in enumerate(page.rows):
        if mark := _NUMBER.match(row.text):
            sign = mark["sign"] or mark["round"] or ("bare" if mark["bare"] else "")
            style = f"{sign.lower()}{row.indent // 2}"
            found.append(Mark(style, _number_of(mark), row.start, row.start + mark.end(), at))
        elif (mark := _ALONE.match(row.text)) and (body := _words_behind(page, at)):
            found.append(Mark(f"alone{row.indent // 2}", int(mark["a"]), row.start, body, at))
    return found


def _number_of(mark: re.Match[str]) -> int:
    if circled := mark["circled"]:
        return int(unicodedata.numeric(circled))
    return int(mark["a"] or mark["b"] or mark["c"] or mark["slash"] or mark["bare"])


def _words_behind(page: Page, at: int) -> int:
    """Return where the words begin that stand below a mark which has a line for itself, 0 where none do."""
    below = [row for row in page.rows[at + 1 : at + 3] if not row.is_blank][:1]
    return below[0].start + below[0].indent if below and below[0].text else 0


def lettered(page: Page) -> list[Mark]:
    """Return the lines that begin with a letter from the front of the alphabet."""
    found = []
    for at, row in enumerate(page.rows):
        if mark := _LETTER.match(row.text):
            style = f"letter{row.indent // 2}{mark['letter'].isupper()}"
            found.append(Mark(style, letter_number(mark["letter"].lower()), row.start, row.start + mark.end(), at))
    return found


def roman(page: Page) -> list[Mark]:
    """Return the lines that begin with a Roman number up to twelve."""
    found = []
    for at, row in enumerate(page.rows):
        mark = _ROMAN.match(row.text)
        if mark and (number := roman_number(mark["roman"].lower())):
            found.append(Mark(f"roman{row.indent // 2}", number, row.start, row.start + mark.end(), at))
    return found


def named(page: Page) -> list[Mark]:
    """Return the lines that begin with the name of an item: `Issue #2`, `Frage 1: title`."""
    found = []
    for at, row in enumerate(page.rows):
        if mark := _NAMED.match(row.text):
            which = mark["which"].lower()
            number = int(which) if which.isdecimal() else _DIGITS.get(which) or letter_number(which)
            body = row.start + mark.end()
            begin = body if body < row.end else _words_behind(page, at) or row.start
            found.append(Mark("named", number, row.start, begin, at))
    return found


def called(page: Page) -> list[Mark]:
    """Return the lines that begin with a word and a number, whatever it calls them: `Wish 2:`."""
    return [
        Mark(f"called{mark['noun'].lower()}", int(mark["which"]), row.start, row.start + mark.end(), at)
        for at, row in enumerate(page.rows)
        if (mark := _CALLED.match(row.text))
    ]


def bulleted(page: Page) -> list[Mark]:
    """Return the lines that begin with a bullet."""
    matches = ((at, row, _BULLET.match(row.text)) for at, row in enumerate(page.rows))
    return [
        Mark(f"{mark['bullet'] or 'emoji'}{row.indent // 2}", 0, row.start, row.start + mark.end(), at)
        for at, row, mark in matches
        if mark and not _UNDERLINE.match(row.text)
    ]


def is_marked(row: Row) -> bool:
    """Return whether a line begins with a bullet."""
    return _BULLET.match(row.text) is not None


def headings(page: Page) -> list[Mark]:
    """Return the lines that are headings: of Markdown, underlined, bold, or known as such."""
    found = []
    for at, row in enumerate(page.rows):
        if not row.text.strip() or len(row.text.strip()) > _HEADING_CHARS:
            continue
        after = page.rows[at + 1] if at + 1 < len(page.rows) else None
        if mark := _MARKDOWN.match(row.text):
            found.append(Mark(f"#{len(mark['level'])}", 0, row.start, row.start + mark.end(), at))
        elif style := _heading_style(page, row, after, at):
            found.append(Mark(style, 0, row.start, row.start, at))
    return found


def _heading_style(page: Page, row: Row, after: Row | None, at: int) -> str:
    """Return how a line shows that it is a heading, "" where it is none."""
    if _UNDERLINE.match(row.text):
        return ""
    stands_apart = at == 0 or page.rows[at - 1].is_blank or not page.rows[at - 1].text
    if after is not None and _UNDERLINE.match(after.text) and stands_apart:
        return f"under{after.text.strip()[0]}"
    if _BOLD.match(row.text):
        return "bold"
    if framed := _FRAMED.match(row.text):
        return f"framed{framed[1][0]}"
    if stands_apart and after is not None and after.text.strip() and _is_loud(row.text):
        return "loud"
    return "known" if _is_known(page, row) else ""


def _is_loud(line: str) -> bool:
    """Return whether a line is a few words in capitals."""
    words = line.split()
    return line.isupper() and len(words) <= _LOUD_WORDS and sum(map(str.isalpha, line)) >= _LOUD_LETTERS


def _is_known(page: Page, row: Row) -> bool:
    if not page.headings:
        return False
    return plain(row.text) in page.headings


def letter_number(letter: str) -> int:
    """Return which letter of the Latin or Cyrillic alphabet one of the first is, 0 where it is none of them."""
    return (_LETTERS.find(letter) if letter.isascii() else _CYRILLIC.find(letter)) + 1 if len(letter) == 1 else 0


def roman_number(text: str) -> int:
    """Return the number that a Roman one in lower case is, up to twelve, 0 where it is none."""
    return _ROMANS.index(text) + 1 if text in _ROMANS else 0
