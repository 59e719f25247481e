"""A running gateway between Postfix and Dovecot, and the people around it, as tests drive them."""

from collections.abc import Callable
from dataclasses import dataclass

from mailgateway.model.ticket import Visibility
from tests.e2e.clients import read
from tests.e2e.gateway import Gateway
from tests.servers import Dovecot, Postfix


@dataclass(frozen=True, slots=True)
class Circle:
    """A running gateway between Postfix and Dovecot, and the people around it."""

    gateway: Gateway
    postfix: Postfix
    dovecot: Dovecot
    support: str
    agent: str
    customer: str

    def send(self, raw: bytes, sender: str = "") -> None:
        """Send a mail to where it says, as the sender's mail system does."""
        self.postfix.send(sender or self.customer, [str(read(raw)["To"])], raw)

    def customer_has(self, count: int) -> tuple[bytes, ...]:
        """Return the customer's mails once there are so many."""
        return self.gateway.wait_for(lambda: _at_least(count, self.dovecot.mails(self.customer)))

    def notices(self, count: int) -> tuple[bytes, ...]:
        """Return the agent's mails once there are so many."""
        return self.gateway.wait_for(lambda: _at_least(count, self.dovecot.mails(self.agent)))

    def words(self, ref: str) -> list[tuple[str, str, Visibility, bool]]:
        """Return (sender, first line, visibility, verified) of every mail that came for a ticket."""
        messages = self.gateway.store.messages(self.gateway.store.ticket(ref).number)
        return [(m.sender, m.text.strip().split("\n")[0], m.visibility, m.verified) for m in messages if m.incoming]


def _at_least(count: int, mails: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return mails if len(mails) >= count else ()


MakeCircle = Callable[..., Circle]
