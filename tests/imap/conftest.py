"""Connections of ours to the throw-away Dovecot."""

from collections.abc import Callable, Iterator

import pytest

from mailgateway.adapters.imap import ImapServer, connect
from mailgateway.config import ImapAccess
from tests.servers import Dovecot

Connect = Callable[..., ImapServer]


@pytest.fixture
def connected(dovecot: Dovecot, unique_user: str) -> Iterator[Connect]:
    """Return a function that logs the test's user in, with the access changed as wanted; all are closed in the end."""
    made: list[ImapServer] = []

    def make(**changes: object) -> ImapServer:
        settings = {"host": dovecot.host, "port": dovecot.imap_port, "security": "none", "user": unique_user}
        server = connect(ImapAccess.model_validate(settings | {"timeout_s": 20.0} | changes), dovecot.password)
        made.append(server)
        return server

    yield make
    for server in made:
        server.close()


def never() -> bool:
    return False
