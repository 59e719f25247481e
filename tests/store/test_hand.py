"""What a person changes by hand stands in the database as a whole, and gives places of quotas back."""

from collections.abc import Callable
from functools import partial

import pytest

from mailgateway.adapters.store import SqlStore
from mailgateway.app.desk import INVALID, SPAM, Act, dismiss, grant, merge, set_priority
from mailgateway.app.ports import Lease
from mailgateway.errors import NotFoundError, PermanentError
from mailgateway.model.decision import PriorityChange, TagsAdded
from mailgateway.model.message import Address
from mailgateway.model.quota import OverQuota, QuotaEntry, QuotaEntryKind, QuotaKey, QuotaRecord, Usage
from mailgateway.model.ticket import Event, EventKind, Status
from tests.store.steps import ticket_of
from tests.store.test_concurrency import at_once
from tests.store.values import ANNA, MINUTE, NOW, message, new_ticket

KEY = QuotaKey("priority-tickets", "acme", "2026-03-01")
BERT = "bert@example.com"
CARA = "cara@example.com"
TAKEN = QuotaEntry(KEY, 1, 1, QuotaEntryKind.TAKEN, "rule:priority-tickets", "the first of the month")
ACT = Act(NOW + MINUTE, "agent:olga", "see the phone")

Deed = Callable[[SqlStore], None]


@pytest.fixture
def two(store: SqlStore, lease: Lease) -> SqlStore:
    """Return the store with urgent ticket 1, which has the quota's place, and ticket 2, for which it was used up."""
    used(store, lease)
    ticket_of(store, lease, 1, message(), tickets=(new_ticket(1, priority=2),), quota=(TAKEN,))
    missed = Event(NOW, EventKind.OVER_QUOTA, "rule:priority-tickets", "used up", 2, 2, OverQuota(KEY, 2).details)
    cara = new_ticket(2, requester_address=CARA, requester_name="Cara", participants=(CARA, BERT))
    read = message(2, sender=Address("Cara", CARA))
    ticket_of(store, lease, 2, read, tickets=(cara,), events=(missed,))
    return store


def used(store: SqlStore, lease: Lease) -> Usage:
    with store.batch(lease) as batch:
        return batch.usage([KEY])[0]


