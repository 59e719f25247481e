"""What rules see of a ticket that is one of several which a mail was cut into."""

from dataclasses import replace

import pytest

from mailgateway.model.cut import Cut, KnownCut, Piece
from mailgateway.model.people import Role
from mailgateway.model.ticket import Ticket
from mailgateway.rules.facts import facts
from tests.factories import known, message, sources, standing, threading, ticket


def cut(*numbers: int, first: int = 1042) -> KnownCut:
    return KnownCut(Cut(first, tuple(Piece(number, part, "") for part, number in enumerate(numbers, 1))))


OF_THREE = cut(1042, 1043, 1044)
TICKETS = (ticket(1042), ticket(1043), ticket(1044))


def parts(found: Ticket | None, tickets: tuple[Ticket, ...] = TICKETS, *cuts: KnownCut) -> object:
    held = known(tickets=tickets, cuts=cuts or (OF_THREE,))
    return facts(sources(place=threading(found), known=held)).get("ticket.parts")


@pytest.mark.parametrize("found", TICKETS)
def test_every_part_knows_how_many_there_are(found: Ticket) -> None:
    assert parts(found) == 3


def test_a_ticket_of_no_cut_has_no_parts() -> None:
    assert (parts(None), parts(ticket(1045), (*TICKETS, ticket(1045)))) == (None, None)


def test_of_two_cuts_the_latest_counts() -> None:
    assert parts(ticket(1042), (*TICKETS, ticket(1050)), cut(1042, 1050), OF_THREE) == 2


@pytest.mark.parametrize("whose", [{"requester_address": "other@x"}, {"customer": "other"}])
def test_a_part_that_belongs_to_somebody_else_leaves_the_number_unknown(whose: dict[str, str]) -> None:
    others = (*TICKETS[:2], ticket(1044, **whose))

    assert parts(ticket(1042), others) is None


@pytest.mark.parametrize(("takes_part", "expected"), [((1042, 1043, 1044), 3), ((1043,), None)])
def test_who_takes_part_in_some_of_the_tickets_alone_does_not_know_the_number(
    takes_part: tuple[int, ...], expected: int | None
) -> None:
    tickets = tuple(ticket(n, participants=("bert@example.com",) * (n in takes_part)) for n in (1042, 1043, 1044))
    place = threading(tickets[1], standing=standing(Role.PARTICIPANT))
    mail = sources(message(sender="bert@example.com"), place, known=known(tickets=tickets, cuts=(OF_THREE,)))

    assert facts(mail).get("ticket.parts") == expected


def test_a_part_that_was_merged_into_another_ticket_leaves_the_number_unknown() -> None:
    elsewhere, among_them = ticket(1044, merged_into=900), ticket(1044, merged_into=1042)

    found = [parts(ticket(1042), (*TICKETS[:2], merged, ticket(900))) for merged in (elsewhere, among_them)]

    assert found == [None, 3]


@pytest.mark.parametrize(("mentions", "asked"), [((), True), ((1043,), False), ((1043, 1044), True)])
def test_who_names_some_of_the_tickets_does_not_ask_that_all_be_one(mentions: tuple[int, ...], *, asked: bool) -> None:
    mail = sources(
        message(), threading(ticket(1042), mentions=mentions), known=known(tickets=TICKETS, cuts=(OF_THREE,))
    )

    seen = facts(replace(mail, asks_one_ticket=True))

    assert (seen.get("mail.asks_one_ticket"), facts(mail).get("mail.asks_one_ticket")) == (asked, False)
