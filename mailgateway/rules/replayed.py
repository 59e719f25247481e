"""What a replay found, as text for a terminal, as Markdown for a merge request, and as values for programs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mailgateway.diagnostics import printable
from mailgateway.model.calendar import Zone
from mailgateway.model.decision import Fact
from mailgateway.rules.replay import OTHER, Change, Group, IgnoredMail, ReplayedMail, Tallied
from mailgateway.rules.times import local_date

_CUSTOMER_CHARS = 16
_SUBJECT_CHARS = 60
_LAST = timedelta(microseconds=1)
_TOO_LONG = 60_000
"""Characters of a comment; the services for merge requests take some 65,000."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A replay with the words around it.

    Attributes:
        tallied: What it found.
        before: What the rules before are called, such as `97793234 (live)`.
        after: What the new ones are called.
        since: The first moment of the window.
        until: The first moment after it.
        counted_from: From when on quotas were counted, None where there are none.
        zone: In which times are shown.
        took_s: How long it took, in seconds.
    """

    tallied: Tallied
    before: str
    after: str
    since: datetime
    until: datetime
    counted_from: datetime | None
    zone: Zone
    took_s: float


# --- text ------------------------------------------------------------------------------------------------------------


def text(shown: Shown, ignored: Iterable[str] = ()) -> Iterator[str]:
    """Yield the lines for a terminal.

    Args:
        shown: The replay.
        ignored: The lines of the mails that the new rules ignore (`ignored_line`).
    """
    tallied = shown.tallied
    yield f"replay of {_mails(tallied.mails)}, {_days(shown)}: rules {shown.before} -> {shown.after}   [{_how(shown)}]"
    yield totals(tallied)
    if tallied.not_comparable:
        yield _not_comparable(tallied)
    if tallied.groups:
        yield ""
    for group in tallied.groups:
        yield from _group(group, shown.zone)
    if tallied.ignored:
        yield from ("", f"the new rules ignore {_mails(tallied.ignored)}:", *ignored)
    if tallied.unmatched and tallied.mails:
        yield from ("", _unmatched(tallied))


def totals(tallied: Tallied) -> str:
    """Return how many decisions change, and how many do not."""
    same = tallied.mails - tallied.changed
    share = 100 * tallied.changed / tallied.mails if tallied.mails else 0.0
    verb = "decision changes" if tallied.changed == 1 else "decisions change"
    return f"{tallied.changed} {verb} ({share:.1f} %), {same} {'stays' if same == 1 else 'stay'} the same"


def _mails(count: int) -> str:
    return "1 mail" if count == 1 else f"{count} mails"


def _days(shown: Shown) -> str:
    first, last = (f"{local_date(at, shown.zone):%d %b %Y}" for at in (shown.since, shown.until - _LAST))
    return first if first == last else f"{first} to {last}"


def _how(shown: Shown) -> str:
    counted = f", quotas recounted from {shown.counted_from:%Y-%m-%d}" if shown.counted_from else ""
    return f"{shown.took_s:.1f} s{counted}"


def _not_comparable(tallied: Tallied) -> str:
    verb = "is" if tallied.not_comparable == 1 else "are"
    return f"{_mails(tallied.not_comparable)} more {verb} not comparable: the facts were removed"


def _unmatched(tallied: Tallied) -> str:
    return f"rules that matched nothing in this window: {', '.join(tallied.unmatched)}"


def _group(group: Group, zone: Zone) -> Iterator[str]:
    yield f"{group.count:>4}  {changed(group)}     because: {', '.join(group.causes)}"
    for mail in group.examples:
        yield f"        {mail_line(mail, zone)}"
    left = group.count - len(group.examples)
    if left:
        yield f"        … {left} more"


def changed(group: Group) -> str:
    """Return what changes in a group: `priority 3 -> 1 · told [] -> ["x"]`."""
    return " · ".join(map(change_words, group.changes)) or OTHER


def change_words(change: Change) -> str:
    """Return one change: `priority 3 -> 1`, `part 2 priority 3 -> 1` where the mail is cut."""
    part = f"part {change.part} " if change.part else ""
    return f"{part}{change.answer} {_value(change.before)} -> {_value(change.after)}"


def _value(value: Fact) -> str:
    return "none" if value is None else printable(json.dumps(value, ensure_ascii=False))


def mail_line(mail: ReplayedMail, zone: Zone) -> str:
    """Return a mail on one line: its number, when it arrived, whose it is, its subject."""
    at = f"{mail.arrived.astimezone(zone.tzinfo):%Y-%m-%dT%H:%M}"
    customer, subject = _cut(mail.customer, _CUSTOMER_CHARS), _cut(mail.subject, _SUBJECT_CHARS)
    return f"M-{mail.mail}  {at}  {customer:<10} {subject}".rstrip()


def _cut(words: str, most: int) -> str:
    line = printable(" ".join(words.split()))
    return line if len(line) <= most else line[: most - 1] + "…"


def ignored_line(ignored: IgnoredMail, zone: Zone) -> str:
    """Return a mail that the new rules ignore as a line for a terminal."""
    new = "new  " if ignored.is_new else "     "
    return f"  {new} {mail_line(ignored.mail, zone)}   ({ignored.rule}: {_cut(ignored.because, _SUBJECT_CHARS)})"


# --- Markdown --------------------------------------------------------------------------------------------------------


def markdown(shown: Shown, ignored: Iterable[str] = ()) -> str:
    """Return a comment for the merge request; one that is too long for such services is cut between two lines.

    Args:
        shown: The replay.
        ignored: The lines of the mails that the new rules ignore (`ignored_item`).
    """
    lines: list[str] = []
    chars = 0
    for line in _comment(shown, ignored):
        chars += len(line) + 1
        if chars > _TOO_LONG:
            lines.append("\n… the rest is left out; `mailgateway rules replay` prints all of it")
            break
        lines.append(line)
    return "\n".join(lines)


def _comment(shown: Shown, ignored: Iterable[str]) -> Iterator[str]:
    tallied = shown.tallied
    yield f"### Rules replay: {totals(tallied)}"
    yield ""
    yield f"{_mails(tallied.mails)}, {_days(shown)}: rules `{shown.before}` → `{shown.after}` ({_how(shown)})"
    if tallied.not_comparable:
        yield from ("", _not_comparable(tallied))
    if tallied.groups:
        yield from ("", "| mails | change | because | examples |", "|---:|---|---|---|")
        yield from (_row(group, shown.zone) for group in tallied.groups)
    if tallied.ignored:
        yield from ("", f"**The new rules ignore {_mails(tallied.ignored)}:**", "", *ignored)
    if tallied.unmatched and tallied.mails:
        yield from ("", f"Rules that matched nothing in this window: {_escaped(', '.join(tallied.unmatched))}")


def _row(group: Group, zone: Zone) -> str:
    changes = "<br>".join(_escaped(change_words(change)) for change in group.changes) or OTHER
    causes = "<br>".join(map(_escaped, group.causes))
    examples = "<br>".join(_escaped(mail_line(mail, zone)) for mail in group.examples)
    left = group.count - len(group.examples)
    return f"| {group.count} | {changes} | {causes} | {examples}{f'<br>… {left} more' if left else ''} |"


def ignored_item(ignored: IgnoredMail, zone: Zone) -> str:
    """Return a mail that the new rules ignore as a line of Markdown."""
    words = f"{mail_line(ignored.mail, zone)} ({ignored.rule}: {_cut(ignored.because, _SUBJECT_CHARS)})"
    return f"- {'**new** ' if ignored.is_new else ''}{_escaped(words)}"


def _escaped(words: str) -> str:
    """Return words of mails and rules so that nothing of them is markup, a link or somebody's name."""
    marks = {ord(mark): f"&#{ord(mark)};" for mark in "&<>|*_`[]()\\~#@!:"}
    return words.translate(marks)


