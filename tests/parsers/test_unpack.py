"""Rules of what a mail shows and carries: texts chosen by content, containers opened, files named."""

from base64 import encodebytes
from binascii import b2a_uu
from dataclasses import replace

import pytest

from mailgateway.model.message import Attachment, Protection
from mailgateway.parsers.body import TextPart, readable_text
from mailgateway.parsers.limits import DEFAULT_LIMITS
from mailgateway.parsers.message import parse
from mailgateway.parsers.transfer import decode_transfer, decoded_chunks
from tests.parsers import winmail
from tests.parsers.test_containers import signed, tag

HEAD = b"From: a@b.example\nSubject: x\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"


def part(content_type: str, body: bytes, *fields: str) -> bytes:
    return b"--b\n" + "\n".join((f"Content-Type: {content_type}", *fields)).encode() + b"\n\n" + body + b"\n"


def encoded(content_type: str, body: bytes, *fields: str) -> bytes:
    return part(content_type, encodebytes(body), "Content-Transfer-Encoding: base64", *fields)


def names(attachments: tuple[Attachment, ...]) -> list[str]:
    return [attachment.name for attachment in attachments]


@pytest.mark.parametrize(
    ("plain", "markup", "shown"),
    [
        ("the lamp is broken", "<p>The lamp is broken</p>", "the lamp is broken"),
        (
            "the lamp is",
            "<p>The lamp in the hall is broken, please come</p>",
            "The lamp in the hall is broken, please come",
        ),
        ("the lamp", "<p></p>", "the lamp"),
        ("One lamp is broken here", "<p>Sent from my phone</p>", "One lamp is broken here\n\nSent from my phone"),
        ("Ihr Programm kann kein HTML", "<p>Die Lampe geht nicht</p>", "Die Lampe geht nicht"),
        ("...", "<p>!</p>", "..."),
        ("The lamp https://x.example/a [image: b]", "<p>The lamp</p>", "The lamp https://x.example/a [image: b]"),
        ("<html><p>The lamp</p></html>", "<p>The lamp</p>", "The lamp"),
    ],
)
def test_the_alternative_that_says_more_is_shown(plain: str, markup: str, shown: str) -> None:
    parts = [TextPart(plain, is_html=False, alternative=0), TextPart(markup, is_html=True, alternative=0)]

    assert readable_text(parts, 1000) == shown


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (("the lamp is broken", False), ("<p>the lamp is broken</p>", True), "the lamp is broken"),
        (("<p>the lamp is broken</p>", True), ("the lamp is broken", False), "the lamp is broken"),
        (("broken", False), ("<p>the lamp is broken, quite</p>", True), "the lamp is broken, quite"),
        (("one", False), ("<p>two</p>", True), "one\n\ntwo"),
        (("!", False), ("<p>two</p>", True), "!\n\ntwo"),
        (("same", False), ("same", False), "same\n\nsame"),
    ],
)
def test_of_two_parts_beside_each_other_a_copy_is_shown_once(
    first: tuple[str, bool], second: tuple[str, bool], shown: str
) -> None:
    assert readable_text([TextPart(*first), TextPart(*second)], 1000) == shown


def test_a_signed_part_inside_others_is_opened_with_its_files() -> None:
    inner = (
        MIXED.partition(b"Subject: x\n")[2]
        + part("text/plain; charset=x-none", b"words \xfc")
        + part("application/pdf; name=a.pdf", b"%PDF")
    )
    twice = b"Content-Type: application/pkcs7-mime\n\n" + signed(tag(4, inner + b"--b--\n"))
    raw = (
        MIXED + part("text/plain", b"before") + encoded("application/x-pkcs7-mime", signed(tag(4, twice))) + b"--b--\n"
    )

    message = parse(raw).message

    assert message.body.text == "before\n\nwords ü"
    assert names(message.attachments) == ["a.pdf"]
    assert message.protection is Protection.SIGNED
    assert "charset 'x-none' does not fit, read as windows-1252" in message.defects


