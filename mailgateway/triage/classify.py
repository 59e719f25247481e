"""What wrote a mail: a person, or which kind of machine, with the header that proves it (design.md section 6).

A table of checks decides, the first that finds a proof. Whether a person may be answered is a second table: mail that
asks for silence or cannot be trusted stays a person's and gets no automatic answer.
"""

import re
from collections.abc import Callable

from mailgateway.model.message import Classification, Message, MessageKind
from mailgateway.model.people import Authentication
from mailgateway.model.site import own_suffix
from mailgateway.triage.marks import (
    BOUNCE_SUBJECTS,
    DAEMON_NAMES,
    HIGH_SCL,
    NOREPLY_WORDS,
    OUT_OF_OFFICE_SUBJECTS,
    RESPONDER_MARKS,
    RESPONDER_VALUES,
    SPAM_MARKS,
)

Check = Callable[[Message], str]
"""Looks for one proof; returns it in words, "" where it is not there."""

_SHOWN = 60
_REPORT_TYPE = re.compile(r'report-type\s*=\s*"?([a-z-]+)')
_SCL = re.compile(r"(?:^|[;\s])scl:\s*([0-9]{1,2})")
_SUPPRESS = frozenset({"all", "oof", "autoreply"})
_NO = frozenset({"", "no", "false", "0"})
_AFTER_PHRASE = ":：-–—([])!.;"  # noqa: RUF001 -- subjects really have full-width colons and dashes


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
            return Classification(kind, proof, proof, is_answer)
    return Classification(MessageKind.PERSON, "", _no_answer(message, authentication))


def _no_answer(message: Message, authentication: Authentication) -> str:
    """Return why a person's mail gets no automatic answer, "" where it may get one."""
    if authentication is Authentication.FAIL:
        return "dmarc=fail"
    return next((reason for reason in (check(message) for check in _SILENCE) if reason), "")


def _values(message: Message, name: str) -> tuple[str, ...]:
    """Return every value of a header in lower case: a second one must not hide what the first proves."""
    return tuple(value.strip().lower() for known, value in message.headers if known == name)


def _said(name: str, value: str) -> str:
    """Return a header as a proof for a person to read."""
    shown = "-".join(word.capitalize() for word in name.split("-"))
    return f"{shown}: {value[:_SHOWN]}"


# --- reports ---------------------------------------------------------------------------------------------------


def _report_type(message: Message) -> str:
    """Return the type of a multipart/report in lower case, "report" where it names none, "" for other mail."""
    content_type = (message.header("content-type") or "").strip().lower()
    if not content_type.startswith("multipart/report"):
        return ""
    match = _REPORT_TYPE.search(content_type)
    return match[1] if match else "report"


def _receipt(message: Message) -> str:
    # RFC 8098 section 3
    is_receipt = _report_type(message) == "disposition-notification"
    return "multipart/report; report-type=disposition-notification" if is_receipt else ""


def _delivery_report(message: Message) -> str:
    # RFC 3464 section 2
    if _report_type(message) == "delivery-status":
        return "multipart/report; report-type=delivery-status"
    return "a delivery report" if message.reports else ""


def _other_report(message: Message) -> str:
    # RFC 6522 section 3: feedback, TLS and DMARC reports, and what is yet to come
    kind = _report_type(message)
    return f"multipart/report; report-type={kind}" if kind else ""


# --- senders ---------------------------------------------------------------------------------------------------


def _local(message: Message) -> str:
    return message.sender.key.partition("@")[0]


def _null_return_path(message: Message) -> str:
    return "Return-Path: <>" if message.return_path == "" else ""


def _daemon(message: Message) -> str:
    return f"From: {message.sender.key[:_SHOWN]}" if _local(message) in DAEMON_NAMES else ""


def _bounce_by_subject(message: Message) -> str:
    sender = _daemon(message) or _null_return_path(message)
    subject = message.subject.lower()
    found = next((phrase for phrase in BOUNCE_SUBJECTS if phrase in subject), "")
    return f"{sender}, Subject: {found}" if sender and found else ""


def _mailer_daemon(message: Message) -> str:
    return "" if _local(message) == "postmaster" else _daemon(message)


def _noreply(message: Message) -> str:
    letters = re.sub(r"[-_.+]", "", _local(message))
    return f"From: {message.sender.key[:_SHOWN]}" if any(word in letters for word in NOREPLY_WORDS) else ""


def _own_mail(message: Message) -> str:
    return f"From: {message.sender.key[:_SHOWN]}"


# --- headers of automatic mail ---------------------------------------------------------------------------------


def _auto_submitted(message: Message) -> str:
    # RFC 3834 section 5: a keyword, then parameters and comments
    for value in _values(message, "auto-submitted"):
        if re.split(r"[;(\s]", value, maxsplit=1)[0] not in _NO:
            return _said("auto-submitted", value)
    return ""


def _is_calendar(message: Message) -> bool:
    """Return whether a mail is an invitation or an answer to one: people's, whatever their calendar wrote on it."""
    root = (message.header("content-type") or "").strip().lower()
    types = (root, *(attachment.content_type for attachment in message.attachments))
    return any(content_type.startswith("text/calendar") for content_type in types)


