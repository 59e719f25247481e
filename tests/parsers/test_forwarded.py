"""Forwarded mails: in the text and attached, in all languages, inside each other."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Address, Forwarded
from mailgateway.parsers.dates import written_date
from mailgateway.parsers.forwarded import MAX_DEPTH, forwarded_in, says_forward
from mailgateway.parsers.message import parse
from mailgateway.phrases import phrases

LABELS = phrases("delimiters")
LANGUAGES = tuple(LABELS["from"])
ZOE = Address("Zoe", "zoe@client.example")


def block(language: str, subject: str = "Question") -> str:
    names = {role: LABELS[role][language][0].capitalize() for role in ("from", "sent", "to", "subject")}
    return (
        f"{names['from']}: Zoe <zoe@client.example>\n{names['sent']}: 2025-03-03 10:12\n"
        f"{names['to']}: anna@acme.example\n{names['subject']}: {subject}\n"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_forward_is_read_in_every_language(language: str) -> None:
    mark = LABELS["forwarded"][language][0]
    text = f"look\n\n---------- {mark} ----------\n{block(language)}\nHow do I log in?\n"

    assert forwarded_in(text, "x") == Forwarded(ZOE, "2025-03-03T10:12:00", "Question", "How do I log in?")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_block_alone_is_a_forward_under_a_subject_that_says_so(language: str) -> None:
    subject = f"{phrases('forwards')['subjects'][language][0]}: Question"
    text = f"look\n\n{block(language)}\nHow do I log in?\n"

    found = forwarded_in(text, subject)

    assert found == Forwarded(ZOE, "2025-03-03T10:12:00", "Question", "How do I log in?")
    assert forwarded_in(text, "Re: Question") is None


@pytest.mark.parametrize("subject", ["Re: x", "AW: x", "SV: x", "forwarding rules", "Wg x", "", "Tra: x"])
def test_other_subjects_say_nothing_of_a_forward(subject: str) -> None:
    assert not says_forward(subject)


def test_the_innermost_counts_however_deep_it_lies() -> None:
    text = "How do I log in?"
    for level in range(MAX_DEPTH + 3):
        text = (
            f"see\n---------- Forwarded message ----------\n{block('en', 'Fwd: x' if level else 'Question')}\n{text}\n"
        )

    found = forwarded_in(text, "Fwd: x")

    assert found is not None
    assert found.depth == MAX_DEPTH


def test_quote_marks_around_a_forward_are_taken_off() -> None:
    marked = "\n".join(f"> {line}".rstrip() for line in f"{block('en')}\nHelp\n> old".split("\n"))

    found = forwarded_in(f"Begin forwarded message:\n\n{marked}", "x")

    assert found is not None
    assert (found.sender, found.text) == (ZOE, "Help\n> old")


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        ("Zoe Client [mailto:zoe@client.example]", Address("Zoe Client", "zoe@client.example")),
        ("'Zoe Client' <zoe@client.example>", Address("Zoe Client", "zoe@client.example")),
        ("zoe@client.example", Address("", "zoe@client.example")),
        ("*Zoe* <zoe@client.example<mailto:zoe@client.example>>", Address("Zoe", "zoe@client.example")),
        ("Zoe Client", Address("Zoe Client", "")),
        ("", Address("", "")),
    ],
)
def test_the_sender_is_read_as_clients_write_it(written: str, sender: Address) -> None:
    found = forwarded_in(f"--- Forwarded message ---\nFrom: {written}\nTo: a@x.example\nSubject: x\n\nHi", "x")

    assert found is not None
    assert found.sender == sender


def test_files_are_those_the_block_names_else_those_of_the_mail() -> None:
    named = forwarded_in(f"{block('en')}Attachments: a.png; b.txt\n\nHi", "Fwd: x", ("c.pdf",))
    unnamed = forwarded_in(f"{block('en')}\nHi", "Fwd: x", ("c.pdf",))

    assert [found and found.attachments for found in (named, unnamed)] == [("a.png", "b.txt"), ("c.pdf",)]


def test_a_value_may_go_on_in_the_next_line_and_fields_may_stand_apart() -> None:
    text = "--- Forwarded message ---\nFrom: Zoe\n <zoe@client.example>\n\nTo: a@x.example\n\nSubject: one\n\nHi"

    found = forwarded_in(text, "x")

    assert found == Forwarded(ZOE, "", "one", "Hi")


def test_a_line_that_says_forwarded_with_nothing_below_is_no_forward() -> None:
    assert forwarded_in("see\n--- Forwarded message ---\n", "x") is None


def attached(inner: bytes, depth: int = 0) -> bytes:
    head = b"From: a@x.example\nSubject: s%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (depth, depth)
    return head + b"--b%d\nContent-Type: message/rfc822\n\n%s\n--b%d--\n" % (depth, inner, depth)


def test_mails_attached_inside_each_other_end() -> None:
    raw = b"From: Zoe <zoe@client.example>\nSubject: Question\n\nHelp\n"
    for depth in range(40):
        raw = attached(raw, depth)

    found = parse(raw).message.forwarded

    assert found is not None
    assert 1 <= found.depth <= MAX_DEPTH


def test_a_forward_inside_an_attached_mail_is_followed() -> None:
    inner = f"From: Bo <bo@x.example>\nSubject: Fwd: Question\n\nsee\n\n{block('en')}\nHow do I log in?\n"

    found = parse(attached(inner.encode())).message.forwarded

    assert found == Forwarded(ZOE, "2025-03-03T10:12:00", "Question", "How do I log in?", depth=2)


@given(
    st.text(alphabet=st.sampled_from("From: Sent\n>-*<@x.e>Subject: To[mailto]é"), max_size=400), st.text(max_size=20)
)
def test_any_text_is_read(text: str, subject: str) -> None:
    found = forwarded_in(text, subject)

    assert found is None or 1 <= found.depth <= MAX_DEPTH


@pytest.mark.parametrize(
    "text",
    [
        ">" * 1_000_000,
        "> " * 500_000,
        "From: x\n" * 100_000,
        "---------- Forwarded message ---------\n" * 25_000,
        "---------- Forwarded message ---------\nFrom: a\n\n" * 20_000,
        "From: " + "<" * 500_000 + "\nTo: x\nSubject: y\n",
        "From: " + "[mailto:" * 100_000 + "\nTo: x\nSubject: y\n",
    ],
    ids=lambda text: text[:12].strip(),
)
def test_hostile_text_is_read_in_a_moment(text: str) -> None:
    begin = time.process_time()

    forwarded_in(text, "Fwd: x")

    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon, 3 Mar 2025 10:12:00 +0100", "2025-03-03T10:12:00+01:00"),
        ("Monday, March 3, 2025 10:12 PM", "2025-03-03T22:12:00"),
        ("Mon, Mar 3, 2025 at 12:12 AM", "2025-03-03T00:12:00"),
        ("Montag, 3. März 2025 10:12", "2025-03-03T10:12:00"),
        ("lunes, 3 de marzo de 2025 10:12", "2025-03-03T10:12:00"),
        ("maanantai 3. maaliskuuta 2025 10.12", "2025-03-03T10:12:00"),
        ("2025. március 3., hétfő 10:12", "2025-03-03T10:12:00"),
        ("3/4/2025 10:12 AM", "2025-03-04T10:12:00"),
        ("03/04/2025 10:12", "2025-04-03T10:12:00"),
        ("03.04.25 10:12", "2025-04-03T10:12:00"),
        ("2025年3月3日 10:12", "2025-03-03T10:12:00"),
        ("2025년 3월 3일 월요일 오후 3:12", "2025-03-03T15:12:00"),
        ("2025-03-03T10:12:13+01:00", "2025-03-03T10:12:13+01:00"),
        ("3 March 2025", "2025-03-03T00:00:00"),
        ("000300000000000000000000000 March 2025", "000300000000000000000000000 March 2025"),
        ("3 March 2025 10:12 +9959", "2025-03-03T10:12:00"),
        ("3 March 2025 10:12 -0330", "2025-03-03T10:12:00-03:30"),
        ("March 2025, some day", "March 2025, some day"),
        ("31.02.2025 10:00", "31.02.2025 10:00"),
        ("some day in May", "some day in May"),
        ("", ""),
    ],
)
def test_dates_are_read_as_clients_write_them(written: str, expected: str) -> None:
    assert written_date(written) == expected


@given(st.text())
def test_any_date_is_a_short_text(text: str) -> None:
    assert len(written_date(text)) <= 120


@given(st.from_regex(r"[0-9]{1,4}[-./ :年月]{1,2}[0-9]{1,2}[-./ :日]{1,2}[0-9]{1,4} [0-9]{1,2}:[0-9]{2} ?[+-][0-9]{4}"))
def test_any_numbers_are_a_date_or_stay(text: str) -> None:
    assert len(written_date(text)) <= 120
