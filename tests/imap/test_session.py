"""TLS before the password, and what the errors say."""

from contextlib import closing
from pathlib import Path

import pytest

from mailgateway.adapters.imap import ImapServer, connect
from mailgateway.config import ImapAccess
from mailgateway.errors import MailgatewayError, PermanentError, TemporaryError
from tests.servers import PATIENCE_S, Certificates, Dovecot, certificates_in, free_port
from tests.servers.scripted import Answers, Scripted, imap_script, other_address, server_tls

CAPABILITY = b"* CAPABILITY IMAP4rev1 %s\r\n%%t OK done\r\n"


def access(port: int, **changes: object) -> ImapAccess:
    settings = {"host": "127.0.0.1", "port": port, "security": "none", "user": "gateway", "timeout_s": PATIENCE_S}
    return ImapAccess.model_validate(settings | changes)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls_with_the_right_authority_and_name(dovecot: Dovecot, unique_user: str, security: str, host: str) -> None:
    port = dovecot.imaps_port if security == "tls" else dovecot.imap_port
    ca_file = str(dovecot.certificates.ca_file)

    server = connect(access(port, security=security, ca_file=ca_file, host=host, user=unique_user), "secret")

    with closing(server):
        assert server.select("INBOX").exists == 0
        assert {"IDLE", "MOVE", "UIDPLUS"} <= server.capabilities


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_unknown_authority_is_refused(dovecot: Dovecot, security: str) -> None:
    port = dovecot.imaps_port if security == "tls" else dovecot.imap_port

    with pytest.raises(PermanentError, match=r"IMAP 127.0.0.1:\d+: its certificate is not accepted .*ca_file"):
        connect(access(port, security=security), "secret")


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    foreign = certificates_in(tmp_path, "other.example.test")

    with (
        Scripted(imap_script({}), server_tls(foreign)) as server,
        pytest.raises(PermanentError, match=r"its certificate is not accepted .*mismatch.*check host"),
    ):
        connect(access(server.port, security="tls", ca_file=str(foreign.ca_file)), "secret")

    assert server.received == b""


def test_a_ca_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match=r"ca_file .*nowhere.pem cannot be used"):
        connect(access(free_port(), security="tls", ca_file=str(tmp_path / "nowhere.pem")), "secret")


