from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mailgateway.adapters.store import SqlStore
from mailgateway.app.ports import Lease
from mailgateway.errors import FencedError, NotFoundError, PermanentError
from mailgateway.model.decision import ReservedIds
from mailgateway.model.ledger import LedgerEntry, Location, MailState, PendingMail
from mailgateway.model.ticket import Event, EventKind
from tests.store.steps import acknowledged, begun, look_up, received, ticket_of, write
from tests.store.values import MAILBOX, MINUTE, NOW, fetched, keys, message, opened


def test_a_mail_received_twice_is_written_down_once(store: SqlStore, lease: Lease) -> None:
    received(store, lease, 1, 2)

    new = store.receive(lease, [fetched(uid) for uid in (2, 3, 3)])

    assert new == 1
    assert [entry.location.uid for entry in store.entries()] == [3, 2, 1]


def test_the_same_uid_after_another_uidvalidity_is_another_mail(store: SqlStore, lease: Lease) -> None:
    received(store, lease, 1)

    new = store.receive(lease, [fetched(1, uidvalidity=8), fetched(1, folder="Junk")])

    assert new == 2


def test_a_mail_comes_back_as_it_was_fetched(store: SqlStore, lease: Lease) -> None:
    in_row = replace(fetched(1), answerable=False)
    in_blob = replace(fetched(2), raw=b"", blob="b" * 64, size_bytes=10_000_000, partial=True)

    store.receive(lease, [in_row, in_blob])

    assert [store.raw(entry.id) for entry in store.entries()] == [in_blob, in_row]


def test_known_uids_are_those_of_this_folder_alone(store: SqlStore, lease: Lease) -> None:
    store.receive(lease, [*(fetched(uid) for uid in range(1, 1200)), fetched(2000, folder="Junk")])

    known = store.known_uids(MAILBOX, "INBOX", 7, range(1000, 3000))

    assert known == frozenset(range(1000, 1200))


def test_nothing_is_begun_before_the_server_was_told(store: SqlStore, lease: Lease) -> None:
    received(store, lease, 1)

    assert store.begin(lease, NOW, 10) == ()
    assert store.unacknowledged(MAILBOX) == (Location(MAILBOX, "INBOX", 7, 1),)


def test_acknowledging_twice_or_late_changes_no_later_state(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())

    store.acknowledge(lease, "INBOX", 7, dict.fromkeys([1]))

    assert store.entries()[0].state is MailState.PROCESSED
    assert store.unacknowledged(MAILBOX) == ()


def test_reading_resumes_below_the_first_mail_that_is_not_acknowledged(store: SqlStore, lease: Lease) -> None:
    nothing = store.resume_after(MAILBOX, "INBOX", 7)
    acknowledged(store, lease, 3, 5)
    all_acknowledged = store.resume_after(MAILBOX, "INBOX", 7)
    received(store, lease, 6, 9)
    store.acknowledge(lease, "INBOX", 7, dict.fromkeys([9]))

    one_not = store.resume_after(MAILBOX, "INBOX", 7)

    assert (nothing, all_acknowledged, one_not) == (0, 5, 5)


def test_mails_are_begun_in_the_order_of_arrival_with_the_attempt_counted(store: SqlStore, lease: Lease) -> None:
    acknowledged(store, lease, 5, 2, 9)

    mails = store.begin(lease, NOW, 2)

    first, second = (entry.id for entry in reversed(store.entries()[1:]))
    assert mails == (PendingMail(first, fetched(5), 1), PendingMail(second, fetched(2), 1))
    assert [entry.attempts for entry in store.entries()] == [0, 1, 1]


def test_mails_of_other_mailboxes_are_not_begun(store: SqlStore, lease: Lease) -> None:
    other = store.acquire("sales", "daemon-1", NOW, 60)
    assert other is not None
    store.receive(other, [fetched(1, mailbox="sales")])
    store.acknowledge(other, "INBOX", 7, dict.fromkeys([1]))

    assert store.begin(lease, NOW, 10) == ()
    assert len(store.begin(other, NOW, 10)) == 1


def test_a_suspect_runs_alone_before_all_others(store: SqlStore, lease: Lease) -> None:
    begun(store, lease, 1, 2)  # and the daemon dies
    acknowledged(store, lease, 3)

    rounds = []
    for _ in range(3):
        mails = store.begin(lease, NOW, 10)
        rounds.append([(mail.fetched.location.uid, mail.attempt) for mail in mails])
        store.give_back(mails[0].id, "Traceback", NOW + MINUTE)

    assert rounds == [[(1, 2)], [(2, 2)], [(3, 1)]]


def test_a_suspect_keeps_counting_until_it_is_set_aside(store: SqlStore, lease: Lease) -> None:
    acknowledged(store, lease, 1)

    attempts = [store.begin(lease, NOW, 10)[0].attempt for _ in range(4)]

    assert attempts == [1, 2, 3, 4]


