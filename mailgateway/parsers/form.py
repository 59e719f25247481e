"""Contact forms: the fields of the mail that a web server makes of one, in the shapes web servers really send.

Labels with values beside or below them, tables, blocks between rules. What the visitor wrote may look like fields too:
so the message goes on as far as anything stands in it that is no plain field, and nothing of it is lost.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from mailgateway.model.message import Address, Form
from mailgateway.parsers.labels import Labelled, is_rule, known_labels, labelled
from mailgateway.phrases import all_of, phrases

MAX_LINES = 5_000
MAX_FIELDS = 200
_MAX_VALUE = 2_000
_ENDING_LINES = 8
_PHRASES = phrases("forms")
_NAMES = ("address", "message", "first_name", "last_name", "name", "company", "subject", "added", "other")
_ENDINGS = all_of(_PHRASES["endings"])
_FROM = all_of(phrases("delimiters")["from"])
_ADDRESS = re.compile(r"[^\s<>(),;:\"\[\]@]{1,128}@[^\s<>(),;:\"\[\]@]{1,255}")
_PERSONAL = frozenset({"name", "first_name", "last_name", "address", "message"})

Labels = tuple[tuple[str, tuple[str, ...]], ...]


def read_form(text: str, labels: Labels = (), reply_to: Sequence[Address] = ()) -> Form | None:
    """Return what a visitor wrote into the form that a mail was made of, None where the mail shows no form.

    Args:
        text: The mail's whole readable text; its first 5,000 lines count.
        labels: What the fields of this form are called, besides the usual words.
        reply_to: The mail's Reply-To, which web servers set to the visitor; used where no field holds an address.

    Returns:
        A form with a name, an address or a message at least; `fields` at most 200, double labels joined.
    """
    known = form_labels(labels)
    lines = text.split("\n", MAX_LINES)
    read = [labelled(line, known) for line in lines[:MAX_LINES]]
    start = _message_start(lines, read)
    label = read[start] if start is not None else None
    begin = start + 1 if start is not None else _after_fields(lines, read)
    end = _message_end(lines, read, begin)
    head = _fields(lines[: begin if start is None else start], read)
    tail = _fields(lines[end : len(read)], read[end:])
    message = _message(lines[begin:end], label)
    if message or label:
        head = [(name, "" if key == "message" else key, value) for name, key, value in head]
        head.append((label.label if label else "", "message", message))
    return _form([*head, *tail][: MAX_FIELDS + 1], reply_to)


def address_in(text: str) -> str:
    """Return the first mail address in a text, "" where it has none."""
    found = _ADDRESS.search(text)
    return found[0].rstrip(".>'") if found else ""


@lru_cache(maxsize=64)  # once for each configured form
def form_labels(labels: Labels = ()) -> dict[str, str]:
    """Return what each label is known as, by its plain form; those of the configuration come first."""
    usual = known_labels({name: all_of(_PHRASES[name]) for name in _NAMES} | {"from": _FROM})
    return usual | known_labels(dict(labels))


# --- where the message stands ----------------------------------------------------------------------------------


def _message_start(lines: Sequence[str], read: Sequence[Labelled | None]) -> int | None:
    """Return the line of the message's label: of several that follow as plain fields, the last."""
    start = None
    for at, line in enumerate(read):
        if line is not None and line.key == "message":
            start = at
        elif start is not None and not (_is_blank(lines[at]) or _is_value(read, at, start)):
            break
    return start


def _after_fields(lines: Sequence[str], read: Sequence[Labelled | None]) -> int:
    """Return where the words begin in a mail whose message has no label: below the last field about the visitor."""
    last = max((at for at, line in enumerate(read) if line is not None and line.key not in {"", "added"}), default=None)
    if last is None:
        return len(read)
    label, at = read[last], last + 1
    if label is not None and label.value:
        while at < len(read) and read[at] is not None:  # other fields of the same block
            at += 1
        return at
    return next((at + 1 for at in range(last + 1, len(read)) if lines[at].strip()), len(read))


def _is_blank(line: str) -> bool:
    return not line.strip() or is_rule(line)


def _is_value(read: Sequence[Labelled | None], at: int, start: int) -> bool:
    """Return whether a line is a visitor's field, or the one line below a label that has its value there."""
    line, above = read[at], read[at - 1]
    if line is not None:
        return not (line.key in {"added", "other"} and line.value)
    return above is not None and at - 1 == start and not above.value and _more(read, at)


def _more(read: Sequence[Labelled | None], at: int) -> bool:
    """Return whether another label of a message comes right after a line or a blank one."""
    below = [line for line in read[at + 1 : at + 3] if line is not None]
    return bool(below) and below[0].key == "message"


