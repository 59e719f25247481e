"""Tickets that a person splits and makes one again, on a real store."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mailgateway.adapters.store.schema import upgrade
from mailgateway.app import desk as app_desk
from mailgateway.app.desk import SPAM, Act, Wanted, grant, merge, set_priority, split, unsplit
from mailgateway.app.desk.again import ATTEMPTS
from mailgateway.app.rules.active import ActiveRules
from mailgateway.app.snapshot import Snapshot
from mailgateway.errors import ConflictError, NotFoundError, PermanentError
from mailgateway.model.cut import Cut
from mailgateway.model.people import Customer
from mailgateway.model.quota import QuotaEntryKind, QuotaKey
from mailgateway.model.ticket import Event, EventKind, Status, Ticket
from mailgateway.rules.kinds.split import TAG_SUGGESTED
from tests.app.parts import NOW, Desk, Instead, mail, open_desk, snapshot_of
from tests.app.several import MORE, RULES, THREE
from tests.servers import Postgres

KEY = QuotaKey("enterprise-priority", "giant", "2026-03-01")
ACT = Act(NOW, "agent:olga", "three things")
FIRST, SECOND, THIRD = (
    "The invoice of March names the wrong company.",
    "Production down since noon on the second server.",
    "How do I add a user to the team?",
)


@pytest.fixture
def desk(request: pytest.FixtureRequest, empty_database: Path, tmp_path: Path) -> Iterator[Desk]:
    """Return a desk with the mail THREE on ticket 1, which has the only place of the quota."""
    yield from desk_with_three(request, empty_database, tmp_path)


def desk_with_three(request: pytest.FixtureRequest, empty_database: Path, tmp_path: Path) -> Iterator[Desk]:
    if getattr(request, "param", "sqlite") == "sqlite":
        shutil.copy(empty_database, tmp_path / "gateway.db")
        url = f"sqlite:///{tmp_path / 'gateway.db'}"
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.create_database()
        upgrade(url)
    opened = open_desk(url, tmp_path)
    with closing(opened.store):
        opened.store.import_customers(
            [Customer("giant", "Giant", "enterprise")], [("Olga", "ops@giant.example", "giant")]
        )
        arrive(opened, "first", THREE, subject="Several things")
        yield opened


def arrive(desk: Desk, name: str, text: str, *headers: str, subject: str = "") -> None:
    desk.arrive(mail(name, *headers, sender="Olga <ops@giant.example>", subject=subject, text=text))
    desk.drain(replace(desk.work(), rules=ActiveRules(RULES)))


def cut(desk: Desk, *items: int, ticket: int = 1, lines: tuple[str, ...] = (), message: int = 0) -> list[str]:
    return [one.ref for one in split(desk.store, ticket, Wanted(items, lines, message), snapshot(desk), ACT).tickets]


def snapshot(desk: Desk) -> Snapshot:
    return replace(snapshot_of(desk.written), rules=RULES)


def found(desk: Desk, number: int) -> Ticket:
    return desk.store.ticket(str(number))


def described(desk: Desk, number: int) -> tuple[object, ...]:
    ticket = found(desk, number)
    return ticket.title, ticket.queue, ticket.kind, ticket.priority, ticket.tags


def words(desk: Desk, number: int) -> list[str]:
    return [one.text for one in desk.store.messages(number) if one.incoming]


def used(desk: Desk) -> tuple[int, tuple[str, ...]]:
    with desk.store.by_hand() as hand:
        (usage,) = hand.usage([KEY])
    return usage.used, usage.tickets


def state(desk: Desk, number: int = 1) -> tuple[object, ...]:
    """Return what a ticket is now; when it was last changed, and what was sent, is history."""
    messages = [
        (one.id, one.text, one.part, one.visibility, one.verified)
        for one in desk.store.messages(number)
        if one.incoming
    ]
    return replace(found(desk, number), changed_at=NOW), messages, used(desk), desk.store.cuts(number)


def kinds(desk: Desk, number: int) -> list[EventKind]:
    return [event.kind for event in desk.store.history(number)]


def test_every_item_becomes_a_ticket_that_is_decided_by_its_own_words(desk: Desk) -> None:
    new = cut(desk)

    assert new == [found(desk, 2).ref, found(desk, 3).ref]
    assert [described(desk, number) for number in (1, 2, 3)] == [
        (FIRST, "billing", "invoice", 3, ("money",)),
        (SECOND, "support", "question", 2, ()),
        (THIRD, "support", "question", 3, ()),
    ]
    assert [found(desk, number).customer for number in (2, 3)] == ["giant", "giant"]
    assert [found(desk, number).participants for number in (2, 3)] == [("ops@giant.example",)] * 2


def test_each_ticket_has_its_part_with_what_all_need(desk: Desk) -> None:
    cut(desk)

    assert [words(desk, number) for number in (1, 2, 3)] == [
        [f"Hello,\n\nthere are three things:\n\n{number}. {part}"]
        for number, part in enumerate((FIRST, SECOND, THIRD), start=1)
    ]
    assert [one.part for number in (1, 2, 3) for one in desk.store.messages(number) if one.incoming] == [1, 2, 3]


def test_the_place_of_the_quota_goes_to_the_part_that_it_counts(desk: Desk) -> None:
    before = used(desk)

    cut(desk)

    assert (before, used(desk)) == ((1, (found(desk, 1).ref,)), (1, (found(desk, 2).ref,)))
    (entry,) = [record.entry for record in desk.store.quota(2)]
    assert (entry.kind, entry.actor) == (QuotaEntryKind.TAKEN, "rule:enterprise-priority")


def test_every_ticket_says_which_part_it_is_and_where_the_others_are(desk: Desk) -> None:
    cut(desk)

    part = (("part", "2"), ("of", "3"), ("first", "1"))
    sibling = "another part of the same mail"
    assert desk.store.history(2)[:4] == (
        Event(NOW, EventKind.OPENED, "agent:olga", "three things", 2, details=(("by", "agent:olga"),)),
        Event(NOW, EventKind.SPLIT, "agent:olga", "three things", 2, details=part),
        Event(NOW, EventKind.LINKED, "agent:olga", sibling, 2, details=(("to", "1"),)),
        Event(NOW, EventKind.LINKED, "agent:olga", sibling, 2, details=(("to", "3"),)),
    )
    (first,) = [event for event in desk.store.history(1) if event.kind is EventKind.SPLIT]
    assert first.details == (
        ("part", "1"), ("of", "3"), ("first", "1"), ("title", f"Several things > {FIRST}"), ("priority", "2 > 3"),
    )  # fmt: skip


BOTH = pytest.mark.parametrize("desk", ["sqlite", "postgresql"], indirect=True)
"""Tests that are for PostgreSQL too."""
WAYS: dict[str, Callable[[Desk], object]] = {
    "every item": cut,
    "two of three": lambda desk: cut(desk, 1, 3),
    "one of three": lambda desk: cut(desk, 2),
    "at a line": lambda desk: cut(desk, lines=("3. how",)),
}


@BOTH
@pytest.mark.parametrize("way", WAYS)
def test_splitting_and_taking_it_back_gives_the_same_ticket(desk: Desk, way: str) -> None:
    before = state(desk)

    WAYS[way](desk)
    during = state(desk)
    unsplit(desk.store, 2, ACT)

    assert during != before
    assert state(desk) == before
    assert (found(desk, 2).status, found(desk, 2).merged_into) == (Status.MERGED, 1)


def test_what_was_suggested_is_no_tag_once_it_is_done(desk: Desk) -> None:
    text = "1. The console does not load in the browser.\n2. The backup of the server has failed."
    desk.arrive(mail("two", text=text))
    desk.drain()
    suggested = found(desk, 2).tags

    split(desk.store, 2, Wanted(), snapshot_of(desk.written), ACT)
    tags = [found(desk, number).tags for number in (2, 3)]
    unsplit(desk.store, 2, ACT)

    assert (suggested, tags, found(desk, 2).tags) == ((TAG_SUGGESTED,), [(), ()], (TAG_SUGGESTED,))


def test_what_is_named_leaves_and_the_rest_is_decided_as_one_part(desk: Desk) -> None:
    cut(desk, 1)

    assert described(desk, 1) == ("Several things", "support", "question", 2, ())
    assert described(desk, 2) == (FIRST, "billing", "invoice", 3, ("money",))
    assert [piece.ticket for piece in desk.store.cuts(1)[0].pieces] == [2, 1]
    assert used(desk) == (1, (found(desk, 1).ref,))


def test_a_mail_is_cut_at_lines_where_nothing_was_found_in_it(desk: Desk) -> None:
    arrive(desk, "plain", "The printer burns.\nThe lawyer of Acme wants a word.\nThe lamp is off.", subject="Hall")

    cut(desk, ticket=2, lines=("the lamp", "The lawyer"))

    assert [described(desk, number)[0] for number in (2, 3, 4)] == [
        "Hall", "The lawyer of Acme wants a word.", "The lamp is off.",
    ]  # fmt: skip
    assert [found(desk, number).status for number in (2, 3, 4)] == [Status.HELD, Status.HELD, Status.NEW]
    assert EventKind.HELD in kinds(desk, 3)


def test_of_a_reply_the_rest_leaves_and_the_ticket_stays_what_it_is(desk: Desk) -> None:
    arrive(desk, "more", MORE, "In-Reply-To: <first@customer.example>")
    before = described(desk, 1), used(desk)

    cut(desk)

    assert (described(desk, 1), used(desk)) == before
    assert described(desk, 2) == ("How can I change the colour of the door?", "support", "question", 3, ())
    (known,) = desk.store.cuts(1)
    assert (known.first, known.whole, known.others) == (1, None, (2,))
    unsplit(desk.store, 2, ACT)
    assert (described(desk, 1), used(desk), len(words(desk, 1))) == (*before, 2)


def test_the_newest_mail_with_items_is_cut_unless_one_is_named(desk: Desk) -> None:
    arrive(desk, "more", MORE, "In-Reply-To: <first@customer.example>")
    (opening,) = [one.id for one in desk.store.messages(1) if one.text.startswith("Hello,\n\nthere are")]

    cut(desk, message=opening)

    assert [one.message for one in desk.store.cuts(1)] == [opening]


@BOTH
def test_two_mails_of_a_ticket_can_be_cut_and_are_taken_back_the_latest_first(desk: Desk) -> None:
    arrive(desk, "more", MORE, "In-Reply-To: <first@customer.example>")
    before = state(desk)
    cut(desk)
    cut(desk)

    undone = [unsplit(desk.store, 1, ACT).cut.others for _ in range(2)]

    assert undone == [(3, 4), (2,)]
    assert state(desk) == before


def test_a_part_that_was_itself_cut_is_made_one_first(desk: Desk) -> None:
    cut(desk)
    arrive(desk, "more", MORE, f"X-Test: {found(desk, 2).ref}", subject=f"Re: [{found(desk, 2).ref}]")
    cut(desk, ticket=2)

    with pytest.raises(PermanentError, match=f"{found(desk, 2).ref} was itself cut into several tickets"):
        unsplit(desk.store, 1, ACT)
    unsplit(desk.store, 2, ACT)
    unsplit(desk.store, 1, ACT)
    assert [found(desk, number).merged_into for number in (2, 3, 4)] == [1, 1, 2]


def test_a_priority_that_was_changed_stays_with_its_place(desk: Desk) -> None:
    set_priority(desk.store, 1, 1, ACT)

    cut(desk)

    assert (found(desk, 1).priority, found(desk, 1).priority_by_hand) == (1, True)
    assert (used(desk), found(desk, 2).priority) == ((1, (found(desk, 1).ref,)), 3)
    assert EventKind.OVER_QUOTA in kinds(desk, 2)


def test_a_part_for_which_no_place_is_free_can_be_granted_one(desk: Desk) -> None:
    set_priority(desk.store, 1, 1, ACT)
    cut(desk)

    grant(desk.store, 2, ACT)

    assert found(desk, 2).priority == 2


@BOTH
def test_what_was_changed_since_the_cut_stays(desk: Desk) -> None:
    cut(desk)
    set_priority(desk.store, 1, 1, ACT)
    desk.store.change_status(1, Status.WAITING, Event(NOW, EventKind.STATUS, "admin", "x", 1))
    arrive(desk, "answer", "It is March.", subject=f"Re: [{found(desk, 1).ref}]")
    arrive(desk, "other", "It is the second.", subject=f"Re: [{found(desk, 3).ref}]")

    unsplit(desk.store, 3, ACT)

    first = found(desk, 1)
    assert (first.title, first.priority, first.priority_by_hand) == ("Several things", 1, True)
    assert [text.splitlines()[-1] for text in words(desk, 1)] == [f"3. {THIRD}", "It is March.", "It is the second."]


def test_a_finished_ticket_is_open_where_another_part_is_not_finished(desk: Desk) -> None:
    cut(desk)
    desk.store.change_status(1, Status.CLOSED, Event(NOW, EventKind.STATUS, "admin", "x", 1))

    unsplit(desk.store, 1, ACT)

    assert found(desk, 1).status is Status.OPEN


def test_a_reply_to_a_vanished_number_arrives_on_the_first(desk: Desk) -> None:
    (_, third) = cut(desk)
    unsplit(desk.store, 1, ACT)

    arrive(desk, "late", "One more word.", subject=f"Re: [{third}]")

    assert words(desk, 1)[-1] == "One more word."


def test_a_part_that_became_part_of_another_ticket_stays_there(desk: Desk) -> None:
    cut(desk)
    arrive(desk, "elsewhere", "The lamp is off.")
    merge(desk.store, 3, 4, ACT)

    unsplit(desk.store, 1, ACT)

    assert [found(desk, number).merged_into for number in (1, 2, 3)] == [None, 1, 4]


@pytest.mark.parametrize(
    ("attempt", "error", "why"),
    [
        (lambda desk: cut(desk, ticket=9), NotFoundError, "there is no ticket 9"),
        (lambda desk: cut(desk, 7), PermanentError, "there is no item 7: 3 were found in this mail"),
        (lambda desk: cut(desk, message=99), PermanentError, "message 99 is none that can be cut"),
        (lambda desk: cut(desk, lines=("Nowhere",)), PermanentError, 'no line of the mail begins with "Nowhere"'),
        (lambda desk: unsplit(desk.store, 1, ACT), PermanentError, "is no part of a mail that was cut"),
        (lambda desk: [cut(desk), cut(desk)], PermanentError, "nothing to split on .*: its mail is cut already"),
        (
            lambda desk: [cut(desk), cut(desk, ticket=2)],
            PermanentError,
            "its mail is cut already, and `ticket unsplit`",
        ),
        (
            lambda desk: [cut(desk), unsplit(desk.store, 1, ACT), unsplit(desk.store, 2, ACT)],
            PermanentError,
            "is part of",
        ),
        (
            lambda desk: split(desk.store, 1, Wanted(), replace(snapshot(desk), sites={}), ACT),
            PermanentError,
            "the mailbox of .*, support, is not configured",
        ),
    ],
)
def test_what_cannot_be_done_is_an_error_that_says_why(
    desk: Desk, attempt: Callable[[Desk], object], error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        attempt(desk)


def test_a_cut_that_fails_changes_nothing(desk: Desk) -> None:
    before = state(desk)

    with pytest.raises(PermanentError):
        split(desk.store, 1, Wanted(), replace(snapshot(desk), sites={}), ACT)

    assert state(desk) == before
    assert [ticket.number for ticket in desk.store.tickets()] == [1]


def test_more_than_twelve_parts_are_refused(desk: Desk) -> None:
    lines = "\n".join(f"{number}. The lamp number {number} of the hall is off." for number in range(1, 15))
    arrive(desk, "many", lines, subject="Lamps")

    with pytest.raises(PermanentError, match="a mail is cut into 12 parts at most, and these would be 14"):
        cut(desk, ticket=2)
    assert isinstance(cut(desk, 3, 5, ticket=2), list)
    assert isinstance(desk.store.cuts(2)[0], Cut)


# --- another writer is in the way


@pytest.mark.parametrize("use_case", ["split", "unsplit", "merge", "dismiss", "set_priority", "grant"])
@pytest.mark.parametrize("conflicts", [ATTEMPTS - 1, ATTEMPTS])
def test_what_a_person_does_is_tried_again_where_another_writer_won(use_case: str, conflicts: int) -> None:
    tried: list[str] = []

    def by_hand() -> None:
        tried.append(use_case)
        raise ConflictError("a deadlock") if len(tried) <= conflicts else NotFoundError("it got through")

    desk = Instead(None, by_hand=by_hand)
    arguments = {"split": (1, Wanted(), None), "merge": (1, 2), "dismiss": (1, SPAM), "set_priority": (1, 2)}

    with pytest.raises(NotFoundError if conflicts < ATTEMPTS else ConflictError):
        getattr(app_desk, use_case)(desk, *arguments.get(use_case, (1,)), ACT)

    assert len(tried) == ATTEMPTS
