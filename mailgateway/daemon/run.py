"""The daemon as a whole: its threads begin and end together.

A thread that dies of a bug ends the whole run with an error, so that a supervisor starts a clean one: a daemon
that runs on half its threads would tell nobody.
"""

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import structlog

from mailgateway.adapters.http import HealthPort, Observed
from mailgateway.app.deliver import Delivering
from mailgateway.app.health import Health, MailboxHealth, is_ready
from mailgateway.app.intake import Intake
from mailgateway.app.pace import Pace
from mailgateway.app.process import Processing
from mailgateway.config import MailboxConfig
from mailgateway.daemon import watchdog
from mailgateway.daemon.leases import RENEW_EVERY_S, Leases
from mailgateway.daemon.mailbox import Poller, poll_once, poll_until_stopped
from mailgateway.daemon.parts import Parts
from mailgateway.daemon.rules import Admins, Rules
from mailgateway.daemon.workers import (
    Sender,
    Worker,
    deliver_some,
    deliver_until_stopped,
    process_waiting,
    work_until_stopped,
)
from mailgateway.errors import MailgatewayError
from mailgateway.model.decision import Outcome
from mailgateway.model.ledger import DeliveryState, MailState

JOIN_S = 10.0
"""How long a thread may take to end; one that takes longer ends with the process."""
POLLS_MISSED = 3
"""So many missed polls make the daemon not ready."""

log = structlog.get_logger()


class Run:
    """What the threads of one run share."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.stop = threading.Event()
        self.mail_arrived = threading.Event()
        self.mail_to_send = threading.Event()
        self.health = Health()
        self.leases = Leases(parts.store, parts.clock, parts.owner, parts.is_dead, self.health)
        admins = Admins(parts.store, parts.snapshot, parts.clock, self.mail_to_send.set)
        self.rules = Rules(parts.rules, parts.snapshot, admins, self.health)

    @property
    def mailboxes(self) -> tuple[MailboxConfig, ...]:
        """The configured mailboxes."""
        return self.parts.snapshot.config.mailbox

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(mailbox.name for mailbox in self.mailboxes)

    def poller(self, mailbox: MailboxConfig) -> Poller:
        """Return what a mailbox's thread works with."""
        parts = self.parts
        intake = Intake(mailbox, parts.snapshot.config.limits, parts.store, parts.blobs, parts.clock)
        return Poller(intake, self.leases, self.health, parts.connect, self.mail_arrived.set, self.stop)

    def worker(self) -> Worker:
        """Return what the worker works with."""
        parts = self.parts
        work = Processing(
            parts.store,
            parts.blobs,
            parts.clock,
            parts.snapshot,
            ended=self.health.ended,
            large_mail=watchdog.go_on,
            rules=self.rules.active,
            decided=self._decided,
        )
        return Worker(work, self.names, self.leases, self.mail_arrived, self.mail_to_send.set, self.stop)

    def _decided(self, outcome: Outcome) -> None:
        if outcome.decision is not None:
            self.rules.errors.note(outcome.decision, outcome.at)

    def sender(self) -> Sender:
        """Return what the deliverer works with."""
        parts = self.parts
        config = parts.snapshot.config
        work = Delivering(parts.store, parts.open_relay(), parts.clock, config.delivery)
        return Sender(work, Pace(config.smtp.per_minute), self.mail_to_send, self.stop)


