"""Whether the subject of a mail names its items one by one: `VPN + printer`, `Backup / licences / new user`."""

import re
from collections.abc import Sequence

from mailgateway.model.segments import Item
from mailgateway.triage.split.lead import is_reply
from mailgateway.triage.split.vocabulary import COMMON, words_of

_JOINED = re.compile(
    r"\s*[/+,;|&\u00b7\u2022]\s*|\s+(?:-|\u2013|\u2014|and|och|samt|und|sowie|et|\u0438)\s+", re.IGNORECASE
)
_MOST_JOINED = 12
_LETTERS = 3
_STEM = 4
_LOOKED_AT = 1_500  # Characters of an item


def are_named(items: Sequence[Item], subject: str) -> bool:
    """Return whether each item is named by a topic of the subject that names no other item."""
    if is_reply(subject):
        return False
    topics = [_stems(one) for one in _JOINED.split(subject, maxsplit=_MOST_JOINED)]
    if len(topics) < 2:  # noqa: PLR2004 -- one topic is that of the whole mail
        return False
    texts = [_stems(one.text[:_LOOKED_AT]) for one in items]
    named = [{at for at, text in enumerate(texts) if topic & text} for topic in topics]
    unnamed = set(range(len(items)))
    for found in sorted(named, key=len):
        if len(found & unnamed) == 1:
            unnamed -= found
    return not unnamed


def _stems(text: str) -> frozenset[str]:
    words = (word for word in words_of(text) if len(word) >= _LETTERS and word not in COMMON)
    return frozenset(word[:_STEM] for word in words if not word.isdecimal())
