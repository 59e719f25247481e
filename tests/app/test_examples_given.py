"""The facts of a mail without a database: those of the mail, and those that are given with what goes together."""

from datetime import datetime

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from mailgateway.app.rules.given import ADDRESS, ARRIVED, AUTHOR, Given, completed, facts_of
from mailgateway.app.snapshot import Snapshot
from mailgateway.config import ChannelConfig, ImapAccess, MailboxConfig
from mailgateway.model.decision import Fact
from mailgateway.parsers.message import parse
from tests.app.parts import OLGA, config, snapshot_of
from tests.rules.rulesets import ruled

MAIL = b"From: Carla <carla@customer.example>\nSubject: Volume is gone\n\nSince noon.\n"
QUOTA = """
[[quota]]
id = "urgent"
when.customer.plan = "enterprise"
when.ticket.is_priority = true
allow = 1
per = "calendar month"
each = "customer"
"""
RULES = ruled(quota=QUOTA)
BILLING = MailboxConfig(name="billing", address="billing@acme.example", imap=ImapAccess(host="i", user="billing"))
FORM = ChannelConfig(name="website", kind="form", addresses=("robot@forms.example",))


def facts(given: Given = (), raw: bytes = MAIL, snapshot: Snapshot | None = None) -> dict[str, Fact]:
    return dict(facts_of(raw, given, RULES, snapshot).values)


def two_mailboxes() -> Snapshot:
    plain = config()
    return snapshot_of(config(mailbox=(*plain.mailbox, BILLING), channel=(FORM,)))


def some(found: dict[str, Fact], *prefixes: str) -> dict[str, Fact]:
    return {name: value for name, value in found.items() if name.startswith(prefixes) and value is not None}


def test_a_mail_alone_is_an_unknown_persons_at_a_fixed_moment() -> None:
    found = facts()

    assert found["text"] == "Volume is gone\n\nSince noon."
    assert found["arrived"] == ARRIVED.isoformat()
    assert found["mail.mailbox"] == ADDRESS
    assert (found["mail.kind"], found["customer.known"], found["ticket.found"]) == ("person", False, False)
    assert found["sender.role"] == "stranger"


def test_a_plan_makes_a_known_customer_with_all_that_a_customer_has() -> None:
    found = facts([("customer.plan", "enterprise")])

    assert some(found, "customer.", "similar.") == {
        "customer.known": True,
        "customer.id": "a-customer",
        "customer.by": "address",
        "customer.plan": "enterprise",
        "customer.open_tickets": 0,
        "similar.tickets": 0,
    }
    assert (found["sender.known"], found["sender.role"]) == (True, "requester")


@pytest.mark.parametrize("name", ["customer.open_tickets", "customer.known", "customer.time_zone", "customer.id"])
def test_anything_of_a_customer_makes_one(name: str) -> None:
    value = {"customer.open_tickets": 3, "customer.known": True, "customer.id": "giant"}.get(name, "Europe/Rome")

    found = facts([(name, value)])

    assert found["customer.known"] is True
    assert found["customer.id"]
    assert found[name] == value


def test_a_customer_that_is_said_to_be_unknown_stays_unknown() -> None:
    found = facts([("customer.known", False)])

    assert some(found, "customer.", "similar.") == {"customer.known": False}


def test_a_customer_by_a_forged_address_is_given_all_the_same() -> None:
    found = facts([("customer.plan", "basic"), ("sender.authentication", "fail"), ("customer.by", "domain")])

    assert (found["customer.known"], found["customer.plan"], found["customer.id"]) == (True, "basic", "a-customer")
    assert found["sender.role"] == "stranger"


def test_a_used_quota_has_its_holder_its_period_and_tickets_that_used_it() -> None:
    found = facts([("customer.plan", "enterprise"), ("usage.urgent", 2)])

    used = some(found, "usage.")
    tickets = used.pop("usage.urgent.tickets")
    assert used == {
        "usage.urgent": 2,
        "usage.urgent.granted": (),
        "usage.urgent.period": "2026-03-01",
        "usage.urgent.holder": "a-customer",
    }
    assert isinstance(tickets, tuple)
    assert [ref[:6] for ref in tickets] == ["SUP-1-", "SUP-2-"]


def test_a_quota_that_nothing_is_given_of_is_unused() -> None:
    found = facts([("customer.plan", "enterprise"), ("customer.id", "giant")])

    assert found["usage.urgent"] == 0
    assert (found["usage.urgent.tickets"], found["usage.urgent.holder"]) == ((), "giant")


def test_the_period_of_a_quota_is_that_of_the_customers_zone() -> None:
    at = datetime.fromisoformat("2026-11-30T20:00:00+00:00")

    found = facts([("customer.plan", "enterprise"), ("customer.time_zone", "Asia/Tokyo"), ("arrived", at)])

    assert found["usage.urgent.period"] == "2026-12-01"
    assert found["arrived"] == "2026-11-30T20:00:00+00:00"


