"""What happened to a ticket or to a mail, as commands print it."""

from collections.abc import Sequence

from mailgateway.cli.output import print_table
from mailgateway.model.ticket import Event, EventKind

_WORDS = {
    "by": "by {}",
    "code": ", code {}",
    "first": ", first ticket {}",
    "from": "from {}",
    "holder": "of {}",
    "into": "into {}",
    "kind": ", kind {}",
    "of": "of {}",
    "outbox": "in delivery {}",
    "part": "part {}",
    "period": "from {}",
    "priority": ", priority {}",
    "queue": ", queue {}",
    "quota": "quota {}",
    "recipient": "to {}",
    "rung": ", found by {}",
    "title": ", title {}",
    "to": "to {}",
    "told": ", told {}",
    "uncapped": ", priority {} without it",
}
_OWN_WORDS = {
    (EventKind.LINKED, "to"): "to ticket {}",
    (EventKind.TAGGED, "tags"): "{}",
}
_OTHER_WORDS = ", {} {}"


def print_history(events: Sequence[Event]) -> None:
    """Print events as a table, with their details in words where any has some."""
    details = [details_in_words(event) for event in events]
    rows = ((e.at.strftime("%Y-%m-%d %H:%M:%S"), e.kind, e.actor, e.because) for e in events)
    if any(details):
        whole = ((when, what, said, *cause) for (when, what, *cause), said in zip(rows, details, strict=True))
        print_table(("when", "what", "details", "who", "because"), whole)
    else:
        print_table(("when", "what", "who", "because"), rows)


def details_in_words(event: Event) -> str:
    """Return the details of an event on one line, such as `from new to closed`; "" where it has none."""
    each = (_in_words(event.kind, name, value) for name, value in event.details)
    words = "".join(one if one.startswith(", ") else f" {one}" for one in each)
    return words.removeprefix(",").removeprefix(" ")


def _in_words(kind: EventKind, name: str, value: str) -> str:
    """Return one detail in words, with a comma before it where it begins something new."""
    template = _OWN_WORDS.get((kind, name)) or _WORDS.get(name)
    # Of a field that changed, what was there and what is; either may be nothing.
    shown = f"none{value}" if value.startswith(" > ") else f"{value}none" if value.endswith(" > ") else value
    return template.format(shown) if template else _OTHER_WORDS.format(name, shown)
