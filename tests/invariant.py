"""What must hold after anything that died or failed: no mail is lost and none is handled twice (docs/states.md)."""

import re
from collections import Counter
from collections.abc import Sequence

from mailgateway.app.ports import Store
from mailgateway.model.ledger import MailState
from tests.servers.sink import SunkMail

TICKET_ID = re.compile(rb"^Subject: .*?\[(SUP-\d+-[A-Z]{2})\]", re.MULTILINE)
MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]+)>", re.MULTILINE | re.IGNORECASE)
MANY = 100_000


def message_ids(mails: Sequence[bytes]) -> tuple[str, ...]:
    """Return the Message-IDs of some mails."""
    return tuple(MESSAGE_ID.findall(mail)[0].decode() for mail in mails)


def assert_nothing_lost_nothing_twice(store: Store, mails: Sequence[bytes], sent: Sequence[SunkMail]) -> None:
    """Every distinct mail is one ticket or message, every ticket has one acknowledgement id, nothing waits.

    Args:
        store: The database in the end.
        mails: What came, some of it perhaps more than once.
        sent: What the sink took since the beginning: acknowledgements alone, since there are no agents.
    """
    expected = Counter(message_ids(mails))
    states = Counter(entry.state for entry in store.entries(limit=MANY))
    tickets = store.tickets(limit=MANY)
    posted = Counter(
        message.message_id for ticket in tickets for message in store.messages(ticket.number) if message.incoming
    )
    assert posted == Counter(dict.fromkeys(expected, 1))
    assert states[MailState.PROCESSED] == len(expected)
    assert set(states) <= {MailState.PROCESSED, MailState.DUPLICATE}, states
    assert dict(store.backlog().deliveries).get("queued", 0) == 0
    _assert_acknowledged({ticket.ref for ticket in tickets}, sent)


def _assert_acknowledged(refs: set[str], sent: Sequence[SunkMail]) -> None:
    ids: dict[str, set[bytes]] = {}
    for mail in sent:
        (ref,) = TICKET_ID.findall(mail.raw)
        ids.setdefault(ref.decode(), set()).update(MESSAGE_ID.findall(mail.raw))
    assert {ref: len(found) for ref, found in ids.items()} == dict.fromkeys(refs, 1)
