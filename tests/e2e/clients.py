"""Mails as people's programs write them: a new one, and replies that keep what each program keeps of a mail."""

import secrets
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from tests.invariant import TICKET_ID


def read(raw: bytes) -> EmailMessage:
    """Return a mail as a client of ours would read it."""
    return message_from_bytes(raw, policy=policy.default)


def ticket_id(raw: bytes) -> str:
    """Return the ticket ID in a mail's subject."""
    (found,) = TICKET_ID.findall(raw)
    return str(found.decode())


def new_mail(sender: str, to: str, subject: str = "The printer is on fire", text: str = "It burns.") -> bytes:
    """Return a mail that answers nothing."""
    return bytes(_mail(sender, to, subject, text))


def _mail(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = f"Carla Customer <{sender}>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.now(UTC))  # noqa: TID251  (a mail is written now)
    mail["Message-ID"] = make_msgid(secrets.token_hex(4), domain="customer.test")
    mail.set_content(text)
    return mail


def reply_address(raw: bytes) -> str:
    """Return where a reply to a mail goes."""
    original = read(raw)
    return parseaddr(str(original["Reply-To"] or original["From"]))[1]


def _sender(original: EmailMessage) -> str:
    return parseaddr(str(original["From"]))[1]


def _quoted(original: EmailMessage) -> str:
    body = original.get_body(("plain",))
    lines = body.get_content().splitlines() if body else []
    return "\n".join(f"> {line}" for line in lines)


def thunderbird(raw: bytes, sender: str, text: str) -> bytes:
    """Return a reply with all marks: Reply-To, In-Reply-To, References, the subject, the quoted original."""
    original = read(raw)
    quoted = f"On 11/21/26 10:00, Acme Support wrote:\n{_quoted(original)}"
    mail = _mail(sender, reply_address(raw), f"Re: {original['Subject']}", f"{text}\n\n{quoted}\n")
    mail["In-Reply-To"] = original["Message-ID"]
    mail["References"] = f"{original['References'] or ''} {original['Message-ID']}".strip()
    mail["User-Agent"] = "Mozilla Thunderbird"
    return bytes(mail)


def outlook(raw: bytes, sender: str, text: str) -> bytes:
    """Return a reply as by an Exchange that drops References: Thread-Index, and the ticket ID in the subject.

    The address is the one the writer's address book has.
    """
    original = read(raw)
    head = f"________________________________\nFrom: {original['From']}\nSent: Saturday\nSubject: {original['Subject']}"
    mail = _mail(sender, _sender(original), f"RE: {original['Subject']}", f"{text}\n\n{head}\n\nHello\n")
    mail["Thread-Topic"] = str(original["Subject"])
    mail["Thread-Index"] = "AdxYlT0m4bQxH0zPTk2c5c3vVbE0nA=="
    mail["X-Mailer"] = "Microsoft Outlook 16.0"
    return bytes(mail)


def gmail(raw: bytes, sender: str, text: str) -> bytes:
    """Return a reply by its ids alone: the writer changed the subject and took the address from the address book."""
    original = read(raw)
    mail = _mail(sender, _sender(original), "something else", text)
    mail["In-Reply-To"] = original["Message-ID"]
    mail["References"] = f"{original['References'] or ''} {original['Message-ID']}".strip()
    return bytes(mail)


def bare(to: str, sender: str, text: str) -> bytes:
    """Return a mail whose address is the only thing that ties it to anything."""
    return bytes(_mail(sender, to, "hello again", text))


def autoresponder(
    raw: bytes, sender: str, *, marked: bool, to_reply_address: bool, subject: str = "We have received your message"
) -> bytes:
    """Return what a program answers to every mail it gets: with the mark of RFC 3834, or with no mark at all."""
    to = reply_address(raw) if to_reply_address else _sender(read(raw))
    mail = _mail(sender, to, subject, "Thank you for your message.")
    if marked:
        mail["Auto-Submitted"] = "auto-replied"
    return bytes(mail)
