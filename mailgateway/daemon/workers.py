"""The worker (mails to tickets) and the deliverer (outbox to relay): woken by news, and by time as a safety net."""

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

import structlog

from mailgateway.app.deliver import Delivering, deliver_due
from mailgateway.app.pace import Pace
from mailgateway.app.process import Processing, process_some
from mailgateway.daemon import watchdog
from mailgateway.daemon.leases import Leases
from mailgateway.errors import FencedError, MailgatewayError

IDLE_S = 1.0
"""A look without being woken, so that what another process put there, or what is due by now, is found."""

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
        return deliver_due(sender.work, sender.pace, lambda: not sender.stop.is_set())
    except MailgatewayError as error:
        log.warning("deliverer.failed", problem=str(error))
    return 0
