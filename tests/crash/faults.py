"""Ports that die: every call is counted, and at a chosen one the process ends as if its power had been cut."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from mailgateway.daemon import Parts

KILLED = 77
"""The exit code of a process that was ended here."""


@dataclass(slots=True)
class Fuse:
    """Counts moments (one before and one after every call) and ends the process at one of them.

    Attributes:
        at: The moment to die at, counted from 1; 0 for never.
        moments: How many there were so far.
        log: Their names, for the failure message of a test.
    """

    at: int
    moments: int = 0
    last: str = ""

    def moment(self, name: str) -> None:
        """Pass one moment, or do not."""
        self.moments += 1
        self.last = name
        if self.moments == self.at:
            os._exit(KILLED)


class Fused:
    """Passes every call on to a real object, with a moment before and after it. No behaviour of its own."""

    def __init__(self, real: object, fuse: Fuse, name: str) -> None:
        self._real, self._fuse, self._name = real, fuse, name

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the real object has
        value = getattr(self._real, name)
        return self._wrapped(name, value) if callable(value) else value

    def _wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def fused(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 -- passed on as they are
            self._fuse.moment(f"before {self._name}.{name}")
            result = call(*args, **kwargs)
            if isinstance(result, AbstractContextManager) and name in {"batch", "savepoint"}:
                return self._context(name, result)
            self._fuse.moment(f"after {self._name}.{name}")
            return result

        return fused

    @contextmanager
    def _context(self, name: str, real: AbstractContextManager[Any]) -> Iterator[Any]:
        with real as entered:
            self._fuse.moment(f"inside {self._name}.{name}")
            yield Fused(entered, self._fuse, name) if name == "batch" else entered
            self._fuse.moment(f"before the end of {self._name}.{name}")
        self._fuse.moment(f"after the end of {self._name}.{name}")


def with_fuse(parts: Parts, fuse: Fuse) -> Parts:
    """Return the same parts behind fuses: store, blobs, mail server and relay."""
    return replace(
        parts,
        store=Fused(parts.store, fuse, "store"),
        blobs=Fused(parts.blobs, fuse, "blobs"),
        connect=lambda mailbox: Fused(parts.connect(mailbox), fuse, "imap"),
        open_relay=lambda: Fused(parts.open_relay(), fuse, "relay"),
    )
