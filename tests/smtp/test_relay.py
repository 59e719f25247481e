"""`Relay` against real and scripted servers."""

import threading

import pytest

from mailgateway.adapters.smtp import Limits, SmtpRelay
from mailgateway.errors import TemporaryError
from mailgateway.model.ledger import RecipientResult
from tests.servers import PATIENCE_S, Dovecot, Postfix, SmtpSink, SunkMail, free_port
from tests.servers.proxy import Proxy
from tests.servers.scripted import Answers, Scripted, Talk, smtp_script
from tests.smtp.values import RAW, A, B, C, RelayTo, codes, ehlo

SHORT_S = 1.0
"""What a relay keeps us waiting for in vain; enough for each command that it answers."""


def test_a_mail_arrives_with_its_envelope(relay: SmtpRelay, smtp_sink: SmtpSink) -> None:
    results = relay.send("s@example.test", (A, B), RAW)

    assert codes(results) == [250, 250]
    assert [result.recipient for result in results] == [A, B]
    assert smtp_sink.mails == (SunkMail("s@example.test", (A, B), RAW, tls=False, login=""),)


def test_the_null_sender_is_null(relay: SmtpRelay, smtp_sink: SmtpSink) -> None:
    relay.send("", (A,), RAW)

    assert smtp_sink.mails[0].sender == ""


def test_postfix_delivers_to_the_mailbox(
    postfix: Postfix, dovecot: Dovecot, unique_user: str, relay_to: RelayTo
) -> None:
    raw = b"Message-ID: <1@example.test>\r\nDate: Sat, 1 Jun 2024 12:00:00 +0000\r\n" + RAW + b".\r\n"
    relay = relay_to(postfix.port)

    results = [relay.send("", (unique_user,), raw), relay.send("s@example.test", (unique_user,), raw)]

    assert [codes(result) for result in results] == [[250], [250]]
    assert all(mail.endswith(raw) for mail in dovecot.wait_for_mails(unique_user, 2))


@pytest.fixture(params=[b"PIPELINING", b"X-NOTHING"])
def greeted(request: pytest.FixtureRequest) -> bytes:
    """Return the answer to EHLO, with and without PIPELINING."""
    return ehlo(request.param, b"SIZE 1000000")


def test_each_recipient_gets_its_own_result(greeted: bytes, relay_to: RelayTo) -> None:
    replies = [b"451 4.2.0 later\r\n", b"250 ok\r\n", b"550-5.1.1 no\r\n550 5.1.1 such\tuser\r\n"]
    answers: Answers = {"EHLO": greeted, "RCPT": replies, ".": b"250 2.0.0 queued as 77\r\n"}

    with Scripted(smtp_script(answers)) as server:
        results = relay_to(server.port).send("s@example.test", (A, B, C), RAW)

    assert results == (
        RecipientResult(A, 451, "4.2.0 later"),
        RecipientResult(B, 250, "2.0.0 queued as 77"),
        RecipientResult(C, 550, "5.1.1 no 5.1.1 such user"),
    )
    assert b"MAIL FROM:<s@example.test> SIZE=%d\r\n" % len(RAW) in server.received


def test_a_refused_sender_counts_for_all(greeted: bytes, relay_to: RelayTo) -> None:
    # a server with PIPELINING answers what came along
    answers: Answers = {"EHLO": greeted, "MAIL": b"550 5.7.1 not you\r\n", "RCPT": b"503 no\r\n", "DATA": b"503 no\r\n"}

    with Scripted(smtp_script(answers)) as server:
        results = relay_to(server.port).send("s@example.test", (A, B), RAW)

    assert results == (RecipientResult(A, 550, "5.7.1 not you"), RecipientResult(B, 550, "5.7.1 not you"))


def test_refused_data_counts_for_all_that_were_taken(greeted: bytes, relay_to: RelayTo) -> None:
    answers: Answers = {"EHLO": greeted, "RCPT": [b"250 ok\r\n", b"550 who\r\n"], "DATA": b"452 4.3.1 full\r\n"}

    with Scripted(smtp_script(answers)) as server:
        results = relay_to(server.port).send("s@example.test", (A, B), RAW)

    assert results == (RecipientResult(A, 452, "4.3.1 full"), RecipientResult(B, 550, "who"))


def test_a_refused_mail_counts_for_all_that_were_taken(greeted: bytes, relay_to: RelayTo) -> None:
    answers: Answers = {"EHLO": greeted, "RCPT": [b"250 ok\r\n", b"450 busy\r\n"], ".": b"554 5.7.1 spam\r\n"}

    with Scripted(smtp_script(answers)) as server:
        results = relay_to(server.port).send("s@example.test", (A, B), RAW)

    assert results == (RecipientResult(A, 554, "5.7.1 spam"), RecipientResult(B, 450, "busy"))


