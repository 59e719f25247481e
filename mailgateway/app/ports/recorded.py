"""Decisions as they were recorded, to be read again: nothing here changes anything, and nothing waits for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mailgateway.model.decision import Decision, Facts
from mailgateway.model.quota import QuotaKey
from mailgateway.rules.recount import HandAct


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time in which mails arrived.

    Attributes:
        since: Its first moment; aware.
        until: The first moment after it; aware.
    """

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class RecordedFacts:
    """What the rules saw of one mail when it was decided.

    Attributes:
        message: The message's number: those decided later have greater ones.
        mail: The ledger id of the mail.
        decided_at: Aware, UTC.
        received_at: When our mail server took the mail; aware, UTC.
        ticket: The ID of the ticket that the mail opened, or was put on; "" where there is none.
        facts: None where they were removed.
        taken: The places of quotas that it took; only read where the facts were removed.
        parts: The IDs of the tickets it was cut into, by its parts, also where that was undone; () where it was not
            cut. Of a reply the first is the ticket it was put on.
    """

    message: int
    mail: int
    decided_at: datetime
    received_at: datetime
    ticket: str
    facts: Facts | None
    taken: tuple[tuple[QuotaKey, int], ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """One decision as it was recorded, in full.

    Attributes:
        message: The message's number.
        mail: The ledger id of the mail.
        decided_at: Aware, UTC.
        facts: None where they were removed.
        decision: Its trace has no conditions: they are not kept.
        program: The version of the program that decided, "" where it did not say.
    """

    message: int
    mail: int
    decided_at: datetime
    facts: Facts | None
    decision: Decision
    program: str


class Recorded(Protocol):
    """Decisions that were recorded."""

    def count_decided(self, window: Window) -> int:
        """Return how many mails that arrived in a window were decided."""

    def decided(self, window: Window) -> Iterator[RecordedFacts]:
        """Yield the mails that arrived in a window and were decided until now, in the order of the decisions.

        Bounded memory, however many there are; no transaction is open between two of them.
        """

    def hand_acts(self, window: Window) -> Iterator[HandAct]:
        """Yield what people did to tickets in a window that gives places of quotas back, oldest first; likewise."""

    def decisions(self, ticket: int) -> tuple[RecordedDecision, ...]:
        """Return the decisions on the mails of a ticket, oldest first."""
