"""The running daemon, on a real Dovecot and a real SMTP server."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.error import HTTPError

import pytest
import structlog

from mailgateway.app.ports import Folder
from mailgateway.config import MailboxConfig
from mailgateway.daemon import Daemon, Parts
from mailgateway.daemon import mailbox as daemon_mailbox
from mailgateway.errors import ConfigError, FencedError, PermanentError, TemporaryError
from mailgateway.model.ledger import MailState
from tests.app.parts import Instead, mail, raising
from tests.daemon.house import House, answered, running, titles
from tests.servers import PATIENCE_S, eventually, free_port

CARLA = ("carla@customer.example",)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a mailbox that failed be tried again sooner than after seconds."""
    monkeypatch.setattr(daemon_mailbox, "LONGEST_WAIT_S", 0.1)


def page(daemon: Daemon, name: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.port}/{name}", timeout=PATIENCE_S) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as refusal:
        with refusal:
            return refusal.code, json.loads(refusal.read())


def is_ready(daemon: Daemon) -> bool:
    return page(daemon, "readyz")[0] == 200


def problem_of(answer: tuple[int, Any], mailbox: int) -> str:
    problem = str(answer[1]["mailboxes"][mailbox]["problem"])
    return "" if problem == "not looked at yet" else problem


def ready_page(daemon: Daemon, shows: Callable[[tuple[int, Any]], bool]) -> tuple[int, Any]:
    """Return /readyz once it shows something."""

    def found() -> tuple[int, Any] | None:
        answer = page(daemon, "readyz")
        return answer if shows(answer) else None

    answer = eventually(found)
    assert answer is not None
    return answer


class Waits:
    """Connections that say when they begin to wait for news."""

    def __init__(self, parts: Parts, before: Callable[[], None] = lambda: None) -> None:
        self._parts, self._before, self.begun = parts, before, threading.Event()

    def connect(self, mailbox: MailboxConfig) -> Instead:
        server = self._parts.connect(mailbox)

        def wait(timeout_s: float, interrupted: Callable[[], bool]) -> bool:
            self._before()
            self.begun.set()
            return server.wait(timeout_s, interrupted)

        return Instead(server, wait=wait)


def test_an_idling_daemon_ends_every_thread_and_waits_for_no_news(house: House) -> None:
    with house.parts() as parts:
        waits = Waits(parts)
        daemon = Daemon(replace(parts, connect=waits.connect))
        daemon.start()
        assert waits.begun.wait(PATIENCE_S)

        daemon.stop()

        # One that waited for its next poll, or for the next renewal, would live on after what `stop` waits for it.
        assert [thread.name for thread in daemon._threads if thread.is_alive()] == []
        assert parts.store.acquire("support", "next", parts.clock.now(), 1) is not None


def test_mail_is_acknowledged_at_once_by_idle(house: House) -> None:
    with house.parts() as parts:
        waits = Waits(parts)
        with running(parts, connect=waits.connect):
            assert waits.begun.wait(PATIENCE_S)

            house.deliver(mail("m1"))
            recipients = answered(house.sink, 1)

    assert recipients == [CARLA]
    assert (house.lie_in(), house.lie_in("Processed")) == (0, 1)


def test_mail_that_arrives_between_the_look_and_idle_is_not_left_to_the_next_poll(house: House) -> None:
    late = iter([mail("late")])

    def deliver_late() -> None:
        for raw in late:
            house.deliver(raw)

    with house.parts() as parts, running(parts, connect=Waits(parts, deliver_late).connect):
        assert answered(house.sink, 1) == [CARLA]


def test_a_server_without_idle_is_polled(house: House) -> None:
    house.idle, house.poll_every_s = False, 0.1
    with house.parts() as parts, running(parts) as daemon:
        eventually(lambda: is_ready(daemon))

        house.deliver(mail("m1"))

        assert answered(house.sink, 1) == [CARLA]


