"""What undoing a cut gives back, as values: no database."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.app.acts import Act, places
from mailgateway.app.cuts import description, joined
from mailgateway.app.desk import Held
from mailgateway.app.desk.cutting import Decided, HandCut, PartTicket, cut_by_hand
from mailgateway.app.desk.deciding import facts_of
from mailgateway.app.desk.sections import Section
from mailgateway.app.ports import Words
from mailgateway.errors import PermanentError
from mailgateway.model.cut import Cut, Description, Join, KnownCut, Piece, Whole
from mailgateway.model.effects import OpenTicket, TakeQuota
from mailgateway.model.quota import FullQuota, OverQuota, QuotaEntry, QuotaEntryKind, QuotaKey, QuotaRecord
from mailgateway.model.ticket import Event, EventKind, Status, Ticket
from tests.store.values import MINUTE, NOW, TICKET

KEY = QuotaKey("priority-tickets", "acme", "2026-03-01")
OTHER = QuotaKey("urgent-tickets", "acme", "2026-03-01")
ACT = Act(NOW + MINUTE, "agent:olga", "one issue")
BEFORE = Description("Several things", Status.NEW, "support", "question", 2, ("vip",))
AFTER = Description("A lamp", Status.NEW, "hall", "fault", 3, ("vip", "lamp"))
FIRST = replace(TICKET, title=AFTER.title, queue=AFTER.queue, kind=AFTER.kind, priority=AFTER.priority, tags=AFTER.tags)
SECOND = replace(TICKET, number=2, ref="SUP-2-QX", priority=2)
PIECES = (Piece(1, 1, "a lamp"), Piece(2, 2, "a chair"))
CUT = Cut(1, PIECES, Whole(BEFORE, AFTER, (KEY,)), message=7)
OPENED = OpenTicket("by-hand", "support", "question", 3)
CAUSE = "the mail is one ticket again: one issue"


def taken(ticket: int, key: QuotaKey = KEY, priority: int = 2) -> QuotaRecord:
    return QuotaRecord(NOW, QuotaEntry(key, ticket, 1, QuotaEntryKind.TAKEN, "rule:priority-tickets", ""), priority)


def entry(ticket: int, amount: int, key: QuotaKey = KEY) -> QuotaEntry:
    kind = QuotaEntryKind.TAKEN if amount > 0 else QuotaEntryKind.GIVEN_BACK
    return QuotaEntry(key, ticket, amount, kind, "agent:olga", CAUSE)


def event(kind: EventKind, ticket: int, *details: tuple[str, str], because: str = "one issue") -> Event:
    return Event(ACT.at, kind, "agent:olga", because, ticket, details=details)


def join(first: Ticket = FIRST, second: Ticket = SECOND, *quota: QuotaRecord, cut: Cut = CUT) -> Join:
    return joined(KnownCut(cut, quota), (first, second), ACT)[0]


def test_the_first_ticket_is_again_what_it_was_and_the_others_are_part_of_it() -> None:
    undone, events = joined(KnownCut(CUT, (taken(2),)), (FIRST, SECOND), ACT)

    assert undone == Join(CUT, BEFORE, (entry(2, -1), entry(1, 1)))
    assert events == (
        event(
            EventKind.JOINED,
            1,
            ("from", "SUP-2-QX"),
            ("title", "A lamp > Several things"),
            ("queue", "hall > support"),
            ("kind", "fault > question"),
            ("priority", "3 > 2"),
            ("tags", "vip, lamp > vip"),
        ),
        event(EventKind.MERGED, 2, ("into", "SUP-1-QX")),
        event(EventKind.QUOTA_GIVEN_BACK, 2, *KEY.details, because=CAUSE),
        event(EventKind.QUOTA_TAKEN, 1, *KEY.details, because=CAUSE),
    )


def test_a_mail_that_asks_for_it_stands_in_every_event() -> None:
    _, events = joined(KnownCut(CUT, (taken(2),)), (FIRST, SECOND), replace(ACT, mail=9))

    assert {one.mail for one in events} == {9}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"title": "Two lamps"}, replace(BEFORE, title="Two lamps")),
        ({"queue": "cellar"}, replace(BEFORE, queue="cellar")),
        ({"kind": "wish"}, replace(BEFORE, kind="wish")),
        ({"status": Status.WAITING}, replace(BEFORE, status=Status.WAITING)),
        ({"priority": 1}, replace(BEFORE, priority=1)),
        ({"priority_by_hand": True}, replace(BEFORE, priority=3)),
        ({"tags": ("lamp", "red", "vip")}, replace(BEFORE, tags=("vip", "red"))),
        ({"tags": ("lamp",)}, replace(BEFORE, tags=())),
    ],
)
def test_what_somebody_changed_since_stays(changed: dict[str, object], expected: Description) -> None:
    assert join(replace(FIRST, **changed)).description == expected  # type: ignore[arg-type]  # fields of a ticket


@pytest.mark.parametrize("done", [Status.RESOLVED, Status.CLOSED, Status.REFUSED])
@pytest.mark.parametrize("status", Status)
def test_a_finished_or_refused_ticket_is_opened_where_another_waits(status: Status, done: Status) -> None:
    first = replace(FIRST, status=done)

    undone, events = joined(KnownCut(CUT), (first, replace(SECOND, status=status)), ACT)

    waits = status in {Status.NEW, Status.OPEN, Status.WAITING, Status.HELD}
    opened = event(EventKind.STATUS, 1, ("from", str(done)), ("to", "open"))
    assert undone.description == replace(BEFORE, status=Status.OPEN if waits else done)
    assert (opened in events) is waits


def test_what_rules_would_refuse_whole_is_not_refused_where_a_part_of_it_was_taken_in() -> None:
    refused = replace(CUT, whole=Whole(replace(BEFORE, status=Status.REFUSED), AFTER))

    taken_in, all_refused = (
        join(FIRST, replace(SECOND, status=Status.REFUSED), cut=refused),
        join(replace(FIRST, status=Status.REFUSED), replace(SECOND, status=Status.REFUSED), cut=refused),
    )

    assert taken_in.description == replace(BEFORE, status=Status.OPEN)
    assert all_refused.description == replace(BEFORE, status=Status.REFUSED)


def test_of_a_reply_the_first_ticket_stays_what_it_is_with_its_places() -> None:
    reply = replace(CUT, whole=None)

    assert join(FIRST, SECOND, taken(1), taken(2, OTHER), cut=reply) == Join(reply, None, (entry(2, -1, OTHER),))


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ((), (entry(1, 1),)),
        ((taken(1),), ()),
        ((taken(1, OTHER, 3),), (entry(1, -1, OTHER), entry(1, 1))),
        ((taken(1, OTHER, 1),), (entry(1, 1),)),
        ((taken(2), taken(2, OTHER)), (entry(2, -1), entry(2, -1, OTHER), entry(1, 1))),
    ],
    ids=["none", "has it", "the part's own", "a reply's", "the other's"],
)
def test_places_are_made_as_they_were(quota: tuple[QuotaRecord, ...], expected: tuple[QuotaEntry, ...]) -> None:
    assert join(FIRST, SECOND, *quota).quota == expected


def test_a_ticket_that_somebody_lowered_since_takes_no_place() -> None:
    assert join(replace(FIRST, priority=4, priority_by_hand=True), SECOND, taken(2)).quota == (entry(2, -1),)


@pytest.mark.parametrize(
    ("quota", "full", "priority", "entries", "missed"),
    [
        ((), FullQuota(KEY.quota, 3), 3, (), (OverQuota(KEY, 2).details,)),
        ((), FullQuota(KEY.quota, 4), 3, (), (OverQuota(KEY, 2).details,)),
        ((), FullQuota(KEY.quota), 2, (), (OverQuota(KEY, 2).details,)),
        ((), FullQuota(OTHER.quota, 3), 2, (entry(1, 1),), ()),
        ((taken(2),), FullQuota(KEY.quota, 3), 2, (entry(2, -1), entry(1, 1)), ()),
        ((taken(1),), FullQuota(KEY.quota, 3), 2, (), ()),
    ],
    ids=["capped", "not below the part", "not capped", "another quota", "a part has the place", "the first has it"],
)
def test_a_full_quota_gives_no_place_to_a_mail_that_is_joined_unless_a_part_of_it_has_one(
    quota: tuple[QuotaRecord, ...],
    full: FullQuota,
    priority: int,
    entries: tuple[QuotaEntry, ...],
    missed: tuple[object, ...],
) -> None:
    undone, events = joined(KnownCut(CUT, quota), (FIRST, SECOND), ACT, (full,))

    assert undone == Join(CUT, replace(BEFORE, priority=priority), entries)
    assert tuple(one.details for one in events if one.kind is EventKind.OVER_QUOTA) == missed


def test_a_ticket_that_became_part_of_another_stays_there() -> None:
    elsewhere = replace(TICKET, number=5, ref="SUP-5-QX")

    gone = replace(SECOND, status=Status.MERGED, merged_into=5)
    _, others = joined(KnownCut(CUT), (FIRST, gone, elsewhere), ACT)
    first = replace(FIRST, status=Status.MERGED, merged_into=5)
    undone, firsts = joined(KnownCut(CUT), (first, SECOND, elsewhere), ACT)

    assert EventKind.MERGED not in {one.kind for one in others}
    assert undone == Join(CUT)
    assert firsts == (
        event(EventKind.JOINED, 5, ("from", "SUP-2-QX")),
        event(EventKind.MERGED, 2, ("into", "SUP-5-QX")),
    )


# --- cutting by hand and undoing it ----------------------------------------------------------------------------------

NAMES = st.sampled_from(("a", "b", "c"))
TAGS = st.lists(NAMES, unique=True).map(tuple)
QUOTA = st.lists(
    st.builds(TakeQuota, st.sampled_from((KEY.quota, OTHER.quota)), st.just(KEY.holder), st.just(KEY.period)),
    unique_by=lambda effect: effect.rule,
).map(tuple)
DECIDED = st.builds(
    Decided,
    st.builds(OpenTicket, st.just("by-hand"), NAMES, NAMES, st.integers(1, 5), TAGS, st.just(""), st.just(Status.NEW)),
    QUOTA,
)


@st.composite
def hand_cuts(draw: st.DrawFn) -> HandCut:
    """Return any ticket, cut into two or three, any of which stays."""
    count, opened = draw(st.integers(2, 3)), draw(st.booleans())
    stays = draw(st.integers(1, count))
    parts = []
    for number in range(1, count + 1):
        section = Section(draw(NAMES), "text", "piece", (), (), stays=number == stays)
        at = 1 if section.stays else 10 + number
        is_decided = opened or not section.stays
        parts.append(PartTicket(section, at, f"SUP-{at}-QX", draw(DECIDED) if is_decided else None))
    ticket = replace(
        TICKET, title=draw(NAMES), queue=draw(NAMES), kind=draw(NAMES), priority=draw(st.integers(1, 5)),
        tags=draw(TAGS), status=draw(st.sampled_from((Status.NEW, Status.OPEN, Status.WAITING, Status.HELD))),
        priority_by_hand=draw(st.booleans()),
    )  # fmt: skip
    held = [taken(1, key, ticket.priority) for key in draw(st.sets(st.sampled_from((KEY, OTHER))))]
    keeps = ticket.priority_by_hand or draw(st.booleans())
    whole = draw(DECIDED).opened
    return HandCut(Held(ticket, tuple(held)), 7, opened, keeps, "anna@example.com", tuple(parts), whole)


def described(ticket: Ticket, now: Description | None) -> Ticket:
    if now is None:
        return ticket
    return replace(
        ticket, title=now.title, status=now.status, queue=now.queue, kind=now.kind, priority=now.priority, tags=now.tags
    )


def written(
    records: Sequence[QuotaRecord], entries: Sequence[QuotaEntry], priorities: dict[int, int]
) -> list[QuotaRecord]:
    return [*records, *(QuotaRecord(ACT.at, one, priorities[one.ticket]) for one in entries)]


def held_keys(records: Sequence[QuotaRecord], ticket: int) -> set[QuotaKey]:
    return {place.entry.key for place in places(records) if place.entry.ticket == ticket}


@given(hand_cuts(), st.sampled_from(("", "title", "queue", "kind")))
def test_cutting_and_undoing_gives_back_the_ticket_but_for_what_was_changed_between(cut: HandCut, field: str) -> None:
    change = cut_by_hand(cut, ACT)
    (made,) = change.cuts
    first = described(cut.ticket, made.whole.after if made.whole else None)
    changed = replace(first, **{field: "changed"}) if field else first  # type: ignore[arg-type]  # all three are text
    others = [replace(TICKET, number=one.number, ref=one.ref, priority=one.priority) for one in change.tickets]
    priorities = {1: first.priority} | {one.number: one.priority for one in others}
    records = written(cut.held.quota, change.quota, priorities)
    known = KnownCut(made, tuple(records))

    undone, _ = joined(known, (changed, *others), ACT)

    expected = replace(cut.ticket, **{field: "changed"}) if field else cut.ticket  # type: ignore[arg-type]
    assert described(changed, undone.description) == expected
    after = written(records, undone.quota, priorities)
    assert held_keys(after, 1) == held_keys(cut.held.quota, 1)
    assert not any(held_keys(after, one.number) for one in others)


@given(hand_cuts())
def test_tickets_hold_after_a_cut_what_the_rules_say(cut: HandCut) -> None:
    change = cut_by_hand(cut, ACT)

    records = written(cut.held.quota, change.quota, {part.number: 3 for part in cut.parts})
    for part in cut.parts:
        takes = part.decided.quota if part.decided else ()
        said = {QuotaKey(one.rule, one.holder, one.period) for one in takes if isinstance(one, TakeQuota)}
        keeps = part.section.stays and (cut.keeps_priority or not cut.opened)
        assert held_keys(records, part.number) == (held_keys(cut.held.quota, 1) if keeps else said)


def two_parts(opened: OpenTicket) -> HandCut:
    """Return a ticket of which the second part leaves."""
    stays = Section("lamp", "a lamp", "a lamp", (), (), stays=True)
    leaves = Section("chair", "a chair", "a chair", (), (), stays=False)
    parts = (PartTicket(stays, 1, "SUP-1-QX", Decided(OPENED)), PartTicket(leaves, 2, "SUP-2-QX", Decided(opened)))
    return HandCut(Held(TICKET), 7, opened=True, keeps_priority=False, author="anna@example.com", parts=parts)


def test_a_part_that_rules_refuse_is_new_since_nobody_is_told() -> None:
    (made,) = cut_by_hand(two_parts(replace(OPENED, status=Status.REFUSED)), ACT).tickets

    assert made.status is Status.NEW


def test_who_gets_a_part_and_why_it_is_held_stand_in_its_history() -> None:
    change = cut_by_hand(two_parts(replace(OPENED, status=Status.HELD, assignee="olga")), ACT)

    by_rules = [one for one in change.events if one.actor == "rule:by-hand"]
    assert [(one.kind, one.ticket, one.details) for one in by_rules] == [
        (EventKind.ASSIGNED, 2, (("to", "olga"),)),
        (EventKind.HELD, 2, ()),
    ]
    assert (change.tickets[0].assignee, change.tickets[0].status) == ("olga", Status.HELD)


def test_all_parts_have_the_marks_of_what_could_not_be_read() -> None:
    partial = replace(two_parts(OPENED), held=Held(replace(TICKET, tags=("vip", "partial"))))

    assert cut_by_hand(partial, ACT).tickets[0].tags == ("partial",)


def test_what_was_seen_of_a_mail_must_be_kept() -> None:
    with pytest.raises(PermanentError, match="message 7 cannot be decided anew: what was seen of it is no longer kept"):
        facts_of(Words(7, NOW, "a lamp", (), None, opened=True))


def test_description_is_what_a_cut_changes_of_a_ticket() -> None:
    assert description(FIRST) == AFTER
