"""Split: whether a mail that holds several issues becomes several tickets. Where the items are is found before."""

from dataclasses import dataclass
from typing import Literal

from mailgateway.rules.evaluation import Evaluation
from mailgateway.rules.faults import At
from mailgateway.rules.kind import Kind, Outcomes
from mailgateway.rules.tables import RuleFile, RuleTable, Tag
from mailgateway.rules.terms import Stage

CUT, SUGGEST, NEVER = "one ticket per item", "suggest only", "never"
TAG_SUGGESTED = "maybe-several-issues"
MAX_PARTS = 12
"""A mail with more items is not cut: it is suggested."""


class SplitRule(RuleTable):
    """One rule of split."""

    split: Literal["one ticket per item", "suggest only", "never"]
    """What becomes of the mail; `suggest only` tells the agent, who may cut it."""
    tag: Tag | None = None
    """A word put on the tickets."""


class SplitFile(RuleFile):
    """A file of kind split."""

    kind: Literal["split"]
    """What the file holds."""
    rule: tuple[SplitRule, ...] = ()
    """The rules; the first that matches decides."""


@dataclass(frozen=True, slots=True)
class Split:
    """What a rule of split asks for."""

    how: str
    tag: str = ""


def _outcome(table: RuleTable, _: At, __: Outcomes) -> Split:
    if not isinstance(table, SplitRule):
        raise TypeError("a rule of split")
    return Split(table.split, table.tag or "")


SPLIT: Kind[Split] = Kind(
    name="split",
    meaning="Whether a mail that holds several issues becomes several tickets.",
    file=SplitFile,
    table="rule",
    stage=Stage.ROUTED,
    outcome=_outcome,
    answers=("split", "tickets", "tags"),
    policy="The first matching rule decides; where none matches one mail is one ticket.",
    is_ordered=True,
    for_replies=True,
    stops=lambda _: True,
)


def how_to_split(evaluation: Evaluation) -> str:
    """Answer whether the mail is cut: CUT, SUGGEST or NEVER; a mail with too many items is only suggested."""
    matched = list(evaluation.matching(SPLIT, on_reply=evaluation.on_reply))
    if not matched:
        return NEVER
    deciding = matched[0]
    items = evaluation.seen.facts.get("list.items")
    how = deciding.outcome.how
    if how == CUT and isinstance(items, int) and items > MAX_PARTS:
        how = SUGGEST
    unused = tuple(rule.id for rule in matched[1:] if rule.outcome.how != deciding.outcome.how)
    evaluation.answer("split", how, deciding.id, unused)
    evaluation.tag(deciding.outcome.tag, TAG_SUGGESTED if how == SUGGEST else "")
    return how
