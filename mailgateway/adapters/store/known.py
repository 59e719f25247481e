"""What the store holds under the keys of one message: a look-up by index for each key that is not empty."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.columns import domain_of, indexable, printable
from mailgateway.adapters.store.names import known_names, message_alias
from mailgateway.adapters.store.outgoing import ACKNOWLEDGEMENT
from mailgateway.adapters.store.parts import locked_with_cuts
from mailgateway.adapters.store.prepared import look_up
from mailgateway.adapters.store.rows import Found
from mailgateway.adapters.store.tables import (
    contact,
    customer,
    customer_domain,
    message,
    outbox,
    outbox_recipient,
    ticket,
    ticket_message,
    ticket_ref,
)
from mailgateway.adapters.store.tickets import CONTACTS, contact_of, customer_of
from mailgateway.model.decision import Keys, Known, KnownDelivery, KnownMessage
from mailgateway.model.people import Contact, Customer

WITHIN = timedelta(hours=1)
"""How far back what happened just now is counted."""
MOST_SUBJECTS = 20
MOST_OPEN = 50
MOST_IDS = 64
"""Numbers of ids for which the statement is kept."""

_bind = sa.bindparam
_HAS_ID = message.c.message_id != sa.literal_column("''")
_OF_ACKNOWLEDGEMENT = sa.and_(~message.c.incoming, message.c.kind == sa.literal_column(f"'{ACKNOWLEDGEMENT}'"))
_COLUMNS = (
    message.c.id,
    message.c.digest,
    message.c.incoming,
    message.c.mail,
    message.c.outbox,
    sa.case((_OF_ACKNOWLEDGEMENT, message.c.text), else_=sa.literal_column("''")).label("acknowledgement"),
)
_MESSAGES = sa.select(message.c.message_id.label("name"), *_COLUMNS, ticket_message.c.ticket).join_from(
    message, ticket_message, message.c.id == ticket_message.c.message, isouter=True
)
_BY_ID = _MESSAGES.where(_HAS_ID).order_by(message.c.id, ticket_message.c.ticket)
_BY_ALIAS = (
    sa.select(message_alias.c.alias.label("name"), *_COLUMNS, ticket_message.c.ticket)
    .join_from(message_alias, message, message_alias.c.message == message.c.id)
    .join(ticket_message, message.c.id == ticket_message.c.message, isouter=True)
    .order_by(message.c.id, ticket_message.c.ticket)
)
_BY_DIGEST = _MESSAGES.where(
    message.c.digest == _bind("of_digest"), message.c.incoming, message.c.message_id == sa.literal_column("''")
).order_by(message.c.id, ticket_message.c.ticket)
_REFS = sa.select(ticket_ref.c.ref, ticket_ref.c.ticket).where(ticket_ref.c.ref.in_(_bind("refs", expanding=True)))
_SENDER = CONTACTS.where(contact.c.address == _bind("of_address"))
_CONTACTS = CONTACTS.where(contact.c.id.in_(_bind("contacts", expanding=True))).order_by(contact.c.id)
_CUSTOMER = sa.select(customer).where(customer.c.id == _bind("of_customer"))
_BY_DOMAIN = (
    sa.select(customer)
    .join_from(customer, customer_domain, customer.c.id == customer_domain.c.customer)
    .where(customer_domain.c.domain == _bind("of_domain"))
)
_DELIVERIES = (
    sa.select(outbox.c.id, outbox.c.ticket, outbox.c.message_id, outbox_recipient.c.recipient)
    .join_from(outbox, outbox_recipient)
    .where(outbox.c.id.in_(_bind("deliveries", expanding=True)))
    .order_by(outbox.c.id, outbox_recipient.c.position)
)
_ANSWERED = sa.select(sa.func.count()).where(outbox_recipient.c.answered_at > _bind("since"))
_ANSWERS = sa.select(
    _ANSWERED.where(outbox_recipient.c.address == _bind("of_address")).scalar_subquery().label("to_address"),
    _ANSWERED.where(outbox_recipient.c.domain == _bind("of_domain")).scalar_subquery().label("to_domain"),
)
_SUBJECTS = (
    sa.select(message.c.subject)
    .where(
        message.c.sender_key == _bind("of_sender"),
        message.c.sender_key != sa.literal_column("''"),
        message.c.at > _bind("since"),
    )
    .order_by(message.c.at.desc())
    .limit(sa.literal_column(str(MOST_SUBJECTS)))
)
_OPEN_TICKETS = (
    sa.select(ticket.c.ref, ticket.c.title)
    .where(
        ticket.c.customer == _bind("of_customer"),
        sa.text("ticket.status NOT IN ('resolved', 'closed', 'merged', 'refused')"),
    )
    .order_by(ticket.c.number.desc())
    .limit(sa.literal_column(str(MOST_OPEN)))
)

_TURN = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:of, 0))")


def await_turn(connection: Connection, keys: Keys) -> None:
    """Wait on PostgreSQL until no other transaction has the same message under way; ours has it until its end.

    A mail to two mailboxes comes to two daemons in the same moment: without this neither would see the other's copy,
    and both would make a ticket. Nothing to wait for on SQLite, which has one writer.
    """
    # A copy that Exchange gave another id waits for the one that has its own.
    name = next(filter(None, (*keys.names.other_ids[:1], keys.message_id)), keys.digest)
    connection.execute(_TURN, {"of": printable(name)})


def known(connection: Connection, keys: Keys, now: datetime) -> Known:
    """Return what the store holds under the keys; tickets found are locked until the transaction ends."""
    own = tuple(filter(None, (keys.message_id, *keys.names.other_ids)))
    ids = tuple(dict.fromkeys((*own, *filter(None, keys.message_ids))))
    rows = _named(connection, [indexable(one) for one in ids])
    messages = _messages(rows, ids)
    same_digest = _same_digest(connection, "" if keys.message_id else keys.digest)
    refs = _refs(connection, keys.refs)
    deliveries = _deliveries(connection, {*keys.deliveries, *_outboxes(rows, keys)})
    names = known_names(connection, keys.names)
    numbers = {
        *keys.ticket_numbers,
        *(number for _, number in refs),
        *(number for one in (*messages, *same_digest) for number in one.tickets),
        *(one.ticket for one in deliveries if one.ticket is not None),
        *(one.ticket for one in names.refs if one.ticket is not None),
        *names.conversation,
    }
    tickets, cuts = locked_with_cuts(connection, numbers)
    sender = _sender(connection, keys.sender)
    found, found_by = _customer(connection, sender, keys.sender)
    answers, to_domain = recent_answers(connection, keys.sender, now - WITHIN)
    return Known(
        same_id=tuple(one for one in messages if one.message_id in own and not one.ours),
        same_digest=same_digest,
        referred=tuple(one for text in keys.message_ids for one in messages if one.message_id == text),
        refs=refs,
        tickets=tickets,
        contact=sender,
        contacts=_contacts(connection, keys.contacts),
        customer=found,
        customer_by=found_by,
        deliveries=deliveries,
        recent_answers=answers,
        answers_to_domain=to_domain,
        recent_subjects=_recent_subjects(connection, keys.sender, now - WITHIN),
        open_tickets=_open_tickets(connection, found),
        names=names,
        cuts=cuts,
    )


def _named(connection: Connection, ids: Sequence[str]) -> Sequence[Found]:
    """Return the messages that have these ids, as their own or as aliases: a line for each ticket one is on."""
    if not ids:
        return ()
    asked = {f"id{position}": one for position, one in enumerate(ids)}
    # Two statements: one that does both takes longer.
    return tuple(row for select in _named_by(len(ids)) for row in look_up(connection, select, asked))


@lru_cache(MOST_IDS)
def _named_by(count: int) -> tuple[sa.Select[*tuple[Any, ...]], ...]:
    """Return the selects by id and by alias for so many ids: most mails ask for one."""
    ids = [_bind(f"id{position}", type_=sa.Text) for position in range(count)]
    return _BY_ID.where(message.c.message_id.in_(ids)), _BY_ALIAS.where(message_alias.c.alias.in_(ids))


def _messages(rows: Sequence[Found], ids: Iterable[str]) -> tuple[KnownMessage, ...]:
    """Return one value for each message and name; the rows have one line for each ticket it is on."""
    written_out = {indexable(text): text for text in ids}
    by_name: dict[tuple[int, str], list[Found]] = {}
    for row in rows:
        by_name.setdefault((row.id, row.name), []).append(row)
    return tuple(
        KnownMessage(
            message_id=written_out.get(lines[0].name, ""),
            digest=lines[0].digest,
            ours=not lines[0].incoming,
            mail=lines[0].mail,
            tickets=tuple(line.ticket for line in lines if line.ticket is not None),
            acknowledgement=lines[0].acknowledgement,
        )
        for lines in by_name.values()
    )


def _same_digest(connection: Connection, digest: str) -> tuple[KnownMessage, ...]:
    if not digest:
        return ()
    return _messages(connection.execute(_BY_DIGEST, {"of_digest": digest}).all(), ())


def _refs(connection: Connection, refs: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return (ticket ID, number) for the IDs that were issued, in the order in which they are asked for."""
    if not refs:
        return ()
    issued = {row.ref: row.ticket for row in connection.execute(_REFS, {"refs": [indexable(ref) for ref in refs]})}
    return tuple((ref, issued[ref]) for ref in refs if ref in issued)


