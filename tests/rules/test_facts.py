from datetime import date

import pytest

from mailgateway.model.decision import Fact, Rung
from mailgateway.model.message import Absence, Address, Classification, Forwarded, MessageKind
from mailgateway.rules.facts import VOCABULARY, facts
from tests.factories import (
    PERSON,
    attachment,
    contact,
    customer,
    delivery,
    known,
    message,
    report,
    site,
    standing,
    threading,
    ticket,
)


def test_every_word_is_documented_and_stands_once() -> None:
    names = [term.name for term in VOCABULARY]

    assert len(set(names)) == len(names)
    assert all(term.meaning.endswith(".") for term in VOCABULARY)


OF_NOBODY: dict[str, Fact] = {
    "mail.subject": "The printer is on fire",
    "mail.kind": "person",
    "mail.kind_reason": "",
    "mail.is_answer": False,
    "mail.no_answer": "",
    "mail.answerable": True,
    "mail.mailbox": "support",
    "mail.attachments": 0,
    "mail.forwarded": False,
    "mail.language": None,
    "mail.channel": None,
    "mail.partial": False,
    "mail.protection": "none",
    "mail.defects": (),
    "mail.suspicious": (),
    "sender.address": "carla@customer.example",
    "sender.domain": "customer.example",
    "sender.typed": False,
    "sender.role": "requester",
    "sender.authentication": "none",
    "sender.known": False,
    "sender.has_agents_address": False,
    "customer.known": False,
    "customer.id": None,
    "customer.by": None,
    "customer.plan": None,
    "ticket.found": False,
    "ticket.number": None,
    "ticket.status": None,
    "ticket.queue": None,
    "ticket.kind": None,
    "ticket.priority": None,
    "ticket.tags": None,
    "thread.rung": "none",
    "thread.because": "names no ticket",
    "thread.verified": True,
    "thread.mentions": 0,
    "bounce.to_customer": False,
    "absence.until": None,
    "answers.recent": 0,
}


def test_facts_of_a_new_mail_from_nobody_known() -> None:
    seen = facts(message(), PERSON, threading(because="names no ticket"), known(), site=site(), answerable=True)

    assert dict(seen.values) == OF_NOBODY
    assert [name for name, _ in seen.values] == [term.name for term in VOCABULARY]


OF_BOUNCE: dict[str, Fact] = {
    "mail.kind": "bounce",
    "mail.kind_reason": "proof",
    "mail.is_answer": True,
    "mail.no_answer": "proof",
    "mail.answerable": False,
    "mail.attachments": 1,
    "mail.forwarded": True,
    "mail.partial": True,
    "mail.defects": ("a defect",),
    "sender.known": True,
    "customer.known": True,
    "customer.id": "customer",
    "customer.by": "address",
    "customer.plan": "gold",
    "ticket.found": True,
    "ticket.number": 1042,
    "ticket.status": "new",
    "ticket.queue": "support",
    "ticket.kind": "question",
    "ticket.priority": 3,
    "ticket.tags": ("vip",),
    "thread.rung": "delivery",
    "thread.because": "so",
    "thread.verified": False,
    "thread.mentions": 2,
    "bounce.to_customer": True,
    "answers.recent": 3,
}


def test_facts_of_a_bounce_on_a_known_customers_ticket() -> None:
    classification = Classification(MessageKind.BOUNCE, "proof", "proof", is_answer=True)
    mail = message(
        attachments=(attachment("text/plain"),),
        forwarded=Forwarded(Address("", ""), "", "", ""),
        partial=True,
        defects=("a defect",),
    )
    place = threading(
        ticket(tags=("vip",)), rung=Rung.DELIVERY, verified=False, because="so", mentions=(1, 2), standing=standing()
    )
    held = known(
        contact=contact(), customer=customer(), customer_by="address", deliveries=(delivery(),), recent_answers=3
    )

    seen = facts(mail, classification, place, held, site=site(), answerable=False)

    assert {name: seen.get(name) for name in OF_BOUNCE} == OF_BOUNCE


def test_a_bounced_notice_to_an_agent_is_no_bounce_of_a_customer() -> None:
    held = known(deliveries=(delivery(1, 1042, "carla@customer.example", "Anna@home.example"),))

    seen = facts(message(), PERSON, threading(ticket()), held, site=site(), answerable=True)

    assert seen.get("bounce.to_customer") is False


def test_an_agents_address_is_a_fact_whether_proved_or_not() -> None:
    seen = facts(message(sender="anna@home.example"), PERSON, threading(), known(), site=site(), answerable=True)

    assert seen.get("sender.has_agents_address") is True


def test_a_report_on_an_unknown_delivery_is_a_bounce_of_whom_it_names() -> None:
    carlas, annas = message(reports=(report(),)), message(reports=(report("anna@acme.example"),))

    seen = [
        facts(mail, PERSON, threading(ticket()), known(), site=site(), answerable=True).get("bounce.to_customer")
        for mail in (carlas, annas)
    ]

    assert seen == [True, False]


@pytest.mark.parametrize(("ends", "fact"), [(date(2025, 3, 10), "2025-03-10"), (None, None)])
def test_the_last_day_of_an_absence_is_a_fact(ends: date | None, fact: Fact) -> None:
    away = Classification(MessageKind.OUT_OF_OFFICE, "proof", "proof", is_answer=True, absent=Absence(None, ends))

    seen = facts(message(), away, threading(), known(), site=site(), answerable=True)

    assert seen.get("absence.until") == fact
