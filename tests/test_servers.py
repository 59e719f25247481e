import os
import re
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import imapclient
import pytest
import sqlalchemy as sa

from tests.servers import HANG_UP, PATIENCE_S, Certificates, Dovecot, Postfix, Postgres, ServerError, SmtpSink, SunkMail

RAW = b"Subject: hello\r\n\r\nthe body\r\n"


def trusting(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificates.ca_file))


def send(sink: SmtpSink, *recipients: str, sender: str = "from@example.test") -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(sink.host, sink.port, timeout=PATIENCE_S) as smtp:
        return smtp.sendmail(sender, list(recipients), RAW)


# --- mail servers ------------------------------------------------------------------------------------------


def test_smtp_to_postfix_ends_in_the_dovecot_mailbox(postfix: Postfix, dovecot: Dovecot, unique_user: str) -> None:
    postfix.send("customer@example.test", [unique_user], RAW)

    (mail,) = dovecot.wait_for_mails(unique_user, 1)

    assert mail.startswith(b"Return-Path: <customer@example.test>\r\n")
    assert mail.endswith(b"\r\n\r\nthe body\r\n")


def test_lmtp_puts_mails_into_the_inbox_of_one_user(dovecot: Dovecot, new_user: Callable[[], str]) -> None:
    anna, bert = new_user(), new_user()

    dovecot.deliver(anna, RAW)
    dovecot.deliver(anna, RAW.replace(b"hello", b"again"))

    first, second = dovecot.mails(anna)
    assert (b"hello" in first, b"again" in second) == (True, True)
    assert dovecot.mails(bert) == ()
    assert dovecot.mails(anna, "No such folder") == ()


def test_dovecot_announces_what_the_intake_needs(dovecot: Dovecot, unique_user: str) -> None:
    with dovecot.imap(unique_user) as connection:
        announced = set(connection.capabilities())

    assert announced >= {b"IDLE", b"MOVE", b"UIDPLUS", b"CONDSTORE"}


def test_dovecot_refuses_a_wrong_password_at_once(dovecot: Dovecot, unique_user: str) -> None:
    connection = imapclient.IMAPClient(dovecot.host, dovecot.imap_port, ssl=False, timeout=PATIENCE_S)

    with connection, pytest.raises(imapclient.exceptions.LoginError):
        connection.login(unique_user, "wrong")


def test_imap_certificates_verify_with_the_ca_file_and_only_with_it(dovecot: Dovecot, unique_user: str) -> None:
    context = trusting(dovecot.certificates)

    with imapclient.IMAPClient(dovecot.host, dovecot.imap_port, ssl=False, timeout=PATIENCE_S) as connection:
        connection.starttls(context)
        connection.login(unique_user, dovecot.password)
    with imapclient.IMAPClient("localhost", dovecot.imaps_port, ssl_context=context, timeout=PATIENCE_S) as connection:
        connection.login(unique_user, dovecot.password)

    with pytest.raises(ssl.SSLCertVerificationError):
        imapclient.IMAPClient(dovecot.host, dovecot.imaps_port, timeout=PATIENCE_S)


def test_postfix_offers_starttls_with_the_same_ca(postfix: Postfix) -> None:
    with smtplib.SMTP(postfix.host, postfix.port, timeout=PATIENCE_S) as smtp:
        code, _ = smtp.starttls(context=trusting(postfix.certificates))

    assert code == 220


def test_a_cut_connection_is_gone_and_the_mail_is_not(dovecot: Dovecot, unique_user: str) -> None:
    dovecot.deliver(unique_user, RAW)
    connection = dovecot.imap(unique_user)

    dovecot.cut(unique_user)

    with pytest.raises((connection.AbortError, OSError)):
        connection.noop()
    connection.shutdown()
    assert len(dovecot.mails(unique_user)) == 1


def test_a_renumbered_folder_has_the_uidvalidity_it_was_given(dovecot: Dovecot, unique_user: str) -> None:
    dovecot.deliver(unique_user, RAW)

    dovecot.renumber(unique_user, "INBOX", 4711)

    with dovecot.imap(unique_user) as connection:
        assert connection.select_folder("INBOX")[b"UIDVALIDITY"] == 4711


def test_dovecot_comes_back_on_its_ports_with_its_mails(own_dovecot: Dovecot, unique_user: str) -> None:
    own_dovecot.deliver(unique_user, RAW)

    own_dovecot.stop()

    with pytest.raises(ConnectionRefusedError):
        own_dovecot.imap(unique_user)
    own_dovecot.start()
    assert len(own_dovecot.mails(unique_user)) == 1


def test_a_server_that_does_not_come_up_shows_its_log(own_dovecot: Dovecot) -> None:
    own_dovecot.stop()
    broken = Dovecot(own_dovecot.folder, Certificates(Path("ca"), own_dovecot.folder / "no.pem", Path("key")))

    with pytest.raises(ServerError, match=r"(?s)no\.pem.*--- .*dovecot\.log"):
        broken.start()


