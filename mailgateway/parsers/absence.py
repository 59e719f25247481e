"""When somebody is away, out of the words of an absence reply: dates in many notations and languages."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mailgateway.model.message import Absence
from mailgateway.phrases import all_of, phrases

_TABLES = phrases("absences")
_MONTHS = {name: int(number) for number, names in _TABLES["months"].items() for name in names}
_SINCE = all_of(_TABLES["since"])
_UNTIL = all_of(_TABLES["until"])
_UNTIL_BEHIND = all_of(_TABLES["until_behind"])
_SINCE_BEHIND = all_of(_TABLES["since_behind"])

# The first day of a span may be no more than its number: "10-14 March", "vom 10. bis 14. März".
_JOINS = "|".join(map(re.escape, all_of(_TABLES["joins"])))
_JOIN_WORDS = frozenset(all_of(_TABLES["joins"]))
_DASHES = _TABLES["joins"]["dashes"]
_WEEKDAYS = frozenset(all_of(_TABLES["skipped"]))

_MAX_CHARS = 3_000
_MAX_DATES = 20
_FAR = timedelta(days=540)
_PAST = timedelta(days=120)
_BACKWARDS = 4

_NAMES = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_YEAR = r"(?:\s*,?\s*(?:(?:de|del|of|d\.)\s+)?(?P<{}>(?:20)\d\d|'\d\d)(?!\d|:\d|[.]\d))?"
# Fixed numbers of digits and spaces all over: the patterns are linear.
_NUMERIC = r"(?<![\d.:/])(?P<iy>20\d\d)\s?[-./年]\s?(?P<im>\d{1,2})\s?[-./月]\s?(?P<id>\d{1,2})(?:日)?(?!\d)"
_SHORT = (
    r"(?<![\d.:/,])(?P<n1>\d{1,2})\s?(?P<sep>[./]|-(?=\s?\d{1,2}\s?-))\s?(?P<n2>\d{1,2})"
    r"(?:(?P=sep)\s?(?P<ny>20\d\d|\d\d)?)?(?!\d|:|\s?%|[.,]\d)"
)
_DAY_FIRST = (
    rf"(?<![\d.:/])(?P<dd>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|\.|:e)?\s?(?:(?:of|de|den)\s)?(?P<dm>{_NAMES})\b\.?"
    + _YEAR.format("dy")
)
_MONTH_FIRST = rf"(?<!\w)(?P<mm>{_NAMES})\.?\s(?P<md>\d{{1,2}})(?:st|nd|rd|th|\.)?(?![\d:])" + _YEAR.format("my")
_EAST = r"(?<!\d)(?P<em>\d{1,2})\s?[月월]\s?(?P<ed>\d{1,2})\s?[日일号]"
_DATE = re.compile(f"{_NUMERIC}|{_EAST}|{_DAY_FIRST}|{_MONTH_FIRST}|{_SHORT}")
_BARE_DAY = re.compile(rf"(?<![\d.:/])(\d{{1,2}})(?:st|nd|rd|th|\.)?\s?(?:{_JOINS})\s?$")
# Behind a month and a day the last day may be no more than its number: "March 10-14", "március 10-től 14-ig".
_LATER_DAY = re.compile(
    r"(?:-?[éá]?t[őó]l\s|\.?\s?(?:[-\u2013\u2014]|és|to|until|through)\s?)(\d{1,2})(?:st|nd|rd|th)?(?!\d|:|/|[.-]\d)"
)
_A_YEAR = re.compile(r"20\d\d")
_IN_BRACKETS = re.compile(r"^[ .]*\([^()]{1,15}\)")
_LAST_WORDS = re.compile(r"[^\s,;()]+")


@dataclass(frozen=True, slots=True)
class _Found:
    """A date in a text, by the places where it begins and ends."""

    day: date
    start: int
    end: int


def absence(subject: str, text: str, sent: date | None) -> Absence | None:
    """Return when somebody is away, None where the words name no date.

    A date without a year is the nearest one to the day the reply was sent, rather after it; without that day such
    dates are not read. Of two readings of `3/4/2025` the one nearer to that day counts, European first.

    Args:
        subject: Decoded.
        text: The new text of the reply; its first 3,000 characters count.
        sent: The day the reply was sent, None where unknown.
    """
    words = f"{subject}\n{text[:_MAX_CHARS]}".lower().replace("\u2019", "'").replace("\xa0", " ")
    found = list(_dates(words, sent))[:_MAX_DATES]
    starts, ends = _roles(words, found)
    if starts and ends and starts > ends:
        starts = None
    return Absence(starts, ends) if starts or ends else None


def _dates(words: str, sent: date | None) -> Iterator[_Found]:
    end = 0
    for match in _DATE.finditer(words):
        day = _day(match, sent)
        if day is None:
            continue
        before = _BARE_DAY.search(words, max(end, match.start() - 30), match.start())
        end = match.end()
        if before and 1 <= int(before[1]) <= day.day:
            yield _Found(day.replace(day=int(before[1])), before.start(), before.end(1))
        yield _Found(day, match.start(), match.end())
        later = _LATER_DAY.match(words, match.end()) if match["mm"] and not match["my"] else None
        last = _made(day.year, day.month, int(later[1])) if later else None
        if later and last and last > day:
            end = later.end()
            yield _Found(last, later.start(1), later.end(1))


def _day(match: re.Match[str], sent: date | None) -> date | None:
    """Return the day that a match means, None where there is no such day or it cannot be about an absence."""
    readings = (_read(*numbers, sent) for numbers in _readings(match))
    likely = [day for day in readings if day and (sent is None or sent - _PAST <= day <= sent + _FAR)]
    if sent is None:
        return next(iter(likely), None)
    later = [day for day in likely if day >= sent]
    return (
        min(later, default=None, key=lambda day: day - sent) if len(likely) > 1 and later else next(iter(likely), None)
    )


def _readings(match: re.Match[str]) -> Sequence[tuple[str, int, int]]:
    """Return (year or "", month, day) for every way a date can be read, the likelier first."""
    if match["iy"]:
        return ((match["iy"], int(match["im"]), int(match["id"])),)
    if match["em"]:
        return (("", int(match["em"]), int(match["ed"])),)
    if match["dm"]:
        return ((match["dy"] or "", _MONTHS[match["dm"]], int(match["dd"])),)
    if match["mm"]:
        return ((match["my"] or "", _MONTHS[match["mm"]], int(match["md"])),)
    first, second, year = int(match["n1"]), int(match["n2"]), match["ny"] or ""
    both = ((year, second, first), (year, first, second))
    return both[:1] if match["sep"] == "." else both


def _read(year: str, month: int, day: int, sent: date | None) -> date | None:
    if year:
        digits = year.lstrip("'")
        return _made(int(digits) + (2000 if len(digits) == 2 else 0), month, day)  # noqa: PLR2004 - a year of two digits
    if sent is None:
        return None
    near = (_made(sent.year + shift, month, day) for shift in (-1, 0, 1))
    return min((one for one in near if one), key=lambda one: _distance(one, sent), default=None)


def _distance(day: date, sent: date) -> int:
    """Return how far a day is from the day of sending; what has passed is further away."""
    ahead = (day - sent).days
    return ahead if ahead >= 0 else -ahead * _BACKWARDS


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# --- what a date is --------------------------------------------------------------------------------------------


def _roles(words: str, found: Sequence[_Found]) -> tuple[date | None, date | None]:
    """Return the first and the last day: what the words around the dates say, else the order of two."""
    starts: date | None = None
    ends: date | None = None
    for at, one in enumerate(found):
        before = words[found[at - 1].end if at else 0 : one.start]
        behind = words[one.end : one.end + 32]
        role = _role(before, behind, is_second=at > 0 and starts == found[at - 1].day)
        if role == "since" and starts is None:
            starts = one.day
        elif role == "until" and ends is None:
            ends = one.day
            if at and starts is None and _bare(before) in _JOIN_WORDS:
                starts = found[at - 1].day
    if starts is None and ends is None and len(found) == 1:
        ends = found[0].day
    return starts, ends


def _bare(between: str) -> str:
    """Return what stands between two dates without punctuation, days of the week and the second one's year."""
    words = (word.strip(".") for word in _LAST_WORDS.findall(between))
    return " ".join(word for word in words if word and word not in _WEEKDAYS and not _A_YEAR.fullmatch(word))


def _role(before: str, behind: str, *, is_second: bool) -> str:
    after = _IN_BRACKETS.sub("", behind, count=1).lstrip(" .")
    if after.startswith(_SINCE_BEHIND):
        return "since"
    if after.startswith(_UNTIL_BEHIND):
        return "until"
    if after.startswith(_DASHES) and not is_second:
        return "since"
    spoken = [word for word in _LAST_WORDS.findall(before[-60:]) if word.strip(".") not in _WEEKDAYS]
    last = [" ".join(spoken[-count:]) for count in (3, 2, 1)]
    until = next((phrase for phrase in last if phrase in _UNTIL), "")
    since = next((phrase for phrase in last if phrase in _SINCE), "")
    if since and (not until or len(since) > len(until)) and not is_second:
        return "since"
    return "until" if until else ("until" if is_second and len(before) < 40 else "since" if since else "")  # noqa: PLR2004 - a few words
