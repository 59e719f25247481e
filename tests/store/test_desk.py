from dataclasses import replace

import pytest

from mailgateway.adapters.store import SqlStore
from mailgateway.app.desk import Act, merge
from mailgateway.app.ports import Lease
from mailgateway.errors import NotFoundError, PermanentError
from mailgateway.model.people import Contact, Customer
from mailgateway.model.ticket import Event, EventKind, Status, Visibility
from tests.store.steps import ticket_of
from tests.store.values import ANNA, MINUTE, NOW, event, message, new_ticket

ACME = Customer("acme", "Acme", "gold", ("acme.test", "example.com"), "de", "Europe/Berlin")


@pytest.fixture
def three(store: SqlStore, lease: Lease) -> SqlStore:
    """Return the store with tickets 1 to 3, of which 2 changed last."""
    store.import_customers([ACME], [])
    for number in (1, 2, 3):
        customer = "acme" if number == 3 else None
        ticket_of(store, lease, number, message(number), tickets=(new_ticket(number, customer=customer),))
    store.change_status(2, Status.OPEN, event(EventKind.STATUS, 2, at=NOW + MINUTE))
    return store


def numbers(store: SqlStore, *statuses: Status, customer: str = "", limit: int = 100) -> list[int]:
    return [ticket.number for ticket in store.tickets(statuses, customer, limit)]


def test_tickets_are_listed_latest_change_first(three: SqlStore) -> None:
    assert numbers(three) == [2, 3, 1]
    assert numbers(three, limit=2) == [2, 3]


def test_tickets_are_listed_by_status_and_customer(three: SqlStore) -> None:
    assert numbers(three, Status.NEW) == [3, 1]
    assert numbers(three, Status.NEW, Status.OPEN, Status.NEW) == [2, 3, 1]
    assert numbers(three, Status.NEW, Status.OPEN, limit=1) == [2]
    assert numbers(three, customer="acme") == [3]
    assert numbers(three, Status.OPEN, customer="acme") == []


@pytest.mark.parametrize("name", ["1", "SUP-1-QX", "sup-1-qx", "[SUP-1-QX]", " [Sup-1-Qx] "])
def test_a_ticket_is_found_by_number_and_by_id(three: SqlStore, name: str) -> None:
    assert three.ticket(name).number == 1


@pytest.mark.parametrize("name", ["", "4", "SUP-4-QX", "9" * 30, "x" * 5000, "1; DROP TABLE ticket"])
def test_what_names_no_ticket_is_not_found(three: SqlStore, name: str) -> None:
    with pytest.raises(NotFoundError, match="no ticket"):
        three.ticket(name)


def test_a_status_set_by_hand_is_an_event(three: SqlStore) -> None:
    happened = Event(NOW + 2 * MINUTE, EventKind.STATUS, "admin", "done", 1, None, (("status", "closed"),))

    three.change_status(1, Status.CLOSED, happened)

    found = three.ticket("1")
    assert (found.status, found.changed_at) == (Status.CLOSED, NOW + 2 * MINUTE)
    assert three.history(1)[-1] == happened


def test_a_note_stays_inside(three: SqlStore) -> None:
    happened = Event(NOW + 2 * MINUTE, EventKind.NOTE, "agent:anna", "", 1)

    three.add_note(1, "Call them.", happened)

    note = three.messages(1)[-1]
    assert (note.text, note.kind, note.visibility, note.incoming, note.sender, note.at) == (
        "Call them.",
        "note",
        Visibility.INSIDE,
        False,
        "agent:anna",
        NOW + 2 * MINUTE,
    )
    assert three.history(1)[-1] == happened


def test_ids_of_a_merged_ticket_give_the_other_and_its_number_gives_itself(three: SqlStore) -> None:
    merge(three, 1, 2, Act(NOW + 2 * MINUTE, "admin", "same"))
    merge(three, 2, 3, Act(NOW + 3 * MINUTE, "admin", "same"))

    assert three.ticket("SUP-1-QX").number == 3
    merged = three.ticket("1")
    assert (merged.status, merged.merged_into) == (Status.MERGED, 2)
    assert [three.history(number)[-1].ticket for number in (1, 2, 3)] == [1, 2, 3]


