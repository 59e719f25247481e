"""Names that others gave: ids of relays and of Exchange, conversations of Outlook, numbers of other ticket systems."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
ONE_TREE: dict[str, Any] = {"sqlite_with_rowid": False}


def upgrade() -> None:
    """Create the tables; what was received and sent before has no such names."""
    op.create_table(
        "message_alias",
        sa.Column("alias", TEXT, nullable=False, comment="a further Message-ID, without angle brackets"),
        sa.Column("message", BIG, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_message_alias_message"),
        sa.PrimaryKeyConstraint("alias", "message", name="pk_message_alias"),
        comment="ids that relays and mail systems gave to messages beside their own",
        **ONE_TREE,
    )
    op.create_table(
        "conversation",
        sa.Column("name", TEXT, nullable=False, comment="the beginning of Thread-Index in hex, a colon, the topic"),
        sa.Column("ticket", BIG, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name="fk_conversation_ticket"),
        sa.PrimaryKeyConstraint("name", "ticket", name="pk_conversation"),
        comment="conversations of Outlook that came in, with the tickets they are on",
        **ONE_TREE,
    )
    op.create_table(
        "foreign_ref",
        sa.Column("owner", TEXT, nullable=False, comment="the domain whose system gave it, or an address of free mail"),
        sa.Column("ref", TEXT, nullable=False, comment="in upper case, without the words around it"),
        sa.Column("ticket", BIG, nullable=True, comment="null where it was seen on two: it says nothing then"),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name="fk_foreign_ref_ticket"),
        sa.PrimaryKeyConstraint("owner", "ref", name="pk_foreign_ref"),
        comment="numbers that other ticket systems gave to our tickets",
        **ONE_TREE,
    )
