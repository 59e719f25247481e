"""What machine mail has in common: its head, the copy of our mail it returns, its expectation."""

import hashlib
from dataclasses import dataclass

from tests.corpus.sealing import mime
from tests.corpus.sealing.voices import dumped

Made = tuple[str, bytes, bytes]
BAD = ("ghost", "former.colleague", "j.kowalska", "einkauf", "ventas", "info", "amelie.roy", "postbox-77", "r_banerjee")
HOSTS = (
    "northwind.example",
    "kessler-bau.example",
    "acme-partner.example",
    "tiendas-luz.example",
    "pieni-paja.example",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail of ours that a machine speaks of."""

    recipient: str
    message_id: str
    subject: str
    head: str
    """Its header fields with LF between lines."""


def digits(key: str, what: str, length: int) -> str:
    """Return hex digits that hang on the key alone."""
    return hashlib.sha256(f"{key} {what}".encode()).hexdigest()[:length]


def sent(key: str, recipient: str = "") -> Sent:
    """Return a mail of ours, different for each key."""
    number = int(digits(key, "n", 6), 16)
    recipient = recipient or f"{BAD[number % len(BAD)]}@{HOSTS[number // 7 % len(HOSTS)]}"
    message_id = f"t{1000 + number % 900}.o{number % 7919}.{digits(key, 'mac', 10)}@acme.example"
    subject = f"[SUP-{1000 + number % 900}-QX] Your request {number % 977}"
    head = (
        f"Return-Path: <support+b{number % 7919}.{digits(key, 'verp', 8)}@acme.example>\n"
        f"Received: from desk.acme.example (desk.acme.example [192.0.2.9])\n\tby relay.acme.example with ESMTPS id {digits(key, 'r', 10)}\n"
        f"From: Acme Support <support@acme.example>\nTo: <{recipient}>\nSubject: {subject}\n"
        f"Date: Mon, 02 Nov 2026 09:00:00 +0000\nMessage-ID: <{message_id}>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n"
    )
    return Sent(recipient, message_id, subject, head)


def head(
    key: str, *fields: tuple[str, str], return_path: str = "<>", to: str = "support@acme.example"
) -> tuple[tuple[str, str], ...]:
    """Return the header of a machine's mail; a given field comes instead of the usual one of its name."""
    given = {name.lower() for name, _ in fields}
    usual = (
        ("Return-Path", return_path),
        ("Received", (f"from mx7.mailhub.example (mx7.mailhub.example [198.51.100.7])\r\n\tby mail.acme.example with ESMTP id {digits(key, 'q', 9)};"
                     "\r\n\tMon, 02 Nov 2026 10:04:11 +0000")),
        ("Date", "Mon, 02 Nov 2026 10:04:10 +0000"), ("To", to), ("Message-ID", f"<{digits(key, 'id', 20)}@mx7.mailhub.example>"),
        ("MIME-Version", "1.0"),
    )  # fmt: skip
    return (*(field for field in usual if field[0].lower() not in given), *fields)


def made(key: str, fields: tuple[tuple[str, str], ...], body: mime.Part, expected: dict[str, object]) -> Made:
    """Return name, octets and expectation of a mail."""
    return key, mime.Part((*fields, *body.headers), body.body).octets, dumped(expected)


def plain(text: str, charset: str = "us-ascii") -> mime.Part:
    """Return a text part as it stands."""
    return mime.text_part(text, charset=charset)


def bare(text: str) -> mime.Part:
    """Return a body without any MIME header, as old servers send it."""
    return mime.Part((), text.replace("\n", "\r\n").encode())


def delivery_status(reporting: str, *groups: dict[str, str]) -> mime.Part:
    """Return a message/delivery-status part (RFC 3464)."""
    text = f"Reporting-MTA: dns; {reporting}\nArrival-Date: Mon, 02 Nov 2026 09:00:02 +0000\n"
    for group in groups:
        text += "\n" + "".join(f"{name}: {value}\n" for name, value in group.items())
    return mime.Part(
        (("Content-Type", "message/delivery-status"), ("Content-Description", "Delivery report")),
        text.replace("\n", "\r\n").encode(),
    )


def returned(mail: Sent, *, headers_only: bool = True, words: str = "We have news on your request.\n") -> mime.Part:
    """Return our mail as the last part of a report."""
    text = mail.head if headers_only else f"{mail.head}\n{words}"
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    return mime.Part((("Content-Type", kind),), text.replace("\n", "\r\n").encode())


def report(key: str, kind: str, *parts: mime.Part, preamble: str = "") -> mime.Part:
    """Return a multipart/report of a kind."""
    return mime.multipart(
        "report", f"{digits(key, 'b', 12)}/mx7.mailhub.example", parts, extra=f" report-type={kind};", preamble=preamble
    )


def bounced(
    mail: Sent, status: str, *, shape: str, permanent: bool = True, more: tuple[str, ...] = ()
) -> dict[str, object]:
    """Return the expectation of a bounce; a status of "" is not looked at."""
    one = {"permanent": permanent} | ({"status": status} if status else {})
    recipients = [{"recipient": address, **one} for address in (mail.recipient, *more)]
    return {
        "kind": "bounce",
        "shape": f"bounce {shape}",
        "bounce": {"recipients": recipients, "original_message_id": mail.message_id},
    }