class Daemon:
    """One run of the gateway, from `start` to `stop`. It has its health port from the beginning.

    Args:
        parts: What it works with; the caller closes them.
        former: The run that is about to end: what listens on the same health port is handed over.

    Raises:
        PermanentError: The health port cannot be had.
    """

    def __init__(self, parts: Parts, former: "Daemon | None" = None) -> None:
        self.parts = parts
        self._run = Run(parts)
        self._broken = threading.Event()
        self._threads = [self._thread(name, job) for name, job in self._jobs()]
        self._port = self._health_port(former)

    @property
    def port(self) -> int:
        """The port of the health pages, 0 where there is none."""
        return self._port.port if self._port else 0

    @property
    def is_alive(self) -> bool:
        """Whether every thread runs."""
        return not self._broken.is_set() and all(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        """Begin to work."""
        self._run.rules.start()
        self._run.leases.keep(self._run.names)
        for thread in self._threads:
            thread.start()
        if self._port:
            self._port.start()
        log.info("daemon.started", owner=self._run.parts.owner, mailboxes=self._run.names, health_port=self.port)

    def stop(self) -> None:
        """End every thread where it stands between two steps, and give the leases back."""
        self._run.stop.set()
        self._run.mail_arrived.set()
        self._run.mail_to_send.set()
        for thread in self._threads:
            thread.join(JOIN_S)
        self._run.leases.release()
        if self._port:
            self._port.stop()
        log.info("daemon.stopped", owner=self._run.parts.owner)

    def look_at_rules(self) -> None:
        """Have the rule files looked at at once."""
        self._run.rules.look_now()

    def _jobs(self) -> list[tuple[str, Callable[[], None]]]:
        run = self._run
        worker, sender = run.worker(), run.sender()
        return [
            ("leases", lambda: _keep_leases(run)),
            ("rules", lambda: run.rules.follow_until_stopped(run.stop)),
            ("worker", lambda: work_until_stopped(worker)),
            ("deliverer", lambda: deliver_until_stopped(sender)),
            *((f"mailbox-{mailbox.name}", _polling(run.poller(mailbox))) for mailbox in run.mailboxes),
        ]

    def _thread(self, name: str, job: Callable[[], None]) -> threading.Thread:
        def guarded() -> None:
            try:
                job()
            except BaseException:
                self._broken.set()
                log.exception("daemon.thread_died", thread=name)

        return threading.Thread(target=guarded, name=name, daemon=True)

    def _health_port(self, former: "Daemon | None") -> HealthPort | None:
        parts = self._run.parts
        config = parts.snapshot.config
        if not config.http.enabled:
            return None
        observed = Observed(
            backlog=parts.store.backlog,
            mailboxes=self._mailboxes,
            is_ready=lambda: is_ready(self._mailboxes(), parts.clock.now(), _patience(config.mailbox)),
            is_alive=lambda: self.is_alive,
            now=parts.clock.now,
            ends=self._run.health.ends,
            rules=self._run.health.rules,
            rule_errors=self._run.rules.errors.totals,
        )
        return HealthPort(config.http.host, config.http.port, observed, former._port if former else None)  # noqa: SLF001 -- its own kind

    def _mailboxes(self) -> tuple[MailboxHealth, ...]:
        return tuple(self._run.health.mailbox(name) for name in self._run.names)


def _polling(poller: Poller) -> Callable[[], None]:
    return lambda: poll_until_stopped(poller)


def _patience(mailboxes: tuple[MailboxConfig, ...]) -> timedelta:
    return timedelta(seconds=POLLS_MISSED * max(mailbox.imap.poll_every_s for mailbox in mailboxes) + RENEW_EVERY_S)


def _keep_leases(run: Run) -> None:
    while not run.stop.wait(RENEW_EVERY_S):
        run.leases.keep(run.names)


def run_once(parts: Parts) -> tuple[str, ...]:
    """Fetch, process and send what there is, in this thread, and return.

    Returns:
        What went wrong, a line for each mailbox that could not be polled and one each for mail that could not be
        processed and not be sent yet; () when all went well.

    Raises:
        TemporaryError: The database is gone.
    """
    run = Run(parts)
    run.rules.start()
    run.leases.keep(run.names)
    keeper = threading.Thread(target=_keep_leases, args=(run,), name="leases", daemon=True)
    keeper.start()
    worker, sender = run.worker(), run.sender()
    try:
        problems = [problem for mailbox in run.mailboxes if (problem := _poll(run, mailbox))]
        while process_waiting(worker):
            pass
        run.rules.tell()
        with closing(sender.work.relay):
            while deliver_some(sender):
                pass
        problems.extend(_left(parts))
    finally:
        run.stop.set()
        keeper.join()
        run.leases.release()
    return tuple(problems)


def _left(parts: Parts) -> tuple[str, ...]:
    """Return what waits for the next round."""
    backlog = parts.store.backlog()
    mails = dict(backlog.mails).get(MailState.ACKNOWLEDGED, 0)
    recipients = dict(backlog.deliveries).get(DeliveryState.QUEUED, 0)
    unread = f"{mails} mails could not be processed yet; the log says why"
    unsent = f"mail to {recipients} recipients could not be sent yet; it stays in the outbox"
    return (*([unread] if mails else []), *([unsent] if recipients else []))


def _poll(run: Run, mailbox: MailboxConfig) -> str:
    lease = run.leases.held(mailbox.name)
    if lease is None:
        return f"{mailbox.name}: another daemon holds it"
    try:
        with closing(run.parts.connect(mailbox)) as server:
            poll_once(run.poller(mailbox), server, lease)
    except MailgatewayError as error:
        return f"{mailbox.name}: {error}"
    return ""
