"""Lists: named lists of phrases, used as `"@name"` where a text is searched for words."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from mailgateway.rules.faults import At, Faults
from mailgateway.rules.phrases import PhraseList, phrase_list
from mailgateway.rules.reading import read_phrase
from mailgateway.rules.tables import Name, RuleFile


class ListsFile(RuleFile):
    """A file of kind lists."""

    kind: Literal["lists"]
    """What the file holds."""
    phrases: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    """Each list by its name: words as they stand in mails; `word*`, `a ... b` (up to three words between)."""


def named_lists(file: ListsFile, at: At, faults: Faults) -> Mapping[str, PhraseList]:
    """Return the lists of a file by name; phrases that cannot be used are noted."""
    return {name: _list(name, phrases, at / "phrases", faults) for name, phrases in file.phrases.items()}


def _list(name: str, phrases: tuple[str, ...], at: At, faults: Faults) -> PhraseList:
    if not phrases:
        faults.warn("W022", f'the list "{name}" is empty', (at / name).key, "nothing is ever found")
    read = [_phrase(text, at / name / i, faults) for i, text in enumerate(phrases)]
    return phrase_list(one for found in read if found is not None for one in found.phrases)


def _phrase(text: str, at: At, faults: Faults) -> PhraseList | None:
    """Return a phrase of a list as a list of one; None where it cannot be used, which is noted."""
    if not text.startswith("@"):
        return read_phrase(text, at.value, faults)
    helps = (
        f'a list names no other list: name both where they are used, or write "{text.removeprefix("@")}" for the word',
    )
    faults.error("E202", "this phrase cannot be used", at.value, "the name of a list", helps)
    return None
