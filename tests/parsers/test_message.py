"""Rules of reading a whole mail: digest, sender, text, placeholders."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from email.feedparser import BytesFeedParser, FeedParser

import pytest

from mailgateway.model.message import Address, Attachment, Body, Message
from mailgateway.parsers.limits import DEFAULT_LIMITS
from mailgateway.parsers.message import Parsed, parse
from mailgateway.parsers.scan import skeleton

TEXT = "Grüße,\r\nder Drucker druckt nicht.\r\n"


def mail(text: bytes, *fields: str) -> bytes:
    head = ("From: Erika <erika@kunde.example>", "Subject: Drucker", "Date: Mon, 3 Mar 2025 10:00:00 +0100", *fields)
    return "\r\n".join(head).encode() + b"\r\n\r\n" + text


PLAIN = mail(TEXT.encode(), "Content-Type: text/plain; charset=utf-8", "Message-ID: <1@kunde.example>")


def scanned(raw: bytes, chunk_bytes: int = 1000) -> tuple[Message, dict[str, bytes]]:
    blobs: dict[str, bytes] = {}

    def keep(chunks: Iterable[bytes]) -> tuple[str, int]:
        content = b"".join(chunks)
        digest = hashlib.sha256(content).hexdigest()
        blobs[digest] = content
        return digest, len(content)

    found = skeleton((raw[at : at + chunk_bytes] for at in range(0, len(raw), chunk_bytes)), keep)
    return parse(found.raw, large=found.large, defects=found.defects).message, blobs


def test_a_plain_mail_is_read_whole() -> None:
    parsed = parse(PLAIN)

    text = "Grüße,\nder Drucker druckt nicht."
    assert parsed == Parsed(
        Message(
            headers=(
                ("from", "Erika <erika@kunde.example>"),
                ("subject", "Drucker"),
                ("date", "Mon, 3 Mar 2025 10:00:00 +0100"),
                ("content-type", "text/plain; charset=utf-8"),
                ("message-id", "<1@kunde.example>"),
            ),
            message_id="1@kunde.example",
            in_reply_to="",
            references=(),
            subject="Drucker",
            sender=Address("Erika", "erika@kunde.example"),
            reply_to=(),
            to=(),
            cc=(),
            return_path=None,
            date=datetime(2025, 3, 3, 9, tzinfo=UTC),
            body=Body(text=text, quoted="", signature="", full_text=text),
            attachments=(),
            reports=(),
            forwarded=None,
            partial=False,
            digest=parsed.message.digest,
            defects=(),
            authors=(Address("Erika", "erika@kunde.example"),),
        ),
        (),
    )


@pytest.mark.parametrize(
    "other",
    [
        b"Received: from x by y; Mon, 3 Mar 2025 10:00:01 +0100\r\nDelivered-To: b@example.com\r\nReturn-Path: <x>\r\n"
        + PLAIN,
        PLAIN.replace(b"\r\n", b"\n"),
        mail(
            base64.encodebytes(TEXT.encode()),
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ),
        mail(b"Gr=FC=DFe,\r\nder Drucker druckt=\r\n nicht.", "Content-Type: text/plain; charset=iso-8859-1").replace(
            b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n", 1
        ),
        PLAIN.replace(b"Subject: Drucker", b"SUBJECT:\r\n =?utf-8?q?Drucker?="),
    ],
    ids=["trace fields", "line ends", "base64", "another charset", "folding"],
)
def test_the_same_mail_on_another_way_has_the_same_digest(other: bytes) -> None:
    assert parse(other).message.digest == parse(PLAIN).message.digest


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace(b"nicht", b"wieder"),
        PLAIN.replace(b"Subject: Drucker", b"Subject: Anderes"),
        PLAIN.replace(b"10:00:00", b"10:00:01"),
        PLAIN.replace(b"erika@", b"anna@"),
        mail(b"%PDF", "Content-Type: application/pdf"),
    ],
    ids=["text", "subject", "date", "sender", "part"],
)
def test_a_different_mail_has_a_different_digest(other: bytes) -> None:
    assert parse(other).message.digest != parse(PLAIN).message.digest


@pytest.mark.parametrize(
    ("head", "sender"),
    [
        ("From: Anna <anna@x.example>\r\nReply-To: b@x.example", Address("Anna", "anna@x.example")),
        ("Reply-To: Bob <b@x.example>\r\nSender: c@x.example", Address("Bob", "b@x.example")),
        ("From: undisclosed-recipients:;\r\nSender: c@x.example", Address("", "c@x.example")),
        ("From: Only A Name\r\nReturn-Path: <d@x.example>", Address("Only A Name", "d@x.example")),
        ("From: first@x.example\r\nFrom: second@x.example", Address("", "first@x.example")),
        ("Subject: nobody", Address("", "")),
    ],
)
def test_the_sender_is_from_else_who_else_the_header_names(head: str, sender: Address) -> None:
    message = parse(head.encode() + b"\r\n\r\nx").message

    assert message.sender == sender


def test_a_large_attachment_goes_through_keep_and_keeps_its_name_and_type() -> None:
    content = bytes(range(256)) * 1000
    raw = mail(
        b"--b\r\n\r\nSee the file.\r\n--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment;filename=a\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(content) + b"--b--\r\n",
        "Content-Type: multipart/mixed; boundary=b",
    )

    message, blobs = scanned(raw)

    digest = hashlib.sha256(content).hexdigest()
    assert blobs == {digest: content}
    assert message.attachments == (
        Attachment("a", "image/png", len(content), inline=False, content_id="", digest=digest),
    )
    assert message.body.text == "See the file."
    assert message.digest == parse(raw).message.digest


def test_a_placeholder_that_a_sender_wrote_is_only_text() -> None:
    content = b"x" * 100_000
    large = b"--b\r\nContent-Type: application/zip\r\n\r\n" + content + b"\r\n"
    found = skeleton(
        (mail(large, "Content-Type: multipart/mixed; boundary=b"),), lambda chunks: (b"".join(chunks).hex()[:2], 1)
    )
    (placeholder,) = found.large
    raw = found.raw.replace(
        b"--b\r\nContent-Type: application/zip", b"--b\r\n\r\nfirst\r\n--b\r\nContent-Type: application/zip"
    )

    message = parse(raw + b"\r\n--b\r\n\r\n" + placeholder.encode() + b"\r\n--b--", large=found.large).message

    assert len(message.attachments) == 1
    assert message.body.text == f"first\n\n{placeholder}"


def test_a_large_part_without_a_place_in_the_mail_is_attached() -> None:
    found = skeleton(
        (mail(b"x" * 100_000, "Content-Type: application/zip"),), lambda chunks: (str(len(b"".join(chunks))), 1)
    )

    message = parse(PLAIN, large=found.large).message

    assert [attachment.digest for attachment in message.attachments] == ["100000"]
    assert message.defects == ("a large part has no place in the mail, attached",)


def test_text_before_the_header_is_skipped() -> None:
    message = parse(b"\r\nFrom erika@kunde.example Mon Mar  3 10:00:00 2025\r\n" + PLAIN).message

    assert message.subject == "Drucker"
    assert message.defects == ("text before the header",)


def test_text_without_any_header_is_the_body() -> None:
    message = parse(b"From me to you:\r\n\r\nplain words").message

    assert message.body.text.endswith("plain words")
    assert message.subject == ""


def test_a_partial_mail_says_so() -> None:
    assert parse(PLAIN, partial=True).message.partial


def test_a_mail_over_the_size_limit_is_cut_and_says_so() -> None:
    message = parse(PLAIN, replace(DEFAULT_LIMITS, mail_bytes=len(PLAIN) - 10)).message

    assert message.defects == (f"cut: mail of {len(PLAIN)} bytes",)
    assert message.body.text == "Grüße,\nder Drucker druck"


def test_several_addresses_in_from_are_flagged() -> None:
    message = parse(b"From: a@x.example, b@x.example\r\nReceived: x\r\nReceived: y\r\n\r\nx").message

    assert message.sender == Address("", "a@x.example")
    assert message.defects == ("several addresses in From, the first counts",)


def test_text_after_the_last_part_is_flagged() -> None:
    raw = mail(b"--b\r\n\r\nx\r\n--b--\r\nfooter\r\n", "Content-Type: multipart/mixed; boundary=b")

    assert parse(raw).message.defects == ("text after the last part, not shown",)


def test_parts_that_only_the_parser_sees_are_bounded_too() -> None:
    raw = mail(b"--b\r\rx\r" * 700, "Content-Type: multipart/mixed; boundary=b")

    message = parse(raw).message

    assert "cut: more than 500 parts" in message.defects


def test_a_large_part_is_passed_whatever_keep_read_of_it() -> None:
    large = b"--b\r\nContent-Type: application/zip\r\n\r\n" + b"x" * 300_000 + b"\r\n--b\r\n\r\nafter\r\n--b--"
    raw = mail(large, "Content-Type: multipart/mixed; boundary=b")

    found = skeleton((raw,), lambda chunks: ("0", len(next(iter(chunks)))))

    assert parse(found.raw, large=found.large).message.body.text == "after"


@pytest.mark.parametrize("fault", [RecursionError, UnicodeError, KeyError])
def test_where_the_parser_fails_the_mail_is_read_as_text(
    fault: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def feed(self: BytesFeedParser, octets: bytes) -> None:
        if len(octets) > limit:
            raise fault
        FeedParser.feed(self, octets.decode("ascii", "surrogateescape"))

    monkeypatch.setattr(BytesFeedParser, "feed", feed)

    limit = len(PLAIN) - 1
    with_header = parse(PLAIN).message
    limit = 0
    without = parse(PLAIN).message

    said = (f"unreadable structure ({fault.__name__}), read as plain text",)
    assert (with_header.subject, with_header.body.text, with_header.defects) == (
        "Drucker",
        TEXT.replace("\r", "").strip(),
        said,
    )
    assert without.body.text == PLAIN.decode().replace("\r", "").strip()
    assert without.defects == (*said, "no sender")


def test_an_empty_mail_is_a_message() -> None:
    message, blobs = scanned(b"")

    assert (message.body.text, message.attachments, blobs) == ("", (), {})
    assert message == parse(b"").message
