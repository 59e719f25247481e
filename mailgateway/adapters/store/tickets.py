"""Rows of tickets, contacts and customers as values."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.rows import Found
from mailgateway.adapters.store.tables import contact, customer, customer_domain, participant, ticket, ticket_tag
from mailgateway.model.people import Contact, Customer
from mailgateway.model.ticket import Status, Ticket

_NUMBERS: sa.BindParameter[int] = sa.bindparam("numbers", expanding=True)

TICKETS = sa.select(ticket, contact.c.address).join_from(ticket, contact, ticket.c.requester == contact.c.id)
_BY_NUMBER = TICKETS.where(ticket.c.number.in_(_NUMBERS)).order_by(ticket.c.number)
# Always in the order of numbers, so that two transactions wait for each other in one direction only.
_BY_NUMBER_LOCKED = _BY_NUMBER.with_for_update(of=ticket)
_TARGETS = sa.select(ticket.c.merged_into).where(ticket.c.number.in_(_NUMBERS), ticket.c.merged_into.is_not(None))
_PARTICIPANTS = (
    sa.select(participant.c.ticket, participant.c.address)
    .where(participant.c.ticket.in_(_NUMBERS))
    .order_by(participant.c.ticket, participant.c.position)
)
_TAGS = (
    sa.select(ticket_tag.c.ticket, ticket_tag.c.tag)
    .where(ticket_tag.c.ticket.in_(_NUMBERS))
    .order_by(ticket_tag.c.ticket, ticket_tag.c.position)
)
_DOMAINS = (
    sa.select(customer_domain.c.domain)
    .where(customer_domain.c.customer == sa.bindparam("of_customer"))
    .order_by(customer_domain.c.domain)
)


def with_targets(connection: Connection, numbers: Iterable[int]) -> set[int]:
    """Return the numbers of tickets with those of what they were merged into, before anything is locked.

    Whoever locks all of them at once does so in one order. On SQLite, which has one writer, the numbers alone.
    """
    reached = set(numbers)
    ahead = set() if connection.dialect.name == "sqlite" else reached
    while ahead:
        found = connection.execute(_TARGETS, {"numbers": sorted(ahead)}).scalars()
        ahead = {number for number in found if number is not None} - reached
        reached |= ahead
    return reached


def tickets_numbered(connection: Connection, numbers: Iterable[int], *, lock: bool = False) -> tuple[Ticket, ...]:
    """Return the tickets that exist among the numbers, and those they were merged into, by number.

    Args:
        connection: A transaction.
        numbers: Each once.
        lock: Whether nobody else may change them until the transaction ends (PostgreSQL; SQLite has one writer). Those
            among the numbers are locked in one order, so the numbers are those of `with_targets`.
    """
    query = _BY_NUMBER_LOCKED if lock else _BY_NUMBER
    rows: dict[int, Found] = {}
    wanted = sorted(set(numbers))
    while wanted:
        found = connection.execute(query, {"numbers": wanted}).all()
        rows.update((row.number, row) for row in found)
        wanted = sorted({row.merged_into for row in found if row.merged_into is not None} - rows.keys())
    return tickets_of(connection, [rows[number] for number in sorted(rows)])


def tickets_of(connection: Connection, rows: Sequence[Found]) -> tuple[Ticket, ...]:
    """Return the tickets of rows of `TICKETS`, in their order, with participants and tags."""
    if not rows:
        return ()
    numbers = {"numbers": [row.number for row in rows]}
    participants = _grouped(connection.execute(_PARTICIPANTS, numbers).all())
    tags = _grouped(connection.execute(_TAGS, numbers).all())
    return tuple(_ticket(row, participants[row.number], tags[row.number]) for row in rows)


def _grouped(rows: Sequence[Found]) -> dict[int, tuple[str, ...]]:
    groups: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for number, text in rows:
        groups[number] += (text,)
    return groups


def _ticket(row: Found, participants: tuple[str, ...], tags: tuple[str, ...]) -> Ticket:
    return Ticket(
        number=row.number,
        ref=row.ref,
        title=row.title,
        status=Status(row.status),
        queue=row.queue,
        kind=row.kind,
        priority=row.priority,
        mailbox=row.mailbox,
        customer=row.customer,
        requester=row.requester,
        requester_address=row.address,
        participants=participants,
        tags=tags,
        merged_into=row.merged_into,
        created_at=row.created_at,
        changed_at=row.changed_at,
        assignee=row.assignee,
        priority_by_hand=row.priority_by_hand,
    )


def contact_of(row: Found) -> Contact:
    """Return the contact of a row with the columns of `contact`."""
    return Contact(row.id, row.name, row.address, row.customer, row.undeliverable)


def customer_of(connection: Connection, row: Found) -> Customer:
    """Return the customer of a row with the columns of `customer`."""
    domains = tuple(connection.execute(_DOMAINS, {"of_customer": row.id}).scalars())
    return Customer(row.id, row.name, row.plan, domains, row.language, row.time_zone)


CUSTOMERS = sa.select(customer).order_by(customer.c.id)
CONTACTS = sa.select(contact)
