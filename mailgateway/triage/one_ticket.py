"""Whether somebody asks that the tickets a mail was cut into be one again, in so many words or by `#unsplit`.

Doubt is no request: a cut that stays is undone by an agent in one line, while tickets that were joined against
somebody's word have to be cut again. So only short answers are looked at, only whole forms of words count, a word that
turns one around makes the whole answer none, and words that are only quoted, or asked about, are passed over.
"""

import re
from collections.abc import Iterator, Sequence

from mailgateway.triage.split.vocabulary import Phrases, Words, phrases_of, words_of

COMMAND = "#unsplit"
"""A line that asks for it in a text of any length."""
MAX_WORDS = 60
"""Words of a text in which a request is looked for; a longer one is about more."""
MAX_CHARS = 2_000

_CLAUSE_ENDS = re.compile(r"[.!?;:,()…]+(?=\s|$)|\s[-\u2013\u2014]+\s|\n\s*\n|[\u00bf\u00a1]")
# The acknowledgement says between quotation marks what to write; where a mail program did not mark the quote, or
# somebody asks about it, that is our sentence and not theirs.
_OUR_SENTENCE = re.compile(rf"[\"'\u00ab\u2018-\u201f]\s*{COMMAND}", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"([.!?\u2026]+(?=\s|$)|\n\s*\n)")
# A mark right behind a letter or figure opens nothing: it is an apostrophe, or inches.
_QUOTED = re.compile(
    r"(?<!\w)(?:\"[^\"]{1,200}\"|[\u201c-\u201f][^\u201c-\u201f]{1,200}[\u201c-\u201f]"
    r"|[\u00ab\u00bb][^\u00ab\u00bb]{1,200}[\u00ab\u00bb]|['\u2018\u201a].{1,200}?['\u2018\u2019](?!\w))",
    re.DOTALL,
)

_WHOLE, _VERB, _OBJECT, _ONE = (phrases_of(table, "join") for table in ("whole", "verb", "object", "one"))
_ALONE, _THEN, _COURTESY = (phrases_of(table, "join") for table in ("alone", "then", "courtesy"))
_NOUN, _AGAINST, _WRITING = (phrases_of(table, "join") for table in ("noun", "against", "writing"))


def asks_one_ticket(text: str) -> bool:
    """Return whether a text asks that its author's tickets be one.

    Args:
        text: The new words of a mail, without quote and signature.

    Returns:
        True for a line that is `#unsplit` and nothing else but a full stop; and for a text of at most MAX_WORDS (60)
        words that asks it in one of the languages of `phrases/join.toml`, nowhere says the contrary, and does not
        quote the command. What stands between quotation marks, and what a question asks whether to write, is no
        request.
    """
    if any(line.strip().rstrip(".!").lower() == COMMAND for line in text.split("\n")):
        return True
    if len(text) > MAX_CHARS or len(words_of(text)) > MAX_WORDS or _OUR_SENTENCE.search(text):
        return False
    # A sentence, and what ends it, which is nothing for the last one.
    parts = [*_SENTENCE_ENDS.split(_QUOTED.sub(" ", text)), ""]
    sentences = zip(parts[::2], parts[1::2], strict=True)
    asked = [answer for words, end in sentences for answer in _asked(words, is_question="?" in end)]
    return True in asked and False not in asked


def _asked(sentence: str, *, is_question: bool) -> Iterator[bool | None]:
    """Yield what each clause asks; in a question nothing from where it speaks of writing."""
    is_said = False
    for clause in _CLAUSE_ENDS.split(sentence):
        words = _without(_COURTESY, words_of(clause))
        at, length = _first_request(words)
        is_said = is_said or _WRITING.within(words[:at]) or _WRITING.at(words, at + length) > 0
        yield None if is_question and is_said else _asks(words, at, length)


def _without(table: Phrases, words: Words) -> Words:
    """Return words without the phrases of a table."""
    left: list[str] = []
    at = 0
    while at < len(words):
        length = table.at(words, at)
        if not length:
            left.append(words[at])
        at += length or 1
    return tuple(left)


def _asks(words: Words, at: int, length: int) -> bool | None:
    """Return whether a clause asks for one ticket, False where it says the contrary, None where it speaks of none."""
    return not (_AGAINST.within(words[:at]) or _AGAINST.within(words[at + length :])) if length else None


def _first_request(words: Words) -> tuple[int, int]:
    """Return where the first request of a clause begins and how many words it has; its end and 0 where none does."""
    requests = ((at, length) for at in range(len(words)) if (length := _request(words, at)))
    return next(requests, (len(words), 0))


def _request(words: Words, at: int) -> int:
    """Return how many words the request has that begins at a place, 0 where none does."""
    return _WHOLE.at(words, at) or _verb_first(words, at) or _verb_last(words, at)


def _verb_first(words: Words, at: int) -> int:
    verb = _VERB.at(words, at)
    if not verb:
        return 0
    objects = _objects(words, at + verb)
    return next((end - at for begin in objects if (end := _one(words, begin))), 0)


def _verb_last(words: Words, at: int) -> int:
    end = _one(words, at)
    for begin in _objects(words, end) if end else ():
        verb = _VERB.at(words, begin)
        if verb:
            return begin + verb - at
    return 0


def _objects(words: Words, at: int) -> Sequence[int]:
    """Return the places up to which words may be what the request is about, the nearest first."""
    places = [at]
    while length := _OBJECT.at(words, at):
        at += length
        places.append(at)
    return places


def _one(words: Words, at: int) -> int:
    """Return where `as one ticket`, or `as one` alone, ends that begins at a place; 0 where neither does."""
    begin = at + _ONE.at(words, at)
    noun = _NOUN.at(words, begin) if at < begin < len(words) else 0
    if noun:
        return begin + noun
    end = at + _ALONE.at(words, at)
    ends_here = end == len(words) or _THEN.at(words, end)
    return end if end > at and ends_here else 0
