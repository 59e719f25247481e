"""Values for tests: each function returns a plain one, and takes what a test wants different."""

from dataclasses import replace
from datetime import UTC, datetime

from mailgateway.model.decision import Keys, Known, KnownDelivery, KnownMessage, Rung, Threading
from mailgateway.model.message import (
    Address,
    Attachment,
    Body,
    Classification,
    DeliveryReport,
    Message,
    MessageKind,
)
from mailgateway.model.people import Agent, Authentication, Contact, Customer, Role, Standing
from mailgateway.model.site import Site
from mailgateway.model.ticket import Status, Ticket, Visibility
from mailgateway.model.tokens import Key, Keyring
from mailgateway.rules.facts import Sources

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
KEYRING = Keyring((Key("a", b"a secret for tests"),))
ANNA = Agent("anna", "Anna Agent", ("anna@acme.example", "anna@home.example"))
BERT = Agent("bert", "Bert Agent", ("bert@acme.example",), ("sales",))
SUPPORT = "support@acme.example"
CUSTOMER_ADDRESS = "carla@customer.example"

PLAIN_MESSAGE = Message(
    headers=(("from", "Carla <carla@customer.example>"), ("to", SUPPORT), ("subject", "The printer is on fire")),
    message_id="m1@customer.example",
    in_reply_to="",
    references=(),
    subject="The printer is on fire",
    sender=Address("Carla", CUSTOMER_ADDRESS),
    reply_to=(),
    to=(Address("", SUPPORT),),
    cc=(),
    return_path=CUSTOMER_ADDRESS,
    date=NOW,
    body=Body("It burns.", "", "", "It burns."),
    attachments=(),
    reports=(),
    forwarded=None,
    partial=False,
    digest="d1",
    defects=(),
)
PLAIN_TICKET = Ticket(
    number=1042,
    ref="SUP-1042-QX",
    title="The printer is on fire",
    status=Status.NEW,
    queue="support",
    kind="question",
    priority=3,
    mailbox="support",
    customer="customer",
    requester=7,
    requester_address=CUSTOMER_ADDRESS,
    participants=(CUSTOMER_ADDRESS,),
    tags=(),
    merged_into=None,
    created_at=NOW,
    changed_at=NOW,
)
PLAIN_SITE = Site(
    mailbox="support",
    address=SUPPORT,
    display_name="Acme Support",
    plus_addressing=True,
    host="acme.example",
    prefix="SUP",
    keyring=KEYRING,
    own_addresses=frozenset({SUPPORT, "help@acme.example"}),
    agents=(ANNA, BERT),
)
PERSON = Classification(MessageKind.PERSON, "", "")


def message(
    *headers: tuple[str, str], sender: str = CUSTOMER_ADDRESS, text: str = "It burns.", **changes: object
) -> Message:
    """Return a person's plain mail to the support address, with more headers (names in lower case) and other fields."""
    plain = replace(
        PLAIN_MESSAGE,
        headers=PLAIN_MESSAGE.headers + headers,
        sender=Address("Carla", sender),
        body=Body(text, "", "", text),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the fields of Message


def ticket(number: int = 1042, **changes: object) -> Ticket:
    """Return a new ticket of the customer; its ID follows from its number."""
    return replace(PLAIN_TICKET, number=number, ref=f"SUP-{number}-QX", **changes)  # type: ignore[arg-type]  # its fields


def known(**changes: object) -> Known:
    """Return what the store holds: nothing but what the test says."""
    return replace(Known(), **changes)  # type: ignore[arg-type]  # the fields of Known


def keys(**changes: object) -> Keys:
    """Return the look-up keys of the plain mail."""
    plain = Keys("support", "m1@customer.example", "d1", CUSTOMER_ADDRESS)
    return replace(plain, **changes)  # type: ignore[arg-type]  # the fields of Keys


def site(**changes: object) -> Site:
    """Return a site with one mailbox, an alias and two agents."""
    return replace(PLAIN_SITE, **changes)  # type: ignore[arg-type]  # the fields of Site


def contact(address: str = CUSTOMER_ADDRESS, customer: str | None = "customer", **changes: object) -> Contact:
    """Return a contact, of the customer unless said otherwise."""
    return replace(Contact(7, "Carla", address, customer), **changes)  # type: ignore[arg-type]  # its fields


def customer(**changes: object) -> Customer:
    """Return the customer whose domain is customer.example."""
    return replace(Customer("customer", "Customer Ltd", "gold", ("customer.example",)), **changes)  # type: ignore[arg-type]  # its fields


def known_message(message_id: str, *tickets: int, ours: bool = False, **changes: object) -> KnownMessage:
    """Return a message in the store, on tickets."""
    plain = KnownMessage(message_id, "" if ours else "d0", ours, None if ours else 1, tickets)
    return replace(plain, **changes)  # type: ignore[arg-type]  # the fields of KnownMessage


def delivery(number: int = 5512, ticket: int | None = 1042, *recipients: str) -> KnownDelivery:
    """Return an outgoing mail a bounce may be about; to the customer unless said otherwise."""
    return KnownDelivery(number, ticket, f"o{number}@acme.example", recipients or (CUSTOMER_ADDRESS,))


def report(recipient: str = CUSTOMER_ADDRESS, **changes: object) -> DeliveryReport:
    """Return what a bounce says of one recipient who does not exist."""
    plain = DeliveryReport(
        recipient, "5.1.1", permanent=True, original_message_id="", envelope_id="", diagnostic="gone"
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # its fields


def attachment(content_type: str, name: str = "file") -> Attachment:
    """Return a small attachment."""
    return Attachment(name, content_type, 10, inline=False, content_id="", digest="")


def standing(role: Role = Role.REQUESTER, *, may_post: bool = True, **changes: object) -> Standing:
    """Return the standing of the ticket's requester."""
    plain = Standing(role, Authentication.NONE, may_post, "writes from the requester's address")
    return replace(plain, **changes)  # type: ignore[arg-type]  # the fields of Standing


def threading(found: Ticket | None = None, **changes: object) -> Threading:
    """Return a threading: of a new ticket, or on the one given, found by its ID, by its requester."""
    rung = Rung.TICKET_ID if found else Rung.NONE
    plain = Threading(rung, found, Visibility.PUBLIC, verified=True, standing=standing(), mentions=(), because="")
    return replace(plain, **changes)  # type: ignore[arg-type]  # the fields of Threading


def sources(found: Message = PLAIN_MESSAGE, place: Threading | None = None, **changes: object) -> Sources:
    """Return everything facts are read from: the plain mail of a person who opens a ticket, answerable, at NOW."""
    plain = Sources(
        message=found,
        classification=PERSON,
        threading=place or threading(),
        known=known(),
        site=PLAIN_SITE,
        answerable=True,
        arrived=NOW,
        text=found.body.text,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the fields of Sources
