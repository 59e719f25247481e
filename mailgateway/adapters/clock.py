"""The machine's clock, behind `app.ports.Clock`. Keeps nothing, so a crash loses nothing."""

import random
from datetime import UTC, datetime


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """Return the present moment, aware, UTC."""
        return datetime.now(UTC)

    def jitter(self) -> float:
        """Return a random number, 0 <= x < 1, to spread retries."""
        return random.random()  # noqa: S311 -- spreads retries, keeps no secret
