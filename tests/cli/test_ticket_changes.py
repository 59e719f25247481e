"""What a person changes by hand on the command line: merge, spam, priority, grant, close --invalid."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailgateway.adapters.store import open_store
from mailgateway.app.ports import HandChange
from mailgateway.model.quota import OverQuota, QuotaEntry, QuotaEntryKind, QuotaKey
from mailgateway.model.ticket import Event, EventKind
from tests.app.filled import Filled, copied, filled

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = QuotaKey("priority-tickets", "acme", "2026-03-01")
TAKEN = QuotaEntry(KEY, 1, 1, QuotaEntryKind.TAKEN, "rule:priority-tickets", "the first of the month")
MISSED = Event(AT, EventKind.OVER_QUOTA, "rule:priority-tickets", "used up", 2, details=OverQuota(KEY, 2).details)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Return a gateway whose ticket 1 took the only place of a quota, which ticket 2 then did not get."""
    gateway = filled(tmp_path_factory.mktemp("changes") / "gateway")
    with closing(open_store(f"sqlite:///{gateway.folder / 'state' / 'gateway.db'}")) as store:
        lease = store.acquire("support", "daemon-1", AT, 60)
        assert lease is not None
        with store.batch(lease) as batch:
            batch.usage([KEY])
        with store.by_hand() as hand:
            hand.write(HandChange(AT, (MISSED,), quota=(TAKEN,)))
    return gateway


@pytest.fixture
def gateway(template: Filled, tmp_path: Path) -> Filled:
    return copied(template, tmp_path)


def shown(gateway: Filled, number: int) -> tuple[object, ...]:
    ticket = gateway.lines("ticket", "show", str(number))[0]["ticket"]
    return ticket["status"], ticket["priority"], ticket["priority_by_hand"], ticket["merged_into"], ticket["tags"]


def ledger(gateway: Filled, number: int) -> list[tuple[object, ...]]:
    rows = [row["entry"] for row in gateway.lines("ticket", "show", str(number))[0]["quota"]]
    return [(row["amount"], row["kind"], row["actor"], row["because"]) for row in rows]


def test_merge_makes_one_ticket_part_of_another(gateway: Filled) -> None:
    first, second = gateway.ref(1), gateway.ref(2)

    result = gateway.run("ticket", "merge", first, "--into", "2", "--because", "same printer", "--by", "olga")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{first} is part of {second} now\n")
    assert shown(gateway, 1)[:4] == ("merged", 3, False, 2)
    assert ledger(gateway, 1)[1:] == [(-1, "given_back", "agent:olga", f"merged into {second}: same printer")]
    events = [event for event in gateway.lines("ticket", "show", "2")[0]["events"] if event["kind"] == "merged"]
    assert [(event["actor"], event["because"]) for event in events] == [("agent:olga", "same printer")]


def test_spam_is_closed_and_gives_its_place_back(gateway: Filled) -> None:
    result = gateway.run("ticket", "spam", "1")

    assert (result.exit_code, result.stderr) == (0, f"{gateway.ref(1)} is closed as spam now\n")
    assert (shown(gateway, 1)[0], shown(gateway, 1)[4]) == ("closed", ["spam"])
    assert ledger(gateway, 1)[1:] == [(-1, "given_back", "admin", "marked as spam: spam")]


def test_an_invalid_ticket_is_closed_and_gives_its_place_back(gateway: Filled) -> None:
    result = gateway.run("ticket", "close", "1", "--invalid", "--because", "a duplicate")

    assert (result.exit_code, result.stderr) == (0, f"{gateway.ref(1)} is closed as invalid now\n")
    assert (shown(gateway, 1)[0], shown(gateway, 1)[4]) == ("closed", ["invalid"])
    assert ledger(gateway, 1)[1:] == [(-1, "given_back", "admin", "marked as invalid: a duplicate")]


def test_a_ticket_that_is_just_closed_keeps_its_place(gateway: Filled) -> None:
    gateway.run("ticket", "close", "1")

    assert [row[:2] for row in ledger(gateway, 1)] == [(1, "taken")]