def test_a_found_ticket_is_an_open_one_with_the_sites_defaults_and_its_requester_writes() -> None:
    found = facts([("ticket.found", True)])

    ticket = some(found, "ticket.")
    assert str(ticket.pop("ticket.ref")).startswith("SUP-1-")
    assert ticket == {
        "ticket.found": True,
        "ticket.number": 1,
        "ticket.status": "open",
        "ticket.queue": "support",
        "ticket.kind": "question",
        "ticket.priority": 3,
        "ticket.is_priority": False,
        "ticket.priority_by_hand": False,
        "ticket.tags": (),
    }
    assert (found["thread.verified"], found["sender.role"]) == (True, "requester")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("ticket.status", "resolved")], {"ticket.status": "resolved", "ticket.closed_days": 0}),
        ([("ticket.closed_days", 40)], {"ticket.status": "closed", "ticket.closed_days": 40}),
        ([("ticket.number", 1042)], {"ticket.status": "open", "ticket.number": 1042}),
        ([("ticket.status", "open"), ("ticket.priority", 1)], {"ticket.priority": 1, "ticket.is_priority": True}),
        ([("ticket.found", True), ("ticket.is_priority", True)], {"ticket.priority": 2, "ticket.is_priority": True}),
    ],
)
def test_what_only_a_ticket_has_that_is_there_makes_a_reply(
    given: list[tuple[str, object]], expected: dict[str, Fact]
) -> None:
    found = facts(given)

    assert found["ticket.found"] is True
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("ticket.kind", "incident"), {"ticket.kind": "incident", "ticket.queue": None}),
        (("ticket.priority", 4), {"ticket.priority": 4, "ticket.is_priority": False}),
        (("ticket.is_priority", False), {"ticket.priority": 3, "ticket.is_priority": False}),
        (("ticket.tags", ["beta"]), {"ticket.tags": ("beta",)}),
    ],
)
def test_what_a_new_ticket_has_too_makes_no_reply(given: tuple[str, object], expected: dict[str, Fact]) -> None:
    found = facts([given])

    assert found["ticket.found"] is False
    assert {name: found[name] for name in expected} == expected


def test_what_goes_together_is_given_together() -> None:
    found = facts([("stated.priority", 1), ("sender.address", "x@gmail.com")])

    assert (found["stated.priority"], found["stated.by"]) == (1, "line")
    assert (found["sender.domain"], found["sender.free_mail"]) == ("gmail.com", True)


def test_the_mailbox_is_the_first_address_of_to_without_a_configuration() -> None:
    found = facts(raw=b"To: Billing <Billing@us.example>, other@us.example\n" + MAIL)

    assert found["mail.mailbox"] == "billing@us.example"


@pytest.mark.parametrize(
    ("to", "mailbox"),
    [
        (b"To: x@y.example\nCc: Billing+t7@acme.example\n", "billing@acme.example"),
        (b"", "support@acme.example"),
        (b"To: sales@us.example\n", "sales@us.example"),
    ],
)
def test_a_configured_mailbox_is_the_one_that_the_mail_names(to: bytes, mailbox: str) -> None:
    found = facts(raw=to + MAIL, snapshot=two_mailboxes())

    assert found["mail.mailbox"] == mailbox


def test_a_configuration_knows_its_agents_and_channels() -> None:
    snapshot = two_mailboxes()
    form = b"From: robot@forms.example\nSubject: Form\n\nName: Carla\nEmail: carla@customer.example\nMessage: Help\n"

    of_agent = facts(raw=f"From: {OLGA.addresses[0]}\nSubject: x\n\nx\n".encode(), snapshot=snapshot)
    of_form = facts(raw=form, snapshot=snapshot)

    assert of_agent["sender.has_agents_address"] is True
    assert (of_form["mail.channel"], of_form["sender.typed"]) == ("website", True)


def test_an_example_gets_the_fields_that_it_lacks_and_keeps_those_it_has() -> None:
    message = parse(completed(b"Subject: Hello\nFROM: carla@customer.example\n\nTo: nobody\n")).message

    assert (message.sender.address, message.subject) == ("carla@customer.example", "Hello")
    assert [one.address for one in message.to] == [ADDRESS]
    assert (message.date, message.message_id) == (ARRIVED, "example@customer.example")
    assert message.body.text == "To: nobody"
    assert message.defects == ()


@pytest.mark.parametrize("text", [b"Production is down", b"\nProduction is down", b"\r\nProduction is down\n"])
def test_an_example_without_a_header_is_the_words_alone(text: bytes) -> None:
    message = parse(completed(text)).message

    assert message.body.text.strip() == "Production is down"
    assert message.sender.address == AUTHOR


@drawn(st.binary(max_size=400), st.sampled_from([(), (("ticket.found", True),), (("customer.plan", "basic"),)]))
def test_any_bytes_have_facts(raw: bytes, given: tuple[tuple[str, object], ...]) -> None:
    found = facts_of(raw, given, RULES)

    assert found == facts_of(raw, given, RULES)
    assert completed(raw).endswith(raw)


@drawn(st.datetimes())
def test_any_moment_can_be_given(at: datetime) -> None:
    found = facts([("arrived", at), ("customer.plan", "enterprise")])

    assert found["arrived"] == at.isoformat()
