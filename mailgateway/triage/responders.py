"""Responders: absence replies, other automatic answers and challenges, by their marks, subjects and words."""

from mailgateway.model.message import Message
from mailgateway.triage import words
from mailgateway.triage.headers import (
    auto_replied,
    automatic,
    daemon,
    is_from_list,
    marked,
    noreply,
    null_sender,
    precedence,
    suppression,
    vendor_mark,
)
from mailgateway.triage.marks import (
    ABSENCE_HINTS,
    ABSENCE_SUBJECTS,
    AUTOMATIC_SUBJECTS,
    CHALLENGE_MARKS,
    EXCHANGE_SUBJECTS,
)
from mailgateway.triage.words import (
    absence_words,
    answers_something,
    automatic_words,
    is_credible_answer,
    leading_phrase,
    received_words,
)


def automatic_answer(message: Message) -> str:
    """Return the proof of a ticket system's answer: marked as automatic, and it says that it has the mail."""
    mark = automatic(message) or null_sender(message)
    said = received_words(message) if mark else ""
    return f"{mark}; text: {said}" if said else ""


def _mark_of_responder(message: Message) -> str:
    """Return what proves that a machine answers a mail, whatever it says."""
    checks = (auto_replied, vendor_mark, null_sender)
    mark = next((proof for proof in (check(message) for check in checks) if proof), "")
    if mark or not answers_something(message):
        return mark
    return automatic(message) or precedence(message)


def bulk_answer(message: Message) -> str:
    """Return Precedence where a machine answers us with it: it refers to a mail or repeats our ID, and no list sent it.

    Help desks write `Precedence: bulk` on their receipts as mailing lists do on their copies.
    """
    mark = precedence(message)
    if not mark or mark.endswith(": list") or is_from_list(message):
        return ""
    refers = answers_something(message) or words.repeats_ours(message.subject)
    return mark if refers or received_words(message) else ""


def absence_that_asks_for_silence(message: Message) -> str:
    """Return the proof of an absence reply whose only mark is X-Auto-Response-Suppress.

    People's mails bear that mark too. So the subject must begin with a word of absence and repeat ours behind it (or
    the word is one that people do not write, and the mail answers one), and the text neither asks nor quotes, or
    speaks of an absence.
    """
    mark = suppression(message)
    phrases = (*ABSENCE_SUBJECTS, *ABSENCE_HINTS)
    alone = leading_phrase(message, phrases, alone=True) if mark else ""
    phrase = alone or (leading_phrase(message, phrases, alone=False) if mark else "")
    if not phrase or not words.is_said_by_responder(message):
        return ""
    refers = words.repeats_ours(words.behind(message, phrase), at_once=not alone)
    formula = alone in ABSENCE_SUBJECTS and answers_something(message)
    return f"Subject: {phrase}, {mark}" if refers or formula else ""


def _mark_of_machine(message: Message) -> str:
    return _mark_of_responder(message) or automatic(message) or precedence(message)


def out_of_office(message: Message) -> str:
    """Return the proof of an absence reply: its subject alone, or a looser one with any other mark of a machine."""
    phrase = leading_phrase(message, ABSENCE_SUBJECTS, alone=True) or _exchange_phrase(message)
    if phrase and is_credible_answer(message):
        return f"Subject: {phrase}"
    mark, responder = _mark_of_machine(message), _mark_of_responder(message)
    # Newsletters have marks of machines, and subjects about holidays.
    is_about_somebody = bool(responder or (automatic(message) and words.absence_in_subject(message)))
    phrases = (*ABSENCE_SUBJECTS, *ABSENCE_HINTS) if is_about_somebody else ABSENCE_SUBJECTS
    phrase = (leading_phrase(message, phrases, alone=False) or _exchange_phrase(message)) if mark else ""
    if phrase:
        return f"Subject: {phrase}, {mark}"
    said = absence_words(message) if responder and not received_words(message) else ""
    return f"{responder}; text: {said}" if said else ""


def _exchange_phrase(message: Message) -> str:
    """Return how Exchange's absence replies begin, "" too where the text shows that another program wrote so."""
    phrase = leading_phrase(message, EXCHANGE_SUBJECTS, alone=True)
    is_other = bool(phrase) and bool(received_words(message)) and not absence_words(message)
    return "" if is_other else phrase


def automatic_by_words(message: Message) -> str:
    """Return the proof of an automatic answer without any header that says so: its subject or its text."""
    phrase = leading_phrase(message, (*AUTOMATIC_SUBJECTS, *EXCHANGE_SUBJECTS), alone=True)
    if phrase and is_credible_answer(message):
        return f"Subject: {phrase}"
    said = automatic_words(message) if answers_something(message) and "?" not in message.body.text else ""
    return f"text: {said}" if said and received_words(message) else ""


def absence_by_words(message: Message) -> str:
    """Return the proof of an absence reply under another automatic answer's subject."""
    phrase = leading_phrase(message, AUTOMATIC_SUBJECTS, alone=True)
    said = absence_words(message) if phrase and is_credible_answer(message) else ""
    return f"Subject: {phrase}; text: {said}" if said and not received_words(message) else ""


def challenge(message: Message) -> str:
    """Return the proof of a filter that asks the sender to prove to be a person."""
    mark = marked(message, CHALLENGE_MARKS)
    return mark or words.challenge(
        message, marked=bool(_mark_of_machine(message) or daemon(message) or noreply(message))
    )
