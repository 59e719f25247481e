"""Why the items of a list are probably one matter, or that they stand each for itself."""

import re
from collections.abc import Callable, Sequence

from mailgateway.model.segments import Item, ListKind
from mailgateway.triage.split.items import meant, refers_back
from mailgateway.triage.split.lead import (
    Around,
    Lead,
    Weighed,
    is_in_context,
    is_introduced,
    is_neutral,
    is_reply,
    is_vague,
    lead_of,
    others,
    sentences,
)
from mailgateway.triage.split.subjects import are_named
from mailgateway.triage.split.topics import are_topics
from mailgateway.triage.split.vocabulary import (
    ANNOUNCED,
    ANSWER_WORDS,
    DONE,
    PROBLEM,
    PROCESS,
    REPORT,
    STEP_WORDS,
    TOGETHER,
    TRIED_WORDS,
    phrases_of,
    words_of,
)

_BEFORE = tuple(
    (name, phrases_of(name)) for name in ("steps", "tried", "answers", "agenda", "versions", "symptoms", "names")
)
_PARTS = phrases_of("parts")
_VERSION = re.compile(
    r"\bv?\d{1,4}\.\d{1,5}(?:\.\d{1,5})*\b|\b(?:64|32)[- ]?bit\b|\b(?:Windows|Ubuntu|Debian|iOS|macOS) \d"
)
_TIME = re.compile(r"\W*(?:\d{1,2}[:.h]\d\d\b|\(\d{1,3} ?min)|\(\d{1,3}\s?[Mm]in")
_VALUE = re.compile(r"[^\n:=]{2,40}[:=]\s*\S")
_TOLD_OR_HEADED = (ListKind.CONNECTIVES, ListKind.PARAGRAPHS, ListKind.HEADINGS)
_MOST = 0.6
_NAME_WORDS = 3
_SHORT_WORDS = 7
_VERSION_WORDS = 8
_PLAIN = (False, False, False)
_LONG_WORDS = 7
_LOOKED_AT = 400  # Characters of an item
_OWN_WORDS = 9  # What asks in fewer words may ask how the matter before is handled
_AT_LENGTH = 14  # Words of an item that tells more than what was done
_LEAST_WORDS = 4  # Of an item that stands for itself
_NAMED_LIKE = 10  # Of a hundred words shared by two items that the subject names
_LIKE = 25  # Of a hundred words shared by two items that stand each for itself


def weighed(items: Sequence[Item], around: Around) -> Weighed:
    """Return what speaks for items being one matter or several."""
    if around.is_quoted:
        return Weighed("quoted")
    lead = lead_of(around)
    if lead is Lead.SAID and not (around.is_vague and around.kind is ListKind.PARAGRAPHS):
        return Weighed(_by_shape(items, around), "said")
    because = _by_lead_in(around, lead) or _by_shape(items, around) or _by_others(items, around, lead)
    if because and (because not in ("parts", "symptoms") or lead is not Lead.LOOSE):
        return Weighed(because)
    apart = "announced" if _are_named(items, around) else _apart(items, around, lead)
    return Weighed("" if apart or lead is not Lead.LOOSE else "parts", apart)