# --- PostgreSQL --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_keeps_what_was_committed_over_a_restart(own_postgres: Postgres, mode: str) -> None:
    engine = sa.create_engine(own_postgres.create_database(), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE kept AS SELECT 42 AS number"))

    own_postgres.stop("immediate" if mode == "immediate" else "fast")

    with pytest.raises(sa.exc.OperationalError):
        engine.connect()
    own_postgres.start()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT number FROM kept")) == 42


def test_each_database_is_new_and_empty(postgres: Postgres) -> None:
    urls = {postgres.create_database() for _ in range(2)}

    assert len(urls) == 2
    for url in urls:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        assert sa.inspect(engine).get_table_names() == []


# --- the SMTP sink -----------------------------------------------------------------------------------------


def test_the_sink_keeps_envelope_and_octets(smtp_sink: SmtpSink) -> None:
    refused = send(smtp_sink, "a@example.test", "b@example.test")
    send(smtp_sink, "c@example.test", sender="")

    assert refused == {}
    assert smtp_sink.wait_for_mails(2) == (
        SunkMail("from@example.test", ("a@example.test", "b@example.test"), RAW),
        SunkMail("", ("c@example.test",), RAW),
    )


def test_the_sink_refuses_the_recipients_it_is_told_as_often_as_it_is_told(smtp_sink: SmtpSink) -> None:
    smtp_sink.answer("RCPT", "550 5.1.1 nobody", about="gone@example.test")
    smtp_sink.answer("RCPT", "451 4.3.0 later", about="slow@example.test", times=1)
    everybody = ("ok@example.test", "gone@example.test", "slow@example.test")

    first, second = send(smtp_sink, *everybody), send(smtp_sink, *everybody)

    assert first == {"gone@example.test": (550, b"5.1.1 nobody"), "slow@example.test": (451, b"4.3.0 later")}
    assert second == {"gone@example.test": (550, b"5.1.1 nobody")}
    assert [mail.recipients for mail in smtp_sink.mails] == [everybody[:1], (everybody[0], everybody[2])]


def test_the_sink_refuses_senders_and_data(smtp_sink: SmtpSink) -> None:
    smtp_sink.answer("MAIL", "550 5.7.1 no null sender", about="")
    smtp_sink.answer("DATA", "452 4.3.1 full", times=1)

    with pytest.raises(smtplib.SMTPSenderRefused):
        send(smtp_sink, "a@example.test", sender="")
    with pytest.raises(smtplib.SMTPDataError, match="452"):
        send(smtp_sink, "a@example.test")

    assert smtp_sink.mails == ()
    assert send(smtp_sink, "a@example.test") == {}


def test_the_sink_can_take_a_mail_and_hang_up_without_a_word(smtp_sink: SmtpSink) -> None:
    smtp_sink.answer("DATA", HANG_UP, times=1)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp_sink, "a@example.test")

    assert len(smtp_sink.mails) == 1


def test_the_sink_is_down_for_a_while_and_back_on_its_port(smtp_sink: SmtpSink) -> None:
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port, timeout=PATIENCE_S) as kept:
        with smtp_sink.down():
            with pytest.raises(ConnectionRefusedError):
                send(smtp_sink, "a@example.test")
            with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
                kept.docmd("NOOP")
        assert send(smtp_sink, "a@example.test") == {}


def test_the_sink_demands_starttls_and_a_login(tls_sink: SmtpSink, certificates: Certificates) -> None:
    with pytest.raises(smtplib.SMTPException, match="530"):
        send(tls_sink, "a@example.test")

    with smtplib.SMTP(tls_sink.host, tls_sink.port, timeout=PATIENCE_S) as smtp:
        smtp.starttls(context=trusting(certificates))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("gateway", "wrong")
        smtp.login("gateway", "secret")
        smtp.sendmail("from@example.test", ["a@example.test"], RAW)

    assert tls_sink.mails == (SunkMail("from@example.test", ("a@example.test",), RAW, tls=True, login="gateway"),)


def test_the_sink_speaks_tls_from_the_first_byte(certificates: Certificates) -> None:
    sink = SmtpSink(certificates, "tls", ("gateway", "secret"))
    sink.start()

    with smtplib.SMTP_SSL(sink.host, sink.port, context=trusting(certificates), timeout=PATIENCE_S) as smtp:
        smtp.login("gateway", "secret")
        smtp.sendmail("from@example.test", ["a@example.test"], RAW)
    sink.stop()

    assert sink.mails == (SunkMail("from@example.test", ("a@example.test",), RAW, tls=True, login="gateway"),)


# --- where a server cannot run -----------------------------------------------------------------------------


@pytest.mark.parametrize(("on_ci", "ends"), [("", "1 skipped"), ("true", "1 error")])
def test_a_missing_server_is_a_skip_with_one_line_and_a_failure_on_ci(tmp_path: Path, on_ci: str, ends: str) -> None:
    one_test = f"{__file__}::{test_dovecot_announces_what_the_intake_needs.__name__}"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", one_test]
    environment = {**os.environ, "PATH": str(tmp_path), "CI": on_ci}

    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert run.returncode == (1 if on_ci else 0)
    assert re.search(rf"\b{ends}\b", run.stdout)
    assert re.search(r"(apt-get install dovecot-imapd|sudo make test)", run.stdout)
