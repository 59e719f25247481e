"""From a real Dovecot to the ledger: whatever happens on the way, a mail is taken once and stays what it was."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
import structlog

from mailgateway.adapters import imap
from mailgateway.adapters.imap import ImapServer
from mailgateway.app.intake import RANGE_BYTES, Intake, batches, move_set_aside, poll_folder
from mailgateway.app.ports import Lease, Listed
from mailgateway.config import FolderConfig, ImapAccess, LimitsConfig, MailboxConfig
from mailgateway.errors import FencedError, NotFoundError, TemporaryError
from mailgateway.model.ledger import MailState
from tests.app.parts import (
    MAILBOX,
    NOW,
    SUPPORT,
    Desk,
    Instead,
    config,
    large_mail,
    mail,
    raising,
    real_now,
    small_limits,
    subjects,
)
from tests.servers import Dovecot

INBOX = FolderConfig(name="INBOX")
JUNK = FolderConfig(name="Junk", acknowledge=False)
ROW_BYTES = 64 * 1024
MAIL_BYTES = 256 * 1024


@dataclass(slots=True)
class Account:
    """A mailbox on Dovecot and the desk it is taken to."""

    desk: Desk
    dovecot: Dovecot
    user: str
    server: ImapServer
    mailbox: MailboxConfig
    limits: LimitsConfig

    @property
    def lease(self) -> Lease:
        return self.desk.lease()

    def deliver(self, *raws: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        with self.dovecot.imap(self.user) as connection:
            if folder != "INBOX" and not connection.folder_exists(folder):
                connection.create_folder(folder)
            for raw in raws:
                connection.append(folder, raw, msg_time=at)

    def lie_in(self, folder: str) -> list[str]:
        """Return the subjects of what is in a folder."""
        return subjects(self.dovecot.mails(self.user, folder))

    def poll(self, folder: FolderConfig = INBOX, **wrapped: object) -> int:
        intake = Intake(self.mailbox, self.limits, self.desk.store, self.desk.blobs, self.desk.clock)
        server = wrapped.pop("server", self.server)
        return poll_folder(replace(intake, **wrapped), server, self.lease, folder)  # type: ignore[arg-type]  # wrappers

    def take_and_process(self) -> None:
        self.poll()
        self.desk.written = config(mailbox=(self.mailbox,), limits=self.limits)
        self.desk.drain()


@pytest.fixture
def account(desk: Desk, dovecot: Dovecot, unique_user: str) -> Iterator[Account]:
    access = ImapAccess(host=dovecot.host, port=dovecot.imap_port, security="none", user=unique_user)
    mailbox = MailboxConfig(name=MAILBOX, address=SUPPORT, folders=(INBOX, JUNK), imap=access)
    limits = small_limits(row_bytes=ROW_BYTES, mail_bytes=MAIL_BYTES)
    desk.clock.at = real_now().replace(microsecond=0)  # as INTERNALDATE
    with closing(imap.connect(access, dovecot.password)) as server:
        yield Account(desk, dovecot, unique_user, server, mailbox, limits)


def listed(*sizes: int) -> tuple[Listed, ...]:
    return tuple(Listed(uid, size, NOW) for uid, size in enumerate(sizes, start=1))


def test_batches_are_bounded_by_count_and_by_bytes_and_a_large_mail_stands_alone() -> None:
    limits = small_limits(batch_mails=3, batch_bytes=100, row_bytes=60)

    def uids(*sizes: int) -> list[tuple[int, ...]]:
        return [tuple(mail.uid for mail in batch) for batch in batches(listed(*sizes), limits)]

    assert uids() == []
    assert uids(1, 1, 1, 1) == [(1, 2, 3), (4,)]
    assert uids(50, 50, 1) == [(1, 2), (3,)]
    assert uids(1, 61, 1, 61, 61) == [(1,), (2,), (3,), (4,), (5,)]


def test_mails_are_written_down_whole_before_they_are_moved(account: Account) -> None:
    raws = [mail(f"m{number}") for number in range(5)]
    account.deliver(*raws)
    account.limits = small_limits(batch_mails=2)

    new = account.poll()

    assert new == 5
    assert [account.desk.store.raw(entry.id).raw for entry in account.desk.entries()] == raws
    assert account.desk.states() == [MailState.ACKNOWLEDGED] * 5
    assert (account.lie_in("INBOX"), account.lie_in("Processed")) == ([], [f"m{number}" for number in range(5)])
    assert account.poll() == 0


def test_each_batch_is_one_commit(account: Account) -> None:
    account.deliver(*(mail(f"m{number}") for number in range(5)))
    account.limits = small_limits(batch_mails=2)
    received: list[int] = []

    def receive(lease: Lease, mails: list[object]) -> int:
        received.append(len(mails))
        return account.desk.store.receive(lease, mails)  # type: ignore[arg-type]  # passed on

    account.poll(ledger=Instead(account.desk.store, receive=receive))

    assert received == [2, 2, 1]


def test_a_large_mail_goes_through_the_blob_store_byte_for_byte(account: Account) -> None:
    raw = large_mail("large", 3 * ROW_BYTES)
    account.deliver(mail("before"), raw, mail("after"))
    asked: list[tuple[int, int]] = []

    def fetch_range(uid: int, start: int, count: int) -> bytes:
        asked.append((start, count))
        return account.server.fetch_range(uid, start, min(count, 100_000))  # a server may give less than was asked

    account.poll(server=Instead(account.server, fetch_range=fetch_range))

    fetched = account.desk.store.raw(account.desk.entries()[1].id)
    with account.desk.blobs.open(fetched.blob) as stored:
        assert stored.read() == raw
    assert (fetched.raw, fetched.partial, fetched.size_bytes) == (b"", False, len(raw))
    assert asked == [(start, RANGE_BYTES) for start in (0, 100_000, len(raw))]
    assert [account.desk.store.raw(entry.id).blob != "" for entry in account.desk.entries()] == [False, True, False]
    assert account.lie_in("Processed") == ["before", "large", "after"]


def test_a_mail_from_the_blob_store_becomes_a_ticket_with_its_words(account: Account) -> None:
    account.deliver(large_mail("large", 2 * ROW_BYTES))

    account.take_and_process()

    (ticket,) = account.desk.store.tickets()
    message = account.desk.store.messages(ticket.number)[0]
    assert (ticket.title, ticket.tags) == ("large", ())
    assert message.text.startswith(f"{0:076d}\n{1:076d}")


def test_an_oversize_mail_is_kept_by_its_beginning_and_the_ticket_says_so(account: Account) -> None:
    raw = large_mail("oversize", MAIL_BYTES)
    account.deliver(mail("small"), raw)

    account.take_and_process()

    small, oversize = account.desk.entries()
    kept = account.desk.store.raw(oversize.id)
    assert (kept.raw, kept.blob, kept.partial, kept.size_bytes) == (raw[:ROW_BYTES], "", True, len(raw))
    assert (account.lie_in("Processed"), account.lie_in("Oversize")) == (["small"], ["oversize"])
    assert account.dovecot.mails(account.user, "Oversize") == (raw,)
    tickets = {ticket.title: ticket for ticket in account.desk.store.tickets()}
    assert {title: ticket.tags for title, ticket in tickets.items()} == {"small": (), "oversize": ("partial",)}
    answers = [
        message.text
        for message in account.desk.store.messages(tickets["oversize"].number)
        if message.kind == "acknowledgement"
    ]
    assert len(answers) == 1
    assert "only its beginning was\nread" in answers[0]
    assert small.state is oversize.state is MailState.PROCESSED


def test_a_crash_before_the_server_was_told_takes_no_mail_twice(account: Account) -> None:
    account.deliver(mail("known"), large_mail("oversize", MAIL_BYTES))
    with pytest.raises(TemporaryError):
        account.poll(server=Instead(account.server, put_away=raising(TemporaryError("cut"))))
    account.limits = account.limits.model_copy(update={"batch_mails": 50})
    with pytest.raises(TemporaryError):  # the first mail is told now; the second batch is taken and cut
        account.poll(server=Instead(account.server, fetch_range=raising(TemporaryError("cut"))))

    new = account.poll()

    assert new == 1
    assert account.desk.states() == [MailState.ACKNOWLEDGED] * 2
    assert (account.lie_in("INBOX"), account.lie_in("Processed")) == ([], ["known"])
    assert account.lie_in("Oversize") == ["oversize"]


def test_an_oversize_mail_known_from_before_a_crash_goes_to_oversize(account: Account) -> None:
    account.deliver(large_mail("oversize", MAIL_BYTES))
    with pytest.raises(TemporaryError):
        account.poll(server=Instead(account.server, put_away=raising(TemporaryError("cut"))))

    assert account.poll() == 0

    assert (account.lie_in("INBOX"), account.lie_in("Processed"), account.lie_in("Oversize")) == ([], [], ["oversize"])


def test_a_mail_moved_but_not_noted_is_acknowledged_at_the_next_look(account: Account) -> None:
    account.deliver(mail("moved"))
    with pytest.raises(TemporaryError):
        account.poll(ledger=Instead(account.desk.store, acknowledge=raising(TemporaryError("gone"))))
    assert account.desk.states() == [MailState.RECEIVED]
    assert account.lie_in("INBOX") == []

    account.poll()

    assert account.desk.states() == [MailState.ACKNOWLEDGED]


def test_a_mail_that_vanishes_between_listing_and_fetching_is_passed_over(account: Account) -> None:
    account.deliver(mail("stays"), mail("vanishes"), large_mail("large", ROW_BYTES), large_mail("over", MAIL_BYTES))

    def fetch(uids: list[int]) -> dict[int, bytes]:
        return {uid: raw for uid, raw in account.server.fetch(uids).items() if b"vanishes" not in raw}

    vanished = Instead(account.server, fetch=fetch, fetch_range=lambda *_: b"")
    new = account.poll(server=vanished)

    assert new == 1
    assert account.lie_in("Processed") == ["stays"]
    assert account.lie_in("INBOX") == ["vanishes", "large", "over"]


def test_a_look_that_finds_everything_vanished_writes_nothing(account: Account) -> None:
    account.deliver(mail("vanishes"))

    new = account.poll(server=Instead(account.server, fetch=lambda _: {}))

    assert (new, account.desk.entries()) == (0, ())


def test_a_large_mail_removed_while_it_is_fetched_is_left_out(account: Account) -> None:
    account.deliver(large_mail("removed", 2 * ROW_BYTES))

    def fetch_range(uid: int, start: int, count: int) -> bytes:
        if start:
            with account.dovecot.imap(account.user) as other:
                other.select_folder("INBOX")
                other.delete_messages([uid])
                other.expunge([uid])
        return account.server.fetch_range(uid, start, min(count, 1000))

    new = account.poll(server=Instead(account.server, fetch_range=fetch_range))

    assert (new, account.desk.entries()) == (0, ())


def test_a_large_mail_whose_size_was_only_estimated_is_taken(account: Account) -> None:
    raw = large_mail("estimated", 2 * ROW_BYTES)
    account.deliver(raw)

    def too_large(uids: list[int]) -> tuple[Listed, ...]:
        return tuple(replace(one, size_bytes=one.size_bytes + 100) for one in account.server.listed(uids))

    assert account.poll(server=Instead(account.server, listed=too_large)) == 1

    with account.desk.blobs.open(account.desk.store.raw(account.desk.entries()[0].id).blob) as stored:
        assert stored.read() == raw


def test_another_uidvalidity_fetches_again_and_ends_as_duplicate(account: Account) -> None:
    account.deliver(mail("first"))
    with pytest.raises(TemporaryError):
        account.poll(server=Instead(account.server, put_away=raising(TemporaryError("cut"))))
    account.server.close()
    account.dovecot.renumber(account.user, "INBOX", 4711)

    with closing(imap.connect(account.mailbox.imap, account.dovecot.password)) as server:
        new = account.poll(server=server)
    account.desk.drain()

    assert new == 1
    assert account.desk.states() == [MailState.PROCESSED, MailState.DUPLICATE]
    assert account.desk.titles() == ["first"]
    assert account.lie_in("INBOX") == []


def test_a_missing_folder_is_said_and_nothing_else_is_touched(account: Account) -> None:
    with pytest.raises(NotFoundError):
        account.poll(JUNK)

    account.deliver(mail("later"))
    assert account.poll() == 1


def test_mail_in_junk_becomes_a_ticket_without_an_acknowledgement(account: Account) -> None:
    account.deliver(mail("advertising"), folder="Junk")

    account.poll(JUNK)
    account.desk.drain()

    (ticket,) = account.desk.store.tickets()
    assert {message.kind for message in account.desk.store.messages(ticket.number)} == {"person", "notification"}
    assert account.lie_in("Junk") == []


def test_quiet_start_answers_only_what_arrived_since(account: Account) -> None:
    quiet_before = account.desk.clock.now() - timedelta(days=1)
    account.mailbox = account.mailbox.model_copy(update={"quiet_before": quiet_before})
    account.deliver(mail("old"), at=quiet_before - timedelta(seconds=1))
    account.deliver(mail("new"), at=quiet_before)

    with structlog.testing.capture_logs() as log:
        account.take_and_process()
        account.poll()

    kinds = {
        ticket.title: {message.kind for message in account.desk.store.messages(ticket.number)}
        for ticket in account.desk.store.tickets()
    }
    assert kinds == {"old": {"person", "notification"}, "new": {"person", "acknowledgement", "notification"}}
    (contact,) = [line for line in log if line["event"] == "mailbox.first_contact"]
    assert (contact["waiting"], contact["without_answer"], contact["answered_from"]) == (2, 1, quiet_before)


def test_a_mail_never_arrived_later_than_it_was_fetched(account: Account) -> None:
    account.deliver(mail("from the future"))
    account.desk.clock.advance(-3600)

    account.poll()

    assert account.desk.entries()[0].received_at == account.desk.clock.now()


def test_mail_of_a_folder_that_is_no_longer_polled_is_still_processed(account: Account) -> None:
    account.deliver(mail("stuck"), folder="Junk")
    with pytest.raises(TemporaryError):
        account.poll(JUNK, server=Instead(account.server, put_away=raising(TemporaryError("cut"))))
    account.poll()
    assert account.desk.states() == [MailState.RECEIVED]

    account.mailbox = account.mailbox.model_copy(update={"folders": (INBOX,)})
    account.poll()
    account.desk.drain()

    assert account.desk.states() == [MailState.PROCESSED]


def test_a_look_with_a_lost_lease_writes_nothing_and_tells_the_server_nothing(account: Account) -> None:
    account.deliver(mail("theirs"))
    intake = Intake(account.mailbox, account.limits, account.desk.store, account.desk.blobs, account.desk.clock)
    lost = account.lease
    account.desk.store.acquire(MAILBOX, "another", lost.expires_at + timedelta(seconds=1), 60)

    with pytest.raises(FencedError):
        poll_folder(intake, account.server, lost, INBOX)

    assert (account.desk.entries(), account.lie_in("INBOX")) == ((), ["theirs"])


def set_one_aside(account: Account) -> None:
    account.deliver(mail("bad"))
    account.poll()
    (entry,) = account.desk.entries()
    account.desk.store.set_aside(entry.id, "a test", "", account.desk.clock.now())


def test_a_mail_set_aside_moves_to_its_folder_on_the_server_once(account: Account) -> None:
    set_one_aside(account)
    intake = Intake(account.mailbox, account.limits, account.desk.store, account.desk.blobs, account.desk.clock)

    move_set_aside(intake, account.server)
    move_set_aside(intake, Instead(account.server, put_away=raising(AssertionError())))  # type: ignore[arg-type]

    assert (account.lie_in("Processed"), account.lie_in("Set aside")) == ([], ["bad"])


def test_a_mail_set_aside_that_somebody_took_away_is_let_go(account: Account) -> None:
    set_one_aside(account)
    with account.dovecot.imap(account.user) as other:
        other.delete_folder("Processed")
    intake = Intake(account.mailbox, account.limits, account.desk.store, account.desk.blobs, account.desk.clock)

    move_set_aside(intake, account.server)

    assert account.desk.store.aside_in(MAILBOX, "Processed") == ()
    assert account.desk.states() == [MailState.ASIDE]
