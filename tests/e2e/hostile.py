"""Mails that nobody should send, by name; some come by accident, some from people who mean it."""

import base64
from collections.abc import Mapping

DEPTH = 10_000
HEADERS = 100_000
INJECTED = "X-Injected: yes"
SURROGATE = b"\xed\xa0\x80"  # U+D800 as a careless encoder writes it
CHARSETS = (
    "no-such-charset", "zlib", "rot13", "unicode_escape", "idna", "punycode", "undefined", "utf-7", "utf-16", "hex",
    "x" * 10_000, "utf-8\0", "../../etc/passwd", "mbcs",
)  # fmt: skip


def _mail(name: str, headers: bytes = b"", body: bytes = b"Hello\r\n") -> bytes:
    head = f"From: Somebody <{name}@hostile.test>\r\nSubject: {name}\r\nMessage-ID: <{name}@hostile.test>\r\n"
    return head.encode() + headers + b"\r\n" + body


def _encoded(text: bytes, charset: str = "utf-8") -> bytes:
    return f"=?{charset}?B?{base64.b64encode(text).decode()}?=".encode()


def _multiparts_inside_each_other() -> bytes:
    heads = [b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(DEPTH)]
    return b"MIME-Version: 1.0\r\n" + b"".join(heads) + b"Content-Type: text/plain\r\n\r\nat the bottom\r\n"


def _mails_inside_each_other() -> bytes:
    return b"Content-Type: message/rfc822\r\n\r\n" * DEPTH + b"Subject: at the bottom\r\n\r\nhere\r\n"


def _with_headers_that_end(name: str, inner: bytes) -> bytes:
    head = f"From: <{name}@hostile.test>\r\nSubject: {name}\r\nMessage-ID: <{name}@hostile.test>\r\n"
    return head.encode() + inner


def _charsets() -> bytes:
    parts = [
        b"--p\r\nContent-Type: text/plain; charset=%s\r\n\r\n\x00\x80\xff+AGE- \xd8\x00\r\n" % charset.encode()
        for charset in CHARSETS
    ]
    words = b"\r\n ".join(_encoded(b"\x00\xff\xd8\x00", charset[:70]) for charset in CHARSETS)
    head = b"Comments: %s\r\nContent-Type: multipart/mixed; boundary=p\r\n" % words
    return _mail("charsets", head, b"".join(parts) + b"--p--\r\n")


def _html(name: str, html: bytes) -> bytes:
    return _mail(name, b"Content-Type: text/html; charset=utf-8\r\n", html)


def _from(name: str, field: bytes) -> bytes:
    return field + f"Subject: {name}\r\nMessage-ID: <{name}@hostile.test>\r\n\r\nHello\r\n".encode()


