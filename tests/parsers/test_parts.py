"""The small pieces: references, names, charsets, transfer encodings, bodies, HTML, reports."""

import pytest

from mailgateway.model.message import DeliveryReport
from mailgateway.parsers.attachments import safe_name
from mailgateway.parsers.body import TextPart, readable_text, unflowed
from mailgateway.parsers.charset import codec_named, decode_text
from mailgateway.parsers.html import clean_html, html_to_text
from mailgateway.parsers.references import message_id, references
from mailgateway.parsers.report import NO_ORIGINAL, delivery_reports, original_in
from mailgateway.parsers.transfer import decode_transfer, decoded_chunks


@pytest.mark.parametrize(
    ("references_field", "in_reply_to", "expected"),
    [
        ("<a@x> <b@x>", "<c@x>", ("a@x", "b@x")),
        ("", "<c@x>", ("c@x",)),
        ("<a@x><a@x>\t<b@ x>", "", ("a@x", "b@x")),
        ("a@x, b@x", "", ("a@x", "b@x")),
        ("", "Your message of Monday (from a@x) <c@x>", ("c@x",)),
        ("<no-at-sign>", "", ("no-at-sign",)),
        ("(nothing) here", "", ()),
        ("", "", ()),
    ],
)
def test_references_win_and_in_reply_to_is_read_where_they_are_empty(
    references_field: str, in_reply_to: str, expected: tuple[str, ...]
) -> None:
    assert references(references_field, in_reply_to) == expected


def test_of_many_references_the_first_and_the_last_are_kept() -> None:
    found = references("".join(f"<{at}@x>" for at in range(300)), "")

    assert found == ("0@x", *(f"{at}@x" for at in range(201, 300)))


@pytest.mark.parametrize(("field", "expected"), [("<a@x>", "a@x"), ("bare", "bare"), ("two words", ""), ("", "")])
def test_a_message_id_is_one_word(field: str, expected: str) -> None:
    assert message_id(field) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\a.log", "a.log"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\x00\r\nb.txt", "ab.txt"),
        ("..", ""),
        ("x" * 300 + ".tar", "x" * 196 + ".tar"),
        ("y" * 300, "y" * 200),
        ("", ""),
    ],
)
def test_a_file_name_is_safe(name: str, expected: str) -> None:
    assert safe_name(name) == expected


@pytest.mark.parametrize(
    ("raw", "declared", "text"),
    [
        (b"\xd6\xec\xe9F\xbb\xf9", "gb2312", "朱镕基"),
        (b"\x80", "iso-8859-1", "€"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode(), "", "Grüße"),
        (b"\xfcber", "", "über"),
        (b"\xfcber", "utf-8", "über"),
        (b"a\r\nb\rc\x00\x1b", "utf-8", "a\nb\nc"),
        (
            "Помогите, пожалуйста, принтер не работает".encode("cp1251"),
            "x-unknown",
            "Помогите, пожалуйста, принтер не работает",
        ),
        ("日本語".encode("iso2022_jp"), "", "日本語"),
        ("日本語".encode("iso2022_jp") + b"\xff", "x", None),
        (b"x", "zlib_codec", "x"),
        (b"x", "..\\..\\x", "x"),
        (b"\xff\xfe", "\u00fc", "ÿþ"),
        ("Привет".encode("koi8-r"), '"KOI8-R"', "Привет"),
        ("한국어".encode("cp949"), "ks_c_5601-1987", "한국어"),
    ],
)
def test_bytes_become_text_by_the_ladder(raw: bytes, declared: str, text: str | None) -> None:
    read, _ = decode_text(raw, declared)

    read.encode()
    assert text is None or read == text


def test_a_wrong_charset_is_said() -> None:
    assert decode_text(b"\xfcber", "x-foo") == ("über", "charset 'x-foo' does not fit, read as windows-1252")


def test_a_few_broken_bytes_do_not_cost_the_charset() -> None:
    text, defect = decode_text("Grüße aus München. ".encode() * 20 + b"\xff", "utf-8")

    assert text == "Grüße aus München. " * 20 + "\ufffd"
    assert defect == "charset 'utf-8' does not fit, read as UTF-8 with replacements"


@pytest.mark.parametrize(
    "name", ["zlib_codec", "rot13", "idna", "punycode", "undefined", "unicode_escape", "hex", "", "\0"]
)
def test_a_codec_that_is_no_charset_is_unknown(name: str) -> None:
    assert codec_named(name) == ""