def test_a_mail_given_back_waits_and_holds_nobody_up(store: SqlStore, lease: Lease) -> None:
    (mail,) = begun(store, lease, 1)
    store.give_back(mail, "Traceback: \0 \ud800", NOW + MINUTE)
    acknowledged(store, lease, 2)

    before = [(one.fetched.location.uid, one.attempt) for one in store.begin(lease, NOW, 10)]
    store.put_back([2], NOW + 10 * MINUTE)
    after = [(one.fetched.location.uid, one.attempt) for one in store.begin(lease, NOW + MINUTE, 10)]

    assert (before, after) == ([(2, 1)], [(1, 2)])
    assert store.entry(mail).traceback == "Traceback: \ufffd \\ud800"


def test_putting_back_takes_the_attempt_back(store: SqlStore, lease: Lease) -> None:
    mails = begun(store, lease, 1, 2)

    store.put_back(mails, NOW)

    assert [mail.attempt for mail in store.begin(lease, NOW, 10)] == [1, 1]


def test_putting_back_leaves_what_was_processed_alone(store: SqlStore, lease: Lease) -> None:
    done = ticket_of(store, lease, 1, message())

    store.put_back([done.mail], NOW)
    store.give_back(done.mail, "late", NOW)

    entry = store.entry(done.mail)
    assert (entry.state, entry.attempts, entry.traceback) == (MailState.PROCESSED, 1, "")


def test_set_aside_is_listed_with_reason_traceback_and_an_event(store: SqlStore, lease: Lease) -> None:
    (mail,) = begun(store, lease, 1)

    store.set_aside(mail, "failed 3 times", "Traceback", NOW)

    assert store.entries((MailState.ASIDE,)) == (
        LedgerEntry(
            id=mail,
            location=Location(MAILBOX, "INBOX", 7, 1),
            state=MailState.ASIDE,
            reason="failed 3 times",
            traceback="Traceback",
            attempts=1,
            received_at=NOW,
            size_bytes=fetched(1).size_bytes,
            subject="",
            sender="",
            tickets=(),
        ),
    )
    assert store.begin(lease, NOW, 10) == ()


def test_what_has_ended_cannot_be_set_aside(store: SqlStore, lease: Lease) -> None:
    done = ticket_of(store, lease, 1, message())

    with pytest.raises(PermanentError, match=f"mail {done.mail} is processed"):
        store.set_aside(done.mail, "late", "", NOW)


def test_a_mail_set_aside_can_be_tried_again_with_a_fresh_count(store: SqlStore, lease: Lease) -> None:
    (mail,) = begun(store, lease, 1)
    store.set_aside(mail, "failed", "Traceback", NOW)

    store.retry(mail, "admin", NOW)

    assert [(one.id, one.attempt) for one in store.begin(lease, NOW, 10)] == [(mail, 1)]


def test_only_what_was_set_aside_can_be_ignored_and_then_retried(store: SqlStore, lease: Lease) -> None:
    (mail,) = begun(store, lease, 1)
    with pytest.raises(PermanentError, match="acknowledged, not aside"):
        store.ignore(mail, "admin", "spam", NOW)
    store.set_aside(mail, "failed", "", NOW)

    store.ignore(mail, "admin", "spam", NOW)

    entry = store.entry(mail)
    assert (entry.state, entry.reason) == (MailState.IGNORED, "spam")
    store.retry(mail, "admin", NOW)
    assert store.entry(mail).state is MailState.ACKNOWLEDGED


def test_a_retried_mail_does_not_take_itself_for_a_duplicate(store: SqlStore, lease: Lease) -> None:
    (mail,) = begun(store, lease, 1)
    read = message()
    plain = opened(mail, ReservedIds((1,), (1, 2)), read)
    nothing = {"tickets": (), "posts": (), "events": (), "outgoing": ()}
    write(store, lease, replace(plain, state=MailState.IGNORED, reason="rule x", **nothing))
    found_before = look_up(store, lease, keys(read)).same_id

    store.retry(mail, "admin", NOW)

    assert [one.mail for one in found_before] == [mail]
    assert look_up(store, lease, keys(read)).same_id == ()
    again = store.begin(lease, NOW, 10)
    assert [one.id for one in again] == [mail]
    ticket_of_it = store_outcome(store, lease, mail)
    assert store.entry(mail).tickets == (ticket_of_it,)


def store_outcome(store: SqlStore, lease: Lease, mail: int) -> int:
    with store.batch(lease) as batch:
        outcome = opened(mail, batch.reserve(1, 2), message())
        batch.write(outcome)
    return outcome.tickets[0].number


