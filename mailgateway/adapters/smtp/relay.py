"""`Relay` on one SMTP connection, kept between mails."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from mailgateway.adapters.smtp.connection import Connection, LostError, open_connection
from mailgateway.adapters.smtp.dialogue import Dialogue
from mailgateway.adapters.smtp.envelope import Envelope, Reply, envelope, octets
from mailgateway.config import SmtpAccess
from mailgateway.errors import PermanentError, TemporaryError
from mailgateway.model.ledger import RecipientResult


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a connection is kept and waited for.

    Attributes:
        idle_s: A connection unused for longer is opened anew.
        mails: So many mails go over one connection.
        end_of_data_s: The least time for the answer to a whole mail (RFC 5321 section 4.5.3.2.6 wants ten minutes:
            who gives up earlier sends the mail twice).
    """

    idle_s: float = 60.0
    mails: int = 500
    end_of_data_s: float = 300.0


class SmtpRelay:
    """The way out: one SMTP connection, opened when the first mail goes. Not for use by two threads.

    Args:
        access: Where and how.
        password: For `access.user`; not used where that is empty.
        host_name: What we call ourselves in EHLO; this machine's name where empty.
        limits: How long a connection is kept and waited for.
    """

    def __init__(self, access: SmtpAccess, password: str, host_name: str = "", limits: Limits | None = None) -> None:
        self._access = access
        self._password = password
        self._host_name = host_name
        self._limits = limits or Limits()
        self._connection: Connection | None = None

    def send(self, envelope_sender: str, recipients: Sequence[str], raw: bytes) -> tuple[RecipientResult, ...]:
        """Hand one mail over and return one result for each recipient, in their order.

        A refusal of the sender or of the octets counts for every recipient. A connection lost on the way gives code 0
        to those nothing was decided for, also where the whole mail was sent already: it goes out again. A kept
        connection that the relay closed meanwhile is opened anew, unnoticed.

        Raises:
            TemporaryError: Nobody was told anything: no connection, no greeting, no login. Also where a person must
                change something (the text says what): the mail waits for that.
        """
        if not recipients:
            return ()
        self._retire()
        if self._connection is not None:
            plan = envelope(envelope_sender, recipients, raw, self._connection.features)
            dialogue = self._talk(self._connection, plan, raw, kept=True)
            if not dialogue.is_unheard or not plan.recipients:
                return _results(recipients, plan, dialogue)
            self.close()
        connection = self._open()
        plan = envelope(envelope_sender, recipients, raw, connection.features)
        dialogue = self._talk(connection, plan, raw, kept=False)
        if dialogue.is_unanswered:
            raise TemporaryError(f"SMTP {self._access.host}:{self._access.port}: {dialogue.lost}")
        return _results(recipients, plan, dialogue)

    def close(self) -> None:
        """QUIT where possible; never raises."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> Connection:
        try:
            self._connection = open_connection(self._access, self._password, self._host_name)
        except PermanentError as error:
            raise TemporaryError(str(error)) from error
        return self._connection

    def _retire(self) -> None:
        connection = self._connection
        if connection is None:
            return
        idle_s = time.monotonic() - connection.used_at
        if idle_s > self._limits.idle_s or connection.mails >= self._limits.mails:
            self.close()

    def _talk(self, connection: Connection, plan: Envelope, raw: bytes, *, kept: bool) -> Dialogue:
        dialogue = Dialogue()
        if not plan.recipients:
            return dialogue
        try:
            dialogue.offer(connection, plan, reset=kept)
            dialogue.finish(connection, octets(raw), self._limits.end_of_data_s)
        except LostError as error:
            dialogue.lost = dialogue.lost or str(error)
        connection.mails += 1
        connection.used_at = time.monotonic()
        if dialogue.lost:
            connection.close(politely=False)
            self._connection = None
        return dialogue


def _results(recipients: Sequence[str], plan: Envelope, dialogue: Dialogue) -> tuple[RecipientResult, ...]:
    replies: dict[int, Reply] = dict(plan.refused)
    for number, (position, _) in enumerate(plan.recipients):
        replies[position] = dialogue.about(number)
    return tuple(
        RecipientResult(recipient, replies[position].code, replies[position].text)
        for position, recipient in enumerate(recipients)
    )
