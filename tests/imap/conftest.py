"""An account on each of two servers, and connections of ours to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import imapclient
import pytest

from mailgateway.adapters.imap import ImapServer, connect
from mailgateway.config import ImapAccess
from mailgateway.demo.servers import mail_servers
from tests.servers import PATIENCE_S, Dovecot

Connect = Callable[..., ImapServer]


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox no other test knows."""

    port: int
    user: str
    password: str

    def client(self) -> imapclient.IMAPClient:
        """Return another client's connection, a context manager."""
        connection = imapclient.IMAPClient("127.0.0.1", self.port, ssl=False, timeout=PATIENCE_S)
        connection.login(self.user, self.password)
        return connection

    def append(self, *raws: bytes) -> None:
        """Put mails into INBOX."""
        with self.client() as connection:
            for raw in raws:
                connection.append("INBOX", raw)

    def mails(self, folder: str = "INBOX") -> tuple[bytes, ...]:
        """Return every mail of a folder, oldest first."""
        with self.client() as connection:
            connection.select_folder(folder, readonly=True)
            fetched = connection.fetch(connection.search("ALL"), ["BODY.PEEK[]"])
            return tuple(fetched[uid][b"BODY[]"] for uid in sorted(fetched))


@pytest.fixture(params=["dovecot", "pymap"])
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    """Return the account on one server after the other: what both must do."""
    if request.param == "dovecot":
        dovecot: Dovecot = request.getfixturevalue("dovecot")
        yield Account(dovecot.imap_port, request.getfixturevalue("unique_user"), dovecot.password)
        return
    with mail_servers() as servers:
        yield Account(servers.imap_port, servers.user, servers.password)


@pytest.fixture
def connected() -> Iterator[Connect]:
    """Return a function that logs in to an account, with the access changed as wanted; all are closed in the end."""
    made: list[ImapServer] = []

    def make(account: Account, **changes: object) -> ImapServer:
        settings = {"host": "127.0.0.1", "port": account.port, "security": "none", "user": account.user}
        access = ImapAccess.model_validate(settings | {"timeout_s": PATIENCE_S} | changes)
        made.append(connect(access, account.password))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.fixture
def on_dovecot(dovecot: Dovecot, unique_user: str) -> Account:
    """Return an account on Dovecot alone."""
    return Account(dovecot.imap_port, unique_user, dovecot.password)


def never() -> bool:
    return False
