"""What can be used and is probably not meant: rules without example, guards without a limit, days that are over."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from mailgateway.rules.conditions import AmongNumbers, Between, Test
from mailgateway.rules.faults import At, Faults
from mailgateway.rules.kinds.all import RULE_KINDS
from mailgateway.rules.kinds.calendars import CalendarsFile, past_holidays
from mailgateway.rules.kinds.guards import GUARDS
from mailgateway.rules.kinds.split import CUT, MAX_PARTS, SPLIT, SUGGEST
from mailgateway.rules.tables import RuleFile
from mailgateway.rules.values import Example, Rule

FEWEST_ITEMS = 2
"""A list with fewer is none."""
LIMIT_FACT = "answers.recent"
"""The fact whose limit ends every loop with one address."""
ReadFiles = Iterable[tuple[At, RuleFile]]


def note_spread(files: ReadFiles, faults: Faults) -> None:
    """Note kinds whose order matters and that stand in several files: their order is the files' names."""
    read = list(files)
    for kind in RULE_KINDS:
        of_kind = [at for at, file in read if file.kind == kind.name]
        if kind.is_ordered and len(of_kind) > 1:
            names = ", ".join(at.document.path for at in of_kind)
            place = (of_kind[1] / "kind").value
            helps = (f"they are read in this order: {names}",)
            faults.warn("W040", f"{kind.name} is spread over files", place, "the order of its rules matters", helps)


def note_missing_examples(rules: Iterable[Rule[object]], examples: Iterable[Example], faults: Faults) -> None:
    """Note rules that no example must match: nothing shows that they ever do."""
    shown = {example.rule for example in examples if example.must_match}
    helps = ("add an example: it runs before the rule goes live, and in mailgateway rules test",)
    for rule in rules:
        if rule.id not in shown:
            faults.warn("W012", f'rule "{rule.id}" has no example', rule.place, "nobody knows that it works", helps)


def note_missing_limit(files: ReadFiles, guards: Sequence[Rule[object]], faults: Faults) -> None:
    """Note guards that let a machine which hides be answered for ever."""
    place = next((at / "kind" for at, file in files if file.kind == GUARDS.name), None)
    if place is None or any(_limits_answers(rule) for rule in guards):
        return
    helps = (f'add a guard with when.{LIMIT_FACT} = {{ at_least = 10 }}: "mailgateway rules init" writes such a guard',)
    faults.warn("W050", "no guard limits the answers to one address", place.value, "a loop would never end", helps)


def _limits_answers(rule: Rule[object]) -> bool:
    always = rule.starts is None and rule.ends is None
    return always and any(one.fact == LIMIT_FACT and one.clause == "when" for one in rule.conditions)


def note_doubtful_cuts(rules: Iterable[Rule[object]], faults: Faults) -> None:
    """Note rules of split that can do nothing by the number of items, and those that cut without a look at them."""
    for rule in rules:
        numbers = [one.test for one in rule.conditions if one.clause == "when" and one.fact == "list.items"]
        how = SPLIT.own(rule).outcome.how
        if any(_most(test) < FEWEST_ITEMS for test in numbers):
            helps = (f"a list that was found has {FEWEST_ITEMS} items at least",)
            faults.warn("W015", f'rule "{rule.id}" can never match', rule.place, "no list is so short", helps)
        elif how == CUT and any(_least(test) > MAX_PARTS for test in numbers):
            helps = (f'a mail is cut into {MAX_PARTS} at most, of longer lists it is suggested: write "{SUGGEST}"',)
            faults.warn("W015", f'rule "{rule.id}" never cuts', rule.place, "no mail is cut into so many", helps)
        if how == CUT and not any(one.clause == "when" and one.fact.startswith("list.") for one in rule.conditions):
            helps = ("ask for what makes several matters of the items: when.list.lead_in.mentions, when.list.kind",)
            faults.warn("W016", f'rule "{rule.id}" cuts any list', rule.place, "steps and names are lists too", helps)


def _most(test: Test) -> int:
    return max(_bounds(test))


def _least(test: Test) -> int:
    return min(_bounds(test))


def _bounds(test: Test) -> tuple[int, ...]:
    """Return the numbers between which all lie for which a test holds."""
    if isinstance(test, Between):
        return test.least, test.most
    return tuple(test.numbers) if isinstance(test, AmongNumbers) else (FEWEST_ITEMS, MAX_PARTS)


def note_past_days(files: ReadFiles, rules: Mapping[str, Sequence[Rule[object]]], today: date, faults: Faults) -> None:
    """Note calendars whose holidays are all over, and rules whose last day is."""
    for at in _past_holidays(files, today):
        faults.warn("W031", "all of these holidays are over", at.value, f"before {today}", ("add the next ones",))
    for rule in (rule for of_kind in rules.values() for rule in of_kind):
        if rule.ends is not None and rule.ends < today:
            helps = ("remove the rule, or set a later until",)
            faults.warn("W014", f'rule "{rule.id}" is over', rule.place, f"its last day was {rule.ends}", helps)


def _past_holidays(files: ReadFiles, today: date) -> Iterator[At]:
    for at, file in files:
        if isinstance(file, CalendarsFile):
            yield from past_holidays(file, at, today)


def note_double_holidays(files: ReadFiles, faults: Faults) -> None:
    """Note days that a calendar names twice: another day was probably meant."""
    for at, file in files:
        for i, table in enumerate(file.calendar if isinstance(file, CalendarsFile) else ()):
            for j, day in enumerate(table.holidays):
                if day in table.holidays[:j]:
                    place = (at / "calendar" / i / "holidays" / j).value
                    faults.warn("W032", f"{day} is a holiday twice", place, "again here", ("was another day meant?",))