def test_alternatives_inside_a_signed_part_are_no_alternatives_of_those_outside() -> None:
    both = b"Content-Type: multipart/alternative; boundary=c\n\n--c\n\n%s\n--c\nContent-Type: text/html\n\n%s\n--c--\n"
    outside = both % (b"the outer words", b"the outer words")
    inside = both % (b"some inner text", b"some inner text")
    raw = MIXED + b"--b\n" + outside + encoded("application/pkcs7-mime", signed(tag(4, inside))) + b"--b--\n"

    assert parse(raw).message.body.text == "the outer words\n\nsome inner text"


def test_what_is_wrong_inside_a_signed_part_is_said() -> None:
    inner = b"Content-Type: multipart/mixed; boundary=c\n\n--c\n\nwords\n"

    message = parse(HEAD + b"Content-Type: application/pkcs7-mime\n\n" + signed(tag(4, inner))).message

    assert (message.body.text, message.defects) == ("words", ("the mail ends before its last part does",))


def test_a_signed_part_without_content_stays_a_file() -> None:
    message = parse(MIXED + part("text/plain", b"x") + encoded("application/pkcs7-mime", b"0\0") + b"--b--\n").message

    assert (names(message.attachments), message.protection) == (["smime.p7m"], None)


def test_encryption_inside_a_signature_makes_the_mail_encrypted() -> None:
    inner = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx"
    raw = HEAD + b"Content-Type: application/pkcs7-mime\n\n" + signed(tag(4, inner))

    message = parse(raw).message

    assert message.protection is Protection.ENCRYPTED
    assert message.body.text == "(This mail is encrypted. Its text cannot be read here.)"


def test_a_container_over_the_limit_stays_a_file_and_says_so() -> None:
    limits = replace(DEFAULT_LIMITS, container_bytes=100, large_bytes=200)
    content = signed(tag(4, b"\n\nwords " * 500))
    sheet = winmail.winmail(winmail.file("a.txt", b"a" * 1000))
    raw = (
        MIXED
        + encoded("application/pkcs7-mime", content)
        + encoded("application/octet-stream; name=winmail.dat", sheet)
        + b"--b--\n"
    )

    message = parse(raw, limits).message

    assert names(message.attachments) == ["smime.p7m", "winmail.dat"]
    assert message.defects == (
        f"cut: application/pkcs7-mime of {len(content)} bytes, not opened",
        "winmail.dat could not be opened",
    )


def test_a_large_winmail_is_opened() -> None:
    content = bytes(range(256)) * 1000
    raw = MIXED + encoded("application/octet-stream; name=Winmail.dat", winmail.winmail(winmail.file("a", content)))

    parsed = parse(raw + b"--b--\n")

    assert [(each.name, each.size_bytes) for each in parsed.message.attachments] == [("a", len(content))]
    assert dict(parsed.contents) == {parsed.message.attachments[0].digest: content}


def test_the_number_of_files_is_bounded() -> None:
    sheet = winmail.winmail(*(winmail.file(f"{at}.txt", b"%d" % at) for at in range(20)))

    message = parse(
        MIXED + encoded("application/ms-tnef", sheet) + b"--b--\n", replace(DEFAULT_LIMITS, parts=5)
    ).message

    assert names(message.attachments) == [f"{at}.txt" for at in range(5)]
    assert message.defects == ("cut: more than 5 files",)


def test_a_uuencoded_file_without_an_end_is_said() -> None:
    raw = HEAD + b"\nsee\n\nbegin 644 a/b.bin\n" + b2a_uu(b"octets")

    message = parse(raw).message

    assert (message.body.text, names(message.attachments)) == ("see", ["b.bin"])
    assert message.defects == ("cut: the uuencoded file b.bin has no end",)


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (b"begin 644 a\r\n" + b2a_uu(b"octets") + b"`\r\nend\r\n", b"octets"),
        (b"begin 644 a\n" + b2a_uu(b"octets").rstrip(b"\n"), b"octets"),
        (b"begin 644 a\nno such line, that is sure\n", b""),
        (b"plain words\n" + b"x" * 70_000, b"plain words\n" + b"x" * 70_000),
        (b"x" * 70_000 + b"\nbegin", b"x" * 70_000 + b"\nbegin"),
    ],
)
def test_uuencode_is_decoded_as_a_transfer_encoding(raw: bytes, content: bytes) -> None:
    pieces = (raw[at : at + 7] for at in range(0, len(raw), 7))

    assert decode_transfer(raw, "x-uuencode").rstrip(b"\n") == content
    assert b"".join(decoded_chunks(pieces, "uuencode")).replace(b"\n", b"") == content.replace(b"\n", b"")


