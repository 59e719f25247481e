"""What the use cases need of the outside world, as Protocols. Adapters fulfil them; tests wrap them.

Every method that can fail for a passing reason raises `TemporaryError` (server gone, database locked, disk
full) and for a lasting one `PermanentError`; anything else that escapes is a bug.
"""

from typing import Protocol

from mailgateway.app.ports.desk import Author, Backlog, ByHand, Desk, HandChange, Merge, TicketMessage, Words
from mailgateway.app.ports.ledger import Batch, Lease, Ledger
from mailgateway.app.ports.outbox import Outbox
from mailgateway.app.ports.recorded import Recorded, RecordedDecision, RecordedFacts, Window
from mailgateway.app.ports.world import Blobs, Clock, Folder, Listed, MailServer, PutAway, Relay

__all__ = [
    "Author",
    "Backlog",
    "Batch",
    "Blobs",
    "ByHand",
    "Clock",
    "Desk",
    "Folder",
    "HandChange",
    "Lease",
    "Ledger",
    "Listed",
    "MailServer",
    "Merge",
    "Outbox",
    "PutAway",
    "Recorded",
    "RecordedDecision",
    "RecordedFacts",
    "Relay",
    "Store",
    "TicketMessage",
    "Window",
    "Words",
]


class Store(Ledger, Outbox, Desk, Recorded, Protocol):
    """The database. Methods may be called from several threads."""

    def close(self) -> None:
        """Let go of every connection."""
