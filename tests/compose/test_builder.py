"""Everything the program sends has the right bytes (design.md section 6): read back with the standard library."""

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.compose.builder import (
    AttachedFile,
    Automatic,
    Draft,
    Importance,
    OutboxPlace,
    build,
    envelope_sender,
    kept_references,
    outgoing,
)
from mailgateway.compose.lines import body_text, one_line
from mailgateway.errors import PermanentError
from mailgateway.model.message import Address
from mailgateway.model.tokens import bounce_token, thread_index
from tests.compose.values import NOW, SITE, part, read

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
# What breaks headers: line ends of all kinds, NUL, controls, overrides, and the marks of encoded words.
NASTY = st.lists(
    st.sampled_from(
        [
            *["\r\nBcc: evil@example.net", "\n", "\r", "\0", "\u2028", "\x85", "\x0b", "\u202e", "\ud800"],
            *[
                "=?utf-8?q?x?=",
                "=?",
                "?=",
                '"',
                "\\",
                "(",
                "<",
                ">",
                ",",
                ";",
                ":",
                "@",
                " ",
                "\t",
                "é",
                "漢",
                "x" * 90,
            ],
        ]
    ),
    max_size=12,
).map("".join)
TEXT = ANY_TEXT | NASTY
DRAFT = Draft(
    sender=Address("Acme Support", "support@acme.example"),
    to=(Address("Jörg", "joerg@example.com"),),
    subject="Hello",
    text="Hello\n",
    message_id="t1.o2.mac@acme.example",
    date=NOW,
    html="<p>Hello</p>\n",
)


def address_in(raw: bytes, field: str) -> tuple[str, str]:
    # Not with policy.default: before Python 3.13 it leaves the space between two encoded words of a name.
    name, address = parseaddr(str(message_from_bytes(raw, policy=policy.compat32)[field]).replace("\r\n", ""))
    return str(make_header(decode_header(name))), address


def check_wire_format(raw: bytes) -> None:
    """RFC 5322 section 2.1 and 2.3: CRLF and nothing else ends a line, 998 octets at most, ASCII."""
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert b"\0" not in raw
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 998


# --- round trips -------------------------------------------------------------------------------------------


@given(TEXT)
def test_any_subject_comes_back(subject: str) -> None:
    raw = build(replace(DRAFT, subject=subject))

    check_wire_format(raw)
    assert (read(raw)["Subject"] or "") == one_line(subject, 500)


@given(TEXT)
def test_any_display_name_comes_back(name: str) -> None:
    raw = build(replace(DRAFT, sender=Address(name, "a@example.com"), to=(Address(name, "b@example.com"),)))

    check_wire_format(raw)
    assert address_in(raw, "From") == (one_line(name, 120), "a@example.com")
    assert address_in(raw, "To") == (one_line(name, 120), "b@example.com")


@given(TEXT | st.lists(st.sampled_from(["From x", ".", " \n", "\n", "-- ", "=", "x" * 1200, "ß"])).map("\n".join))
def test_any_text_comes_back(text: str) -> None:
    raw = build(replace(DRAFT, text=text, html=f"<p>{text}</p>"))

    check_wire_format(raw)
    assert part(raw, "plain") == body_text(text)
    assert part(raw, "html") == body_text(f"<p>{text}</p>")


@given(TEXT, st.binary(max_size=200))
def test_any_file_comes_back_under_its_name(name: str, content: bytes) -> None:
    raw = build(replace(DRAFT, files=(AttachedFile(name, "application/pdf", content),)))

    check_wire_format(raw)
    (file,) = read(raw).iter_attachments()
    assert file.get_content() == content
    # Not get_filename(), which takes off a second pair of quotes.
    assert file["Content-Disposition"].params["filename"] == (one_line(name, 120) or "file")


@given(TEXT, TEXT, TEXT, TEXT)
def test_the_same_draft_gives_the_same_bytes(subject: str, name: str, text: str, html: str) -> None:
    draft = replace(DRAFT, subject=subject, to=(Address(name, "a@example.com"),), text=text, html=html)

    assert build(draft) == build(draft)


@given(st.lists(TEXT, max_size=4))
def test_lines_of_headers_are_folded_at_78_octets(names: list[str]) -> None:
    people = tuple(Address(name, f"n{number}@example.com") for number, name in enumerate(names))

    head, _, _ = build(replace(DRAFT, cc=people, subject=" ".join(names))).partition(b"\r\n\r\n")

    assert max(map(len, head.split(b"\r\n"))) <= 78


# --- injection ---------------------------------------------------------------------------------------------