MAILS: Mapping[str, bytes] = {
    "nested-multiparts": _with_headers_that_end("nested-multiparts", _multiparts_inside_each_other()),
    "nested-mails": _with_headers_that_end("nested-mails", _mails_inside_each_other()),
    "many-headers": _mail("many-headers", b"".join(b"X-H%d: v\r\n" % n for n in range(HEADERS))),
    "many-received": _mail("many-received", b"Received: from a by b; Mon, 02 Nov 2026 10:00:00 +0000\r\n" * 20_000),
    "long-header": _mail("long-header", b"X-Long: " + b"a" * 1_000_000 + b"\r\n"),
    "long-subject": b"From: <long-subject@hostile.test>\r\nSubject: " + b"Re: " * 250_000 + b"\r\n\r\nHello\r\n",
    "surrogate-raw": b"From: a%s <surrogate@hostile.test>\r\nSubject: b%s\r\n\r\nc%s\r\n" % ((SURROGATE,) * 3),
    "surrogate-encoded": _mail(
        "surrogate-encoded",
        b"Comments: %s\r\nReply-To: %s <a%s@hostile.test>\r\nContent-Type: text/plain; charset=utf-8\r\n"
        % (_encoded(SURROGATE), _encoded(SURROGATE), SURROGATE),
        b"body " + SURROGATE,
    ),
    "surrogate-subject": _from("surrogate-subject", b"From: %s <ss@hostile.test>\r\n" % _encoded(SURROGATE))
    .replace(b"Subject: ", b"Subject: " + _encoded(SURROGATE) + b" "),
    "surrogate-utf16": _mail("surrogate-utf16", b"Content-Type: text/plain; charset=utf-16le\r\n", b"\x00\xd8a\x00"),
    "surrogate-html": _html("surrogate-html", b"<p>&#xD800;&#55296; &#0; &#x110000;</p>"),
    "nul-raw": b"From: a\0b <nul@hostile.test>\r\nSubject: c\0d\r\nMessage-ID: <e\0f@hostile.test>\r\n\r\ng\0h\r\n",
    "nul-encoded": _from("nul-encoded", b"From: %s <nul-encoded@hostile.test>\r\n" % _encoded(b"a\0b"))
    .replace(b"Subject: ", b"Subject: " + _encoded(b"\0 ") + b" "),
    "nul-body": _mail(
        "nul-body", b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n",
        base64.encodebytes(b"before\0after"),
    ),
    "nul-file": _mail(
        "nul-file", b"Content-Type: application/octet-stream; name*=utf-8''a%00b%ED%A0%80\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''a%00b%ED%A0%80\r\n",
    ),
    "charsets": _charsets(),
    "empty": b"",
    "one-byte": b"\xff",
    "no-headers": b"\r\nonly a body\r\n",
    "long-line": _mail("long-line", body=b"a" * 1_000_000),
    "long-words": _mail("long-words", body=b"word " * 200_000),
    "quotes": _mail("quotes", body=b">" * 200_000 + b"\r\n" + b"> " * 100_000 + b"\r\n" + b">\r\n" * 100_000),
    "dashes": _mail("dashes", body=b"-- \r\n" * 50_000 + b"-" * 200_000 + b"\r\n" + b"_" * 200_000),
    "html-5-mb": _html("html-5-mb", b"<p>words and words</p>\r\n" * 220_000),
    "html-deep": _html("html-deep", b"<div>" * 100_000 + b"deep"),
    "html-quotes": _html("html-quotes", b"<blockquote>" * 20_000 + b"deep"),
    "html-brackets": _html("html-brackets", b"<" * 500_000 + b"<a href='" + b"x" * 500_000),
    "html-tables": _html("html-tables", b"<table><tr><td>" * 20_000),
    "ticket-ids": _mail("ticket-ids", body=b"[SUP-1-BB] " * 100_000 + b"SUP-" * 100_000 + b"SUP-" + b"1" * 100_000),
    "no-from": _from("no-from", b""),
    "empty-from": _from("empty-from", b"From:\r\n"),
    "several-from": _from("several-from",
        b"From: A <a@hostile.test>, B <b@hostile.test>\r\nSender: b@hostile.test\r\n"),
    "two-froms": _from("two-froms", b"From: A <a2@hostile.test>\r\nFrom: B <b2@hostile.test>\r\n"),
    "group-from": _from("group-from", b"From: undisclosed:;\r\n"),
    "odd-from": _from("odd-from", b'From: "\\"@\\"" <"a b"@[127.0.0.1]>, <@@@>, ((((\r\n'),
    "long-from": _from("long-from", b"From: " + b"a" * 100_000 + b"@" + b"b" * 100_000 + b"\r\n"),
    "comments-from": _from("comments-from", b"From: " + b"(" * 50_000 + b" x@hostile.test\r\n"),
    "many-to": _mail("many-to", b"To: " + b", ".join(b"u%d@hostile.test" % n for n in range(50_000)) + b"\r\n"),
    "long-message-id": b"From: <id@hostile.test>\r\nMessage-ID: <" + b"m" * 10_240 + b"@hostile.test>\r\n\r\nHello\r\n",
    "many-references": _mail("many-references", b"References: " + b"<r@x> " * 100_000 + b"\r\n"),
    "odd-dates": _mail("odd-dates", b"Date: Fri, 99 Foo 99999 99:99:99 +9999\r\n"),
    "last-date": _mail("last-date", b"Date: Fri, 31 Dec 9999 23:59:59 -2359\r\n"),
    "first-date": _mail("first-date", b"Date: Mon, 01 Jan 0001 00:00:00 +2359\r\n"),
    "bare-cr": _mail("bare-cr", b"X-A: b\rBcc: c@hostile.test\r\n", b"a\rb\nc\r\r\n"),
    "bad-base64": _mail("bad-base64", b"Content-Transfer-Encoding: base64\r\n", b"=" * 100_000 + b"A" * 99_999),
    "bad-quoted": _mail("bad-quoted", b"Content-Transfer-Encoding: quoted-printable\r\n", b"=" * 300_000),
    "no-boundary": _mail("no-boundary", b"Content-Type: multipart/mixed\r\n"),
    "empty-boundary": _mail("empty-boundary", b'Content-Type: multipart/mixed; boundary=""\r\n', b"--\r\n" * 50_000),
    "many-parts": _mail(
        "many-parts", b"Content-Type: multipart/mixed; boundary=p\r\n",
        b"--p\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 20_000 + b"--p--\r\n",
    ),
    "many-parameters": _mail("many-parameters", b"Content-Type: text/plain" + b"; a=b" * 20_000 + b"\r\n"),
    "many-continuations": _mail(
        "many-continuations",
        b"Content-Type: text/plain" + b"".join(b"; name*%d=x" % n for n in range(10_000)) + b"\r\n",
    ),
    "many-encoded-words": _mail("many-encoded-words", b"Comments: " + b"=?utf-8?Q?a?= " * 50_000 + b"\r\n"),
    "bounce-of-nothing": _mail(
        "bounce-of-nothing", b"Content-Type: multipart/report; report-type=delivery-status; boundary=p\r\n",
        b"--p\r\nContent-Type: message/delivery-status\r\n\r\n" + b"Final-Recipient: rfc822; \0\r\n\r\n" * 10_000,
    ),
    "oversize": _mail("oversize", body=b"0123456789abcdef\r\n" * 600_000),
}  # fmt: skip


def injection(number: int) -> bytes:
    """Return a mail that tries to bring a header of its own into what is sent in answer to it."""
    line_end = (b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\x0b", b"\x0c", b"\xc2\x85", b"\xe2\x80\xa8")[number]
    evil = _encoded(b"Hello" + line_end + INJECTED.encode() + line_end + b"Bcc: victim@hostile.test")
    quoted = evil.replace(b"?B?", b"?b?")
    return (
        b"From: " + evil + b" <injection-%d@hostile.test>\r\nSubject: " % number + quoted + b"\r\n"
        b"Reply-To: "
        + evil
        + b" <injection-%d@hostile.test>\r\n" % number
        + b"Message-ID: <injection-%d\r\n X-Injected: yes@hostile.test>\r\n" % number
        + b"References: <a@b>\r\n <c@d\r\n X-Injected: yes>\r\n\r\nHello\r\n"
    )


INJECTIONS = 8
