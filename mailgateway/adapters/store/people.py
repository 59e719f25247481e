"""Customers and their contacts, as an admin brings them in."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.columns import indexable
from mailgateway.adapters.store.engine import Database
from mailgateway.adapters.store.rows import Change, Found, Row, carry_out
from mailgateway.adapters.store.tables import contact, customer, customer_domain
from mailgateway.adapters.store.tickets import CONTACTS, CUSTOMERS, contact_of
from mailgateway.errors import NotFoundError, PermanentError
from mailgateway.model.people import Contact, Customer

_bind = sa.bindparam
_DOMAINS = sa.select(customer_domain.c.customer, customer_domain.c.domain).order_by(customer_domain.c.domain)
_THESE = CUSTOMERS.where(customer.c.id.in_(_bind("ids", expanding=True)))
_THEIR_DOMAINS = _DOMAINS.where(customer_domain.c.customer.in_(_bind("ids", expanding=True)))
_TAKEN = sa.select(customer_domain.c.domain, customer_domain.c.customer).where(
    customer_domain.c.domain.in_(_bind("domains", expanding=True))
)
_OF_CUSTOMER = CONTACTS.where(contact.c.customer == _bind("of_customer")).order_by(contact.c.address)
_AT = CONTACTS.where(contact.c.address.in_(_bind("addresses", expanding=True)))
_UPDATE = (
    customer.update()
    .where(customer.c.id == _bind("of_customer"))
    .values({name: _bind(f"new_{name}") for name in ("name", "plan", "language", "time_zone")})
)
_FORGET_DOMAINS = customer_domain.delete().where(customer_domain.c.customer == _bind("of_customer"))
_UPDATE_CONTACT = (
    contact.update()
    .where(contact.c.address == _bind("of_address"))
    .values(name=_bind("new_name"), customer=_bind("new_customer"))
)
MANY = 500
"""Values in one IN list at most."""

_INSERT = customer.insert()
_INSERT_DOMAIN = customer_domain.insert()
_INSERT_CONTACT = contact.insert().inline()


class People:
    """The part of the store behind `customers import|list|show`."""

    _database: Database

    def import_customers(
        self, customers: Sequence[Customer], contacts: Sequence[tuple[str, str, str]]
    ) -> tuple[int, int]:
        """Create or update customers and (name, address, customer id) contacts in one transaction.

        What is not named stays; a contact's name is kept where none is given.

        Returns:
            How many customers and contacts were new or changed.

        Raises:
            NotFoundError: A contact names a customer that does not exist.
            PermanentError: A domain belongs to another customer.
        """
        with self._database.write() as transaction:
            connection = transaction.connection
            changed_customers = _import_customers(connection, {one.id: _plain(one) for one in customers})
            changed_contacts = _import_contacts(
                connection, {indexable(address.lower()): (name, owner) for name, address, owner in contacts}
            )
        return changed_customers, changed_contacts

    def customers(self) -> tuple[Customer, ...]:
        """Return all customers by id."""
        with self._database.read() as connection:
            return tuple(_values(connection.execute(CUSTOMERS).all(), connection.execute(_DOMAINS).all()).values())

    def customer(self, customer: str) -> tuple[Customer, tuple[Contact, ...]]:
        """Return a customer and its contacts, by address.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.read() as connection:
            found = _existing(connection, (customer,))
            if not found:
                raise NotFoundError(f"there is no customer {customer}")
            contacts = connection.execute(_OF_CUSTOMER, {"of_customer": customer}).all()
        return found[customer], tuple(contact_of(row) for row in contacts)


def _plain(named: Customer) -> Customer:
    """Return the customer as it is stored: domains in lower case, sorted, each once."""
    domains = tuple(sorted({domain.lower() for domain in named.domains}))
    return Customer(named.id, named.name, named.plan, domains, named.language, named.time_zone)


def _values(rows: Sequence[Found], domains: Sequence[Found]) -> dict[str, Customer]:
    of: dict[str, tuple[str, ...]] = {}
    for owner, domain in domains:
        of[owner] = (*of.get(owner, ()), domain)
    return {
        row.id: Customer(row.id, row.name, row.plan, of.get(row.id, ()), row.language, row.time_zone) for row in rows
    }


