"""A mail that is cut stands on several tickets, each with its part; all of them are found by any of them."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store import SqlStore
from mailgateway.app import desk
from mailgateway.app.ports import Batch, Lease, TicketMessage
from mailgateway.model.cut import Cut, Join, KnownCut, Whole
from mailgateway.model.decision import Known, Outcome, Post, StatusChange
from mailgateway.model.quota import QuotaEntry, QuotaEntryKind, QuotaRecord
from mailgateway.model.ticket import Status, Visibility
from tests.invariant import assert_cuts_hold
from tests.store.cut_mails import ACT, AFTER, BEFORE, KEY, OTHER_KEY, cut_by_hand, cut_mail, pieces, taken, undo, usage
from tests.store.steps import begun, look_up, ticket_of
from tests.store.values import NOW, keys, message, new_ticket, opened

WHOLE = Whole(BEFORE, AFTER, (KEY,))


def parts(messages: tuple[TicketMessage, ...]) -> list[tuple[int, str]]:
    return [(one.part, one.text) for one in messages if one.incoming]


def about(store: SqlStore, lease: Lease, *numbers: int) -> Known:
    return look_up(store, lease, keys(message(99), ticket_numbers=numbers))


def message_of(store: SqlStore, ticket: int) -> int:
    return next(one.id for one in store.messages(ticket) if one.incoming)


def test_each_ticket_shows_its_part_of_the_mail(store: SqlStore, lease: Lease) -> None:
    cut_mail(store, lease, 1)

    assert [parts(store.messages(number)) for number in (1, 2, 3)] == [
        [(number, f"Hello.\nItem {number}.")] for number in (1, 2, 3)
    ]
    assert len({message_of(store, number) for number in (1, 2, 3)}) == 1
    assert_cuts_hold(store)


def test_a_whole_mail_has_no_part(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())

    assert [(one.part, one.text) for one in store.messages(1)] == [
        (0, "It is broken."), (0, "we have it"), (0, "we have it")
    ]  # fmt: skip
    assert about(store, lease, 1).cuts == ()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_cut_is_found_by_each_of_its_tickets_with_all_of_them_and_their_quotas(
    store: SqlStore, lease: Lease, number: int
) -> None:
    usage(store, lease, KEY, OTHER_KEY)
    entries = (taken(KEY, 3), taken(OTHER_KEY, 1))
    cut_mail(store, lease, 1, cut=Cut(1, pieces(1, 2, 3), WHOLE), quota=entries)

    known = about(store, lease, number)

    cut = Cut(1, pieces(1, 2, 3), WHOLE, message_of(store, 1))
    assert known.cuts == (KnownCut(cut, (QuotaRecord(NOW, entries[0], 3), QuotaRecord(NOW, entries[1], 3))),)
    assert [one.number for one in known.tickets] == [1, 2, 3]


def test_several_tickets_of_a_cut_find_it_once(store: SqlStore, lease: Lease) -> None:
    cut_mail(store, lease, 1)

    assert len(about(store, lease, 1, 2, 3).cuts) == 1


def test_the_latest_cut_comes_first_and_cuts_of_siblings_do_not(store: SqlStore, lease: Lease) -> None:
    cut_mail(store, lease, 1)
    reply_cut(store, lease, 2, 1, 4)
    reply_cut(store, lease, 3, 2, 5)

    known = about(store, lease, 1)

    assert [[piece.ticket for piece in one.cut.pieces] for one in known.cuts] == [[1, 4], [1, 2, 3]]
    assert [one.cut.whole for one in known.cuts] == [None, Whole(BEFORE, AFTER)]
    assert [one.number for one in known.tickets] == [1, 2, 3, 4]
    assert_cuts_hold(store)


def reply_cut(store: SqlStore, lease: Lease, uid: int, old: int, new: int) -> None:
    """Write a reply whose first part stays on an old ticket, and whose second is a new one."""
    (mail,) = begun(store, lease, uid)
    with store.batch(lease) as batch:
        ids = batch.reserve(1, 2)
        places = tuple(Post(number, Visibility.PUBLIC, verified=True) for number in (old, new))
        cut = Cut(old, pieces(old, new))
        batch.write(opened(mail, ids, message(uid), posts=places, cut=cut, outgoing=(), events=()))
    assert ids.tickets == (new,)


def test_the_ticket_that_another_became_part_of_brings_its_cut(store: SqlStore, lease: Lease) -> None:
    cut_mail(store, lease, 1)
    ticket_of(store, lease, 2, message(2))
    desk.merge(store, 4, 2, ACT)

    known = about(store, lease, 4)

    assert [one.number for one in known.tickets] == [1, 2, 3, 4]
    assert [one.cut.first for one in known.cuts] == [1]


def test_a_ticket_that_takes_another_part_in_by_hand_shows_the_whole_mail(store: SqlStore, lease: Lease) -> None:
    cut_mail(store, lease, 1)

    desk.merge(store, 3, 2, ACT)

    assert [parts(store.messages(number)) for number in (1, 2, 3)] == [
        [(1, "Hello.\nItem 1.")], [(0, "It is broken.")], [(3, "Hello.\nItem 3.")]
    ]  # fmt: skip


def test_a_part_that_comes_by_way_of_another_ticket_shows_the_whole_mail(store: SqlStore, lease: Lease) -> None:
    cut_mail(store, lease, 1)
    ticket_of(store, lease, 2, message(2))

    desk.merge(store, 3, 4, ACT)
    desk.merge(store, 4, 2, ACT)

    assert parts(store.messages(2))[0] == (0, "It is broken.")


def test_a_mail_that_is_cut_again_shows_its_parts(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    cut_by_hand(store, 1, AFTER, (2,), ())
    undo(store, 1)

    cut_by_hand(store, 1, AFTER, (3,), ())

    assert [parts(store.messages(number))[0] for number in (1, 2, 3)] == [
        (1, "Hello.\nItem 1."), (0, "It is broken."), (2, "Hello.\nItem 2.")
    ]  # fmt: skip


def test_tickets_of_a_cut_are_linked_both_ways_until_it_is_undone(store: SqlStore, lease: Lease) -> None:
    cut_mail(store, lease, 1, tickets=(new_ticket(1), new_ticket(2, links=(1,)), new_ticket(3)))
    linked = links(store)

    undo(store, 2)

    assert linked == {(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)}
    assert links(store) == {(2, 1), (2, 3), (3, 1), (3, 2)}


def links(store: SqlStore) -> set[tuple[int, int]]:
    with store._database.read() as connection:
        return {(row.ticket, row.other) for row in connection.execute(sa.text("SELECT * FROM ticket_link"))}


def test_a_failing_mail_leaves_no_parts(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    (mail,) = begun(store, lease, 2)
    with store.batch(lease) as batch:
        outcome = opened(mail, batch.reserve(1, 2), message(2), cut=Cut(1, pieces(1, 2)), outgoing=())
        both = tuple(Post(number, Visibility.PUBLIC, verified=True) for number in (1, 2))
        with pytest.raises(ZeroDivisionError), batch.savepoint():
            write_and_fail(batch, replace(outcome, posts=both))

    assert rows(store) == 0
    assert [one.number for one in store.tickets()] == [1]


def write_and_fail(batch: Batch, outcome: Outcome) -> None:
    batch.write(outcome)
    raise ZeroDivisionError


def rows(store: SqlStore) -> int:
    with store._database.read() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM ticket_part")).scalar_one())


def test_a_part_without_its_message_is_refused_by_the_database(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())

    with pytest.raises(sa.exc.IntegrityError):
        cut_mail(store, lease, 2, 2, posts=(Post(2, Visibility.PUBLIC, verified=True),))


def test_looking_for_cuts_costs_one_look_up_and_none_for_a_mail_that_names_no_ticket(
    store: SqlStore, lease: Lease
) -> None:
    ticket_of(store, lease, 1, message())
    asked: list[str] = []

    def note(_: Connection, __: object, statement: str, *___: object) -> None:
        asked.extend([statement] if "ticket_part" in statement else [])

    sa.event.listen(store._database._engine, "before_cursor_execute", note)
    about(store, lease)
    without = len(asked)
    about(store, lease, 1)

    assert (without, len(asked)) == (0, 1)


def test_a_mail_can_undo_a_cut_and_then_change_the_ticket(store: SqlStore, lease: Lease) -> None:
    usage(store, lease, KEY, OTHER_KEY)
    entries = (taken(KEY, 2), taken(OTHER_KEY, 1), taken(OTHER_KEY, 2))
    cut_mail(store, lease, 1, cut=Cut(1, pieces(1, 2, 3), WHOLE), quota=entries)
    cut = about(store, lease, 3).cuts[0].cut
    back = [QuotaEntry(one.key, one.ticket, -1, QuotaEntryKind.GIVEN_BACK, "customer:a", "one") for one in entries]
    again = QuotaEntry(KEY, 1, 1, QuotaEntryKind.TAKEN, "customer:a", "one")

    reply(store, lease, 2, Join(cut, BEFORE, (*back, again)), status_changes=(StatusChange(1, Status.OPEN),))

    found = {number: store.ticket(str(number)) for number in (1, 2, 3)}
    assert [(one.status, one.merged_into) for one in found.values()] == [
        (Status.OPEN, None), (Status.MERGED, 1), (Status.MERGED, 1)
    ]  # fmt: skip
    assert (found[1].title, found[1].priority, found[1].tags) == ("Two things", 1, ("new", "angry"))
    assert parts(store.messages(1)) == [(0, "It is broken."), (0, "It is broken.")]
    # What is given back notes the part's priority, what is taken that of the whole.
    assert store.quota(1)[1:] == (QuotaRecord(NOW, back[1], 3), QuotaRecord(NOW, again, 1))
    assert [(one.used, one.tickets) for one in usage(store, lease, KEY, OTHER_KEY)] == [(1, ("SUP-1-QX",)), (0, ())]
    assert about(store, lease, 3).cuts == ()
    assert rows(store) == 0


def reply(store: SqlStore, lease: Lease, uid: int, join: Join, **changes: object) -> None:
    """Write a reply to the last ticket of a cut that undoes it."""
    (mail,) = begun(store, lease, uid)
    with store.batch(lease) as batch:
        place = Post(join.cut.others[-1], Visibility.PUBLIC, verified=True)
        plain = opened(mail, batch.reserve(1, 2), message(uid), tickets=(), posts=(place,), outgoing=(), events=())
        batch.write(replace(plain, joins=(join,), **changes))  # type: ignore[arg-type]


def test_what_became_part_of_another_ticket_stays_there_when_a_cut_is_undone(store: SqlStore, lease: Lease) -> None:
    cut_mail(store, lease, 1)
    for uid in (2, 3):
        ticket_of(store, lease, uid, message(uid))
    cut = about(store, lease, 1).cuts[0].cut
    desk.merge(store, 2, 4, ACT)
    desk.merge(store, 1, 5, ACT)
    first = store.ticket("1")

    reply(store, lease, 4, Join(cut, BEFORE))

    assert [store.ticket(str(number)).merged_into for number in (1, 2, 3, 4, 5)] == [5, 4, 5, None, None]
    assert store.ticket("1") == first
    assert (store.ticket("5").title, rows(store)) == ("It is broken", 0)


def test_a_cut_that_is_undone_can_be_made_again(store: SqlStore, lease: Lease) -> None:
    cut_mail(store, lease, 1)
    undo(store, 1)

    (mail,) = begun(store, lease, 2)
    with store.batch(lease) as batch:
        batch.write(opened(mail, batch.reserve(1, 2), message(2), outgoing=(), events=()))
    reply_cut(store, lease, 3, 4, 5)

    assert undo(store, 5)
    assert not undo(store, 5)
    assert [store.ticket(str(number)).merged_into for number in (1, 2, 3, 4, 5)] == [None, 1, 1, None, 4]
    assert rows(store) == 0
