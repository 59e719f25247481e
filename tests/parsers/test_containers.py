"""Rules of parts that hold others: winmail.dat, rich text, S/MIME, PGP, uuencoded files, calendars."""

from binascii import b2a_uu
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Protection
from mailgateway.parsers.calendar import calendar_text, card_name
from mailgateway.parsers.protection import ENCRYPTED_TEXT, Opaque, declared, opaque, without_armour
from mailgateway.parsers.rtf import decompressed, rtf_text
from mailgateway.parsers.tnef import Tnef, TnefFile, read_tnef
from mailgateway.parsers.uuencode import EncodedFile, encoded_files
from tests.parsers import winmail

# --- winmail.dat ---------------------------------------------------------------------------------------------------


def test_the_files_of_a_winmail_keep_their_long_names_and_types() -> None:
    more = (
        winmail.variable(0x1E, 0x370E, b"Text/CSV\0"),
        winmail.unicode(0x3712, "<id@x>"),
        winmail.number(0x3705, 1),
    )
    octets = winmail.winmail(winmail.file("März.csv", b"1;2", *more), winmail.attribute(1, 0x8004, b"Subject\0"))

    assert read_tnef(octets) == Tnef(files=[TnefFile("März.csv", "text/csv", "id@x", b"1;2")])


def test_a_file_may_have_its_short_name_and_its_content_among_the_properties() -> None:
    named = pack("<HH", 0x1E, 0x8001) + bytes(16) + pack("<II", 1, 4) + b"a\0b\0" + pack("<II", 1, 2) + b"x\0\0\0"
    numbered = pack("<HH", 3, 0x8002) + bytes(16) + pack("<III", 0, 7, 9)
    many = pack("<HHIII", 0x1003, 0x6001, 2, 1, 2) + pack("<HHI", 0x101E, 0x6002, 2) + b"\2\0\0\0a\0\0\0\2\0\0\0b\0\0\0"
    properties = winmail.properties(named, numbered, many, winmail.variable(0x102, 0x3701, b"inside"))
    octets = winmail.winmail(
        winmail.attribute(2, winmail.TITLE, b"nobody's\0"),
        winmail.attribute(2, winmail.RENDERING, b""),
        winmail.attribute(2, winmail.TITLE, "Schluß.txt\0".encode("cp1252")),
        winmail.attribute(2, 0x68012, b"when"),
        winmail.attribute(2, winmail.ATTACHMENT, properties),
    )

    assert read_tnef(octets) == Tnef(files=[TnefFile("Schluß.txt", "", "", b"inside")])


@pytest.mark.parametrize(
    ("parts", "text", "is_html"),
    [
        ((winmail.attribute(1, winmail.BODY, b"plain\0"),), "plain", False),
        ((winmail.text(winmail.unicode(0x1000, "ünicode")),), "ünicode", False),
        (
            (winmail.text(winmail.variable(0x102, 0x1013, "<p>ü".encode()), winmail.number(0x3FDE, 65001)),),
            "<p>ü",
            True,
        ),
        ((winmail.text(winmail.rich(rb"{\rtf1 rich}")),), "rich", False),
        ((winmail.text(winmail.rich(rb"{\rtf1 rich}"), winmail.unicode(0x1000, "plain")),), "plain", False),
        ((winmail.text(winmail.rich(rb"not rich")),), "", False),
        ((winmail.text(b"\0"),), "", False),
    ],
)
def test_the_text_of_a_winmail_is_the_best_it_has(parts: tuple[bytes, ...], text: str, *, is_html: bool) -> None:
    assert read_tnef(winmail.winmail(*parts)) == Tnef(text=text, is_html=is_html)


