"""Chats: the conversation in the mail that a chat service makes of one, with the visitor told from our own people.

A turn begins with a name and a time, in any of the orders that services use, or with a name and a colon where nothing
in the mail has times. Everything up to the next turn belongs to it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailgateway.model.message import Address, Chat, Speaker, Turn
from mailgateway.parsers.form import address_in, form_labels
from mailgateway.parsers.labels import is_rule, labelled
from mailgateway.phrases import all_of, phrases

MAX_LINES = 5_000
MAX_TURNS = 1_000
_LOOKED_AT = 300
_MAX_NAME = 60
_MAX_WORDS = 5
_MIN_TURNS = 2
_PHRASES = phrases("chats")
_EVENTS = all_of(_PHRASES["events"])
_ENDINGS = all_of(_PHRASES["endings"])
_VISITORS = frozenset(all_of(_PHRASES["visitors"]))
_OPERATORS = frozenset(all_of(_PHRASES["operators"]))
_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?"
_DASH = "|\u2013-"
_STAMP_BEFORE = re.compile(
    rf"[\[(][^\[\]()]{{0,40}}?{_CLOCK}[^\[\]()]{{0,20}}[\])]\s*[{_DASH}]?\s*|{_CLOCK}(?=[\s{_DASH}])\s*[{_DASH}]?\s*"
)
# In brackets or behind a dash a date may stand before the time.
_STAMP_AFTER = re.compile(
    rf"(?:\s*[\[(][^()\[\]]{{0,31}}?{_CLOCK}[^()\[\]]{{0,12}}[\])]|\s*[,·•{_DASH}]\s[^()\[\]]{{0,30}}?{_CLOCK}|\s+{_CLOCK}):?$"
)
_MARKED = re.compile(r"\s*[\[(]([^\[\]()]{1,30})[\])]\s*$")
_STARS = "*-=#• \t"
_NUMBERED = re.compile(r"[vV#]?\d{4,}")


@dataclass(slots=True)
class _Line:
    """The beginning of a turn, or the service's own words."""

    speaker: str
    mark: str
    text: list[str]
    stamped: bool
    event: bool = False


@dataclass(slots=True)
class _Transcript:
    turns: list[_Line] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether a line now would belong to somebody's turn."""
        return bool(self.turns) and not self.turns[-1].event

    def add(self, line: str) -> None:
        """Take a line in which nothing begins: of the last turn, or about the visitor where none has begun."""
        if self.is_open:
            self.turns[-1].text.append(line)
        elif line and not self.turns and (address := address_in(line[:_LOOKED_AT])):
            self.details.setdefault("address", address)

    def close(self) -> None:
        """End the last turn: what follows are the service's words."""
        self.turns.append(_Line("", "", [], stamped=False, event=True))


def read_chat(
    text: str, operators: Sequence[str] = (), reply_to: Sequence[Address] = (), hint: str = ""
) -> Chat | None:
    """Return the conversation that a mail holds, None where it holds none.

    Args:
        text: The mail's whole readable text; its first 5,000 lines count.
        operators: The names under which our own people speak, as far as they are known.
        reply_to: The mail's Reply-To: the visitor's address where the text has none.
        hint: The address that the mail comes from, which tells the service.

    Returns:
        At most 1,000 turns; what the visitor left before the chat (name, address) is no turn.
    """
    lines = text.split("\n", MAX_LINES)[:MAX_LINES]
    begun = [_begun(line[:_LOOKED_AT].strip()) for line in lines]
    stamped = sum(line is not None and line.stamped and bool(line.speaker) for line in begun) >= 1
    found = _transcript(lines, begun, stamped=stamped)
    if len(found.turns) < _MIN_TURNS and not (stamped and found.turns):
        return None
    name, address = found.details.get("name", ""), address_in(" ".join(found.details.values()))
    if not address:
        address = next((each.address for each in reply_to if each.address), "")
        name = name or next((each.name for each in reply_to if each.address), "")
    roles = _roles(found.turns, name, frozenset(each.casefold() for each in operators))
    name = name or next((who for who, role in roles.items() if role is Speaker.VISITOR), "")
    turns = tuple(
        Turn(line.speaker, roles.get(line.speaker, Speaker.SYSTEM), words)
        for line in found.turns
        if (words := "\n".join(line.text).strip())
    )
    return Chat(_service(hint, text), Address(name, address), turns)


def _service(hint: str, text: str) -> str:
    """Return the service by its address, else by the words at the mail's beginning and end."""
    for place in (hint, text[:2_000] + text[-2_000:]):
        lower = place.lower()
        for service, marks in _PHRASES["services"].items():
            if any(mark in lower for mark in marks):
                return service
    return "chat"


# --- lines -----------------------------------------------------------------------------------------------------


