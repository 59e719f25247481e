"""What rule files need: quotas, who has a ticket, who set its priority, what decided, and what is counted by index."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
TEXT = sa.Text()
ONE_TREE: dict[str, Any] = {"sqlite_with_rowid": False}


def upgrade() -> None:
    """Create the tables of quotas, and add columns; tickets and messages of before get the empty values."""
    _add("ticket", "assignee", TEXT, "", "the agent's id, empty for nobody yet")
    _add("ticket", "priority_by_hand", sa.Boolean(), sa.false(), "an agent set it: no rule changes it")
    _add("message", "answers", TEXT, "[]", "JSON: what the stages of the rules answered, and which rule did")
    _add("message", "tzdata", TEXT, "", "the version of the time zone data that was used, empty where none was")
    _add("message", "program", TEXT, "", "the version of the program that decided, empty where nothing was decided")
    _create_quota_count()
    _create_quota_entry()
    _index_answers()
    _index_senders()
    _index_open_tickets()


def _add(table: str, name: str, kind: sa.types.TypeEngine[Any], value: Any, comment: str) -> None:  # noqa: ANN401 -- a text or an SQL constant
    """Add a column that is never null.

    The rows that are there get the value; on SQLite it stays the column's default, which cannot be taken away
    without writing the whole table again.
    """
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=value, comment=comment))
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(table, name, server_default=None)


def _create_quota_count() -> None:
    op.create_table(
        "quota_count",
        sa.Column("quota", TEXT, nullable=False, comment="its id in the rule files"),
        sa.Column("holder", TEXT, nullable=False, comment="the customer's id or the contact's address"),
        sa.Column("period", TEXT, nullable=False, comment="the first day in the holder's zone, ISO 8601"),
        sa.PrimaryKeyConstraint("quota", "holder", "period", name="pk_quota_count"),
        comment="what is counted by itself; locked by who counts, until the place is taken or not",
        **ONE_TREE,
    )


def _create_quota_entry() -> None:
    op.create_table(
        "quota_entry",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("quota", TEXT, nullable=False),
        sa.Column("holder", TEXT, nullable=False),
        sa.Column("period", TEXT, nullable=False),
        sa.Column("ticket", BIG, nullable=False),
        sa.Column("amount", BIG, nullable=False, comment="1 takes a place, -1 gives it back, 0 changes nothing"),
        sa.Column("kind", TEXT, nullable=False, comment="taken, given_back or granted"),
        sa.Column("priority", BIG, nullable=False, comment="the ticket's in that moment"),
        sa.Column("actor", TEXT, nullable=False, comment="rule:ID, agent:ID or admin"),
        sa.Column("because", TEXT, nullable=False, comment="for a person to read"),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name="fk_quota_entry_ticket"),
        sa.ForeignKeyConstraint(
            ["quota", "holder", "period"],
            ["quota_count.quota", "quota_count.holder", "quota_count.period"],
            name="fk_quota_entry_quota_holder_period",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quota_entry"),
        comment="the ledger of the quotas: rows are added, never changed",
    )
    op.create_index("ix_quota_entry_count", "quota_entry", ["quota", "holder", "period", "id"])
    op.create_index("ix_quota_entry_ticket", "quota_entry", ["ticket", "id"])


def _index_answers() -> None:
    """Let automatic answers be counted by the recipient's domain."""
    _add("outbox_recipient", "domain", TEXT, "", "the address's, to count answers by")
    behind_last_at = (
        "substr(address, length(rtrim(address, replace(address, '@', ''))) + 1)"
        if op.get_bind().dialect.name == "sqlite"
        else "substring(address FROM '[^@]*$')"
    )
    op.execute(f"UPDATE outbox_recipient SET domain = {behind_last_at} WHERE address LIKE '%@%'")  # noqa: S608 -- our own
    _create_partial(
        "ix_outbox_recipient_domain", "outbox_recipient", ["domain", "answered_at"], "answered_at IS NOT NULL"
    )


def _index_senders() -> None:
    """Let a sender's mails of the last hour be found.

    An address that is too long for an index stays without: nothing that old is asked for but what came in the hour
    before the upgrade.
    """
    _add(
        "message", "sender_key", TEXT, "", "the sender in lower case, to look up by; empty for outgoing mails and notes"
    )
    op.execute("UPDATE message SET sender_key = lower(sender) WHERE incoming AND length(sender) <= 250")
    _create_partial("ix_message_sender", "message", ["sender_key", "at"], "sender_key <> ''")


def _index_open_tickets() -> None:
    is_open = "customer IS NOT NULL AND status NOT IN ('resolved', 'closed', 'merged', 'refused')"
    _create_partial("ix_ticket_open", "ticket", ["customer", "number"], is_open)


def _create_partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
