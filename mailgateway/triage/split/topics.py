"""Whether paragraphs that nobody announces are topics of their own: prose at length that shares no words."""

import re
from collections.abc import Sequence

from mailgateway.model.segments import Item
from mailgateway.triage.split.items import meant, refers_back
from mailgateway.triage.split.lead import Around, is_reply
from mailgateway.triage.split.vocabulary import ALSO, DONE, PROCESS, TRIED_WORDS, words_of

_MARKED = re.compile(
    r"^\s*(?:\d{1,2}[.):]|\(?[a-zA-Z][.)]\s|[^\w\s\"'(\u00ab\u201e\u201c]\s|\S.*\|)|:\s*$", re.MULTILINE
)
_LEAST_WORDS = 15
_LONG_WORDS = 24  # What asks in so many words does not only ask how the matter before is handled
_SEVERAL = 3  # Problems that are told at length without a word in common
_LONG = 20
_LIKE = 9  # Of a hundred words shared by two topics
_LOOKED_AT = 2_000  # Characters of an item


def are_topics(items: Sequence[Item], around: Around) -> bool:
    """Return whether paragraphs are matters of their own: a problem, and another kind of matter at least.

    Each has something to do for somebody, is long, and neither goes on with another one nor is what the subject says.
    """
    if is_reply(around.subject) or not all(map(_is_topic, items)):
        return False
    topic = meant(around.subject)
    if any(meant(one.text[:_LOOKED_AT]) & topic for one in items):
        return False
    others = [one for one in items if not one.is_problem]
    if others and len(others) < len(items):
        return not any(map(_is_handling, others))
    return (
        not others
        and len(items) >= _SEVERAL
        and any(one.is_request or one.is_question for one in items)
        and all(one.words >= _LONG and not one.overlap for one in items)
    )


def _is_topic(one: Item) -> bool:
    if one.words < _LEAST_WORDS or one.overlap > _LIKE or _MARKED.search(one.text[:_LOOKED_AT]):
        return False
    words = words_of(one.text[:_LOOKED_AT])
    if ALSO.begins(words) or TRIED_WORDS.begins(words) or DONE.within(words) or refers_back(one.text):
        return False
    return one.is_problem or one.is_request or one.is_question


def _is_handling(one: Item) -> bool:
    return one.words < _LONG_WORDS and PROCESS.within(words_of(one.text[:_LOOKED_AT]))
