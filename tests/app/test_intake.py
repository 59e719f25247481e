"""From a real Dovecot to the ledger: what is taken, whole, and in which commits."""

from datetime import timedelta

import structlog

from mailgateway.app.intake import RANGE_BYTES, batches
from mailgateway.app.ports import Lease, Listed
from mailgateway.model.ledger import MailState
from tests.app.account import JUNK, MAIL_BYTES, ROW_BYTES, Account
from tests.app.parts import (
    NOW,
    Instead,
    large_mail,
    mail,
    small_limits,
)


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


def test_an_empty_mail_is_taken_like_any_other(account: Account) -> None:
    account.dovecot.make_mailbox(account.user)
    account.dovecot.plant(account.user, "1700000000.M1.test", b"")  # IMAP and LMTP carry no empty mail

    new = account.poll()

    assert new == 1
    assert (account.lie_in("INBOX"), len(account.lie_in("Processed"))) == ([], 1)
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
