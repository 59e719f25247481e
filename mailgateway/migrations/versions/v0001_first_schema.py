"""The first schema: ledger, people, tickets, messages, outbox."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
TEXT = sa.Text()
ONE_TREE: dict[str, Any] = {"sqlite_with_rowid": False}
SEQUENCES = ("mail_number", "message_number", "ticket_number", "outbox_number")


def upgrade() -> None:
    """Create every table, and the sequences of numbers."""
    _create_customers()
    _create_sightings()
    _create_mail()
    _create_mail_indexes()
    _create_raw_mail()
    _create_ticket()
    _create_ticket_parts()
    _create_participant()
    _create_event()
    _create_outbox()
    _create_outbox_recipient()
    _create_message()
    _create_message_parts()
    if op.get_bind().dialect.name == "sqlite":
        _create_counter()
    else:
        for name in SEQUENCES:
            op.execute(sa.schema.CreateSequence(sa.Sequence(name)))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _create_customers() -> None:
    op.create_table(
        "customer",
        sa.Column("id", TEXT, nullable=False, comment="chosen by the admin"),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("plan", TEXT, nullable=False, comment="empty where there is none"),
        sa.Column("language", TEXT, nullable=False, comment="BCP 47, empty for the site's"),
        sa.Column("time_zone", TEXT, nullable=False, comment="empty for the site's"),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        comment="organisations and single persons that have a contract",
    )
    op.create_table(
        "contact",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False, comment="in lower case"),
        sa.Column("customer", TEXT, nullable=True, comment="null for somebody nobody has put under a customer"),
        sa.Column("undeliverable", TEXT, nullable=False, comment="why mail to it fails, empty where it does not"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_contact_customer"),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
        comment="people who write to us",
    )
    op.create_index("ix_contact_customer", "contact", ["customer"])
    op.create_index("uq_contact_address", "contact", ["address"], unique=True)
    op.create_table(
        "customer_domain",
        sa.Column("domain", TEXT, nullable=False, comment="in lower case, matched exactly"),
        sa.Column("customer", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_customer_domain_customer"),
        sa.PrimaryKeyConstraint("domain", name="pk_customer_domain"),
        comment="mail domains whose people belong to a customer",
        **ONE_TREE,
    )
    op.create_index("ix_customer_domain_customer", "customer_domain", ["customer"])


def _create_sightings() -> None:
    op.create_table(
        "folder_seen",
        sa.Column("mailbox", TEXT, nullable=False),
        sa.Column("folder", TEXT, nullable=False),
        sa.Column("first_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=False, comment="to the minute"),
        sa.PrimaryKeyConstraint("mailbox", "folder", name="pk_folder_seen"),
        comment="good looks at a folder: the first one is a quiet start",
        **ONE_TREE,
    )
    op.create_table(
        "mailbox_lease",
        sa.Column("mailbox", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False, comment="the daemon that holds it, empty once given back"),
        sa.Column(
            "fence", BIG, nullable=False, comment="grows with every owner; writers that carry an older one are refused"
        ),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name="pk_mailbox_lease"),
        comment="who may fetch and process a mailbox",
        **ONE_TREE,
    )


def _create_mail() -> None:
    op.create_table(
        "mail",
        sa.Column("id", BIG, autoincrement=False, nullable=False, comment="ascending in the order of arrival"),
        sa.Column("mailbox", TEXT, nullable=False),
        sa.Column("folder", TEXT, nullable=False, comment="where it was fetched"),
        sa.Column("uidvalidity", BIG, nullable=False),
        sa.Column("uid", BIG, nullable=False),
        sa.Column("received_at", TIME, nullable=False, comment="INTERNALDATE, never later than the fetch"),
        sa.Column("size_bytes", BIG, nullable=False, comment="of the whole mail"),
        sa.Column(
            "blob", TEXT, nullable=False, comment="digest of the blob with the bytes, empty where raw_mail has them"
        ),
        sa.Column("partial", sa.Boolean(), nullable=False, comment="only the beginning was fetched"),
        sa.Column("answerable", sa.Boolean(), nullable=False, comment="false for Junk and quiet start"),
        sa.Column(
            "as_person", sa.Boolean(), nullable=False, comment="somebody put it back and said that a person wrote it"
        ),
        sa.Column("state", TEXT, nullable=False, comment="one of MailState: received, acknowledged, ..."),
        sa.Column("attempts", BIG, nullable=False, comment="how often processing was begun"),
        sa.Column("running", sa.Boolean(), nullable=False, comment="begun and not come back"),
        sa.Column("due_at", TIME, nullable=True, comment="not before; null for at once"),
        sa.Column("reason", TEXT, nullable=False, comment="why it is ignored, aside or a duplicate"),
        sa.Column("traceback", TEXT, nullable=False, comment="of the last failure"),
        sa.Column("duplicate_of", BIG, nullable=True, comment="the first copy"),
        sa.Column("ended_at", TIME, nullable=True, comment="when it reached its end"),
        sa.Column("now_folder", TEXT, nullable=False, comment="where it was moved on the server, empty where unknown"),
        sa.Column("now_uidvalidity", BIG, nullable=False),
        sa.Column("now_uid", BIG, nullable=False),
        sa.ForeignKeyConstraint(["duplicate_of"], ["mail.id"], name="fk_mail_duplicate_of"),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
        comment="the ledger: every mail ever fetched and where it stands",
    )


def _create_mail_indexes() -> None:
    op.create_index("ix_mail_acknowledged", "mail", ["mailbox", "running", "id"], **_where("state = 'acknowledged'"))
    op.create_index("ix_mail_aside", "mail", ["id"], **_where("state = 'aside'"))
    op.create_index("ix_mail_duplicate", "mail", ["id"], **_where("state = 'duplicate'"))
    op.create_index("ix_mail_ignored", "mail", ["id"], **_where("state = 'ignored'"))
    op.create_index(
        "ix_mail_received", "mail", ["state", "mailbox", "folder", "uidvalidity", "uid"], **_where("state = 'received'")
    )
    op.create_index("uq_mail_location", "mail", ["mailbox", "folder", "uidvalidity", "uid"], unique=True)


def _create_raw_mail() -> None:
    op.create_table(
        "raw_mail",
        sa.Column("mail", BIG, autoincrement=False, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mail"], ["mail.id"], name="fk_raw_mail_mail"),
        sa.PrimaryKeyConstraint("mail", name="pk_raw_mail"),
        comment="the bytes as they came; apart from mail, since a change of state would write them again on SQLite",
    )


def _create_ticket() -> None:
    op.create_table(
        "ticket",
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("ref", TEXT, nullable=False, comment="the ticket ID as it was issued"),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("queue", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False, comment="the site's word: incident, question, ..."),
        sa.Column("priority", BIG, nullable=False, comment="1 is most urgent"),
        sa.Column("mailbox", TEXT, nullable=False, comment="that it came to"),
        sa.Column("customer", TEXT, nullable=True),
        sa.Column("requester", BIG, nullable=False, comment="whom it belongs to"),
        sa.Column("merged_into", BIG, nullable=True, comment="the ticket that took this one over"),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False, comment="the last event"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_ticket_customer"),
        sa.ForeignKeyConstraint(["merged_into"], ["ticket.number"], name="fk_ticket_merged_into"),
        sa.ForeignKeyConstraint(["requester"], ["contact.id"], name="fk_ticket_requester"),
        sa.PrimaryKeyConstraint("number", name="pk_ticket"),
        comment="issues as they stand now",
    )
    op.create_index("ix_ticket_changed", "ticket", ["changed_at", "number"])
    op.create_index("ix_ticket_customer_changed", "ticket", ["customer", "changed_at", "number"])
    op.create_index("ix_ticket_status_changed", "ticket", ["status", "changed_at", "number"])


def _create_participant() -> None:
    op.create_table(
        "participant",
        sa.Column("ticket", BIG, autoincrement=False, nullable=False),
        sa.Column("position", BIG, autoincrement=False, nullable=False, comment="0 is the requester as a rule"),
        sa.Column("address", TEXT, nullable=False, comment="in lower case"),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name="fk_participant_ticket"),
        sa.PrimaryKeyConstraint("ticket", "position", name="pk_participant"),
        comment="whose words belong on a ticket",
        **ONE_TREE,
    )
    op.create_index("uq_participant_address", "participant", ["ticket", "address"], unique=True)


def _create_ticket_parts() -> None:
    op.create_table(
        "ticket_link",
        sa.Column("ticket", BIG, autoincrement=False, nullable=False),
        sa.Column("other", BIG, autoincrement=False, nullable=False, comment="the ticket it names"),
        sa.ForeignKeyConstraint(["other"], ["ticket.number"], name="fk_ticket_link_other"),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name="fk_ticket_link_ticket"),
        sa.PrimaryKeyConstraint("ticket", "other", name="pk_ticket_link"),
        comment="tickets that name others",
        **ONE_TREE,
    )
    op.create_table(
        "ticket_ref",
        sa.Column("ref", TEXT, nullable=False, comment="in upper case, without brackets"),
        sa.Column("ticket", BIG, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name="fk_ticket_ref_ticket"),
        sa.PrimaryKeyConstraint("ref", name="pk_ticket_ref"),
        comment="every ticket ID ever issued, for ever: keys rotate, IDs stay",
        **ONE_TREE,
    )
    op.create_table(
        "ticket_tag",
        sa.Column("ticket", BIG, autoincrement=False, nullable=False),
        sa.Column("position", BIG, autoincrement=False, nullable=False, comment="the order in which they were put on"),
        sa.Column("tag", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name="fk_ticket_tag_ticket"),
        sa.PrimaryKeyConstraint("ticket", "position", name="pk_ticket_tag"),
        comment="words put on a ticket by a rule or a person",
        **ONE_TREE,
    )
    op.create_index("uq_ticket_tag", "ticket_tag", ["ticket", "tag"], unique=True)


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False, comment="customer:ADDRESS, agent:ID, rule:ID, admin or gateway"),
        sa.Column("because", TEXT, nullable=False, comment="for a person to read"),
        sa.Column("ticket", BIG, nullable=True),
        sa.Column("mail", BIG, nullable=True, comment="that caused it, null where a person did"),
        sa.Column("details", TEXT, nullable=False, comment="JSON: pairs of name and value"),
        sa.ForeignKeyConstraint(["mail"], ["mail.id"], name="fk_event_mail"),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name="fk_event_ticket"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        comment="what happened, with its cause: every change is one row",
    )
    op.create_index("ix_event_mail", "event", ["mail"], **_where("mail IS NOT NULL AND ticket IS NULL"))
    op.create_index("ix_event_ticket", "event", ["ticket", "id"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("ticket", BIG, nullable=True),
        sa.Column("purpose", TEXT, nullable=False, comment="acknowledgement, notification, notice, ..."),
        sa.Column("envelope_sender", TEXT, nullable=False, comment="empty for the null sender"),
        sa.Column("message_id", TEXT, nullable=False, comment="without angle brackets, fixed for ever"),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("state", TEXT, nullable=False, comment="queued while a recipient is, then done"),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("due_at", TIME, nullable=False, comment="of the next attempt"),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name="fk_outbox_ticket"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        comment="mails to send; a claim counts the attempt and moves due_at before anything is sent",
    )
    op.create_index("ix_outbox_queued", "outbox", ["due_at", "id"], **_where("state = 'queued'"))
    op.create_table(
        "raw_outbox",
        sa.Column("outbox", BIG, autoincrement=False, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["outbox"], ["outbox.id"], name="fk_raw_outbox_outbox"),
        sa.PrimaryKeyConstraint("outbox", name="pk_raw_outbox"),
        comment="the final bytes; apart from outbox for the reason of raw_mail",
    )


def _create_outbox_recipient() -> None:
    op.create_table(
        "outbox_recipient",
        sa.Column("outbox", BIG, autoincrement=False, nullable=False),
        sa.Column("position", BIG, autoincrement=False, nullable=False, comment="their order in the envelope"),
        sa.Column("recipient", TEXT, nullable=False, comment="as it is written to"),
        sa.Column("address", TEXT, nullable=False, comment="the same in lower case, to look up by"),
        sa.Column("state", TEXT, nullable=False, comment="queued, sent or failed"),
        sa.Column("code", BIG, nullable=False, comment="of the last SMTP reply, 0 where there was none"),
        sa.Column("text", TEXT, nullable=False, comment="of the last SMTP reply or delivery report"),
        sa.Column("settled_at", TIME, nullable=True, comment="when it was sent or given up"),
        sa.Column("bounced_at", TIME, nullable=True, comment="when a delivery report came"),
        sa.Column("answered_at", TIME, nullable=True, comment="when an automatic answer was made"),
        sa.ForeignKeyConstraint(["outbox"], ["outbox.id"], name="fk_outbox_recipient_outbox"),
        sa.PrimaryKeyConstraint("outbox", "position", name="pk_outbox_recipient"),
        comment="where each recipient of an outgoing mail stands",
        **ONE_TREE,
    )
    op.create_index(
        "ix_outbox_recipient_answered",
        "outbox_recipient",
        ["address", "answered_at"],
        **_where("answered_at IS NOT NULL"),
    )
    op.create_index("ix_outbox_recipient_queued", "outbox_recipient", ["outbox"], **_where("state = 'queued'"))


def _create_message() -> None:
    op.create_table(
        "message",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("mail", BIG, nullable=True, comment="the mail it was read from; null for outgoing mails and notes"),
        sa.Column("outbox", BIG, nullable=True, comment="null for incoming mails and notes"),
        sa.Column("incoming", sa.Boolean(), nullable=False),
        sa.Column("at", TIME, nullable=False, comment="when it arrived or was made"),
        sa.Column("message_id", TEXT, nullable=False, comment="without angle brackets, empty where absent"),
        sa.Column("digest", TEXT, nullable=False, comment="of the decoded content; empty for outgoing mails and notes"),
        sa.Column("kind", TEXT, nullable=False, comment="person, bounce, ...; the purpose of outgoing; note"),
        sa.Column("kind_reason", TEXT, nullable=False, comment="the header or fact that proves the kind"),
        sa.Column("no_answer", TEXT, nullable=False, comment="why no answer may be sent, empty where one may"),
        sa.Column("sender", TEXT, nullable=False, comment="address"),
        sa.Column("sender_name", TEXT, nullable=False),
        sa.Column("recipients", TEXT, nullable=False, comment="JSON: addresses of To and Cc"),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False, comment="the new words alone"),
        sa.Column("document", TEXT, nullable=False, comment="JSON: the message as it was parsed"),
        sa.Column("facts", TEXT, nullable=False, comment="JSON: what the rules saw"),
        sa.Column("effects", TEXT, nullable=False, comment="JSON: what they asked for"),
        sa.Column("trace", TEXT, nullable=False, comment="JSON: every rule tried, in order"),
        sa.Column("revision", TEXT, nullable=False, comment="the state of the rule files that decided"),
        sa.ForeignKeyConstraint(["mail"], ["mail.id"], name="fk_message_mail"),
        sa.ForeignKeyConstraint(["outbox"], ["outbox.id"], name="fk_message_outbox"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        comment="mails once read, mails we send, and notes",
    )
    op.create_index("ix_message_digest", "message", ["digest"], **_where("message_id = ''"))
    op.create_index("ix_message_message_id", "message", ["message_id"], **_where("message_id <> ''"))
    op.create_index("uq_message_mail", "message", ["mail"], unique=True, **_where("mail IS NOT NULL"))
    op.create_index("uq_message_outbox", "message", ["outbox"], unique=True, **_where("outbox IS NOT NULL"))


def _create_message_parts() -> None:
    op.create_table(
        "attachment",
        sa.Column("message", BIG, autoincrement=False, nullable=False),
        sa.Column("position", BIG, autoincrement=False, nullable=False, comment="the order of the mail"),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("content_type", TEXT, nullable=False),
        sa.Column("size_bytes", BIG, nullable=False, comment="once decoded"),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.Column("content_id", TEXT, nullable=False, comment="without angle brackets"),
        sa.Column("digest", TEXT, nullable=False, comment="SHA-256 of the content, the blob's address"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_attachment_message"),
        sa.PrimaryKeyConstraint("message", "position", name="pk_attachment"),
        comment="files that came with messages",
        **ONE_TREE,
    )
    op.create_table(
        "ticket_message",
        sa.Column("ticket", BIG, autoincrement=False, nullable=False),
        sa.Column("message", BIG, autoincrement=False, nullable=False),
        sa.Column("visibility", TEXT, nullable=False, comment="public or inside"),
        sa.Column("verified", sa.Boolean(), nullable=False, comment="false for a stranger nobody vouched for"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_ticket_message_message"),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name="fk_ticket_message_ticket"),
        sa.PrimaryKeyConstraint("ticket", "message", name="pk_ticket_message"),
        comment="the messages of a ticket",
        **ONE_TREE,
    )
    op.create_index("ix_ticket_message_message", "ticket_message", ["message"])


def _create_counter() -> None:
    counter = op.create_table(
        "counter",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", BIG, nullable=False, comment="the last number given out"),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
        comment="SQLite has no sequences: one row for each, changed in the transaction that takes the numbers",
        **ONE_TREE,
    )
    op.bulk_insert(counter, [{"name": name, "value": 0} for name in SEQUENCES])
