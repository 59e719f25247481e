"""The rows of new tickets: the requester as a contact, the ticket, its ID, participants, tags and links."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mailgateway.adapters.store.columns import indexable
from mailgateway.adapters.store.rows import Change, Row, listed
from mailgateway.adapters.store.tables import contact, participant, ticket, ticket_link, ticket_ref, ticket_tag
from mailgateway.model.decision import NewTicket

_CONTACT = {
    "sqlite": sqlite.insert(contact).on_conflict_do_nothing().inline(),
    "postgresql": postgresql.insert(contact).on_conflict_do_nothing().inline(),
}
_REQUESTER = sa.select(contact.c.id).where(contact.c.address == sa.bindparam("of_address")).scalar_subquery()
_TICKET = ticket.insert().values(requester=_REQUESTER)
_REF = ticket_ref.insert()
_PARTICIPANT = participant.insert()
_TAG = ticket_tag.insert()
_LINK = ticket_link.insert()


def new_ticket_changes(tickets: Sequence[NewTicket], at: datetime, dialect: str) -> tuple[Change, ...]:
    """Return what new tickets insert.

    A requester nobody knows becomes a contact, under no customer: that the domain is a customer's says less of a
    person than that somebody put the person there, and the ladder trusts the two differently.
    """
    return (
        Change(_CONTACT[dialect], [_contact(one) for one in tickets]),
        Change(_TICKET, [_ticket(one, at) for one in tickets]),
        Change(_REF, [{"ref": indexable(one.ref.upper()), "ticket": one.number} for one in tickets]),
        Change(_PARTICIPANT, [row for one in tickets for row in listed(one.number, "address", one.participants)]),
        Change(_TAG, [row for one in tickets for row in listed(one.number, "tag", one.tags)]),
        Change(
            _LINK, [{"ticket": one.number, "other": other} for one in tickets for other in dict.fromkeys(one.links)]
        ),
    )


def _contact(new: NewTicket) -> Row:
    return {
        "name": new.requester_name,
        "address": indexable(new.requester_address.lower()),
        "customer": None,
        "undeliverable": "",
    }


def _ticket(new: NewTicket, at: datetime) -> Row:
    return {
        "number": new.number,
        "ref": new.ref,
        "title": new.title,
        "status": new.status.value,
        "queue": new.queue,
        "kind": new.kind,
        "priority": new.priority,
        "mailbox": new.mailbox,
        "customer": new.customer,
        "of_address": indexable(new.requester_address.lower()),
        "merged_into": None,
        "created_at": at,
        "changed_at": at,
        "assignee": new.assignee,
        "priority_by_hand": False,
    }
