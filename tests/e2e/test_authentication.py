"""Who really wrote: signed, unsigned and forged mail on its way through Postfix and OpenDKIM to the gateway."""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

import pytest

from mailgateway.model.people import Customer
from tests.e2e.clients import read
from tests.e2e.conftest import MakeGateway
from tests.e2e.gateway import Gateway, Setting
from tests.servers import AUTHSERV_ID, Dovecot, OpenDkim, Postfix, Signer


@dataclass(frozen=True, slots=True)
class Desk:
    """A gateway behind a verifying Postfix, an agent who is told, and the domains that sign."""

    gateway: Gateway
    postfix: Postfix
    dovecot: Dovecot
    support: str
    agent: str
    client: Signer
    stranger: Signer

    @property
    def erika(self) -> str:
        """The address of somebody of the client."""
        return f"erika@{self.client.domain}"

    def notice_of(self, raw: bytes) -> str:
        """Send a mail of Erika's and return the text of the agent's notice."""
        before = len(self.dovecot.mails(self.agent))
        self.postfix.send(self.erika, [self.support], raw, verify=True)
        notices = self.gateway.wait_for(lambda: self.dovecot.mails(self.agent)[before:])
        body = read(notices[0]).get_body(("plain",))
        assert isinstance(body, EmailMessage)
        return str(body.get_content())

    def mail(self, subject: str) -> bytes:
        """Return Erika's mail as her program hands it to her server."""
        fields = (f"From: Erika Lang <{self.erika}>", f"To: {self.support}", f"Subject: {subject}")
        more = ("Date: Tue, 4 Mar 2025 09:12:00 +0000", f"Message-ID: <{subject}.{self.erika}>")
        return "\r\n".join((*fields, *more, "", "It burns.", "")).encode()

    def forged(self, raw: bytes) -> bytes:
        """Return a mail with a verdict above it that its sender wrote."""
        domain = self.client.domain
        results = f"dmarc=pass header.from={domain}; dkim=pass header.d={domain}"
        return f"Authentication-Results: {AUTHSERV_ID}; {results}\r\n".encode() + raw


@pytest.fixture
def desk(
    make_gateway: MakeGateway, dovecot: Dovecot, postfix: Postfix, opendkim: OpenDkim, new_user: Callable[[], str]
) -> Desk:
    support, agent = new_user(), new_user()
    setting = Setting(
        support,
        dovecot.imap_port,
        postfix.port,
        poll_every_s=0.5,
        mailbox=f'authserv_id = "{AUTHSERV_ID}"',
        agents=(("anna", agent),),
    )
    gateway = make_gateway(setting)
    gateway.start()
    client, stranger = (Signer.of(new_user().partition("@")[0] + ".test") for _ in range(2))
    gateway.store.import_customers([Customer("client", "Client Ltd", domains=(client.domain,))], [])
    for signer in (client, stranger):
        opendkim.publish(signer)
    return Desk(gateway, postfix, dovecot, support, agent, client, stranger)


def test_only_a_signature_of_the_authors_own_domain_proves_who_wrote(desk: Desk) -> None:
    altered = desk.client.signed(desk.mail("altered")).replace(b"It burns.", b"It is fine.")

    notices = {
        "signed": desk.notice_of(desk.client.signed(desk.mail("signed"))),
        "unsigned": desk.notice_of(desk.mail("unsigned")),
        "misaligned": desk.notice_of(desk.stranger.signed(desk.mail("misaligned"))),
        "altered": desk.notice_of(altered),
        "forged": desk.notice_of(desk.forged(desk.mail("forged"))),
        "forged and misaligned": desk.notice_of(desk.forged(desk.stranger.signed(desk.mail("both")))),
    }

    verdicts = {name: text.partition("(authentication: ")[2].partition(")")[0] for name, text in notices.items()}
    assert verdicts == {
        "signed": "pass",
        "unsigned": "none",
        "misaligned": "none",
        "altered": "none",
        "forged": "none",
        "forged and misaligned": "none",
    }
    # Who belongs to a customer by the domain alone is believed only with the signature.
    assert ["belongs to the customer client" in text for text in notices.values()] == [True] + [False] * 5
