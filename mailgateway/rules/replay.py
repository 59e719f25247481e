"""What changes between two sets of rules: decisions compared answer by answer, and grouped by change and cause.

Nothing here knows what the kinds of rules answer: whatever is answered is compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeGuard

from mailgateway.model.decision import Answer, Decision, Fact, Facts
from mailgateway.model.effects import OpenTicket, PostMessage
from mailgateway.rules.conditions import InCalendar
from mailgateway.rules.kinds.all import RULE_KINDS
from mailgateway.rules.values import Rule, RuleSet

EXAMPLES = 2
"""Mails that are named of each group."""
MOST_GROUPS = 500
"""Groups that are told apart; further ones are one group."""
USED_UP = "used_up"
THE_SITE = "edited: the site's words and defaults"
THE_ORDER = "the order of the rules"
OTHER = "(other changes)"
_ANSWERS = frozenset(answer for kind in RULE_KINDS for answer in kind.answers)
_IGNORE = "ignore"
_TICKETS = "tickets"
_OF_MAIL = frozenset({"split", "told", "silent", _IGNORE})
"""Answers about a mail that is cut as a whole; all others are about each of its parts."""


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that is another one under the other rules; None, or () for what can be several, for no answer.

    Attributes:
        answer: What was asked.
        before: The answer of the rules before.
        after: That of the other ones.
        part: Which part of a mail that is cut it is about, from 1; 0 for the mail as a whole.
    """

    answer: str
    before: Fact
    after: Fact
    part: int = 0


@dataclass(frozen=True, slots=True)
class ReplayedMail:
    """A mail as replay names it.

    Attributes:
        mail: Its number in the ledger.
        arrived: Aware, UTC.
        customer: The customer's id, else the domain of the author's address; "" for neither.
        subject: As it was decoded.
    """

    mail: int
    arrived: datetime
    customer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Group:
    """Mails whose decisions change in the same way for the same causes.

    Attributes:
        changes: What changes; () for what is not told apart any more.
        causes: Why, each a clause.
        count: How many mails.
        examples: The first `EXAMPLES` of them.
    """

    changes: tuple[Change, ...]
    causes: tuple[str, ...]
    count: int
    examples: tuple[ReplayedMail, ...]


@dataclass(frozen=True, slots=True)
class IgnoredMail:
    """A mail that the new rules ignore.

    Attributes:
        mail: The mail.
        rule: The rule that ignores it.
        because: Why, in its words.
        is_new: Whether the rules before did not ignore it.
    """

    mail: ReplayedMail
    rule: str
    because: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Sides:
    """Two sets of rules that are compared.

    Attributes:
        before: What counts now.
        after: What is to be looked at.
        edited: Rules of both that do not say the same in both.
    """

    before: RuleSet
    after: RuleSet
    edited: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tallied:
    """What came of all mails of a window.

    Attributes:
        mails: How many were compared.
        changed: How many decisions change.
        not_comparable: Mails whose facts were removed.
        ignored: How many the new rules ignore.
        groups: The changes, the largest group first.
        unmatched: Rules of the new files that matched nothing, in their order.
    """

    mails: int
    changed: int
    not_comparable: int
    ignored: int
    groups: tuple[Group, ...]
    unmatched: tuple[str, ...]


# --- rules -----------------------------------------------------------------------------------------------------------


def sides(before: RuleSet, after: RuleSet) -> Sides:
    """Return two sets of rules with what was edited between them."""
    old, new = _meanings(before), _meanings(after)
    return Sides(before, after, frozenset(rule for rule in old.keys() & new.keys() if old[rule] != new[rule]))


def _meanings(rules: RuleSet) -> dict[str, object]:
    """Return what each rule says, wherever it stands; the lists and calendars it names are part of it."""
    return {rule.id: _meaning(rule, rules) for of_kind in rules.rules.values() for rule in of_kind}


def _meaning(rule: Rule[object], rules: RuleSet) -> tuple[object, ...]:
    conditions = tuple((one.clause, one.fact, one.words, one.test) for one in rule.conditions)
    named = (one.test.calendars for one in rule.conditions if isinstance(one.test, InCalendar))
    calendars = tuple(rules.calendars.get(name) for names in named for name in names)
    return (rule.kind, rule.outcome, conditions, calendars, rule.why, rule.on_reply, rule.starts, rule.ends)


# --- one mail --------------------------------------------------------------------------------------------------------


def changes(before: Decision, after: Decision) -> tuple[Change, ...]:
    """Return the answers of one decision that are others in another one; the order of several values is none.

    Where one of them cuts the mail, what becomes of each part is compared with what becomes of the same part by the
    other one, which is what becomes of the whole mail where that one does not cut it.
    """
    parts = sorted({*_parts(before), *_parts(after)})
    if not parts:
        return _differing(answers_of(before), answers_of(after))
    of_mail = _differing(_of_mail(before), _of_mail(after))
    of_parts = (_differing(_of_part(before, part), _of_part(after, part), part) for part in parts)
    return (*of_mail, *(change for changed in of_parts for change in changed))


def _differing(old: Mapping[str, Fact], new: Mapping[str, Fact], part: int = 0) -> tuple[Change, ...]:
    names = dict.fromkeys((*new, *old))
    return tuple(
        Change(name, _or_none(old.get(name), new.get(name)), _or_none(new.get(name), old.get(name)), part)
        for name in names
        if _compared(old.get(name)) != _compared(new.get(name))
    )


