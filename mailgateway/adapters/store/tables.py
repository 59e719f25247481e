"""Every table, declared once; the migrations write the same down step by step and a test compares the two.

Names: a table holds what its name says, one a row; a column that names another table refers to it. What waits is found
by partial indexes, so that finding it costs the same however much is done.
"""

from typing import Any

import sqlalchemy as sa

from mailgateway.adapters.store.columns import BIG, UtcTime

CONVENTION = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}

metadata = sa.MetaData(naming_convention=CONVENTION)
sqlite_metadata = sa.MetaData(naming_convention=CONVENTION)
"""What only SQLite needs."""

SEQUENCES = ("mail_number", "message_number", "ticket_number", "outbox_number")
"""Where the ids come from that must be known before their rows are written. Gaps are allowed."""

for _name in SEQUENCES:
    sa.Sequence(_name, metadata=metadata)

Column = sa.Column[Any]

_ONE_TREE: dict[str, Any] = {"sqlite_with_rowid": False}
"""SQLite keeps the row in the tree of its key, instead of in one of its own beside it."""


def _text(name: str, comment: str = "") -> Column:
    return sa.Column(name, sa.Text, nullable=False, comment=comment or None)


def _number(name: str, comment: str = "") -> Column:
    return sa.Column(name, BIG, nullable=False, comment=comment or None)


def _flag(name: str, comment: str = "") -> Column:
    return sa.Column(name, sa.Boolean, nullable=False, comment=comment or None)


def _time(name: str, comment: str = "", *, nullable: bool = False) -> Column:
    return sa.Column(name, UtcTime, nullable=nullable, comment=comment or None)


def _key(name: str = "id", comment: str = "") -> Column:
    return sa.Column(name, BIG, primary_key=True, autoincrement=False, comment=comment or None)


def _counted_key() -> Column:
    return sa.Column("id", BIG, sa.Identity(), primary_key=True)


def _of(target: str, comment: str = "", *, name: str = "", nullable: bool = False, key: bool = False) -> Column:
    """Return a column that refers to the primary key of another table and is named after it."""
    table = target.partition(".")[0]
    kind = sa.Text() if table == "customer" else BIG
    reference = sa.ForeignKey(target)
    return sa.Column(
        name or table,
        kind,
        reference,
        primary_key=key,
        nullable=nullable,
        autoincrement=False if key else "auto",
        comment=comment or None,
    )


counter = sa.Table(
    "counter",
    sqlite_metadata,
    sa.Column("name", sa.Text, primary_key=True),
    _number("value", "the last number given out"),
    **_ONE_TREE,
    comment="SQLite has no sequences: one row for each, changed in the transaction that takes the numbers",
)

# --- mailboxes and the ledger ------------------------------------------------------------------------------

mailbox_lease = sa.Table(
    "mailbox_lease",
    metadata,
    sa.Column("mailbox", sa.Text, primary_key=True),
    _text("owner", "the daemon that holds it, empty once given back"),
    _number("fence", "grows with every owner; writers that carry an older one are refused"),
    _time("expires_at"),
    **_ONE_TREE,
    comment="who may fetch and process a mailbox",
)

folder_seen = sa.Table(
    "folder_seen",
    metadata,
    sa.Column("mailbox", sa.Text, primary_key=True),
    sa.Column("folder", sa.Text, primary_key=True),
    _time("first_at"),
    _time("last_at", "to the minute"),
    **_ONE_TREE,
    comment="good looks at a folder: the first one is a quiet start",
)

mail = sa.Table(
    "mail",
    metadata,
    _key(comment="ascending in the order of arrival"),
    _text("mailbox"),
    _text("folder", "where it was fetched"),
    _number("uidvalidity"),
    _number("uid"),
    _time("received_at", "INTERNALDATE, never later than the fetch"),
    _number("size_bytes", "of the whole mail"),
    _text("blob", "digest of the blob with the bytes, empty where raw_mail has them"),
    _flag("partial", "only the beginning was fetched"),
    _flag("answerable", "false for Junk and quiet start"),
    _flag("as_person", "somebody put it back and said that a person wrote it"),
    _text("state", "one of MailState: received, acknowledged, ..."),
    _number("attempts", "how often processing was begun"),
    _flag("running", "begun and not come back"),
    _time("due_at", "not before; null for at once", nullable=True),
    _text("reason", "why it is ignored, aside or a duplicate"),
    _text("traceback", "of the last failure"),
    _of("mail.id", "the first copy", name="duplicate_of", nullable=True),
    _time("ended_at", "when it reached its end", nullable=True),
    _text("now_folder", "where it was moved on the server, empty where unknown"),
    _number("now_uidvalidity"),
    _number("now_uid"),
    comment="the ledger: every mail ever fetched and where it stands",
)
sa.Index("uq_mail_location", mail.c.mailbox, mail.c.folder, mail.c.uidvalidity, mail.c.uid, unique=True)


def _partial(name: str, condition: str, *columns: Column, unique: bool = False) -> None:
    where = sa.text(condition)
    sa.Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


