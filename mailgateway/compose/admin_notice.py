"""The mail that tells the admins of a fault in what they maintain: plain text, of no ticket, from no template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailgateway.compose.builder import Automatic, Draft, OutboxPlace, outgoing, support_address
from mailgateway.model.ledger import OutgoingMail
from mailgateway.model.message import Address
from mailgateway.model.site import Site
from mailgateway.model.tokens import message_id

PURPOSE = "notice"
MAX_TEXT = 100_000
CUT = "\n\n(cut: the rest is longer than a mail should be)"


@dataclass(frozen=True, slots=True)
class AdminNotice:
    """What the admins are told.

    Attributes:
        subject: On one line.
        text: Cut to MAX_TEXT (100,000) characters.
    """

    subject: str
    text: str


def admin_notice(site: Site, to: Sequence[Address], notice: AdminNotice, outbox: int, now: datetime) -> OutgoingMail:
    """Return one mail to all admins, under a reserved outbox id.

    Args:
        site: Whose support address it comes from.
        to: At least one address that can be written to.
        notice: What it says.
        outbox: The reserved id.
        now: Aware; becomes the Date.

    Raises:
        PermanentError: Nobody in `to` can be written to.
    """
    text = notice.text if len(notice.text) <= MAX_TEXT else notice.text[:MAX_TEXT] + CUT
    draft = Draft(
        sender=support_address(site),
        to=tuple(to),
        subject=notice.subject,
        text=text,
        message_id=message_id(site.keyring, None, outbox, site.host),
        date=now,
        automatic=Automatic.GENERATED,
    )
    return outgoing(draft, site, OutboxPlace(outbox, None, PURPOSE))
