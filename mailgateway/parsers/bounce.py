"""Bounces that mail systems write as text for people: whom they name, with which code, and which mail came back.

Exim, qmail, sendmail, Exchange, Domino and the large providers each have a shape of their own, and many shapes have
many versions. What all have in common is read instead: a mail system as the sender, a notice that says so, addresses
that stand alone at the beginning of a line or behind words such as "delivered to" (parsers.bounce_names), codes near
them, and the returned mail's header or id (parsers.bounce_copy). A mail daemon needs no words that we know: a code, or
a header that came back, will do. Phrases are in phrases/bounces.toml.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailgateway.model.message import Address, DeliveryReport
from mailgateway.parsers.bounce_copy import Shown, halves, normal, returned
from mailgateway.parsers.bounce_names import SYSTEM_NAMES, recipients
from mailgateway.parsers.report import MAX_DIAGNOSTIC, MAX_REPORTS, NO_ORIGINAL, Original, status_code
from mailgateway.phrases import all_of, phrases

_TABLES = phrases("bounces")
SUBJECTS = all_of(_TABLES["subjects"])
_NOTICES = all_of(_TABLES["notices"])
_DELAYS = all_of(_TABLES["delays"])
_PERMANENT = all_of(_TABLES["permanent"])
_TEMPORARY = all_of(_TABLES["temporary"])
BOUNCERS = frozenset(_TABLES["senders"]["bouncers"])
SYSTEM_BEGINNINGS = _TABLES["senders"]["beginnings"]
SYSTEM_DISPLAY = frozenset(_TABLES["senders"]["display"])
# Mail daemons write these too, and they say nothing of a failure.
_OTHER_SUBJECTS = (
    *all_of(phrases("machines")["receipt_subjects"]),
    *all_of(phrases("machines")["challenge_subjects"]),
)

_MAX_CHARS = 64 * 1024
_MAX_LINE = 1_000
_MAX_LINES = 1_000
_NOTICE_CHARS = 8_000
# RFC 5321 section 4.2.1: the second digit is 0 to 5
_REPLY_CODE = re.compile(r"(?:^|[\s:>#\"'(\[;\uff1a])([45])[0-5]\d(?=[\s\-#_.,;:)\]]|$)")


@dataclass(frozen=True, slots=True)
class Notice:
    """What is looked at to find a bounce.

    Attributes:
        sender: From.
        return_path: As in Message.
        subject: Decoded.
        failed_recipients: The field X-Failed-Recipients (Exim, Gmail), "" where absent.
        own: The addresses the notice went to, which are not those it is about, in lower case.
        text: The readable text, quotes included.
        original: What an attached original says, empty where none is attached.
        is_report: Whether the mail says of itself that it is a delivery report.
    """

    sender: Address
    return_path: str | None
    subject: str
    failed_recipients: str
    own: frozenset[str]
    text: str
    original: Original = NO_ORIGINAL
    is_report: bool = False


def is_mail_system(sender: Address, return_path: str | None) -> bool:
    """Return whether a mail comes from a mail system itself, by its address or by the null Return-Path."""
    local = sender.key.partition("@")[0]
    by_name = local in SYSTEM_NAMES or local.startswith(SYSTEM_BEGINNINGS) or sender.name.lower() in SYSTEM_DISPLAY
    return by_name or return_path == ""


def bounce_reports(notice: Notice) -> tuple[DeliveryReport, ...]:
    """Return one report for each recipient that a bounce in plain words names, at most 100.

    Returns:
        () where the mail is none. One report with recipient "" where it is one that names nobody.
    """
    is_sure = bool(notice.failed_recipients) or notice.is_report
    if not (is_sure or is_mail_system(notice.sender, notice.return_path)):
        return ()
    lines = [line[:_MAX_LINE] for line in notice.text[:_MAX_CHARS].split("\n", _MAX_LINES)[:_MAX_LINES]]
    shown = halves(lines)
    subject, words = normal(notice.subject), normal("\n".join(shown.said)[:_NOTICE_CHARS])
    notice = replace(notice, original=returned(shown, notice.original))
    if not (is_sure or _is_bounce(notice, shown, subject, words)):
        return ()
    found = _reports(notice, shown.said, f"{subject}\n{words}")
    is_known = is_sure or _is_said(subject, words)
    return found if is_known or any(report.recipient or report.original_message_id for report in found) else ()


def _is_bounce(notice: Notice, shown: Shown, subject: str, words: str) -> bool:
    """Return whether a mail system's mail is a bounce: it says so in words that we know, or by what it shows."""
    is_shown = bool(notice.original.message_id) or shown.has_header
    has_code = bool(status_code(words) or _REPLY_CODE.search(words))
    if _is_said(subject, words):
        return is_shown or has_code or _is_trusted(notice, subject)
    if any(phrase in subject for phrase in _OTHER_SUBJECTS):
        return False
    if _is_daemon(notice):
        return is_shown or has_code or any(phrase in words for phrase in (*_DELAYS, *_TEMPORARY, *_PERMANENT))
    # Responders have the null path too, and quote; but it is they whom the quoted mail went to.
    addressee = notice.original.recipient.lower()
    return is_shown and has_code and addressee in words and addressee not in {"", notice.sender.key}