@pytest.mark.parametrize(
    ("content_type", "body", "name"),
    [
        ("message/rfc822", b"Subject: =?utf-8?q?A=2FB?=\n C\n\nSubject: no", "A-B C.eml"),
        ("message/rfc822", b"From: a@b\n\nSubject: no", "message.eml"),
        ("message/rfc822", b"Subject: x" + b"y" * 200, "x" + "y" * 79 + ".eml"),
        ("text/vcard", b"FN:N. Lind", "N. Lind.vcf"),
        ("text/x-vcard", b"TEL:1", "contact.vcf"),
        ("text/calendar", b"", "invite.ics"),
        ("application/pgp-keys", b"", "key.asc"),
        ("application/zip", b"", ""),
        ("application/zip; name=a.zip", b"", "a.zip"),
    ],
)
def test_a_part_without_a_name_is_called_by_what_it_is(content_type: str, body: bytes, name: str) -> None:
    message = parse(MIXED + part("text/plain", b"x") + part(content_type, body) + b"--b--\n").message

    assert names(message.attachments) == [name]


@pytest.mark.parametrize(
    ("content_type", "body", "fields", "inline"),
    [
        ("image/png", b"x", "Content-ID: <a@b>", True),
        ("image/png", b"x", "Content-ID: <a b>", True),
        ("image/png", b"x", "Content-ID: <other>", False),
        ("image/png", b"x", "Content-Disposition: inline", False),
        ("image/gif", b"GIF89a\1\0\1\0", "X: y", True),
        ("image/gif", b"GIF89a\x40\0\1\0", "X: y", False),
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\2\0\0\0\1", "X: y", True),
        ("text/x-amp-html", b"<p>x", "X: y", True),
        ("application/pdf", b"GIF89a\1\0\1\0", "X: y", False),
    ],
)
def test_what_the_text_shows_is_told_from_files(content_type: str, body: bytes, fields: str, *, inline: bool) -> None:
    markup = b"<p>x<img src='cid:a@b'><img src=\"CID:a%20b\">"

    message = parse(MIXED + part("text/html", markup) + encoded(content_type, body, fields) + b"--b--\n").message

    assert [attachment.inline for attachment in message.attachments] == [inline]


def test_text_after_the_last_part_is_shown_where_nothing_else_is() -> None:
    def mail(content_type: str, body: bytes, after: bytes) -> bytes:
        return MIXED + part(content_type, body) + b"--b--\n" + after

    alone = parse(mail("application/pdf", b"%PDF", b"after")).message
    beside_calendar = parse(mail("text/calendar", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a", b"after")).message
    beside_text = parse(mail("text/plain", b"text", b"after")).message
    large = parse(mail("application/pdf", b"%PDF", b"after " * 50_000)).message

    assert (alone.body.text, alone.defects) == ("after", ("text after the last part, shown since there is no other",))
    assert beside_calendar.body.text == "Appointment: a"
    assert beside_calendar.defects == beside_text.defects == ("text after the last part, not shown",)
    assert (large.body.text, large.defects) == ("", ("a large part has no place in the mail, attached",))


def test_text_after_the_last_part_of_an_inner_multipart_is_said() -> None:
    inner = b"--c\n\nx\n--c--\nafter\n"
    raw = MIXED + part("multipart/mixed; boundary=c", inner) + b"--b--\n"

    assert parse(raw).message.defects == ("text after the last part, not shown",)


def test_a_multipart_without_parts_is_text_of_any_size() -> None:
    head = HEAD + b"Content-Type: multipart/mixed; boundary=absent\n\n"

    for words in (b"words", b"words " * 20_000):
        assert parse(head + words).message.body.text == words.decode().strip()
