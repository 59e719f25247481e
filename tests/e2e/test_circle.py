"""The whole circle on real servers: Postfix, Dovecot, the gateway between them, people with mail clients around it."""

from collections.abc import Callable

import pytest

from mailgateway.model.people import Contact, Customer
from mailgateway.model.ticket import EventKind, Status, Visibility
from tests.e2e.circle import Circle, MakeCircle
from tests.e2e.clients import autoresponder, bare, gmail, new_mail, outlook, read, reply_address, thunderbird, ticket_id

TURNS = 30
"""A loop that takes more turns than this has no end."""
BUDGET = 3


# --- a customer, an agent, one ticket --------------------------------------------------------------------------


def test_a_mail_is_acknowledged_and_every_clients_reply_lands_on_its_ticket(circle: Circle) -> None:
    circle.send(new_mail(circle.customer, circle.support))
    (acknowledgement,) = circle.customer_has(1)
    ref = ticket_id(acknowledgement)

    circle.send(thunderbird(acknowledgement, circle.customer, "by Thunderbird"))
    circle.gateway.wait_until_done(2)
    circle.send(outlook(acknowledgement, circle.customer, "by Outlook"))
    circle.gateway.wait_until_done(3)
    circle.send(gmail(acknowledgement, circle.customer, "by Gmail"))
    circle.gateway.wait_until_done(4)
    circle.send(bare(reply_address(acknowledgement), circle.customer, "by the address alone"))
    circle.gateway.wait_until_done(5)

    assert [ticket.ref for ticket in circle.gateway.store.tickets()] == [ref]
    assert circle.words(ref) == [
        (circle.customer, text, Visibility.PUBLIC, True)
        for text in ("It burns.", "by Thunderbird", "by Outlook", "by Gmail", "by the address alone")
    ]
    assert rungs(circle, ref) == ["reply_address", "ticket_id", "our_message_id", "reply_address"]
    assert circle.dovecot.mails(circle.customer) == (acknowledgement,)
    assert circle.dovecot.mails(circle.support) == ()
    assert len(circle.dovecot.mails(circle.support, "Processed")) == 5


def rungs(circle: Circle, ref: str) -> list[str]:
    """Return what found the ticket for each mail after the first."""
    events = circle.gateway.store.history(circle.gateway.store.ticket(ref).number)
    return [dict(event.details)["rung"] for event in events if event.kind is EventKind.MESSAGE]


def test_an_acknowledgement_is_a_machines_and_says_so(make_circle: MakeCircle) -> None:
    circle = make_circle()
    mail = new_mail(circle.customer, circle.support)

    circle.send(mail)

    (raw,) = circle.customer_has(1)
    acknowledgement = read(raw)
    said = {name: str(acknowledgement[name]) for name in ("Return-Path", "From", "To", "Auto-Submitted", "In-Reply-To")}
    assert said == {
        "Return-Path": "<>",
        "From": f"Acme Support <{circle.support}>",
        "To": f"Carla Customer <{circle.customer}>",
        "Auto-Submitted": "auto-replied",
        "In-Reply-To": str(read(mail)["Message-ID"]),
    }


def test_an_agents_reply_to_a_notice_stays_inside(circle: Circle) -> None:
    circle.send(new_mail(circle.customer, circle.support))
    (notice,) = circle.notices(1)
    (acknowledgement,) = circle.customer_has(1)
    ref = ticket_id(acknowledgement)
    reply_to = reply_address(notice)
    local, _, domain = circle.support.partition("@")

    circle.send(bare(reply_to, circle.agent, "I know that printer"), circle.agent)
    circle.gateway.wait_until_done(2)

    assert (reply_to.startswith(f"{local}+"), reply_to.endswith(f"@{domain}")) == (True, True)
    assert circle.words(ref) == [
        (circle.customer, "It burns.", Visibility.PUBLIC, True),
        (circle.agent, "I know that printer", Visibility.INSIDE, True),
    ]
    assert circle.dovecot.mails(circle.customer) == (acknowledgement,)
    assert circle.dovecot.mails(circle.agent) == (notice,)


