"""Mails made to hang or blow up the reader. Every one is read well within the limit below."""

import json
import subprocess
import sys
import time

import pytest

from mailgateway.model.message import Address
from mailgateway.parsers.message import parse
from mailgateway.parsers.reply import split_reply

TOP = b"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
MULTI = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
HTML = TOP + b"Content-Type: text/html\r\n\r\n"
LIMIT_S = 5  # of the processor: other work on the machine does not count

HOSTILE = {
    "multiparts 10,000 deep": TOP
    + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (at, at) for at in range(10_000)),
    "multiparts 900 deep in a small mail": TOP
    + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (at, at) for at in range(900)),
    "100,000 headers": b"".join(b"X-%d: y\r\n" % at for at in range(100_000)) + TOP + b"\r\n",
    "100,000 headers in a part": TOP + MULTI + b"--b\r\n" + b"x: y\r\n" * 100_000,
    "a line of 1 MB": TOP + b"\r\n" + b"x" * 1_000_000,
    "a header of 1 MB": b"Subject: " + b"x" * 1_000_000 + b"\r\n" + TOP,
    "10,000 quote levels": TOP + b"\r\n" + b">" * 10_000 + b" q\r\n",
    "500 growing quotes": TOP + b"\r\n" + b"".join(b">" * at + b" q\r\n" for at in range(500)),
    "5 MB of HTML": HTML + b"<p>hello <b>you</b></p>\n" * 220_000,
    "60,000 nested blockquotes": HTML + b"<blockquote><div>" * 60_000,
    "hidden elements inside each other": HTML + b"<div style='display:none'>" * 35_000,
    "1 MB of angle brackets": HTML + b"<" * 1_000_000,
    "10,000 parts": TOP + MULTI + b"--b\r\n\r\nx\r\n" * 10_000,
    "20,000 empty parts": TOP + MULTI + b"--b\n" * 20_000,
    "25,000 encoded words": b"From: a@b\r\nSubject: " + b"=?utf-8?q?a?= " * 25_000 + b"\r\n\r\n",
    "encoded words without an end": b"Subject: " + b"=?utf-8?q?a " * 5_000 + b"\r\n\r\n",
    "encoded words in From": b"From: " + b"=?utf-8?q?a?= " * 4_600 + b"<a@b>\r\n\r\n",
    "nested comments in From": b"From: " + b"(" * 30_000 + b"a@b" + b")" * 30_000 + b"\r\n\r\n",
    "open comments in From": b"From: " + b"(a" * 30_000 + b"\r\n\r\n",
    "one long word in From": b"From: " + b"a" * 60_000 + b"\r\n\r\n",
    "at signs in From": b"From: " + b"a@" * 30_000 + b"\r\nTo: " + b"@" * 60_000 + b"\r\n\r\n",
    "commas and quotes": b"From: "
    + b"a," * 30_000
    + b"\r\nTo: "
    + b"a@b," * 16_000
    + b"\r\nCc: "
    + b'"' * 60_000
    + b"\r\n\r\n",
    "endless message/rfc822": TOP + b"Content-Type: message/rfc822\r\n\r\n" * 20_000,
    "60,000 parameters": TOP + b"Content-Type: text/plain" + b"; a*0=x" * 60_000 + b"\r\n\r\n",
    "lines that look like boundaries": TOP + MULTI + b"\n--c" * 100_000,
    "ids without an end": b"References: "
    + b"(" * 30_000
    + b"<" * 30_000
    + b"\r\nMessage-ID: "
    + b"a@" * 30_000
    + b"\r\n\r\n",
    "a date of comments": b"Date: " + b"(" * 30_000 + b"1 " * 15_000 + b"\r\n\r\n",
    "charset that is a compressor": TOP + b"Content-Type: text/plain; charset=zlib_codec\r\n\r\nx",
    "quadratic codec": TOP
    + b"Content-Type: text/plain; charset=punycode\r\n\r\n"
    + b"a" * 200_000
    + b"-"
    + b"b" * 50_000,
    "base64 of nothing but bad characters": TOP + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"!" * 1_000_000,
    "quoted-printable without line ends": TOP
    + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    + b"=41" * 300_000,
    "flowed lines without an end": TOP + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"a \r\n" * 60_000,
    "1 MB of NULs": b"\0" * 1_000_000,
    "1 MB of line ends": b"\r\n" * 500_000,
    "1 MB of carriage returns": b"\r" * 1_000_000,
    "1 MB of spaces": b" " * 1_000_000,
    "30,000 colons": b":\n" * 30_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_mail_is_read_in_time(raw: bytes) -> None:
    begun = time.process_time()

    message = parse(raw).message

    assert time.process_time() - begun < LIMIT_S
    assert len(message.headers) <= 1000
    assert len(message.body.full_text) <= 256 * 1024