def test_no_ticket_is_merged_twice_into_itself_or_into_nothing(three: SqlStore) -> None:
    merge(three, 1, 2, Act(NOW, "admin", "same"))

    for ticket, into in ((1, 3), (2, 1), (3, 3)):
        with pytest.raises(PermanentError):
            merge(three, ticket, into, Act(NOW, "admin", "same"))
    with pytest.raises(NotFoundError, match="no ticket 9"):
        merge(three, 3, 9, Act(NOW, "admin", "same"))
    assert three.ticket("3").status is Status.NEW


def test_a_merged_ticket_keeps_its_status(three: SqlStore) -> None:
    merge(three, 1, 2, Act(NOW, "admin", "same"))

    with pytest.raises(PermanentError, match="ticket 1 is part of ticket 2"):
        three.change_status(1, Status.OPEN, event(EventKind.STATUS, 1))


def test_a_ticket_that_does_not_exist_cannot_be_changed(three: SqlStore) -> None:
    with pytest.raises(NotFoundError):
        three.change_status(9, Status.OPEN, event(EventKind.STATUS, 9))
    with pytest.raises(NotFoundError):
        three.add_note(9, "x", event(EventKind.NOTE, 9))
    assert (three.history(9), three.messages(9)) == ((), ())


def test_an_import_counts_what_is_new_or_changed(store: SqlStore) -> None:
    contacts = [("Anna", ANNA, "acme"), ("", "BERT@acme.test", "acme")]

    first = store.import_customers([ACME], contacts)
    same = store.import_customers([ACME], [("", ANNA, "acme")])
    changed = store.import_customers([replace(ACME, plan="silver", domains=("Acme.test",))], [("Ann", ANNA, "acme")])

    assert (first, same, changed) == ((1, 2), (0, 0), (1, 1))
    assert store.customers() == (replace(ACME, plan="silver", domains=("acme.test",)),)
    assert store.customer("acme") == (
        replace(ACME, plan="silver", domains=("acme.test",)),
        (Contact(1, "Ann", ANNA, "acme"), Contact(2, "", "bert@acme.test", "acme")),
    )


def test_what_a_list_of_customers_leaves_empty_stays_as_it_was(store: SqlStore) -> None:
    known = replace(ACME, plan="gold", language="de", time_zone="Europe/Berlin")
    store.import_customers([known], [])

    counts = store.import_customers([Customer("acme", "acme")], [("Bo", "bo@acme.test", "acme")])

    assert (counts, store.customers()) == ((0, 1), (known,))


def test_a_domain_belongs_to_one_customer(store: SqlStore) -> None:
    store.import_customers([ACME], [])

    with pytest.raises(PermanentError, match=r"domain acme\.test of customer other belongs to customer acme"):
        store.import_customers([Customer("other", "Other", domains=("acme.test",))], [])
    with pytest.raises(PermanentError, match="belongs to customer b"):
        store.import_customers([Customer("b", "B", domains=("b.test",)), Customer("c", "C", domains=("B.test",))], [])

    assert store.customers() == (ACME,)


def test_a_domain_can_move_within_one_import(store: SqlStore) -> None:
    store.import_customers([ACME], [])

    store.import_customers([Customer("b", "B", domains=("acme.test",)), replace(ACME, domains=())], [])

    assert [(one.id, one.domains) for one in store.customers()] == [("acme", ("example.com",)), ("b", ("acme.test",))]


def test_an_import_with_an_unknown_customer_changes_nothing(store: SqlStore) -> None:
    with pytest.raises(NotFoundError, match=r"contact x@y\.z names customer nobody"):
        store.import_customers([ACME], [("X", "x@y.z", "nobody")])

    assert store.customers() == ()
    with pytest.raises(NotFoundError, match="no customer acme"):
        store.customer("acme")


def test_a_large_import_is_one_transaction(store: SqlStore) -> None:
    customers = [Customer(f"c{n:05}", f"C {n}", domains=(f"c{n}.test",)) for n in range(1500)]
    contacts = [(f"P {n}", f"p@c{n}.test", f"c{n:05}") for n in range(1500)]

    counts = store.import_customers(customers, contacts)

    assert counts == (1500, 1500)
    assert store.customers() == tuple(customers)
