"""Mails that nobody should send go through the whole gateway: none stops the next one, none is lost."""

import base64
import email.parser
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mailgateway.model.ledger import LedgerEntry, MailState
from tests.e2e.clients import new_mail
from tests.e2e.conftest import MakeGateway
from tests.e2e.gateway import MANY, Gateway, Setting
from tests.e2e.hostile import INJECTIONS, MAILS, injection
from tests.invariant import message_ids
from tests.servers import Dovecot, Postgres, SmtpSink, SunkMail

MIB = 1024 * 1024
PEAK = 400 * MIB
MANY_S = 180.0
DATABASES = ("sqlite", "postgres")
READ = (MailState.PROCESSED, MailState.IGNORED)


@pytest.fixture
def make_hostile(
    request: pytest.FixtureRequest, make_gateway: MakeGateway, dovecot: Dovecot, smtp_sink: SmtpSink,
    new_user: Callable[[], str],
) -> Callable[..., Gateway]:  # fmt: skip
    """Return a maker of gateways, not yet running, whose mails the sink takes."""

    def make(database: str = "sqlite", **changes: object) -> Gateway:
        postgres: Postgres | None = request.getfixturevalue("postgres") if database == "postgres" else None
        url = postgres.create_database() if postgres else ""
        setting = Setting(new_user(), dovecot.imap_port, smtp_sink.port, url, agents=(("anna", "anna@example.test"),))
        return make_gateway(replace(setting, **changes))  # type: ignore[arg-type]  # they are named

    return make


def normal_mails(gateway: Gateway, count: int) -> list[bytes]:
    return [new_mail(f"normal{n}@customer.test", gateway.setting.address, f"problem {n}") for n in range(count)]


def put(dovecot: Dovecot, gateway: Gateway, mails: Sequence[bytes]) -> None:
    """Put mails, whatever is in them, into the INBOX in their order: as files, since IMAP refuses some of them."""
    dovecot.make_mailbox(gateway.setting.address)
    for number, mail in enumerate(mails):
        dovecot.plant(gateway.setting.address, f"{1_700_000_000 + number}.M{number}.test", mail)


def in_order(gateway: Gateway) -> list[LedgerEntry]:
    return sorted(gateway.store.entries(limit=MANY), key=lambda entry: entry.id)


def acknowledged(sent: Sequence[SunkMail]) -> set[str]:
    return {recipient for mail in sent if mail.sender == "" for recipient in mail.recipients}


# --- one after the other ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", DATABASES)
def test_every_hostile_mail_is_read_and_the_mail_behind_it_is_answered(
    make_hostile: Callable[..., Gateway], dovecot: Dovecot, smtp_sink: SmtpSink, database: str
) -> None:
    gateway = make_hostile(database, limits=f"mail_bytes = {8 * MIB}")
    normal = normal_mails(gateway, len(MAILS))
    put(dovecot, gateway, [mail for pair in zip(MAILS.values(), normal, strict=True) for mail in pair])

    gateway.start()
    gateway.wait_until_done(2 * len(MAILS), MANY_S)

    entries = in_order(gateway)
    assert {
        name: entry.reason for name, entry in zip(MAILS, entries[::2], strict=True) if entry.state not in READ
    } == {}
    assert [entry.state for entry in entries[1::2]] == [MailState.PROCESSED] * len(MAILS)
    assert acknowledged(smtp_sink.mails) >= {f"normal{n}@customer.test" for n in range(len(MAILS))}
    assert dovecot.mails(gateway.setting.address) == ()
    assert gateway.processes[0].peak_bytes() < PEAK


def test_no_sender_brings_a_header_into_what_is_sent(
    make_hostile: Callable[..., Gateway], dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    gateway = make_hostile()
    put(dovecot, gateway, [*normal_mails(gateway, 1), *map(injection, range(INJECTIONS))])

    gateway.start()
    gateway.wait_until_done(1 + INJECTIONS)

    expected = {"acknowledgement": header_names(smtp_sink.mails[0]), "notice": header_names(smtp_sink.mails[1])}
    assert len(smtp_sink.mails) == 2 * (1 + INJECTIONS)
    for mail in smtp_sink.mails:
        kind = "notice" if mail.sender else "acknowledgement"
        assert header_names(mail) - {"References", "In-Reply-To"} == expected[kind] - {"References", "In-Reply-To"}
        assert mail.recipients in {("anna@example.test",), *((address,) for address in senders())}
        assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in mail.raw.split(b"\r\n"))


def header_names(mail: SunkMail) -> frozenset[str]:
    return frozenset(email.parser.BytesHeaderParser().parsebytes(mail.raw).keys())


def senders() -> set[str]:
    return {"normal0@customer.test", *(f"injection-{number}@hostile.test" for number in range(INJECTIONS))}


