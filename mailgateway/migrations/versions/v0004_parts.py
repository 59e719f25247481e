"""What mails that were cut into several tickets need: who has which part."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()


def upgrade() -> None:
    """Create the table of parts; every mail of before is whole."""
    op.create_table(
        "ticket_part",
        sa.Column("ticket", BIG, nullable=False, autoincrement=False),
        sa.Column("message", BIG, nullable=False, autoincrement=False),
        sa.Column("number", BIG, nullable=False, comment="which part, from 1, in the order of the mail"),
        sa.Column("first", BIG, nullable=False, comment="the ticket that takes the others in when the cut is undone"),
        sa.Column("text", TEXT, nullable=False, comment="the part with what all parts need"),
        sa.Column("files", TEXT, nullable=False, comment="JSON: the names of the attachments that belong to it"),
        sa.Column("whole", TEXT, nullable=False, comment="JSON: what the first ticket was before; empty on the others"),
        sa.ForeignKeyConstraint(
            ["ticket", "message"],
            ["ticket_message.ticket", "ticket_message.message"],
            name="fk_ticket_part_ticket_message",
        ),
        sa.ForeignKeyConstraint(["first"], ["ticket.number"], name="fk_ticket_part_first"),
        sa.PrimaryKeyConstraint("ticket", "message", name="pk_ticket_part"),
        comment="messages that are cut into several tickets; the rows of a cut go when it is undone",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ticket_part_first", "ticket_part", ["first", "message"])
