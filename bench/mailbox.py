"""The mails that the benchmarks drain: 65 % plain, 25 % HTML, 10 % with a 75 KB attachment."""

import base64
import random

CUSTOMERS = 97
"""Senders, so that known and new ones mix."""
TEXT = """
the printer server after update connection lost since morning version error backup restore user cannot log in
please help we have tried restart timeout certificate expired mail queue report slow database export import
"""
WORDS = tuple(TEXT.split())


def mails(count: int, seed: int = 1) -> list[bytes]:
    """Return mixed support mails, the same for the same seed.

    Args:
        count: How many.
        seed: Of the random choices.
    """
    chosen = random.Random(seed)  # noqa: S311 -- test mails, no secret
    return [_mail(number, chosen) for number in range(count)]


def _mail(number: int, chosen: random.Random) -> bytes:
    share = chosen.random()
    text = _text(chosen)
    make = _html if 0.6 <= share < 0.85 else _attachment if share >= 0.9 else _plain
    customer = chosen.randrange(CUSTOMERS)
    head = (
        f"Return-Path: <user{number % 7}@customer{customer}.example>\r\n"
        f"Received: from mx.customer{customer}.example (mx.customer{customer}.example [192.0.2.{customer}])\r\n"
        "\tby mx.support.example with ESMTPS; Mon, 02 Nov 2026 10:00:00 +0000\r\n"
        f"From: Person {number % 7} <user{number % 7}@customer{customer}.example>\r\n"
        "To: Support <support@gateway.test>\r\n"
        f"Subject: {' '.join(chosen.choices(WORDS, k=5))} {number}\r\n"
        f"Message-ID: <m{number}.{chosen.getrandbits(40):x}@customer{customer}.example>\r\n"
        "Date: Mon, 02 Nov 2026 10:00:00 +0000\r\n"
        "MIME-Version: 1.0\r\n"
    )
    return (head + make(text, chosen)).encode()


def _text(chosen: random.Random) -> str:
    lines = [" ".join(chosen.choices(WORDS, k=11)).capitalize() + "." for _ in range(chosen.randint(5, 40))]
    return "\r\n".join(["Hello,", "", *lines, "", "Kind regards", "-- ", "Person of a customer", "+49 30 1234567"])


def _plain(text: str, _chosen: random.Random) -> str:
    return f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"


def _html(text: str, _chosen: random.Random) -> str:
    paragraphs = "".join(f"<p style='margin:0'>{line}</p>\r\n" for line in text.split("\r\n"))
    return (
        "Content-Type: multipart/alternative; boundary=alt\r\n\r\n"
        f"--alt\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        f"--alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>{paragraphs}</body></html>\r\n--alt--\r\n"
    )


def _attachment(text: str, chosen: random.Random) -> str:
    encoded = base64.encodebytes(chosen.randbytes(75_000)).decode().replace("\n", "\r\n")
    return (
        "Content-Type: multipart/mixed; boundary=mix\r\n\r\n"
        f"--mix\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        "--mix\r\nContent-Type: application/octet-stream; name=log.bin\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; filename=log.bin\r\n\r\n{encoded}--mix--\r\n"
    )