def test_ready_only_after_the_first_good_look(house: House) -> None:
    go_on = threading.Event()

    def connect(mailbox: MailboxConfig) -> object:
        go_on.wait(PATIENCE_S)
        return parts.connect(mailbox)

    with house.parts() as parts, running(parts, connect=connect) as daemon:
        before = page(daemon, "readyz")
        alive = page(daemon, "healthz")[0]
        go_on.set()
        eventually(lambda: is_ready(daemon))

    assert (before[0], before[1]["mailboxes"][0]["problem"], alive) == (503, "not looked at yet", 200)


def test_one_dead_mailbox_hurts_no_other(house: House, new_user: Callable[[], str]) -> None:
    house.users["dead"] = new_user()
    house.ports["dead"] = free_port()
    with house.parts() as parts, running(parts) as daemon:
        house.deliver(mail("m1"))
        recipients = answered(house.sink, 1)

        status, answer = ready_page(daemon, lambda found: problem_of(found, 1) != "")

    assert (recipients, status) == ([CARLA], 503)
    assert (problem_of((status, answer), 0), "refused" in problem_of((status, answer), 1)) == ("", True)


def test_a_connection_that_is_cut_is_made_again(house: House) -> None:
    with house.parts() as parts:
        waits = Waits(parts)
        with running(parts, connect=waits.connect):
            assert waits.begun.wait(PATIENCE_S)
            waits.begun.clear()

            house.dovecot.cut(house.users["support"])
            assert waits.begun.wait(PATIENCE_S)
            house.deliver(mail("m1"))

            assert answered(house.sink, 1) == [CARLA]


@pytest.mark.parametrize(
    "error", [TemporaryError("not now"), PermanentError("wrong password"), ValueError("a bug")], ids=str
)
def test_a_mailbox_that_fails_is_tried_again(house: House, error: Exception) -> None:
    tries: list[int] = []

    def connect(mailbox: MailboxConfig) -> object:
        tries.append(1)
        if len(tries) == 1:
            raise error
        return parts.connect(mailbox)

    house.deliver(mail("m1"))
    with house.parts() as parts, running(parts, connect=connect) as daemon:
        assert answered(house.sink, 1) == [CARLA]
        assert daemon.is_alive


def test_a_server_that_ends_every_connection_is_not_stormed(house: House) -> None:
    connected: list[float] = []

    def connect(mailbox: MailboxConfig) -> object:
        connected.append(time.monotonic())
        return Instead(parts.connect(mailbox), wait=raising(TemporaryError("bye")))

    with house.parts() as parts, running(parts, connect=connect):
        eventually(lambda: len(connected) == 2)

    assert connected[1] - connected[0] > 0.9


def test_a_missing_first_folder_is_a_failure_and_a_missing_other_one_is_not(house: House) -> None:
    house.write()
    with house.parts() as parts:
        mailbox = parts.snapshot.config.mailbox[0]
        gone = mailbox.model_copy(update={"folders": (mailbox.folders[1], mailbox.folders[0])})
        config = parts.snapshot.config.model_copy(update={"mailbox": (gone,)})
        with running(parts, snapshot=replace(parts.snapshot, config=config)) as daemon:
            answer = ready_page(daemon, lambda found: problem_of(found, 0) != "")

    assert problem_of(answer, 0) == "there is no folder 'Junk'"


def test_a_missing_other_folder_is_said_once_until_it_is_there(house: House) -> None:
    house.idle, house.poll_every_s = False, 0.1
    looks: list[str] = []
    with structlog.testing.capture_logs() as log, house.parts() as parts:

        def connect(mailbox: MailboxConfig) -> Instead:
            real = parts.connect(mailbox)

            def select(folder: str) -> Folder:
                looks.append(folder)
                return real.select(folder)

            return Instead(real, select=select)

        with running(parts, connect=connect):
            eventually(lambda: looks.count("Junk") > 2)

    missing = [line for line in log if line["event"] == "folder.missing"]
    assert missing == [{"event": "folder.missing", "log_level": "warning", "mailbox": "support", "folder": "Junk"}]


