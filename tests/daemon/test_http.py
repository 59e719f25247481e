"""The health port over a real socket."""

import json
import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mailgateway.adapters.http import HealthPort, Observed
from mailgateway.app.health import MailboxHealth
from mailgateway.app.ports import Backlog
from mailgateway.errors import PermanentError, TemporaryError
from mailgateway.model.ledger import MailState
from tests.app.parts import NOW, raising
from tests.servers import PATIENCE_S

GOOD = MailboxHealth("support", NOW - timedelta(seconds=7), "", held=True)
BAD = MailboxHealth("sales", None, "no login", held=True)
BACKLOG = Backlog(
    (("acknowledged", 3), ("aside", 1)), NOW - timedelta(minutes=2), (("queued", 4),), NOW - timedelta(minutes=1)
)  # fmt: skip
OBSERVED = Observed(
    backlog=lambda: BACKLOG,
    mailboxes=lambda: (GOOD, BAD),
    is_ready=lambda: True,
    is_alive=lambda: True,
    now=lambda: NOW,
    ends=lambda: ((MailState.PROCESSED, 5), (MailState.ASIDE, 0)),
)


@dataclass(slots=True)
class Pages:
    """Ports of one test, ended with it."""

    ports: list[HealthPort] = field(default_factory=list)

    def get(self, page: str, **changes: object) -> tuple[int, str, bytes]:
        """Return status, content type and body of a page of a new port."""
        port = HealthPort("127.0.0.1", 0, replace(OBSERVED, **changes))  # type: ignore[arg-type]  # its fields
        self.ports.append(port)
        port.start()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port.port}{page}", timeout=PATIENCE_S) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read()
        except HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.headers["Content-Type"], refusal.read()


@pytest.fixture
def pages() -> Iterator[Pages]:
    opened = Pages()
    yield opened
    for port in opened.ports:
        port.stop()


def figures(body: bytes) -> dict[tuple[str, str], float]:
    """Return every sample of a metrics page by its name and its one label's value."""
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize(("page", "what"), [("/healthz", "is_alive"), ("/readyz", "is_ready")])
def test_health_pages_say_ok_or_not_and_name_the_mailboxes(pages: Pages, page: str, what: str) -> None:
    good, bad = pages.get(page), pages.get(f"{page}?verbose", **{what: lambda: False})

    mailboxes: list[dict[str, Any]] = [
        {"name": "support", "last_good_poll": "2026-03-01T11:59:53+00:00", "problem": "", "held_here": True},
        {"name": "sales", "last_good_poll": None, "problem": "no login", "held_here": True},
    ]
    assert [good[:2], bad[:2]] == [(200, "application/json"), (503, "application/json")]
    assert json.loads(good[2]) == {"status": "ok", "rules": None, "mailboxes": mailboxes}
    assert json.loads(bad[2]) == {"status": "not ok", "rules": None, "mailboxes": mailboxes}


def test_metrics_can_be_read_by_prometheus(pages: Pages) -> None:
    status, content_type, body = pages.get("/metrics")

    assert (status, content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert figures(body) == {
        ("mailgateway_mailbox_up", "support"): 1,
        ("mailgateway_mailbox_up", "sales"): 0,
        ("mailgateway_mailbox_last_good_poll_age_seconds", "support"): 7,
        ("mailgateway_mailbox_held", "support"): 1,
        ("mailgateway_mailbox_held", "sales"): 1,
        ("mailgateway_mails_ended_total", "processed"): 5,
        ("mailgateway_mails_ended_total", "aside"): 0,
        ("mailgateway_database_up", ""): 1,
        ("mailgateway_mails", "acknowledged"): 3,
        ("mailgateway_mails", "aside"): 1,
        ("mailgateway_deliveries", "queued"): 4,
        ("mailgateway_oldest_waiting_mail_age_seconds", ""): 120,
        ("mailgateway_oldest_queued_delivery_age_seconds", ""): 60,
    }


def test_metrics_of_an_empty_gateway_have_no_ages(pages: Pages) -> None:
    _, _, body = pages.get("/metrics", backlog=lambda: Backlog((), None, (), None), mailboxes=lambda: ())

    found = figures(body)
    assert found["mailgateway_oldest_waiting_mail_age_seconds", ""] == 0
    assert found["mailgateway_oldest_queued_delivery_age_seconds", ""] == 0


def test_metrics_are_answered_while_the_database_is_gone(pages: Pages) -> None:
    status, _, body = pages.get("/metrics", backlog=raising(TemporaryError("gone")))

    found = figures(body)
    assert (status, found["mailgateway_database_up", ""]) == (200, 0)
    assert found["mailgateway_mailbox_up", "support"] == 1
    assert ("mailgateway_mails", "aside") not in found


def test_another_page_is_not_found(pages: Pages) -> None:
    assert pages.get("/")[::2] == (404, b"here are /healthz, /readyz and /metrics\n")


def test_a_port_that_is_taken_is_told_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PermanentError, match=f"127.0.0.1:{port} cannot be had: Address already in use"):
            HealthPort("127.0.0.1", port, OBSERVED)


def test_a_port_that_was_never_started_can_be_stopped() -> None:
    port = HealthPort("127.0.0.1", 0, OBSERVED)

    port.stop()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port.port), timeout=PATIENCE_S)
