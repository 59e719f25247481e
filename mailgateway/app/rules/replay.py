"""Replay: recorded mails decided again under two sets of rules. Nothing is sent and nothing is written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from mailgateway.app.ports import Recorded, RecordedFacts, Window
from mailgateway.rules.kinds.quota import QUOTA
from mailgateway.rules.recount import HandAct, Recount, counted_from
from mailgateway.rules.replay import IgnoredMail, Sides, Tallied, Tally, replayed_mail


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found.

    Attributes:
        both: The rules that were compared.
        window: The mails that were compared arrived in it.
        counted_from: From when on quotas were counted; the beginning of the window where there are none.
        tallied: What changes.
    """

    both: Sides
    window: Window
    counted_from: datetime
    tallied: Tallied

    @property
    def counts_quotas(self) -> bool:
        """Whether one of the sets has quotas."""
        return any(rules.rules.get(QUOTA.name) for rules in (self.both.before, self.both.after))


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told while mails are replayed.

    Attributes:
        ignored: Every mail that the new rules ignore, in full.
        total: How many mails there are to look at, once that is known.
        seen: After each of them.
    """

    ignored: Callable[[IgnoredMail], None] = lambda _: None
    total: Callable[[int], None] = lambda _: None
    seen: Callable[[], None] = lambda: None


_NOBODY = Told()


def replay(recorded: Recorded, window: Window, both: Sides, told: Told = _NOBODY) -> Replayed:
    """Return what changes of the decisions on the mails of a window.

    Quotas are counted anew for both sets, from the start of the oldest period that touches the window and in the order
    in which the mails were decided. What people gave back or took by hand is given back or taken in both. Whether a
    mail is cut, and what becomes of its parts, is decided anew; what else hangs on earlier decisions, such as the
    priority of the ticket that is replied to, is as it was recorded. A mail whose facts were
    removed is not compared; the places it took are taken in both.

    Args:
        recorded: The decisions.
        window: Which mails.
        both: The rules.
        told: Who is told meanwhile.
    """
    start = counted_from(window.since, both.before, both.after)
    whole = Window(start, window.until)
    told.total(recorded.count_decided(whole))
    run = _Run(both, recorded.hand_acts(whole))
    for one in recorded.decided(whole):
        ignored = run.take(one, counts=one.received_at >= window.since)
        if ignored is not None:
            told.ignored(ignored)
        told.seen()
    return Replayed(both, window, start, run.tally.tallied())


class _Run:
    """Decides mail after mail under both sets."""

    def __init__(self, both: Sides, acts: Iterator[HandAct]) -> None:
        self.tally = Tally(both)
        self._counts = (Recount(both.before), Recount(both.after))
        self._acts = acts
        self._next = next(acts, None)

    def take(self, one: RecordedFacts, *, counts: bool) -> IgnoredMail | None:
        """Decide one mail; return it where the new rules ignore it.

        Args:
            one: The mail.
            counts: Whether it is one of the window; of an earlier one only its quotas are counted.
        """
        self._follow(one.decided_at)
        if one.facts is None:
            self._take_unknown(one, counts=counts)
            return None
        opened = _opened(one)
        if not counts:
            for count in self._counts:
                count.count_only(one.facts, opened)
            return None
        before, after = (count.decide(one.facts, opened) for count in self._counts)
        return self.tally.note(replayed_mail(one.mail, one.received_at, one.facts), before, after)

    def _take_unknown(self, one: RecordedFacts, *, counts: bool) -> None:
        for key, priority in one.taken:
            for count in self._counts:
                count.take(key, one.ticket, priority)
        if counts:
            self.tally.note_not_comparable()

    def _follow(self, until: datetime) -> None:
        while self._next is not None and self._next.at <= until:
            for count in self._counts:
                count.follow(self._next)
            self._next = next(self._acts, None)


def _opened(one: RecordedFacts) -> tuple[str, ...]:
    """Return what the tickets are called that a mail opens, by its parts.

    One that it did not open then has the mail's number.
    """
    was_on = one.facts.get("ticket.ref") if one.facts else None
    first = one.ticket if one.ticket and one.ticket != was_on else f"M-{one.mail}"
    return first, *one.parts[1:]
