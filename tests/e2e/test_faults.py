"""What surrounds the gateway fails for a while, and comes back: no mail is lost and none is handled twice."""

import random
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bench.mailbox import mails as mixed_mails
from mailgateway.adapters.files import load_config
from mailgateway.app.ports import MailServer
from mailgateway.daemon import Daemon, open_parts
from tests.conftest import cannot_run
from tests.e2e.conftest import MakeGateway
from tests.e2e.gateway import Gateway, Process, Setting
from tests.invariant import assert_nothing_lost_nothing_twice, message_ids
from tests.servers import Dovecot, Postgres, SmtpSink, eventually
from tests.servers.proxy import Proxy

LARGE = "row_bytes = 65536"
"""So that mails with an attachment of 75 KB go through the blob store."""
SMALL_BATCHES = f"{LARGE}\nbatch_mails = 10"
LOCKED_S = 2.0
LONGER_THAN_PATIENCE_S = 35.0
SEED = 20261121


@dataclass(slots=True)
class Drain:
    """A gateway with a Dovecot mailbox and a sink, and the mails that were put into the mailbox."""

    gateway: Gateway
    dovecot: Dovecot
    sink: SmtpSink
    mails: list[bytes] = field(default_factory=list)

    @property
    def user(self) -> str:
        """The account."""
        return self.gateway.setting.address

    def fill(self, mails: Sequence[bytes], *, again: bool = False) -> None:
        """Put mails into the INBOX; `again` for copies of what was there before."""
        with self.dovecot.imap(self.user) as connection:
            connection.multiappend("INBOX", mails)
        self.mails += [] if again else mails

    def process(self, *, at_least: int) -> None:
        """Wait until so many mails have reached an end."""
        self.gateway.wait_for(lambda: self.gateway.ended() >= at_least)

    def assert_all_is_well(self, *, copies: int = 0) -> None:
        """Wait for the end of the last mail; then every mail is there once, and INBOX is empty."""
        self.gateway.wait_until_done(len(self.mails) + copies, timeout_s=120)
        eventually(lambda: self.dovecot.mails(self.user) == ())
        assert_nothing_lost_nothing_twice(self.gateway.store, self.mails, self.sink.mails)


MakeDrain = Callable[..., Drain]


@pytest.fixture
def make_drain(make_gateway: MakeGateway, smtp_sink: SmtpSink, new_user: Callable[[], str]) -> MakeDrain:
    """Return a maker of gateways that are not started yet. The next poll comes after ten minutes unless said so."""

    def make(dovecot: Dovecot, imap_port: int = 0, **changes: object) -> Drain:
        setting = Setting(new_user(), imap_port or dovecot.imap_port, smtp_sink.port, limits=LARGE)
        return Drain(make_gateway(replace(setting, **changes)), dovecot, smtp_sink)  # type: ignore[arg-type]  # named

    return make


def some_mails(count: int, seed: int = SEED) -> list[bytes]:
    return mixed_mails(count, seed)


def large_mails(count: int) -> list[bytes]:
    return [mail for mail in mixed_mails(count * 20, SEED) if len(mail) > 65_536][:count]


# --- SMTP and IMAP ---------------------------------------------------------------------------------------------


def test_a_relay_that_is_down_for_a_while_is_waited_for(make_drain: MakeDrain, dovecot: Dovecot) -> None:
    drain = make_drain(dovecot)
    process = drain.gateway.start()

    with drain.sink.down():
        drain.fill(some_mails(20))
        drain.process(at_least=20)
        drain.gateway.wait_for(lambda: process.has_said("mail.not_sent"))
        assert (drain.gateway.queued(), drain.sink.mails) == (len(drain.gateway.store.tickets()), ())

    drain.assert_all_is_well()


def test_a_relay_that_hangs_up_after_the_data_gets_the_same_mail_again(make_drain: MakeDrain, dovecot: Dovecot) -> None:
    drain = make_drain(dovecot)
    drain.sink.answer("DATA", "", times=3)
    drain.gateway.start()

    drain.fill(some_mails(10))

    drain.assert_all_is_well()
    raws = [mail.raw for mail in drain.sink.mails]
    assert len(raws) == len(set(raws)) + 3


