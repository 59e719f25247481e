"""Subject lines: the ticket IDs of ours they carry, and what is left without IDs and reply marks."""

import re
from functools import lru_cache

MAX_SUBJECT = 2000
"""Characters of a subject that are looked at."""

_MARKS = (
    "re|aw|sv|vs|vb|vl|fwd?|wg|tr|rv|rif|res|enc|antw|antwort|odp|pd|ynt|atb|bls|doorst|rép|réf|"
    "απ|πρθ|σχετ|отв|ответ|пересл|на|vá|továbbítás|回复|回覆|答复|转发|轉寄|返信|転送|답장|전달|השב|הועבר|رد"
)
# A mark may carry a count: "Re[2]:", "Re(2):", "Re^2:", "Re*2:"; the colon may be full-width.
_MARK = re.compile(
    rf"(?:\[\s*)?(?:{_MARKS})\.?\s?(?:\[\d{{1,4}}\]|\(\d{{1,4}}\)|[\^*]\d{{1,4}})?\s?[:\uff1a]\s*", re.IGNORECASE
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
    """Return a subject without ticket IDs of ours and without any number of reply and forward marks.

    `Re: AW: [SUP-1042-QX] Отв[2]: Printer` gives `Printer`. Runs of white space become one space.

    Args:
        subject: Decoded; only its first MAX_SUBJECT (2,000) characters are looked at.
        prefix: The site's, such as `SUP`.

    Returns:
        One line, "" where nothing is left.
    """
    bare = " ".join(_ticket_mark(prefix).sub(" ", subject[:MAX_SUBJECT]).split())
    position = 0
    bracketed = False
    while mark := _MARK.match(bare, position):
        bracketed = bracketed or mark.group().startswith("[")
        position = mark.end()
    rest = bare[position:]
    # "[Fwd: Printer]" leaves its closing bracket behind.
    return rest.removesuffix("]").rstrip() if bracketed and rest.count("]") > rest.count("[") else rest
