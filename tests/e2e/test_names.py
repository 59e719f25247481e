"""Mail that has lost every mark of ours, on real servers: a conversation of Outlook, a number of another system."""

from base64 import b64encode
from collections.abc import Callable

import pytest

from mailgateway.model.ticket import EventKind
from tests.e2e.clients import new_mail, read
from tests.e2e.conftest import MakeGateway
from tests.e2e.gateway import Gateway, Setting
from tests.servers import Certificates, Dovecot, Postfix

BLOCK = bytes.fromhex("01d5c0366905" + "ab" * 16)


@pytest.fixture
def gateway(
    make_gateway: MakeGateway,
    dovecot: Dovecot,
    postfix: Postfix,
    certificates: Certificates,
    new_user: Callable[[], str],
) -> Gateway:
    setting = Setting(
        new_user(), dovecot.imap_port, postfix.port, "", str(certificates.ca_file), agents=(("anna", new_user()),)
    )
    made = make_gateway(setting)
    made.start()
    return made


def marked(raw: bytes, **headers: str) -> bytes:
    mail = read(raw)
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    return bytes(mail)


def test_mail_that_has_lost_our_marks_finds_its_ticket_by_the_names_that_others_gave(
    gateway: Gateway, dovecot: Dovecot, postfix: Postfix, new_user: Callable[[], str]
) -> None:
    customer, support = new_user(), gateway.setting.address

    def send(subject: str, **headers: str) -> None:
        postfix.send(customer, [support], marked(new_mail(customer, support, subject), **headers))

    send("Printer", Thread_Topic="Printer", Thread_Index=b64encode(BLOCK).decode())
    (acknowledgement,) = gateway.wait_for(lambda: dovecot.mails(customer))
    answered = str(read(acknowledgement)["Message-ID"])
    send("[Ticket#4711] Printer", In_Reply_To=answered, Auto_Submitted="auto-replied")
    gateway.wait_until_done(2)
    send("Ticket #4711: any news?")
    gateway.wait_until_done(3)
    send("AW: Printer", Thread_Topic="Printer", Thread_Index=b64encode(BLOCK + b"12345").decode())
    gateway.wait_until_done(4)
    send("Invoice", Thread_Topic="Printer", Thread_Index=b64encode(BLOCK + b"67890").decode())
    gateway.wait_until_done(5)

    events = gateway.store.history(1)
    assert [dict(event.details)["rung"] for event in events if event.kind is EventKind.MESSAGE] == [
        "our_message_id",
        "foreign_ref",
        "conversation",
    ]
    assert sorted(ticket.title for ticket in gateway.store.tickets()) == ["Invoice", "Printer"]
