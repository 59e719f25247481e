"""The parts of a split mail: each is routed, prioritised and counted on its own, by its own words."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mailgateway.model.decision import Fact
from mailgateway.rules.evaluation import Evaluation
from mailgateway.rules.kinds.quota import TAKEN_BY_PART
from mailgateway.rules.seen import Seen

_OF_LIST = "list."


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a mail.

    Attributes:
        number: From 1.
        text: Its words.
        files: The names of the attachments that it has: those it names, and those that no piece names.
    """

    number: int
    text: str
    files: tuple[str, ...]


def parts_of(facts: dict[str, Fact]) -> tuple[Part, ...]:
    """Return the pieces of a mail that can be cut, as its facts have them; () where it cannot."""
    texts, files = _texts(facts, "list.item_texts"), _texts(facts, "list.item_files")
    named = [tuple(filter(None, one.split("\n"))) for one in files] or [()] * len(texts)
    taken = {name for names in named for name in names}
    unnamed = tuple(name for name in _texts(facts, "attachments.names") if name not in taken)
    pairs = zip(texts, named, strict=True)
    return tuple(Part(i, text, (*names, *unnamed)) for i, (text, names) in enumerate(pairs, start=1))


def _texts(facts: dict[str, Fact], name: str) -> tuple[str, ...]:
    value = facts.get(name)
    return value if isinstance(value, tuple) else ()


def evaluations(whole: Evaluation, parts: tuple[Part, ...]) -> Iterator[tuple[Part, Evaluation]]:
    """Yield an evaluation for each part, which sees its own text and files, and no list.

    Whoever is given one takes it to its end before asking for the next: what one part takes of a quota, the next
    ones see. Of one mail's parts only the first that qualifies counts.
    """
    taken: dict[str, Fact] = {}
    for part in parts:
        facts = {name: value for name, value in whole.seen.facts.items() if _stays(name)}
        facts |= {"text": part.text, "attachments.names": part.files, "attachments.count": len(part.files), **taken}
        evaluation = Evaluation(whole.rules, Seen(facts, whole.seen.calendars), on_reply=False)
        yield part, evaluation
        for answer in evaluation.answers:
            if answer.name == "counted":
                taken[f"usage.{answer.value}.{TAKEN_BY_PART}"] = True
        whole.steps += [step._replace(part=part.number) for step in evaluation.steps]
        whole.answers += [replace(answer, part=part.number) for answer in evaluation.answers]
        whole.told += [told for told in evaluation.told if told not in whole.told]


def _stays(name: str) -> bool:
    """Return whether a fact of the whole mail is one of its parts too."""
    return not name.startswith((_OF_LIST, "ticket."))
