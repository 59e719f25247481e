"""The health and metrics port: /healthz, /readyz, /metrics. It reads and changes nothing; a crash loses nothing."""

import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from mailgateway.app.health import MailboxHealth, rules_trouble
from mailgateway.app.ports import Backlog
from mailgateway.errors import MailgatewayError, PermanentError
from mailgateway.model.ledger import MailState
from mailgateway.model.rulefiles import RulesStatus

LONGEST_S = 10.0
"""So long one connection may last, from its beginning to the end of the answer."""
MOST_CONNECTIONS = 16
"""So many are answered at one time; who comes above that is hung up on."""
TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' exposition format."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Where the port reads from.

    Attributes:
        backlog: Asks the store; raises TemporaryError where it is gone.
        mailboxes: How polling goes.
        is_ready: Whether mail is being taken.
        is_alive: Whether every thread of the daemon runs.
        now: The time.
        ends: How many mails reached each end since the start.
        rules: Which rules are in force, None where nothing is known yet.
        rule_errors: How often each rule failed since the start, by its id.
    """

    backlog: Callable[[], Backlog]
    mailboxes: Callable[[], tuple[MailboxHealth, ...]]
    is_ready: Callable[[], bool]
    is_alive: Callable[[], bool]
    now: Callable[[], datetime]
    ends: Callable[[], tuple[tuple[MailState, int], ...]]
    rules: Callable[[], RulesStatus | None] = lambda: None
    rule_errors: Callable[[], tuple[tuple[str, int], ...]] = lambda: ()


class HealthPort:
    """A small HTTP server in its own threads; it holds its port from the beginning.

    Args:
        host: The address to listen on.
        port: 0 for any free one.
        observed: Where it reads from.
        former: The port of a run that is about to end: where it is the same one it is handed over, so that nobody can
            take it in between.

    Raises:
        PermanentError: The port cannot be had.
    """

    def __init__(self, host: str, port: int, observed: Observed, former: "HealthPort | None" = None) -> None:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Figures(observed))
        self._address = (host, port)
        listener = former.listener(self._address) if former else None
        try:
            self._server = _Server(self._address, _handler(observed, registry), listener)
        except OSError as error:
            raise PermanentError(f"the health port {host}:{port} cannot be had: {error.strerror or error}") from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="http", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def listener(self, address: tuple[str, int]) -> socket.socket | None:
        """Return the socket that listens where it was asked to; None for another address, or for any free port."""
        return self._server.socket if address == self._address and address[1] else None

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more and let go of the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """Holds no more than so many connections, none for longer than so long, whatever the clients do."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], listener: socket.socket | None
    ) -> None:
        self._begun: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        super().__init__(address, handler, bind_and_activate=listener is None)
        if listener is not None:
            self.socket.close()
            self.socket = listener.dup()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- the library's types
        with self._lock:
            is_full = len(self._begun) >= MOST_CONNECTIONS
            if not is_full:
                self._begun[request] = time.monotonic()
        if is_full:
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 -- the library's types
        with self._lock:
            self._begun.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """End what lasts too long; the server asks for this a few times a second."""
        latest = time.monotonic() - LONGEST_S
        with self._lock:
            late = [request for request, begun in self._begun.items() if begun < latest]
            for request in late:
                with suppress(OSError):  # it ended by itself
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- the library's types
        if not isinstance(sys.exception(), OSError):  # a client that went away is no fault
            super().handle_error(request, client_address)


