"""Bounces that mail systems write as text for people: whom they name, with which code, and which mail came back.

Exim, qmail, sendmail, Exchange, Domino and the large providers each have a shape of their own, and many shapes have
many versions. What all have in common is read instead: a mail system as the sender, a notice that says so, addresses
that stand alone at the beginning of a line or behind words such as "delivered to", codes near them, and the header of
the returned mail below. Phrases are in phrases/bounces.toml.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mailgateway.model.message import Address, DeliveryReport
from mailgateway.parsers.report import (
    MAX_DIAGNOSTIC,
    MAX_REPORTS,
    NO_ORIGINAL,
    Original,
    blocks,
    original_of,
    status_code,
)
from mailgateway.phrases import all_of, phrases

_TABLES = phrases("bounces")
SUBJECTS = all_of(_TABLES["subjects"])
_NOTICES = all_of(_TABLES["notices"])
_DELAYS = all_of(_TABLES["delays"])
_PERMANENT = all_of(_TABLES["permanent"])
_COPIES = all_of(_TABLES["copies"])
_BYSTANDERS = all_of(_TABLES["bystanders"])
SYSTEM_NAMES = frozenset(_TABLES["senders"]["names"])
BOUNCERS = frozenset(_TABLES["senders"]["bouncers"])
SYSTEM_BEGINNINGS = _TABLES["senders"]["beginnings"]
SYSTEM_DISPLAY = frozenset(_TABLES["senders"]["display"])

_MAX_CHARS = 64 * 1024
_MAX_LINE = 1_000
_MAX_LINES = 1_000
_NOTICE_CHARS = 8_000
_MIN_FIELDS = 3
_WORDS = re.compile(r"[\s<>()\[\]{},;:\"|*\u3000-\u303f\uff01-\uff0f\uff1a-\uff1f]+")  # Eastern punctuation too
_EDGES = ".'`!?=-_/\\"
_LEADING = re.compile(r"[\s<>\"'*\-|\[(•]*")
_LABEL = re.compile(
    r"\s*(?:failed |failing |final-|original-)?(?:recipients?|addresse?s?|to|empfänger|destinataire|destinatario)"
    r"(?: address)?\s*:\s*",
    re.IGNORECASE,
)
_FIELD = re.compile(r"[ \t>|]{0,8}([A-Za-z][A-Za-z-]{1,60}):(?:[ \t]|$)")
_PROOF_FIELDS = frozenset(("received", "message-id", "return-path", "from", "dkim-signature"))
_REPLY_CODE = re.compile(r"(?:^|[\s:>#\"'(;])([45])\d\d(?=[\s\-#_.]|$)")
_SUBJECT_LINE = re.compile(
    r"\s*(?:the )?(?:subject|betreff|objet|asunto|oggetto|onderwerp|assunto|ämne|тема|件名|主\s?题|제목)"
    r"(?: of the message is)?\s*[: ]\s*(\S.*)",
    re.IGNORECASE,
)


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
    end = _end_of_notice(lines)
    said, copy = lines[:end], lines[end:]
    words = _normal("\n".join(said)[:_NOTICE_CHARS])
    subject = _normal(notice.subject)
    is_bounce = any(phrase in subject for phrase in SUBJECTS) or any(phrase in words for phrase in _NOTICES)
    if not (is_bounce or is_sure):
        return ()
    return _reports(replace(notice, original=_original(notice, said, copy)), said, f"{subject}\n{words}")


def _reports(notice: Notice, said: Sequence[str], words: str) -> tuple[DeliveryReport, ...]:
    places = _recipients(notice, said)
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
                permanent=not delayed and _is_permanent(status, own_words or everything, words),
                original_message_id=notice.original.message_id,
                envelope_id="",
                diagnostic=" ".join(own_words.split())[:MAX_DIAGNOSTIC],
                action="delayed" if delayed else "failed",
                original_subject=notice.original.subject,
                original_sender=notice.original.sender,
                other_ids=notice.original.other_ids,
            )
        )
    return tuple(reports)


def _is_permanent(status: str, own_words: str, words: str) -> bool:
    """Return whether a code, a reply of SMTP or the words say that it is for good; in doubt it is not."""
    if status:
        return status.startswith("5")
    reply = _REPLY_CODE.search(own_words)
    if reply:
        return reply[1] == "5"
    return any(phrase in words for phrase in _PERMANENT)


# --- whom it names ---------------------------------------------------------------------------------------------


def _recipients(notice: Notice, said: Sequence[str]) -> dict[str, int | None]:
    """Return the addresses that were not reached, with the line of the notice that names each."""
    others = {
        notice.sender.key,
        (notice.original.sender or "").lower(),
        notice.original.message_id.lower(),
        *notice.own,
    }
    named: dict[str, int | None] = {}
    for address in addresses_in(notice.failed_recipients):
        named.setdefault(address, next((at for at, line in enumerate(said) if address in line), None))
    for look in (_at_the_beginning, _announced, _anywhere):
        if named:
            break
        for at, line in enumerate(said):
            for address in look(line):
                if address.lower() not in others and address.lower().partition("@")[0] not in SYSTEM_NAMES:
                    named.setdefault(address, at)
    return named or {notice.original.recipient: None}


def _at_the_beginning(line: str) -> Iterable[str]:
    """Yield the address that a line begins with, as in `<gone@client.example>:` or `Recipient: gone@...`."""
    label = _LABEL.match(line)
    bare = line[label.end() :] if label else line
    leading = _LEADING.match(bare)
    rest = bare[leading.end() :] if leading else bare
    for prefix in ("smtp:", "mailto:", "rfc822;"):
        if rest.lower().startswith(prefix):
            rest = rest[len(prefix) :].lstrip()
    found = addresses_in(rest)
    return found[:1] if found and rest.startswith(found[0]) else ()


def _announced(line: str) -> Iterable[str]:
    """Yield the addresses of a line that says of them that they were not reached."""
    return addresses_in(line) if any(phrase in _normal(line) for phrase in _ANNOUNCING) else ()


def _anywhere(line: str) -> Iterable[str]:
    return () if any(phrase in _normal(line) for phrase in _BYSTANDERS) else addresses_in(line)


_ANNOUNCING = (*_NOTICES, "your message to", "message to", "ihre nachricht an", "votre message à", "su mensaje a")


def addresses_in(text: str) -> list[str]:
    """Return what looks like an address in a text, in order; linear in its length."""
    if "@" not in text:
        return []
    words = (word.strip(_EDGES) for word in _WORDS.split(text))
    return [word for word in words if _is_address(word)]


def _is_address(word: str) -> bool:
    local, at, domain = word.rpartition("@")
    return bool(at and local and "@" not in local and "." in domain.strip(".") and len(word) < 255)  # noqa: PLR2004 - RFC 5321


# --- the mail that came back -----------------------------------------------------------------------------------


def _end_of_notice(lines: Sequence[str]) -> int:
    """Return the number of the line where the returned mail or its header begins, len(lines) where none does."""
    for at, line in enumerate(lines):
        normal = _normal(line)
        if at and len(normal) < 150 and any(phrase in normal for phrase in _COPIES):  # noqa: PLR2004 - a line, no paragraph
            return at
        if _FIELD.match(line) and _is_header(lines, at):
            return at
    return len(lines)


def _is_header(lines: Sequence[str], start: int) -> bool:
    """Return whether a mail's header begins at a line."""
    names = set()
    for line in lines[start : start + 40]:
        if not line.strip(" \t>|"):
            break
        found = _FIELD.match(line)
        if found:
            names.add(found[1].lower())
    return len(names) >= _MIN_FIELDS and bool(names & _PROOF_FIELDS)


