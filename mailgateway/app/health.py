"""What the running daemon knows of itself: shared between its threads, read by the health port."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailgateway.model.ledger import MailState
from mailgateway.model.rulefiles import Origin, RulesStatus

ENDS = (MailState.PROCESSED, MailState.DUPLICATE, MailState.IGNORED, MailState.ASIDE)
"""The states in which a mail stays until a person says otherwise."""


@dataclass(frozen=True, slots=True)
class MailboxHealth:
    """How polling one mailbox goes.

    Attributes:
        name: The mailbox.
        last_good_poll: Aware, UTC; None before the first.
        problem: Why the last poll failed, "" where it did not.
        held: Whether this daemon has the mailbox's lease.
    """

    name: str
    last_good_poll: datetime | None = None
    problem: str = ""
    held: bool = False


NOT_LOOKED_AT = "not looked at yet"
"""The problem of a mailbox between the start and the first look, or the word that another daemon has it."""


@dataclass(slots=True)
class Health:
    """The daemon's notes. Safe to use from several threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _mailboxes: dict[str, MailboxHealth] = field(default_factory=dict)
    _ended: Counter[MailState] = field(default_factory=Counter)
    _rules: RulesStatus | None = None

    def polled(self, mailbox: str, at: datetime) -> None:
        """Note a good look at every folder of a mailbox."""
        self._note(MailboxHealth(mailbox, at, "", held=True))

    def failed(self, mailbox: str, problem: str) -> None:
        """Note that a poll failed."""
        self._note(MailboxHealth(mailbox, self.mailbox(mailbox).last_good_poll, problem, held=True))

    def left_to_another(self, mailbox: str) -> None:
        """Note that another daemon has the mailbox."""
        self._note(MailboxHealth(mailbox, self.mailbox(mailbox).last_good_poll, "", held=False))

    def mailbox(self, name: str) -> MailboxHealth:
        """Return what is known of a mailbox."""
        with self._lock:
            return self._mailboxes.get(name, MailboxHealth(name, problem=NOT_LOOKED_AT))

    def mailboxes(self) -> tuple[MailboxHealth, ...]:
        """Return what is known of every mailbox that was tried, by name."""
        with self._lock:
            return tuple(self._mailboxes[name] for name in sorted(self._mailboxes))

    def rules_are(self, status: RulesStatus) -> None:
        """Note which rules are in force, and what became of the last attempt to change them."""
        with self._lock:
            self._rules = status

    def rules(self) -> RulesStatus | None:
        """Return what is known of the rules, None before they were looked at."""
        with self._lock:
            return self._rules

    def ended(self, state: MailState) -> None:
        """Count a mail that reached its end here."""
        with self._lock:
            self._ended[state] += 1

    def ends(self) -> tuple[tuple[MailState, int], ...]:
        """Return how many mails reached each end here since the start, every end named."""
        with self._lock:
            return tuple((state, self._ended[state]) for state in ENDS)

    def _note(self, mailbox: MailboxHealth) -> None:
        with self._lock:
            self._mailboxes[mailbox.name] = mailbox


def rules_trouble(status: RulesStatus | None) -> str:
    """Return why the rules in force are not those that the admins wrote last, in one line; "" where they are.

    It never makes the daemon unready: mail goes on with the rules in force.
    """
    if status is None or (status.successful and status.origin is not Origin.BUILT_IN):
        return ""
    in_force = "the built-in rules decide" if status.origin is Origin.BUILT_IN else f"{status.revision} stays in force"
    refused = status.refused
    if refused is None:
        return f"no rule files could be used yet; {in_force}"
    return f"refused {refused.revision or 'unreadable files'}: {refused.summary}; {in_force}"


def is_ready(mailboxes: tuple[MailboxHealth, ...], now: datetime, patience: timedelta) -> bool:
    """Return whether mail is being taken: every mailbox is polled well here or belongs to another daemon.

    Args:
        mailboxes: All configured ones.
        now: Aware, UTC.
        patience: A good poll may be so old.
    """
    return bool(mailboxes) and all(
        not mailbox.held and not mailbox.problem
        if mailbox.last_good_poll is None or not mailbox.held
        else now - mailbox.last_good_poll <= patience
        for mailbox in mailboxes
    )