def test_a_lowered_ticket_gives_its_place_back(gateway: Filled) -> None:
    result = gateway.run("ticket", "priority", "1", "4", "--because", "it can wait")

    assert (result.exit_code, result.stderr) == (0, f"{gateway.ref(1)} has priority 4 now\n")
    assert shown(gateway, 1)[1:3] == (4, True)
    assert ledger(gateway, 1)[1:] == [(-1, "given_back", "admin", "lowered to priority 4: it can wait")]
    assert "4 (by hand)" in gateway.run("ticket", "show", "1").stdout


def test_grant_gives_the_priority_that_the_quota_took(gateway: Filled) -> None:
    result = gateway.run("ticket", "grant", "2", "--because", "the director called", "--by", "olga")

    assert (result.exit_code, result.stderr) == (0, f"{gateway.ref(2)} has priority 2 now, by exception\n")
    assert shown(gateway, 2)[1:3] == (2, False)
    assert ledger(gateway, 2) == [(0, "granted", "agent:olga", "the director called")]


def test_show_has_the_ledger_of_quotas(gateway: Filled) -> None:
    gateway.run("ticket", "spam", "1", "--because", "casino")

    lines = gateway.run("ticket", "show", "1").stdout.splitlines()

    rows = [line for line in lines if "priority-tickets  acme" in line]
    assert [row.split(None, 4)[4].split("  ")[0] for row in rows] == ["2026-03-01", "2026-03-01"]
    assert (["taken" in row for row in rows], ["given back" in row for row in rows]) == ([True, False], [False, True])


@pytest.mark.parametrize(
    ("command", "kinds"),
    [
        (("merge", "1", "--into", "2", "--because", "x"), ["merged", "quota_given_back"]),
        (("spam", "1"), ["tagged", "status", "quota_given_back"]),
        (("priority", "1", "2", "--because", "x"), ["priority"]),
        (("grant", "2", "--because", "x"), ["granted", "priority"]),
    ],
    ids=["merge", "spam", "priority", "grant"],
)
def test_json_is_the_ticket_as_it_is_now_with_events_and_ledger(
    gateway: Filled, command: tuple[str, ...], kinds: list[str]
) -> None:
    (printed,) = gateway.lines("ticket", *command)

    (now,) = gateway.lines("ticket", "show", command[1])
    now.pop("messages")
    assert printed == now
    assert [event["kind"] for event in printed["events"]][-len(kinds) :] == kinds


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("merge", "9", "--into", "1"), "there is no ticket 9"),
        (("merge", "1", "--into", "SUP-9-XX"), "there is no ticket SUP-9-XX"),
        (("merge", "1", "--into", "1"), "{} cannot become part of itself"),
        (("spam", "9"), "there is no ticket 9"),
        (("priority", "9", "1"), "there is no ticket 9"),
        (("grant", "9"), "there is no ticket 9"),
        (("grant", "1"), "nothing to grant to {}: no quota was used up for it"),
        (("spam", "1", "--by", "olge"), "there is no agent olge; did you mean olga?"),
        (("spam", "1", "--by", "nobody"), "there is no agent nobody"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_says_why(template: Filled, command: tuple[str, ...], words: str) -> None:
    result = template.run("ticket", *command, "--because", "x")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {words.format(template.ref(1))}\n"


def test_nothing_is_done_twice(gateway: Filled) -> None:
    for command in (("spam", "1"), ("priority", "1", "4", "--because", "x"), ("grant", "2", "--because", "x")):
        first, second = gateway.run("ticket", *command), gateway.run("ticket", *command)

        assert (first.exit_code, second.exit_code) == (0, 1)
        assert "already" in second.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("merge", "1", "--into", "2"),
        ("merge", "1", "--because", "x"),
        ("merge", "1", "--into", "2", "--because", " "),
        ("spam", "1", "--because", ""),
        ("priority", "1", "4"),
        ("priority", "1", "0", "--because", "x"),
        ("priority", "1", "high", "--because", "x"),
        ("grant", "2"),
        ("close", "1", "--invalid", "--because", ""),
    ],
)
def test_without_a_reason_or_with_half_a_command_nothing_happens(template: Filled, command: tuple[str, ...]) -> None:
    before = shown(template, 1), shown(template, 2)

    assert template.run("ticket", *command).exit_code == 2
    assert (shown(template, 1), shown(template, 2)) == before
