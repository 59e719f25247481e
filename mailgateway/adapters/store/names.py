"""Names that others gave to our messages and tickets: their tables, what is found under them, what is written.

None is of our making, so the pure code says what each is worth; here they are texts to be found again by index.
"""

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from mailgateway.adapters.store.columns import BIG, indexable
from mailgateway.adapters.store.rows import Change
from mailgateway.adapters.store.tables import message, metadata
from mailgateway.model.decision import Outcome
from mailgateway.model.names import ForeignRef, KnownNames, Names

MOST_TICKETS = 20
"""Tickets of one conversation that are looked at: the newest."""

message_alias = sa.Table(
    "message_alias",
    metadata,
    sa.Column("alias", sa.Text, primary_key=True, comment="a further Message-ID, without angle brackets"),
    sa.Column("message", BIG, sa.ForeignKey("message.id"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    comment="ids that relays and mail systems gave to messages beside their own",
)

conversation = sa.Table(
    "conversation",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, comment="the beginning of Thread-Index in hex, a colon, the topic"),
    sa.Column("ticket", BIG, sa.ForeignKey("ticket.number"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    comment="conversations of Outlook that came in, with the tickets they are on",
)

foreign_ref = sa.Table(
    "foreign_ref",
    metadata,
    sa.Column(
        "owner", sa.Text, primary_key=True, comment="the domain whose system gave it, or an address of free mail"
    ),
    sa.Column("ref", sa.Text, primary_key=True, comment="in upper case, without the words around it"),
    sa.Column(
        "ticket",
        BIG,
        sa.ForeignKey("ticket.number"),
        nullable=True,
        comment="null where it was seen on two: it says nothing then",
    ),
    sqlite_with_rowid=False,
    comment="numbers that other ticket systems gave to our tickets",
)

_OF_CONVERSATION = (
    sa.select(conversation.c.ticket)
    .where(conversation.c.name == sa.bindparam("of_name"))
    .order_by(conversation.c.ticket.desc())
    .limit(MOST_TICKETS)
)
_FOREIGN_REFS = sa.select(foreign_ref).where(
    foreign_ref.c.owner == sa.bindparam("of_owner"), foreign_ref.c.ref.in_(sa.bindparam("refs", expanding=True))
)
_OF_OUTBOX = sa.select(sa.bindparam("of_alias", type_=sa.Text), message.c.id).where(
    message.c.outbox == sa.bindparam("of_outbox")
)


class _Inserts:
    """The statements that write names, in one dialect: what is known already is no error."""

    def __init__(self, insert: Callable[[sa.Table], sqlite.Insert] | Callable[[sa.Table], postgresql.Insert]) -> None:
        self.alias = insert(message_alias).on_conflict_do_nothing().inline()
        self.conversation = insert(conversation).on_conflict_do_nothing().inline()
        self.sent_alias = (
            insert(message_alias).from_select(["alias", "message"], _OF_OUTBOX).on_conflict_do_nothing().inline()
        )
        learn = insert(foreign_ref)
        # Two mails at once may each have found nothing: the second to write says what the first could not see.
        same = sa.case((foreign_ref.c.ticket == learn.excluded.ticket, foreign_ref.c.ticket))
        self.foreign_ref = learn.on_conflict_do_update(index_elements=["owner", "ref"], set_={"ticket": same}).inline()


_INSERT = {"sqlite": _Inserts(sqlite.insert), "postgresql": _Inserts(postgresql.insert)}


def known_names(connection: Connection, names: Names) -> KnownNames:
    """Return what is known under the names of a mail: at most the MOST_TICKETS newest tickets of its conversation."""
    conversation_of = {"of_name": indexable(names.conversation)}
    tickets = tuple(connection.execute(_OF_CONVERSATION, conversation_of).scalars()) if names.conversation else ()
    return KnownNames(tickets, _foreign_refs(connection, names) if names.refs and names.ref_owner else ())


def _foreign_refs(connection: Connection, names: Names) -> tuple[ForeignRef, ...]:
    """Return what is known of other systems' numbers, in the order in which they are asked for."""
    asked = {"of_owner": indexable(names.ref_owner), "refs": [indexable(ref) for ref in names.refs]}
    found = {row.ref: row.ticket for row in connection.execute(_FOREIGN_REFS, asked)}
    return tuple(
        ForeignRef(names.ref_owner, ref, found[indexable(ref)]) for ref in names.refs if indexable(ref) in found
    )


def name_changes(outcome: Outcome, numbers: Sequence[int], dialect: str) -> tuple[Change, ...]:
    """Return what an outcome's message teaches of names; nothing where it has no message.

    Args:
        outcome: What the mail changes.
        numbers: As `message_changes` takes them: the first is the message's own.
        dialect: The database's.
    """
    if outcome.message is None:
        return ()
    learnt, insert = outcome.learnt, _INSERT[dialect]
    aliases = dict.fromkeys(indexable(one) for one in learnt.other_ids)
    tickets = dict.fromkeys(post.ticket for post in outcome.posts if post.verified) if learnt.conversation else {}
    return (
        Change(insert.alias, [{"alias": alias, "message": numbers[0]} for alias in aliases]),
        Change(insert.conversation, [{"name": indexable(learnt.conversation), "ticket": one} for one in tickets]),
        Change(
            insert.foreign_ref,
            [{"owner": indexable(one.owner), "ref": indexable(one.ref), "ticket": one.ticket} for one in learnt.refs],
        ),
    )


def sent_alias_changes(named: Sequence[tuple[int, str]], dialect: str) -> tuple[Change, ...]:
    """Return what relays say of ids: (outbox id, the id the mail of it got)."""
    rows = [{"of_outbox": outbox, "of_alias": indexable(alias)} for outbox, alias in named]
    return (Change(_INSERT[dialect].sent_alias, rows),)
