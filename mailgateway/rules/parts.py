"""The parts of a mail that is cut: what each of them is, what rules see of it, and what it may take of quotas."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mailgateway.model.decision import Fact, Facts
from mailgateway.model.quota import QuotaKey
from mailgateway.rules.evaluation import Evaluation
from mailgateway.rules.kinds.quota import TAKEN_BY_PART, quota_keys
from mailgateway.rules.kinds.split import MAX_PARTS, SPLIT
from mailgateway.rules.seen import Seen
from mailgateway.rules.values import RuleSet

_OF_LIST = "list."
_OF_TICKET = "ticket."


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a mail.

    Attributes:
        number: From 1.
        text: Its words.
        files: The names of the attachments that it has: those it names, and those that no piece names.
        stated: The priority that it states and what states it, such as `2 line`; "" where nothing does, None where the
            mail's own counts.
    """

    number: int
    text: str
    files: tuple[str, ...]
    stated: str | None = None


def parts_of(facts: Mapping[str, Fact]) -> tuple[Part, ...]:
    """Return the pieces of a mail that can be cut, as its facts have them; () where it cannot."""
    texts, files = texts_of(facts, "list.item_texts"), texts_of(facts, "list.item_files")
    named = [tuple(filter(None, one.split("\n"))) for one in files] or [()] * len(texts)
    has = with_unnamed(named, texts_of(facts, "attachments.names"))
    stated = texts_of(facts, "list.item_stated") or [None] * len(texts)
    prose = texts_of(facts, "list.item_prose") or texts
    each = zip(prose, has, stated, strict=True)
    return tuple(Part(i, text, names, says) for i, (text, names, says) in enumerate(each, start=1))


def with_unnamed(named: Sequence[tuple[str, ...]], files: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the attachments of each part: those that it names, then those of the mail that no part names."""
    taken = {name for names in named for name in names}
    unnamed = tuple(name for name in files if name not in taken)
    return tuple((*names, *unnamed) for names in named)


def texts_of(facts: Mapping[str, Fact] | Facts, name: str) -> tuple[str, ...]:
    """Return the texts of a fact, () where it is unknown or is no list of texts."""
    value = facts.get(name)
    return value if isinstance(value, tuple) else ()


def evaluations(whole: Evaluation, parts: tuple[Part, ...]) -> Iterator[tuple[Part, Evaluation]]:
    """Yield an evaluation for each part, which sees its own text and files, and no list.

    Of a reply the first part is what stays on the ticket: its evaluation sees that ticket, and what all parts share.
    Whoever is given one takes it to its end before asking for the next: what one part takes of a quota, the next
    ones see. Of one mail's parts only the first that qualifies counts.
    """
    taken: dict[str, Fact] = {}
    for part in parts:
        stays = whole.on_reply and part is parts[0]
        facts = _of_rest(whole.seen.facts, part) if stays else facts_of_part(whole.seen.facts, part)
        evaluation = Evaluation(whole.rules, Seen({**facts, **taken}, whole.seen.calendars), on_reply=stays)
        yield part, evaluation
        for answer in evaluation.answers:
            if answer.name == "counted":
                taken[f"usage.{answer.value}.{TAKEN_BY_PART}"] = True
        evaluation.answer("tags", tuple(evaluation.tags), "")
        whole.steps += [step._replace(part=part.number) for step in evaluation.steps]
        whole.answers += [replace(answer, part=part.number) for answer in evaluation.answers]
        whole.told += [replace(told, part=part.number) for told in evaluation.told]


def facts_of_part(facts: Mapping[str, Fact], part: Part) -> dict[str, Fact]:
    """Return what rules see of a part that becomes a new ticket: its own words and files, no list, no ticket."""
    stay = {name: value for name, value in facts.items() if not name.startswith((_OF_LIST, _OF_TICKET))}
    return stay | {"text": part.text} | _files(part) | _stated(part)


def _of_rest(facts: Mapping[str, Fact], part: Part) -> dict[str, Fact]:
    """Return what rules see of the part of a reply that stays on its ticket, and of what all parts share."""
    stay = {name: value for name, value in facts.items() if not name.startswith(_OF_LIST)}
    shared = str(facts.get("list.shared_text") or "")
    return stay | {"text": f"{shared}\n\n{part.text}".strip()} | _files(part) | _stated(part)


def _stated(part: Part) -> dict[str, Fact]:
    if part.stated is None:
        return {}
    number, _, by = part.stated.partition(" ")
    return {"stated.priority": int(number) if number.isdecimal() else None, "stated.by": by or None}


def _files(part: Part) -> dict[str, Fact]:
    return {"attachments.names": part.files, "attachments.count": len(part.files)}


def quota_keys_of_parts(rules: RuleSet, facts: Mapping[str, Fact], parts: tuple[Part, ...]) -> tuple[QuotaKey, ...]:
    """Return the counts that may matter for parts of a mail, each once; `decide_parts` is given what they hold.

    Args:
        rules: The rules.
        facts: What is to be seen of the whole mail.
        parts: Of the mail.
    """
    found = (key for part in parts for key in quota_keys(rules, facts_of_part(facts, part)))
    return tuple(dict.fromkeys(found))


def quota_keys_of_mail(rules: RuleSet, facts: Mapping[str, Fact]) -> tuple[QuotaKey, ...]:
    """Return the counts that may matter for a mail, as one ticket or as several: those of its parts, and of what stays.

    Args:
        rules: The rules.
        facts: What is to be seen of the mail.
    """
    parts = parts_of(facts) if rules.rules.get(SPLIT.name) else ()
    if not 0 < len(parts) <= MAX_PARTS:
        return quota_keys(rules, facts)
    of_rest = quota_keys(rules, _of_rest(facts, parts[0])) if facts.get("ticket.found") is True else ()
    keys = (*quota_keys(rules, facts), *of_rest, *quota_keys_of_parts(rules, facts, parts))
    return tuple(dict.fromkeys(keys))