def test_what_does_not_exist_is_not_found(store: SqlStore) -> None:
    for call in (store.entry, store.raw):
        with pytest.raises(NotFoundError, match="there is no mail 99"):
            call(99)
    for change in (
        lambda: store.retry(99, "admin", NOW),
        lambda: store.ignore(99, "admin", "x", NOW),
        lambda: store.set_aside(99, "x", "", NOW),
    ):
        with pytest.raises(NotFoundError):
            change()


def test_entries_are_filtered_by_state_and_mailbox_newest_first(store: SqlStore, lease: Lease) -> None:
    first, second, third = begun(store, lease, 1, 2, 3)
    other = store.acquire("sales", "daemon-1", NOW, 60)
    assert other is not None
    store.receive(other, [fetched(1, mailbox="sales")])
    store.set_aside(first, "failed", "", NOW)
    store.set_aside(third, "failed", "", NOW)
    store.ignore(third, "admin", "spam", NOW)

    def numbers(*states: MailState, mailbox: str = "", limit: int = 100) -> list[int]:
        return [entry.id for entry in store.entries(states, mailbox, limit)]

    assert numbers(MailState.ASIDE, MailState.IGNORED) == [third, first]
    assert numbers(MailState.ASIDE, MailState.IGNORED, limit=1) == [third]
    assert numbers(mailbox=MAILBOX) == [third, second, first]
    assert len(numbers(MailState.RECEIVED, mailbox="sales")) == 1
    assert numbers(MailState.PROCESSED) == []


def test_a_folder_is_seen_for_the_first_time_once(store: SqlStore) -> None:
    moments = (NOW, NOW + timedelta(seconds=1), NOW + timedelta(days=1))

    firsts = [store.saw_folder(MAILBOX, "INBOX", moment) for moment in moments]

    assert firsts == [True, False, False]
    assert store.saw_folder(MAILBOX, "Junk", NOW) is True


def test_what_waits_is_counted(store: SqlStore, lease: Lease) -> None:
    store.receive(lease, [replace(fetched(uid), received_at=NOW + uid * MINUTE) for uid in (1, 2, 3, 4)])
    store.acknowledge(lease, "INBOX", 7, dict.fromkeys([1, 2]))
    aside = store.begin(lease, NOW, 1)[0]
    store.set_aside(aside.id, "failed", "", NOW)

    backlog = store.backlog()

    assert dict(backlog.mails) == {"received": 2, "acknowledged": 1, "aside": 1}
    assert backlog.oldest_mail == NOW + 2 * MINUTE


Write = Callable[[SqlStore, Lease], object]

WRITES: dict[str, Write] = {
    "receive": lambda store, lease: store.receive(lease, [fetched(9)]),
    "acknowledge": lambda store, lease: store.acknowledge(lease, "INBOX", 7, dict.fromkeys([1])),
    "begin": lambda store, lease: store.begin(lease, NOW, 10),
    "batch": lambda store, lease: store.batch(lease).__enter__(),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_whoever_lost_the_lease_writes_nothing(store: SqlStore, lease: Lease, write: Write) -> None:
    received(store, lease, 1)
    store.acquire(MAILBOX, "daemon-2", NOW + 2 * MINUTE, 60)
    before = store.entries()

    with pytest.raises(FencedError):
        write(store, lease)

    assert store.entries() == before


def test_naive_moments_are_refused(store: SqlStore, lease: Lease) -> None:
    naive = replace(fetched(1), received_at=datetime(2026, 3, 1, 12))  # noqa: DTZ001 -- the mistake that is meant

    with pytest.raises(Exception, match="without a time zone"):
        store.receive(lease, [naive])

    assert store.entries() == ()


def test_what_people_do_with_a_mail_is_an_event(store: SqlStore, lease: Lease) -> None:
    (mail,) = begun(store, lease, 1)
    store.set_aside(mail, "failed", "", NOW)
    store.ignore(mail, "admin", "spam", NOW + MINUTE)
    store.retry(mail, "admin", NOW + 2 * MINUTE)

    events = store.mail_history(mail)

    assert events == (
        Event(NOW, EventKind.SET_ASIDE, "gateway", "failed", None, mail),
        Event(NOW + MINUTE, EventKind.IGNORED, "admin", "spam", None, mail),
        Event(NOW + 2 * MINUTE, EventKind.RETRIED, "admin", "", None, mail),
    )


def test_a_mail_set_aside_is_found_where_it_lies_now(store: SqlStore, lease: Lease) -> None:
    received(store, lease, 1, 2)
    place = Location("support", "Processed", 9, 41)
    store.acknowledge(lease, "INBOX", 7, {1: place, 2: None})
    for pending in store.begin(lease, NOW, 10):
        store.set_aside(pending.id, "poison", "Traceback", NOW)

    ((mail, found),) = store.aside_in("support", "Processed")
    store.relocate({mail: Location("support", "Set aside", 3, 1)})

    assert found == place
    assert store.aside_in("support", "Processed") == ()
