"""From a real Dovecot to the ledger: whatever happens on the way, a mail is taken once and stays what it was."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from mailgateway.adapters import imap
from mailgateway.app.intake import Intake, move_set_aside, poll_folder
from mailgateway.app.ports import Listed
from mailgateway.errors import FencedError, NotFoundError, TemporaryError
from mailgateway.model.ledger import MailState
from tests.app.account import INBOX, JUNK, MAIL_BYTES, ROW_BYTES, Account
from tests.app.parts import (
    MAILBOX,
    Instead,
    large_mail,
    mail,
    raising,
)


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


def test_a_mail_the_server_did_not_give_is_taken_at_a_later_look_though_its_followers_were(account: Account) -> None:
    account.deliver(mail("late"), mail("taken"))

    def fetch(uids: list[int]) -> dict[int, bytes]:
        return {uid: raw for uid, raw in account.server.fetch(uids).items() if b"late" not in raw}

    first = account.poll(server=Instead(account.server, fetch=fetch))
    second = account.poll()

    assert (first, second) == (1, 1)
    assert account.lie_in("INBOX") == []


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


def test_a_large_mail_whose_end_is_not_given_at_once_is_asked_for_again(account: Account) -> None:
    raw = large_mail("hesitant", 2 * ROW_BYTES)
    account.deliver(raw)
    asked: list[int] = []

    def fetch_range(uid: int, start: int, count: int) -> bytes:
        asked.append(start)
        return (
            account.server.fetch_range(uid, start, min(count, 100_000))
            if asked.count(start) > start // 100_000
            else b""
        )

    account.poll(server=Instead(account.server, fetch_range=fetch_range))

    with account.desk.blobs.open(account.desk.store.raw(account.desk.entries()[0].id).blob) as stored:
        assert stored.read() == raw
    assert asked == [0, 100_000, 100_000, len(raw)]


def with_file(name: str, size_bytes: int) -> bytes:
    """Return a mail with a large attachment."""
    lines = b"\r\n".join(b"QUJD" * 18 for _ in range(1 + size_bytes // 74))
    head = mail(name).replace(b"Content-Type: text/plain; charset=utf-8", b"Content-Type: multipart/mixed; boundary=B")
    head, _ = head.split(b"\r\n\r\n", 1)
    text = b"\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nIt burns.\r\n--B\r\nContent-Type: application/pdf\r\n"
    return head + text + b"Content-Transfer-Encoding: base64\r\n\r\n" + lines + b"\r\n--B--\r\n"


def test_a_large_mail_that_the_server_cuts_off_is_partial_and_one_that_has_its_end_is_whole(account: Account) -> None:
    raws = [with_file("cut off", 2 * ROW_BYTES), with_file("estimated", 2 * ROW_BYTES)]
    account.deliver(*raws)
    account.server.select("INBOX")
    ends = dict(zip(account.server.uids(), (100_000, len(raws[1])), strict=True))

    def fetch_range(uid: int, start: int, count: int) -> bytes:
        return account.server.fetch_range(uid, start, min(count, ends[uid] - start)) if start < ends[uid] else b""

    def too_large(uids: list[int]) -> tuple[Listed, ...]:
        return tuple(replace(one, size_bytes=one.size_bytes + 9) for one in account.server.listed(uids))

    account.poll(server=Instead(account.server, fetch_range=fetch_range, listed=too_large))
    account.desk.drain()

    tags = {ticket.title: ticket.tags for ticket in account.desk.store.tickets()}
    assert tags == {"cut off": ("partial",), "estimated": ()}


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


def test_mail_of_a_folder_that_is_gone_is_still_processed(account: Account) -> None:
    account.deliver(mail("stuck"), folder="Junk")
    with pytest.raises(TemporaryError):
        account.poll(JUNK, server=Instead(account.server, put_away=raising(TemporaryError("cut"))))
    with account.dovecot.imap(account.user) as other:
        other.delete_folder("Junk")

    with pytest.raises(NotFoundError):
        account.poll(JUNK)
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