def test_a_message_inside_a_winmail_becomes_a_file_and_gives_its_files() -> None:
    def around(octets: bytes, name: str) -> bytes:
        inner = winmail.variable(0x0D, 0x3701, bytes(16) + octets)
        return winmail.winmail(
            winmail.attribute(2, winmail.RENDERING, b""),
            winmail.attribute(2, winmail.ATTACHMENT, winmail.properties(winmail.unicode(0x3001, name), inner)),
        )

    innermost = winmail.winmail(winmail.attribute(1, winmail.BODY, b"words\0"), winmail.file("a.txt", b"a"))

    assert read_tnef(around(innermost, "Offer")) == Tnef(
        files=[TnefFile("a.txt", "", "", b"a"), TnefFile("Offer.txt", "text/plain", "", b"words")]
    )
    deep = read_tnef(around(around(around(around(innermost, "1"), "2"), "3"), "4"))
    assert deep is not None
    assert [file.name for file in deep.files] == ["1", "2.txt", "3.txt", "4.txt"]
    picture = read_tnef(around(b"OLE", "Picture"))
    assert picture == Tnef(files=[TnefFile("Picture", "", "", b"OLE")])


def test_what_was_read_before_a_fault_is_kept() -> None:
    octets = winmail.winmail(winmail.file("a.txt", b"a"), winmail.file("b.txt", b"b"))

    for cut in range(len(octets)):
        found = read_tnef(octets[:cut])
        assert (found is None) is (cut < 4)
    assert read_tnef(octets + b"\x09" * 20) == Tnef(
        files=[TnefFile("a.txt", "", "", b"a"), TnefFile("b.txt", "", "", b"b")], whole=False
    )


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(min_size=1, max_size=6))
def test_any_winmail_is_read(noise: bytes, at: int, put: bytes) -> None:
    octets = winmail.winmail(
        winmail.text(winmail.rich(rb"{\rtf1 rich}"), winmail.unicode(0x1000, "plain"), winmail.number(0x3FDE, 1252)),
        winmail.file("a.txt", b"a", winmail.variable(0x0D, 0x3701, bytes(16) + winmail.winmail())),
    )

    assert read_tnef(winmail.SIGNATURE + noise) is not None
    assert read_tnef(octets[: at + 6] + put + octets[at + 6 + len(put) :]) is not None


# --- rich text -----------------------------------------------------------------------------------------------------

COMPRESSED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)


def test_compressed_rich_text_is_unpacked() -> None:
    assert decompressed(COMPRESSED) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_a_reference_may_reach_into_what_it_writes() -> None:
    start = 207 + 1
    octets = pack("<II4sI", 20, 11, b"LZFu", 0) + b"\x02" + b"a" + pack(">H", (start - 1) << 4 | 8) + b"\0"

    assert decompressed(octets) == b"a" * 11


def test_a_reference_before_the_beginning_gives_spaces() -> None:
    octets = pack("<II4sI", 20, 4, b"LZFu", 0) + b"\x01" + pack(">H", 4000 << 4 | 2)

    assert decompressed(octets) == b" " * 4


@given(st.binary(max_size=200))
def test_any_stream_is_unpacked_within_its_size(noise: bytes) -> None:
    assert decompressed(noise) == b"" or noise[8:12] in (b"LZFu", b"MELA")
    assert len(decompressed(pack("<II4sI", 0, 50, b"LZFu", 0) + noise)) <= 50


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (
            rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\info{\title t}}one\par two\tab three\line\lquote a\rquote}",
            "one\ntwo\tthree\n\u2018a\u2019",
        ),
        (rb"{\rtf1\ansicpg1251 \'cf\'f0\'e8{\*\unknown x}\~\{\}\\}", "При {}\\"),
        (rb"{\rtf1\ansicpg65001 \'c3\'bc}", "ü"),
        (rb"{\rtf1\ansicpg10000 \'9f}", "ü"),
        (rb"{\rtf1\uc2\u8364??x\u-10179\'3f\'3f\u\uc }", "\u20acx\ud83d"),
        (b"{\\rtf1 a\\\nb\\\rc\\-d}", "a\nb\ncd"),
        (rb"{\rtf1 a}}}}b", "ab"),
        (rb"{\rtf1 " + b"{" * 300 + b"a", "a"),
        (rb"plain", ""),
    ],
)
def test_rich_text_is_read(octets: bytes, text: str) -> None:
    assert rtf_text(octets) == (text, False)