@pytest.mark.parametrize("passed", [pytest.param(3_000, marks=pytest.mark.soak), 30_000, 200_000])
def test_an_imap_connection_cut_in_the_middle_of_a_fetch_loses_nothing(
    make_drain: MakeDrain, dovecot: Dovecot, passed: int
) -> None:
    with Proxy(dovecot.imap_port) as proxy:
        drain = make_drain(dovecot, proxy.port)
        drain.fill([*some_mails(20), *large_mails(2)])
        drain.mails = list(dict.fromkeys(drain.mails))

        proxy.cut_after(passed)
        drain.gateway.start()

        drain.assert_all_is_well()
        assert proxy.connections > 1
        drain.gateway.close()


def test_an_imap_connection_cut_while_it_idles_is_made_anew(make_drain: MakeDrain, dovecot: Dovecot) -> None:
    drain = make_drain(dovecot)
    process = drain.gateway.start()
    drain.fill(some_mails(3))
    drain.process(at_least=3)

    dovecot.cut(drain.user)
    drain.gateway.wait_for(lambda: process.has_said("mailbox.failed"))
    drain.fill(some_mails(3, SEED + 1))

    drain.assert_all_is_well()


def test_a_restarted_dovecot_is_found_again(make_drain: MakeDrain, own_dovecot: Dovecot) -> None:
    drain = make_drain(own_dovecot)
    process = drain.gateway.start()
    drain.fill(some_mails(3))
    drain.process(at_least=3)

    own_dovecot.stop()
    drain.gateway.wait_for(lambda: process.has_said("mailbox.failed"))
    own_dovecot.start()
    drain.fill(some_mails(3, SEED + 1))

    drain.assert_all_is_well()
    drain.gateway.close()


def test_a_changed_uidvalidity_makes_no_second_ticket_of_a_mail(make_drain: MakeDrain, dovecot: Dovecot) -> None:
    drain = make_drain(dovecot, poll_every_s=0.2)
    drain.gateway.start()
    drain.fill(some_mails(5))
    drain.process(at_least=5)

    dovecot.renumber(drain.user, "INBOX", 4711)
    drain.fill(some_mails(5), again=True)
    drain.fill(some_mails(5, SEED + 1))

    drain.assert_all_is_well(copies=5)


def test_a_mail_that_arrives_between_look_and_wait_is_found_at_once(make_drain: MakeDrain, dovecot: Dovecot) -> None:
    drain = make_drain(dovecot)
    parts = open_parts(load_config(drain.gateway.config))
    late = some_mails(1)

    def connect(mailbox: object) -> MailServer:
        return Late(parts.connect(mailbox), lambda: drain.fill(late))  # type: ignore[arg-type, return-value]

    daemon = Daemon(replace(parts, connect=connect))
    daemon.start()
    drain.process(at_least=1)

    drain.assert_all_is_well()
    daemon.stop()
    parts.close()


class Late:
    """A mail server to which a mail comes right after it was asked, for the first time, what is there."""

    def __init__(self, server: MailServer, arrive: Callable[[], None]) -> None:
        self._server = server
        self._arrivals = [arrive]

    def __getattr__(self, name: str) -> object:
        return getattr(self._server, name)

    def uids(self, after: int = 0) -> tuple[int, ...]:
        found = self._server.uids(after)
        while self._arrivals:
            self._arrivals.pop()()
        return found


# --- database and disk -----------------------------------------------------------------------------------------


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold SQLite's one right to write, as a backup or another program would."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@pytest.mark.parametrize("seconds", [LOCKED_S, pytest.param(LONGER_THAN_PATIENCE_S, marks=pytest.mark.soak)])
def test_a_locked_sqlite_is_waited_for(make_drain: MakeDrain, dovecot: Dovecot, seconds: float) -> None:
    drain = make_drain(dovecot)
    process = drain.gateway.start()

    with locked(Path(str(make_url(load_config(drain.gateway.config).database_url).database))):
        drain.fill(some_mails(20))
        threading.Event().wait(seconds)
        assert drain.gateway.ended() == 0
    drain.assert_all_is_well()

    assert process.running.poll() is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a file system of its own, of half a megabyte."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder], check=False)
    if mounted.returncode:
        cannot_run("no file system can be mounted here; get it with: sudo make test")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def make_larger(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)


