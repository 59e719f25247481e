"""Quotas are counted one after the other, whoever counts, and what is in their ledger stays."""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
import sqlalchemy as sa

from mailgateway.adapters.store import SqlStore
from mailgateway.app.ports import Batch, Lease
from mailgateway.errors import ConflictError
from mailgateway.model.decision import Outcome
from mailgateway.model.quota import QuotaEntry, QuotaEntryKind, QuotaKey, QuotaRecord, Usage
from tests.store.steps import begun, ticket_of
from tests.store.test_concurrency import at_once
from tests.store.values import NOW, fetched, message, opened

KEY = QuotaKey("priority-tickets", "acme", "2026-03-01")
OTHER = QuotaKey("priority-tickets", "other", "2026-03-01")


def taken(ticket: int, key: QuotaKey = KEY) -> QuotaEntry:
    return QuotaEntry(key, ticket, 1, QuotaEntryKind.TAKEN, "rule:priority-tickets", "its first of the month")


def take(batch: Batch, mail: int, number: int, allowed: int = 1) -> bool:
    """Let a mail's ticket take a place where one is free; return whether it did."""
    (usage,) = batch.usage([KEY])
    ids = batch.reserve(1, 2)
    free = usage.used < allowed
    outcome = opened(mail, ids, message(number), quota=(taken(ids.tickets[0]),) if free else ())
    batch.write(outcome)
    return free


def used(store: SqlStore, lease: Lease, *keys: QuotaKey) -> tuple[Usage, ...]:
    with store.batch(lease) as batch:
        return batch.usage(keys)


def with_place(store: SqlStore, lease: Lease, uid: int, *keys: QuotaKey) -> Outcome:
    """Return the outcome of a mail whose ticket (with the same number) takes places."""
    with store.batch(lease) as batch:
        batch.usage(keys)
    return ticket_of(store, lease, uid, message(uid), quota=tuple(taken(uid, key) for key in keys))


def test_a_quota_nobody_used_is_empty(store: SqlStore, lease: Lease) -> None:
    assert used(store, lease, KEY, OTHER, KEY) == (Usage(KEY, 0), Usage(OTHER, 0), Usage(KEY, 0))
    assert used(store, lease) == ()


def test_places_are_counted_by_quota_holder_and_period_with_their_tickets(store: SqlStore, lease: Lease) -> None:
    next_month = QuotaKey(KEY.quota, KEY.holder, "2026-04-01")
    used(store, lease, next_month)
    with_place(store, lease, 1, KEY)
    with_place(store, lease, 2, OTHER, KEY)

    found = used(store, lease, OTHER, next_month, KEY)

    assert found == (
        Usage(OTHER, 1, ("SUP-2-QX",)), Usage(next_month, 0), Usage(KEY, 2, ("SUP-1-QX", "SUP-2-QX"))
    )  # fmt: skip


def test_the_ledger_says_who_took_a_place_when_and_why(store: SqlStore, lease: Lease) -> None:
    with_place(store, lease, 1, KEY)

    assert store.quota(1) == (QuotaRecord(NOW, taken(1), priority=3),)
    assert store.quota(2) == ()


def test_an_address_of_any_length_has_a_quota(store: SqlStore, lease: Lease) -> None:
    long = QuotaKey("each-contact", "x" * 5000 + "@example.com", "2026-03-01")

    with_place(store, lease, 1, long)

    assert used(store, lease, long) == (Usage(long, 1, ("SUP-1-QX",)),)


def test_two_mails_of_one_batch_count_each_other(store: SqlStore, lease: Lease) -> None:
    mails = begun(store, lease, 1, 2)

    with store.batch(lease) as batch:
        free = [take(batch, mail, number) for number, mail in enumerate(mails)]

    assert free == [True, False]
    assert used(store, lease, KEY) == (Usage(KEY, 1, ("SUP-1-QX",)),)


def test_a_mail_that_fails_after_it_took_a_place_took_none(store: SqlStore, lease: Lease) -> None:
    first, second = begun(store, lease, 1, 2)

    with store.batch(lease) as batch:
        with suppress(ZeroDivisionError), batch.savepoint():
            take(batch, first, 1)
            raise ZeroDivisionError
        with batch.savepoint():
            free = take(batch, second, 2)

    assert free
    assert used(store, lease, KEY) == (Usage(KEY, 1, ("SUP-2-QX",)),)


