"""What the words of a mail prove: subjects and texts that only machines write, and people who write about them."""

import re

from mailgateway.model.message import Message
from mailgateway.phrases import all_of, phrases
from mailgateway.triage.marks import (
    ABSENCE_WORDS,
    AUTOMATIC_WORDS,
    CHALLENGE_SUBJECTS,
    CHALLENGE_WORDS,
    RECEIPT_OBJECTS,
    RECEIPT_SUBJECTS,
    RECEIPT_WORDS,
    RECEIVED_WORDS,
)

_TEXT_CHARS = 4_000
_RECEIPT_CHARS = 1_500
_LINES = 60
_AFTER_PHRASE = ":：-–—([])!.;,"  # noqa: RUF001 -- subjects really have full-width colons and dashes
_BEFORE = "[(<*【「 "
_TICKET_ID = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]{0,9}-[0-9]{1,18}-[A-Za-z]{2}(?![A-Za-z0-9])")
_MARKS = "|".join(sorted(map(re.escape, all_of(phrases("subjects")["marks"])), key=len, reverse=True))
_REPLY_MARK = re.compile(rf"(?:{_MARKS})\s?(?:\[\d{{1,3}}\])?\s?[:\uff1a]", re.IGNORECASE)
_TIME = re.compile(r"\d\d?[:.]\d\d")
_LINK = ("http://", "https://", "reply to this", "replying to this")


def normal(text: str) -> str:
    """Return a text as phrases are compared: in lower case, white space collapsed, with plain apostrophes."""
    return " ".join(text.lower().replace("\u2019", "'").split())


def own_words(message: Message) -> str:
    """Return the beginning of the new text as phrases are compared."""
    return normal(message.body.text[:_TEXT_CHARS])


def leading_phrase(message: Message, phrases: tuple[str, ...], *, alone: bool) -> str:
    """Return the longest of the phrases the subject begins with, "" where it begins with none.

    Args:
        message: The mail.
        phrases: In lower case.
        alone: Whether nothing but a colon, a dash, a bracket or the end may follow.
    """
    subject = normal(message.subject[:_TEXT_CHARS]).lstrip(_BEFORE)
    if not subject.startswith(phrases):
        return ""
    found = (phrase for phrase in phrases if subject.startswith(phrase) and _ends(subject, len(phrase), alone=alone))
    return max(found, key=len, default="")


def _ends(subject: str, end: int, *, alone: bool) -> bool:
    """Return whether a phrase ends where it does in a subject: not within a word, or before punctuation alone."""
    rest = subject[end:].lstrip()
    if alone:
        return not rest or rest[0] in _AFTER_PHRASE
    return not (subject[end : end + 1].isalpha() and subject[end - 1].isascii() and subject[end - 1].isalpha())


def absence_words(message: Message) -> str:
    """Return what in the new text speaks of an absence, "" where nothing does."""
    return _first(own_words(message), ABSENCE_WORDS)


def absence_in_subject(message: Message) -> str:
    """Return what in the subject speaks of an absence, "" where nothing does."""
    return _first(normal(message.subject[:_TEXT_CHARS]), ABSENCE_WORDS)


def received_words(message: Message) -> str:
    """Return what in the new text says that a mail was received, "" where nothing does."""
    return _first(own_words(message), RECEIVED_WORDS)


def automatic_words(message: Message) -> str:
    """Return how a line of the new text begins that says that a machine wrote it, "" where none does.

    A line in quotation marks, or behind one that ends in a colon, is what somebody says that a machine wrote.
    """
    lines = [line.strip() for line in message.body.text[:_TEXT_CHARS].split("\n", _LINES)[:_LINES] if line.strip()]
    for before, line in zip(("", *lines), lines, strict=False):
        words = normal(line).lstrip("*-_#([~ ")
        if words.startswith(AUTOMATIC_WORDS) and not before.endswith((":", "：")):  # noqa: RUF001 -- Chinese
            return next(phrase for phrase in AUTOMATIC_WORDS if words.startswith(phrase))
    return ""


def answers_something(message: Message) -> bool:
    """Return whether a mail refers to another one."""
    return bool(message.in_reply_to or message.references)


def repeats_ours(text: str, *, at_once: bool = False) -> bool:
    """Return whether a subject, or the rest of one, repeats one of ours: a mark of replies in front, or a ticket ID.

    Args:
        text: In any case.
        at_once: Whether the ticket ID must be what it begins with, in brackets or not.
    """
    ticket = _TICKET_ID.match(text.lstrip("[ ")) if at_once else _TICKET_ID.search(text)
    return bool(_REPLY_MARK.match(text) or ticket)


def behind(message: Message, phrase: str) -> str:
    """Return what stands in the subject behind a phrase that it begins with, without punctuation between them."""
    subject = normal(message.subject[:_TEXT_CHARS]).lstrip(_BEFORE)
    return subject[len(phrase) :].lstrip(_AFTER_PHRASE + " ")


def is_credible_answer(message: Message) -> bool:
    """Return whether a mail whose subject is a responder's formula is one, with no other mark to prove it.

    People write about automatic replies, tell of their own absences under the same words, and answer by programs that
    put nothing before the subject. So one that answers no mail, nor repeats a subject of ours, is a person's; and so
    is one that quotes or asks, unless its words are a responder's.
    """
    if not (answers_something(message) or _TICKET_ID.search(message.subject)):
        return False
    return is_said_by_responder(message)


def is_said_by_responder(message: Message) -> bool:
    """Return whether a text is a responder's by its words, or at least neither quotes nor asks as people do."""
    says = absence_words(message) or received_words(message) or automatic_words(message)
    asks = "?" in message.body.text or "？" in message.body.text  # noqa: RUF001 -- Chinese
    return bool(says) or not (asks or message.body.quoted)


def challenge(message: Message, *, marked: bool) -> str:
    """Return what proves a filter that asks the sender to prove to be a person, "" where nothing does.

    Args:
        message: The mail.
        marked: Whether another mark says that a machine wrote it; without one the words must be clear.
    """
    subject = normal(message.subject[:_TEXT_CHARS])
    asked = next((phrase for phrase in CHALLENGE_SUBJECTS if phrase in subject), "")
    if not (asked or marked):
        return ""  # nearly every mail: its words need not be searched
    words = own_words(message)
    said = [phrase for phrase in CHALLENGE_WORDS if phrase in words]
    is_clear = len(said) > 1 and any(link in words for link in _LINK)
    if asked and said and (marked or is_clear):
        return f"Subject: {asked}; text: {said[0]}"
    return f"text: {said[0]}, {said[1]}" if is_clear and marked and answers_something(message) else ""


def receipt(message: Message) -> str:
    """Return what proves a receipt that is no report: its subject and its short text, "" where they do not."""
    phrase = leading_phrase(message, RECEIPT_SUBJECTS, alone=False)
    if not phrase or len(message.body.full_text) > _RECEIPT_CHARS or "?" in message.body.text:
        return ""
    words = normal(message.body.full_text)
    has_object_and_time = _first(words, RECEIPT_OBJECTS) and _TIME.search(words)
    said = _first(words, RECEIPT_WORDS) if has_object_and_time else ""
    return f"Subject: {phrase}; text: {said}" if said else ""


def _first(text: str, phrases: tuple[str, ...]) -> str:
    return next((phrase for phrase in phrases if phrase in text), "")
