"""Small whole values to put into a store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mailgateway.model.decision import Decision, Facts, Keys, NewTicket, Outcome, Post, ReservedIds, Step
from mailgateway.model.effects import Acknowledge, NotifyAgents, OpenTicket
from mailgateway.model.ledger import FetchedMail, Location, MailState, OutgoingMail
from mailgateway.model.message import Address, Attachment, Body, Classification, Message, MessageKind
from mailgateway.model.ticket import Event, EventKind, Status, Ticket, Visibility

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MAILBOX = "support"
ANNA = "anna@example.com"
AGENT = "agent@help.test"


def fetched(uid: int, *, folder: str = "INBOX", uidvalidity: int = 7, mailbox: str = MAILBOX) -> FetchedMail:
    raw = f"Subject: mail {uid}\r\n\r\nwords".encode()
    return FetchedMail(Location(mailbox, folder, uidvalidity, uid), NOW, len(raw), raw)


def message(number: int = 1, **changes: object) -> Message:
    plain = Message(
        headers=(("from", "Anna <anna@example.com>"), ("subject", "It is broken")),
        message_id=f"m{number}@example.com",
        in_reply_to="",
        references=(),
        subject="It is broken",
        sender=Address("Anna", ANNA),
        reply_to=(),
        to=(Address("", "support@help.test"),),
        cc=(),
        return_path=ANNA,
        date=NOW,
        body=Body("It is broken.", "", "", "It is broken."),
        attachments=(Attachment("a.txt", "text/plain", 5, inline=False, content_id="", digest="d" * 64),),
        reports=(),
        forwarded=None,
        partial=False,
        digest=f"digest{number}",
        defects=(),
    )
    return replace(plain, **changes)  # type: ignore[arg-type] # the names are checked when it runs


def keys(read: Message, **changes: object) -> Keys:
    plain = Keys(MAILBOX, read.message_id, read.digest, read.sender.key)
    return replace(plain, **changes)  # type: ignore[arg-type]


def new_ticket(number: int, **changes: object) -> NewTicket:
    plain = NewTicket(
        number=number,
        ref=f"SUP-{number}-QX",
        title="It is broken",
        status=Status.NEW,
        queue="support",
        kind="question",
        priority=3,
        mailbox=MAILBOX,
        customer=None,
        requester_name="Anna",
        requester_address=ANNA,
        participants=(ANNA, "bert@example.com"),
        tags=("new", "angry"),
        links=(),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def outgoing(number: int, ticket: int | None, recipient: str = ANNA, purpose: str = "acknowledgement") -> OutgoingMail:
    return OutgoingMail(
        id=number,
        ticket=ticket,
        purpose=purpose,
        envelope_sender="",
        recipients=(recipient,),
        message_id=f"t{ticket}.o{number}.mac@help.test",
        raw=b"Subject: x\r\n\r\nwe have it\r\n",
        text="we have it",
        subject="x",
    )


def event(kind: EventKind, ticket: int | None = None, mail: int | None = None, at: datetime = NOW) -> Event:
    return Event(at, kind, "gateway", "because", ticket, mail, (("rule", "built-in"),))


def opened(mail: int, ids: ReservedIds, read: Message, **changes: object) -> Outcome:
    """Return the outcome of a mail that becomes a ticket: acknowledged, and an agent notified."""
    ticket = ids.tickets[0]
    plain = Outcome(
        mail=mail,
        state=MailState.PROCESSED,
        reason="",
        duplicate_of=None,
        at=NOW,
        message=read,
        classification=Classification(MessageKind.PERSON, "", ""),
        facts=Facts((("message.kind", "person"), ("customer.known", False), ("message.age_s", None), ("n", 3))),
        decision=Decision(
            (OpenTicket("r1", "support", "question", 3), Acknowledge("r2"), NotifyAgents("r3", ("support",))),
            (Step("r1", matched=True, evidence="no ticket"),),
            "built-in",
        ),
        tickets=(new_ticket(ticket),),
        posts=(Post(ticket, Visibility.PUBLIC, verified=True),),
        events=tuple(
            event(kind, ticket, mail)
            for kind in (EventKind.OPENED, EventKind.MESSAGE, EventKind.ACKNOWLEDGED, EventKind.NOTIFIED)
        ),
        outgoing=(
            outgoing(ids.outbox[0], ticket),
            outgoing(ids.outbox[1], ticket, AGENT, "notification"),
        ),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


TICKET = Ticket(
    number=1,
    ref="SUP-1-QX",
    title="It is broken",
    status=Status.NEW,
    queue="support",
    kind="question",
    priority=3,
    mailbox=MAILBOX,
    customer=None,
    requester=1,
    requester_address=ANNA,
    participants=(ANNA, "bert@example.com"),
    tags=("new", "angry"),
    merged_into=None,
    created_at=NOW,
    changed_at=NOW,
)
"""What `opened` makes the first ticket of an empty store."""
