import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import pytest

from mailgateway.adapters.store import SqlStore
from mailgateway.adapters.store.engine import Queue
from mailgateway.app.ports import Lease
from mailgateway.errors import FencedError
from mailgateway.model.decision import Known, ReservedIds
from mailgateway.model.ledger import RecipientResult
from mailgateway.model.ticket import EventKind, Status
from tests.servers import eventually
from tests.store.steps import begun, look_up, ticket_of
from tests.store.values import ANNA, MAILBOX, MINUTE, NOW, event, fetched, keys, message, opened, outgoing

RETRY_AT = {1: NOW + MINUTE}


T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make the calls in threads that start together; return what they return, in their order."""
    ready = threading.Barrier(len(calls))

    def call(one: Callable[[], T]) -> T:
        ready.wait()
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def test_each_mail_in_the_outbox_is_claimed_by_one(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]
) -> None:
    mails = tuple(outgoing(number, 1) for number in range(1, 101))
    ticket_of(store, lease, 1, message(), outgoing=mails)
    stores = [store, store, open_another(), open_another()]

    claims = at_once([partial(drained, one) for one in stores])

    claimed = [number for numbers in claims for number in numbers]
    assert sorted(claimed) == list(range(1, 101))


def drained(store: SqlStore) -> list[int]:
    claimed: list[int] = []
    while deliveries := store.claim(NOW, 3, RETRY_AT):
        claimed.extend(one.id for one in deliveries)
        accepted = [(one, [RecipientResult(ANNA, 250, "ok")], None) for one in deliveries]
        store.settle_all(accepted, NOW)
    return claimed


def test_one_of_many_gets_the_lease(open_another: Callable[[], SqlStore]) -> None:
    stores = [open_another() for _ in range(8)]

    leases = at_once([partial(one.acquire, MAILBOX, f"daemon-{number}", NOW, 60) for number, one in enumerate(stores)])

    assert [lease.fence for lease in leases if lease is not None] == [1]


def test_a_takeover_is_not_before_the_commit_and_fences_the_next_write(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]
) -> None:
    (mail,) = begun(store, lease, 1)
    other = open_another()
    taken: list[Lease | None] = []
    thread = threading.Thread(target=lambda: taken.append(other.acquire(MAILBOX, "two", NOW + 2 * MINUTE, 60)))

    with store.batch(lease) as batch:
        thread.start()
        thread.join(timeout=0.2)  # SQLite waits, PostgreSQL gets nothing: without the lock it would have it by now
        waited = not any(taken)
        batch.write(opened(mail, batch.reserve(1, 2), message()))
    thread.join()
    again = other.acquire(MAILBOX, "two", NOW + 2 * MINUTE, 60)

    assert waited
    assert [one.number for one in other.tickets()] == [1]
    assert again is not None
    assert again.fence == 2
    with pytest.raises(FencedError):
        store.receive(lease, [fetched(2)])


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_renewing_waits_for_no_work_under_the_leases(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]
) -> None:
    other = open_another()
    other.acquire("sales", "daemon-1", NOW, 60)

    with store.batch(lease):
        renewed = at_once([partial(other.renew, "daemon-1", NOW + MINUTE, 60)])
        refused = other.acquire(MAILBOX, "two", NOW + 9 * MINUTE, 60)

    assert [[one.mailbox for one in leases] for leases in renewed] == [["sales", MAILBOX]]
    assert refused is None


def test_many_threads_write_and_none_meets_a_locked_database(store: SqlStore, lease: Lease) -> None:
    per_thread = 10

    def write(number: int) -> None:
        for step in range(per_thread):
            uid = number * per_thread + step + 1
            store.receive(lease, [fetched(uid)])
            store.acknowledge(lease, "INBOX", 7, dict.fromkeys([uid]))

    at_once([partial(write, number) for number in range(20)])

    assert dict(store.backlog().mails)["acknowledged"] == 20 * per_thread
    assert [one.id for one in store.begin(lease, NOW, 1000)] == list(range(1, 201))


def test_a_ticket_found_for_a_mail_is_not_changed_meanwhile(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]
) -> None:
    ticket_of(store, lease, 1, message())
    other = open_another()
    closing = threading.Thread(target=other.change_status, args=(1, Status.CLOSED, event(EventKind.STATUS, 1)))

    with store.batch(lease) as batch:
        known = batch.known(keys(message(2), refs=("SUP-1-QX",)), NOW)
        closing.start()
        closing.join(timeout=0.2)
        waited = closing.is_alive()
    closing.join()

    assert waited
    assert [one.status for one in known.tickets] == [Status.NEW]
    assert store.ticket("1").status is Status.CLOSED


def test_a_message_that_came_to_two_daemons_is_known_to_the_second(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]
) -> None:
    (mail,) = begun(store, lease, 1)
    other = open_another()
    sales = other.acquire("sales", "daemon-2", NOW, 60)
    assert sales is not None
    found: list[Known] = []
    second = threading.Thread(target=lambda: found.append(look_up(other, sales, keys(message()))))

    with store.batch(lease) as batch:
        batch.known(keys(message()), NOW)
        second.start()
        second.join(timeout=0.2)  # it has to wait: what it would see now holds no copy
        batch.write(opened(mail, batch.reserve(1, 2), message()))
    second.join()

    assert [[one.mail for one in known.same_id] for known in found] == [[mail]]


def test_daemons_reserve_different_numbers(open_another: Callable[[], SqlStore]) -> None:
    def reserve(one: SqlStore, mailbox: str) -> list[ReservedIds]:
        held = one.acquire(mailbox, "me", NOW, 600)
        assert held is not None
        reserved = []
        for _ in range(20):
            with one.batch(held) as batch:
                reserved.append(batch.reserve(2, 3))
        return reserved

    stores = [open_another() for _ in range(4)]
    reserved = at_once([partial(reserve, one, f"box-{number}") for number, one in enumerate(stores)])

    tickets = [number for ids in reserved for one in ids for number in one.tickets]
    mails = [number for ids in reserved for one in ids for number in one.outbox]
    assert (len(tickets), len(mails)) == (160, 240)
    assert (len(set(tickets)), len(set(mails))) == (160, 240)


def has_waiting(queue: Queue, number: int) -> bool:
    return len(queue._waiting) == number


def test_threads_get_their_turn_in_the_order_in_which_they_asked() -> None:
    queue = Queue()
    served: list[int] = []

    def take_turn(number: int) -> None:
        with queue.turn():
            served.append(number)

    threads = [threading.Thread(target=take_turn, args=(number,)) for number in range(10)]
    with queue.turn():
        for number, thread in enumerate(threads):
            thread.start()
            eventually(partial(has_waiting, queue, number + 1))
    for thread in threads:
        thread.join()

    assert served == list(range(10))
