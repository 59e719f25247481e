"""The worker (mails to tickets) and the deliverer (outbox to relay): woken by news, and by time as a safety net."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from mailgateway.app.deliver import Claim, Delivering, deliver_due
from mailgateway.app.pace import Pace
from mailgateway.app.process import Processing, process_some
from mailgateway.daemon import watchdog
from mailgateway.daemon.leases import Leases
from mailgateway.errors import FencedError, MailgatewayError

IDLE_S = 1.0
"""A look without being woken, so that what another process put there, or what is due by now, is found."""
RENEWALS = 3
"""So often a claim on mails to send is renewed within the time it lasts."""
LONGEST_CLAIM = timedelta(hours=1)
"""A relay that keeps a group of mails for longer has its claim run out, so that another daemon may try."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Worker:
    """What the worker's thread works with."""

    work: Processing
    mailboxes: Sequence[str]
    leases: Leases
    news: threading.Event
    done: Callable[[], None]
    stop: threading.Event


def work_until_stopped(worker: Worker) -> None:
    """Process what arrives until the stop event is set; a mailbox whose processing fails stops no other."""
    while not worker.stop.is_set():
        worker.news.clear()
        if not process_waiting(worker):
            worker.news.wait(IDLE_S)


def process_waiting(worker: Worker) -> int:
    """Process one batch of every mailbox that is ours; return the number of mails."""
    return sum(_process(worker, mailbox) for mailbox in worker.mailboxes if not worker.stop.is_set())


def _process(worker: Worker, mailbox: str) -> int:
    lease = worker.leases.held(mailbox)
    if lease is None:
        return 0
    try:
        with watchdog.watched():
            count = process_some(worker.work, lease)
    except FencedError:
        worker.leases.lost(mailbox)
        return 0
    except MailgatewayError as error:
        log.warning("worker.failed", mailbox=mailbox, problem=str(error))
        return 0
    if count:
        worker.done()
    return count


@dataclass(frozen=True, slots=True)
class Sender:
    """What the deliverer's thread works with."""

    work: Delivering
    pace: Pace
    news: threading.Event
    stop: threading.Event


def deliver_until_stopped(sender: Sender) -> None:
    """Send what is due until the stop event is set."""
    with closing(sender.work.relay):
        while not sender.stop.is_set():
            sender.news.clear()
            if not deliver_some(sender):
                sender.news.wait(IDLE_S)


def deliver_some(sender: Sender) -> int:
    """Send one group of what is due; return how many mails were tried."""
    try:
        return deliver_due(sender.work, sender.pace, lambda: not sender.stop.is_set(), renewed)
    except MailgatewayError as error:
        log.warning("deliverer.failed", problem=str(error))
    return 0


@contextmanager
def renewed(claim: Claim) -> Iterator[None]:
    """Return a context in which a claim does not run out, however slow the relay is.

    Its thread lives as long as the sending, also where that lasts beyond the end of the run.
    """
    ended = threading.Event()
    keeper = threading.Thread(target=_renew, args=(claim, ended), name="claim", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _renew(claim: Claim, ended: threading.Event) -> None:
    every_s = claim.lasts.total_seconds() / RENEWALS
    ends_at = claim.runs_out_at + LONGEST_CLAIM
    while not ended.wait(every_s) and claim.is_held and claim.runs_out_at < ends_at:
        try:
            claim.renew()
        except MailgatewayError as error:
            log.warning("claim.not_renewed", problem=str(error))