def _automatic(message: Message) -> str:
    return "" if _is_calendar(message) else _auto_submitted(message)


def _auto_replied(message: Message) -> str:
    proof = _automatic(message)
    return proof if proof.startswith("Auto-Submitted: auto-replied") else ""


def _vendor_mark(message: Message) -> str:
    for name in RESPONDER_MARKS:
        for value in _values(message, name):
            if value not in _NO:
                return _said(name, value)
    for name, words in RESPONDER_VALUES:
        for value in _values(message, name):
            if words in value:
                return _said(name, value)
    return ""


def _precedence(message: Message) -> str:
    for value in _values(message, "precedence"):
        if value in {"bulk", "junk", "list"}:
            return _said("precedence", value)
    return ""


def _list_header(message: Message) -> str:
    # RFC 2919 section 3, RFC 2369 section 3.4
    for name in ("list-id", "list-post"):
        for value in _values(message, name):
            return _said(name, value)
    return ""


def _vacation(message: Message) -> str:
    # RFC 5230 section 4.7: Sieve writes "auto-replied (vacation)"
    proof = _automatic(message)
    return proof if "vacation" in proof else ""


def _absence_phrase(message: Message, *, alone: bool) -> str:
    """Return the absence phrase the subject begins with, where nothing but it stands there if `alone`."""
    subject = " ".join(message.subject.lower().split()).lstrip("[(<* ")
    for phrase in OUT_OF_OFFICE_SUBJECTS if subject.startswith(OUT_OF_OFFICE_SUBJECTS) else ():
        rest = subject[len(phrase) :].lstrip()
        if subject.startswith(phrase) and (not alone or not rest or rest[0] in _AFTER_PHRASE):
            return phrase
    return ""


def _asks_about(message: Message) -> bool:
    """Return whether a mail that answers nothing has a question as its subject: "Automatic reply: where is it?"."""
    return "?" in message.subject and not message.in_reply_to and not message.references


def _out_of_office(message: Message) -> str:
    """Return the proof of an absence reply: its subject alone, or a looser one with any other mark of a machine."""
    phrase = _absence_phrase(message, alone=True)
    if phrase and not _asks_about(message):
        return f"Subject: {phrase}"
    checks = (_automatic, _vendor_mark, _precedence, _null_return_path)
    mark = next((proof for proof in (check(message) for check in checks) if proof), "")
    phrase = _absence_phrase(message, alone=False) if mark else ""
    return f"Subject: {phrase}, {mark}" if phrase else ""


# --- why a person is not answered ------------------------------------------------------------------------------


def _suppress(message: Message) -> str:
    for value in _values(message, "x-auto-response-suppress"):
        if _SUPPRESS & set(re.split(r"[,\s]+", value)):
            return _said("x-auto-response-suppress", value)
    return ""


def _spam_mark(message: Message) -> str:
    for name, beginning in SPAM_MARKS:
        for value in _values(message, name):
            if value.startswith(beginning):
                return _said(name, value)
    return ""


def _high_scl(message: Message) -> str:
    levels = [f"scl:{value}" for value in _values(message, "x-ms-exchange-organization-scl")]
    for value in (*levels, *_values(message, "x-forefront-antispam-report")):
        match = _SCL.search(value)
        if match and int(match[1]) >= HIGH_SCL:
            return f"spam confidence level {match[1]}"
    return ""


def _no_sender(message: Message) -> str:
    return "" if message.sender.domain else "the mail names no sender"


_MACHINES: tuple[tuple[MessageKind, bool, Check], ...] = (
    (MessageKind.RECEIPT, True, _receipt),
    (MessageKind.BOUNCE, True, _delivery_report),
    (MessageKind.AUTO_REPLY, False, _other_report),
    (MessageKind.BOUNCE, True, _bounce_by_subject),
    (MessageKind.BOUNCE, True, _mailer_daemon),
    (MessageKind.OUT_OF_OFFICE, True, _vacation),
    (MessageKind.OUT_OF_OFFICE, True, _out_of_office),
    (MessageKind.AUTO_REPLY, True, _auto_replied),
    (MessageKind.AUTO_REPLY, True, _vendor_mark),
    (MessageKind.LIST, False, _list_header),
    (MessageKind.AUTO_REPLY, False, _automatic),
    (MessageKind.LIST, False, _precedence),
    (MessageKind.AUTO_REPLY, False, _null_return_path),
    (MessageKind.AUTO_REPLY, False, _daemon),
    (MessageKind.AUTO_REPLY, False, _noreply),
)
"""(kind, whether such mail answers something, its check), in the order in which they are tried."""

_OWN: tuple[tuple[MessageKind, bool, Check], ...] = (
    (MessageKind.RECEIPT, True, _receipt),
    (MessageKind.BOUNCE, True, _delivery_report),
    (MessageKind.OWN, True, _own_mail),
)
"""The same for mail From an address of ours; the last always finds its proof."""

_SILENCE: tuple[Check, ...] = (_auto_submitted, _suppress, _spam_mark, _high_scl, _no_sender)
"""Why a person's mail is not answered; Auto-Submitted stands here for calendars."""
