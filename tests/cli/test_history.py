"""The details of events, in words for people."""

import pytest

from mailgateway.app.acts import Act
from mailgateway.app.cuts import differences
from mailgateway.cli.history import details_in_words
from mailgateway.model.cut import Cut, Description, Piece
from mailgateway.model.quota import OverQuota, QuotaKey
from mailgateway.model.ticket import Event, EventKind, Status
from tests.app.filled import Filled, filled
from tests.app.parts import NOW

KEY = QuotaKey("priority-calls", "giant", "2026-03-01")
BEFORE = Description("Things , and more", Status.NEW, "support", "question", 2, ("maybe-several-issues",))
AFTER = Description("The invoice", Status.NEW, "billing", "invoice", 3, ())


@pytest.mark.parametrize(
    ("kind", "details", "words"),
    [
        (EventKind.NOTE, (), ""),
        (EventKind.OPENED, (("by", "requester:carla@customer.example"),), "by requester:carla@customer.example"),
        (EventKind.MESSAGE, (("by", "agent:a@b.de"), ("rung", "ticket_id")), "by agent:a@b.de, found by ticket_id"),
        (EventKind.STATUS, (("from", "new"), ("to", "closed")), "from new to closed"),
        (EventKind.LINKED, (("to", "1043"),), "to ticket 1043"),
        (EventKind.ASSIGNED, (("to", "olga"),), "to olga"),
        (EventKind.TAGGED, (("tags", "vip, late"),), "vip, late"),
        (EventKind.ACKNOWLEDGED, (("to", "c@d.example"), ("told", "joined")), "to c@d.example, told joined"),
        (EventKind.MERGED, (("into", "SUP-1-QX"),), "into SUP-1-QX"),
        (EventKind.BOUNCED, (("recipient", "c@d.example"),), "to c@d.example"),
        (
            EventKind.SEND_FAILED,
            (("recipient", "c@d.example"), ("outbox", "7"), ("code", "550")),
            "to c@d.example in delivery 7, code 550",
        ),
        (EventKind.QUOTA_TAKEN, KEY.details, "quota priority-calls of giant from 2026-03-01"),
        (
            EventKind.OVER_QUOTA,
            OverQuota(KEY, 1).details,
            "quota priority-calls of giant from 2026-03-01, priority 1 without it",
        ),
        (EventKind.SPLIT, Cut(7, (Piece(7, 1, ""), Piece(8, 2, ""))).place(2), "part 2 of 2, first ticket 7"),
        (
            EventKind.JOINED,
            (("from", "SUP-2-RT, SUP-3-KA"), *differences(BEFORE, AFTER)),
            (
                "from SUP-2-RT, SUP-3-KA, title Things , and more > The invoice, queue support > billing, "
                "kind question > invoice, priority 2 > 3, tags maybe-several-issues > none"
            ),
        ),
        (EventKind.SPLIT, differences(AFTER, BEFORE)[-1:], "tags none > maybe-several-issues"),
    ],
)  # fmt: skip
def test_details_are_said_in_words(kind: EventKind, details: tuple[tuple[str, str], ...], words: str) -> None:
    assert details_in_words(Act(NOW, "admin", "why").event(kind, 1, *details)) == words


def test_a_detail_of_any_name_is_shown() -> None:
    event = Event(NOW, EventKind.NOTE, "admin", "", details=(("colour", "red"), ("size", "4")))

    assert details_in_words(event) == "colour red, size 4"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return filled(tmp_path_factory.mktemp("history") / "gateway")


def test_show_prints_the_details_of_every_event(gateway: Filled) -> None:
    gateway.run("ticket", "close", "1", "--because", "sold the printer")

    lines = gateway.run("ticket", "show", "1").stdout.splitlines()

    heading = next(at for at, line in enumerate(lines) if line.split()[:3] == ["when", "what", "details"])
    assert lines[heading].split() == ["when", "what", "details", "who", "because"]
    assert lines[-1].split()[2:] == ["status", "from", "new", "to", "closed", "admin", "sold", "the", "printer"]
    assert gateway.lines("ticket", "show", "1")[0]["events"][-1]["details"] == [["from", "new"], ["to", "closed"]]