def _apart(items: Sequence[Item], around: Around, lead: Lead) -> str:
    if around.is_vague and (lead is not Lead.ANNOUNCED or around.kind is ListKind.PARAGRAPHS):
        is_bare = around.kind is ListKind.PARAGRAPHS and lead is Lead.NOTHING
        return "different" if is_bare and are_topics(items, around) else ""
    if lead in (Lead.ANNOUNCED, Lead.LOOSE) and is_in_context(around):
        return ""
    plain = sum(map(_is_plain, items))
    if lead is Lead.ANNOUNCED:
        are_long = all(one.words >= _LONG_WORDS for one in items) and not is_vague(around)
        return "announced" if 2 * plain <= len(items) + are_long else ""
    if lead is Lead.LOOSE and is_introduced(around) and _are_different(items, around):
        return "loosely"
    if lead is Lead.LOOSE:
        is_named = around.is_named and plain <= len(items) // 3
        return "loosely" if is_named or _stand_alone(items, around, len(items) // 3) else ""
    return "different" if _may_be_different(items, around, lead) and _are_different(items, around) else ""


def _may_be_different(items: Sequence[Item], around: Around, lead: Lead) -> bool:
    """Return whether the words before items leave open that they are different matters."""
    if lead is not Lead.TOPIC or is_introduced(around):
        return lead in (Lead.NOTHING, Lead.TOPIC)
    if around.kind is ListKind.HEADINGS or not is_neutral(around):
        return False
    return all(one.words >= _OWN_WORDS and one.overlap <= _NAMED_LIKE and _is_no_step(one) for one in items)


def _is_no_step(one: Item) -> bool:
    return not (_is_plain(one) or STEP_WORDS.begins(words_of(one.text[:_LOOKED_AT])))


def _are_named(items: Sequence[Item], around: Around) -> bool:
    """Return whether the subject names each item, and each has something to do for somebody and shares no topic."""
    return are_named(items, around.subject) and all(
        not _is_plain(one) and one.words >= _LONG_WORDS and one.overlap <= _NAMED_LIKE and not refers_back(one.text)
        for one in items
    )


def _are_different(items: Sequence[Item], around: Around) -> bool:
    """Return whether items that nobody announces are matters of their own: problems, and what is no problem."""
    if around.kind is ListKind.CONNECTIVES or is_reply(around.subject):
        return False
    if around.kind is ListKind.ORDINALS and any("\n\n" in one.text for one in items):
        return False  # What stands behind the last one is what the others are the reasons for
    others_than_problems = [one for one in items if not one.is_problem] or list(items)
    asking = [one for one in others_than_problems if one.words < _OWN_WORDS and not _is_plain(one)]
    if any(PROCESS.within(words_of(one.text)) for one in asking):
        return False
    return bool(others_than_problems) and _stand_alone(items, around, len(items) // 4)


def _stand_alone(items: Sequence[Item], around: Around, most_plain: int) -> bool:
    """Return whether items are sentences of different kinds that neither share a topic nor go on with one another."""
    kinds = [(one.is_question, one.is_problem, one.is_request) for one in items]
    topic = meant(f"{around.subject} {around.lead_in}")
    return (
        kinds.count(_PLAIN) <= most_plain
        and (_are_mixed(items) or _are_told_at_length(items, around))
        and all(one.words >= _LEAST_WORDS and one.overlap <= _LIKE for one in items)
        and not any(_tells_what_was_done(one) for one in items)
        and not any(refers_back(one.text) for one in items)
        and sum(bool(meant(one.text[:_LOOKED_AT]) & topic) for one in items) < 2  # noqa: PLR2004 -- one is what it says
    )


def _are_mixed(items: Sequence[Item]) -> bool:
    """Return whether some items are problems and some are not, but ask for something."""
    return 0 < sum(one.is_problem for one in items) < sum(not _is_plain(one) for one in items)


def _are_told_at_length(items: Sequence[Item], around: Around) -> bool:
    """Return whether items that are introduced as a collection are all problems, each told in many words of its own."""
    return is_introduced(around) and all(
        one.is_problem and one.words >= _AT_LENGTH and not one.overlap for one in items
    )


def _tells_what_was_done(one: Item) -> bool:
    words = words_of(one.text[:_LOOKED_AT])
    return TRIED_WORDS.begins(words) > 0 or (one.words < _AT_LENGTH and DONE.within(words))


def _is_plain(one: Item) -> bool:
    return not (one.is_question or one.is_problem or one.is_request)


def _by_lead_in(around: Around, lead: Lead) -> str:
    """Return what the last sentence before the items says that they are."""
    words = words_of(around.lead_in and sentences(around.lead_in)[-1])
    announced = ANNOUNCED.within(words)
    if around.kind in _TOLD_OR_HEADED and not announced:
        return ""
    for name, phrases in _BEFORE:
        if phrases.within(words) and (not announced or name not in ("names", "versions", "symptoms")):
            return name
    return "parts" if lead is Lead.TOPIC and (announced or not others(words)) else ""


def _share(items: Sequence[Item], holds: Callable[[Item], bool]) -> float:
    return sum(map(holds, items)) / len(items)


def _by_shape(items: Sequence[Item], around: Around) -> str:
    """Return what the items look like."""
    firsts = {id(one): words_of(one.text[:80])[:5] for one in items}

    shapes: tuple[tuple[str, Callable[[Item], bool]], ...] = (
        ("answers", lambda one: ANSWER_WORDS.begins(firsts[id(one)]) > 0 and not one.is_question),
        ("agenda", lambda one: _TIME.match(one.text) is not None),
        ("versions", lambda one: one.words <= _VERSION_WORDS and _VERSION.search(one.text) is not None),
        ("names", lambda one: one.words <= _NAME_WORDS and not one.is_question and not one.is_problem),
        ("answers", lambda one: one.words <= _SHORT_WORDS and not one.is_question and _is_value(one, around)),
        ("tried", lambda one: TRIED_WORDS.begins(firsts[id(one)]) > 0 and not one.is_question),
        ("steps", lambda one: STEP_WORDS.begins(firsts[id(one)]) > 0 and not one.is_question),
    )
    return next((name for name, holds in shapes if _share(items, holds) >= _MOST), "")


def _is_value(one: Item, around: Around) -> bool:
    return around.kind is not ListKind.HEADINGS and _VALUE.match(one.text) is not None


def _by_others(items: Sequence[Item], around: Around, lead: Lead) -> str:
    """Return what else speaks for one matter: sections of a report, words that hold the items together."""
    if around.kind is ListKind.HEADINGS and any(_is_section(one) for one in items):
        return "parts"
    last = items[-1].text[-_LOOKED_AT:].rpartition("\n\n")[2] if "\n\n" in items[-1].text else ""
    if TOGETHER.within(words_of(f"{around.lead_in}\n{last}\n{around.behind}")):
        return "symptoms"
    if _PARTS.within(words_of(f"{around.subject}\n{around.before}")):
        return "parts"
    announced = lead in (Lead.ANNOUNCED, Lead.LOOSE)
    if not announced and PROBLEM.within(words_of(around.before)):
        return "symptoms"
    if announced and any(refers_back(one.text) for one in items):
        return "parts"
    return ""


def _is_section(one: Item) -> bool:
    words = words_of(one.title)
    size = REPORT.begins(words)
    return bool(size) and size == len(words)