@given(TEXT, TEXT, TEXT, TEXT)
def test_no_input_adds_a_header(subject: str, name: str, address: str, identifier: str) -> None:
    hostile = Address(name, f"a{address}@example.com")
    raw = build(
        replace(
            DRAFT,
            subject=f"x{subject}",
            to=(Address(name, "a@example.com"), hostile),
            cc=(hostile,),
            reply_to=(hostile,),
            in_reply_to=identifier,
            references=(identifier,),
        )
    )

    names = read(raw).keys()
    assert len(names) == len(set(names))
    assert set(names) - {"Cc", "Reply-To", "In-Reply-To", "References"} == {
        "Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type",
    }  # fmt: skip


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\0"])
def test_line_ends_in_values_become_spaces(line_end: str) -> None:
    attack = f"Hello{line_end}Bcc: evil@example.net"

    raw = build(replace(DRAFT, subject=attack, sender=Address(attack, "a@example.com")))

    assert "Bcc" not in read(raw)
    assert read(raw)["Subject"] == "Hello Bcc: evil@example.net"
    assert read(raw)["From"].addresses[0].display_name == "Hello Bcc: evil@example.net"


def test_overrides_of_direction_do_not_reach_a_header() -> None:
    raw = build(replace(DRAFT, subject="invoice\u202efdp.exe\u2066"))

    assert read(raw)["Subject"] == "invoicefdp.exe"


def test_text_that_looks_encoded_arrives_as_it_was_written() -> None:
    raw = build(replace(DRAFT, subject="=?utf-8?q?Bcc?= is a word"))

    assert read(raw)["Subject"] == "=?utf-8?q?Bcc?= is a word"


def test_content_type_of_a_file_cannot_carry_headers() -> None:
    raw = build(replace(DRAFT, files=(AttachedFile("a", "text/plain\r\nBcc: evil@example.net", b"x"),)))

    (file,) = read(raw).iter_attachments()
    assert (file.get_content_type(), "Bcc" in file) == ("application/octet-stream", False)


@pytest.mark.parametrize("kind", ["message/rfc822", "multipart/mixed"])
def test_file_that_could_not_be_base64_is_sent_as_octets(kind: str) -> None:
    raw = build(replace(DRAFT, files=(AttachedFile("a", kind, b"x"),)))

    (file,) = read(raw).iter_attachments()
    assert file.get_content_type() == "application/octet-stream"


def test_boundary_never_stands_in_the_content() -> None:
    first = build(DRAFT)
    boundary = read(first).get_boundary()

    second = build(replace(DRAFT, text=f"--{boundary}\n--{boundary}--\n"))

    assert part(second, "plain") == f"--{boundary}\n--{boundary}--\n"
    assert part(second, "html") == "<p>Hello</p>\n"


# --- addresses ---------------------------------------------------------------------------------------------


def test_mail_without_a_usable_recipient_is_refused() -> None:
    with pytest.raises(PermanentError, match="no address"):
        build(replace(DRAFT, to=(Address("Jörg", "nobody"),)))


def test_unusable_recipients_are_left_out() -> None:
    raw = build(replace(DRAFT, to=(Address("", "a@example.com"), Address("", "b c@example.com\r\nx: y"))))

    assert read(raw)["To"] == "a@example.com"


def test_international_domain_goes_out_in_its_ascii_form() -> None:
    raw = build(replace(DRAFT, to=(Address("Jörg", "joerg@münchen.example"),)))

    assert read(raw)["To"].addresses[0].addr_spec == "joerg@xn--mnchen-3ya.example"


def test_international_local_part_stays_for_a_relay_with_smtputf8() -> None:
    raw = build(replace(DRAFT, to=(Address("", "用户@example.com"),)))

    assert "To: 用户@example.com\r\n".encode() in raw


# --- the header rules of section 6 -------------------------------------------------------------------------


def test_person_s_words_carry_no_automatic_mark() -> None:
    mail = read(build(DRAFT))

    assert not {"Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "Importance"} & set(mail.keys())


@pytest.mark.parametrize("automatic", list(Automatic))
def test_automatic_mail_carries_both_marks(automatic: Automatic) -> None:
    mail = read(build(replace(DRAFT, automatic=automatic)))

    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == (automatic.value, "All")


def test_importance_is_marked_where_it_is_asked_for() -> None:
    mail = read(build(replace(DRAFT, importance=Importance.HIGH)))

    assert (mail["Importance"], mail["X-Priority"]) == ("high", "1 (Highest)")


def test_date_is_in_utc() -> None:
    local = datetime(2026, 7, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))

    assert read(build(replace(DRAFT, date=local)))["Date"] == "Wed, 01 Jul 2026 12:30:00 +0000"


