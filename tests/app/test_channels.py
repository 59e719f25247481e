"""Mail that a robot brought: the person inside gets the ticket and the answer, within bounds."""

from email import message_from_bytes, policy

import pytest

from mailgateway.adapters.languages import LanguageModel
from mailgateway.app.assess import Assessment, assess, prepare, read_message
from mailgateway.app.snapshot import Snapshot, snapshot
from mailgateway.compose.templates import Templates
from mailgateway.config import ChannelConfig, Config, MailboxConfig, SiteConfig
from mailgateway.model.decision import Known
from mailgateway.model.effects import Acknowledge, Effect, NotifyAgents, OpenTicket, StaySilent
from mailgateway.model.message import Address, MessageKind
from mailgateway.model.people import Authentication, Role
from mailgateway.parsers.message import parse
from tests.app.decisions import FETCHED, MAIL, planned
from tests.app.parts import config, mail
from tests.compose.values import SHIPPED
from tests.factories import KEYRING, customer, known, ticket

WEB = "Website <noreply@web.example>"
CHANNELS = (
    ChannelConfig(name="web", kind="form", addresses=("noreply@web.example",)),
    ChannelConfig(name="chat", kind="chat", addresses=("*@chat.example",)),
    ChannelConfig(name="group", kind="list", list_ids=("help.acme.example",)),
)
GERMAN = {
    "de/acknowledgement.txt": "Subject: [{{ ticket_id }}] Ihre Anfrage\n\nGuten Tag, Ihre Anfrage ist da.\n",
}
ROBOT = ("Return-Path: <>", "Auto-Submitted: auto-generated")
CARLA = "carla@customer.example"


def seen_by(written: Config | None = None, *, languages: bool = False) -> Snapshot:
    model = LanguageModel() if languages else None
    return snapshot(written or config(channel=CHANNELS), KEYRING, Templates(SHIPPED, GERMAN), model)


SNAPSHOT = seen_by()


def form(
    *headers: str, address: str = CARLA, text: str = "Buy at http://evil.example", subject: str = "Cheap"
) -> bytes:
    fields = f"Name: Carla\r\nEmail: {address}\r\nSubject: {subject}\r\nPhone: 0123\r\nMessage: {text}"
    return mail("form", *ROBOT, *headers, sender=WEB, text=fields)


def assessed(raw: bytes, found: Known | None = None, written: Snapshot = SNAPSHOT) -> Assessment:
    reading = read_message(parse(raw).message, FETCHED, written)
    return assess(prepare(reading, MAIL, found or known(), written.rules), (), written.rules)


def kinds(assessment: Assessment) -> list[type[Effect]]:
    return [type(effect) for effect in assessment.decision.effects]


def sent(assessment: Assessment, purpose: str, written: Snapshot = SNAPSHOT) -> list[tuple[tuple[str, ...], str, str]]:
    """Return (recipients, To and Subject, text) of the mails of one purpose."""
    found = []
    for row in planned(assessment, written).outgoing:
        if row.purpose == purpose:
            read = message_from_bytes(row.raw, policy=policy.default)
            body = read.get_body(("plain",))
            found.append((row.recipients, f"{read['To']} {read['Subject']}", body.get_content() if body else ""))
    return found


def test_a_forms_visitor_opens_the_ticket_and_gets_the_answer() -> None:
    assessment = assessed(form())

    outcome = planned(assessment, SNAPSHOT)

    assert kinds(assessment) == [OpenTicket, Acknowledge, NotifyAgents]
    assert [(new.requester_address, new.requester_name, new.title) for new in outcome.tickets] == [
        (CARLA, "Carla", "Cheap")
    ]
    assert [recipients for recipients, _, _ in sent(assessment, "acknowledgement")] == [(CARLA,)]


def test_an_address_that_was_typed_gets_none_of_the_words_typed_beside_it() -> None:
    ((_, head, text),) = sent(assessed(form(text="Buy at http://evil.example [SUP-1-AB]")), "acknowledgement")

    assert not [word for word in ("evil", "Cheap", "Carla ", "SUP-1-AB") if word in head + text]


def test_agents_see_every_field_and_where_it_came_from() -> None:
    ((_, _, text),) = sent(assessed(form()), "notification")

    expected = ["Phone: 0123", "Buy at http://evil.example", "the contact form web (noreply@web.example)", f"<{CARLA}>"]
    assert [words for words in expected if words not in text] == []


@pytest.mark.parametrize(("recent", "answered"), [(0, True), (1, True), (2, False), (9, False)])
def test_typed_addresses_have_a_small_budget_of_answers(recent: int, answered: bool) -> None:
    through_form = assessed(form(), known(recent_answers=recent))
    direct = assessed(mail("direct"), known(recent_answers=recent))

    assert kinds(through_form) == [OpenTicket, Acknowledge if answered else StaySilent, NotifyAgents]
    assert kinds(direct) == [OpenTicket, Acknowledge, NotifyAgents]


