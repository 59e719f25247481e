"""Subject lines: the ticket IDs of ours and the numbers of other systems, and what is left without IDs and marks."""

import re
from functools import lru_cache

from mailgateway.phrases import all_of, phrases

MAX_SUBJECT = 2000
"""Characters of a subject that are looked at."""

_TABLES = phrases("subjects")
_MARKS, _TAGS, _ENDINGS = (
    "|".join(sorted(map(re.escape, all_of(_TABLES[table])), key=len, reverse=True))
    for table in ("marks", "tags", "endings")
)
# A mark may carry a count: "Re[2]:", "Re(2):", "Re^2:", "Re*2:"; the colon may be full-width.
_MARK_FORM = rf"(?:\[\s*)?(?:{_MARKS})\.?\s?(?:\[\d{{1,4}}\]|\(\d{{1,4}}\)|[\^*]\d{{1,4}})?\s?[:\uff1a]\s*"
_MARK = re.compile(_MARK_FORM, re.IGNORECASE)
# RFC 5256 section 2.1 takes every "[...]" off; people write such words too, so only those of filters go, and those of
# lists where a mark follows.
_LABEL = re.compile(
    rf"(?:\[(?:{_TAGS})\]|\*{{1,5}}(?:{_TAGS})\*{{1,5}})\s*|\[[^\[\]]{{1,40}}\]\s?(?={_MARK_FORM})", re.IGNORECASE
)
_ENDING = re.compile(rf"\s?\((?:{_ENDINGS})\)$", re.IGNORECASE)

MAX_FOREIGN_REFS = 3
"""Numbers of other systems that are read from a subject."""

_NUMBERS = phrases("numbers")
_WORDS, _SIGNS = (
    "|".join(sorted(map(re.escape, all_of(_NUMBERS[table])), key=len, reverse=True)) for table in ("words", "signs")
)
_DIGITS = r"[0-9]{2,20}"
_CODE = r"[A-Z]{1,10}-?[0-9]{2,20}"
_HASH = r"[#\uff03]"
# Each has one group, the number. No `\b` at the front: in scripts without spaces a letter may stand before the word.
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        # [#12345], [Ticket#99], (Ticket: #99), [example.com #99], [##12345##]
        rf"[\[(][^\[\]()#\uff03]{{0,40}}{_HASH}{{1,2}}[\s:]{{0,2}}({_CODE}|{_DIGITS})\s?{_HASH}{{0,2}}\s?[\])]",
        # [Ticket: 99], (Case 99)
        rf"[\[(]\s?(?:{_WORDS})\s?(?:{_SIGNS})?[.:]?\s?({_CODE}|{_DIGITS})\s?[\])]",
        # A code in brackets: (INC0012345), [ABC-123]
        r"[\[(]\s?([A-Z]{2,10}(?:-[0-9]{2,20}|[0-9]{4,20}))\s?[\])]",
        # Ticket #99, Ref: ABC-123, Case no. 123
        rf"(?<![^\W\d_])(?:{_WORDS})\s?(?:(?:{_SIGNS})\.?\s?{_HASH}?|{_HASH}|[:\uff1a]\s?{_HASH}?)\s?({_CODE}|{_DIGITS})(?![\w-])",
        # Case 00123
        rf"(?<![^\W\d_])(?:{_WORDS})\s([A-Z]{{0,10}}-?[0-9]{{5,20}})(?![\w-])",
    )
)
_HAS_NUMBER = re.compile(r"[0-9]{2}")
# A ticket ID of this program, whatever its site's prefix: ours from before the prefix changed, or another site's.
_ANY_TICKET_ID = re.compile(
    r"(?<![0-9A-Z])[A-Z][A-Z0-9]{0,9}-[0-9]{1,18}-[A-Z]{2}(?![0-9A-Z])", re.IGNORECASE | re.ASCII
)


@lru_cache(maxsize=16)
def _ticket_id(prefix: str) -> re.Pattern[str]:
    # re.ASCII: without it IGNORECASE lets U+017F (long s) and U+212A (Kelvin sign) pass for letters.
    pattern = rf"(?<![0-9A-Za-z-])({re.escape(prefix)}-[0-9]{{1,12}}-[A-Z]{{2}})(?![0-9A-Za-z])"
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


@lru_cache(maxsize=16)
def _ticket_mark(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"\[\s?{_ticket_id(prefix).pattern}\s?\]|{_ticket_id(prefix).pattern}", re.IGNORECASE | re.ASCII)


def ticket_ids(text: str, prefix: str) -> tuple[str, ...]:
    """Return what looks like a ticket ID of ours, in upper case without brackets, each once, in order.

    The check letters are not verified here: a made-up ID is returned too.

    Args:
        text: A subject, or lines of a body; any length, looked at in one pass.
        prefix: The site's, such as `SUP`; compared without regard to case.

    Returns:
        IDs such as `SUP-1042-QX`; () where there is none.
    """
    return tuple(dict.fromkeys(found.upper() for found in _ticket_id(prefix).findall(text)))


def base_subject(subject: str, prefix: str) -> str:
    """Return a subject without ticket IDs of ours and without any number of reply and forward marks (RFC 5256).

    `Re: AW: [SUP-1042-QX] Отв[2]: Printer` gives `Printer`. Runs of white space become one space. Tags of filters such
    as `[EXTERNAL]` go too, and names of lists where a mark follows.

    Args:
        subject: Decoded; only its first MAX_SUBJECT (2,000) characters are looked at.
        prefix: The site's, such as `SUP`.

    Returns:
        One line, "" where nothing is left.
    """
    bare = " ".join(_ticket_mark(prefix).sub(" ", subject[:MAX_SUBJECT]).split())
    position = 0
    bracketed = False
    while mark := _MARK.match(bare, position) or _LABEL.match(bare, position):
        bracketed = bracketed or (mark.re is _MARK and mark.group().startswith("["))
        position = mark.end()
    rest = _ENDING.sub("", bare[position:])
    # "[Fwd: Printer]" leaves its closing bracket behind.
    return rest.removesuffix("]").rstrip() if bracketed and rest.count("]") > rest.count("[") else rest


def foreign_refs(subject: str, prefix: str) -> tuple[str, ...]:
    """Return what looks like ticket numbers of other systems in a subject.

    `Re: [Ticket#99] Printer`, `(INC0012345)`, `Case 00123`, `Ref: ABC-123`: what has a digit, and stands in brackets,
    behind "#", or behind a word of the phrase file. Nothing says that a ticket system wrote it.

    Args:
        subject: Decoded; only its first MAX_SUBJECT characters are looked at.
        prefix: The site's, such as `SUP`: what begins with it is no other system's.

    Returns:
        In upper case, such as `99`, `INC0012345` or `ABC-123`; each once, at most MAX_FOREIGN_REFS (3).
    """
    text = _ANY_TICKET_ID.sub(" ", subject[:MAX_SUBJECT])
    if not _HAS_NUMBER.search(text):
        return ()
    found = dict.fromkeys(match[1].upper() for shape in _SHAPES for match in shape.finditer(text))
    own = f"{prefix.upper()}-"
    return tuple(ref for ref in found if not ref.startswith(own))[:MAX_FOREIGN_REFS]