def test_references_keep_the_first_and_the_last_nine() -> None:
    chain = tuple(f"id{number}@example.com" for number in range(40))

    mail = read(build(replace(DRAFT, references=chain, in_reply_to=chain[-1])))

    assert mail["References"].split() == [f"<{known}>" for known in (chain[0], *chain[-9:])]
    assert mail["In-Reply-To"] == "<id39@example.com>"


def test_short_chain_of_references_is_whole() -> None:
    chain = tuple(f"id{number}@example.com" for number in range(10))

    assert kept_references((*chain, chain[0])) == chain


@pytest.mark.parametrize("bad", ["a b@c", "a@b>\r\nX: y", "", "é@example.com", "<a@b>", "x" * 501])
def test_id_that_cannot_stand_in_a_header_is_left_out(bad: str) -> None:
    mail = read(build(replace(DRAFT, in_reply_to=bad, references=(bad, "good@example.com"))))

    assert (mail["In-Reply-To"], mail["References"]) == (None, "<good@example.com>")


def test_mail_without_html_is_plain_text_alone() -> None:
    raw = build(replace(DRAFT, html=""))

    assert (read(raw).get_content_type(), part(raw, "plain")) == ("text/plain", "Hello\n")


def test_text_comes_before_html_in_an_alternative() -> None:
    mail = read(build(DRAFT))

    assert [child.get_content_type() for child in mail.iter_parts()] == ["text/plain", "text/html"]


def test_ticket_id_stays_readable_in_an_encoded_subject() -> None:
    raw = build(replace(DRAFT, subject="[SUP-1042-QX] Re: Drucker läuft nicht"))

    assert b"Subject: [SUP-1042-QX] Re: Drucker =?utf-8?" in raw


@pytest.mark.parametrize("length", [60, 71, 72, 200])
def test_line_that_begins_with_from_is_protected(length: int) -> None:
    text = "From " + "x" * length + "\nFrom here\n"

    raw = build(replace(DRAFT, text=text))

    assert b"\r\nFrom " not in raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert part(raw, "plain") == text


def test_text_of_another_script_goes_as_base64() -> None:
    raw = build(replace(DRAFT, text="Здравствуйте, " * 40, html=""))

    assert read(raw)["Content-Transfer-Encoding"] == "base64"


# --- the envelope ------------------------------------------------------------------------------------------

PLACE = OutboxPlace(5512, 1042, "acknowledgement")


def test_automatic_reply_has_the_null_envelope_sender() -> None:
    assert envelope_sender(Automatic.REPLIED, SITE, 5512) == ""


@pytest.mark.parametrize("automatic", [None, Automatic.GENERATED])
def test_other_mail_has_a_signed_bounce_address(automatic: Automatic | None) -> None:
    expected = f"support+{bounce_token(SITE.keyring, 5512)}@acme.example"

    assert envelope_sender(automatic, SITE, 5512) == expected


def test_automatic_reply_has_a_bounce_address_where_the_relay_refuses_the_null_sender() -> None:
    relay = replace(SITE, null_sender=False)

    assert envelope_sender(Automatic.REPLIED, relay, 1) == f"support+{bounce_token(SITE.keyring, 1)}@acme.example"


def test_bounces_go_to_the_support_address_without_plus_addressing() -> None:
    assert envelope_sender(None, replace(SITE, plus_addressing=False), 1) == "support@acme.example"


def test_bounces_go_to_the_support_address_where_the_local_part_would_be_too_long() -> None:
    long_name = "s" * 60 + "@acme.example"

    assert envelope_sender(None, replace(SITE, address=long_name), 1) == long_name


def test_envelope_holds_each_recipient_once() -> None:
    draft = replace(
        DRAFT,
        to=(Address("", "a@example.com"), Address("", "A@example.com")),
        cc=(Address("", "a@EXAMPLE.com"), Address("", "b@example.com"), Address("", "bad address@example.com")),
    )

    mail = outgoing(draft, SITE, PLACE)

    assert (mail.id, mail.ticket, mail.purpose) == (5512, 1042, "acknowledgement")
    assert [address.lower() for address in mail.recipients] == ["a@example.com", "b@example.com"]
    sent = replace(draft, thread_index=thread_index(SITE.keyring, 1042))
    assert (mail.message_id, mail.text, mail.subject, mail.raw) == (DRAFT.message_id, "Hello\n", "Hello", build(sent))


def test_a_mail_without_a_ticket_has_no_conversation_for_outlook() -> None:
    mails = [outgoing(DRAFT, SITE, OutboxPlace(1, ticket, "notice")).raw for ticket in (7, None)]

    assert [mail.count(b"Thread-Index: ") for mail in mails] == [1, 0]
