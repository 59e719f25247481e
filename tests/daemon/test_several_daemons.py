"""Two daemons on one mailbox and one PostgreSQL: every mail is one ticket, whoever dies."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from mailgateway.daemon import run as daemon_run
from tests.app.parts import mail
from tests.daemon.house import House, answered, running, titles
from tests.servers import Dovecot, Postgres, SmtpSink, eventually


@pytest.fixture
def house(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, new_user: Callable[[], str], postgres: Postgres
) -> House:
    """Return a house whose daemons share a database, the blobs and the keyring, each with a state folder of its own."""
    users = {"support": new_user(), "sales": new_user()}
    return House(tmp_path, dovecot, smtp_sink, users, database=postgres.create_database())


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let daemons look after leases more often than every ten seconds."""
    monkeypatch.setattr(daemon_run, "RENEW_EVERY_S", 0.1)


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number:02d}" for number in range(count)]


def deliver(house: House, wanted: list[str]) -> None:
    """Deliver one mail for each name, turn about to both mailboxes, each from somebody else."""
    for number, name in enumerate(wanted):
        raw = mail(name, sender=f"{name}@customer.example")
        house.deliver(raw, mailbox=("support", "sales")[number % 2])


def test_two_daemons_make_one_ticket_and_one_answer_of_every_mail(house: House) -> None:
    wanted = names("m", 20)
    with house.parts("one") as one, house.parts("two") as two, running(one), running(two):
        deliver(house, wanted)

        assert titles(one, 20) == wanted
        recipients = answered(house.sink, 20)

    assert sorted(recipients) == [(f"{name}@customer.example",) for name in wanted]


def test_another_daemon_takes_over_when_the_first_stops(house: House) -> None:
    with house.parts("one") as one, house.parts("two") as two, ExitStack() as first:
        first.enter_context(running(one))
        with running(two):
            deliver(house, names("a", 4))
            titles(two, 4)
            first.close()
            deliver(house, names("b", 4))

            assert titles(two, 8) == [*names("a", 4), *names("b", 4)]


def test_a_dead_daemons_mailboxes_are_taken_at_once_on_the_same_machine(house: House) -> None:
    with house.parts() as two:
        with house.parts() as dead:
            for mailbox in house.users:
                assert dead.store.acquire(mailbox, dead.owner, dead.clock.now(), 3600) is not None
        # Its process is gone, its leases are not, nor is its file: a process that dies takes nothing away.
        (house.folder / "state" / "owners" / dead.owner).touch()
        deliver(house, names("m", 2))

        with running(two):
            assert titles(two, 2) == names("m", 2)


def test_a_daemon_whose_leases_ran_out_stands_back_until_it_has_them_again(house: House) -> None:
    with house.parts("one") as one, house.parts("two") as two, running(one):
        later = one.clock.now() + timedelta(days=365)
        # Not at once where the daemon's last transaction on the mailbox is still open.
        taken = [eventually(partial(two.store.acquire, mailbox, two.owner, later, 0.001)) for mailbox in house.users]
        deliver(house, names("m", 4))
        for lease in taken:
            two.store.release(lease)

        assert titles(one, 4) == names("m", 4)