def _outboxes(rows: Sequence[Found], keys: Keys) -> set[int]:
    referred = {indexable(text) for text in keys.message_ids}
    return {row.outbox for row in rows if row.outbox is not None and row.name in referred}


def _deliveries(connection: Connection, numbers: set[int]) -> tuple[KnownDelivery, ...]:
    if not numbers:
        return ()
    by_number: dict[int, list[Found]] = {}
    for row in connection.execute(_DELIVERIES, {"deliveries": sorted(numbers)}):
        by_number.setdefault(row.id, []).append(row)
    return tuple(
        KnownDelivery(number, lines[0].ticket, lines[0].message_id, tuple(line.recipient for line in lines))
        for number, lines in by_number.items()
    )


def _sender(connection: Connection, address: str) -> Contact | None:
    if not address:
        return None
    row = look_up(connection, _SENDER, {"of_address": indexable(address)}).one_or_none()
    return contact_of(row) if row else None


def _contacts(connection: Connection, numbers: Sequence[int]) -> tuple[Contact, ...]:
    if not numbers:
        return ()
    return tuple(contact_of(row) for row in connection.execute(_CONTACTS, {"contacts": list(numbers)}))


def customer_by_id(connection: Connection, number: str) -> Customer:
    """Return the customer with an id that a row refers to."""
    return customer_of(connection, look_up(connection, _CUSTOMER, {"of_customer": number}).one())