@pytest.mark.parametrize(
    ("raw", "encoding", "content"),
    [
        (b"aGVsbG8=", "base64", b"hello"),
        (b"aGV\r\nsb!!G8", "base64", b"hello"),
        (b"aGVsbG8=aGVsbG8=", "base64", b"hello"),
        (b"aGVsbG8hQ", "base64", b"hello!"),
        (b"a=3Db=\r\nc =ZZ", "quoted-printable", b"a=bc =ZZ"),
        (b"as it is", "8bit", b"as it is"),
        (b"", "base64", b""),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_content_is_decoded_the_same_in_one_piece_and_in_many(
    raw: bytes, encoding: str, content: bytes, size: int
) -> None:
    pieces = (raw[at : at + size] for at in range(0, len(raw), size))

    assert decode_transfer(raw, encoding) == content
    assert b"".join(decoded_chunks(pieces, encoding)) == content


def test_flowed_lines_are_joined_by_depth() -> None:
    text = "one \ntwo\n> a \n> b\n>> c\n-- \nme \n"

    assert unflowed(text, delsp=False) == "one two\n> a b\n>> c\n-- \nme "


def test_of_alternatives_the_plain_text_is_shown() -> None:
    parts = [
        TextPart("plain text", is_html=False, alternative=0),
        TextPart("<p>Plain text</p>", is_html=True, alternative=0),
    ]

    assert readable_text(parts, 1000) == "plain text"


def test_a_stub_beside_a_long_html_text_loses() -> None:
    markup = "<p>" + "word " * 200 + "</p>"
    parts = [TextPart("See HTML", is_html=False, alternative=0), TextPart(markup, is_html=True, alternative=0)]

    assert readable_text(parts, 10_000).startswith("word word")


def test_parts_beside_each_other_are_all_shown_within_the_limit() -> None:
    parts = [TextPart("one", is_html=False), TextPart("<b>two</b>", is_html=True), TextPart("  ", is_html=False)]

    assert readable_text(parts, 1000) == "one\n\ntwo"
    assert readable_text(parts, 4) == "one\n"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc"),
        ("<style>x</style><script>y</script>z", "z"),
        ("<div style='DISPLAY: none'>hidden</div><p hidden>too</p><p style='font-size:0'>and</p>shown", "shown"),
        ("a<blockquote>q<blockquote>r</blockquote></blockquote>b", "a\n\n> q\n>\n>> r\n\nb"),
        ("<p style='color:red'>red</p>", "red"),
        ("", ""),
    ],
)
def test_html_becomes_text(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


def test_clean_html_has_no_scripts_and_no_remote_images() -> None:
    markup = '<p onclick="x()">Hi<script>x</script><img src="http://x/t.gif"><a href="javascript:x">a</a></p>'

    assert clean_html(markup) == '<p>Hi<a rel="noopener noreferrer">a</a></p>'


STATUS = b"""Reporting-MTA: dns; mx
Original-Envelope-Id: env-7

Final-Recipient: rfc822; a@x.example
Original-Recipient: rfc822; alias@x.example
Action: failed
Status: 5.1.1 (gone)
Diagnostic-Code: smtp; 550
 no such user

Final-Recipient: rfc822; b@x.example
Action: delayed
Status: 4.4.1

Final-Recipient: rfc822; c@x.example
Action: delivered
Status: 2.0.0
"""


def report(
    recipient: str, status: str, *, permanent: bool, rest: tuple[str, str, str], action: str = "failed"
) -> DeliveryReport:
    return DeliveryReport(recipient, status, permanent, *rest, action=action)


def test_a_delivery_report_says_who_was_not_reached() -> None:
    reports = delivery_reports(
        STATUS.replace(b"\n", b"\r\n"), original_in(b"Message-ID: <1@us.example>\n\nMessage-ID: <2@x>")
    )

    assert reports == (
        report("alias@x.example", "5.1.1", permanent=True, rest=("1@us.example", "env-7", "550 no such user")),
        report("b@x.example", "4.4.1", permanent=False, rest=("1@us.example", "env-7", ""), action="delayed"),
    )


def test_a_report_without_anything_is_none() -> None:
    assert delivery_reports(b"", NO_ORIGINAL) == ()


def test_a_report_without_a_part_about_the_message_still_names_its_recipient() -> None:
    assert delivery_reports(b"Final-Recipient: rfc822;a@x.example\nStatus: 5.0.0\n", NO_ORIGINAL) == (
        report("a@x.example", "5.0.0", permanent=True, rest=("", "", "")),
    )


def test_a_report_that_ends_in_the_middle_of_a_line_is_read() -> None:
    (found,) = delivery_reports(b"Final-Recipient: rfc822;a@x.example\nStatus: 4.0.0", NO_ORIGINAL)

    assert found == report("a@x.example", "4.0.0", permanent=False, rest=("", "", ""))


def test_flowed_lines_end_where_the_depth_changes_or_the_text_does() -> None:
    assert unflowed("> a \nb \nc ", delsp=False) == "> a \nb c"


def test_html_that_cannot_be_parsed_loses_its_tags_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError

    monkeypatch.setattr("mailgateway.parsers.html.mark_regions", fail)

    assert html_to_text("<p>one</p>two").split() == ["one", "two"]
