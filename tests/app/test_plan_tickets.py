"""What a new ticket is called, and whose it is."""

from dataclasses import replace

import pytest

from mailgateway.app.assess import assess, prepare, read_message
from mailgateway.app.plan import MAX_TITLE, NOBODY
from mailgateway.model.decision import (
    Known,
    NewTicket,
    Threading,
)
from mailgateway.model.message import Address, Message
from mailgateway.model.people import Authentication
from tests.app.decisions import (
    MAIL,
    OPEN,
    SNAPSHOT,
    asked_for,
    assessed,
    planned,
)
from tests.factories import (
    CUSTOMER_ADDRESS,
    customer,
    known,
    message,
    threading,
)


def new_ticket(read: Message, found: Known | None = None, how: Threading | None = None) -> NewTicket:
    return planned(asked_for(OPEN, read=read, known=found or known(), threading=how or threading())).tickets[0]


@pytest.mark.parametrize(
    ("subject", "text", "title"),
    [
        ("Re: AW: [SUP-5-XX] Printer", "words", "Printer"),
        ("Re:", "\n\n  first line \nsecond", "first line"),
        ("", "   ", "(no subject)"),
        ("[SUP-5-XX]", "", "(no subject)"),
        ("x" * 500, "", "x" * MAX_TITLE),
        ("", "y" * 500, "y" * MAX_TITLE),
    ],
)
def test_title_is_the_subject_without_marks_else_the_first_line(subject: str, text: str, title: str) -> None:
    assert new_ticket(message(subject=subject, text=text)).title == title


@pytest.mark.parametrize(
    ("sender", "by", "authentication", "owner"),
    [
        (CUSTOMER_ADDRESS, "address", Authentication.NONE, "customer"),
        (CUSTOMER_ADDRESS, "domain", Authentication.NONE, "customer"),
        (CUSTOMER_ADDRESS, "address", Authentication.FAIL, None),
        ("carla@gmail.com", "domain", Authentication.PASS, None),
        ("carla@GMAIL.com", "domain", Authentication.PASS, None),
        ("carla@gmail.com", "address", Authentication.NONE, "customer"),
    ],
)
def test_customer_is_never_taken_from_a_free_mail_domain_or_a_forged_sender(
    sender: str, by: str, authentication: Authentication, owner: str | None
) -> None:
    reading = read_message(message(sender=sender), MAIL.fetched, SNAPSHOT)
    reading = replace(reading, keys=replace(reading.keys, authentication=authentication))
    found = known(customer=customer(), customer_by=by)

    outcome = planned(assess(prepare(reading, MAIL, found, SNAPSHOT.rules), (), SNAPSHOT.rules))

    assert [new.customer for new in outcome.tickets] == [owner]


def test_mail_without_any_sender_becomes_a_ticket_of_nobody() -> None:
    nobodys = message(sender="")
    nobodys = replace(nobodys, sender=Address("", ""))

    ticket_of_nobody = new_ticket(nobodys)
    outcome = planned(assessed(nobodys))

    assert (ticket_of_nobody.requester_address, ticket_of_nobody.participants) == (NOBODY, (NOBODY,))
    assert outcome.events[0].details == (("by", f"stranger:{NOBODY}"),)
    assert [mail.purpose for mail in outcome.outgoing] == ["notification", "notification"]