def answers_of(decision: Decision, part: int = 0) -> dict[str, Fact]:
    """Return what was answered by name; an answer that was given several times as a tuple of all.

    Args:
        decision: Whose answers.
        part: Which part of a mail that is cut they are about, from 1; 0 for the mail as a whole.
    """
    given: dict[str, list[Answer]] = {}
    for answer in decision.answers:
        if answer.name in _ANSWERS and answer.part == part:
            given.setdefault(answer.name, []).append(answer)
    return {
        name: some[0].value if len(some) == 1 else tuple(str(one.value) for one in some) for name, some in given.items()
    }


def _parts(decision: Decision) -> tuple[int, ...]:
    """Return the parts that a mail is cut into, () where it stays whole."""
    return tuple(effect.part for effect in decision.effects if _is_place(effect) and effect.part)


def _is_place(effect: object) -> TypeGuard[OpenTicket | PostMessage]:
    return isinstance(effect, (OpenTicket, PostMessage))


def _of_mail(decision: Decision) -> dict[str, Fact]:
    """Return what is answered about a mail as a whole, and on how many tickets it is."""
    said = {name: value for name, value in answers_of(decision).items() if name in _OF_MAIL}
    return {_TICKETS: sum(map(_is_place, decision.effects)), **said}


def _of_part(decision: Decision, part: int) -> dict[str, Fact]:
    """Return what becomes of a part: what becomes of the whole where the mail is not cut.

    A reply that is not cut goes on to its ticket: nothing is made of what another decision cuts off it.
    """
    if _parts(decision):
        return answers_of(decision, part)
    if part > 1 and any(isinstance(effect, PostMessage) for effect in decision.effects):
        return {}
    return {name: value for name, value in answers_of(decision).items() if name not in _OF_MAIL}


def _compared(value: Fact) -> Fact:
    return tuple(sorted(value)) or None if isinstance(value, tuple) else value


def _or_none(value: Fact, other: Fact) -> Fact:
    return () if value is None and isinstance(other, tuple) else value


def causes(both: Sides, before: Decision, after: Decision) -> tuple[str, ...]:
    """Return why two decisions differ, each a clause: what was edited, what matches now, and what does not any more."""
    old, new = matched(before), matched(after)
    edited = sorted(both.edited & old & new)
    clauses = (
        *((f"edited: {', '.join(edited)}",) if edited else ()),
        *(f"{rule} matches" for rule in sorted(new - old)),
        *(f"{rule} no longer matches" for rule in sorted(old - new)),
        *(f"{rule} is used up" for rule in sorted((_used_up(after) - _used_up(before)) & old)),
        *(f"{rule} has a free place" for rule in sorted((_used_up(before) - _used_up(after)) & new)),
    )
    return clauses or ((THE_SITE,) if both.before.site != both.after.site else (THE_ORDER,))


def matched(decision: Decision) -> frozenset[str]:
    """Return the rules that matched."""
    return frozenset(step.rule for step in decision.trace if step.matched)


def _used_up(decision: Decision) -> frozenset[str]:
    used_up = (answer.value for answer in decision.answers if answer.name == USED_UP)
    return frozenset(name for value in used_up if isinstance(value, tuple) for name in value)


def replayed_mail(mail: int, arrived: datetime, facts: Facts) -> ReplayedMail:
    """Return a mail as replay names it."""
    customer = facts.get("customer.id") or facts.get("sender.domain") or ""
    return ReplayedMail(mail, arrived, str(customer), str(facts.get("subject") or ""))


# --- all mails -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    count: int = 0
    examples: list[ReplayedMail] = field(default_factory=list)


class Tally:
    """Counts what changes, mail by mail, in memory that does not grow with their number.

    Args:
        both: The rules that decide.
    """

    def __init__(self, both: Sides) -> None:
        self.both = both
        self._mails = 0
        self._ignored = 0
        self._not_comparable = 0
        self._changed = 0
        self._groups: dict[tuple[tuple[Change, ...], tuple[str, ...]], _Group] = {}
        self._matched: set[str] = set()

    def note(self, mail: ReplayedMail, before: Decision, after: Decision) -> IgnoredMail | None:
        """Compare the two decisions on a mail; return it where the new one ignores it, None where it does not."""
        self._mails += 1
        self._matched |= matched(after)
        changed = changes(before, after)
        if changed:
            self._note_change(mail, (changed, causes(self.both, before, after)))
        answer = next((answer for answer in after.answers if answer.name == _IGNORE), None)
        if answer is None:
            return None
        self._ignored += 1
        return IgnoredMail(mail, answer.rule, str(answer.value), before.answer(_IGNORE) is None)

    def _note_change(self, mail: ReplayedMail, key: tuple[tuple[Change, ...], tuple[str, ...]]) -> None:
        self._changed += 1
        if key not in self._groups and len(self._groups) >= MOST_GROUPS:
            key = ((), (OTHER,))
        group = self._groups.setdefault(key, _Group())
        group.count += 1
        if len(group.examples) < EXAMPLES:
            group.examples.append(mail)

    def note_not_comparable(self) -> None:
        """Count a mail whose facts were removed."""
        self._not_comparable += 1

    def tallied(self) -> Tallied:
        """Return what came of all mails so far."""
        groups = (Group(*key, one.count, tuple(one.examples)) for key, one in self._groups.items())
        rules = (rule.id for rules in self.both.after.rules.values() for rule in rules if not rule.is_shipped)
        return Tallied(
            mails=self._mails,
            changed=self._changed,
            not_comparable=self._not_comparable,
            ignored=self._ignored,
            groups=tuple(sorted(groups, key=lambda group: -group.count)),
            unmatched=tuple(rule for rule in rules if rule not in self._matched),
        )