def test_a_place_that_nobody_counted_is_refused_by_the_database(store: SqlStore, lease: Lease) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        ticket_of(store, lease, 1, message(), quota=(taken(1),))

    assert store.tickets() == ()


def daemon(store: SqlStore, start: int, mails: int) -> list[bool]:
    """Process mails of a mailbox, each in a transaction of its own, as fast as it goes; return which took a place."""
    mailbox = f"box-{start}"
    lease = store.acquire(mailbox, mailbox, NOW, 600)
    assert lease is not None
    store.receive(lease, [fetched(uid, mailbox=mailbox) for uid in range(1, mails + 1)])
    store.acknowledge(lease, "INBOX", 7, dict.fromkeys(range(1, mails + 1)))
    took = []
    for number, mail in enumerate(store.begin(lease, NOW, mails)):
        with store.batch(lease) as batch:
            took.append(take(batch, mail.id, start + number))
    return took


@pytest.fixture(params=["counted for the first time", "counted before"])
def counted(request: pytest.FixtureRequest, store: SqlStore, lease: Lease) -> None:
    """Make the row that is locked, or leave it to those who count: both must wait for each other."""
    if request.param == "counted before":
        used(store, lease, KEY, OTHER)


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("mails", [1, 8])
def test_daemons_that_decide_in_the_same_second_never_exceed_a_quota_of_1(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore], mails: int
) -> None:
    stores = [open_another() for _ in range(4)]

    took = at_once([partial(daemon, one, 100 * number, mails) for number, one in enumerate(stores)])

    assert sum(free for one in took for free in one) == 1
    (usage,) = used(store, lease, KEY)
    assert (usage.used, len(store.tickets(limit=1000))) == (1, 4 * mails)


@pytest.mark.usefixtures("counted")
def test_who_counts_second_waits_for_the_first_and_sees_its_place(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]
) -> None:
    (mail,) = begun(store, lease, 1)
    other = open_another()
    sales = other.acquire("sales", "daemon-2", NOW, 60)
    assert sales is not None
    found: list[Usage] = []
    second = threading.Thread(target=lambda: found.extend(used(other, sales, OTHER, KEY)))

    with store.batch(lease) as batch:
        took = take(batch, mail, 1)
        second.start()
        second.join(timeout=0.2)  # it has to wait: what it would count now is nothing
        waited = second.is_alive() and not found
    second.join()

    assert (took, waited) == (True, True)
    assert found == [Usage(OTHER, 0), Usage(KEY, 1, ("SUP-1-QX",))]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_other_counts_do_not_wait(store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]) -> None:
    other = open_another()
    sales = other.acquire("sales", "daemon-2", NOW, 60)
    assert sales is not None

    with store.batch(lease) as batch:
        batch.usage([KEY])
        found = used(other, sales, OTHER)

    assert found == (Usage(OTHER, 0),)


@pytest.mark.usefixtures("counted")
def test_the_same_quotas_in_another_order_make_no_deadlock(open_another: Callable[[], SqlStore]) -> None:
    def count(one: SqlStore, mailbox: str, *keys: QuotaKey) -> int:
        held = one.acquire(mailbox, mailbox, NOW, 600)
        assert held is not None
        return sum(len(used(one, held, *keys)) for _ in range(20))

    counted = at_once(
        [partial(count, open_another(), "a", KEY, OTHER), partial(count, open_another(), "b", OTHER, KEY)]
    )

    assert counted == [40, 40]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_of_two_batches_that_wait_for_each_other_one_is_taken_back_whole(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]
) -> None:
    used(store, lease, KEY, OTHER)
    both_have_one = threading.Barrier(2)

    def two_mails(one: SqlStore, mailbox: str, first: QuotaKey, second: QuotaKey) -> str:
        held = one.acquire(mailbox, mailbox, NOW, 600)
        assert held is not None
        try:
            with one.batch(held) as batch:
                batch.usage([first])
                both_have_one.wait()
                batch.usage([second])
        except ConflictError as error:
            return str(error)
        return "written"

    ends = at_once(
        [partial(two_mails, open_another(), "a", KEY, OTHER), partial(two_mails, open_another(), "b", OTHER, KEY)]
    )

    (taken_back,) = [end for end in ends if end != "written"]
    assert "deadlock" in taken_back
    assert used(store, lease, KEY, OTHER) == (Usage(KEY, 0), Usage(OTHER, 0))