def test_a_folder_that_always_fails_does_not_keep_the_first_from_being_looked_at(house: House) -> None:
    house.deliver(mail("m1"))
    with house.parts() as parts:

        def connect(mailbox: MailboxConfig) -> Instead:
            real = parts.connect(mailbox)

            def select(folder: str) -> Folder:
                if folder == "Junk":
                    raise TemporaryError("this folder is broken")
                return real.select(folder)

            return Instead(real, select=select)

        with running(parts, connect=connect):
            eventually(lambda: len(house.sink.mails) == 1)

        assert [entry.state for entry in parts.store.entries()] == [MailState.PROCESSED]


def test_a_mailbox_taken_by_another_daemon_is_left_to_it(house: House) -> None:
    house.deliver(mail("m1"))
    with house.parts() as parts:
        fenced = Instead(parts.store, receive=raising(FencedError("taken over")))
        with running(parts, store=fenced) as daemon:
            answer = ready_page(daemon, lambda found: found[0] == 200)

        assert answer[1]["mailboxes"][0]["held_here"] is False
        assert parts.store.entries() == ()


def test_a_thread_that_dies_of_a_bug_makes_the_daemon_unhealthy(house: House) -> None:
    with house.parts() as parts:
        buggy = Instead(parts.store, begin=raising(ZeroDivisionError("a bug")))
        with running(parts, store=buggy) as daemon:
            eventually(lambda: not daemon.is_alive)

            assert page(daemon, "healthz")[0] == 503


def test_a_database_that_goes_and_comes_back_loses_nothing(house: House) -> None:
    down = threading.Event()

    def while_down(method: str) -> Callable[..., Any]:
        def call(*args: object) -> Any:  # noqa: ANN401 -- passed on
            if down.is_set():
                raise TemporaryError("the database is gone")
            return getattr(parts.store, method)(*args)

        return call

    with house.parts() as parts:
        methods = ("begin", "batch", "claim", "receive", "resume_after", "acquire", "renew", "backlog")
        shaky = Instead(parts.store, **{method: while_down(method) for method in methods})
        with running(parts, store=shaky) as daemon:
            eventually(lambda: is_ready(daemon))
            down.set()
            house.deliver(mail("m1"))
            eventually(lambda: problem_of(page(daemon, "readyz"), 0))
            down.clear()

            assert answered(house.sink, 1) == [CARLA]
            assert daemon.is_alive


def test_without_a_health_port_there_is_none(house: House) -> None:
    house.write()
    with house.parts() as parts:
        off = parts.snapshot.config.model_copy(
            update={"http": parts.snapshot.config.http.model_copy(update={"enabled": False})}
        )
        with running(parts, snapshot=replace(parts.snapshot, config=off)) as daemon:
            assert daemon.port == 0


def test_ends_are_counted_where_metrics_show_them(house: House) -> None:
    raw = mail("m1")
    house.deliver(raw, raw)
    with house.parts() as parts, running(parts) as daemon:
        eventually(lambda: len(parts.store.entries((MailState.PROCESSED, MailState.DUPLICATE))) == 2)
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.port}/metrics", timeout=PATIENCE_S) as answer:
            lines = answer.read().decode().splitlines()

    assert 'mailgateway_mails_ended_total{state="processed"} 1.0' in lines
    assert 'mailgateway_mails_ended_total{state="duplicate"} 1.0' in lines


def test_mail_of_many_senders_becomes_one_ticket_each(house: House) -> None:
    names = sorted(f"m{number:02d}" for number in range(30))
    house.deliver(*(mail(name, sender=f"{name}@customer.example") for name in names))
    with house.parts() as parts, running(parts):
        assert titles(parts, 30) == names
        assert len(answered(house.sink, 30)) == 30


def test_a_state_folder_that_cannot_be_made_is_told_in_words(house: House) -> None:
    (house.folder / "file").write_text("")

    with pytest.raises(ConfigError, match="file/state: Not a directory"), house.parts(state="file/state"):
        pass
