"""One round: fetch, process, send, and say what went wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailgateway.app.ports import Lease, MailServer
from mailgateway.config import MailboxConfig
from mailgateway.daemon import run as daemon_run
from mailgateway.daemon import run_once
from mailgateway.errors import FencedError, TemporaryError
from mailgateway.model.ledger import MailState
from tests.app.parts import Instead, SetClock, mail, raising
from tests.daemon.house import House, answered
from tests.servers import eventually, free_port


def test_one_round_takes_everything_to_its_end(house: House) -> None:
    house.deliver(mail("m1"), mail("m2"))
    with house.parts() as parts:
        problems = run_once(parts)
        again = run_once(parts)
        states = [entry.state for entry in parts.store.entries()]

    assert (problems, again) == ((), ())
    assert states == [MailState.PROCESSED] * 2
    assert len(answered(house.sink, 2)) == 2


def test_a_dead_mailbox_is_a_problem_and_the_others_are_done(house: House, new_user: Callable[[], str]) -> None:
    house.users = {"dead": new_user(), **house.users}
    house.ports["dead"] = free_port()
    house.deliver(mail("m1"))
    with house.parts() as parts:
        problems = run_once(parts)

    assert [problem.partition(":")[0] for problem in problems] == ["dead"]
    assert len(answered(house.sink, 1)) == 1


def test_a_mailbox_of_another_daemon_is_a_problem(house: House) -> None:
    with house.parts() as parts:
        parts.store.acquire("support", "another", parts.clock.now(), 60)

        assert run_once(parts) == ("support: another daemon holds it",)


def test_a_relay_that_is_down_is_a_problem_and_the_mail_waits(house: House) -> None:
    house.deliver(mail("m1"))
    with house.parts() as parts, house.sink.down():
        problems = run_once(parts)
        states = [entry.state for entry in parts.store.entries()]

    assert problems == ("mail to 1 recipients could not be sent yet; it stays in the outbox",)
    assert states == [MailState.PROCESSED]


def test_the_lease_is_given_back(house: House) -> None:
    with house.parts() as parts:
        run_once(parts)

        assert parts.store.acquire("support", "another", parts.clock.now(), 60) is not None


def test_a_long_round_keeps_its_leases(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon_run, "RENEW_EVERY_S", 0.01)
    renewed: list[tuple[Lease, ...]] = []
    with house.parts() as parts:

        def renew(*asked: Any) -> tuple[Lease, ...]:  # noqa: ANN401 -- passed on
            renewed.append(parts.store.renew(*asked))
            return renewed[-1]

        def connect(mailbox: MailboxConfig) -> MailServer:
            eventually(lambda: len(renewed) > 3)  # it takes so long
            return parts.connect(mailbox)

        store = Instead(parts.store, renew=renew)
        assert run_once(replace(parts, connect=connect, store=store)) == ()  # type: ignore[arg-type]  # a wrapper

    assert {tuple(lease.mailbox for lease in leases) for leases in renewed[1:]} == {("support",)}


@pytest.mark.parametrize("error", [FencedError("taken over"), TemporaryError("gone")], ids=str)
def test_processing_that_fails_leaves_the_mail_for_the_next_round(house: House, error: Exception) -> None:
    house.deliver(mail("m1"))
    with house.parts() as parts:
        failing = Instead(parts.store, begin=raising(error))
        first = run_once(replace(parts, store=failing)), parts.store.entries()[0].state  # type: ignore[arg-type]  # a wrapper
        second = run_once(parts), parts.store.entries()[0].state

    assert first == (("1 mails could not be processed yet; the log says why",), MailState.ACKNOWLEDGED)
    assert second == ((), MailState.PROCESSED)


def test_an_outbox_that_is_gone_ends_the_round(house: House) -> None:
    house.deliver(mail("m1"))
    with house.parts() as parts:
        gone = Instead(parts.store, claim=raising(TemporaryError("gone")))

        assert len(run_once(replace(parts, store=gone))) == 1  # type: ignore[arg-type]  # a wrapper


def test_a_lease_that_ran_out_before_the_look_is_no_right_to_look(house: House) -> None:
    with house.parts() as parts:
        clock = SetClock(parts.clock.now())
        store = Instead(parts.store, acquire=lambda *_: late(clock, parts.store.acquire("support", "x", clock.at, 1)))

        assert run_once(replace(parts, clock=clock, store=store)) == ("support: another daemon holds it",)  # type: ignore[arg-type]


def late(clock: SetClock, lease: object) -> object:
    clock.at += timedelta(seconds=2)
    return lease
