"""The running program: which threads there are, how they are woken and how they end.

One thread for each mailbox (fetch and wait), one worker (process), one deliverer (send), one that keeps the leases,
and the health port. Every thread can die with the process at any moment: what they share is in the store.
"""

from mailgateway.daemon.parts import Parts, open_parts
from mailgateway.daemon.run import Daemon, run_once

__all__ = ["Daemon", "Parts", "open_parts", "run_once"]