def test_no_octet_of_a_mail_is_sent_for_nobody(greeted: bytes, relay_to: RelayTo) -> None:
    with Scripted(smtp_script({"EHLO": greeted, "RCPT": b"550 who\r\n"})) as server:
        relay = relay_to(server.port)
        results = [relay.send("s@example.test", (A,), RAW), relay.send("s@example.test", (B,), RAW)]

    assert [codes(result) for result in results] == [[550], [550]]
    assert b"Subject" not in server.received
    assert server.connections == 1


def test_a_connection_lost_after_the_data_leaves_it_undecided(greeted: bytes, relay_to: RelayTo) -> None:
    answers: Answers = {"EHLO": greeted, "RCPT": [b"250 ok\r\n", b"550 who\r\n"], ".": b""}

    with Scripted(smtp_script(answers)) as server:
        results = relay_to(server.port).send("s@example.test", (A, B), RAW)

    assert codes(results) == [0, 550]
    assert "closed" in results[0].text


def test_a_connection_lost_between_the_answers_leaves_it_undecided(greeted: bytes, relay_to: RelayTo) -> None:
    with Scripted(smtp_script({"EHLO": greeted, "RCPT": [b"250 ok\r\n", b""]})) as server:
        results = relay_to(server.port).send("s@example.test", (A, B), RAW)

    assert codes(results) == [0, 0]


def test_a_new_connection_lost_before_any_answer_is_temporary(greeted: bytes, relay_to: RelayTo) -> None:
    with (
        Scripted(smtp_script({"EHLO": greeted, "MAIL": b""})) as server,
        pytest.raises(TemporaryError, match=f"SMTP 127.0.0.1:{server.port}: .*closed"),
    ):
        relay_to(server.port).send("s@example.test", (A,), RAW)


@pytest.mark.parametrize("goodbye", [b"", b"421 4.4.2 too long idle\r\n"])
@pytest.mark.parametrize("command", ["RSET", "MAIL"])
def test_a_kept_connection_that_was_closed_is_opened_anew(
    greeted: bytes, command: str, goodbye: bytes, relay_to: RelayTo
) -> None:
    replies = [goodbye] if command == "RSET" else [b"250 ok\r\n", goodbye]
    with Scripted(smtp_script({"EHLO": greeted, command: replies})) as server:
        relay = relay_to(server.port)
        results = [relay.send("s@example.test", (A,), RAW), relay.send("s@example.test", (B,), RAW)]

    assert [codes(result) for result in results] == [[250], [250]]
    assert server.connections == 2
    assert server.received.count(b"Subject: hello") == 2


def test_a_sink_that_was_down_between_two_mails_gets_both(relay: SmtpRelay, smtp_sink: SmtpSink) -> None:
    relay.send("s@example.test", (A,), RAW)
    with smtp_sink.down(), pytest.raises(TemporaryError, match=f"127.0.0.1:{smtp_sink.port}"):
        relay.send("s@example.test", (A,), RAW)

    results = relay.send("s@example.test", (B,), RAW)

    assert codes(results) == [250]
    assert [mail.recipients for mail in smtp_sink.mails] == [(A,), (B,)]


def test_421_to_the_first_mail_is_its_result(greeted: bytes, relay_to: RelayTo) -> None:
    with Scripted(smtp_script({"EHLO": greeted, "MAIL": b"421 4.7.0 too many\r\n"})) as server:
        results = relay_to(server.port).send("s@example.test", (A, B), RAW)

    assert results == (RecipientResult(A, 421, "4.7.0 too many"), RecipientResult(B, 421, "4.7.0 too many"))


def test_421_to_the_mail_itself_ends_the_connection_and_is_passing(relay_to: RelayTo) -> None:
    with Scripted(smtp_script({".": [b"421 4.3.2 shutting down\r\n"]})) as server:
        relay = relay_to(server.port)
        results = [relay.send("s@example.test", (A,), RAW), relay.send("s@example.test", (A,), RAW)]

    assert [codes(result) for result in results] == [[421], [250]]
    assert server.connections == 2


@pytest.mark.parametrize("greeting", [b"421 4.3.2 not now\r\n", b"554 5.3.2 never\r\n", b"* OK IMAP\r\n", b""])
def test_a_greeting_that_is_none_is_temporary(greeting: bytes, relay_to: RelayTo) -> None:
    with Scripted(smtp_script({}, greeting)) as server, pytest.raises(TemporaryError) as raised:
        relay_to(server.port).send("s@example.test", (A,), RAW)

    assert "\n" not in str(raised.value)
    assert b"MAIL" not in server.received


