"""The rules that no file changes: where a mail goes, and when nothing is ever answered.

They are rules like all others, tried and traced; what they guard are the promises of design.md sections 1 and 6.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from mailgateway.diagnostics import Position
from mailgateway.model.decision import Fact
from mailgateway.model.message import MessageKind
from mailgateway.model.people import Role
from mailgateway.rules.conditions import AmongNumbers, Between, Condition, Is, OneOf, Test
from mailgateway.rules.reading import MOST
from mailgateway.rules.values import Rule
from mailgateway.rules.words import fold

PROGRAM = "program"


class Place(StrEnum):
    """What becomes of a mail as a whole."""

    RECORD = "record"
    IGNORE = "ignore"
    ALERT = "alert"
    POST = "post"
    JOIN = "join"
    REPLY = "reply"
    NEW = "new"


def _asks(fact: str, *wanted: Fact, unless: bool = False) -> Condition:
    """Return the condition that a fact is one of some values, or, with `unless`, none of them."""
    test, words = _test(fact, wanted)
    return Condition("unless" if unless else "when", fact, f"{fact} {words}", test)


def _test(fact: str, wanted: tuple[Fact, ...]) -> tuple[Test, str]:
    first = wanted[0]
    if isinstance(first, bool):
        return Is(fact, first), f"is {'true' if first else 'false'}"
    if isinstance(first, int):
        return AmongNumbers(fact, frozenset((first,))), f"is {first}"
    names = tuple(map(str, wanted))
    shown = ", ".join(name or "empty" for name in names)
    return OneOf(fact, frozenset(map(fold, names))), f"is {'one of ' * (len(names) > 1)}{shown}"


def _at_least(fact: str, number: int) -> Condition:
    return Condition("when", fact, f"{fact} is at least {number}", Between(fact, number, MOST))


def _rule(name: str, place: Place, *conditions: Condition) -> Rule[Place]:
    return Rule(name, PROGRAM, place, conditions, Position(PROGRAM, 1, 1))


_PERSON = _asks("mail.kind", MessageKind.PERSON.value)
_MACHINE = _asks("mail.kind", MessageKind.PERSON.value, unless=True)
_ON_TICKET = _asks("ticket.found", True)  # noqa: FBT003 -- the value that is asked for
_AGENTS_ADDRESS = _asks("sender.has_agents_address", True)  # noqa: FBT003 -- the value that is asked for

BOUNCE = _rule("bounce", Place.RECORD, _asks("mail.kind", MessageKind.BOUNCE.value))
"""A delivery report marks what was not delivered."""

PLACES: tuple[Rule[Place], ...] = (
    _rule("machine-on-ticket", Place.RECORD, _MACHINE, _ON_TICKET),
    _rule("machine-ignored", Place.IGNORE, _MACHINE, _asks("mail.is_answer", True)),  # noqa: FBT003 -- the value asked for
    # A responder without any mark still quotes the ticket ID: a ticket for that would be one turn of a loop.
    _rule("machine-names-ticket", Place.IGNORE, _MACHINE, _at_least("thread.mentions", 1)),
    # Agents are told of new tickets: what their mailboxes answer must not open the next one.
    _rule("machine-of-agent", Place.IGNORE, _MACHINE, _AGENTS_ADDRESS),
    _rule("machine-alert", Place.ALERT, _MACHINE),
    _rule("unverified", Place.POST, _ON_TICKET, _asks("thread.verified", False)),  # noqa: FBT003 -- the value asked for
    _rule("agent-reply", Place.POST, _ON_TICKET, _asks("sender.role", Role.AGENT.value)),
    _rule(
        "one-ticket",
        Place.JOIN,
        _ON_TICKET,
        _asks("mail.asks_one_ticket", True),  # noqa: FBT003 -- the value asked for
        _at_least("ticket.parts", 2),
        _asks("sender.role", *(role.value for role in (Role.REQUESTER, Role.PARTICIPANT, Role.COLLEAGUE))),
    ),
    _rule("reply", Place.REPLY, _ON_TICKET),
    _rule("new-ticket", Place.NEW),
)
"""One of them holds for every mail; the first one says where it goes."""

BECAUSE = {
    "machine-ignored": "a machine's answer",
    "machine-names-ticket": "a machine names a ticket",
    "machine-of-agent": "an agent's machine",
}
"""Why these ignore a mail."""

SILENCES: tuple[tuple[Rule[Place], str], ...] = (
    (_rule("silence", Place.RECORD, _asks("mail.no_answer", "", unless=True)), ""),
    (
        _rule("silent-agent", Place.RECORD, _AGENTS_ADDRESS),
        "an agent's address: agents get notices, not acknowledgements",
    ),
    (
        _rule("silent-folder", Place.RECORD, _asks("mail.answerable", False)),  # noqa: FBT003 -- the value asked for
        "mail of this folder or age is not answered, or nobody is there to answer",
    ),
)
"""When nothing is answered, whatever the guards say, and why; "" where the mail itself says it."""

NOTIFY_NEW = _rule("notify-new", Place.NEW)
NOTIFY_REPLY = _rule("notify-reply", Place.REPLY, _PERSON, _asks("sender.role", Role.AGENT.value, unless=True))
NOTIFY_BOUNCE = _rule(
    "notify-bounce",
    Place.RECORD,
    # The customer does not get our mails, not before somebody proves to be a person, or does not want them.
    _asks("mail.kind", MessageKind.BOUNCE.value, MessageKind.CHALLENGE.value, MessageKind.FEEDBACK.value),
    _ON_TICKET,
    # A notice that bounced must not make notices that bounce.
    _asks("bounce.to_customer", True),  # noqa: FBT003 -- the value that is asked for
)

PROGRAM_RULES: Mapping[str, Rule[Place]] = MappingProxyType({
    rule.id: rule
    for rule in (BOUNCE, *PLACES, *(rule for rule, _ in SILENCES), NOTIFY_NEW, NOTIFY_REPLY, NOTIFY_BOUNCE)
})  # fmt: skip
"""All of them by id."""