WAYS: dict[str, tuple[Deed, str]] = {
    "merge": (lambda store: merge(store, 1, 2, ACT), "merged into SUP-2-QX"),
    "spam": (lambda store: dismiss(store, 1, SPAM, ACT), "marked as spam"),
    "invalid": (lambda store: dismiss(store, 1, INVALID, ACT), "marked as invalid"),
    "lowered": (lambda store: set_priority(store, 1, 3, ACT), "lowered to priority 3"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_place_is_given_back_by_a_row_of_its_own(two: SqlStore, lease: Lease, way: str) -> None:
    deed, cause = WAYS[way]
    before = used(two, lease)

    deed(two)

    words = f"{cause}: see the phone"
    back = QuotaEntry(KEY, 1, -1, QuotaEntryKind.GIVEN_BACK, "agent:olga", words)
    assert (before, used(two, lease)) == (Usage(KEY, 1, ("SUP-1-QX",)), Usage(KEY, 0))
    assert two.quota(1) == (QuotaRecord(NOW, TAKEN, 2), QuotaRecord(ACT.at, back, 2))
    assert two.history(1)[-1] == Event(
        ACT.at, EventKind.QUOTA_GIVEN_BACK, "agent:olga", words, 1, details=KEY.details
    )  # fmt: skip


def test_two_agents_at_once_give_one_place_back_once(
    two: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]
) -> None:
    deeds = [partial(dismiss, one, 1, tag, ACT) for one, tag in ((two, SPAM), (open_another(), INVALID))]

    at_once(deeds)

    assert [one.entry.amount for one in two.quota(1)] == [1, -1]
    assert used(two, lease) == Usage(KEY, 0)
    assert sorted(two.ticket("1").tags[2:]) == [INVALID, SPAM]


def test_a_place_given_back_is_free_for_the_next_ticket(two: SqlStore, lease: Lease) -> None:
    dismiss(two, 1, SPAM, ACT)
    entry = QuotaEntry(KEY, 3, 1, QuotaEntryKind.TAKEN, "rule:priority-tickets", "")
    ticket_of(two, lease, 3, message(3), tickets=(new_ticket(3, priority=1),), quota=(entry,))

    assert used(two, lease) == Usage(KEY, 1, ("SUP-3-QX",))
    assert two.quota(3) == (QuotaRecord(NOW, entry, 1),)


def test_a_ticket_raised_by_hand_and_lowered_to_what_it_was_keeps_its_place(two: SqlStore, lease: Lease) -> None:
    set_priority(two, 1, 1, ACT)
    set_priority(two, 1, 2, ACT)

    assert used(two, lease) == Usage(KEY, 1, ("SUP-1-QX",))


def test_a_merge_brings_people_and_messages_and_leaves_the_ticket_as_it_was(two: SqlStore) -> None:
    before = {number: (two.ticket(str(number)), two.messages(number)) for number in (1, 2)}

    merge(two, 1, 2, ACT)

    whole, part = two.ticket("2"), two.ticket("1")
    assert whole.participants == (CARA, BERT, ANNA)
    assert {one.id for one in two.messages(2)} == {one.id for _, messages in before.values() for one in messages}
    assert (part.status, part.merged_into, part.participants) == (Status.MERGED, 2, before[1][0].participants)
    assert two.messages(1) == before[1][1]
    assert [one.visibility for one in two.messages(2) if one in before[1][1]] == [
        one.visibility for one in before[1][1]
    ]
    assert (whole.status, whole.changed_at, part.changed_at) == (Status.NEW, ACT.at, ACT.at)


def test_a_chain_of_merges_ends_in_one_ticket(two: SqlStore, lease: Lease) -> None:
    for number in (3, 4):
        ticket_of(two, lease, number, message(number), tickets=(new_ticket(number),))
    merge(two, 1, 2, ACT)
    merge(two, 2, 3, ACT)
    merge(two, 4, 1, ACT)  # 1 is part of 2, which is part of 3

    assert [two.ticket(str(number)).merged_into for number in (1, 2, 3, 4)] == [2, 3, None, 3]
    assert {two.ticket(f"SUP-{number}-QX").number for number in (1, 2, 3, 4)} == {3}
    assert two.ticket("3").participants == (ANNA, BERT, CARA)
    assert {one.mail for one in two.messages(3) if one.incoming} == {1, 2, 3, 4}


def test_a_ring_of_merges_is_refused_and_changes_nothing(two: SqlStore, lease: Lease) -> None:
    merge(two, 1, 2, ACT)
    before = two.ticket("2"), two.history(2)

    with pytest.raises(PermanentError, match="SUP-2-QX cannot become part of itself"):
        merge(two, 2, 1, ACT)

    assert (two.ticket("2"), two.history(2)) == before
    assert used(two, lease) == Usage(KEY, 0)


@pytest.mark.parametrize("deed", [deed for deed, _ in WAYS.values()] + [lambda store: grant(store, 1, ACT)])
def test_a_merged_ticket_is_changed_by_nobody(two: SqlStore, deed: Deed) -> None:
    merge(two, 1, 2, ACT)
    before = two.ticket("1"), two.history(1), two.quota(1)

    with pytest.raises(PermanentError, match="SUP-1-QX is part of SUP-2-QX already"):
        deed(two)

    assert (two.ticket("1"), two.history(1), two.quota(1)) == before


def test_what_does_not_exist_is_not_found(two: SqlStore) -> None:
    for number, into in ((9, 1), (1, 9)):
        with pytest.raises(NotFoundError, match="no ticket 9"):
            merge(two, number, into, ACT)
    with pytest.raises(NotFoundError, match="no ticket 9"):
        dismiss(two, 9, SPAM, ACT)


def test_spam_is_closed_with_a_tag_behind_the_others(two: SqlStore) -> None:
    dismiss(two, 1, SPAM, ACT)

    found = two.ticket("1")
    assert (found.status, found.tags) == (Status.CLOSED, ("new", "angry", "spam"))


def test_a_grant_lifts_the_cap_and_takes_no_place(two: SqlStore, lease: Lease) -> None:
    grant(two, 2, ACT)

    entry = QuotaEntry(KEY, 2, 0, QuotaEntryKind.GRANTED, "agent:olga", "see the phone")
    found = two.ticket("2")
    assert (found.priority, found.priority_by_hand) == (2, False)
    assert two.quota(2) == (QuotaRecord(ACT.at, entry, 3),)
    assert used(two, lease) == Usage(KEY, 1, ("SUP-1-QX",), granted=("SUP-2-QX",))
    assert two.history(2)[-2:] == (
        Event(ACT.at, EventKind.GRANTED, "agent:olga", "see the phone", 2, details=OverQuota(KEY, 2).details),
        Event(ACT.at, EventKind.PRIORITY, "agent:olga", "see the phone", 2, details=(("from", "3"), ("to", "2"))),
    )
    with pytest.raises(PermanentError, match="the exception was made already"):
        grant(two, 2, ACT)


def test_a_person_wins_over_a_rule(two: SqlStore, lease: Lease) -> None:
    set_priority(two, 1, 4, ACT)

    by_rule = (PriorityChange(1, 1), PriorityChange(2, 1))
    ticket_of(two, lease, 3, message(3), tickets=(new_ticket(3),), priority_changes=by_rule)

    assert [(one.priority, one.priority_by_hand) for one in map(two.ticket, ("1", "2"))] == [(4, True), (1, False)]


def test_tags_of_a_decision_come_behind_those_that_are_there_once(two: SqlStore, lease: Lease) -> None:
    added = (TagsAdded(1, ("over-quota", "angry", "raised")), TagsAdded(2, ("over-quota",)))

    ticket_of(two, lease, 3, message(3), tickets=(new_ticket(3, assignee="olga"),), tags_added=added)

    assert two.ticket("1").tags == ("new", "angry", "over-quota", "raised")
    assert two.ticket("2").tags == ("new", "angry", "over-quota")
    assert two.ticket("3").assignee == "olga"
