"""The right to work on a mailbox, kept alive beside whatever takes long.

A crash leaves a lease that runs out by itself; what a stopped run still tries to write is refused by its fence.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from mailgateway.app.health import Health
from mailgateway.app.ports import Clock, Lease, Ledger
from mailgateway.errors import MailgatewayError, TemporaryError

LEASE_S = 45.0
"""How long a dead daemon's mailboxes wait for another one."""
RENEW_EVERY_S = 10.0
"""How often a living one says so."""

log = structlog.get_logger()


@dataclass(slots=True)
class Leases:
    """The leases this run holds. `keep` is called from one thread, the rest from any."""

    ledger: Ledger
    clock: Clock
    owner: str
    is_dead: Callable[[str], bool]
    health: Health
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _held: dict[str, Lease] = field(default_factory=dict)

    def held(self, mailbox: str) -> Lease | None:
        """Return the lease of a mailbox while it is ours and has not run out."""
        with self._lock:
            lease = self._held.get(mailbox)
        return lease if lease and lease.expires_at > self.clock.now() else None

    def keep(self, mailboxes: Sequence[str]) -> None:
        """Take or prolong the lease of every mailbox; one that another daemon holds is left to it."""
        for mailbox in mailboxes:
            try:
                self._renew(mailbox)
            except TemporaryError as error:
                log.warning("lease.not_renewed", mailbox=mailbox, problem=str(error))

    def lost(self, mailbox: str) -> None:
        """Forget a lease that turned out to be another's."""
        with self._lock:
            self._held.pop(mailbox, None)
        self.health.left_to_another(mailbox)

    def release(self) -> None:
        """Give every lease back, as far as the database can be reached."""
        with self._lock:
            held, self._held = tuple(self._held.values()), {}
        for lease in held:
            try:
                self.ledger.release(lease)
            except MailgatewayError as error:
                log.warning("lease.not_released", mailbox=lease.mailbox, problem=str(error))

    def _renew(self, mailbox: str) -> None:
        lease = self.ledger.acquire(mailbox, self.owner, self.clock.now(), LEASE_S, self.is_dead)
        if lease is None:
            self.lost(mailbox)
            return
        with self._lock:
            is_new = mailbox not in self._held
            self._held[mailbox] = lease
        if is_new:
            log.info("lease.taken", mailbox=mailbox, fence=lease.fence)