def test_a_stranger_with_an_agents_reply_address_stays_unverified_and_gets_nothing(make_circle: MakeCircle) -> None:
    circle = make_circle()
    circle.send(new_mail(circle.customer, circle.support))
    (notice,) = circle.notices(1)
    stranger = f"stranger.{circle.customer}"

    circle.send(bare(reply_address(notice), stranger, "close it"), stranger)
    circle.gateway.wait_until_done(2)

    assert circle.words(ticket_id(notice))[1:] == [(stranger, "close it", Visibility.INSIDE, False)]
    assert circle.dovecot.mails(stranger) == ()


# --- mail that comes back --------------------------------------------------------------------------------------


def test_postfixs_bounce_of_an_acknowledgement_marks_the_contact_and_tells_the_agent(make_circle: MakeCircle) -> None:
    circle = make_circle(null_sender=False)
    gone = "gone@refused.test"
    store = circle.gateway.store
    store.import_customers([Customer("acme", "Acme")], [("Gone", gone, "acme")])

    circle.send(new_mail(gone, circle.support), gone)
    circle.gateway.wait_until_done(2)

    (ticket,) = store.tickets()
    _, (contact,) = store.customer("acme")
    bounced = [event for event in store.history(ticket.number) if event.kind is EventKind.BOUNCED]
    assert contact == Contact(contact.id, "Gone", gone, "acme", contact.undeliverable)
    assert contact.undeliverable.startswith("5.1.1")
    assert [event.details for event in bounced] == [(("recipient", gone),)]
    assert ["It burns" in read(notice).as_string() for notice in circle.notices(2)] == [True, False]
    assert ticket.status is Status.NEW


def test_a_notice_that_bounces_makes_no_further_notice(make_circle: MakeCircle) -> None:
    circle = make_circle(agent="anna@refused.test")

    circle.send(new_mail(circle.customer, circle.support))
    circle.customer_has(1)
    circle.gateway.wait_until_done(2)

    (ticket,) = circle.gateway.store.tickets()
    kinds = [event.kind for event in circle.gateway.store.history(ticket.number)]
    assert (kinds.count(EventKind.BOUNCED), kinds.count(EventKind.NOTIFIED)) == (1, 1)


# --- machines that answer machines -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "to_reply_address", "tickets"), [(True, False, 1), (False, True, 1), (False, False, BUDGET + 1)]
)
def test_an_autoresponder_that_answers_everything_comes_to_an_end(
    make_circle: MakeCircle, marked: bool, to_reply_address: bool, tickets: int
) -> None:
    circle = make_circle(answers_per_hour=BUDGET)

    answered = answered_to_the_end(
        circle,
        lambda mail, _: autoresponder(mail, circle.customer, marked=marked, to_reply_address=to_reply_address),
    )

    assert len(circle.gateway.store.tickets()) == tickets
    assert len(circle.dovecot.mails(circle.customer)) == answered == min(tickets, BUDGET)


def test_a_program_that_hides_and_counts_in_its_subjects_gets_silence_by_the_shipped_guards(
    make_circle: MakeCircle,
) -> None:
    circle = make_circle(shipped_guards=True)

    answered = answered_to_the_end(
        circle,
        lambda mail, turn: autoresponder(
            mail, circle.customer, marked=False, to_reply_address=False, subject=f"Request {5000 + turn} received"
        ),
    )

    # The customer's own mail, then four of the program's; the fifth is the one too many.
    tickets = sorted(circle.gateway.store.tickets(), key=lambda ticket: ticket.number)
    assert [ticket.tags for ticket in tickets] == [*[()] * 5, ("loop-suspected",)]
    assert len(circle.dovecot.mails(circle.customer)) == answered == 5


def answered_to_the_end(circle: Circle, respond: Callable[[bytes, int], bytes]) -> int:
    """Let the customer write, and a program answer each mail the customer gets; return to how many it did."""
    circle.send(new_mail(circle.customer, circle.support))
    answered = 0
    for _ in range(TURNS):
        circle.gateway.wait_until_done(answered + 1)
        waiting = circle.dovecot.wait_for_mails(circle.customer, len(acknowledged(circle)))[answered:]
        if not waiting:
            break
        for mail in waiting:
            circle.send(respond(mail, answered))
            answered += 1
    return answered


def acknowledged(circle: Circle) -> list[str]:
    """Return the tickets whose acknowledgement was handed to Postfix."""
    store = circle.gateway.store
    return [
        ticket.ref
        for ticket in store.tickets()
        if any(event.kind is EventKind.ACKNOWLEDGED for event in store.history(ticket.number))
    ]