def test_a_typed_address_has_no_standing_on_a_ticket() -> None:
    theirs = ticket()
    found = known(refs=((theirs.ref, theirs.number),), tickets=(theirs,), customer=customer(), customer_by="address")

    typed = assessed(form(subject=theirs.ref, text=f"about {theirs.ref}"), found)
    direct = assessed(mail("direct", subject=theirs.ref), found)

    assert (typed.prepared.threading.ticket, typed.prepared.threading.mentions) == (None, (theirs.number,))
    assert typed.prepared.threading.standing.role is Role.STRANGER
    assert direct.prepared.threading.ticket == theirs


def test_a_typed_address_gets_neither_the_customer_nor_the_plan_of_its_owner() -> None:
    found = known(customer=customer(), customer_by="address")

    typed, direct = assessed(form(), found), assessed(mail("direct"), found)

    names = ("customer.known", "customer.id", "customer.open_tickets")
    assert [typed.facts.get(name) for name in names] == [False, None, None]
    assert [direct.facts.get(name) for name in names] == [True, "customer", 0]
    assert [new.customer for new in planned(typed, SNAPSHOT).tickets] == [None]


def test_what_the_carrier_proves_is_not_the_visitors() -> None:
    believing = config(channel=CHANNELS)
    mailbox: MailboxConfig = believing.mailbox[0].model_copy(update={"authserv_id": "mx.acme.example"})
    written = seen_by(believing.model_copy(update={"mailbox": (mailbox,)}))
    passed, failed = (
        form(f"Authentication-Results: mx.acme.example; dmarc={verdict} header.from=web.example")
        for verdict in ("pass", "fail")
    )

    genuine, forged = assessed(passed, written=written), assessed(failed, written=written)

    assert genuine.prepared.reading.keys.authentication is Authentication.NONE
    assert genuine.prepared.reading.message.sender == Address("Carla", CARLA)
    assert forged.prepared.reading.message.relay is None
    assert Acknowledge not in kinds(forged)


def test_an_unconfigured_look_alike_makes_us_write_to_nobody_else() -> None:
    raw = mail("look", sender="Eve <eve@elsewhere.example>", text=f"Name: Carla\r\nEmail: {CARLA}\r\nMessage: Prize!")

    assessment = assessed(raw)

    assert [recipients for recipients, _, _ in sent(assessment, "acknowledgement")] == [("eve@elsewhere.example",)]


def test_a_chats_visitor_is_answered_and_agents_read_the_whole_conversation() -> None:
    text = f"Name: Carla\r\nEmail: {CARLA}\r\n\r\n[10:00] Carla: my invoice is wrong\r\n[10:01] Olga: which one?"
    assessment = assessed(mail("chat", *ROBOT, sender="Chat <transcripts@chat.example>", text=text))

    ((_, _, notice),) = sent(assessment, "notification")

    assert [recipients for recipients, _, _ in sent(assessment, "acknowledgement")] == [(CARLA,)]
    assert "Carla (visitor): my invoice is wrong\nOlga (operator): which one?" in notice.replace("\r\n", "\n")


def test_the_author_of_a_groups_copy_is_the_requester_and_keeps_standing() -> None:
    headers = ("List-Id: <help.acme.example>", "Precedence: list", f"X-Original-From: Carla <{CARLA}>")
    raw = mail("copy", *headers, sender="'Carla' via Help <help@groups.example>", subject="SUP-1042-QX")
    theirs = ticket()

    new = assessed(raw)
    reply = assessed(raw, known(refs=((theirs.ref, theirs.number),), tickets=(theirs,)))

    assert new.prepared.reading.classification.kind is MessageKind.PERSON
    assert [made.requester_address for made in planned(new, SNAPSHOT).tickets] == [CARLA]
    assert reply.prepared.threading.ticket == theirs


def test_a_forward_stays_the_forwarders_and_agents_see_who_wrote_it() -> None:
    text = (
        "Please answer.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Zoe <zoe@client.example>\r\n"
        "Date: Mon, Mar 3, 2025 at 10:12 AM\r\nSubject: Question\r\nTo: x@y.example\r\n\r\nHow do I log in?"
    )
    assessment = assessed(mail("forward", text=text, subject="Fwd: Question"))

    ((_, _, notice),) = sent(assessment, "notification")

    assert [new.requester_address for new in planned(assessment, SNAPSHOT).tickets] == [CARLA]
    assert "Zoe <zoe@client.example>, 2025-03-03T10:12:00, Question" in notice
    assert "How do I log in?" in notice


def test_the_answer_is_in_the_language_of_the_mail_where_there_is_a_template() -> None:
    written = seen_by(config(site=SiteConfig(languages=("en", "de", "sv"))), languages=True)
    texts = ("unser Drucker druckt nicht mehr", "vår skrivare har slutat fungera", "our printer does not print")

    subjects = [sent(assessed(mail("m", text=text), written=written), "acknowledgement", written)[0] for text in texts]

    assert ["Ihre Anfrage" in head for _, head, _ in subjects] == [True, False, False]


def test_the_customers_own_language_comes_before_the_mails() -> None:
    written = seen_by(config(site=SiteConfig(languages=("en", "de"))), languages=True)
    found = known(customer=customer(language="de"), customer_by="address")

    ((_, head, _),) = sent(
        assessed(mail("m", text="our printer does not print"), found, written), "acknowledgement", written
    )

    assert "Ihre Anfrage" in head
