"""Bounces of odd kinds, as a class: whom they name, for how long, which mail of ours. The mails are in the corpus."""

from pathlib import Path

import pytest

from mailgateway.model.message import Address, MessageKind
from mailgateway.model.tokens import Key, Keyring, bounce_token, message_id, plus_address
from mailgateway.parsers.bounce import Notice, bounce_reports
from mailgateway.parsers.message import parse
from mailgateway.triage.classify import classify

BOUNCES = sorted((Path(__file__).parent.parent / "corpus" / "bounces").glob("*.eml"))
REAL = [path for path in BOUNCES if not path.stem.startswith("not_")]
OTHER = [path for path in BOUNCES if path.stem.startswith("not_")]
SUPPORT = "support@acme.example"
GONE = "gone@client.example"
KEYRING = Keyring((Key("a", b"secret"),))
OUR_ID = message_id(KEYRING, 1042, 5512, "acme.example")
OUR_SENDER = plus_address(SUPPORT, bounce_token(KEYRING, 5512))


def notice(text: str, sender: str = "mailer-daemon@mx.example", path: str | None = "", subject: str = "x") -> Notice:
    return Notice(Address("", sender), path, subject, failed_recipients="", own=frozenset({SUPPORT}), text=text)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_a_bounce_names_its_recipients_and_leads_to_our_mail(path: Path) -> None:
    message = parse(path.read_bytes()).message

    named = {report.recipient for report in message.reports}
    ways = [*(to.address for to in message.to), *(report.original_sender for report in message.reports)]
    assert classify(message, frozenset()).kind is MessageKind.BOUNCE
    assert named in ({GONE}, {GONE, "full@client.example"}, {"a@client.example", "b@client.example"})
    assert any("+b5512." in way for way in ways)


@pytest.mark.parametrize("path", OTHER, ids=lambda path: path.stem)
def test_what_only_speaks_of_bounces_is_none(path: Path) -> None:
    message = parse(path.read_bytes()).message

    assert message.reports == ()
    assert classify(message, frozenset()).kind is not MessageKind.BOUNCE


def test_enough_forms_are_there() -> None:
    assert len(REAL) >= 50
    assert len(OTHER) >= 2


# --- which mail of ours


@pytest.mark.parametrize(
    "line",
    [
        f"Nachrichtenkennung {OUR_ID}.",
        f"(siehe <{OUR_ID}>)",
        f"Message-ID: {OUR_ID.upper()}",
        f"メッセージ「{OUR_ID}」",
    ],
)
def test_an_id_of_ours_is_found_wherever_it_stands(line: str) -> None:
    (report,) = bounce_reports(notice(f"{GONE}: 550 no\n{line}"))

    assert (report.recipient, report.original_message_id.lower()) == (GONE, OUR_ID.lower())


@pytest.mark.parametrize(
    "line", [f"Envelope: <{OUR_SENDER}>", f"de {OUR_SENDER}, hier", f"> Return-Path: {OUR_SENDER}"]
)
def test_an_envelope_sender_of_ours_is_found_wherever_it_stands_and_is_no_recipient(line: str) -> None:
    (report,) = bounce_reports(notice(f"{line}\n550 no: {GONE}"))

    assert (report.recipient, report.original_sender) == (GONE, OUR_SENDER)


@pytest.mark.parametrize(
    "line",
    [
        "Message-ID: <q7@acme.example>",
        "Message ID is q7@acme.example.",
        "邮件ID：q7@acme.example",
        "Meldungs-ID | q7@acme.example",
    ],
)
def test_an_id_of_another_form_counts_where_the_notice_calls_it_one(line: str) -> None:
    (report,) = bounce_reports(notice(f"{line}\n{GONE}: 550 no"))

    assert (report.recipient, report.original_message_id) == (GONE, "q7@acme.example")


def test_the_id_of_a_connection_does_not_make_a_recipient_an_id() -> None:
    (report,) = bounce_reports(notice(f"with ESMTP id abc for <{GONE}> 550 no"))

    assert (report.recipient, report.original_message_id) == (GONE, "")


# --- whether it is one


def test_a_daemon_needs_no_words_that_we_know() -> None:
    (report,) = bounce_reports(notice(f"Litera ne povis atingi {GONE}\n(550 nekonata)"))

    assert (report.recipient, report.permanent) == (GONE, True)


@pytest.mark.parametrize(
    "given",
    [
        notice("Good morning, all is well."),
        notice(f"Prove that you wrote: 550 {GONE}", subject="Please confirm your message"),
        notice("La commande n'est pas arrivée.\nE-mail: marie@client.example", sender="www@shop.example"),
        notice(
            f"Our server could not deliver your message to {GONE}.\nPetra", "postmaster@x.example", "petra@x.example"
        ),
    ],
    ids=["a daemon without any sign", "a challenge", "a web form with the null path", "a postmaster with a way back"],
)
def test_words_alone_make_no_bounce_of_mails_that_people_or_other_machines_write(given: Notice) -> None:
    assert bounce_reports(given) == ()


def test_a_daemon_whose_mail_shows_what_came_back_is_believed_though_it_names_nobody() -> None:
    (report,) = bounce_reports(notice(f"Ne eblis. 550\n\nMessage-ID: <{OUR_ID}>"))

    assert (report.recipient, report.original_message_id) == ("", OUR_ID)


@pytest.mark.parametrize(
    ("words", "permanent"),
    [
        ("Unknown user", True),
        ("Das Postfach ist voll, der Empfänger unbekannt", False),
        ("ящик переполнен", False),
        ("неизвестный получатель", True),
        ("Unknown error", False),
        ("[550]", True),
        ("(450)", False),
        ("599 Main Street", False),
    ],
)
def test_words_say_how_long_where_no_code_does_and_passing_reasons_outweigh(words: str, *, permanent: bool) -> None:
    (report,) = bounce_reports(notice(f"{GONE}\n{words}", subject="failure notice"))

    assert report.permanent is permanent