def _begun(line: str) -> _Line | None:
    """Return the turn that begins in a line, None where none does."""
    if not line or is_rule(line):
        return None
    before = _STAMP_BEFORE.match(line)
    rest = line[before.end() :] if before else line
    head, words = _parted(rest)
    if head:
        name, mark, after = _speaker(head)
        if name:
            return _Line(name, mark, [words] if words else [], stamped=bool(before) or after)
    if _is_event(rest):
        return _Line("", "", [rest.strip(_STARS)], stamped=bool(before), event=True)
    if before:
        return _Line("", "", [rest], stamped=True, event=True) if rest else None
    name, mark, after = _speaker(rest) if len(rest) <= 2 * _MAX_NAME else ("", "", False)
    return _Line(name, mark, [], stamped=True) if name and after else None


def _parted(rest: str) -> tuple[str, str]:
    """Return what stands before and after the colon that follows a name; a colon inside a time is none."""
    at = next((i for i in (rest.find(": "), rest.find("\uff1a"), rest.find(":\t")) if i >= 0), -1)
    if at < 0 and rest.endswith(":"):
        at = len(rest) - 1
    return (rest[:at].strip(), rest[at + 1 :].strip()) if at > 0 else ("", "")


def _speaker(head: str) -> tuple[str, str, bool]:
    """Return a name, the role in brackets behind it, and whether a time stands there; "" for what is no name."""
    bare = _STAMP_AFTER.sub("", head)
    stamped = bare != head
    marked = _MARKED.search(bare)
    mark = marked[1].casefold() if marked else ""
    if marked and (mark in _OPERATORS or mark in _VISITORS or "@" in mark):
        bare = bare[: marked.start()]
    name = bare.strip(_STARS + "<>:,")
    is_name = 0 < len(name) <= _MAX_NAME and len(name.split()) <= _MAX_WORDS and not name.endswith((".", "!", "?"))
    return (name, mark, stamped) if is_name and any(map(str.isalnum, name)) else ("", "", False)


def _is_event(line: str) -> bool:
    lower = line.casefold().strip(_STARS + ".")
    return len(lower) <= 2 * _MAX_NAME and any(event in lower for event in _EVENTS)


# --- the whole -------------------------------------------------------------------------------------------------


def _transcript(lines: Sequence[str], begun: Sequence[_Line | None], *, stamped: bool) -> _Transcript:
    """Return turns and details; where turns have times, what has none belongs to the turn above."""
    found = _Transcript()
    names = _regulars(begun) if not stamped else frozenset()
    known, after_gap = form_labels(), True
    for line, start in zip(lines, begun, strict=True):
        if start is not None and _counts(start, names, stamped=stamped):
            if len(found.turns) < MAX_TURNS:
                found.turns.append(start)
            after_gap = start.event
        elif not line.strip() or is_rule(line):
            after_gap = True
            found.add("")
        elif after_gap and line.strip().casefold().startswith(_ENDINGS):
            found.close()
        elif after_gap and (detail := labelled(line, known)) and detail.key:
            found.details.setdefault(detail.key, detail.value)
        else:
            found.add(line.rstrip())
            after_gap = after_gap and not found.is_open
    return found


def _counts(start: _Line, names: frozenset[str], *, stamped: bool) -> bool:
    if start.event:
        return True
    return start.stamped if stamped else start.speaker in names


def _regulars(begun: Sequence[_Line | None]) -> frozenset[str]:
    """Return who speaks where nothing has a time: names that come twice, and those that say what they are."""
    known = form_labels()
    count = Counter(line.speaker for line in begun if line is not None and line.speaker)
    return frozenset(
        name
        for name, times in count.items()
        if times > 1 or (name.casefold() in _VISITORS | _OPERATORS and name.casefold() not in known)
    )


def _roles(turns: Sequence[_Line], visitor: str, operators: frozenset[str]) -> dict[str, Speaker]:
    """Return who is who: by the visitor's name, by the operators', by a word beside the name, by who spoke first."""
    roles = {"": Speaker.SYSTEM}
    for line in turns:
        if line.speaker and line.speaker not in roles:
            role = _role(line, visitor.casefold(), operators)
            if role is not None:
                roles[line.speaker] = role
    unclear = [line.speaker for line in turns if line.speaker not in roles]
    for speaker in dict.fromkeys(unclear):
        taken = Speaker.VISITOR in roles.values()
        roles[speaker] = Speaker.OPERATOR if taken else Speaker.VISITOR
    return roles


def _role(line: _Line, visitor: str, operators: frozenset[str]) -> Speaker | None:
    name = line.speaker.casefold()
    if visitor and (name == visitor or name == visitor.partition(" ")[0]):
        return Speaker.VISITOR
    if name in operators or name in _OPERATORS or line.mark in _OPERATORS:
        return Speaker.OPERATOR
    first = name.partition(" ")[0]
    is_visitor = name in _VISITORS or line.mark in _VISITORS or first in _VISITORS or _NUMBERED.fullmatch(first)
    return Speaker.VISITOR if is_visitor else None