REFUSALS: dict[str, tuple[Answers, type[MailgatewayError], str]] = {
    "not offered": ({}, PermanentError, "does not offer STARTTLS"),
    "refused": (
        {"CAPABILITY": CAPABILITY % b"STARTTLS", "STARTTLS": b"%t NO not now\r\n"},
        TemporaryError,
        "TLS",
    ),
    "clear text behind it": (
        {"CAPABILITY": CAPABILITY % b"STARTTLS", "STARTTLS": b"%t OK go\r\n* CAPABILITY IMAP4rev1\r\n"},
        TemporaryError,
        "clear text after STARTTLS|TLS|SSL|timed out",
    ),
    "no TLS behind it": (
        {"CAPABILITY": CAPABILITY % b"STARTTLS", "STARTTLS": b"%t OK go\r\n" + b"x" * 300},
        TemporaryError,
        "SSL|timed out",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_without_tls_no_password_is_ever_sent(case: str) -> None:
    answers, kind, words = REFUSALS[case]
    timeout_s = 1.0 if "timed out" in words else PATIENCE_S

    with Scripted(imap_script(answers)) as server, pytest.raises(kind, match=words):
        connect(access(server.port, security="starttls", timeout_s=timeout_s), "secret")

    assert b"secret" not in server.received
    assert b"LOGIN" not in server.received
    assert b"AUTH" not in server.received


def test_clear_text_sent_along_with_the_go_ahead_for_tls_is_not_believed(certificates: Certificates) -> None:
    answers: Answers = {
        "CAPABILITY": CAPABILITY % b"STARTTLS",
        "STARTTLS": b"%t OK go\r\n* CAPABILITY IMAP4rev1 X-INJECTED\r\n",
    }

    with (
        Scripted(imap_script(answers), server_tls(certificates), tls_after=b"STARTTLS") as server,
        pytest.raises(TemporaryError, match="clear text after STARTTLS"),
    ):
        connect(access(server.port, security="starttls", ca_file=str(certificates.ca_file)), "secret")

    assert b"secret" not in server.received


def test_a_greeting_that_says_logged_in_already_is_no_way_around_tls() -> None:
    script = imap_script({"CAPABILITY": CAPABILITY % b"STARTTLS"}, greeting=b"* PREAUTH welcome\r\n")

    with Scripted(script) as server, pytest.raises(PermanentError, match="STARTTLS"):
        connect(access(server.port, security="starttls"), "secret")


def test_what_was_said_before_tls_is_forgotten(certificates: Certificates) -> None:
    answers: Answers = {
        "CAPABILITY": [CAPABILITY % b"STARTTLS LOGINDISABLED", CAPABILITY % b"X-TLS", CAPABILITY % b"MOVE"],
        "STARTTLS": b"* CAPABILITY IMAP4rev1 X-INJECTED\r\n%t OK [CAPABILITY IMAP4rev1 X-INJECTED] go\r\n",
    }

    with Scripted(imap_script(answers), server_tls(certificates), tls_after=b"STARTTLS") as server:
        made = connect(access(server.port, security="starttls", ca_file=str(certificates.ca_file)), "secret")
        made.close()

    assert made.capabilities == {"IMAP4REV1", "MOVE"}


def test_a_wrong_password_says_what_to_check() -> None:
    script = imap_script({"LOGIN": b"%t NO [AUTHENTICATIONFAILED] no such user\r\n"})

    with Scripted(script) as server, pytest.raises(PermanentError) as raised:
        connect(access(server.port), "secret")

    assert str(raised.value) == (
        f"IMAP 127.0.0.1:{server.port}: the login of 'gateway' is refused"
        " ([AUTHENTICATIONFAILED] no such user); check user and password"
    )


@pytest.mark.parametrize("code", ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"])
def test_a_login_that_is_refused_for_now_is_temporary(code: str) -> None:
    script = imap_script(
        {
            "CAPABILITY": CAPABILITY % b"AUTH=PLAIN",
            "AUTHENTICATE": b"+ \r\n",
            "AGDHDGV3YXKAC2VJCMV0": b"%t NO [" + code.encode() + b"] later\r\n",
        }
    )

    with Scripted(script) as server, pytest.raises(TemporaryError, match=code):
        connect(access(server.port), "secret")


def test_a_connection_that_ends_in_the_login_is_temporary() -> None:
    with (
        Scripted(imap_script({"LOGIN": b"* BYE too many\r\n"})) as server,
        pytest.raises(TemporaryError, match="too many"),
    ):
        connect(access(server.port), "secret")


@pytest.mark.parametrize(
    ("capabilities", "user", "password"),
    [(b"LOGINDISABLED", "gateway", "secret"), (b"", "gate way", "secret"), (b"", "gateway", "sécret")],
)
def test_a_login_that_cannot_be_is_not_tried(capabilities: bytes, user: str, password: str) -> None:
    script = imap_script({"CAPABILITY": CAPABILITY % capabilities})

    with Scripted(script) as server, pytest.raises(PermanentError):
        connect(access(server.port, user=user), password)

    assert b"LOGIN" not in server.received


def test_any_password_goes_through_plain() -> None:
    script = imap_script(
        {
            "CAPABILITY": [CAPABILITY % b"AUTH=PLAIN", CAPABILITY % b"IDLE"],
            "AUTHENTICATE": b"+ \r\n",
            "AGDHDGUGD2F5AHPDQSIG77Q=": b"%t OK in\r\n",
        }
    )

    with Scripted(script) as server:
        made = connect(access(server.port, user="gate way"), 'sé" 字')
        made.close()

    assert b"AGdhdGUgd2F5AHPDqSIg5a2X\r\n" in server.received


@pytest.mark.parametrize(
    "greeting", [b"", b"* BYE full\r\n", b"220 smtp\r\n", b"\xff" * 5000, b"* OK " + b"x" * 20_000_000]
)
def test_a_greeting_that_is_none_is_temporary(greeting: bytes) -> None:
    script = imap_script({"CAPABILITY": b"* CAPABILITY SMTP\r\n%t OK done\r\n"}, greeting)

    with Scripted(script) as server, pytest.raises(TemporaryError):
        connect(access(server.port, timeout_s=0.5), "secret")

    assert b"secret" not in server.received


def test_a_silent_server_does_not_hold_us_for_ever() -> None:
    with Scripted(lambda talk: talk.say(talk.line())) as server, pytest.raises(TemporaryError, match="timed out"):
        connect(access(server.port, timeout_s=0.1), "secret")


def test_nobody_there_is_temporary() -> None:
    with pytest.raises(TemporaryError, match="refused"):
        connect(access(free_port()), "secret")


def test_the_wrong_kind_of_tls_is_temporary_and_told(dovecot: Dovecot) -> None:
    with pytest.raises(TemporaryError, match="IMAP"):
        connect(access(dovecot.imap_port, security="tls"), "secret")


def test_a_password_goes_to_another_machine_under_tls_only() -> None:
    elsewhere = other_address()
    if not elsewhere:
        pytest.skip("this machine has no address but the loopback one")

    with Scripted(imap_script({}), host=elsewhere) as server, pytest.raises(PermanentError, match="this machine"):
        connect(access(server.port, host=elsewhere), "secret")

    assert b"secret" not in server.received


def test_the_connection_is_an_imap_server(dovecot: Dovecot, unique_user: str) -> None:
    with closing(connect(access(dovecot.imap_port, user=unique_user), "secret")) as server:
        assert isinstance(server, ImapServer)