def test_a_server_without_ehlo_is_greeted_the_old_way(relay_to: RelayTo) -> None:
    with Scripted(smtp_script({"EHLO": b"502 what\r\n"})) as server:
        results = relay_to(server.port).send("s@example.test", (A,), RAW)

    assert codes(results) == [250]
    assert b"helo gateway.example.test\r\n" in server.received
    assert b"MAIL FROM:<s@example.test>\r\n" in server.received


@pytest.mark.parametrize("nonsense", [b"hello\r\n", b"999 x\r\n", b"354 go\r\n", b"250 " + b"x" * 20_000 + b"\r\n"])
def test_nonsense_instead_of_an_answer_is_undecided(greeted: bytes, nonsense: bytes, relay_to: RelayTo) -> None:
    with Scripted(smtp_script({"EHLO": greeted, ".": nonsense})) as server:
        results = relay_to(server.port).send("s@example.test", (A,), RAW)

    assert codes(results) == [0]


def test_a_relay_that_takes_data_before_it_refuses_everybody_gets_an_empty_mail(relay_to: RelayTo) -> None:
    # RFC 2920 section 3.1: 354 although nobody was taken
    answers: Answers = {"EHLO": ehlo(b"PIPELINING"), "RCPT": b"550 who\r\n", ".": b"554 nobody\r\n"}

    with Scripted(smtp_script(answers)) as server:
        results = relay_to(server.port).send("s@example.test", (A,), RAW)

    assert codes(results) == [550]
    assert server.received.endswith(b"DATA\r\n.\r\n")


def test_many_recipients_go_in_groups(greeted: bytes, relay_to: RelayTo) -> None:
    people = [f"p{number}@example.test" for number in range(130)]

    with Scripted(smtp_script({"EHLO": greeted})) as server:
        results = relay_to(server.port).send("s@example.test", people, RAW)

    assert codes(results) == [250] * 130
    assert server.received.count(b"RCPT TO:") == 130


def test_a_silent_relay_does_not_hold_us_for_ever(relay_to: RelayTo) -> None:
    limits = Limits(end_of_data_s=SHORT_S)

    with Scripted(smtp_script({".": b"250-\r\n"})) as server:
        results = relay_to(server.port, limits, timeout_s=SHORT_S).send("s@example.test", (A,), RAW)

    assert codes(results) == [0]
    assert "timed out" in results[0].text


def test_a_mail_cut_on_its_way_is_undecided(smtp_sink: SmtpSink, relay_to: RelayTo) -> None:
    with Proxy(smtp_sink.port) as proxy:
        relay = relay_to(proxy.port)
        proxy.cut_after(2000)  # somewhere behind the answers to a few mails
        results = [relay.send("s@example.test", (A,), RAW)[0].code for _ in range(2)]
        codes_seen = set()
        for _ in range(60):
            codes_seen.add(relay.send("s@example.test", (A,), RAW)[0].code)

    assert results == [250, 250]
    assert codes_seen <= {250, 0}
    assert len(smtp_sink.mails) >= 61


def test_a_connection_serves_so_many_mails_and_no_more(relay_to: RelayTo) -> None:
    with Scripted(smtp_script({})) as server:
        relay = relay_to(server.port, Limits(mails=2))
        for _ in range(5):
            relay.send("s@example.test", (A,), RAW)
        relay.close()

    assert (server.connections, server.received.count(b"QUIT")) == (3, 3)


def test_a_connection_that_was_idle_for_long_is_not_used_again(relay_to: RelayTo) -> None:
    with Scripted(smtp_script({})) as server:
        relay = relay_to(server.port, Limits(idle_s=0))
        for _ in range(2):
            relay.send("s@example.test", (A,), RAW)

    assert server.connections == 2


def test_nobody_to_write_to_needs_no_connection(relay_to: RelayTo) -> None:
    assert relay_to(free_port()).send("s@example.test", (), RAW) == ()


@pytest.mark.parametrize(
    ("raw", "arrives"),
    [
        (b"A: b\r\n\r\n.\r\n..\r\n.x\r\n", b"A: b\r\n\r\n.\r\n..\r\n.x\r\n"),
        (b".A: b\r\n\r\nx", b".A: b\r\n\r\nx\r\n"),
        (b"A: b\n\n.\nlone LF\n", b"A: b\r\n\r\n.\r\nlone LF\r\n"),
        (b"A: b\r\n\r\nlone\rCR\r.\r\r\n.\r\n", b"A: b\r\n\r\nlone\r\nCR\r\n.\r\n\r\n.\r\n"),
        (b"A: b\r\n\r\n\x00NUL\x00\x80\xff\x01\r\n", b"A: b\r\n\r\n\x00NUL\x00\x80\xff\x01\r\n"),
        (b"", b"\r\n"),
    ],
)
def test_any_bytes_arrive_with_whole_lines(relay: SmtpRelay, smtp_sink: SmtpSink, raw: bytes, arrives: bytes) -> None:
    results = relay.send("s@example.test", (A,), raw)

    assert codes(results) == [250]
    assert smtp_sink.mails[-1].raw == arrives