@pytest.mark.parametrize(
    "text",
    [
        "> " * 100_000,
        "\n" * 250_000,
        "On " * 80_000,
        "On a\n" * 50_000,
        "On Mon, 3 Mar 2025\n" * 12_000,
        "-" * 250_000,
        "From: x\n" * 30_000,
        ("a@b wrote 2025\n" * 10_000) + ">",
        "".join(f"{'>' * at}\n" for at in range(700)),
        "x\n>\n" * 60_000,
        "--\n" * 80_000,
    ],
    ids=lambda text: text[:10],
)
def test_hostile_text_is_split_in_time(text: str) -> None:
    begun = time.process_time()

    body = split_reply(text)

    assert time.process_time() - begun < LIMIT_S
    assert body.full_text == text


def test_no_header_can_be_injected_through_subject_and_display_name() -> None:
    raw = (
        b"From: =?utf-8?q?Eve=0D=0ABcc=3A_all=40example=2Ecom?= <eve@evil.example>\r\n"
        b"Subject: =?utf-8?b?" + b"SGVscA0KQmNjOiBhbGxAZXhhbXBsZS5jb20=" + b"?=\r\n\r\n"
    )

    message = parse(raw).message

    assert message.sender == Address("Eve Bcc: all@example.com", "eve@evil.example")
    assert message.subject == "Help Bcc: all@example.com"


def test_lone_surrogates_become_replacement_characters() -> None:
    raw = TOP.replace(b"Subject: x", b"Subject: =?utf-16?b?2ABhAGI=?= =?utf-8?q?=ED=A0=80?=") + b"\r\n\xed\xa0\x80\r\n"

    message = parse(raw).message

    assert "\ud800" not in message.subject + message.body.text
    message.subject.encode()


def test_a_huge_text_part_keeps_its_beginning_as_text_and_the_whole_as_an_attachment() -> None:
    line = b"All of this is what the customer wrote.\r\n"
    raw = TOP + b"Content-Type: text/plain\r\n\r\n" + line * 20_000

    parsed = parse(raw)

    body, (whole,) = parsed.message.body.text, parsed.message.attachments
    assert body.startswith("All of this") and 200_000 < len(body) <= 256 * 1024  # noqa: PT018 -- one range
    assert (whole.content_type, whole.size_bytes) == ("text/plain", len(line) * 20_000)
    assert parsed.contents == ((whole.digest, line * 20_000),)
    assert parsed.message.defects == (f"cut: text/plain of {whole.size_bytes} bytes, whole attached",)


def test_more_parts_than_allowed_are_attached_in_one_piece() -> None:
    raw = TOP + MULTI + b"".join(b"--b\r\n\r\npart %d\r\n" % at for at in range(2000)) + b"--b--\r\n"

    parsed = parse(raw)

    (rest,) = parsed.message.attachments
    assert parsed.message.body.text.startswith("part 0\n\npart 1\n\n")
    assert dict(parsed.contents)[rest.digest].endswith(b"part 1999\r\n--b--\r\n")
    assert "cut: more than 500 parts, the rest is attached unread" in parsed.message.defects


MEMORY = """
import hashlib, json
from pathlib import Path
from mailgateway.parsers.message import parse
from mailgateway.parsers.scan import skeleton

def chunks():
    yield b"From: a@b.example\\r\\nSubject: big\\r\\nContent-Type: multipart/mixed; boundary=b\\r\\n\\r\\n"
    yield b"--b\\r\\n\\r\\nSee the file.\\r\\n--b\\r\\nContent-Type: application/zip; name=big.zip\\r\\n"
    yield b"Content-Transfer-Encoding: base64\\r\\n\\r\\n"
    line = b"QUFB" * 19 + b"\\r\\n"
    for _ in range(1_103_766 // 1000):
        yield line * 1000
    yield b"\\r\\n--b--\\r\\n"

def keep(pieces):
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size

def peak():  # Not ru_maxrss, which the process inherits from the one that started it
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

before = peak()
found = skeleton(chunks(), keep)
message = parse(found.raw, large=found.large, defects=found.defects).message
(attachment,) = message.attachments
print(json.dumps([peak(), peak() - before, attachment.name, attachment.size_bytes, message.body.text]))
"""


def test_a_mail_with_a_60_mib_attachment_is_scanned_in_little_memory() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)

    peak_kib, more_kib, name, size_bytes, text = json.loads(done.stdout)
    assert (name, size_bytes, text) == ("big.zip", 1_103_000 * 57, "See the file.")
    assert more_kib < 8 * 1024
    assert peak_kib < 64 * 1024


def work(text: str) -> int:
    """Return how many calls splitting a text takes; unlike seconds they are the same on every machine."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        split_reply(text)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("line", ["<a@b.example>:", "3 Mar 2025:", "1月1日 写道：", "On 3 Mar 2025, a@b.example:"])
def test_lines_that_may_be_attributions_cost_no_more_than_others_after_some(line: str) -> None:
    few, many = work(f"{line}\n" * 3_000), work(f"{line}\n" * 15_000)

    assert many - few < 12_000 * 60
