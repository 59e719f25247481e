"""What to look up for a mail: ids, ticket IDs, tokens and addresses, read from it without asking anybody."""

import re
from collections.abc import Hashable, Iterable
from datetime import date
from itertools import islice
from typing import TypeVar

from mailgateway.model.decision import Keys
from mailgateway.model.message import Message
from mailgateway.model.names import Names
from mailgateway.model.people import Authentication
from mailgateway.model.site import Site, own_suffix
from mailgateway.model.tokens import (
    CHECK_LETTERS,
    SignedId,
    read_bounce_token,
    read_message_id,
    read_reply_token,
    read_thread_index,
)
from mailgateway.parsers.references import conversation_index, message_ids, regionless_id
from mailgateway.parsers.subject import base_subject, foreign_refs

MAX_IDS = 100
"""Ids of other mails that are looked up at most."""
MAX_REFS = 10
"""Ticket IDs that are looked up at most."""
MAX_RECIPIENTS = 200
"""Recipients that are searched for tokens at most."""
MAX_INDEXES = 5
"""Conversation indexes that are read at most."""
MAX_OTHER_IDS = 3
"""Further ids of the mail itself that are read at most."""
BODY_LINES = 5
"""How many lines of the new text, blank ones not counted, may hold a ticket ID."""

_MAX_LINE = 1000
_ORIGINAL_ID = "x-microsoft-original-message-id"
_RECIPIENT_HEADERS = frozenset({
    "delivered-to", "envelope-to", "x-delivered-to", "x-envelope-to", "x-original-to",
})  # fmt: skip
# Any prefix: the site's may have changed since, and IDs are looked up as they were issued. No `\b`: in scripts without
# spaces a letter may stand right before the ID.
_REF = re.compile(
    rf"(?<![A-Z0-9])([A-Z][A-Z0-9]{{0,9}})-([0-9]{{1,18}})-([{CHECK_LETTERS}]{{2}})(?![A-Z0-9])",
    re.IGNORECASE | re.ASCII,
)
DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))

Item = TypeVar("Item", bound=Hashable)


def keys(message: Message, site: Site, today: date, authentication: Authentication = Authentication.NONE) -> Keys:
    """Return what to look up for a message.

    Args:
        message: The mail as it was read.
        site: The site and the mailbox it came to.
        today: The day it arrived; a reply token that expired earlier is none.
        authentication: What our own mail server said of From.

    Returns:
        Every id at most once; at most MAX_IDS message ids and MAX_REFS ticket IDs.
    """
    suffixes = _own_suffixes(message, site)
    tokens = _once(
        token
        for token in (read_reply_token(site.keyring, suffix, site.agent_ids, today) for suffix in suffixes)
        if token is not None
    )
    message_ids = tuple(islice(_referred_ids(message), MAX_IDS))
    signed = signed_ids(message_ids, site)
    conversations = _conversations(message, site)
    return Keys(
        mailbox=site.mailbox,
        message_id=message.message_id,
        digest=message.digest,
        sender=message.sender.key,
        message_ids=message_ids,
        refs=_once((*ticket_refs(message), *_reported_refs(message)))[:MAX_REFS],
        ticket_numbers=_once(
            (
                *(token.ticket for token in tokens),
                *(sent.ticket for _, sent in signed if sent.ticket is not None),
                *conversations,
            )
        ),
        contacts=_once(token.contact for token in tokens if token.contact is not None),
        deliveries=_once((*_bounced(message, suffixes, site), *(sent.outbox for _, sent in signed))),
        tokens=tokens,
        authentication=authentication,
        conversations=conversations,
        names=_names(message, site, authentication, is_ours=bool(conversations)),
    )


def _names(message: Message, site: Site, authentication: Authentication, *, is_ours: bool) -> Names:
    """Return the names that others gave; a conversation whose index we made has ours."""
    owner = _ref_owner(message, site, authentication)
    refs = foreign_refs(message.subject, site.prefix) if owner else ()
    return Names(
        other_ids=_other_ids(message),
        conversation="" if is_ours else _foreign_conversation(message, site),
        ref_owner=owner if refs else "",
        refs=refs,
    )


def _ref_owner(message: Message, site: Site, authentication: Authentication) -> str:
    """Return whose ticket system the numbers in a subject may be of: the sender's domain; of free mail, the address.

    "" where From is forged, or an address that was typed into a form or chat: the numbers say nothing then.
    """
    is_typed = message.relay is not None and message.relay.is_typed
    if is_typed or authentication is Authentication.FAIL or not message.sender.domain:
        return ""
    return message.sender.key if message.sender.domain in site.free_mail_domains else message.sender.domain