def test_a_smuggled_end_does_not_make_a_second_mail(relay: SmtpRelay, smtp_sink: SmtpSink) -> None:
    raw = b"A: b\r\n\r\nx\n.\r\nMAIL FROM:<evil@example.test>\r\nx\r.\rDATA\r\n"

    relay.send("s@example.test", (A,), raw)

    assert len(smtp_sink.mails) == 1
    assert b"evil" in smtp_sink.mails[0].raw


def test_an_address_cannot_carry_a_command(relay: SmtpRelay, smtp_sink: SmtpSink) -> None:
    bad = ("x@example.test>\r\nDATA", "a b@example.test", "<y@example.test", "z\x00@example.test")

    results = relay.send("s@example.test", (A, *bad), RAW)
    nobody = relay.send("s\r\n@example.test", (A,), RAW)

    assert codes(results) == [250, 553, 553, 553, 553]
    assert codes(nobody) == [553]
    assert [mail.recipients for mail in smtp_sink.mails] == [(A,)]


def test_an_international_address_goes_where_the_relay_can(relay: SmtpRelay, smtp_sink: SmtpSink) -> None:
    results = relay.send("s@example.test", ("jürgen@exämple.test",), RAW)

    assert codes(results) == [250]
    assert smtp_sink.mails[0].recipients == ("jürgen@exämple.test",)


def test_without_smtputf8_the_domain_is_spelled_out_and_the_rest_is_told(relay_to: RelayTo) -> None:
    with Scripted(smtp_script({"EHLO": ehlo(b"8BITMIME")})) as server:
        results = relay_to(server.port).send("s@example.test", ("jürgen@example.test", "j@exämple.test"), RAW)

    assert codes(results) == [553, 250]
    assert "SMTPUTF8" in results[0].text
    assert b"RCPT TO:<j@xn--exmple-cua.test>" in server.received
    assert b"SMTPUTF8" not in server.received


@pytest.mark.parametrize(
    ("raw", "parameters"),
    [
        (b"A: b\r\n\r\nascii\r\n", b""),
        (b"A: b\r\n\r\n\xc3\xbc\r\n", b" BODY=8BITMIME"),
        (b"A: \xc3\xbc\r\n\r\nx\r\n", b" BODY=8BITMIME SMTPUTF8"),
    ],
)
def test_extensions_are_used_where_the_mail_needs_them(raw: bytes, parameters: bytes, relay_to: RelayTo) -> None:
    with Scripted(smtp_script({"EHLO": ehlo(b"8BITMIME", b"SMTPUTF8")})) as server:
        relay_to(server.port).send("", (A,), raw)

    assert b"MAIL FROM:<>" + parameters + b"\r\n" in server.received


def test_a_closed_relay_may_be_closed_again_and_opens_when_needed(relay: SmtpRelay, smtp_sink: SmtpSink) -> None:
    relay.close()
    relay.send("s@example.test", (A,), RAW)
    relay.close()
    relay.close()

    relay.send("s@example.test", (B,), RAW)

    assert len(smtp_sink.mails) == 2


def test_a_relay_that_refuses_in_the_middle_of_the_octets_is_heard(relay_to: RelayTo) -> None:
    heard = threading.Event()

    def script(talk: Talk) -> None:
        talk.say(b"220 ready\r\n")
        while not talk.line().startswith(b"DATA"):
            talk.say(b"250 ok\r\n")
        talk.say(b"354 go ahead\r\n552 5.3.4 too large\r\n")
        heard.wait(PATIENCE_S)  # and reads nothing any more

    with Scripted(script) as server:
        results = relay_to(server.port, timeout_s=SHORT_S).send("s@example.test", (A,), RAW + b"x" * 30_000_000)
        heard.set()

    assert results == (RecipientResult(A, 552, "5.3.4 too large"),)


def test_a_server_that_greets_nobody_gets_no_mail(relay_to: RelayTo) -> None:
    answers: Answers = {"EHLO": b"550 go away\r\n", "HELO": b"550 go away\r\n"}

    with Scripted(smtp_script(answers)) as server, pytest.raises(TemporaryError, match="550 go away"):
        relay_to(server.port).send("s@example.test", (A,), RAW)

    assert b"MAIL" not in server.received