def test_html_inside_rich_text_is_the_html() -> None:
    octets = (
        rb"{\rtf1\ansi\fromhtml1{\fonttbl x}{\*\htmltag64 <p>}\htmlrtf \par\htmlrtf0 a{\*\htmltag84 &amp;}"
        rb"\htmlrtf &\htmlrtf0{\*\htmltag72 </p>}}"
    )

    assert rtf_text(octets) == ("<p>a&amp;</p>", True)


@given(st.text(alphabet="{}\\*'abcuhtml1-9 \n", max_size=200))
def test_any_rich_text_is_read(text: str) -> None:
    assert isinstance(rtf_text(b"{\\rtf1\\fromhtml1 " + text.encode())[0], str)


# --- S/MIME and PGP ------------------------------------------------------------------------------------------------

SIGNED, ENVELOPED = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010703")
PLAIN_DATA = bytes.fromhex("06092a864886f70d010701")


def tag(kind: int, *content: bytes, endless: bool = False) -> bytes:
    inside = b"".join(content)
    if endless:
        return bytes((kind, 0x80)) + inside + b"\0\0"
    size = len(inside)
    return bytes((kind, size)) + inside if size < 128 else bytes((kind, 0x83)) + size.to_bytes(3, "big") + inside


def signed(content: bytes, *, endless: bool = False) -> bytes:
    algorithms = tag(0x31, tag(0x30, b"\6\1\1", endless=endless), endless=endless)
    inner = tag(0x30, PLAIN_DATA, tag(0xA0, content, endless=endless), endless=endless)
    data = tag(0x30, b"\2\1\1", algorithms, inner, b"certificates", endless=endless)
    return tag(0x30, SIGNED, tag(0xA0, data, endless=endless), endless=endless)


@pytest.mark.parametrize("endless", [False, True])
@pytest.mark.parametrize(
    ("octets", "content"),
    [
        (tag(4, b"words"), b"words"),
        (tag(4, b"w" * 1000), b"w" * 1000),
        (tag(0x24, tag(4, b"wo"), tag(4, b"rds")), b"words"),
        (tag(0x24, tag(4, b"wo"), tag(0x24, tag(4, b"rds"), endless=True), endless=True), b"words"),
        (tag(0x30, b"no string"), b""),
    ],
)
def test_the_content_of_an_opaque_signature_is_found(octets: bytes, content: bytes, *, endless: bool) -> None:
    assert opaque(signed(octets, endless=endless)) == Opaque(Protection.SIGNED, content)


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (tag(0x30, ENVELOPED, b"..."), Opaque(Protection.ENCRYPTED, b"")),
        (tag(0x30, PLAIN_DATA), Opaque(None, b"")),
        (tag(0x30, SIGNED), Opaque(Protection.SIGNED, b"")),
        (tag(0x30, SIGNED, tag(0xA0, b"\4\1a")), Opaque(Protection.SIGNED, b"")),
        (tag(0x30, SIGNED, tag(0xA0, tag(0x30, b"\2\1\1"))), Opaque(Protection.SIGNED, b"")),
        (
            tag(0x30, SIGNED, tag(0xA0, tag(0x30, b"\2\1\1\x31\0", tag(0x30, PLAIN_DATA)))),
            Opaque(Protection.SIGNED, b""),
        ),
        (tag(0x30, SIGNED, tag(0xA0, tag(0x30, b"\2\1\1\x31\0", tag(0x30, b"\4\1a")))), Opaque(Protection.SIGNED, b"")),
        (signed(b"\x24\x80" * 50), Opaque(Protection.SIGNED, b"")),
        (signed(b"\4\x80words"), Opaque(Protection.SIGNED, b"wordscertificates")),
        (tag(0x30, b"\6\x80"), Opaque(None, b"")),
        (tag(0x31, SIGNED), Opaque(None, b"")),
        (b"\x30", Opaque(None, b"")),
        (b"", Opaque(None, b"")),
    ],
)
def test_what_is_no_readable_signature_has_no_content(octets: bytes, found: Opaque) -> None:
    assert opaque(octets) == found


