"""Questions to a relay for `mailgateway doctor`: what it would take. Nothing is sent."""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime

from mailgateway.adapters.smtp.connection import Connection, errors_of, open_connection
from mailgateway.adapters.smtp.envelope import Reply, envelope
from mailgateway.app.doctor import AddressSeen, RelaySeen
from mailgateway.config import SmtpAccess


def probe(access: SmtpAccess, password: str, addresses: Sequence[str], host_name: str = "") -> RelaySeen:
    """Return what a relay says to the null sender and to each address, plain and as `local+probe@domain`.

    Each question ends with RSET, so no mail ever begins.

    Args:
        access: Where and how.
        password: For `access.user`.
        addresses: Our support addresses.
        host_name: What we call ourselves in EHLO; this machine's name where empty.

    Raises:
        TemporaryError: Not now.
        PermanentError: A person must change something; the text says what.
    """
    connection = open_connection(access, password, host_name)
    try:
        with errors_of(access):
            refused = _refusal(connection, "", ())
            return RelaySeen(
                certificate_until=_certificate_end(connection),
                null_sender_refused=refused,
                addresses=tuple(_address(connection, address, null=not refused) for address in addresses),
            )
    finally:
        connection.close()


def _address(connection: Connection, address: str, *, null: bool) -> AddressSeen:
    local, _, domain = address.rpartition("@")
    sender = "" if null else address
    return AddressSeen(
        address,
        _refusal(connection, sender, (address,)),
        _refusal(connection, sender, (f"{local}+probe@{domain}",)),
    )


def _refusal(connection: Connection, sender: str, recipients: Sequence[str]) -> str:
    """Return the words of the first refusal on the way to the data, "" where there is none."""
    plan = envelope(sender, recipients, b"", connection.features)
    said: list[Reply] = list(plan.refused.values())
    for command in (plan.mail, *(line for _, line in plan.recipients)):
        if not any(not reply.is_good for reply in said):
            said.append(connection.command(command))
    connection.command(b"RSET")
    return next((f"{reply.code} {reply.text}" for reply in said if not reply.is_good), "")


def _certificate_end(connection: Connection) -> datetime | None:
    if not isinstance(connection.socket, ssl.SSLSocket):
        return None
    shown = connection.socket.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
