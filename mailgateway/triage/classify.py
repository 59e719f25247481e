"""What wrote a mail: a person, or which kind of machine, with the header that proves it (design.md section 6).

A table of checks decides, the first that finds a proof. Whether a person may be answered is a second table: mail that
asks for silence or cannot be trusted stays a person's and gets no automatic answer.
"""

import re
from collections.abc import Callable

from mailgateway.model.message import Absence, Classification, Message, MessageKind
from mailgateway.model.people import Authentication
from mailgateway.model.site import own_suffix
from mailgateway.parsers.absence import absence
from mailgateway.parsers.bounce import is_mail_system
from mailgateway.triage.headers import (
    SHOWN,
    auto_replied,
    auto_submitted,
    automatic,
    daemon,
    list_header,
    local_part,
    noreply,
    null_return_path,
    null_sender,
    precedence,
    program,
    said,
    suppression,
    vacation,
    values,
    vendor_mark,
)
from mailgateway.triage.marks import (
    ABSENCE_SUBJECTS,
    BOUNCE_SUBJECTS,
    BOUNCER_NAMES,
    EXCHANGE_SUBJECTS,
    HIGH_SCL,
    SPAM_MARKS,
)
from mailgateway.triage.responders import (
    absence_by_words,
    absence_that_asks_for_silence,
    automatic_answer,
    automatic_by_words,
    bulk_answer,
    challenge,
    out_of_office,
)
from mailgateway.triage.words import automatic_words, leading_phrase, normal, receipt

Check = Callable[[Message], str]
"""Looks for one proof; returns it in words, "" where it is not there."""

_REPORT_TYPE = re.compile(r'report-type\s*=\s*"?([a-z-]+)')
_SCL = re.compile(r"(?:^|[;\s])scl:\s*([0-9]{1,2})")


def classify(
    message: Message, own_addresses: frozenset[str], authentication: Authentication = Authentication.NONE
) -> Classification:
    """Return what wrote a message and whether it may be answered.

    Args:
        message: The mail as it was read.
        own_addresses: Every address of the gateway, in lower case; plus addresses of them are ours as well.
        authentication: What our own mail server said of From; FAIL forbids an answer (it would be backscatter).

    Returns:
        The kind with its proof; never answerable where it is not a person.
    """
    own = own_suffix(message.sender.key, own_addresses) is not None
    for kind, is_answer, check in _OWN if own else _MACHINES:
        proof = check(message)
        if proof:
            absent = _absent(message) if kind is MessageKind.OUT_OF_OFFICE else None
            return Classification(kind, proof, proof, is_answer, absent)
    return Classification(MessageKind.PERSON, "", _no_answer(message, authentication))


def _absent(message: Message) -> Absence | None:
    return absence(message.subject, message.body.full_text, message.date.date() if message.date else None)


def _no_answer(message: Message, authentication: Authentication) -> str:
    """Return why a person's mail gets no automatic answer, "" where it may get one."""
    if authentication is Authentication.FAIL:
        return "dmarc=fail"
    return next((reason for reason in (check(message) for check in _SILENCE) if reason), "")


# --- reports ---------------------------------------------------------------------------------------------------


def _report_type(message: Message) -> str:
    """Return the type of a multipart/report in lower case, "report" where it names none, "" for other mail."""
    content_type = (message.header("content-type") or "").strip().lower()
    if not content_type.startswith("multipart/report"):
        return ""
    match = _REPORT_TYPE.search(content_type)
    return match[1] if match else "report"


def _read_receipt(message: Message) -> str:
    # RFC 8098 section 3
    is_receipt = _report_type(message) == "disposition-notification"
    return "multipart/report; report-type=disposition-notification" if is_receipt else ""


def _complaint(message: Message) -> str:
    # RFC 5965 section 2
    if _report_type(message) == "feedback-report":
        return "multipart/report; report-type=feedback-report"
    return "a report of abuse" if any(report.action == "complaint" for report in message.reports) else ""


def _delivery_receipt(message: Message) -> str:
    # RFC 3464 section 2.3.3: delivered, relayed or expanded, and nobody missed
    is_good_news = bool(message.reports) and not any(report.is_bounce for report in message.reports)
    return f"a delivery report: {message.reports[0].action}" if is_good_news else ""


def _delivery_report(message: Message) -> str:
    # RFC 3464 section 2
    if _report_type(message) == "delivery-status":
        return "multipart/report; report-type=delivery-status"
    if not message.reports:
        return ""
    report = message.reports[0]
    who = f" to {report.recipient[:SHOWN]}" if report.recipient else ""
    return f"a delivery report of {message.sender.key[:SHOWN] or 'a mail system'}: {report.action}{who}"