@given(st.binary(max_size=100), st.integers(0, 60))
def test_any_octets_are_looked_at(noise: bytes, at: int) -> None:
    octets = signed(tag(0x24, tag(4, b"words"), endless=True), endless=True)

    assert opaque(noise).content == b"" or noise[:1] == b"\x30"
    assert opaque(octets[:at] + noise + octets[at + len(noise) :]) is not None


def test_a_million_tags_are_looked_at_in_time() -> None:
    assert opaque(signed(b"\x24\x80" + b"\4\0" * 500_000)).protection is Protection.SIGNED


@pytest.mark.parametrize(
    ("content_type", "parameters", "protection"),
    [
        ("multipart/signed", {}, Protection.SIGNED),
        ("multipart/encrypted", {}, Protection.ENCRYPTED),
        ("application/pkcs7-mime", {"smime-type": "Enveloped-Data"}, Protection.ENCRYPTED),
        ("application/pkcs7-mime", {"smime-type": "signed-data"}, None),
        ("text/plain", {"smime-type": "enveloped-data"}, None),
    ],
)
def test_a_type_says_what_protects_a_mail(
    content_type: str, parameters: dict[str, str], protection: Protection | None
) -> None:
    assert declared(content_type, parameters) is protection


BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----\n"
END = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----"


@pytest.mark.parametrize(
    ("text", "shown", "protection"),
    [
        ("plain", "plain", None),
        (f"a\n{BEGIN}Hash: SHA512\n\nb\n- - c\n{END}\nd", "a\nb\n- c\nd", Protection.SIGNED),
        (f"{BEGIN}\nb\n", "b\n", Protection.SIGNED),
        (f"{BEGIN}no blank line\n{END}", "no blank line", Protection.SIGNED),
        (f"{BEGIN}\n{END}", "", Protection.SIGNED),
        (f"{BEGIN}\nb\n-----BEGIN PGP SIGNATURE-----\ncut", "b", Protection.SIGNED),
        (f"> {BEGIN}> b", f"> {BEGIN}> b", None),
        ("a\n-----BEGIN PGP MESSAGE-----\nx", f"a\n{ENCRYPTED_TEXT}", Protection.ENCRYPTED),
        ("-----BEGIN PGP PUBLIC KEY BLOCK-----\nx", "-----BEGIN PGP PUBLIC KEY BLOCK-----\nx", None),
    ],
)
def test_the_armour_of_pgp_leaves_the_text(text: str, shown: str, protection: Protection | None) -> None:
    assert without_armour(text) == (shown, protection)


# --- uuencode ------------------------------------------------------------------------------------------------------


def encoded(name: str, content: bytes) -> str:
    lines = "".join(b2a_uu(content[at : at + 45]).decode() for at in range(0, len(content), 45))
    return f"begin 644 {name}\n{lines}`\nend\n"


def test_uuencoded_files_leave_the_text() -> None:
    content = bytes(range(200))

    text, files = encoded_files(f"one\n{encoded('a b.bin', content)}two\n{encoded('c', b'x')}three")

    assert text == "one\ntwo\nthree"
    assert files == (EncodedFile("a b.bin", content, whole=True), EncodedFile("c", b"x", whole=True))


