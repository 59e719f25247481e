"""Who changes tickets apart from the rules, and what that does to the places of quotas that tickets took."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailgateway.model.effects import TakeQuota
from mailgateway.model.quota import QuotaEntry, QuotaEntryKind, QuotaKey, QuotaRecord
from mailgateway.model.ticket import Event, EventKind

_EVENTS = {
    QuotaEntryKind.TAKEN: EventKind.QUOTA_TAKEN,
    QuotaEntryKind.GIVEN_BACK: EventKind.QUOTA_GIVEN_BACK,
    QuotaEntryKind.GRANTED: EventKind.GRANTED,
}


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, when and why.

    Attributes:
        at: Aware, UTC.
        actor: `agent:ID`, `admin`, or `customer:ADDRESS` where a mail asks for it.
        because: Why, for a person to read.
        mail: The ledger id of the mail that asks for it, None where a person does it by hand.
    """

    at: datetime
    actor: str
    because: str
    mail: int | None = None

    def event(self, kind: EventKind, ticket: int, *details: tuple[str, str]) -> Event:
        """Return the event of a change."""
        return Event(self.at, kind, self.actor, self.because, ticket, self.mail, details)

    def why(self, cause: str) -> str:
        """Return what was done, with the person's own reason behind it."""
        return f"{cause}: {self.because}" if self.because else cause


def places(records: Iterable[QuotaRecord]) -> tuple[QuotaRecord, ...]:
    """Return the places that tickets took and did not give back, oldest first; of several tickets at once too."""
    taken: dict[tuple[int, QuotaKey], QuotaRecord] = {}
    for record in records:
        at = record.entry.ticket, record.entry.key
        if record.entry.kind is QuotaEntryKind.TAKEN:
            taken[at] = record
        elif record.entry.kind is QuotaEntryKind.GIVEN_BACK:
            taken.pop(at, None)
    return tuple(taken.values())


def given_back(held: Sequence[QuotaRecord], act: Act, cause: str) -> tuple[QuotaEntry, ...]:
    """Return the entries that give places back, with what was done beside the person's own reason."""
    kind = QuotaEntryKind.GIVEN_BACK
    return tuple(QuotaEntry(one.entry.key, one.entry.ticket, -1, kind, act.actor, act.why(cause)) for one in held)


def taken_place(effect: TakeQuota, ticket: int) -> QuotaEntry:
    """Return a ticket's place in a quota; a granted one is over what is allowed and takes none."""
    because = "no place was free, and somebody let it through" if effect.granted else "the ticket is one that it counts"
    kind = QuotaEntryKind.GRANTED if effect.granted else QuotaEntryKind.TAKEN
    return QuotaEntry(effect.key, ticket, 0 if effect.granted else 1, kind, f"rule:{effect.rule}", because)


def quota_events(entries: Sequence[QuotaEntry], act: Act) -> tuple[Event, ...]:
    """Return the event of each entry."""
    return tuple(
        Event(act.at, _EVENTS[one.kind], one.actor, one.because, one.ticket, act.mail, one.key.details)
        for one in entries
    )