def _original(notice: Notice, said: Sequence[str], copy: Sequence[str]) -> Original:
    """Return what is known of the returned mail: attached, else in the text below the notice, else its subject."""
    attached = notice.original
    if attached.message_id or attached.subject:
        return attached
    fields = _header_in(copy)
    found = original_of(fields)
    subject = next((match[1].strip() for line in said if (match := _SUBJECT_LINE.match(line))), "")
    return replace(found, subject=found.subject or subject)


def _header_in(copy: Sequence[str]) -> Mapping[str, str]:
    """Return the header fields in the copy of a returned mail: those of the first group that looks like a header."""
    text = "\n".join(line.lstrip(">| ") if line.startswith((">", "|")) else _outdented(line) for line in copy)
    for block in blocks(text.encode()):
        if {"message-id", "subject"} & block.keys() or len(block.keys() & _PROOF_FIELDS) > 1:
            return block
    return {}


def _outdented(line: str) -> str:
    """Return a line without its indentation where a header field stands on it: some systems shift the whole copy."""
    return line.lstrip() if _FIELD.match(line) else line


def _normal(text: str) -> str:
    """Return a text as phrases are compared: in lower case, white space collapsed, with plain apostrophes."""
    return " ".join(text.lower().replace("\u2019", "'").split())
