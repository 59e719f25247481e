"""A quota of the rule files, from the mail to the ledger and the customer's answer."""

import threading
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from mailgateway.adapters.store import SqlStore
from mailgateway.adapters.store.schema import upgrade
from mailgateway.app.desk import SPAM, Act, dismiss
from mailgateway.app.process import Processing, process_some
from mailgateway.app.rules.active import ActiveRules
from mailgateway.model.people import Customer
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.model.ticket import EventKind
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet
from tests.app.parts import MAILBOX, Desk, config, mail, open_desk
from tests.servers import PATIENCE_S, Postgres

SITE = b"""
format = 1
kind = "site"
plans = ["enterprise"]
kinds = ["question"]
queues = ["support"]
templates = ["priority-quota-used"]
[default]
queue = "support"
kind = "question"
priority = 3
"""
PRIORITY = b"""
format = 1
kind = "priority"
[[rule]]
id = "asks-for-priority"
when.customer.plan = "enterprise"
when.text.mentions = "production down"
priority.raise_to = 2
"""
QUOTA = b"""
format = 1
kind = "quota"
[[quota]]
id = "enterprise-priority"
why = "One priority ticket a month."
when.customer.plan = "enterprise"
when.ticket.is_priority = true
allow = 1
per = "calendar month"
used_up.priority.cap_at = 3
used_up.tell = "priority-quota-used"
used_up.tag = "over-quota"
"""
ROUNDS = 6
"""How often two daemons meet."""


def enterprise_rules() -> RuleSet:
    files = (("priority.toml", PRIORITY), ("quota.toml", QUOTA), ("site.toml", SITE))
    return load(RuleFiles(files), starter_files()).rules


def quota_work(desk: Desk) -> Processing:
    return replace(desk.work(), rules=ActiveRules(enterprise_rules()))


def with_customer(desk: Desk, name: str = "giant") -> None:
    desk.store.import_customers([Customer(name, name, "enterprise")], [("Olga", f"ops@{name}.example", name)])


def outage(name: str, customer: str = "giant") -> bytes:
    return mail(name, sender=f"Olga <ops@{customer}.example>", text="Production down since noon.")


def priorities(store: SqlStore) -> list[int]:
    return [one.priority for one in sorted(store.tickets(), key=lambda one: one.number)]


def texts_sent(desk: Desk) -> list[str]:
    """Return the texts of the mails to the customer, in order."""
    due = desk.store.claim(desk.clock.now(), 100, {1: desk.clock.now()})
    customers = [one for one in due if any("giant" in to for to in one.recipients)]
    read = [message_from_bytes(one.raw, policy=default).get_body(("plain",)) for one in customers]
    return [part.get_content() for part in read if part is not None]


def test_the_second_of_two_mails_in_the_same_second_is_over_the_quota_and_its_author_is_told_why(desk: Desk) -> None:
    with_customer(desk)
    desk.arrive(outage("first"), outage("second"))

    desk.drain(quota_work(desk))

    tickets = sorted(desk.store.tickets(), key=lambda one: one.number)
    assert [(one.priority, one.tags) for one in tickets] == [(2, ()), (3, ("over-quota",))]
    first, second = texts_sent(desk)
    assert tickets[0].ref in second
    assert "2026-" in second
    assert tickets[1].ref not in first
    kinds = [event.kind for event in desk.store.history(tickets[0].number)]
    assert EventKind.QUOTA_TAKEN in kinds


def test_a_place_that_is_given_back_is_free_for_the_next_mail(desk: Desk) -> None:
    with_customer(desk)
    work = quota_work(desk)
    desk.arrive(outage("first"))
    desk.drain(work)
    (first,) = desk.store.tickets()
    dismiss(desk.store, first.number, SPAM, Act(desk.clock.now(), "admin", "spam"))

    desk.arrive(outage("second"))
    desk.drain(work)

    assert priorities(desk.store)[1] == 2


@pytest.fixture
def two_daemons(postgres: Postgres, tmp_path: Path) -> tuple[Desk, Desk]:
    """Return two gateways on one PostgreSQL, each with a mailbox of its own."""
    url = postgres.create_database()
    upgrade(url)
    sales = config().mailbox[0].model_copy(update={"name": "sales", "address": "sales@acme.example"})
    both = config(mailbox=(*config().mailbox, sales))
    return open_desk(url, tmp_path / "one", both), replace(open_desk(url, tmp_path / "two", both), owner="daemon-2")


def test_two_daemons_with_two_mails_in_the_same_second_never_exceed_a_quota(two_daemons: tuple[Desk, Desk]) -> None:
    one, other = two_daemons
    customers = [f"giant{number}" for number in range(ROUNDS)]
    for name in customers:
        with_customer(one, name)
    gate = threading.Barrier(2)

    def run(desk: Desk, mailbox: str) -> None:
        work = quota_work(desk)
        for name in customers:
            desk.arrive(*(outage(f"{mailbox}-{name}-{i}", name) for i in range(2)), mailbox=mailbox)
            gate.wait(PATIENCE_S)
            while process_some(work, desk.lease(mailbox)):
                pass

    threads = [threading.Thread(target=run, args=pair) for pair in ((one, MAILBOX), (other, "sales"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3 * PATIENCE_S)

    by_customer = {name: [t.priority for t in one.store.tickets(customer=name)] for name in customers}
    assert {name: sorted(found) for name, found in by_customer.items()} == {name: [2, 3, 3, 3] for name in customers}
    one.store.close()
    other.store.close()
