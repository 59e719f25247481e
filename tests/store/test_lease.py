from datetime import timedelta

import pytest

from mailgateway.adapters.store import SqlStore
from mailgateway.app.ports import Lease
from mailgateway.errors import FencedError
from tests.store.values import MAILBOX, MINUTE, NOW, fetched

MINUTE_S = 60.0


def test_the_first_to_ask_gets_the_lease(store: SqlStore) -> None:
    assert store.acquire(MAILBOX, "one", NOW, MINUTE_S) == Lease(MAILBOX, 1, NOW + MINUTE)


def test_nobody_else_gets_it_while_it_is_held(store: SqlStore) -> None:
    store.acquire(MAILBOX, "one", NOW, MINUTE_S)

    assert store.acquire(MAILBOX, "two", NOW + timedelta(seconds=59), MINUTE_S) is None
    assert store.acquire("sales", "two", NOW, MINUTE_S) == Lease("sales", 1, NOW + MINUTE)


def test_the_owner_prolongs_it_under_the_same_fence(store: SqlStore) -> None:
    first = store.acquire(MAILBOX, "one", NOW, MINUTE_S)
    assert first is not None

    second = store.acquire(MAILBOX, "one", NOW + MINUTE, MINUTE_S)

    assert second == Lease(MAILBOX, 1, NOW + 2 * MINUTE)
    assert store.receive(first, [fetched(1)]) == 1


def test_one_that_has_ended_goes_to_whoever_asks_and_fences_the_former_owner_off(store: SqlStore) -> None:
    first = store.acquire(MAILBOX, "one", NOW, MINUTE_S)
    assert first is not None

    second = store.acquire(MAILBOX, "two", NOW + MINUTE, MINUTE_S)

    assert second == Lease(MAILBOX, 2, NOW + 2 * MINUTE)
    with pytest.raises(FencedError, match="lease of mailbox support"):
        store.receive(first, [fetched(1)])
    assert store.receive(second, [fetched(1)]) == 1


def test_one_given_back_is_free_at_once_and_fences_its_former_owner_off(store: SqlStore) -> None:
    first = store.acquire(MAILBOX, "one", NOW, MINUTE_S)
    assert first is not None

    store.release(first)

    assert store.acquire(MAILBOX, "two", NOW, MINUTE_S) == Lease(MAILBOX, 2, NOW + MINUTE)
    with pytest.raises(FencedError):
        store.begin(first, NOW, 1)


def test_giving_back_a_lost_lease_takes_nothing_from_the_new_owner(store: SqlStore) -> None:
    first = store.acquire(MAILBOX, "one", NOW, MINUTE_S)
    assert first is not None
    store.acquire(MAILBOX, "two", NOW + MINUTE, MINUTE_S)

    store.release(first)

    assert store.acquire(MAILBOX, "three", NOW + MINUTE, MINUTE_S) is None


def test_a_lease_nobody_gave_out_is_refused(store: SqlStore) -> None:
    with pytest.raises(FencedError):
        store.receive(Lease(MAILBOX, 1, NOW), [fetched(1)])


def test_all_leases_of_an_owner_are_prolonged_at_once_and_nobody_elses(store: SqlStore) -> None:
    for mailbox, owner in (("b", "one"), ("a", "one"), ("c", "two")):
        store.acquire(mailbox, owner, NOW, MINUTE_S)

    renewed = store.renew("one", NOW + MINUTE, MINUTE_S)

    assert renewed == (Lease("a", 1, NOW + 2 * MINUTE), Lease("b", 1, NOW + 2 * MINUTE))
    assert store.acquire("a", "two", NOW + MINUTE, MINUTE_S) is None
    assert store.acquire("c", "one", NOW + MINUTE, MINUTE_S) == Lease("c", 2, NOW + 2 * MINUTE)
    assert store.renew("nobody", NOW, MINUTE_S) == ()