# The state comes first in it although it is the same in all: SQLite counts the columns that an index serves.
_partial(
    "ix_mail_received",
    "state = 'received'",
    mail.c.state,
    mail.c.mailbox,
    mail.c.folder,
    mail.c.uidvalidity,
    mail.c.uid,
)
_partial("ix_mail_acknowledged", "state = 'acknowledged'", mail.c.mailbox, mail.c.running, mail.c.id)
_partial("ix_mail_aside", "state = 'aside'", mail.c.id)
_partial("ix_mail_ignored", "state = 'ignored'", mail.c.id)
_partial("ix_mail_duplicate", "state = 'duplicate'", mail.c.id)

raw_mail = sa.Table(
    "raw_mail",
    metadata,
    _of("mail.id", key=True),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    comment="the bytes as they came; apart from mail, since a change of state would write them again on SQLite",
)

# --- people ------------------------------------------------------------------------------------------------

customer = sa.Table(
    "customer",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="chosen by the admin"),
    _text("name"),
    _text("plan", "empty where there is none"),
    _text("language", "BCP 47, empty for the site's"),
    _text("time_zone", "empty for the site's"),
    comment="organisations and single persons that have a contract",
)

customer_domain = sa.Table(
    "customer_domain",
    metadata,
    sa.Column("domain", sa.Text, primary_key=True, comment="in lower case, matched exactly"),
    _of("customer.id"),
    **_ONE_TREE,
    comment="mail domains whose people belong to a customer",
)
sa.Index("ix_customer_domain_customer", customer_domain.c.customer)

contact = sa.Table(
    "contact",
    metadata,
    _counted_key(),
    _text("name"),
    _text("address", "in lower case"),
    _of("customer.id", "null for somebody nobody has put under a customer", nullable=True),
    _text("undeliverable", "why mail to it fails, empty where it does not"),
    comment="people who write to us",
)
sa.Index("uq_contact_address", contact.c.address, unique=True)
sa.Index("ix_contact_customer", contact.c.customer)

# --- tickets -----------------------------------------------------------------------------------------------

ticket = sa.Table(
    "ticket",
    metadata,
    _key("number"),
    _text("ref", "the ticket ID as it was issued"),
    _text("title"),
    _text("status"),
    _text("queue"),
    _text("kind", "the site's word: incident, question, ..."),
    _number("priority", "1 is most urgent"),
    _text("mailbox", "that it came to"),
    _of("customer.id", nullable=True),
    _of("contact.id", "whom it belongs to", name="requester"),
    _of("ticket.number", "the ticket that took this one over", name="merged_into", nullable=True),
    _time("created_at"),
    _time("changed_at", "the last event"),
    _text("assignee", "the agent's id, empty for nobody yet"),
    _flag("priority_by_hand", "an agent set it: no rule changes it"),
    comment="issues as they stand now",
)
_partial(
    "ix_ticket_open",
    "customer IS NOT NULL AND status NOT IN ('resolved', 'closed', 'merged', 'refused')",
    ticket.c.customer,
    ticket.c.number,
)
sa.Index("ix_ticket_changed", ticket.c.changed_at, ticket.c.number)
sa.Index("ix_ticket_status_changed", ticket.c.status, ticket.c.changed_at, ticket.c.number)
sa.Index("ix_ticket_customer_changed", ticket.c.customer, ticket.c.changed_at, ticket.c.number)

ticket_ref = sa.Table(
    "ticket_ref",
    metadata,
    sa.Column("ref", sa.Text, primary_key=True, comment="in upper case, without brackets"),
    _of("ticket.number"),
    **_ONE_TREE,
    comment="every ticket ID ever issued, for ever: keys rotate, IDs stay",
)

ticket_link = sa.Table(
    "ticket_link",
    metadata,
    _of("ticket.number", key=True),
    _of("ticket.number", "the ticket it names", name="other", key=True),
    **_ONE_TREE,
    comment="tickets that name others",
)

ticket_tag = sa.Table(
    "ticket_tag",
    metadata,
    _of("ticket.number", key=True),
    _key("position", "the order in which they were put on"),
    _text("tag"),
    **_ONE_TREE,
    comment="words put on a ticket by a rule or a person",
)
sa.Index("uq_ticket_tag", ticket_tag.c.ticket, ticket_tag.c.tag, unique=True)

participant = sa.Table(
    "participant",
    metadata,
    _of("ticket.number", key=True),
    _key("position", "0 is the requester as a rule"),
    _text("address", "in lower case"),
    **_ONE_TREE,
    comment="whose words belong on a ticket",
)
sa.Index("uq_participant_address", participant.c.ticket, participant.c.address, unique=True)

event = sa.Table(
    "event",
    metadata,
    _counted_key(),
    _time("at"),
    _text("kind"),
    _text("actor", "customer:ADDRESS, agent:ID, rule:ID, admin or gateway"),
    _text("because", "for a person to read"),
    _of("ticket.number", nullable=True),
    _of("mail.id", "that caused it, null where a person did", nullable=True),
    _text("details", "JSON: pairs of name and value"),
    comment="what happened, with its cause: every change is one row",
)
sa.Index("ix_event_ticket", event.c.ticket, event.c.id)
_partial("ix_event_mail", "mail IS NOT NULL AND ticket IS NULL", event.c.mail)

