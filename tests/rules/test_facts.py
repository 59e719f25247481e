"""What is read from a mail and the store, and that every word of the vocabulary has a meaning of its own."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mailgateway.model.decision import Fact, Rung
from mailgateway.model.message import Absence, Address, Classification, Forwarded, MessageKind
from mailgateway.model.ticket import Status
from mailgateway.parsers.stated import Stated, StatedBy
from mailgateway.rules.examples import GIVEN_ONLY
from mailgateway.rules.facts import MAX_HEADER_CHARS, MAX_HEADERS, READERS, ItemWords, facts
from mailgateway.rules.vocabulary import TERMS, VOCABULARY
from mailgateway.triage.split import segments
from tests.factories import (
    NOW,
    attachment,
    contact,
    customer,
    delivery,
    known,
    message,
    report,
    site,
    sources,
    standing,
    threading,
    ticket,
)

UNKNOWN_SO_FAR = {"contract.pre_agreed"}
OF_ITEMS = {
    *("list.item_titles", "list.item_texts", "list.item_files", "list.item_spans", "list.item_features"),
    *("list.item_prose", "list.item_stated", "list.shared_text", "list.score_reasons"),
}
INSIDE = {"ticket.priority_by_hand", *OF_ITEMS}
"""Facts that only the program itself looks at."""


def test_every_word_is_documented_and_stands_once() -> None:
    names = [term.name for term in TERMS]

    assert len(set(names)) == len(names)
    assert all(term.meaning.endswith(".") for term in TERMS)


def test_every_word_has_a_reader_or_says_that_it_is_unknown_so_far() -> None:
    without = {term.name for term in TERMS if not term.name.endswith(".*")} - READERS.keys()

    assert without == UNKNOWN_SO_FAR
    assert all("unknown so far" in term.meaning for term in TERMS if term.name in UNKNOWN_SO_FAR)


def test_every_fact_is_a_word_of_the_vocabulary_or_one_that_only_examples_give_and_the_program_sees() -> None:
    assert {name for name in READERS if VOCABULARY.get(name) is None} == GIVEN_ONLY.keys() | INSIDE


def test_what_examples_alone_may_give_is_read() -> None:
    assert GIVEN_ONLY.keys() <= READERS.keys()


OF_NOBODY: dict[str, Fact] = {
    "text": "The printer is on fire\n\nIt burns.",
    "subject": "The printer is on fire",
    "mail.kind": "person",
    "mail.kind_reason": "",
    "mail.is_answer": False,
    "mail.no_answer": "",
    "mail.answerable": True,
    "mail.mailbox": "support@acme.example",
    "mail.to": ("support@acme.example",),
    "mail.forwarded": False,
    "mail.language": None,
    "mail.channel": None,
    "mail.partial": False,
    "mail.protection": "none",
    "mail.defects": (),
    "mail.suspicious": (),
    "mail.asks_one_ticket": False,
    "attachments.count": 0,
    "attachments.names": (),
    "stated.priority": None,
    "stated.by": None,
    "sender.address": "carla@customer.example",
    "sender.domain": "customer.example",
    "sender.free_mail": False,
    "sender.typed": False,
    "sender.role": "requester",
    "sender.authentication": "none",
    "sender.known": False,
    "sender.has_agents_address": False,
    "customer.known": False,
    "customer.id": None,
    "customer.by": None,
    "customer.plan": None,
    "customer.time_zone": None,
    "customer.open_tickets": None,
    "similar.tickets": None,
    **{name: None for name in READERS if name.startswith("list.")},
    "arrived": "2025-03-01T12:00:00+00:00",
    "ticket.found": False,
    "ticket.number": None,
    "ticket.ref": None,
    "ticket.status": None,
    "ticket.closed_days": None,
    "ticket.queue": None,
    "ticket.kind": None,
    "ticket.priority": None,
    "ticket.is_priority": None,
    "ticket.priority_by_hand": None,
    "ticket.parts": None,
    "ticket.tags": None,
    "thread.rung": "none",
    "thread.because": "names no ticket",
    "thread.verified": True,
    "thread.mentions": 0,
    "bounce.to_customer": False,
    "absence.until": None,
    "answers.recent": 0,
    "answers.to_domain": 0,
    "answers.alike": 0,
    "mail.header.from": "Carla <carla@customer.example>",
    "mail.header.to": "support@acme.example",
    "mail.header.subject": "The printer is on fire",
}


def test_facts_of_a_new_mail_from_nobody_known() -> None:
    seen = facts(sources(place=threading(because="names no ticket")))

    assert dict(seen.values) == OF_NOBODY
    assert [name for name, _ in seen.values] == [*READERS, *list(OF_NOBODY)[-3:]]


def test_facts_of_a_list_are_those_of_its_items() -> None:
    text = "Three things:\n1. Export fails now.\n2. When does May end?\n3. See run.log of today.\nThank you"
    found = segments(text, attachments=("run.log",))
    assert found is not None

    items = (ItemWords("Export fails now."), ItemWords("When?", Stated(2, StatedBy.LINE, "Prio 2")), ItemWords(""))
    seen = dict(facts(replace(sources(message(text=text)), segments=found, items=items)).values)

    assert {name: value for name, value in seen.items() if name.startswith("list.")} == {
        "list.kind": "numbered",
        "list.items": 3,
        "list.lead_in": "Three things:",
        "list.shortest_item_words": 3,
        "list.longest_item_words": 4,
        "list.questions": 1,
        "list.problems": 1,
        "list.requests": 0,
        "list.plain_items": 1,
        "list.overlap": 0,
        "list.apart": "announced",
        "list.score": found.score,
        "list.score_reasons": tuple(f"{one.points:+d} {one.feature}: {one.value}" for one in found.reasons),
        "list.left_alone": None,
        "list.files": 1,
        "list.item_titles": ("Export fails now.", "When does May end?", "See run.log of today."),
        "list.item_texts": ("Export fails now.", "When does May end?", "See run.log of today."),
        "list.item_files": ("", "", "run.log"),
        "list.item_spans": ("14-34", "35-56", "57-81"),
        "list.item_features": (
            "3 words, problem, overlap 0",
            "4 words, question, overlap 0",
            "4 words, plain, overlap 0",
        ),
        "list.item_prose": ("Export fails now.", "When?", ""),
        "list.item_stated": ("", "2 line", ""),
        "list.shared_text": "Three things:\nThank you",
    }


OF_BOUNCE: dict[str, Fact] = {
    "mail.kind": "bounce",
    "mail.kind_reason": "proof",
    "mail.is_answer": True,
    "mail.no_answer": "proof",
    "mail.answerable": False,
    "mail.forwarded": True,
    "mail.partial": True,
    "mail.defects": ("a defect",),
    "attachments.count": 1,
    "attachments.names": ("file",),
    "stated.priority": 2,
    "stated.by": "line",
    "sender.free_mail": True,
    "sender.known": True,
    "customer.known": True,
    "customer.id": "customer",
    "customer.by": "address",
    "customer.plan": "gold",
    "customer.time_zone": "Asia/Tokyo",
    "customer.open_tickets": 2,
    "similar.tickets": 1,
    "ticket.found": True,
    "ticket.number": 1042,
    "ticket.ref": "SUP-1042-QX",
    "ticket.status": "new",
    "ticket.closed_days": None,
    "ticket.queue": "support",
    "ticket.kind": "question",
    "ticket.priority": 2,
    "ticket.is_priority": True,
    "ticket.priority_by_hand": True,
    "ticket.tags": ("vip",),
    "thread.rung": "delivery",
    "thread.because": "so",
    "thread.verified": False,
    "thread.mentions": 2,
    "bounce.to_customer": True,
    "answers.recent": 3,
    "answers.to_domain": 4,
    "answers.alike": 2,
}


def test_facts_of_a_bounce_on_a_known_customers_ticket() -> None:
    mail = message(
        attachments=(attachment("text/plain"),),
        forwarded=Forwarded(Address("", ""), "", "", ""),
        partial=True,
        defects=("a defect",),
    )
    found = ticket(tags=("vip",), priority=2, priority_by_hand=True)
    held = known(
        contact=contact(),
        customer=customer(time_zone="Asia/Tokyo"),
        customer_by="address",
        deliveries=(delivery(),),
        recent_answers=3,
        answers_to_domain=4,
        recent_subjects=("Re: The printer is on fire", "THE PRINTER IS ON FIRE", "Another one"),
        open_tickets=(("SUP-1-QX", "Our printer is on fire again"), ("SUP-2-QX", "Add a user")),
    )

    seen = facts(
        sources(
            mail,
            threading(found, rung=Rung.DELIVERY, verified=False, because="so", mentions=(1, 2)),
            classification=Classification(MessageKind.BOUNCE, "proof", "proof", is_answer=True),
            known=held,
            site=site(free_mail_domains=frozenset({"customer.example"})),
            answerable=False,
            stated=Stated(2, StatedBy.LINE, "Priority: high"),
        )
    )

    assert {name: seen.get(name) for name in OF_BOUNCE} == OF_BOUNCE


def test_a_bounced_notice_to_an_agent_is_no_bounce_of_a_customer() -> None:
    held = known(deliveries=(delivery(1, 1042, "carla@customer.example", "Anna@home.example"),))

    seen = facts(sources(place=threading(ticket()), known=held))

    assert seen.get("bounce.to_customer") is False


def test_an_agents_address_is_a_fact_whether_proved_or_not() -> None:
    seen = facts(sources(message(sender="anna@home.example")))

    assert seen.get("sender.has_agents_address") is True


def test_a_report_on_an_unknown_delivery_is_a_bounce_of_whom_it_names() -> None:
    carlas, annas = message(reports=(report(),)), message(reports=(report("anna@acme.example"),))

    seen = [facts(sources(mail, threading(ticket()))).get("bounce.to_customer") for mail in (carlas, annas)]

    assert seen == [True, False]


@pytest.mark.parametrize(("ends", "fact"), [(date(2025, 3, 10), "2025-03-10"), (None, None)])
def test_the_last_day_of_an_absence_is_a_fact(ends: date | None, fact: Fact) -> None:
    away = Classification(MessageKind.OUT_OF_OFFICE, "proof", "proof", is_answer=True, absent=Absence(None, ends))

    assert facts(sources(classification=away)).get("absence.until") == fact


@pytest.mark.parametrize(
    ("status", "ago", "days"),
    [
        (Status.CLOSED, timedelta(days=10, hours=23), 10),
        (Status.RESOLVED, timedelta(hours=23), 0),
        (Status.CLOSED, timedelta(days=-1), 0),
        (Status.WAITING, timedelta(days=40), None),
    ],
)
def test_how_long_a_ticket_is_closed_counts_whole_days_and_only_of_one_that_is(
    status: Status, ago: timedelta, days: Fact
) -> None:
    place = threading(ticket(status=status, changed_at=NOW - ago))

    assert facts(sources(place=place)).get("ticket.closed_days") == days


def test_arrival_is_when_the_server_took_the_mail_and_never_the_date_field() -> None:
    took = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    mail = message(date=datetime(1999, 1, 1, tzinfo=UTC))

    assert facts(sources(mail, arrived=took)).get("arrived") == "2026-01-02T03:04:00+00:00"


def test_a_customer_without_a_plan_has_no_plan_rather_than_an_empty_one() -> None:
    seen = facts(sources(known=known(customer=customer(plan=""))))

    assert (seen.get("customer.id"), seen.get("customer.plan")) == ("customer", None)


def test_header_fields_are_facts_in_small_letters_those_of_one_name_as_lines_and_trace_fields_are_none() -> None:
    mail = replace(
        message(),
        headers=(("X-Product", "storage"), ("x-product", "backup"), ("Received", "from a"), ("DKIM-Signature", "v")),
    )

    seen = [(name, value) for name, value in facts(sources(mail)).values if name.startswith("mail.header.")]

    assert seen == [("mail.header.x-product", "storage\nbackup")]


def test_header_fields_are_cut_and_only_so_many_are_facts() -> None:
    many = tuple((f"x-{i}", "a" * 10_000) for i in range(MAX_HEADERS + 10))

    seen = [value for name, value in facts(sources(message(*many))).values if name.startswith("mail.header.")]

    assert len(seen) == MAX_HEADERS
    assert all(isinstance(value, str) and len(value) <= MAX_HEADER_CHARS for value in seen)


def test_the_standing_of_the_sender_is_a_fact() -> None:
    place = threading(standing=standing())

    assert facts(sources(place=place)).get("sender.role") == place.standing.role.value
