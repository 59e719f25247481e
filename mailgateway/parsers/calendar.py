"""Calendar parts and visiting cards (RFC 5545, RFC 6350) in a line for a person."""

import re
from collections.abc import Iterator

_MAX_TEXT = 64 * 1024
_MAX_LINES = 2_000
_FOLD = re.compile(r"\n[ \t]")
_ESCAPE = re.compile(r"\\([nN,;\\])")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_METHODS = {"REQUEST": "Invitation", "CANCEL": "Cancelled", "REPLY": "Answer to an invitation", "COUNTER": "Proposal"}
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}

Properties = dict[str, tuple[str, str]]
"""Of each property the first: its parameters and its value, by name in upper case."""


def calendar_text(text: str) -> str:
    """Return what a calendar part is about: what, when, where, by whom, and its description; "" where it has no event.

    Times stand as they are written, with the name of their zone: which offset it had is nobody's guess.
    """
    calendar, event = _event(text)
    if not event:
        return ""
    method = _METHODS.get(_value(calendar, "METHOD").upper(), "Appointment")
    lines = [f"{method}: {_value(event, 'SUMMARY') or '(no title)'}"]
    lines += [
        f"{label}: {found}"
        for label, found in (
            ("When", _when(event)),
            ("Where", _value(event, "LOCATION")),
            ("By", _person(event, "ORGANIZER")),
            ("Answer", _answer(event) if method.startswith("Answer") else ""),
        )
        if found
    ]
    description = _value(event, "DESCRIPTION").strip()
    return "\n".join(lines) + (f"\n\n{description}" if description else "")


def card_name(text: str) -> str:
    """Return whose visiting card this is, "" where it does not say."""
    found = next((value for name, _, value in _properties(text) if name == "FN"), "")
    return " ".join(_plain(found).split())[:100]


def _event(text: str) -> tuple[Properties, Properties]:
    """Return the properties of a calendar and those of its first event or task, without those inside of it."""
    calendar: Properties = {}
    event: Properties = {}
    inside: list[str] = []
    for name, named, value in _properties(text):
        if name == "BEGIN":
            inside.append(value.strip().upper())
        elif name == "END":
            if inside and inside.pop() in ("VEVENT", "VTODO"):
                break
        elif inside[1:] and inside[-1] in ("VEVENT", "VTODO"):
            event.setdefault(name, (named, value))
        elif len(inside) == 1:
            calendar.setdefault(name, (named, value))
    return calendar, event


def _properties(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (name in upper case, parameters, value) of each line (RFC 5545 section 3.1)."""
    for line in _FOLD.sub("", text[:_MAX_TEXT]).split("\n")[:_MAX_LINES]:
        head, colon, value = _halves(line)
        if colon:
            name, _, named = head.partition(";")
            yield name.rpartition(".")[2].strip().upper(), named, value


def _halves(line: str) -> tuple[str, str, str]:
    """Return what stands before and after the first colon outside quotes."""
    head, colon, value = line.partition(":")
    while colon and head.count('"') % 2 and ":" in value:
        more, colon, value = value.partition(":")
        head = f"{head}:{more}"
    return head, colon, value


def _value(properties: Properties, name: str) -> str:
    return _plain(properties.get(name, ("", ""))[1]).strip()


def _plain(value: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def _when(event: Properties) -> str:
    named, start = event.get("DTSTART", ("", ""))
    begins, ends = _moment(start), _moment(event.get("DTEND", event.get("DUE", ("", "")))[1])
    if not begins:
        return ""
    zone = next((each[5:].strip('"') for each in named.split(";") if each.upper().startswith("TZID=")), "")
    zone = "UTC" if start.strip().endswith("Z") else zone
    day, _, hour = begins.partition(" ")
    last_day, _, last_hour = ends.partition(" ")
    span = begins
    if ends and hour:
        span = f"{begins}-{last_hour}" if last_day == day else f"{begins} - {ends}"
    return f"{span} ({zone})" if zone else span


def _moment(value: str) -> str:
    match = _TIME.match(value.strip())
    if not match:
        return ""
    day = f"{match[1]}-{match[2]}-{match[3]}"
    return f"{day} {match[4]}:{match[5]}" if match[4] else day


def _person(event: Properties, name: str) -> str:
    named, value = event.get(name, ("", ""))
    address = value.strip().partition(":")[2] if value.lower().startswith("mailto:") else value.strip()
    shown = next((each[3:].strip('"') for each in named.split(";") if each.upper().startswith("CN=")), "")
    return f"{shown} <{address}>" if shown and shown != address else address


def _answer(event: Properties) -> str:
    named = event.get("ATTENDEE", ("", ""))[0]
    said = next((each[9:] for each in named.split(";") if each.upper().startswith("PARTSTAT=")), "")
    return f"{_ANSWERS.get(said.upper(), said.lower())} by {_person(event, 'ATTENDEE')}" if said else ""