def _other_report(message: Message) -> str:
    # RFC 6522 section 3: feedback, TLS and DMARC reports, and what is yet to come
    kind = _report_type(message)
    return f"multipart/report; report-type={kind}" if kind else ""


# --- senders ---------------------------------------------------------------------------------------------------


def _bounce_by_subject(message: Message) -> str:
    if not is_mail_system(message.sender, message.return_path):
        return ""
    subject = normal(message.subject)
    found = next((phrase for phrase in BOUNCE_SUBJECTS if phrase in subject), "")
    # Responders use the null Return-Path as well, and answer subjects that people wrote.
    is_answer = leading_phrase(message, (*EXCHANGE_SUBJECTS, *ABSENCE_SUBJECTS), alone=False)
    sender = daemon(message) or null_return_path(message) or f"From: {message.sender.name[:SHOWN]}"
    return f"{sender}, Subject: {found}" if found and not is_answer else ""


def _mailer_daemon(message: Message) -> str:
    return daemon(message) if local_part(message) in BOUNCER_NAMES else ""


def _postmaster(message: Message) -> str:
    """Return the proof of a mail system that says what it is; else the postmaster is a person, who gets no answer."""
    return daemon(message) if automatic_words(message) else ""


def _own_mail(message: Message) -> str:
    return f"From: {message.sender.key[:SHOWN]}"


# --- why a person is not answered ------------------------------------------------------------------------------


def _spam_mark(message: Message) -> str:
    for name, beginning in SPAM_MARKS:
        for value in values(message, name):
            if value.startswith(beginning):
                return said(name, value)
    return ""


def _high_scl(message: Message) -> str:
    levels = [f"scl:{value}" for value in values(message, "x-ms-exchange-organization-scl")]
    for value in (*levels, *values(message, "x-forefront-antispam-report")):
        match = _SCL.search(value)
        if match and int(match[1]) >= HIGH_SCL:
            return f"spam confidence level {match[1]}"
    return ""


def _no_sender(message: Message) -> str:
    return "" if message.sender.domain else "the mail names no sender"


_MACHINES: tuple[tuple[MessageKind, bool, Check], ...] = (
    (MessageKind.RECEIPT, True, _read_receipt),
    (MessageKind.FEEDBACK, True, _complaint),
    (MessageKind.RECEIPT, True, _delivery_receipt),
    (MessageKind.BOUNCE, True, _delivery_report),
    (MessageKind.AUTO_REPLY, False, _other_report),
    (MessageKind.CHALLENGE, True, challenge),
    (MessageKind.BOUNCE, True, _bounce_by_subject),
    (MessageKind.RECEIPT, True, receipt),
    (MessageKind.BOUNCE, True, _mailer_daemon),
    (MessageKind.OUT_OF_OFFICE, True, vacation),
    (MessageKind.OUT_OF_OFFICE, True, out_of_office),
    (MessageKind.OUT_OF_OFFICE, True, absence_by_words),
    (MessageKind.OUT_OF_OFFICE, True, absence_that_asks_for_silence),
    (MessageKind.AUTO_REPLY, True, auto_replied),
    (MessageKind.AUTO_REPLY, True, vendor_mark),
    (MessageKind.LIST, False, list_header),
    (MessageKind.AUTO_REPLY, True, automatic_by_words),
    (MessageKind.AUTO_REPLY, True, automatic_answer),
    (MessageKind.AUTO_REPLY, False, automatic),
    (MessageKind.AUTO_REPLY, False, program),
    (MessageKind.AUTO_REPLY, True, bulk_answer),
    (MessageKind.LIST, False, precedence),
    (MessageKind.AUTO_REPLY, False, null_sender),
    (MessageKind.AUTO_REPLY, False, _postmaster),
    (MessageKind.AUTO_REPLY, False, noreply),
)
"""(kind, whether such mail answers something, its check), in the order in which they are tried."""

_OWN: tuple[tuple[MessageKind, bool, Check], ...] = (
    (MessageKind.RECEIPT, True, _read_receipt),
    (MessageKind.FEEDBACK, True, _complaint),
    (MessageKind.RECEIPT, True, _delivery_receipt),
    (MessageKind.BOUNCE, True, _delivery_report),
    (MessageKind.OWN, True, _own_mail),
)
"""The same for mail From an address of ours; the last always finds its proof."""

_SILENCE: tuple[Check, ...] = (auto_submitted, daemon, suppression, _spam_mark, _high_scl, _no_sender)
"""Why a person's mail is not answered; Auto-Submitted stands here for calendars."""
