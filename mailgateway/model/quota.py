"""Quotas: how many tickets of a sort a customer or contact may have in a period, and who used them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class QuotaKey:
    """One count: a quota, whose it is, and the period.

    Attributes:
        quota: The quota's id in the rule files.
        holder: The customer's id or the contact's address, in lower case.
        period: The first day of the period in the holder's zone, ISO 8601: `2026-11-01`.
    """

    quota: str
    holder: str
    period: str

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """The details of an event about this count."""
        return ("quota", self.quota), ("holder", self.holder), ("period", self.period)


def key_of(details: Iterable[tuple[str, str]]) -> QuotaKey | None:
    """Return which count the details of an event name (`QuotaKey.details`), None where they name none."""
    known = dict(details)
    if not known.keys() >= {"quota", "holder", "period"}:
        return None
    return QuotaKey(known["quota"], known["holder"], known["period"])


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a quota is used.

    Attributes:
        key: Which count.
        used: How many places are taken and not given back.
        tickets: The ticket IDs that take them, oldest first.
        granted: The ticket IDs that somebody let through although no place was free, oldest first.
    """

    key: QuotaKey
    used: int
    tickets: tuple[str, ...] = ()
    granted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FullQuota:
    """A quota that has no place left.

    Attributes:
        quota: Its id in the rule files.
        cap_at: The most urgent priority that a ticket beyond it has, 0 where it keeps its own.
    """

    quota: str
    cap_at: int = 0


class QuotaEntryKind(StrEnum):
    """What an entry of a quota's ledger says."""

    TAKEN = "taken"
    GIVEN_BACK = "given_back"
    GRANTED = "granted"


@dataclass(frozen=True, slots=True)
class QuotaEntry:
    """One row of a quota's ledger: never changed, what takes it back is a row of its own.

    Attributes:
        key: Which count.
        ticket: The ticket's number.
        amount: 1 where it takes a place, -1 where it gives it back, 0 for a grant that is over what is allowed.
        kind: What it says.
        actor: Who did it: `rule:ID`, `agent:ID`, `customer:ADDRESS` or `admin`.
        because: Why, for a person to read.
    """

    key: QuotaKey
    ticket: int
    amount: int
    kind: QuotaEntryKind
    actor: str
    because: str


@dataclass(frozen=True, slots=True)
class QuotaRecord:
    """An entry as it stands in the ledger.

    Attributes:
        at: When it was written; aware, UTC.
        entry: What it says.
        priority: The ticket's priority in that moment; of a taken place the priority that took it.
    """

    at: datetime
    entry: QuotaEntry
    priority: int


@dataclass(frozen=True, slots=True)
class OverQuota:
    """A ticket for which a quota had no place: what a person needs to grant an exception.

    Attributes:
        key: The count that was used up.
        uncapped: The priority the ticket would have had; 1 is most urgent.
    """

    key: QuotaKey
    uncapped: int

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """The details of the event (`EventKind.OVER_QUOTA`) that a grant later reads by `over_quota`."""
        return *self.key.details, ("uncapped", str(self.uncapped))


def over_quota(details: Iterable[tuple[str, str]]) -> OverQuota | None:
    """Return what the details of an event say of a used-up quota, None where they say nothing of one."""
    known = dict(details)
    key, uncapped = key_of(known.items()), known.get("uncapped", "")
    return OverQuota(key, int(uncapped)) if key and uncapped.isdecimal() else None