def _other_ids(message: Message) -> tuple[str, ...]:
    """Return the ids that a mail had before a server gave it another one."""
    fields = (value for name, value in message.headers if name == _ORIGINAL_ID)
    ids = _once(found for field in fields for found in message_ids(field) if found != message.message_id)
    return ids[:MAX_OTHER_IDS]


def _foreign_conversation(message: Message, site: Site) -> str:
    """Return the name of the Outlook conversation that a mail belongs to: its index and its topic, "" without both.

    Where the subject is not the topic, somebody answered an old mail to write about something else.
    """
    index = conversation_index(message.header("thread-index") or "")
    if not index:
        return ""
    topic = base_subject(message.header("thread-topic") or "", site.prefix).casefold()
    same = bool(topic) and topic == base_subject(message.subject, site.prefix).casefold()
    return f"{index}:{topic}" if same else ""


def signed_ids(message_ids: Iterable[str], site: Site) -> tuple[tuple[str, SignedId], ...]:
    """Return those of the ids that we signed, with what they say, in their order."""
    read = ((name, read_message_id(site.keyring, name)) for name in message_ids)
    return tuple((name, sent) for name, sent in read if sent is not None)


def _conversations(message: Message, site: Site) -> tuple[int, ...]:
    """Return the tickets whose conversation a mail of Outlook's belongs to: indexes that we gave and it kept."""
    indexes = (value for name, value in message.headers if name == "thread-index")
    read = (read_thread_index(site.keyring, value) for value in islice(indexes, MAX_INDEXES))
    return _once(ticket for ticket in read if ticket is not None)


def ticket_refs(message: Message) -> tuple[str, ...]:
    """Return the ticket IDs in the subject, then those in the first lines of the new text.

    Returns:
        In upper case without brackets, each once, at most MAX_REFS. Nothing says that they exist.
    """
    lines = (line for line in message.body.text.splitlines() if line.strip())
    texts = (message.subject, *islice(lines, BODY_LINES))
    found = (match for text in texts for match in _REF.finditer(text[:_MAX_LINE].translate(DASHES)))
    return _once(match[0].upper() for match in found)[:MAX_REFS]


def _reported_refs(message: Message) -> tuple[str, ...]:
    """Return the ticket IDs in the subjects of mails that came back."""
    subjects = _once(report.original_subject[:_MAX_LINE].translate(DASHES) for report in message.reports)
    return tuple(match[0].upper() for subject in subjects for match in _REF.finditer(subject))


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the items in their order, each once."""
    return tuple(dict.fromkeys(items))


def _referred_ids(message: Message) -> tuple[str, ...]:
    """Return the ids of the mails a message is about, newest first; those of Amazon SES without their region too.

    An id that the mail had itself is the last: a copy of it may be on a ticket.
    """
    reported = (name for report in message.reports for name in (report.original_message_id, *report.other_ids))
    names = (message.in_reply_to, *reversed(message.references), *reported, *_other_ids(message))
    return _once(form for name in names for form in (name, regionless_id(name)) if form)


def _recipients(message: Message) -> Iterable[str]:
    """Yield the addresses a message was sent to, by its own headers and by those of the servers on its way."""
    for address in (*message.to, *message.cc):
        yield address.address
    for name, value in message.headers:
        if name in _RECIPIENT_HEADERS:
            yield from re.split(r"[\s,<>]+", value)


def _own_suffixes(message: Message, site: Site) -> tuple[str, ...]:
    """Return what stands after the "+" in those recipients that are addresses of ours."""
    recipients = _once(recipient for recipient in _recipients(message) if recipient)[:MAX_RECIPIENTS]
    suffixes = (own_suffix(recipient, site.own_addresses) for recipient in recipients)
    return _once(suffix for suffix in suffixes if suffix)


def _bounced(message: Message, suffixes: tuple[str, ...], site: Site) -> tuple[int, ...]:
    """Return the deliveries that bounce addresses, also those of returned mails, and envelope ids name.

    RFC 3464 section 2.2.1 has the envelope id.
    """
    senders = (own_suffix(report.original_sender, site.own_addresses) for report in message.reports)
    names = (*suffixes, *filter(None, senders), *(report.envelope_id for report in message.reports))
    read = (read_bounce_token(site.keyring, name) for name in names)
    return tuple(outbox for outbox in read if outbox is not None)
