"""A mail that asks that the tickets of a cut mail be one: whose wish counts, and what follows from it."""

import pytest

from mailgateway.model.decision import Fact, Facts
from mailgateway.model.effects import (
    ChangeStatus,
    Effect,
    Inform,
    JoinParts,
    NotifyAgents,
    PostMessage,
    StaySilent,
    Told,
)
from mailgateway.model.message import MessageKind
from mailgateway.model.people import Role
from mailgateway.model.ticket import Status
from mailgateway.rules.decide import decide
from mailgateway.rules.shipped import built_in_rules, default_rules
from tests.factories import PERSON, standing, threading, ticket
from tests.rules.test_decide import STRANGER, TOLD_REPLY, machine, seen

INFORM = Inform("one-ticket", (Told("joined", "one-ticket", (("why", ""),)),))
JOINED = (JoinParts("one-ticket"), PostMessage("one-ticket"), INFORM, TOLD_REPLY)
CUSTOMERS = [Role.REQUESTER, Role.PARTICIPANT, Role.COLLEAGUE]


def effects(role: Role = Role.REQUESTER, **changed: Fact) -> tuple[Effect, ...]:
    """What is done with a mail that asks for one ticket, on one of three; changes are named as for `seen`."""
    facts = seen(PERSON, threading(ticket(), standing=standing(role)), mail__asks_one_ticket=True, ticket__parts=3)
    changes = {name.replace("__", "."): value for name, value in changed.items()}
    values = tuple((name, changes.get(name, value)) for name, value in facts.values)
    return decide(default_rules(), Facts(values)).effects


@pytest.mark.parametrize("role", CUSTOMERS)
def test_a_customer_who_asks_for_one_ticket_gets_it_and_is_told(role: Role) -> None:
    assert effects(role) == JOINED


@pytest.mark.parametrize("status", [Status.NEW, Status.OPEN, Status.HELD])
def test_a_ticket_that_is_worked_on_stays_so(status: Status) -> None:
    assert effects(ticket__status=status.value) == JOINED


@pytest.mark.parametrize(
    ("status", "closed_days", "rule"),
    [
        (Status.WAITING, None, "reopen"),
        (Status.RESOLVED, 1, "reopen"),
        (Status.CLOSED, 60, "closed-too-long"),
        (Status.REFUSED, None, "reopen"),
    ],
)
def test_words_on_a_ticket_that_nobody_works_on_open_it_however_long_it_is_closed(
    status: Status, closed_days: int | None, rule: str
) -> None:
    found = effects(ticket__status=status.value, ticket__closed_days=closed_days)

    assert found == (*JOINED[:2], ChangeStatus(rule, Status.OPEN), *JOINED[2:])


@pytest.mark.parametrize("silent", [{"mail__no_answer": "X-Spam-Flag: yes"}, {"answers__recent": 10}])
def test_where_nothing_may_be_answered_the_tickets_become_one_without_a_word(silent: dict[str, Fact]) -> None:
    joined, posted, answer, told = effects(Role.REQUESTER, **silent)

    assert (joined, posted, told) == (JOINED[0], JOINED[1], TOLD_REPLY)
    assert isinstance(answer, StaySilent)


@pytest.mark.parametrize(
    "changed",
    [{"mail__asks_one_ticket": False}, {"ticket__parts": None}, {"ticket__parts": 1}, {"mail__asks_one_ticket": None}],
)
def test_without_the_wish_or_the_parts_it_is_a_reply_like_any(changed: dict[str, Fact]) -> None:
    assert effects(Role.REQUESTER, **changed) == (PostMessage("reply"), TOLD_REPLY)


def test_an_agents_words_undo_nothing() -> None:
    assert effects(Role.AGENT) == (PostMessage("agent-reply"),)


def test_unverified_words_undo_nothing() -> None:
    place = threading(ticket(), verified=False, standing=STRANGER)

    found = decide(default_rules(), seen(place=place, mail__asks_one_ticket=True, ticket__parts=3))

    assert found.effects == (PostMessage("unverified"), NotifyAgents("notify-reply", ()))


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind is not MessageKind.PERSON])
def test_a_machine_undoes_nothing(kind: MessageKind) -> None:
    facts = seen(machine(kind), threading(ticket()), mail__asks_one_ticket=True, ticket__parts=3)

    assert not [one for one in decide(default_rules(), facts).effects if isinstance(one, JoinParts)]


def test_a_wish_on_a_new_mail_undoes_nothing() -> None:
    found = decide(default_rules(), seen(mail__asks_one_ticket=True, ticket__parts=3))

    assert not [one for one in found.effects if isinstance(one, JoinParts)]


def test_without_usable_files_the_wish_counts_all_the_same() -> None:
    place = threading(ticket(), standing=standing())

    found = decide(built_in_rules(), seen(place=place, mail__asks_one_ticket=True, ticket__parts=2))

    assert found.effects == JOINED
    assert found.answer("told") == ("joined",)
