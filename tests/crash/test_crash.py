"""Whatever dies when: no mail is lost and none is handled twice (docs/states.md)."""

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.mailbox import mails as mixed_mails
from tests.crash.gateway import CrashingGateway, Forker
from tests.servers.dovecot import Dovecot
from tests.servers.sink import SmtpSink

LARGE = "row_bytes = 65536"
"""So that mails with an attachment of 75 KB go through the blob store."""
SLICES = 8
"""The moments of a run are dealt out to so many tests, which can run side by side."""
SEED = 20261121

MakeGateway = Callable[[], CrashingGateway]


@pytest.fixture(scope="module")
def forker() -> Iterator[Forker]:
    started = Forker.start()
    yield started
    started.close()


@pytest.fixture
def make_gateway(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, new_user: Callable[[], str], forker: Forker
) -> MakeGateway:
    """Return a maker of gateways, each with an empty mailbox, an empty database and its own place in the sink."""

    def make() -> CrashingGateway:
        user = new_user()
        folder = tmp_path / user
        folder.mkdir()
        return CrashingGateway(folder, dovecot, smtp_sink, user, forker, limits=LARGE)

    return make


def few_mails() -> list[bytes]:
    """Two plain mails, one that came twice, a reply to the first, one with a large attachment."""
    generated = mixed_mails(40, seed=5)
    plain = [mail for mail in generated if b"text/plain" in mail and len(mail) < 9_000][:2]
    large = next(mail for mail in generated if len(mail) > 65_536)
    first_id = plain[0].split(b"Message-ID: ")[1].split(b"\r\n")[0]
    reply = plain[0].replace(first_id, b"<reply.1@customer.example>", 1)
    reply = reply.replace(b"MIME-Version", b"In-Reply-To: " + first_id + b"\r\nMIME-Version", 1)
    return [*plain, plain[1], reply, large]


def moments_of_a_run(make_gateway: MakeGateway) -> int:
    gateway = make_gateway()
    gateway.fill(few_mails())
    return gateway.run(die_at=0)[1]


def die_and_drain(gateway: CrashingGateway, moment: int) -> None:
    mails = few_mails()
    gateway.fill(mails)

    gateway.run(die_at=moment)
    gateway.drain()

    assert gateway.put_back_mails == 0
    gateway.assert_nothing_lost_nothing_twice(mails)


@pytest.mark.parametrize("part", range(SLICES))
def test_death_at_a_port_call_loses_nothing_and_doubles_nothing(make_gateway: MakeGateway, part: int) -> None:
    moments = moments_of_a_run(make_gateway)

    for moment in range(1 + part, moments + 1, SLICES * 2):
        die_and_drain(make_gateway(), moment)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(SLICES))
def test_death_at_every_port_call_loses_nothing_and_doubles_nothing(make_gateway: MakeGateway, part: int) -> None:
    moments = moments_of_a_run(make_gateway)

    for moment in range(1 + part, moments + 1, SLICES):
        die_and_drain(make_gateway(), moment)


def kill_at_random_times(gateway: CrashingGateway, count: int, chosen: random.Random) -> int:
    """Let the daemon drain a mailbox and kill it again and again; return how often it was killed."""
    mails = mixed_mails(count, seed=chosen.randrange(10**6))
    gateway.fill(mails)
    kills, longest_s, left = 0, 1.0, count
    while left:
        pid = gateway.forker.begin(config=str(gateway.config), daemon=True)
        threading.Event().wait(chosen.uniform(0.05, longest_s))
        gateway.kill(pid)
        kills += 1
        before, left = left, len(gateway.dovecot.mails(gateway.user))
        if left == before:  # a slow machine must come further than the start some time
            longest_s *= 1.5
    gateway.drain()
    gateway.assert_nothing_lost_nothing_twice(mails)
    return kills


def test_sigkill_at_random_times_loses_nothing_and_doubles_nothing(make_gateway: MakeGateway) -> None:
    kills = kill_at_random_times(make_gateway(), 500, random.Random(SEED))  # noqa: S311 -- chooses moments, keeps no secret

    assert kills > 0


@pytest.mark.soak
@pytest.mark.parametrize("round_number", range(100))
def test_many_rounds_of_sigkill_lose_nothing_and_double_nothing(
    make_gateway: MakeGateway, round_number: int, record_property: Callable[[str, object], None]
) -> None:
    gateway = make_gateway()

    kills = kill_at_random_times(gateway, 500, random.Random(SEED + 1 + round_number))  # noqa: S311 -- likewise

    record_property("kills", kills)
    record_property("put_back_mails", gateway.put_back_mails)
    assert kills > 0
