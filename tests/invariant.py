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
    later_parts = assert_cuts_hold(store)
    posted = Counter(
        message.message_id
        for ticket in tickets
        for message in store.messages(ticket.number)
        if message.incoming and (ticket.number, message.id) not in later_parts
    )
    assert posted == Counter(dict.fromkeys(expected, 1))
    assert states[MailState.PROCESSED] == len(expected)
    assert set(states) <= {MailState.PROCESSED, MailState.DUPLICATE}, states
    assert dict(store.backlog().deliveries).get("queued", 0) == 0
    cut_off = {number for number, _ in later_parts}
    _assert_acknowledged({ticket.ref for ticket in tickets if ticket.number not in cut_off}, sent)


def assert_cuts_hold(store: Store) -> frozenset[tuple[int, int]]:
    """Every cut has two pieces at least, numbered from 1, one of them the first's, and each ticket has its mail.

    Returns:
        (ticket, message) of the pieces that are not the first ticket's.
    """
    parts = {
        (ticket.number, message.id): message.part
        for ticket in store.tickets(limit=MANY)
        for message in store.messages(ticket.number)
    }
    seen: set[tuple[int, int]] = set()
    others: set[tuple[int, int]] = set()
    for number in sorted({ticket for (ticket, _), part in parts.items() if part}):
        for cut in store.cuts(number):
            places = {(piece.ticket, cut.message): piece.number for piece in cut.pieces}
            assert len(places) == len(cut.pieces) >= 2
            assert sorted(places.values()) == list(range(1, len(places) + 1))
            assert (cut.first, cut.message) in places
            assert places.keys() <= parts.keys()
            # A ticket that took another one in shows the whole mail.
            assert all(parts[place] in {part, 0} for place, part in places.items())
            seen |= places.keys()
            others |= places.keys() - {(cut.first, cut.message)}
    assert {place for place, part in parts.items() if part} <= seen
    return frozenset(others)


def _assert_acknowledged(refs: set[str], sent: Sequence[SunkMail]) -> None:
    ids: dict[str, set[bytes]] = {}
    for mail in sent:
        (ref,) = TICKET_ID.findall(mail.raw)
        ids.setdefault(ref.decode(), set()).update(MESSAGE_ID.findall(mail.raw))
    assert {ref: len(found) for ref, found in ids.items()} == dict.fromkeys(refs, 1)
