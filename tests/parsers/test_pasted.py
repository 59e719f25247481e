"""What people paste between their words: logs of mail, output with rules in it, photos. None of it loses words."""

import pytest

from mailgateway.parsers.charset import decode_text
from mailgateway.parsers.message import parse
from mailgateway.parsers.reply import split_reply

LOG = "From: a@x.example\nTo: b@y.example\nSubject: Order 7"


@pytest.mark.parametrize(
    "pasted",
    [
        LOG,
        f"10:12 accepted\n{LOG}\n10:13 refused",
        f"10:12 accepted\n{LOG}\nDate: 3 March 2025 10:12\n10:13 refused",
        f"{LOG}\n\n{LOG}",
        f"status=bounced\n{LOG}",
        f"{LOG}\nDate: 3 March 2025 10:12\n\n{LOG}\nDate: 3 March 2025 10:13",
    ],
)
def test_a_pasted_log_of_mail_and_the_words_below_it_are_the_authors(pasted: str) -> None:
    text = f"This is in our log.\n\n{pasted}\n\nWhy was it refused?"

    assert split_reply(text, "Anna Lind").text == text


def test_a_dated_block_that_the_author_announces_is_pasted() -> None:
    text = "Here are its fields:\nFrom: a@x.example\nDate: 3 March 2025\nTo: b@y.example\nSubject: x\n\nIt never came."

    assert split_reply(text).text == text


@pytest.mark.parametrize("above", ["", "-----Original Message-----\n", "________________________________\n"])
def test_a_dated_block_is_a_quotes_head(above: str) -> None:
    quote = f"{above}From: a@x.example\nSent: 3 March 2025 10:12\nTo: b@y.example\nSubject: Order 7\n\nOld words."

    assert split_reply(f"New words.\n\n{quote}").text == "New words."


def test_an_undated_block_below_a_delimiter_is_a_quotes_head() -> None:
    assert split_reply(f"New words.\n\n-----Original Message-----\n{LOG}\n\nOld words.").text == "New words."


@pytest.mark.parametrize(
    "output",
    ["a.c:1:int x\n--\na.c:9:int y\n--\nb.c:3:int z", "usage: run\n--\n  -v  say more\n  -q  say less", "x\n--\n\ty"],
)
def test_a_line_of_two_dashes_in_output_begins_no_signature(output: str) -> None:
    text = f"It prints:\n\n{output}"

    assert split_reply(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "The patch is\n\n+new\n-- \n2.39.5\n\nWhen will you take it?",
        "Two parts:\n\none\n--\ntwo\n\nWhich of them is right?",
    ],
)
def test_words_below_two_dashes_that_go_on_are_the_authors(text: str) -> None:
    assert split_reply(text).text == text


@pytest.mark.parametrize("signature", ["--\nAnna Lind\nAcme AB", "-- \nAnna Lind\n  Acme AB\n  +46 8 123 456"])
def test_a_signature_below_two_dashes_is_still_one(signature: str) -> None:
    assert split_reply(f"It works.\n\n{signature}").signature == signature


@pytest.mark.parametrize(
    "line",
    [
        "Sent with Proton Mail secure email.",
        "Sent with [Proton Mail](https://proton.me/mail/home) secure email.",
        "Sent with [Proton Mail](https://proton.me/) secure email",
        "Sent from [Proton Mail](https://proton.me/mail/home) for iOS",
        "Gesendet mit [Proton Mail](https://proton.me/mail/home).",
        "Sent from [Outlook for iOS](https://aka.ms/o0ukef)",
    ],
)
def test_a_programs_advertisement_is_none_of_the_words_with_its_link_in_any_form(line: str) -> None:
    body = split_reply(f"It works.\n\n{line}\n\n> old")

    assert (body.text, body.signature) == ("It works.", line)


def test_a_sentence_with_a_link_stays() -> None:
    text = "I sent [the file](https://x.example/proton) with my question."

    assert split_reply(text).text == text


# --- photos

PHOTO = "Content-Type: image/jpeg; name=photo.jpg\nContent-Disposition: inline; filename=photo.jpg\n"


@pytest.mark.parametrize(
    ("container", "fields", "markup", "inline"),
    [
        ("related", "Content-Id: <1@x>\n", "<p>Above</p>", False),
        ("related", "Content-Id: <1@x>\n", "<p>Above</p><img src='cid:1@x'>", True),
        ("related", "Content-Location: photo.jpg\n", "<p>Above</p><img src='photo.jpg'>", True),
        ("mixed", "Content-Id: <1@x>\n", "<p>Above</p>", False),
    ],
)
def test_a_photo_that_no_text_refers_to_is_an_attachment(
    container: str, fields: str, markup: str, *, inline: bool
) -> None:
    texts = [f"Content-Type: text/html\n\n{words}\n" for words in (markup, "<p>Below</p>")]
    parts = "".join(f"--b\n{part}" for part in (texts[0], f"{PHOTO}{fields}\nxx\n", texts[1]))
    raw = f"From: a@b.example\nContent-Type: multipart/{container}; boundary=b\n\n{parts}--b--\n"

    message = parse(raw.encode()).message

    assert [attachment.inline for attachment in message.attachments] == [inline]


# --- charsets


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "iso-8859-15", "iso-8859-2", "macintosh"])
def test_utf_8_under_the_name_of_a_latin_charset_is_read_as_what_it_is(declared: str) -> None:
    text, defect = decode_text("Skåne, café – été".encode(), declared)

    assert (text, defect) == ("Skåne, café – été", f"charset {declared!r} does not fit, read as UTF-8")


@pytest.mark.parametrize("declared", ["koi8-r", "windows-1251", "iso-8859-7", "cp866"])
def test_under_the_name_of_another_alphabet_it_must_be_some_letters(declared: str) -> None:
    long = "Здравствуйте, Анна"
    short = "°".encode()

    assert decode_text(long.encode(), declared)[0] == long
    assert decode_text(short, declared) == (short.decode(declared), "")


@pytest.mark.parametrize(
    ("text", "declared"),
    [("Skåne, café", "iso-8859-1"), ("Grüße", "windows-1252"), ("Привет", "koi8-r"), ("Привет", "windows-1251")],
)
def test_what_fits_its_charset_is_read_as_declared(text: str, declared: str) -> None:
    assert decode_text(text.encode(declared), declared) == (text, "")
