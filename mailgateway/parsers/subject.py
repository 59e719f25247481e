"""Subject lines: the ticket IDs of ours they carry, and what is left without IDs and reply marks."""

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
