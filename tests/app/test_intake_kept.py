"""A server that keeps mails in their folder, with more of them than are looked at each time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from mailgateway.app.intake import SMALL_FOLDER, WHOLE_LOOK_EVERY, Intake, poll_folder
from mailgateway.app.ports import PutAway
from mailgateway.model.ledger import MailState
from tests.app.account import INBOX, Account
from tests.app.parts import Instead, mail

MANY = 1200
SOONER = timedelta(seconds=60)
LATER = WHOLE_LOOK_EVERY + SOONER


@dataclass(slots=True)
class Kept:
    """An account whose server can neither move nor expunge, looked at by one run.

    Attributes:
        unseen: UIDs the server does not know of yet.
        withheld: UIDs it lists and does not hand out.
        asked: The UID behind which each look began.
    """

    account: Account
    intake: Intake
    unseen: set[int] = field(default_factory=set)
    withheld: set[int] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)

    def uids(self, after: int = 0) -> tuple[int, ...]:
        self.asked.append(after)
        return tuple(uid for uid in self.account.server.uids(after) if uid not in self.unseen)

    def fetch(self, uids: Sequence[int]) -> dict[int, bytes]:
        return {uid: raw for uid, raw in self.account.server.fetch(uids).items() if uid not in self.withheld}

    def look(self, later: timedelta = SOONER) -> int:
        """Look at the INBOX some time after the last look; return how many mails were new."""
        self.account.desk.clock.at += later
        kept = Instead(self.account.server, uids=self.uids, fetch=self.fetch, put_away=lambda *_: PutAway("kept"))
        return poll_folder(self.intake, kept, self.account.lease, INBOX)  # type: ignore[arg-type]  # a wrapper

    def arrive(self, name: str) -> None:
        self.account.deliver(mail(name))


@pytest.fixture
def kept(account: Account) -> Kept:
    """Return an account with MANY mails; their UIDs are 1 to MANY."""
    account.dovecot.make_mailbox(account.user)
    for number in range(1, MANY + 1):
        account.dovecot.plant(account.user, f"{1_700_000_000 + number}.M1.test", mail(f"m{number}"))
    intake = Intake(account.mailbox, account.limits, account.desk.store, account.desk.blobs, account.desk.clock)
    return Kept(account, intake)


def taken(kept: Kept) -> list[int]:
    """Return the UIDs in the ledger, each as often as it is there."""
    return sorted(entry.location.uid for entry in kept.account.desk.store.entries(limit=2 * MANY))


def test_every_mail_is_taken_once_though_one_came_late_and_one_was_not_given(kept: Kept) -> None:
    assert MANY > SMALL_FOLDER
    kept.unseen, kept.withheld = {600}, {300}

    first, not_given = kept.look(), kept.look()
    kept.withheld = set()
    given = kept.look()
    kept.arrive("new")
    new = kept.look()
    kept.unseen = set()
    late = [kept.look(), kept.look(LATER)]

    assert (first, not_given, given, new, late) == (MANY - 2, 0, 1, 1, [0, 1])
    assert taken(kept) == list(range(1, MANY + 2))
    assert kept.asked == [0, 0, 0, MANY, MANY + 1, 0]


def test_a_mail_set_aside_is_not_taken_again_by_any_look(kept: Kept) -> None:
    kept.look()
    aside, retried = (kept.account.desk.store.entries(limit=2)[number].id for number in (0, 1))
    for one in (aside, retried):
        kept.account.desk.store.set_aside(one, "a test", "", kept.account.desk.clock.now())
    kept.account.desk.store.retry(retried, "admin", kept.account.desk.clock.now())

    looks = [kept.look(), kept.look(LATER)]

    assert looks == [0, 0]
    assert taken(kept) == list(range(1, MANY + 1))
    assert [entry.id for entry in kept.account.desk.store.entries((MailState.ASIDE,))] == [aside]


def test_a_run_that_begins_looks_at_the_whole_folder(kept: Kept) -> None:
    kept.look()
    kept.intake.whole_looks.clear()  # as a run that begins

    again = kept.look()

    assert (again, kept.asked) == (0, [0, 0])
