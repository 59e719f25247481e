"""The shipped guards on a running store: what is counted in one mail's transaction limits the next mail."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mailgateway.adapters.store.documents import facts_of
from mailgateway.model.people import Customer
from mailgateway.model.ticket import Event, EventKind, Status, Ticket
from tests.app.parts import Desk, mail

HOUR_S = 3600


def arrive(desk: Desk, *subjects: str, sender: str = "ops@bigcorp.example") -> None:
    """Let mails of one sender arrive and be processed, a second apart."""
    for subject in subjects:
        desk.arrive(mail(f"m{desk.uid}", sender=sender, subject=subject, text=f"About {subject}."))
        desk.drain()
        desk.clock.advance(1)


def tickets(desk: Desk) -> list[Ticket]:
    """Return the tickets, oldest first."""
    return sorted(desk.store.tickets(limit=1000), key=lambda ticket: ticket.number)


def silences(desk: Desk) -> list[str]:
    """Return for each ticket why its author got no answer, "" where it was acknowledged."""
    found = []
    for ticket in tickets(desk):
        events = {event.kind: event for event in desk.store.history(ticket.number)}
        assert (EventKind.ACKNOWLEDGED in events) is not (EventKind.NOT_ANSWERED in events)
        found.append(events[EventKind.NOT_ANSWERED].because if EventKind.NOT_ANSWERED in events else "")
    return found


def tags(desk: Desk) -> list[tuple[str, ...]]:
    return [ticket.tags for ticket in tickets(desk)]


def fact(desk: Desk, name: str) -> list[object]:
    """Return a fact as it was stored with each mail, oldest first."""
    with desk.store._database.read() as connection:
        documents = connection.execute(sa.text("SELECT facts FROM message WHERE incoming ORDER BY id")).scalars()
        return [dict(facts_of(document)).get(name) for document in documents]


WORDS = ("disk", "memory", "printer", "network", "login", "backup", "export", "report", "mail", "clock", "door", "fan")


def test_the_eleventh_mail_of_an_address_in_an_hour_is_not_answered_and_tagged(desk: Desk) -> None:
    arrive(desk, *WORDS)
    desk.clock.advance(HOUR_S)
    arrive(desk, "lamp")

    because = "ten answers to this address within an hour"
    assert silences(desk) == [*[""] * 10, because, because, ""]
    assert tags(desk) == [*[()] * 10, ("answers-limited",), ("answers-limited",), ()]


def test_machine_that_counts_in_its_subjects_gets_silence_after_four(desk: Desk) -> None:
    arrive(desk, *(f"Request {number} received" for number in range(1001, 1008)), sender="desk@other.example")

    because = "four mails of the same shape within an hour"
    assert silences(desk) == [*[""] * 4, *[because] * 3]
    assert tags(desk) == [*[()] * 4, *[("loop-suspected",)] * 3]


def test_loop_with_a_program_that_hides_ends(desk: Desk) -> None:
    responder = "desk@other.example"
    received = 0
    for turn in range(30):
        arrive(desk, f"Request {5000 + turn} received", sender=responder)
        claimed = desk.store.claim(desk.clock.now(), 10, {1: desk.clock.now() + timedelta(hours=2)})
        answers = [one for one in claimed if responder in one.recipients]
        if not answers:
            break
        received += len(answers)

    assert received == 4


def test_a_person_with_different_words_is_answered_every_time(desk: Desk) -> None:
    arrive(desk, *WORDS[:8])

    assert silences(desk) == [""] * 8


def test_others_and_later_mails_of_the_same_shape_are_answered(desk: Desk) -> None:
    arrive(desk, *(f"Request {number}" for number in range(4)), sender="desk@other.example")
    arrive(desk, "Request 4", sender="desk@another.example")
    desk.clock.advance(HOUR_S)
    arrive(desk, "Request 5", sender="desk@other.example")

    assert silences(desk) == [""] * 6


@pytest.mark.parametrize(("domain", "silent"), [("bigcorp.example", 2), ("gmail.com", 0)])
def test_domain_that_floods_gets_a_hundred_answers_and_a_mail_provider_more(
    desk: Desk, domain: str, silent: int
) -> None:
    for number in range(102):
        desk.arrive(mail(f"m{number}", sender=f"user{number}@{domain}"))
    desk.drain()
    arrive(desk, "elsewhere", sender="user@small.example")

    because = "a hundred answers to this domain within an hour"
    assert silences(desk) == [*[""] * (102 - silent), *[because] * silent, ""]
    assert tags(desk) == [*[()] * (102 - silent), *[("answers-limited",)] * silent, ()]


def test_open_and_similar_tickets_of_the_customer_are_counted(desk: Desk) -> None:
    desk.store.import_customers([Customer("big", "Big", domains=("bigcorp.example",))], [])

    arrive(desk, "Printer is broken", "Database backup fails", sender="a@bigcorp.example")
    desk.store.change_status(2, Status.CLOSED, Event(desk.clock.now(), EventKind.STATUS, "admin", "", 2))
    arrive(desk, "The printer is broken", "Backup fails", sender="b@bigcorp.example")
    arrive(desk, "Printer is broken", sender="c@small.example")

    assert fact(desk, "customer.open_tickets") == [0, 1, 1, 2, None]
    assert fact(desk, "similar.tickets") == [0, 0, 1, 0, None]