def test_a_full_disk_under_the_blobs_is_waited_for(make_drain: MakeDrain, dovecot: Dovecot, small_disk: Path) -> None:
    drain = make_drain(dovecot, state=f'blobs = "{small_disk}"')
    process = drain.gateway.start()

    drain.fill(large_mails(12))
    drain.gateway.wait_for(lambda: process.has_said("the disk is full"))
    left = len(dovecot.mails(drain.user))
    make_larger(small_disk)

    drain.assert_all_is_well()
    assert left > 0
    assert not list(small_disk.glob(".new-*"))


def test_a_full_disk_under_everything_is_waited_for(make_drain: MakeDrain, dovecot: Dovecot, small_disk: Path) -> None:
    drain = make_drain(dovecot, state=f'folder = "{small_disk}"', limits=SMALL_BATCHES)
    process = drain.gateway.start()

    drain.fill([*some_mails(40)])
    drain.gateway.wait_for(lambda: process.has_said("full"))
    make_larger(small_disk)

    drain.assert_all_is_well()
    drain.gateway.close()


@pytest.mark.parametrize("mode", [pytest.param("fast", marks=pytest.mark.soak), "immediate"])
def test_a_postgresql_restarted_while_draining_is_waited_for(
    make_drain: MakeDrain, dovecot: Dovecot, own_postgres: Postgres, mode: str
) -> None:
    drain = make_drain(dovecot, database=own_postgres.create_database(), limits=SMALL_BATCHES)
    drain.fill(some_mails(100))
    drain.gateway.start()
    drain.process(at_least=10)

    own_postgres.stop("immediate" if mode == "immediate" else "fast")
    own_postgres.start()

    drain.assert_all_is_well()
    drain.gateway.close()


# --- several daemons -------------------------------------------------------------------------------------------


def test_two_daemons_drain_one_mailbox_together(make_drain: MakeDrain, dovecot: Dovecot, postgres: Postgres) -> None:
    drain = make_drain(dovecot, database=postgres.create_database(), limits=SMALL_BATCHES)
    drain.fill(some_mails(200))

    first, second = drain.gateway.start(), drain.gateway.start()

    drain.assert_all_is_well()
    assert [process.has_said("lease.taken") for process in (first, second)].count(True) == 1


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_daemon_takes_over_from_one_that_was_killed(
    request: pytest.FixtureRequest, make_drain: MakeDrain, dovecot: Dovecot, database: str
) -> None:
    url = request.getfixturevalue("postgres").create_database() if database == "postgres" else ""
    drain = make_drain(dovecot, database=url, limits=SMALL_BATCHES)
    first, second = drain.gateway.start(), drain.gateway.start()

    drain.fill(some_mails(60))
    drain.process(at_least=10)
    assert [first.has_said("lease.taken"), second.has_said("lease.taken")] == [True, False]
    first.kill()
    drain.fill(some_mails(10, SEED + 1))

    drain.assert_all_is_well()
    assert second.has_said("lease.taken")


@pytest.mark.soak
@pytest.mark.parametrize("round_number", range(20))
def test_daemons_that_are_killed_in_turn_lose_nothing(
    make_drain: MakeDrain, dovecot: Dovecot, postgres: Postgres, round_number: int
) -> None:
    chosen = random.Random(SEED + round_number)  # noqa: S311  (moments to kill at, no secret)
    drain = make_drain(dovecot, database=postgres.create_database(), limits=SMALL_BATCHES)
    drain.fill(some_mails(300, SEED + round_number))
    running: list[Process] = [drain.gateway.start(), drain.gateway.start()]

    while dovecot.mails(drain.user):
        threading.Event().wait(chosen.uniform(0.05, 1.0))
        running.pop(chosen.randrange(2)).kill()
        running.append(drain.gateway.start())

    drain.assert_all_is_well()


def test_the_mails_of_a_drain_differ() -> None:
    ids = message_ids(some_mails(200))

    assert len(set(ids)) == len(ids)
