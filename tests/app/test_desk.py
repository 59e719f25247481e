"""What a person's hand changes, as values: no database."""

from dataclasses import replace

import pytest

from mailgateway.app.desk import SPAM, Act, Held, dismissed, granted, merged, prioritised
from mailgateway.app.ports import HandChange, Merge
from mailgateway.errors import PermanentError
from mailgateway.model.decision import PriorityChange, StatusChange, TagsAdded
from mailgateway.model.quota import OverQuota, QuotaEntry, QuotaEntryKind, QuotaKey, QuotaRecord, over_quota
from mailgateway.model.ticket import Event, EventKind, Status
from tests.store.values import MINUTE, NOW, TICKET

KEY = QuotaKey("priority-tickets", "acme", "2026-03-01")
OTHER = QuotaKey("urgent-tickets", "acme", "2026-03-01")
ACT = Act(NOW + MINUTE, "agent:olga", "same printer")
URGENT = replace(TICKET, priority=2)
INTO = replace(TICKET, number=2, ref="SUP-2-QX")


def record(amount: int, kind: QuotaEntryKind, key: QuotaKey = KEY, priority: int = 2) -> QuotaRecord:
    return QuotaRecord(NOW, QuotaEntry(key, 1, amount, kind, "rule:priority-tickets", ""), priority)


TAKEN = record(1, QuotaEntryKind.TAKEN)
BACK = record(-1, QuotaEntryKind.GIVEN_BACK)


def given_back(because: str, key: QuotaKey = KEY) -> QuotaEntry:
    return QuotaEntry(key, 1, -1, QuotaEntryKind.GIVEN_BACK, "agent:olga", because)


def event(kind: EventKind, *details: tuple[str, str], ticket: int = 1, because: str = "same printer") -> Event:
    return Event(ACT.at, kind, "agent:olga", because, ticket, details=details)


def missed(key: QuotaKey = KEY, uncapped: int = 1) -> Event:
    details = OverQuota(key, uncapped).details
    return Event(NOW, EventKind.OVER_QUOTA, "rule:priority-tickets", "used up", 1, 7, details)


def test_a_merge_tells_both_tickets_and_gives_the_place_back() -> None:
    change = merged(Held(URGENT, (TAKEN,)), INTO, ACT)

    words = "merged into SUP-2-QX: same printer"
    assert change == HandChange(
        ACT.at,
        (
            event(EventKind.MERGED, ("into", "SUP-2-QX")),
            event(EventKind.MERGED, ("from", "SUP-1-QX"), ticket=2),
            event(EventKind.QUOTA_GIVEN_BACK, *KEY.details, because=words),
        ),
        merges=(Merge(1, 2),),
        quota=(given_back(words),),
    )


def test_nothing_is_merged_into_itself_or_into_a_part_of_another() -> None:
    with pytest.raises(PermanentError, match="SUP-1-QX cannot become part of itself"):
        merged(Held(TICKET), TICKET, ACT)
    with pytest.raises(PermanentError, match="SUP-2-QX is part of too many tickets"):
        merged(Held(TICKET), replace(INTO, merged_into=3), ACT)


def test_spam_is_closed_and_tagged_and_gives_every_place_back() -> None:
    change = dismissed(Held(URGENT, (TAKEN, record(1, QuotaEntryKind.TAKEN, OTHER))), SPAM, ACT)

    words = "marked as spam: same printer"
    assert change == HandChange(
        ACT.at,
        (
            event(EventKind.TAGGED, ("tags", "spam")),
            event(EventKind.STATUS, ("from", "new"), ("to", "closed")),
            event(EventKind.QUOTA_GIVEN_BACK, *KEY.details, because=words),
            event(EventKind.QUOTA_GIVEN_BACK, *OTHER.details, because=words),
        ),
        status_changes=(StatusChange(1, Status.CLOSED),),
        tags_added=(TagsAdded(1, ("spam",)),),
        quota=(given_back(words), given_back(words, OTHER)),
    )