def _customer(connection: Connection, sender: Contact | None, address: str) -> tuple[Customer | None, str]:
    """Return the sender's customer and how it was found: by contact, else by the address's exact domain."""
    if sender and sender.customer is not None:
        return customer_by_id(connection, sender.customer), "address"
    domain = domain_of(address)
    row = look_up(connection, _BY_DOMAIN, {"of_domain": domain}).one_or_none() if domain else None
    return (customer_of(connection, row), "domain") if row else (None, "")


def recent_answers(connection: Connection, address: str, since: datetime) -> tuple[int, int]:
    """Return how many automatic answers went to an address, and how many to its domain."""
    if not address:
        return 0, 0
    domain = indexable(domain_of(address))
    asked = {"of_address": indexable(address), "of_domain": domain, "since": since}
    row = look_up(connection, _ANSWERS, asked).one()
    return row.to_address, row.to_domain if domain else 0


def _recent_subjects(connection: Connection, address: str, since: datetime) -> tuple[str, ...]:
    """Return the subjects of the newest mails of an address; the one that is looked at is not written yet."""
    if not address:
        return ()
    return tuple(look_up(connection, _SUBJECTS, {"of_sender": indexable(address), "since": since}).scalars())


def _open_tickets(connection: Connection, found: Customer | None) -> tuple[tuple[str, str], ...]:
    if found is None:
        return ()
    return tuple((row.ref, row.title) for row in look_up(connection, _OPEN_TICKETS, {"of_customer": found.id}))
