"""Rules in which something goes wrong while they are tried: counted, and told when one keeps failing."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailgateway.model.decision import Decision

TIMES = 5
WITHIN = timedelta(minutes=10)


def failures_after(earlier: Iterable[datetime], at: datetime) -> tuple[datetime, ...]:
    """Return the failures of a rule that still count once it failed at a moment, that one among them."""
    return (*(one for one in earlier if at - one <= WITHIN), at)[-TIMES:]


@dataclass(frozen=True, slots=True)
class Failing:
    """A rule that failed TIMES (5) times WITHIN (10 minutes).

    Attributes:
        rule: Its id.
        error: What went wrong the last time.
        revision: Of the rule files.
    """

    rule: str
    error: str
    revision: str


@dataclass(slots=True)
class RuleErrors:
    """The failures of all rules since the start. Safe to use from several threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _total: Counter[str] = field(default_factory=Counter)
    _recent: dict[tuple[str, str], tuple[datetime, ...]] = field(default_factory=dict)
    _due: dict[tuple[str, str], Failing] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def note(self, decision: Decision, at: datetime) -> None:
        """Count what failed in a decision that was written at a moment."""
        failed = [step for step in decision.trace if step.error]
        with self._lock:
            for step in failed:
                self._note(Failing(step.rule, step.error, decision.revision), at)

    def _note(self, failing: Failing, at: datetime) -> None:
        key = (failing.revision, failing.rule)
        self._total[failing.rule] += 1
        self._recent[key] = failures_after(self._recent.get(key, ()), at)
        if len(self._recent[key]) == TIMES and key not in self._told:
            self._due[key] = failing

    def totals(self) -> tuple[tuple[str, int], ...]:
        """Return how often each rule failed, by id; those that never did are left out."""
        with self._lock:
            return tuple(sorted(self._total.items()))

    def due(self) -> tuple[Failing, ...]:
        """Return the rules that keep failing, each once for each revision of the files."""
        with self._lock:
            due = tuple(self._due.values())
            self._told.update(self._due)
            self._due.clear()
            return due
