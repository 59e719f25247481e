"""From the ledger to tickets: every mail reaches exactly one end, and a bad one stops no other.

Attempts are committed before a mail is looked into. The mails of a batch share one transaction with a savepoint
each; they are read before it, so that no lock is held while bytes are parsed. A crash before the commit repeats
everything, one after it nothing.
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import BinaryIO

import structlog

from mailgateway.app.assess import Reading, assess, prepare, read_message
from mailgateway.app.plan import needed_ids, plan
from mailgateway.app.ports import Batch, Blobs, Clock, Lease, Store
from mailgateway.app.rules.active import ActiveRules
from mailgateway.app.snapshot import Snapshot
from mailgateway.errors import TemporaryError
from mailgateway.model.decision import Outcome
from mailgateway.model.ledger import FetchedMail, MailState, PendingMail
from mailgateway.model.message import Message
from mailgateway.parsers.message import parse
from mailgateway.parsers.mime import ENDS_EARLY
from mailgateway.parsers.scan import skeleton

MAX_ATTEMPTS = 3
"""After so many attempts that failed, or never came back, a mail is set aside."""
RETRY_AFTER_S = (5.0, 60.0)
"""Seconds until the second and the third attempt."""
PUT_OFF_S = 5.0
"""Seconds until a mail is looked at again whose bytes could not be read, or attachments not be kept, for the moment."""
READ_BYTES = 64 * 1024
"""How much of a blob is read at once."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Processing:
    """What processing works with.

    Attributes:
        store: The database.
        blobs: Where large mails and their attachments are.
        clock: The time.
        snapshot: One whole state of what admins write.
        owed: Mails whose attempt could not be given back because the database was gone; they are first thing at the
            next call.
        ended: Told of every mail that reached an end, once that is committed.
        rules: The rules in force, looked up once for each batch; None for those of the snapshot.
        decided: Told of what was decided and written, once that is committed.
        large_mail: Told before each mail that may take its time.
    """

    store: Store
    blobs: Blobs
    clock: Clock
    snapshot: Snapshot
    owed: list[int] = field(default_factory=list)
    ended: Callable[[MailState], None] = lambda _: None
    large_mail: Callable[[], None] = lambda: None
    rules: ActiveRules | None = None
    decided: Callable[[Outcome], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class _Failure:
    """A mail that could not be processed now."""

    mail: PendingMail
    traceback: str


@dataclass(slots=True)
class _Read:
    """What came of reading the mails of a batch."""

    readings: list[tuple[PendingMail, Reading]] = field(default_factory=list)
    failures: list[_Failure] = field(default_factory=list)
    put_off: list[int] = field(default_factory=list)


def process_some(work: Processing, lease: Lease) -> int:
    """Process the oldest waiting mails of a mailbox, in the order of arrival.

    Returns:
        How many mails were begun; 0 when none is due.

    Raises:
        TemporaryError: The database is gone or the lease is lost; nothing of the batch was written.
    """
    _settle_debts(work)
    now = work.clock.now()
    pending = work.store.begin(lease, now, work.snapshot.config.limits.batch_mails)
    try:
        _process(work, lease, pending)
    except TemporaryError:
        work.owed.extend(mail.id for mail in pending)
        raise
    return len(pending)


def _settle_debts(work: Processing) -> None:
    if work.owed:
        work.store.put_back(tuple(work.owed), work.clock.now())
        work.owed.clear()


def _process(work: Processing, lease: Lease, pending: Sequence[PendingMail]) -> None:
    work = _with_rules(work)
    given_up = [_Failure(mail, "") for mail in pending if mail.attempt > MAX_ATTEMPTS]
    read = _read_all(work, [mail for mail in pending if mail.attempt <= MAX_ATTEMPTS])
    outcomes, unwritten = _decide_all(work, lease, read.readings)
    for outcome in outcomes:
        _say(outcome)
        work.ended(outcome.state)
        work.decided(outcome)
    for failure in (*given_up, *read.failures, *unwritten):
        _give_back(work, failure)
    work.store.put_back(read.put_off, work.clock.now() + timedelta(seconds=PUT_OFF_S))


def _read_all(work: Processing, pending: Sequence[PendingMail]) -> _Read:
    read = _Read()
    for mail in pending:
        if mail.fetched.blob:
            work.large_mail()
        try:
            read.readings.append((mail, _read(work, mail.fetched)))
        except TemporaryError as error:  # the disk, as far as this mail needs it: others may not
            log.warning("mail.put_off", mail=mail.id, problem=str(error))
            read.put_off.append(mail.id)
        except Exception:  # noqa: BLE001 -- per message: a mail that cannot be read stops no other
            read.failures.append(_Failure(mail, traceback.format_exc()))
    return read


def _read(work: Processing, fetched: FetchedMail) -> Reading:
    """Return a mail as it was understood; a large one is read through a skeleton without its large parts."""
    if fetched.blob:
        with work.blobs.open(fetched.blob) as stored:
            scanned = skeleton(_chunks(stored), work.blobs.put)
            size_bytes = stored.tell()
        parsed = parse(scanned.raw, partial=fetched.partial, large=scanned.large, defects=scanned.defects)
    else:
        size_bytes = len(fetched.raw)
        parsed = parse(fetched.raw, partial=fetched.partial)
    return read_message(_cut_off(parsed.message, fetched, size_bytes), fetched, work.snapshot)


def _cut_off(message: Message, fetched: FetchedMail, size_bytes: int) -> Message:
    """Return a message as partial where the mail server gave less of it than it said, and its structure is not ended.

    The size alone says little, since some servers only estimate it: for a large mail it is noted.
    """
    is_open = ENDS_EARLY in message.defects
    if fetched.partial or size_bytes >= fetched.size_bytes or not (is_open or fetched.blob):
        return message
    noted = f"the mail server gave {size_bytes} bytes of {fetched.size_bytes}"
    return replace(message, partial=is_open, defects=(*message.defects, noted))


def _chunks(stored: BinaryIO) -> Iterator[bytes]:
    while chunk := stored.read(READ_BYTES):
        yield chunk


def _decide_all(
    work: Processing, lease: Lease, readings: Sequence[tuple[PendingMail, Reading]]
) -> tuple[list[Outcome], list[_Failure]]:
    """Decide and write in one transaction.

    What the database refuses only at its end takes the whole transaction with it. Nobody can tell then whose it was,
    so the mails stay begun: as suspects each runs alone, and one that fails alone is the one.
    """
    try:
        return _decide_together(work, lease, readings) if readings else ([], [])
    except TemporaryError:
        raise
    except Exception:
        log.exception("batch.failed", mails=[mail.id for mail, _ in readings])
        return [], [_Failure(mail, traceback.format_exc()) for mail, _ in readings if len(readings) == 1]


def _decide_together(
    work: Processing, lease: Lease, readings: Sequence[tuple[PendingMail, Reading]]
) -> tuple[list[Outcome], list[_Failure]]:
    """Decide and write in one transaction; a mail that fails is rolled back alone."""
    outcomes: list[Outcome] = []
    failures: list[_Failure] = []
    now, snapshot = work.clock.now(), work.snapshot
    with work.store.batch(lease) as batch:
        for mail, reading in readings:
            try:
                with batch.savepoint():
                    outcome = _decide(batch, mail, reading, (snapshot, now))
            except TemporaryError:
                raise
            except Exception:  # noqa: BLE001 -- per message: a mail that cannot be decided stops no other
                failures.append(_Failure(mail, traceback.format_exc()))
            else:
                outcomes.append(outcome)
    return outcomes, failures


def _with_rules(work: Processing) -> Processing:
    """Return the work with the rules of this moment in its snapshot: what a batch began with is what it ends with."""
    return work if work.rules is None else replace(work, snapshot=replace(work.snapshot, rules=work.rules.rules))


def _decide(batch: Batch, mail: PendingMail, reading: Reading, begun: tuple[Snapshot, datetime]) -> Outcome:
    snapshot, now = begun
    prepared = prepare(reading, mail, batch.known(reading.keys, now), snapshot.rules)
    assessment = assess(prepared, batch.usage(prepared.quotas) if prepared.quotas else (), snapshot.rules)
    ids = batch.reserve(*needed_ids(assessment, snapshot))
    outcome = plan(assessment, ids, snapshot, now)
    batch.write(outcome)
    return outcome


def _give_back(work: Processing, failure: _Failure) -> None:
    """Put a failed mail back for another attempt, or aside after the last."""
    mail = failure.mail
    now = work.clock.now()
    if mail.attempt < MAX_ATTEMPTS:
        work.store.give_back(mail.id, failure.traceback, now + timedelta(seconds=RETRY_AFTER_S[mail.attempt - 1]))
        log.warning("mail.failed", mail=mail.id, attempt=mail.attempt, traceback=failure.traceback)
        return
    reason = f"failed {mail.attempt} times" if failure.traceback else f"{MAX_ATTEMPTS} attempts never came back"
    work.store.set_aside(mail.id, reason, failure.traceback, now)
    work.ended(MailState.ASIDE)
    log.error("mail.set_aside", mail=mail.id, reason=reason, traceback=failure.traceback)


def _say(outcome: Outcome) -> None:
    decision = outcome.decision
    log.info(
        "message.decided",
        mail=outcome.mail,
        state=outcome.state,
        reason=outcome.reason,
        tickets=sorted({post.ticket for post in outcome.posts}),
        rules=[step.rule for step in decision.trace if step.matched] if decision else [],
        outgoing=len(outcome.outgoing),
    )
