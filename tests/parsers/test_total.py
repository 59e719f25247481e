"""Whatever the bytes are, a message comes out: valid Unicode, one-line header values, within the limits."""

import hashlib
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Message
from mailgateway.parsers.limits import ParseLimits
from mailgateway.parsers.message import Parsed, parse
from mailgateway.parsers.scan import skeleton

CORPUS = Path(__file__).parent.parent / "corpus"
SEEDS = [path.read_bytes() for topic in ("basic", "bodies") for path in sorted((CORPUS / topic).glob("*.eml"))]
SMALL = ParseLimits(
    parts=5,
    depth=3,
    headers=6,
    header_bytes=200,
    header_block_bytes=500,
    text_bytes=100,
    html_bytes=200,
    recipients=3,
    large_bytes=60,
)
TOKENS = [
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"--b",
        b"--b--",
        b"\r\n\r\n",
        b" ",
        b"\t",
        b";",
        b'"',
        b"<",
        b">",
        b"(",
        b"=?utf-8?b?",
    ),
    *(
        b"?=",
        b"=?x?q?=00=0D=0A?=",
        b"From: ",
        b"Subject: ",
        b"Date: ",
        b"Content-Type: ",
        b"multipart/mixed; boundary=b",
    ),
    *(b"multipart/alternative; boundary=b", b"multipart/report; boundary=b", b"message/delivery-status", b"text/html"),
    *(
        b"text/plain; charset=",
        b"zlib_codec",
        b"utf-16",
        b"utf-7",
        b"idna",
        b"undefined",
        b"iso-2022-jp",
        b"\x1b$B",
        b"\xff",
    ),
    *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n", b"=", b"=ED=A0=80"),
    *(
        b"Content-Disposition: attachment; filename*0*=x''%FF",
        b"a@b",
        b"<blockquote>",
        b"> ",
        b"-- \r\n",
        b"wrote:\r\n",
    ),
    *(b"message/rfc822", b"Final-Recipient: rfc822;", b"+AAA-", b"format=flowed", b"large-part-"),
]


def texts(value: object) -> Iterable[str]:
    """Yield every text inside a value."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from texts(getattr(value, each.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)


def header_values(message: Message) -> Iterable[str]:
    yield from texts((message.headers, message.subject, message.message_id, message.in_reply_to, message.references))
    yield from texts((message.sender, message.reply_to, message.to, message.cc, message.attachments, message.reports))
    yield from texts((message.return_path, message.defects))


def check(parsed: Parsed, limits: ParseLimits) -> None:
    message = parsed.message
    for text in texts(message):
        text.encode("utf-8")
        assert "\0" not in text
    for value in header_values(message):
        assert not set(value) & set("\r\n\x0b\x0c\x85\u2028\u2029")
    assert len(message.headers) <= limits.headers
    assert len(message.attachments) <= limits.parts + 2
    assert len(message.body.full_text) <= limits.text_bytes
    assert len(message.to) <= limits.recipients
    assert message.date is None or message.date.tzinfo is not None
    assert all(hashlib.sha256(content).hexdigest() == digest for digest, content in parsed.contents)
    assert {digest for digest, _ in parsed.contents} == {attachment.digest for attachment in message.attachments}


@given(st.binary(max_size=2000))
def test_arbitrary_bytes_become_a_message(raw: bytes) -> None:
    parsed = parse(raw)

    check(parsed, ParseLimits())


@given(st.lists(st.sampled_from(TOKENS) | st.binary(max_size=8), max_size=60).map(b"".join))
def test_arbitrary_pieces_of_mail_stay_within_the_limits(raw: bytes) -> None:
    parsed = parse(raw, SMALL)

    check(parsed, SMALL)


@given(
    st.sampled_from(SEEDS),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(TOKENS) | st.binary(max_size=4)), max_size=6
    ),
)
def test_damaged_mails_become_messages(raw: bytes, damages: list[tuple[float, int, bytes]]) -> None:
    for place, removed, put in damages:
        at = int(place * len(raw))
        raw = raw[:at] + put + raw[at + removed :]

    parsed = parse(raw, SMALL)

    check(parsed, SMALL)


@given(st.sampled_from(SEEDS), st.integers(1, 300), st.integers(60, 400))
def test_a_scanned_mail_is_the_same_message_however_it_is_cut_into_chunks(
    raw: bytes, size: int, large_bytes: int
) -> None:
    def keep(chunks: Iterable[bytes]) -> tuple[str, int]:
        content = b"".join(chunks)
        return hashlib.sha256(content).hexdigest(), len(content)

    limits = ParseLimits(large_bytes=large_bytes)
    chunks = [raw[at : at + size] for at in range(0, len(raw), size)]

    found = skeleton(chunks, keep, limits)

    scanned = parse(found.raw, limits, large=found.large, defects=found.defects).message
    direct = parse(raw).message
    assert (scanned.digest, scanned.body, scanned.attachments) == (direct.digest, direct.body, direct.attachments)
