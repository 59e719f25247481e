"""Mails to send."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from mailgateway.model.ledger import Delivery, OutgoingMail, RecipientResult


class Outbox(Protocol):
    """Mails to send."""

    def post(self, compose: Callable[[int], OutgoingMail], at: datetime) -> None:
        """Put one mail of no ticket into the outbox, due at once.

        Args:
            compose: Makes it, under the outbox id it is given; called in the transaction.
            at: Aware, UTC.
        """

    def claim(self, now: datetime, limit: int, retry_at: Mapping[int, datetime]) -> tuple[Delivery, ...]:
        """Claim deliveries that are due: attempt + 1 and the next attempt's time are committed first.

        Args:
            now: Aware, UTC.
            limit: At most so many.
            retry_at: When a row is due again if this attempt never comes back, by the number of the attempt; the
                greatest key serves every later one.
        """

    def renew_claims(self, deliveries: Sequence[Delivery], until: datetime) -> None:
        """Put off to `until` when claims that are not settled are due again; another's are left alone.

        Args:
            deliveries: The claims.
            until: Aware, UTC. What is due later than that stays so.
        """

    def settle_all(
        self,
        settled: Sequence[tuple[Delivery, Sequence[RecipientResult], datetime | None]],
        now: datetime,
    ) -> None:
        """Write down what the relay said, in one commit; a failed recipient becomes an event on the ticket.

        Args:
            settled: Claims, each with a result for every recipient that was tried, and when to try those with 4xx or 0
                again; None gives them up as failed.
            now: Aware, UTC.
        """