def _existing(connection: Connection, ids: Sequence[str]) -> dict[str, Customer]:
    found: dict[str, Customer] = {}
    for start in range(0, len(ids), MANY):
        some = {"ids": ids[start : start + MANY]}
        found |= _values(connection.execute(_THESE, some).all(), connection.execute(_THEIR_DOMAINS, some).all())
    return found


def _import_customers(connection: Connection, named: Mapping[str, Customer]) -> int:
    existing = _existing(connection, tuple(named))
    new = [one for one in named.values() if one.id not in existing]
    given = frozenset(domain for one in named.values() for domain in one.domains)
    updated = [_filled_in(one, existing[one.id], given) for one in named.values() if one.id in existing]
    changed = [one for one in updated if one != existing[one.id]]
    carry_out(
        connection,
        (
            Change(_INSERT, [_row(one) for one in new]),
            Change(_UPDATE, [_changed_row(one) for one in changed]),
            Change(_FORGET_DOMAINS, [{"of_customer": one.id} for one in changed]),
        ),
    )
    _add_domains(connection, [*new, *changed])
    return len(new) + len(changed)


def _filled_in(named: Customer, known: Customer, given: frozenset[str]) -> Customer:
    """Return the customer with what a list leaves empty as it was: a list of contacts says nothing of the plan.

    Args:
        named: As the list has it.
        known: As it is.
        given: The domains the list names: those it gives to another customer do not stay.
    """
    return Customer(
        id=named.id,
        name=known.name if named.name in {"", named.id} else named.name,
        plan=named.plan or known.plan,
        domains=named.domains or tuple(domain for domain in known.domains if domain not in given),
        language=named.language or known.language,
        time_zone=named.time_zone or known.time_zone,
    )


def _row(one: Customer) -> Row:
    return {
        "id": one.id,
        "name": one.name,
        "plan": one.plan,
        "language": one.language,
        "time_zone": one.time_zone,
    }


def _changed_row(one: Customer) -> Row:
    row = _row(one)
    return {"of_customer": row.pop("id"), **{f"new_{name}": value for name, value in row.items()}}


def _add_domains(connection: Connection, customers: Sequence[Customer]) -> None:
    """Give domains to customers whose earlier ones were taken away; nobody's is taken away for another."""
    owners: dict[str, str] = {}
    for one in customers:
        for domain in one.domains:
            _refuse_taken(domain, one.id, owners.get(domain))
            owners[domain] = one.id
    domains = list(owners)
    for start in range(0, len(domains), MANY):
        for domain, owner in connection.execute(_TAKEN, {"domains": domains[start : start + MANY]}):
            _refuse_taken(domain, owners[domain], owner)
    rows = [{"domain": domain, "customer": owner} for domain, owner in owners.items()]
    carry_out(connection, (Change(_INSERT_DOMAIN, rows),))


def _refuse_taken(domain: str, wanted_by: str, owner: str | None) -> None:
    if owner is not None:
        raise PermanentError(f"the domain {domain} of customer {wanted_by} belongs to customer {owner}")


def _import_contacts(connection: Connection, named: Mapping[str, tuple[str, str]]) -> int:
    """Create or update contacts by address; return how many were new or changed."""
    _refuse_unknown(connection, named)
    addresses = list(named)
    existing: dict[str, Contact] = {}
    for start in range(0, len(addresses), MANY):
        rows = connection.execute(_AT, {"addresses": addresses[start : start + MANY]})
        existing |= {row.address: contact_of(row) for row in rows}
    new = [
        {"name": name, "address": address, "customer": owner, "undeliverable": ""}
        for address, (name, owner) in named.items()
        if address not in existing
    ]
    changed = [
        {"of_address": address, "new_name": name or existing[address].name, "new_customer": owner}
        for address, (name, owner) in named.items()
        if address in existing and _differs(existing[address], name, owner)
    ]
    carry_out(connection, (Change(_INSERT_CONTACT, new), Change(_UPDATE_CONTACT, changed)))
    return len(new) + len(changed)


def _differs(known: Contact, name: str, owner: str) -> bool:
    return (name or known.name, owner) != (known.name, known.customer)


def _refuse_unknown(connection: Connection, named: Mapping[str, tuple[str, str]]) -> None:
    owners = tuple({owner for _, owner in named.values()})
    existing = _existing(connection, owners)
    for address, (_, owner) in named.items():
        if owner not in existing:
            raise NotFoundError(f"contact {address} names customer {owner}, which does not exist")