def _message_end(lines: Sequence[str], read: Sequence[Labelled | None], start: int) -> int:
    """Return where the message ends: what follows it down to the mail's end is fields, rules and endings alone.

    Args:
        lines: The mail's.
        read: What they say.
        start: Its first line.
    """
    end = _before_ending(lines, start, len(read))
    at = end - 1
    best = end
    seen = {line.key for line in read[:start] if line is not None}
    while at >= max(start, 1) and _is_tail(lines, read, at):
        line = read[at]
        if line is not None and line.key not in seen:
            best = at
        at -= 1
    return best if best == end or _is_set_off(lines, read, best) else end


def _is_tail(lines: Sequence[str], read: Sequence[Labelled | None], at: int) -> bool:
    """Return whether a line can stand below the message: blank, a rule, a known field, or a value below its label."""
    line = read[at]
    if _is_blank(lines[at]):
        return True
    if line is not None:
        return bool(line.key) and line.key != "message"
    above = read[at - 1]
    return above is not None and not above.value and above.key in {"added", "other", *_PERSONAL}


def _is_set_off(lines: Sequence[str], read: Sequence[Labelled | None], at: int) -> bool:
    """Return whether the fields below a message are told from its words by a blank line, a rule or a table."""
    line, above = read[at], lines[at - 1]
    return (line is not None and line.cell) or _is_blank(above) or _is_tight(lines, read)


def _is_tight(lines: Sequence[str], read: Sequence[Labelled | None]) -> bool:
    """Return whether the form writes its fields without blank lines between them."""
    fields = [at for at, line in enumerate(read[:40]) if line is not None and line.key]
    return len(fields) > 1 and all(lines[at].strip() for at in range(fields[0], fields[1]))


def _before_ending(lines: Sequence[str], start: int, end: int) -> int:
    """Return where the web server's own closing words begin, `end` where there are none."""
    closing = range(max(start, end - _ENDING_LINES), end)  # more below it would be words of the visitor
    return next((at for at in closing if lines[at].strip().casefold().startswith(_ENDINGS)), end)


def _message(lines: Sequence[str], label: Labelled | None) -> str:
    """Return the words of a message without the rules around them."""
    beside = [label.value] if label and label.value else []
    first = next((at for at, line in enumerate(lines) if not _is_blank(line)), len(lines))
    last = next((at for at in range(len(lines) - 1, -1, -1) if not _is_blank(lines[at])), -1)
    return "\n".join([*beside, *lines[0 if beside else first : last + 1]]).strip()


# --- fields ----------------------------------------------------------------------------------------------------

Field = tuple[str, str, str]
"""(label, what it is known as, value)"""


def _fields(lines: Sequence[str], read: Sequence[Labelled | None]) -> list[Field]:
    """Return the fields of lines in which no message stands; a line without a label belongs to the one above."""
    found: list[Field] = []
    waiting = False
    for line, label in zip(lines, read, strict=False):
        if label is not None and not (waiting and not label.key and not label.value):
            found.append((label.label, label.key, label.value[:_MAX_VALUE]))
            waiting = not label.value
        elif found and not _is_blank(line):
            name, key, value = found[-1]
            found[-1] = (name, key, f"{value}\n{line.strip()}".strip()[:_MAX_VALUE])
            waiting = False
        if len(found) >= MAX_FIELDS:
            break
    return found


def _form(found: Sequence[Field], reply_to: Sequence[Address]) -> Form | None:
    by_key: dict[str, str] = {}
    for _, key, value in found:
        if key and value:
            by_key.setdefault(key, value)
    if not by_key.keys() & (_PERSONAL | {"from"}):
        return None
    address = _address(by_key, reply_to)
    return Form(
        name=_name(by_key) or next((each.name for each in reply_to if each.key == address.lower()), ""),
        address=address,
        company=_line(by_key.get("company", "")),
        subject=_line(by_key.get("subject", "")),
        message=by_key.get("message", ""),
        fields=tuple(_joined(found)),
    )


def _address(by_key: Mapping[str, str], reply_to: Sequence[Address]) -> str:
    for key in ("address", "from", "name"):
        found = address_in(by_key.get(key, ""))
        if found:
            return found
    return next((each.address for each in reply_to if each.address), "") or _line(by_key.get("address", ""))


def _name(by_key: Mapping[str, str]) -> str:
    whole = by_key.get("name", "") or by_key.get("from", "")
    parts = (by_key.get("first_name", ""), by_key.get("last_name", ""))
    if any(parts) and not (whole and all(part in whole for part in parts)):
        # "Name" beside "First name" is the family name
        given, family = parts
        whole = f"{given or (whole if family else '')} {family or (whole if given else '')}"
    return _line(_ADDRESS.sub("", whole).replace("mailto:", "")).strip(" <>()[]\"'")


def _line(value: str) -> str:
    return " ".join(value.split())


def _joined(found: Iterable[Field]) -> Iterator[tuple[str, str]]:
    """Yield (label, value) in order, each label once."""
    values: dict[str, list[str]] = {}
    for label, _, value in found:
        values.setdefault(label, []).append(value)
    for label, said in values.items():
        yield label, "\n".join(value for value in said if value)
