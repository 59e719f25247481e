"""Who works on a mailbox, and how a dead owner is told from a slow one."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from mailgateway.adapters.liveness import Liveness
from mailgateway.app.health import Health
from mailgateway.app.ports import Lease
from mailgateway.daemon.leases import LEASE_S, Leases
from mailgateway.errors import PermanentError, TemporaryError
from tests.app.parts import Desk, Instead, raising

HOLD = """
import sys
from pathlib import Path
from typing import Any
from mailgateway.adapters.liveness import Liveness
Liveness(Path(sys.argv[1])).mark("other")
print("marked", flush=True)
sys.stdin.read()
"""


def leases(desk: Desk, owner: str, ledger: object = None, is_dead: object = lambda _: False) -> Leases:
    health = Health()
    return Leases(ledger or desk.store, desk.clock, owner, is_dead, health)  # type: ignore[arg-type]  # wrappers


@contextmanager
def holding(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a process that is the owner `other`."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        yield other


def test_a_lease_is_held_until_it_runs_out(desk: Desk) -> None:
    mine = leases(desk, "me")
    mine.keep(["support"])

    held = mine.held("support")
    desk.clock.advance(LEASE_S)

    assert held is not None
    assert held.expires_at == desk.clock.now()
    assert (mine.held("support"), mine.held("unknown")) == (None, None)


def test_keeping_a_lease_prolongs_it_under_the_same_fence(desk: Desk) -> None:
    mine = leases(desk, "me")
    mine.keep(["support"])
    first = mine.held("support")
    desk.clock.advance(LEASE_S - 1)

    with structlog.testing.capture_logs() as log:
        mine.keep(["support"])

    second = mine.held("support")
    assert first is not None
    assert second is not None
    assert (second.fence, second.expires_at - first.expires_at) == (first.fence, timedelta(seconds=LEASE_S - 1))
    assert log == []


def test_a_mailbox_of_another_is_left_to_it_until_that_one_gives_it_back(desk: Desk) -> None:
    mine, theirs = leases(desk, "me"), leases(desk, "they")
    theirs.keep(["a", "b"])
    mine.keep(["a", "b"])
    left = [mine.held("a"), mine.held("b"), mine.health.mailbox("a").problem]

    theirs.release()
    mine.keep(["a", "b"])

    assert left == [None, None, ""]
    assert (mine.held("a") is not None, mine.held("b") is not None, theirs.held("a")) == (True, True, None)


def test_a_lease_taken_over_is_forgotten(desk: Desk) -> None:
    mine, theirs = leases(desk, "me"), leases(desk, "they")
    mine.keep(["a"])
    desk.clock.advance(LEASE_S)
    theirs.keep(["a"])

    mine.keep(["a"])

    assert (mine.held("a"), theirs.held("a") is not None) == (None, True)


def test_a_database_that_is_gone_takes_no_lease_away_before_its_time(desk: Desk) -> None:
    mine = leases(desk, "me")
    mine.keep(["a"])
    gone = TemporaryError("gone")
    mine.ledger = Instead(desk.store, renew=raising(gone), release=raising(gone))  # type: ignore[assignment]  # a wrapper

    mine.keep(["a"])
    held = mine.held("a")
    mine.release()

    assert held is not None
    assert mine.held("a") is None


def test_a_dead_owners_leases_are_all_taken_at_once(desk: Desk, tmp_path: Path) -> None:
    leases(desk, "other").keep(["a", "b"])
    mine = leases(desk, "me", is_dead=Liveness(tmp_path).is_dead)
    with holding(tmp_path) as other:
        mine.keep(["a", "b"])
        before = [mine.held("a"), mine.held("b")]
        other.kill()

    mine.keep(["a", "b"])

    assert before == [None, None]
    assert [lease is not None for lease in (mine.held("a"), mine.held("b"))] == [True, True]


def test_an_owner_is_dead_when_its_process_has_ended(tmp_path: Path) -> None:
    living = Liveness(tmp_path)
    with holding(tmp_path) as other:
        before = living.is_dead("other")
        other.kill()

    assert (before, living.is_dead("other"), living.is_dead("other")) == (False, True, True)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_ended_leaves_no_file(tmp_path: Path) -> None:
    mine, other = Liveness(tmp_path), Liveness(tmp_path)
    mine.mark("one")
    other.mark("two")

    mine.close()

    assert [file.name for file in tmp_path.iterdir()] == ["two"]
    other.close()


@pytest.mark.parametrize("owner", ["", "never-heard-of", "not/a/name", "nul\0"])
def test_an_owner_nobody_knows_here_counts_as_alive(tmp_path: Path, owner: str) -> None:
    assert Liveness(tmp_path).is_dead(owner) is False


def test_a_mark_keeps_others_from_the_same_name(tmp_path: Path) -> None:
    first = Liveness(tmp_path / "owners")
    first.mark("me")

    with pytest.raises(BlockingIOError), (tmp_path / "owners" / "me").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    first.close()


def test_a_bug_in_the_database_is_not_taken_for_a_passing_failure(desk: Desk) -> None:
    mine = leases(desk, "me", ledger=Instead(desk.store, acquire=raising(PermanentError("the schema"))))

    with pytest.raises(PermanentError):
        mine.keep(["a"])


def test_a_slow_call_for_one_mailbox_lets_no_other_lease_run_out(desk: Desk) -> None:
    def slowly(mailbox: str, *asked: Any) -> Lease | None:  # noqa: ANN401 -- passed on
        desk.clock.advance(LEASE_S * 0.6)
        return desk.store.acquire(mailbox, *asked)

    mine = leases(desk, "me")
    mine.keep(["a"])
    leases(desk, "they").keep(["b", "c", "d"])
    mine.ledger = Instead(desk.store, acquire=slowly)  # type: ignore[assignment]  # a wrapper

    mine.keep(["b", "c", "d", "a"])

    assert mine.held("a") is not None
    assert leases(desk, "somebody").ledger.acquire("a", "somebody", desk.clock.now(), 60) is None


def test_a_mailbox_that_cannot_be_taken_now_keeps_no_other_from_being_taken(desk: Desk) -> None:
    def busy(mailbox: str, *asked: Any) -> Lease | None:  # noqa: ANN401 -- passed on
        if mailbox == "a":
            raise TemporaryError("locked")
        return desk.store.acquire(mailbox, *asked)

    mine = leases(desk, "me", ledger=Instead(desk.store, acquire=busy))

    mine.keep(["a", "b"])

    assert (mine.held("a"), mine.held("b") is not None) == (None, True)