class _Figures(Collector):
    """Reads the figures anew at every scrape, so that they are never older than the question."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed

    def collect(self) -> Iterable[Metric]:
        """Yield every metric."""
        yield from _mailbox_metrics(self._observed.mailboxes(), self._observed.now())
        yield _ended(self._observed.ends())
        yield from _rules_metrics(self._observed.rules(), self._observed.rule_errors())
        try:
            backlog = self._observed.backlog()
        except MailgatewayError:
            yield _gauge("mailgateway_database_up", "Whether the database answers.", 0)
            return
        yield _gauge("mailgateway_database_up", "Whether the database answers.", 1)
        yield from _backlog_metrics(backlog, self._observed.now())


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _labelled(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    metric = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values:
        metric.add_metric([key], value)
    return metric


def _ended(ends: Iterable[tuple[MailState, int]]) -> CounterMetricFamily:
    text = "Mails that reached this end since the start of this run; begins again at 0 with the next one."
    metric = CounterMetricFamily("mailgateway_mails_ended", text, labels=["state"])
    for state, count in ends:
        metric.add_metric([state.value], count)
    return metric


def _rules_metrics(status: RulesStatus | None, errors: Iterable[tuple[str, int]]) -> Iterable[Metric]:
    if status is not None:
        text = "Whether the last attempt to put rule files in force went well."
        yield _gauge("mailgateway_rules_last_reload_successful", text, float(status.successful))
        text = "When the files last held what is in force, in Unix time; 0 for never."
        agreed_s = status.agreed_at.timestamp() if status.agreed_at else 0.0
        yield _gauge("mailgateway_rules_last_reload_success_timestamp_seconds", text, agreed_s)
        text = "1 for the revision of the rule files that is in force, and where it comes from."
        active = GaugeMetricFamily("mailgateway_rules_active_revision", text, labels=["revision", "origin"])
        active.add_metric([status.revision, status.origin.value], 1)
        yield active
    failed = CounterMetricFamily("mailgateway_rules_errors", "Failures inside a rule.", labels=["rule"])
    for rule, count in errors:
        failed.add_metric([rule], count)
    yield failed


def _age_s(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0


def _mailbox_metrics(mailboxes: tuple[MailboxHealth, ...], now: datetime) -> Iterable[Metric]:
    yield _labelled(
        "mailgateway_mailbox_up",
        "Whether the last look at the mailbox went well.",
        "mailbox",
        [(mailbox.name, float(not mailbox.problem)) for mailbox in mailboxes],
    )
    yield _labelled(
        "mailgateway_mailbox_last_good_poll_age_seconds",
        "Seconds since every folder of the mailbox was looked at without a failure.",
        "mailbox",
        [(mailbox.name, _age_s(mailbox.last_good_poll, now)) for mailbox in mailboxes if mailbox.last_good_poll],
    )
    yield _labelled(
        "mailgateway_mailbox_held",
        "Whether this daemon has the lease of the mailbox.",
        "mailbox",
        [(mailbox.name, float(mailbox.held)) for mailbox in mailboxes],
    )


def _backlog_metrics(backlog: Backlog, now: datetime) -> Iterable[Metric]:
    yield _labelled("mailgateway_mails", "Mails in the ledger by state.", "state", backlog.mails)
    yield _labelled("mailgateway_deliveries", "Recipients in the outbox by state.", "state", backlog.deliveries)
    yield _gauge(
        "mailgateway_oldest_waiting_mail_age_seconds",
        "Seconds since the oldest mail arrived that is not at its end; 0 where none waits.",
        _age_s(backlog.oldest_mail, now),
    )
    yield _gauge(
        "mailgateway_oldest_queued_delivery_age_seconds",
        "Seconds since the oldest mail in the outbox was written that is not sent; 0 where none waits.",
        _age_s(backlog.oldest_delivery, now),
    )


def _handler(observed: Observed, registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    pages: dict[str, Callable[[], tuple[int, str, bytes]]] = {
        "/healthz": lambda: _verdict(observed, observed.is_alive()),
        "/readyz": lambda: _verdict(observed, observed.is_ready()),
        "/metrics": lambda: (200, TEXT_FORMAT, generate_latest(registry)),
    }

    class Handler(BaseHTTPRequestHandler):
        """Answers GET for the three pages."""

        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0])
            self._answer(*(page() if page else (404, TEXT_FORMAT, b"here are /healthz, /readyz and /metrics\n")))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
            """Say nothing: a scrape is no event."""

        def _answer(self, code: int, content_type: str, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _verdict(observed: Observed, good: bool) -> tuple[int, str, bytes]:
    rules = observed.rules()
    trouble = rules_trouble(rules)
    answer = {
        "status": "not ok" if not good else "degraded" if trouble else "ok",
        "rules": _rules(rules, trouble),
        "mailboxes": [
            {
                "name": mailbox.name,
                "last_good_poll": mailbox.last_good_poll.isoformat() if mailbox.last_good_poll else None,
                "problem": mailbox.problem,
                "held_here": mailbox.held,
            }
            for mailbox in observed.mailboxes()
        ],
    }
    return 200 if good else 503, "application/json", json.dumps(answer).encode() + b"\n"


def _rules(status: RulesStatus | None, trouble: str) -> dict[str, str] | None:
    """Return the part of a page about the rules: which are in force, and why the files are not."""
    if status is None:
        return None
    since = status.since.isoformat()
    return {"revision": status.revision, "origin": status.origin.value, "since": since, "problem": trouble}