# --- values ----------------------------------------------------------------------------------------------------------


def values(shown: Shown) -> Mapping[str, object]:
    """Return the replay as JSON values; the ignored mails are not among them (`ignored_values`)."""
    tallied = shown.tallied
    return {
        "before": shown.before,
        "after": shown.after,
        "since": shown.since.astimezone(UTC).isoformat(),
        "until": shown.until.astimezone(UTC).isoformat(),
        "quotas_from": shown.counted_from.astimezone(UTC).isoformat() if shown.counted_from else None,
        "took_s": round(shown.took_s, 3),
        "mails": tallied.mails,
        "changed": tallied.changed,
        "not_comparable": tallied.not_comparable,
        "groups": [_group_values(group) for group in tallied.groups],
        "unmatched": tallied.unmatched,
    }


def _group_values(group: Group) -> Mapping[str, object]:
    return {
        "count": group.count,
        "changes": [change_values(one) for one in group.changes],
        "because": group.causes,
        "examples": [_mail_values(mail) for mail in group.examples],
    }


def change_values(change: Change, before: str = "before", after: str = "after") -> dict[str, object]:
    """Return one change as JSON values; a part is named where the mail is cut.

    Args:
        change: The change.
        before: What the answer before is called.
        after: What the other one is called.
    """
    said: dict[str, object] = {"answer": change.answer, before: change.before, after: change.after}
    return {**said, "part": change.part} if change.part else said


def _mail_values(mail: ReplayedMail) -> dict[str, object]:
    return {
        "mail": mail.mail,
        "arrived": mail.arrived.astimezone(UTC).isoformat(),
        "customer": mail.customer,
        "subject": mail.subject,
    }


def ignored_values(ignored: IgnoredMail) -> Mapping[str, object]:
    """Return a mail that the new rules ignore as JSON values."""
    return {
        **_mail_values(ignored.mail),
        "rule": ignored.rule,
        "because": ignored.because,
        "is_new": ignored.is_new,
    }