# --- mails to send -----------------------------------------------------------------------------------------

outbox = sa.Table(
    "outbox",
    metadata,
    _key(),
    _of("ticket.number", nullable=True),
    _text("purpose", "acknowledgement, notification, notice, ..."),
    _text("envelope_sender", "empty for the null sender"),
    _text("message_id", "without angle brackets, fixed for ever"),
    _time("created_at"),
    _text("state", "queued while a recipient is, then done"),
    _number("attempts"),
    _time("due_at", "of the next attempt"),
    comment="mails to send; a claim counts the attempt and moves due_at before anything is sent",
)
_partial("ix_outbox_queued", "state = 'queued'", outbox.c.due_at, outbox.c.id)

raw_outbox = sa.Table(
    "raw_outbox",
    metadata,
    _of("outbox.id", key=True),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    comment="the final bytes; apart from outbox for the reason of raw_mail",
)

outbox_recipient = sa.Table(
    "outbox_recipient",
    metadata,
    _of("outbox.id", key=True),
    _key("position", "their order in the envelope"),
    _text("recipient", "as it is written to"),
    _text("address", "the same in lower case, to look up by"),
    _text("state", "queued, sent or failed"),
    _number("code", "of the last SMTP reply, 0 where there was none"),
    _text("text", "of the last SMTP reply or delivery report"),
    _time("settled_at", "when it was sent or given up", nullable=True),
    _time("bounced_at", "when a delivery report came", nullable=True),
    _time("answered_at", "when an automatic answer was made", nullable=True),
    _text("domain", "the address's, to count answers by"),
    **_ONE_TREE,
    comment="where each recipient of an outgoing mail stands",
)
_ANSWERED = "answered_at IS NOT NULL"
_partial("ix_outbox_recipient_answered", _ANSWERED, outbox_recipient.c.address, outbox_recipient.c.answered_at)
_partial("ix_outbox_recipient_domain", _ANSWERED, outbox_recipient.c.domain, outbox_recipient.c.answered_at)
_partial("ix_outbox_recipient_queued", "state = 'queued'", outbox_recipient.c.outbox)

# --- messages ----------------------------------------------------------------------------------------------

message = sa.Table(
    "message",
    metadata,
    _key(),
    _of("mail.id", "the mail it was read from; null for outgoing mails and notes", nullable=True),
    _of("outbox.id", "null for incoming mails and notes", nullable=True),
    _flag("incoming"),
    _time("at", "when it arrived or was made"),
    _text("message_id", "without angle brackets, empty where absent"),
    _text("digest", "of the decoded content; empty for outgoing mails and notes"),
    _text("kind", "person, bounce, ...; the purpose of outgoing; note"),
    _text("kind_reason", "the header or fact that proves the kind"),
    _text("no_answer", "why no answer may be sent, empty where one may"),
    _text("sender", "address"),
    _text("sender_name"),
    _text("recipients", "JSON: addresses of To and Cc"),
    _text("subject"),
    _text("text", "the new words alone"),
    _text("document", "JSON: the message as it was parsed"),
    _text("facts", "JSON: what the rules saw"),
    _text("effects", "JSON: what they asked for"),
    _text("trace", "JSON: every rule tried, in order"),
    _text("revision", "the state of the rule files that decided"),
    _text("answers", "JSON: what the stages of the rules answered, and which rule did"),
    _text("tzdata", "the version of the time zone data that was used, empty where none was"),
    _text("program", "the version of the program that decided, empty where nothing was decided"),
    _text("sender_key", "the sender in lower case, to look up by; empty for outgoing mails and notes"),
    comment="mails once read, mails we send, and notes",
)
_partial("uq_message_mail", "mail IS NOT NULL", message.c.mail, unique=True)
_partial("uq_message_outbox", "outbox IS NOT NULL", message.c.outbox, unique=True)
_partial("ix_message_message_id", "message_id <> ''", message.c.message_id)
_partial("ix_message_digest", "message_id = ''", message.c.digest)
_partial("ix_message_sender", "sender_key <> ''", message.c.sender_key, message.c.at)

ticket_message = sa.Table(
    "ticket_message",
    metadata,
    _of("ticket.number", key=True),
    _of("message.id", key=True),
    _text("visibility", "public or inside"),
    _flag("verified", "false for a stranger nobody vouched for"),
    **_ONE_TREE,
    comment="the messages of a ticket",
)
sa.Index("ix_ticket_message_message", ticket_message.c.message)

attachment = sa.Table(
    "attachment",
    metadata,
    _of("message.id", key=True),
    _key("position", "the order of the mail"),
    _text("name"),
    _text("content_type"),
    _number("size_bytes", "once decoded"),
    _flag("inline"),
    _text("content_id", "without angle brackets"),
    _text("digest", "SHA-256 of the content, the blob's address"),
    **_ONE_TREE,
    comment="files that came with messages",
)
