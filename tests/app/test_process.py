"""From the ledger to an end: each mail reaches exactly one, and a bad one stops no other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from mailgateway.app.ports import Batch, Lease
from mailgateway.app.process import MAX_ATTEMPTS, PUT_OFF_S, RETRY_AFTER_S, process_some
from mailgateway.errors import FencedError, PermanentError, TemporaryError
from mailgateway.model.decision import Outcome, Post
from mailgateway.model.ledger import MailState
from mailgateway.model.ticket import EventKind, Visibility
from tests.app.parts import MAILBOX, Desk, Instead, large_mail, mail, raising, small_limits

LATER_S = max(RETRY_AFTER_S)
NOWHERE = Post(999_999, Visibility.PUBLIC, verified=True)
"""On a ticket that does not exist: the database refuses it."""


def refusing(desk: Desk, subject: str) -> Instead:
    """Return the store in which the outcome of mails with that subject breaks a constraint."""

    def spoiled(batch: Batch, outcome: Outcome) -> None:
        bad = outcome.message is not None and outcome.message.subject == subject
        batch.write(replace(outcome, posts=(NOWHERE,)) if bad else outcome)

    @contextmanager
    def batch(lease: Lease) -> Iterator[Any]:
        with desk.store.batch(lease) as real:
            yield Instead(real, write=lambda outcome: spoiled(real, outcome))

    return Instead(desk.store, batch=batch)


def breaking_off(desk: Desk, error: Exception, after: int = 0) -> Instead:
    """Return the store whose transaction breaks off once some mails are written in it."""

    @contextmanager
    def batch(lease: Lease) -> Iterator[Any]:
        written: list[Outcome] = []

        def write(outcome: Outcome) -> None:
            if len(written) == after:
                raise error
            written.append(outcome)
            real.write(outcome)

        with desk.store.batch(lease) as real:
            yield Instead(real, write=write)

    return Instead(desk.store, batch=batch)


def refusing_late(desk: Desk, subject: str) -> Instead:
    """Return the store that refuses a whole transaction as it ends where mails with that subject are in it."""

    @contextmanager
    def batch(lease: Lease) -> Iterator[Any]:
        seen: list[str] = []

        def write(outcome: Outcome) -> None:
            seen.append(outcome.message.subject if outcome.message else "")
            real.write(outcome)

        with desk.store.batch(lease) as real:
            yield Instead(real, write=write)
            if subject in seen:
                raise PermanentError("refused at the end")

    return Instead(desk.store, batch=batch)


def attempts(desk: Desk) -> list[int]:
    return [entry.attempts for entry in desk.entries()]


def test_the_same_mail_again_is_a_duplicate_of_the_first(desk: Desk) -> None:
    desk.arrive(mail("m1"), mail("m2"))
    desk.drain()
    desk.arrive(mail("m1"))
    desk.drain()

    last = desk.entries()[-1]
    assert (last.state, last.reason, last.tickets) == (MailState.DUPLICATE, "the same message as mail 1", (1,))
    assert desk.titles() == ["m1", "m2"]
    assert desk.posts(1) == ["m1@customer.example"]


def test_two_copies_in_one_batch_are_one_message(desk: Desk) -> None:
    desk.arrive(mail("m1"), mail("m1"))

    desk.drain()

    assert desk.states() == [MailState.PROCESSED, MailState.DUPLICATE]


def test_a_duplicate_is_known_over_another_mailbox(desk: Desk) -> None:
    sales = desk.written.mailbox[0].model_copy(update={"name": "sales", "address": "sales@acme.example"})
    desk.written = desk.written.model_copy(update={"mailbox": (*desk.written.mailbox, sales)})
    desk.arrive(mail("m1"))
    desk.arrive(mail("m1"), mailbox="sales")

    desk.drain()
    desk.drain(mailbox="sales")

    assert desk.states() == [MailState.PROCESSED, MailState.DUPLICATE]


def test_the_same_id_with_other_content_is_a_new_mail_with_a_defect(desk: Desk) -> None:
    desk.arrive(mail("m1"), mail("m1", text="Something else."))

    desk.drain()

    assert desk.states() == [MailState.PROCESSED] * 2
    assert desk.titles() == ["m1", "m1"]


def test_mails_are_processed_in_the_order_of_arrival(desk: Desk) -> None:
    names = [f"m{number}" for number in range(7)]
    desk.arrive(*map(mail, names))

    desk.drain(desk.work(limits=small_limits(batch_mails=3)))

    assert desk.titles() == names
    assert desk.ended == [MailState.PROCESSED] * 7


def test_a_reply_in_the_batch_of_its_question_finds_the_ticket(desk: Desk) -> None:
    desk.arrive(mail("question"), mail("reply", "In-Reply-To: <question@customer.example>"))

    desk.drain()

    assert desk.posts(1) == ["question@customer.example", "reply@customer.example"]


def test_a_machines_answer_without_a_ticket_ends_ignored(desk: Desk) -> None:
    desk.arrive(mail("away", "Auto-Submitted: auto-replied"))

    desk.drain()

    (entry,) = desk.entries()
    assert (entry.state, entry.tickets, desk.ended) == (MailState.IGNORED, (), [MailState.IGNORED])
    assert "a machine's answer" in entry.reason


def test_an_outcome_that_the_database_refuses_rolls_back_alone(desk: Desk) -> None:
    desk.arrive(mail("m1"), mail("bad"), mail("m3"))

    begun = process_some(desk.work(refusing(desk, "bad")), desk.lease())

    good, bad, other = desk.entries()
    assert begun == 3
    assert [good.state, bad.state, other.state] == [MailState.PROCESSED, MailState.ACKNOWLEDGED, MailState.PROCESSED]
    assert "IntegrityError" in bad.traceback
    assert desk.titles() == ["m1", "m3"]
    assert desk.ended == [MailState.PROCESSED] * 2


def test_a_mail_that_cannot_be_read_stops_no_other(desk: Desk) -> None:
    desk.arrive(mail("m1"))
    desk.arrive(b"", blob="0" * 64)  # a blob that is not there
    desk.arrive(mail("m3"))

    process_some(desk.work(), desk.lease())

    assert desk.states() == [MailState.PROCESSED, MailState.ACKNOWLEDGED, MailState.PROCESSED]
    assert "there is no blob" in desk.entries()[1].traceback


def test_a_mail_is_set_aside_at_the_third_failure_with_its_traceback(desk: Desk) -> None:
    desk.arrive(mail("bad"), mail("good"))
    work = desk.work(refusing(desk, "bad"))
    seen = []

    for wait_s in (0, *RETRY_AFTER_S):
        desk.clock.advance(wait_s)
        process_some(work, desk.lease())
        seen.append(desk.states()[0])

    bad = desk.entries()[0]
    assert seen == [MailState.ACKNOWLEDGED, MailState.ACKNOWLEDGED, MailState.ASIDE]
    assert (bad.reason, bad.attempts) == ("failed 3 times", 3)
    assert "IntegrityError" in bad.traceback
    assert desk.entries(MailState.ASIDE) == (bad,)
    assert [event.kind for event in desk.store.mail_history(bad.id)] == [EventKind.SET_ASIDE]
    assert desk.ended == [MailState.PROCESSED, MailState.ASIDE]


def set_aside(desk: Desk) -> int:
    """Let a mail fail until it is set aside; return its ledger id."""
    desk.arrive(mail("bad"))
    work = desk.work(refusing(desk, "bad"))
    while desk.states() != [MailState.ASIDE]:
        desk.drain(work)
        desk.clock.advance(LATER_S)
    return desk.entries()[0].id


def test_a_failed_mail_is_not_tried_before_its_time(desk: Desk) -> None:
    desk.arrive(mail("bad"))
    work = desk.work(refusing(desk, "bad"))
    process_some(work, desk.lease())

    desk.clock.advance(RETRY_AFTER_S[0] - 0.001)
    too_early = process_some(work, desk.lease())
    desk.clock.advance(0.001)

    assert (too_early, process_some(work, desk.lease())) == (0, 1)


def test_retry_brings_a_mail_that_was_set_aside_to_an_end(desk: Desk) -> None:
    number = set_aside(desk)

    desk.store.retry(number, "admin", desk.clock.now())
    desk.drain()

    assert (desk.states(), desk.titles()) == ([MailState.PROCESSED], ["bad"])


def test_retry_of_a_mail_that_still_fails_sets_it_aside_again_after_as_many_attempts(desk: Desk) -> None:
    number = set_aside(desk)
    work = desk.work(refusing(desk, "bad"))
    desk.store.retry(number, "admin", desk.clock.now())

    tried = 0
    while desk.states() != [MailState.ASIDE]:
        tried += desk.drain(work)
        desk.clock.advance(LATER_S)

    assert tried == MAX_ATTEMPTS


def test_ignore_brings_a_mail_that_was_set_aside_to_an_end_that_retry_undoes(desk: Desk) -> None:
    number = set_aside(desk)

    desk.store.ignore(number, "admin", "advertising", desk.clock.now())
    ignored = desk.entries()[0]
    desk.store.retry(number, "admin", desk.clock.now())
    desk.drain()

    assert (ignored.state, ignored.reason) == (MailState.IGNORED, "advertising")
    assert desk.states() == [MailState.PROCESSED]


def test_a_suspect_runs_alone_and_first(desk: Desk) -> None:
    desk.arrive(mail("m1"), mail("m2"), mail("m3"))
    desk.store.begin(desk.lease(), desk.clock.now(), 2)  # and the process dies

    begun = [process_some(desk.work(), desk.lease()) for _ in range(4)]

    assert begun == [1, 1, 1, 0]
    assert desk.titles() == ["m1", "m2", "m3"]
    assert attempts(desk) == [2, 2, 1]


def test_a_mail_whose_attempts_never_came_back_is_set_aside_unread(desk: Desk) -> None:
    desk.arrive(mail("killer"), mail("good"))
    for _ in range(MAX_ATTEMPTS):
        desk.store.begin(desk.lease(), desk.clock.now(), 1)  # and the process dies

    desk.drain()

    killer, good = desk.entries()
    assert (killer.state, killer.reason, killer.tickets) == (MailState.ASIDE, "3 attempts never came back", ())
    assert good.state is MailState.PROCESSED
    assert desk.ended == [MailState.ASIDE, MailState.PROCESSED]


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_database_that_goes_in_the_middle_writes_nothing_and_counts_no_attempt(desk: Desk, after: int) -> None:
    desk.arrive(mail("m1"), mail("m2"), mail("m3"))
    work = desk.work(breaking_off(desk, TemporaryError("the database is gone"), after))

    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(TemporaryError):
            process_some(work, desk.lease())
    written = (desk.states(), desk.titles(), tuple(desk.ended))
    repaired = replace(work, store=desk.store)
    begun = process_some(repaired, desk.lease())

    assert written == ([MailState.ACKNOWLEDGED] * 3, [], ())
    assert begun == 3
    assert (desk.titles(), attempts(desk)) == (["m1", "m2", "m3"], [1, 1, 1])


def test_a_mail_whose_disk_is_gone_counts_no_attempt_and_stops_no_other(desk: Desk) -> None:
    raw = large_mail("large", 1000)
    digest, _ = desk.blobs.put([raw])
    desk.arrive(b"", blob=digest)
    desk.arrive(mail("small"))
    work = desk.work(blobs=Instead(desk.blobs, open=raising(TemporaryError("the disk is gone"))))

    for _ in range(MAX_ATTEMPTS + 1):
        desk.drain(work)
        desk.clock.advance(PUT_OFF_S)
    repaired = replace(work, blobs=desk.blobs)
    meanwhile = desk.titles()

    assert (process_some(repaired, desk.lease()), meanwhile) == (1, ["small"])
    assert (desk.titles(), attempts(desk)) == (["small", "large"], [1, 1])


def test_what_the_database_refuses_at_the_end_of_a_batch_sets_one_mail_aside_and_no_other(desk: Desk) -> None:
    desk.arrive(mail("m1"), mail("bad"), mail("m3"))
    work = desk.work(refusing_late(desk, "bad"))

    for _ in range(2 * MAX_ATTEMPTS):
        desk.drain(work)
        desk.clock.advance(LATER_S)

    assert desk.states() == [MailState.PROCESSED, MailState.ASIDE, MailState.PROCESSED]
    assert "refused at the end" in desk.entries()[1].traceback


def test_a_database_that_is_still_gone_is_owed_its_count(desk: Desk) -> None:
    desk.arrive(mail("m1"))
    gone = TemporaryError("the database is gone")
    work = desk.work(breaking_off(desk, gone))
    with pytest.raises(TemporaryError):
        process_some(work, desk.lease())

    still_gone = replace(work, store=Instead(desk.store, put_back=raising(gone)))
    with pytest.raises(TemporaryError):
        process_some(still_gone, desk.lease())
    process_some(replace(work, store=desk.store), desk.lease())

    assert (desk.states(), attempts(desk), work.owed) == ([MailState.PROCESSED], [1], [])


def test_a_database_that_goes_while_failures_are_noted_keeps_what_was_written(desk: Desk) -> None:
    desk.arrive(mail("good"), mail("bad"))
    spoiled = refusing(desk, "bad")
    work = desk.work(Instead(spoiled, give_back=raising(TemporaryError("gone"))))

    with pytest.raises(TemporaryError):
        process_some(work, desk.lease())
    process_some(replace(work, store=desk.store), desk.lease())

    assert (desk.states(), attempts(desk)) == ([MailState.PROCESSED] * 2, [1, 1])
    assert sorted(desk.titles()) == ["bad", "good"]


def test_a_lease_lost_before_the_batch_writes_nothing_and_the_other_owner_processes(desk: Desk) -> None:
    desk.arrive(mail("m1"), mail("m2"))
    lost = desk.lease()
    other = replace(desk, owner="daemon-2", ended=[])
    work = desk.work()

    @contextmanager
    def batch(lease: Lease) -> Iterator[Batch]:
        desk.clock.at = lease.expires_at  # the other daemon takes it just now
        other.lease()
        with desk.store.batch(lease) as real:
            yield real

    with pytest.raises(FencedError):
        process_some(replace(work, store=Instead(desk.store, batch=batch)), lost)
    written = (desk.titles(), tuple(desk.ended))
    other.drain()
    with pytest.raises(FencedError):
        process_some(work, lost)

    assert written == ([], ())
    assert (desk.states(), desk.titles()) == ([MailState.PROCESSED] * 2, ["m1", "m2"])
    assert other.ended == [MailState.PROCESSED] * 2


def test_nothing_due_is_nothing_begun(desk: Desk) -> None:
    assert process_some(desk.work(), desk.lease(MAILBOX)) == 0