# --- large -----------------------------------------------------------------------------------------------------


def test_a_60_mb_attachment_takes_less_than_400_mb(
    make_hostile: Callable[..., Gateway], dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    gateway = make_hostile(limits=f"mail_bytes = {128 * MIB}")
    put(dovecot, gateway, [with_attachment(60 * MIB), *normal_mails(gateway, 1)])

    process = gateway.start(by_command=True)
    gateway.wait_until_done(2, MANY_S)

    large, behind = in_order(gateway)
    (message,) = gateway.store.messages(large.tickets[0])[:1]
    assert (large.state, large.size_bytes > 80 * MIB, behind.state) == (MailState.PROCESSED, True, MailState.PROCESSED)
    assert message.text.strip() == "the words before the file"
    assert acknowledged(smtp_sink.mails) == {"large@hostile.test", "normal0@customer.test"}
    assert process.peak_bytes() < PEAK


def with_attachment(size_bytes: int) -> bytes:
    chunk = random.Random(1).randbytes(57 * 1024)  # noqa: S311  (a file's content, no secret)
    encoded = base64.encodebytes(chunk).replace(b"\n", b"\r\n")
    head = (
        b"From: <large@hostile.test>\r\nSubject: large\r\nMessage-ID: <large@hostile.test>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=p\r\n\r\n--p\r\nContent-Type: text/plain\r\n\r\n"
        b"the words before the file\r\n--p\r\nContent-Type: application/octet-stream; name=large.bin\r\n"
        b"Content-Disposition: attachment; filename=large.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return head + encoded * (size_bytes // len(chunk) + 1) + b"--p--\r\n"


# --- anything at all -------------------------------------------------------------------------------------------

PIECES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [
                b"\r\n", b"\r\n\r\n", b"From: ", b"a@b.test", b"Subject: ", b"Content-Type: ", b"multipart/mixed; ",
                b"boundary=p", b"\r\n--p\r\n", b"--p--", b"Message-ID: <", b">", b"=?utf-8?B?", b"?=", b"text/html",
                b"; charset=", b"utf-16", b"Content-Transfer-Encoding: base64\r\n", b"message/rfc822", b"\0", b"\xff",
                b"Content-Disposition: attachment; filename*=", b"References: ", b"In-Reply-To: ", b"Date: ", b"To: ",
                b"Auto-Submitted: auto-replied", b"message/delivery-status", b"Final-Recipient: rfc822; ", b"<p>",
            ]
        ),
    ),
    min_size=10,
    max_size=60,
)  # fmt: skip


def any_mails(pieces: Sequence[bytes], seed: int) -> list[bytes]:
    """Return 200 mails made of some pieces: hypothesis draws few large things well, so it draws what mails are of."""
    chosen = random.Random(seed)  # noqa: S311  (which pieces, no secret)
    return [b"".join(chosen.choices(pieces, k=chosen.randrange(1, 80))) for _ in range(200)]


def drain_any(make: Callable[..., Gateway], dovecot: Dovecot, database: str, mails: Sequence[bytes]) -> None:
    gateway = make(database, limits="batch_mails = 201")
    put(dovecot, gateway, [*mails, *normal_mails(gateway, 1)])

    gateway.start()
    gateway.wait_until_done(201, MANY_S)

    *entries, last = in_order(gateway)
    assert [mails[n] for n, entry in enumerate(entries) if entry.state is MailState.ASIDE] == []
    assert last.state is MailState.PROCESSED
    assert dovecot.mails(gateway.setting.address) == ()
    gateway.close()


PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failure is shown as it is: each step of making it smaller would start a gateway."""
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.parametrize("database", DATABASES)
@given(pieces=PIECES, seed=st.integers())
@settings(max_examples=2, phases=PHASES, suppress_health_check=CHECKS)
def test_a_batch_of_200_mails_of_any_bytes_comes_to_an_end(
    make_hostile: Callable[..., Gateway], dovecot: Dovecot, database: str, pieces: list[bytes], seed: int
) -> None:
    drain_any(make_hostile, dovecot, database, any_mails(pieces, seed))


@pytest.mark.soak
@pytest.mark.parametrize("database", DATABASES)
@given(pieces=PIECES, seed=st.integers())
@settings(max_examples=50, phases=PHASES, suppress_health_check=CHECKS)
def test_many_batches_of_mails_of_any_bytes_come_to_an_end(
    make_hostile: Callable[..., Gateway], dovecot: Dovecot, database: str, pieces: list[bytes], seed: int
) -> None:
    drain_any(make_hostile, dovecot, database, any_mails(pieces, seed))


def test_the_normal_mails_differ(make_hostile: Callable[..., Gateway]) -> None:
    ids = message_ids(normal_mails(make_hostile(), 100))

    assert len(set(ids)) == 100
