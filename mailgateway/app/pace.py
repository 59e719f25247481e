"""The cap on outgoing mails per minute, as relays set it: exact over every sixty seconds, not on average."""

from collections import deque
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
UNLIMITED = 1_000_000
"""What may go at once where there is no cap."""


class Pace:
    """How many mails may go when. Of one thread.

    In no sixty seconds go more than the cap; within it mails may go in a burst.

    Args:
        per_minute: The cap; 0 for none.
    """

    def __init__(self, per_minute: int) -> None:
        self._cap = per_minute
        self._spent: deque[tuple[datetime, int]] = deque()

    def allowance(self, now: datetime) -> int:
        """Return how many mails may go now.

        Args:
            now: Aware, UTC. What was spent later than now is forgotten: the clock was set back.
        """
        if not self._cap:
            return UNLIMITED
        while self._spent and not now - WINDOW < self._spent[0][0] <= now:
            self._spent.popleft()
        return max(0, self._cap - sum(count for _, count in self._spent))

    def spend(self, count: int, now: datetime) -> None:
        """Note that mails go out now, also where the relay then refuses them."""
        if self._cap and count:
            self._spent.append((now, count))
