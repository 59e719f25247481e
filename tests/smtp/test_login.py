"""TLS and the login: no password is ever sent in the clear."""

from base64 import b64encode
from pathlib import Path

import pytest

from mailgateway.errors import TemporaryError
from tests.conftest import running
from tests.servers import Certificates, SmtpSink, SunkMail, certificates_in, free_port
from tests.servers.scripted import Answers, Scripted, other_address, smtp_script
from tests.smtp.values import RAW, A, RelayTo, codes, ehlo


def test_a_login_goes_through_tls(tls_sink: SmtpSink, certificates: Certificates, relay_to: RelayTo) -> None:
    relay = relay_to(tls_sink.port, security="starttls", ca_file=str(certificates.ca_file), user="gateway")

    results = relay.send("s@example.test", (A,), RAW)

    assert codes(results) == [250]
    assert tls_sink.mails == (SunkMail("s@example.test", (A,), RAW, tls=True, login="gateway"),)


def test_tls_from_the_first_byte(certificates: Certificates, relay_to: RelayTo) -> None:
    for sink in running(SmtpSink(certificates, "tls")):
        relay = relay_to(sink.port, security="tls", ca_file=str(certificates.ca_file))

        results = relay.send("s@example.test", (A,), RAW)

        assert codes(results) == [250]
        assert sink.mails[0].tls


def test_a_wrong_password_keeps_the_mail_and_says_what_to_do(
    tls_sink: SmtpSink, certificates: Certificates, relay_to: RelayTo
) -> None:
    access = {"security": "starttls", "ca_file": str(certificates.ca_file), "user": "somebody"}

    with pytest.raises(TemporaryError, match=r"login of 'somebody' is refused .*check user and password"):
        relay_to(tls_sink.port, **access).send("s@example.test", (A,), RAW)

    assert tls_sink.mails == ()


def test_an_unknown_authority_is_not_trusted(tls_sink: SmtpSink, relay_to: RelayTo) -> None:
    with pytest.raises(TemporaryError, match=r"certificate is not accepted .*ca_file"):
        relay_to(tls_sink.port, security="starttls", user="gateway").send("s@example.test", (A,), RAW)


def test_a_certificate_for_another_host_is_not_trusted(tmp_path: Path, relay_to: RelayTo) -> None:
    foreign = certificates_in(tmp_path, "other.example.test")

    for sink in running(SmtpSink(foreign, "starttls", ("gateway", "secret"))):
        relay = relay_to(sink.port, security="starttls", ca_file=str(foreign.ca_file), user="gateway")
        with pytest.raises(TemporaryError, match=r"certificate is not accepted .*mismatch.* check host"):
            relay.send("s@example.test", (A,), RAW)


@pytest.mark.parametrize(
    "answers",
    [
        {"EHLO": ehlo(b"AUTH PLAIN LOGIN")},
        {"EHLO": ehlo(b"STARTTLS", b"AUTH PLAIN LOGIN"), "STARTTLS": b"454 4.7.0 no TLS now\r\n"},
        {"EHLO": ehlo(b"STARTTLS", b"AUTH PLAIN LOGIN"), "STARTTLS": b"220 go\r\n250 injected\r\n250 AUTH PLAIN\r\n"},
    ],
    ids=["not offered", "refused", "no TLS behind it"],
)
def test_without_tls_no_password_is_ever_sent(answers: Answers, relay_to: RelayTo) -> None:
    with Scripted(smtp_script(answers)) as server, pytest.raises(TemporaryError):
        relay_to(server.port, security="starttls", user="gateway").send("s@example.test", (A,), RAW)

    assert b"AUTH" not in server.received
    assert b"MAIL" not in server.received


def test_login_is_used_where_plain_is_missing(relay_to: RelayTo) -> None:
    answers: Answers = {
        "EHLO": ehlo(b"AUTH LOGIN"),
        "AUTH": b"334 VXNlcm5hbWU6\r\n",
    }
    user, password = b64encode(b"gateway").decode(), b64encode(b"secret").decode()
    answers = {**answers, user.upper(): b"334 UGFzc3dvcmQ6\r\n", password.upper(): b"235 welcome\r\n"}

    with Scripted(smtp_script(answers)) as server:
        results = relay_to(server.port, user="gateway").send("s@example.test", (A,), RAW)

    assert codes(results) == [250]


@pytest.mark.parametrize(
    ("features", "reply", "words"),
    [
        (b"AUTH CRAM-MD5", b"", "no login with a password"),
        (b"HELP", b"", "no login with a password"),
        (b"AUTH PLAIN", b"454 4.7.0 try later\r\n", "454 4.7.0 try later"),
    ],
)
def test_a_login_that_cannot_be_is_temporary_for_the_mail(
    features: bytes, reply: bytes, words: str, relay_to: RelayTo
) -> None:
    with (
        Scripted(smtp_script({"EHLO": ehlo(features), "AUTH": reply})) as server,
        pytest.raises(TemporaryError, match=words),
    ):
        relay_to(server.port, user="gateway").send("s@example.test", (A,), RAW)


def test_a_ca_file_that_is_not_there_is_named(tmp_path: Path, relay_to: RelayTo) -> None:
    access = {"security": "tls", "ca_file": str(tmp_path / "nowhere.pem")}

    with pytest.raises(TemporaryError, match=r"ca_file .*nowhere.pem cannot be used"):
        relay_to(free_port(), **access).send("s@example.test", (A,), RAW)


def test_a_password_goes_to_another_machine_under_tls_only(relay_to: RelayTo) -> None:
    elsewhere = other_address()
    if not elsewhere:
        pytest.skip("this machine has no address but the loopback one")
    script = smtp_script({"EHLO": ehlo(b"AUTH PLAIN")})

    with Scripted(script, host=elsewhere) as server:
        with pytest.raises(TemporaryError, match="under TLS only"):
            relay_to(server.port, host=elsewhere, user="gateway").send("s@example.test", (A,), RAW)
        without = relay_to(server.port, host=elsewhere).send("s@example.test", (A,), RAW)

    assert codes(without) == [250]
    assert b"AUTH" not in server.received
