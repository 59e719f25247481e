"""Several attached mails: every one can be read, in a bounded time."""

import pytest

from mailgateway.model.message import Address, Forwarded
from mailgateway.parsers.forwarded import forwarded_in
from mailgateway.parsers.message import parse

TOP = b"From: a@x.example\nSubject: Three of them\nContent-Type: multipart/mixed; boundary=b\n\n"
CUT = "cut: more attached mails than are read, all are attachments"


def mail(number: int, text: str = "") -> bytes:
    return f"From: Zoe <zoe@client.example>\nSubject: Question {number}\n\n{text or f'Help {number}'}\n".encode()


def carrying(*mails: bytes, own: bytes = b"See below.") -> bytes:
    parts = [b"Content-Type: text/plain\n\n" + own, *(b"Content-Type: message/rfc822\n\n" + each for each in mails)]
    return TOP + b"".join(b"--b\n" + part + b"\n" for part in parts) + b"--b--\n"


def forward(number: int, text: str = "") -> Forwarded:
    return Forwarded(Address("Zoe", "zoe@client.example"), "", f"Question {number}", text or f"Help {number}")


def test_every_attached_mail_can_be_read_and_the_first_comes_first() -> None:
    message = parse(carrying(mail(1), mail(2), mail(3))).message

    assert message.forwarded == forward(1)
    assert message.further_forwards == (forward(2), forward(3))
    assert message.body.text == "See below."
    assert [each.name for each in message.attachments] == ["Question 1.eml", "Question 2.eml", "Question 3.eml"]


def test_one_attached_mail_or_none_has_no_further_ones() -> None:
    assert parse(carrying(mail(1))).message.further_forwards == ()
    assert parse(carrying()).message.further_forwards == ()


def test_more_than_twenty_attached_mails_are_attachments_and_said() -> None:
    message = parse(carrying(*(mail(number) for number in range(30)))).message

    assert message.further_forwards == tuple(map(forward, range(1, 20)))
    assert len(message.attachments) == 30
    assert CUT in message.defects


def test_large_attached_mails_are_read_up_to_half_a_mebibyte_altogether() -> None:
    large = "All of this is one line.\n" * 8_000

    message = parse(carrying(*(mail(number, large) for number in range(5)))).message

    assert [each.subject for each in message.further_forwards] == ["Question 1", "Question 2"]
    assert CUT in message.defects


def test_of_the_mails_inside_an_attached_mail_the_first_counts() -> None:
    message = parse(carrying(carrying(mail(1), mail(2)).replace(b"--b", b"--c").replace(b"=b", b"=c"))).message

    assert message.forwarded is not None
    assert (message.forwarded.subject, message.forwarded.depth) == ("Question 1", 2)
    assert message.further_forwards == ()
    assert CUT not in message.defects


@pytest.mark.parametrize(
    ("line", "name", "sent"),
    [
        ('03.03.2025, 10:12, "Zoe Lind" <zoe@client.example>:', "Zoe Lind", "2025-03-03T10:12:00"),
        ("03.03.2025, 10:12, Zoe Lind (zoe@client.example):", "Zoe Lind", "2025-03-03T10:12:00"),
        ("3 марта 2025, 10:12, Зоя <zoe@client.example>:", "Зоя", "2025-03-03T10:12:00"),
        ("> 03.03.2025, 10:12, zoe@client.example:", "", "2025-03-03T10:12:00"),
    ],
)
def test_one_line_may_say_who_wrote_what_is_forwarded(line: str, name: str, sent: str) -> None:
    text = f"смотрите\n\n-------- Пересылаемое сообщение --------\n{line}\n\nКак войти?\n"

    assert forwarded_in(text, "Fwd: Вход") == Forwarded(Address(name, "zoe@client.example"), sent, "", "Как войти?")


def test_a_line_that_says_less_stays_in_the_text() -> None:
    text = "-------- Пересылаемое сообщение --------\nСм. zoe@client.example:\n\nКак войти?"

    found = forwarded_in(text, "Fwd: Вход")

    assert found == Forwarded(Address("", ""), "", "", "См. zoe@client.example:\n\nКак войти?")