def test_a_closed_ticket_can_still_be_spam_once() -> None:
    change = dismissed(Held(replace(TICKET, status=Status.CLOSED)), SPAM, ACT)

    assert (change.status_changes, [one.kind for one in change.events]) == ((), [EventKind.TAGGED])
    with pytest.raises(PermanentError, match="SUP-1-QX is marked as spam already"):
        dismissed(Held(replace(TICKET, tags=("spam",))), SPAM, ACT)


def test_a_place_is_given_back_once_and_can_be_taken_again() -> None:
    assert Held(TICKET, (TAKEN, BACK)).places == ()
    assert Held(TICKET, (record(0, QuotaEntryKind.GRANTED),)).places == ()
    assert Held(TICKET, (TAKEN, BACK, again := replace(TAKEN, priority=1))).places == (again,)


@pytest.mark.parametrize(
    ("now", "priority", "back"),
    [(2, 3, True), (2, 2, False), (2, 1, False), (1, 2, False), (1, 3, True)],
    ids=["lowered", "the same", "raised", "lowered to what took the place", "lowered below it"],
)
def test_a_priority_below_the_one_that_took_the_place_gives_it_back(now: int, priority: int, back: bool) -> None:
    change = prioritised(Held(replace(TICKET, priority=now), (TAKEN,)), priority, ACT)

    words = f"lowered to priority {priority}: same printer"
    given = event(EventKind.QUOTA_GIVEN_BACK, *KEY.details, because=words)
    assert change == HandChange(
        ACT.at,
        (event(EventKind.PRIORITY, ("from", str(now)), ("to", str(priority))), *((given,) if back else ())),
        priority_changes=(PriorityChange(1, priority),),
        kept_priorities=(1,),
        quota=(given_back(words),) if back else (),
    )


def test_a_priority_set_by_a_rule_can_be_confirmed_by_hand_once() -> None:
    assert prioritised(Held(URGENT), 2, ACT).kept_priorities == (1,)
    with pytest.raises(PermanentError, match="has priority 2 by hand already"):
        prioritised(Held(replace(URGENT, priority_by_hand=True)), 2, ACT)


def test_a_grant_restores_the_priority_that_used_up_quotas_took() -> None:
    change = granted(Held(TICKET), (missed(uncapped=1), missed(OTHER, uncapped=2), missed(uncapped=2)), ACT)

    assert change == HandChange(
        ACT.at,
        (
            event(EventKind.GRANTED, *OverQuota(KEY, 2).details),
            event(EventKind.GRANTED, *OverQuota(OTHER, 2).details),
            event(EventKind.PRIORITY, ("from", "3"), ("to", "2")),
        ),
        priority_changes=(PriorityChange(1, 2),),
        quota=tuple(
            QuotaEntry(key, 1, 0, QuotaEntryKind.GRANTED, "agent:olga", "same printer") for key in (KEY, OTHER)
        ),
    )


def test_a_grant_makes_no_ticket_less_urgent() -> None:
    change = granted(Held(replace(TICKET, priority=1)), (missed(uncapped=2),), ACT)

    assert (change.priority_changes, [one.kind for one in change.events]) == ((), [EventKind.GRANTED])


@pytest.mark.parametrize(
    ("held", "history", "why"),
    [
        (Held(TICKET), (), "no quota was used up for it"),
        (Held(TICKET), (replace(missed(), kind=EventKind.GRANTED),), "no quota was used up for it"),
        (Held(TICKET, (record(0, QuotaEntryKind.GRANTED),)), (missed(),), "the exception was made already"),
        (Held(TICKET, (TAKEN,)), (missed(),), "the exception was made already"),
    ],
    ids=["never over", "not by a quota", "granted", "has a place by now"],
)
def test_without_a_used_up_quota_there_is_nothing_to_grant(held: Held, history: tuple[Event, ...], why: str) -> None:
    with pytest.raises(PermanentError, match=f"nothing to grant to SUP-1-QX: {why}"):
        granted(held, history, ACT)


def test_details_of_a_used_up_quota_are_read_as_they_were_written() -> None:
    miss = OverQuota(KEY, 2)

    assert over_quota((("rule", "x"), *miss.details)) == miss
    assert [over_quota(miss.details[:3]), over_quota(miss.details[1:]), over_quota(())] == [None, None, None]
    assert over_quota((*KEY.details, ("uncapped", "none"))) is None
