"""Bounces in plain words, receipts and complaints, piece by piece. Whole ones of many systems are in the corpus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Address, DeliveryReport
from mailgateway.parsers.bounce import Notice, bounce_reports, is_mail_system
from mailgateway.parsers.message import parse
from mailgateway.parsers.report import NO_ORIGINAL, Original, original_in, receipts, status_code

DAEMON = Address("", "mailer-daemon@mx.example")
SUPPORT = "support@acme.example"
GONE = "gone@client.example"


def notice(text: str, **changes: object) -> Notice:
    plain: dict[str, object] = {
        "sender": DAEMON,
        "return_path": "",
        "subject": "failure notice",
        "failed_recipients": "",
        "own": frozenset({SUPPORT}),
        "text": text,
    }
    return Notice(**{**plain, **changes})  # type: ignore[arg-type]  # the fields of Notice


def found(text: str, **changes: object) -> list[tuple[str, str, bool]]:
    return [(report.recipient, report.status, report.permanent) for report in bounce_reports(notice(text, **changes))]


# --- what is looked at


@pytest.mark.parametrize(
    ("sender", "return_path", "expected"),
    [
        (DAEMON, None, True),
        (Address("", "MAILER-DAEMON"), "x@y.example", True),
        (Address("", "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.example"), None, True),
        (Address("Mail Delivery System", "root@x.example"), None, True),
        (Address("Carla", "carla@x.example"), "", True),
        (Address("Carla", "carla@x.example"), "carla@x.example", False),
        (Address("Carla", "carla@x.example"), None, False),
    ],
)
def test_a_mail_system_is_known_by_its_address_its_name_or_the_null_path(
    sender: Address, return_path: str | None, *, expected: bool
) -> None:
    assert is_mail_system(sender, return_path) is expected


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": Address("", "carla@client.example"), "return_path": "carla@client.example"},
        {"subject": "Quarantine summary"},
    ],
)
def test_what_is_no_bounce_reports_nothing(changes: dict[str, object]) -> None:
    assert bounce_reports(notice("3 mails are held for gone@client.example", **changes)) == ()


@pytest.mark.parametrize("changes", [{"failed_recipients": GONE}, {"is_report": True}])
def test_a_mail_that_says_that_it_is_a_report_needs_no_words(changes: dict[str, object]) -> None:
    sender = Address("", "robot@mx.example")

    assert found(
        "gone@client.example: 5.1.1", sender=sender, return_path="robot@mx.example", subject="", **changes
    ) == [(GONE, "5.1.1", True)]


# --- whom it names


@pytest.mark.parametrize(
    ("text", "recipients"),
    [
        ("<gone@client.example>:\nno such user", [GONE]),
        ("   * 'gone@client.example' on Monday", [GONE]),
        ("Recipient: [SMTP:gone@client.example]", [GONE]),
        ("Failed Recipient: gone@client.example", [GONE]),
        ("Your message to gone@client.example couldn't be delivered.", [GONE]),
        ("It failed for Gone (gone@client.example).", [GONE]),
        ("<a@x.example>: 550\n<b@x.example>: 550\n<a@x.example>", ["a@x.example", "b@x.example"]),
        ("<support@acme.example>: relayed\nFor help contact help@mx.example or postmaster@mx.example", [""]),
        ("host mx[10.0.0.1] said no @ all; a@b is not one, nor a@@b.example", [""]),
        ("mailer-daemon@mx.example\npostmaster@client.example", [""]),
    ],
)
def test_recipients_are_found_where_notices_name_them(text: str, recipients: list[str]) -> None:
    assert [report.recipient for report in bounce_reports(notice(text))] == recipients


def test_the_recipient_of_the_returned_mail_counts_where_the_notice_names_nobody() -> None:
    attached = Original(message_id="o1@acme.example", recipient=GONE)

    (report,) = bounce_reports(notice("It did not work.", original=attached))

    assert (report.recipient, report.original_message_id) == (GONE, "o1@acme.example")


def test_the_failed_recipients_of_the_header_come_first() -> None:
    text = "other@client.example: 4.2.2\ngone@client.example: 5.1.1"

    assert found(text, failed_recipients=f"{GONE}, more@client.example") == [
        (GONE, "5.1.1", True),
        ("more@client.example", "4.2.2", False),
    ]


# --- codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<gone@client.example>: 550 5.1.1 gone", ("5.1.1", True)),
        ("<gone@client.example>: 452 4.2.2 full", ("4.2.2", False)),
        ("<gone@client.example>: 550 gone", ("", True)),
        ("<gone@client.example>: 451 later", ("", False)),
        ("<gone@client.example>: user unknown", ("", True)),
        ("<gone@client.example>: something", ("", False)),
        ("<gone@client.example>: 550 5.1.1 no; will be retried", ("5.1.1", False)),
        ("Exim 4.94.2 at 10.5.1.1\n<gone@client.example>: host 10.0.0.5.1.1 version 5.1.1.2 2.1.5", ("", False)),
    ],
)
def test_code_and_duration_are_read_where_they_stand(text: str, expected: tuple[str, bool]) -> None:
    assert found(text) == [(GONE, *expected)]


def test_each_recipient_has_the_code_that_stands_below_it() -> None:
    text = "<a@x.example>:\nfull (#4.2.2)\n\n<b@x.example>:\ngone (#5.1.1)"

    assert found(text) == [("a@x.example", "4.2.2", False), ("b@x.example", "5.1.1", True)]


@pytest.mark.parametrize(("text", "code"), [("2.1.5 then 5.1.1", "5.1.1"), ("2.0.0", ""), ("", "")])
def test_only_codes_of_failures_count(text: str, code: str) -> None:
    assert status_code(text) == code


# --- the mail that came back

HEADER = "Message-ID: <o1@acme.example>\nSubject: [SUP-1042-QX] Hi\nFrom: support@acme.example\nTo: gone@client.example"


@pytest.mark.parametrize(
    "text",
    [
        f"<{GONE}>: gone\n\n--- Below this line is a copy of the message.\n\n{HEADER}\n\nHello",
        f"<{GONE}>: gone\n\n{HEADER}\n\nHello",
        f"<{GONE}>: gone\n\n" + "\n".join(f"> {line}" for line in HEADER.split("\n")) + "\n>\n> Hello",
        f"<{GONE}>: gone\n\n" + "\n".join(f"    {line}" for line in HEADER.split("\n")),
        f"<{GONE}>: gone\n\n----- Original message -----\n\nX-Scanned: yes\n\n{HEADER}",
    ],
)
def test_the_header_of_the_returned_mail_is_read_out_of_the_text(text: str) -> None:
    (report,) = bounce_reports(notice(text))

    assert (report.recipient, report.original_message_id, report.original_subject) == (
        GONE,
        "o1@acme.example",
        "[SUP-1042-QX] Hi",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Your message\n\n  Subject: [SUP-1042-QX] Hi\n\nwas not delivered to:\n\n  gone@client.example",
        "The subject of the message is: [SUP-1042-QX] Hi\n<gone@client.example>: gone\n--- Original message -\nHello",
    ],
)
def test_the_subject_in_the_notice_counts_where_nothing_came_back(text: str) -> None:
    (report,) = bounce_reports(notice(text))

    assert (report.recipient, report.original_subject) == (GONE, "[SUP-1042-QX] Hi")


def test_the_id_a_server_kept_comes_before_the_one_it_gave() -> None:
    header = b"Message-ID: <new@server.example>\nX-Microsoft-Original-Message-ID: <o1@acme.example>\nTo: a@x, b@x"

    assert original_in(header) == Original(message_id="o1@acme.example", other_ids=("new@server.example",))


def test_nothing_that_came_back_is_no_original() -> None:
    assert original_in(b"") == NO_ORIGINAL


# --- receipts and complaints


def test_a_receipt_names_the_mail_that_was_read() -> None:
    part = b"Final-Recipient: rfc822;a@x.example\nOriginal-Message-ID: <o1@acme.example>\nDisposition: x; displayed\n"

    assert receipts(part) == (
        DeliveryReport(
            "a@x.example",
            "",
            permanent=False,
            original_message_id="o1@acme.example",
            envelope_id="",
            diagnostic="x; displayed",
            action="displayed",
        ),
    )


def test_a_receipt_that_names_no_mail_says_nothing() -> None:
    assert receipts(b"Final-Recipient: rfc822; a@x.example\n") == ()


ARF = (
    "From: fbl@x.example\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n"
    "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n{fields}\r\n--b\r\n"
    "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <o1@acme.example>\r\nReturn-Path: <b@acme.example>\r\n"
    "To: zoe@x.example\r\n\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("Original-Rcpt-To: a@x.example\r\nOriginal-Rcpt-To: <b@x.example>\r\nOriginal-Mail-From: v@acme.example\r\n",
         [("a@x.example", "v@acme.example"), ("b@x.example", "v@acme.example")]),
        ("", [("zoe@x.example", "b@acme.example")]),
    ],
)  # fmt: skip
def test_a_complaint_names_who_complained_and_what_of(fields: str, expected: list[tuple[str, str]]) -> None:
    reports = parse(ARF.format(fields=fields).encode()).message.reports

    assert [(report.recipient, report.original_sender) for report in reports] == expected
    assert {(report.action, report.diagnostic, report.original_message_id) for report in reports} == {
        ("complaint", "abuse", "o1@acme.example")
    }


def test_parts_of_reports_in_a_persons_mail_are_attachments() -> None:
    forwarded = ARF.format(fields="").replace("multipart/report; report-type=feedback-report", "multipart/mixed")

    assert parse(forwarded.encode()).message.reports == ()


def test_a_report_from_a_mail_system_needs_no_multipart_report() -> None:
    raw = (
        b"From: MAILER-DAEMON@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nX-Original-Message-ID: <o1@acme.example>\r\n\r\n"
        b"Final-Recipient: rfc822; gone@client.example\r\nAction: Failure\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )

    (report,) = parse(raw).message.reports

    assert (report.recipient, report.action, report.original_message_id) == (GONE, "failed", "o1@acme.example")


@given(st.text(alphabet="ab@.<>:\n 5-X", max_size=400), st.text(alphabet="ab@.,<> ", max_size=50))
def test_any_notice_is_read(text: str, failed: str) -> None:
    reports = bounce_reports(notice(text, failed_recipients=failed))

    assert 1 <= len(reports) <= 100
