"""Places of quotas of a mail that was cut and is one ticket again: as they would be had it never been cut."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from mailgateway.app.desk import Act, grant
from mailgateway.app.process import Processing
from mailgateway.app.rules.active import ActiveRules
from mailgateway.model.quota import QuotaEntryKind
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.model.ticket import EventKind
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from tests.app.parts import Desk, mail
from tests.app.test_quotas import PRIORITY, QUOTA, SITE, with_customer

OPS = "Olga <ops@giant.example>"
PLAIN = """Hello,

we have two issues:
1. The licence page shows an expired date for us.
2. {0}

Regards
Olga"""
OUTAGE, QUESTION = "Production down since the reboot of the node.", "How do we add a second administrator account?"


def work(desk: Desk) -> Processing:
    """Return processing by the rules of a quota, and those that cut as shipped."""
    shipped = dict(starter_files().files)
    files = {"site.toml": SITE, "priority.toml": PRIORITY, "quota.toml": QUOTA}
    cutting = {name: shipped[name] for name in ("split.toml", "lists.toml")}
    loaded = load(RuleFiles(tuple(sorted((files | cutting).items()))), starter_files())
    assert "split" in loaded.rules.rules
    return replace(desk.work(), rules=ActiveRules(loaded.rules))


def held(desk: Desk) -> dict[int, int]:
    """Return how many places of quotas each ticket has."""
    entries = {one.number: desk.store.quota(one.number) for one in desk.store.tickets()}
    return {number: sum(one.entry.amount for one in records) for number, records in sorted(entries.items())}


def priorities(desk: Desk) -> dict[int, int]:
    return {one.number: one.priority for one in sorted(desk.store.tickets(), key=lambda one: one.number)}


def process(desk: Desk, *raws: bytes) -> None:
    desk.arrive(*raws)
    desk.drain(work(desk))


def unsplit(desk: Desk) -> None:
    due = desk.store.claim(desk.clock.now(), 100, {1: desk.clock.now()})
    last = [one for one in due if "ops@giant.example" in one.recipients][-1]
    to = message_from_bytes(last.raw, policy=default)["Message-ID"]
    process(desk, mail("undo", f"In-Reply-To: {to}", sender=OPS, text="#unsplit"))


@pytest.mark.parametrize(
    ("subject", "second", "cut", "joined"),
    [
        pytest.param("Things", OUTAGE, {1: 0, 2: 1}, {1: 1, 2: 0}, id="a part had the place"),
        pytest.param("Production down", QUESTION, {1: 0, 2: 0}, {1: 1, 2: 0}, id="only the whole qualifies"),
        pytest.param("Things", QUESTION, {1: 0, 2: 0}, {1: 0, 2: 0}, id="nothing qualifies"),
    ],
)
def test_places_are_as_if_the_mail_had_never_been_cut(
    desk: Desk, subject: str, second: str, cut: dict[int, int], joined: dict[int, int]
) -> None:
    with_customer(desk)
    process(desk, mail("several", sender=OPS, subject=subject, text=PLAIN.format(second)))
    before = held(desk)

    unsplit(desk)

    assert (before, held(desk)) == (cut, joined)
    assert priorities(desk)[1] == (2 if joined[1] else 3)


def test_what_the_ledger_says_of_an_undone_cut_names_who_undid_it(desk: Desk) -> None:
    with_customer(desk)
    process(desk, mail("several", sender=OPS, subject="Things", text=PLAIN.format(OUTAGE)))

    unsplit(desk)

    (taken,), (given, back) = desk.store.quota(1), desk.store.quota(2)
    assert [(one.entry.kind, one.entry.actor) for one in (given, back, taken)] == [
        (QuotaEntryKind.TAKEN, "rule:enterprise-priority"),
        (QuotaEntryKind.GIVEN_BACK, "customer:ops@giant.example"),
        (QuotaEntryKind.TAKEN, "customer:ops@giant.example"),
    ]


def test_the_place_of_a_joined_mail_counts_for_the_next_one(desk: Desk) -> None:
    with_customer(desk)
    process(desk, mail("several", sender=OPS, subject="Production down", text=PLAIN.format(QUESTION)))
    unsplit(desk)

    process(desk, mail("next", sender=OPS, text="Production down again."))

    assert priorities(desk)[3] == 3


def test_who_cuts_and_joins_mails_gets_no_more_than_the_quota_allows(desk: Desk) -> None:
    with_customer(desk)
    names = ("one", "two", "three")
    process(desk, *(mail(one, sender=OPS, subject="Production down", text=PLAIN.format(QUESTION)) for one in names))
    before = held(desk)

    wishes = [f"In-Reply-To: <{one}@customer.example>" for one in names]
    process(desk, *(mail(f"undo-{at}", wish, sender=OPS, text="#unsplit") for at, wish in enumerate(wishes)))

    assert before == dict.fromkeys(range(1, 7), 0)
    assert held(desk) == {**before, 1: 1}
    assert priorities(desk) == {1: 2, 2: 3, 3: 3, 4: 3, 5: 3, 6: 3}
    missed = [event.details for event in desk.store.history(3) if event.kind is EventKind.OVER_QUOTA]
    assert [dict(details)["uncapped"] for details in missed] == ["2"]


def test_an_agent_can_grant_what_a_joined_mail_missed(desk: Desk) -> None:
    with_customer(desk)
    process(desk, mail("first", sender=OPS, subject="Production down", text=PLAIN.format(QUESTION)))
    process(desk, mail("next", sender=OPS, text="Production down again."))
    process(desk, mail("undo", "In-Reply-To: <first@customer.example>", sender=OPS, text="#unsplit"))
    joined = priorities(desk)[1]

    grant(desk.store, 1, Act(desk.clock.now(), "agent:olga", "as promised"))

    assert (joined, priorities(desk)[1], held(desk)) == (3, 2, {1: 0, 2: 0, 3: 1})
