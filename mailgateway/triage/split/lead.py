"""What the words around items say of them: that several matters follow, that these are separate, or their topic."""

import re
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from mailgateway.model.segments import ListKind
from mailgateway.triage.split.vocabulary import (
    ABOUT,
    ANNOUNCED,
    APART,
    BARE,
    EACH,
    EACH_ANNOUNCED,
    GREETING,
    INTRODUCED,
    KIND_WORDS,
    ON,
    ONE_EACH,
    PLACE,
    PROBLEM,
    REQUEST,
    SEPARATE,
    SHARED,
    UNIT,
    VAGUE,
    Words,
    words_of,
)

_REPLY = re.compile(r"\s*(?:re|aw|sv|vs|ha|отв|ответ|réf|rép|antw)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_NEAR = 600  # Characters behind the items, and before them, in which the author says what they are
_WORDS_BETWEEN = 3
_GREETING_WORDS = 5
_INTRODUCING_WORDS = 16  # Of a sentence that introduces items and says nothing on them
_INTRODUCING_SENTENCES = 3
_SUBJECT_LETTERS = 4
_TELLING_WORDS = 2
_MOST_TEXTS = 256


class Around(NamedTuple):
    """The words around a list.

    Attributes:
        kind: What sets its items apart.
        lead_in: Just before it.
        before: All of what belongs to all and stands before it.
        behind: What stands behind it.
        subject: Of the mail.
        is_quoted: Whether the author quotes it.
        is_named: Whether each item is called an issue, a question or the like.
        is_vague: Whether nothing but their being paragraphs, or sentences of one paragraph, sets them apart.
    """

    kind: ListKind
    lead_in: str
    before: str
    behind: str
    subject: str
    is_quoted: bool = False
    is_named: bool = False
    is_vague: bool = False

    @property
    def is_reply(self) -> bool:
        """Whether the subject is that of a reply."""
        return is_reply(self.subject)


class Weighed(NamedTuple):
    """What speaks for items being one matter, and what for their being several.

    Attributes:
        left_alone: Why they are probably one, one of LEFT_ALONE; "" where nothing speaks for it.
        apart: How it is known that they are several, one of APART; "" where it is not.
    """

    left_alone: str
    apart: str = ""


class Lead(Enum):
    """What the words before items say."""

    SAID = auto()
    """That they are separate matters."""
    ANNOUNCED = auto()
    """That several things follow, and nothing else."""
    LOOSE = auto()
    """That several things follow, and more."""
    TOPIC = auto()
    """What they are about."""
    NOTHING = auto()
    """Nothing: a greeting at most."""


def is_reply(subject: str) -> bool:
    """Return whether a subject is that of a reply: it is not of this mail, then."""
    return _REPLY.match(subject) is not None


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each on one line."""
    return [part for part in re.split(r"(?<=[.!?])\s+", " ".join(text.split())) if part]


@lru_cache(_MOST_TEXTS)
def said_in(text: str) -> tuple[Words, ...]:
    """Return the words of each sentence of a text; ways to cut a mail share what stands before their items."""
    return tuple(map(words_of, sentences(text)))


def lead_of(around: Around) -> Lead:
    """Return what the words before items, or the subject, say of them."""
    if _says_separate(around):
        return Lead.SAID
    said = said_in(around.lead_in)
    announcing = [words for words in said if ANNOUNCED.within(words)]
    if announcing and _has_a_topic(around.subject):
        return Lead.TOPIC
    if announcing:
        return max(map(_announced_by, announcing), key=lambda lead: lead.value)
    if any(others(words) for words in said if not GREETING.begins(words)):
        return Lead.TOPIC
    subject = () if around.is_reply else words_of(around.subject)
    said_by_subject = _announced_by(subject) if ANNOUNCED.within(subject) else Lead.NOTHING
    if around.kind is ListKind.HEADINGS and said_by_subject is not Lead.ANNOUNCED:
        return Lead.ANNOUNCED if around.is_named else Lead.NOTHING
    return Lead.LOOSE if said_by_subject is Lead.TOPIC else said_by_subject


def _announced_by(words: Words) -> Lead:
    """Return what words that announce things say besides."""
    if _names_a_topic(words):
        return Lead.TOPIC
    if not others(words):
        return Lead.ANNOUNCED
    return Lead.TOPIC if _tells_a_problem(words) else Lead.LOOSE


@lru_cache(_MOST_TEXTS)
def others(words: Words) -> Words:
    """Return the words that say more than that things follow."""
    found, at = [], 0
    while at < len(words):
        size = ANNOUNCED.at(words, at) or BARE.at(words, at)
        if not size and not words[at].isdecimal():
            found.append(words[at])
        at += size or 1
    return tuple(found)


def is_vague(around: Around) -> bool:
    """Return whether what is announced may be anything: things, points."""
    return not any(_is_telling_noun(words_of(one)) for one in (*sentences(around.lead_in), around.subject))


def _is_telling_noun(words: Words) -> bool:
    return any(ANNOUNCED.at(words, at) > VAGUE.at(words, at) for at in ANNOUNCED.places(words))


def _has_a_topic(subject: str) -> bool:
    words = words_of(subject)
    return not is_reply(subject) and ANNOUNCED.within(words) and _names_a_topic(words)


def _names_a_topic(words: Words) -> bool:
    """Return whether words behind the announced noun say what the things are about."""
    for at in ANNOUNCED.places(words):
        if size := ANNOUNCED.at(words, at):
            behind = words[at + size :]
            about = ABOUT.begins(behind)
            topic = behind[about : about + _WORDS_BETWEEN]
            if about and (others(topic) or PLACE.within(topic)):
                return True
    return False


def _tells_a_problem(words: Words) -> bool:
    """Return whether a problem is told before things are announced: `it fails, and we have two questions`."""
    return PROBLEM.within(words[: ANNOUNCED.found(words)])


def _says_separate(around: Around) -> bool:
    whole = (words_of(around.subject), words_of(around.before[-_NEAR:]))
    near = (*whole, *said_in(around.lead_in), *said_in(around.behind[:_NEAR]))
    return any(map(_is_separate, near)) and not is_in_context(around)


@lru_cache(_MOST_TEXTS)
def _is_separate(words: Words) -> bool:
    if SEPARATE.within(words) or ONE_EACH.within(words):
        return True
    announced = ANNOUNCED.within(words)
    if announced and _names_a_topic(words):
        return False
    if announced and EACH_ANNOUNCED.within(words):
        return True
    return _are_apart(words, with_units=announced or EACH.within(words))


def _are_apart(words: Words, *, with_units: bool) -> bool:
    """Return whether announced things, or those that they are of, are called separate."""
    for at in APART.places(words):
        if APART.at(words, at):
            near = words[max(0, at - 2) : at], words[at + 1 : at + 1 + _WORDS_BETWEEN]
            if any(ANNOUNCED.within(some) or (with_units and UNIT.within(some)) for some in near):
                return True
    return False


def is_introduced(around: Around) -> bool:
    """Return whether all that stands before items is that they are collected: `from my list`, `what came in`."""
    return _is_short(around) and any(map(INTRODUCED.within, said_in(around.before)))


def is_neutral(around: Around) -> bool:
    """Return whether what stands before items is short, and asks for nothing itself."""
    return _is_short(around) and not any(map(REQUEST.within, said_in(around.before)))


def _is_short(around: Around) -> bool:
    """Return whether what stands before items is some short sentences without a problem."""
    said = said_in(around.before)
    telling = [words for words in said if not (GREETING.begins(words) and len(words) <= _GREETING_WORDS)]
    subject = words_of(around.subject)
    if any(PROBLEM.within(words) for words in telling) or any(_is_on_something(words, subject) for words in said):
        return False
    return len(telling) <= _INTRODUCING_SENTENCES and all(len(words) <= _INTRODUCING_WORDS for words in telling)


def _is_on_something(words: Words, subject: Words) -> bool:
    """Return whether words say what all of the items are about: `feedback on the prototype`."""
    for at in ON.places(words):
        size = ON.at(words, at)
        behind = words[at + size : at + size + _WORDS_BETWEEN]
        if size and (others(behind) or any(len(word) >= _SUBJECT_LETTERS and word in subject for word in behind)):
            return True
    return False


def is_in_context(around: Around) -> bool:
    """Return whether something is told before the items are announced: they are on it, then."""
    return any(map(_tells, said_in(around.before)))


@lru_cache(_MOST_TEXTS)
def _tells(words: Words) -> bool:
    if ANNOUNCED.within(words) or GREETING.begins(words) or SHARED.begins(words) or KIND_WORDS.begins(words):
        return False
    if _is_separate(words):
        return False
    more = others(words)
    return len(more) >= _TELLING_WORDS or bool(more and (PROBLEM.within(words) or REQUEST.within(words)))