@pytest.mark.parametrize(
    "text",
    [
        "begin 644 a\nno such line here at all\nend",
        "we begin 644 a\n",
        "begin 644 a",
        "begin 644 a\nend\n",
        "begin 644 a\nMümlaut" + "x" * 53,
        "begin here",
    ],
)
def test_what_only_looks_uuencoded_stays(text: str) -> None:
    assert encoded_files(text) == (text, ())


def test_a_uuencoded_file_without_an_end_is_taken_as_far_as_it_goes() -> None:
    whole = encoded("a", b"x" * 45 + b"y")
    cut = whole[: whole.index("`\nend")].rstrip("\n")

    assert encoded_files(cut) == ("", (EncodedFile("a", b"x" * 45 + b"y", whole=False),))
    assert encoded_files(f"{cut}\nwords")[0] == "words"


def test_at_most_fifty_files_are_taken() -> None:
    text, files = encoded_files(encoded("a", b"x") * 51)

    assert (len(files), text) == (50, encoded("a", b"x"))


@given(st.text(alphabet="begin 64\nM`end!#", max_size=200))
def test_any_text_is_searched_for_files(text: str) -> None:
    kept, files = encoded_files(text)

    assert len(kept) <= len(text)
    assert bool(files) or kept == text


# --- calendars and cards -------------------------------------------------------------------------------------------


def event(*lines: str, method: str = "REQUEST") -> str:
    return "\n".join(("BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (event("SUMMARY:a"), "Invitation: a"),
        (event("UID:1", method="CANCEL"), "Cancelled: (no title)"),
        (
            event("SUMMARY:a", "DTSTART;VALUE=DATE:20250310", "DTEND;VALUE=DATE:20250311"),
            "Invitation: a\nWhen: 2025-03-10",
        ),
        (
            event("SUMMARY:a", "DTSTART:20250310T100000Z", "DTEND:20250311T110000Z"),
            "Invitation: a\nWhen: 2025-03-10 10:00 - 2025-03-11 11:00 (UTC)",
        ),
        (event("SUMMARY:a", "DTSTART:tomorrow", "DTEND:20250311T110000Z", method=""), "Appointment: a"),
        (event("SUMMARY:a", "DTSTART:20250310T100000"), "Invitation: a\nWhen: 2025-03-10 10:00"),
        (event("SUMMARY:a", 'ORGANIZER;CN="B: C":MAILTO:b@x'), "Invitation: a\nBy: B: C <b@x>"),
        (event("SUMMARY:a", "ORGANIZER;CN=b@x:mailto:b@x"), "Invitation: a\nBy: b@x"),
        (event("SUMMARY:a", "ORGANIZER:Nora"), "Invitation: a\nBy: Nora"),
        (
            event("SUMMARY:a", "ATTENDEE;PARTSTAT=X-LATER:mailto:b@x", method="REPLY"),
            "Answer to an invitation: a\nAnswer: x-later by b@x",
        ),
        (event("SUMMARY:a", "ATTENDEE:mailto:b@x", method="REPLY"), "Answer to an invitation: a"),
        (event("SUMMARY:a\\; b\\, c\\\\d", "SUMMARY:second", "no property"), "Invitation: a; b, c\\d"),
        ("BEGIN:VTODO\nSUMMARY:a\nEND:VTODO", ""),
        ("END:VEVENT\nSUMMARY:a", ""),
        ("", ""),
    ],
)
def test_a_calendar_says_what_when_and_by_whom(text: str, shown: str) -> None:
    assert calendar_text(text) == shown


def test_a_card_says_whose_it_is() -> None:
    assert card_name("BEGIN:VCARD\nitem1.FN;X=1:Nora\n  Lind\nFN:Other\nEND:VCARD") == "Nora Lind"
    assert card_name("BEGIN:VCARD") == ""


@given(st.text(alphabet='BEGIN:VEVENT;="\n DTSTART20T\\,', max_size=200))
def test_any_calendar_is_read(text: str) -> None:
    assert isinstance(calendar_text(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{text}"), str)