def _is_said(subject: str, words: str) -> bool:
    """Return whether a mail says in words that we know that it is a bounce."""
    return any(phrase in subject for phrase in SUBJECTS) or any(phrase in words for phrase in _NOTICES)


def _is_trusted(notice: Notice, subject: str) -> bool:
    """Return whether words alone prove a bounce: a system's by its name; web servers have the null path as well.

    A postmaster whose mail has a way back may be a person who writes about mail: then the subject must say it.
    """
    if not is_mail_system(notice.sender, None):
        return False
    return not notice.return_path or _is_daemon(notice) or any(phrase in subject for phrase in SUBJECTS)


def _is_daemon(notice: Notice) -> bool:
    return notice.sender.key.partition("@")[0] in BOUNCERS


def _reports(notice: Notice, said: Sequence[str], words: str) -> tuple[DeliveryReport, ...]:
    original = notice.original
    others = frozenset(
        (notice.sender.key, (original.sender or "").lower(), original.message_id.lower(), *_plain(notice.own))
    )
    places = recipients(said, notice.failed_recipients, others, original.recipient)
    delayed = any(phrase in words for phrase in _DELAYS)
    starts = sorted(at for at in places.values() if at is not None)
    everything = "\n".join(said)
    reports = []
    for recipient, at in list(places.items())[:MAX_REPORTS]:
        after = next((start for start in starts if at is not None and start > at), len(said))
        own_words = "\n".join(said[at:after]) if at is not None else ""
        status = status_code(own_words) or status_code(everything)
        reports.append(
            DeliveryReport(
                recipient=recipient,
                status=status,
                permanent=not delayed and _is_permanent(status, (own_words, everything), words),
                original_message_id=original.message_id,
                envelope_id="",
                diagnostic=" ".join(own_words.split())[:MAX_DIAGNOSTIC],
                action="delayed" if delayed else "failed",
                original_subject=original.subject,
                original_sender=original.sender,
                other_ids=original.other_ids,
            )
        )
    return tuple(reports)


def _plain(own: frozenset[str]) -> frozenset[str]:
    """Return addresses with and without what stands behind their "+"."""
    parts = [address.rpartition("@") for address in own]
    return own | {f"{local.partition('+')[0]}@{domain}" for local, _, domain in parts}


def _is_permanent(status: str, texts: Sequence[str], words: str) -> bool:
    """Return whether a code, a reply of SMTP or the words say that it is for good; in doubt it is not.

    Args:
        status: The enhanced status code, "" where there is none.
        texts: The words on the recipient, then all of the notice.
        words: The subject and the notice, as phrases are compared.
    """
    if status:
        return status.startswith("5")
    reply = next((found for found in map(_REPLY_CODE.search, texts) if found), None)
    if reply:
        return reply[1] == "5"
    own = normal(texts[0]) or words
    of_recipient = _by_words(own)
    return of_recipient if of_recipient is not None else bool(_by_words(words))


def _by_words(words: str) -> bool | None:
    """Return whether words say that it is for good or for now, None where they say neither."""
    if any(phrase in words for phrase in _TEMPORARY):
        return False
    return True if any(phrase in words for phrase in _PERMANENT) else None
