"""Rules that can never act: behind one that takes every mail, capped by another, or asking for what cannot be."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from mailgateway.diagnostics import Mark
from mailgateway.rules.conditions import (
    AmongNumbers,
    Between,
    Condition,
    Contains,
    InCalendar,
    Like,
    Matches,
    Mentions,
    OneOf,
    Test,
)
from mailgateway.rules.faults import Faults
from mailgateway.rules.kinds.all import RULE_KINDS
from mailgateway.rules.kinds.priority import Priority
from mailgateway.rules.values import Rule


def note_unreachable(rules: Mapping[str, tuple[Rule[object], ...]], faults: Faults) -> None:
    """Note every rule that can never act, with the rule that is in its way.

    Args:
        rules: By kind, in the order they are tried.
        faults: Where they are noted.
    """
    for kind in RULE_KINDS:
        of_kind = rules.get(kind.name, ())
        for rule in of_kind:
            _never_matches(rule, faults)
        if kind.is_ordered:
            _never_reached(of_kind, lambda rule, kind=kind: kind.stops(kind.own(rule).outcome), faults)  # type: ignore[misc]  # the outcome is the kind's own
    _raised_and_capped(rules.get("priority", ()), faults)


def _never_matches(rule: Rule[object], faults: Faults) -> None:
    wanted = {(one.fact, one.test): one for one in rule.conditions if one.clause == "when"}
    refused = [one for one in rule.conditions if one.clause == "unless"]
    same = next((one for one in refused if (one.fact, one.test) in wanted), None)
    if same is not None:
        words, label = f'"{same.words}" stands in when and in unless', "no mail is both"
    elif rule.starts is not None and rule.ends is not None and rule.starts > rule.ends:
        words, label = f"from {rule.starts} is after until {rule.ends}", "no day is in this range"
    else:
        return
    faults.warn("W013", f'rule "{rule.id}" can never match', rule.place, label, (words,))


def _never_reached(rules: Sequence[Rule[object]], stops: Callable[[Rule[object]], bool], faults: Faults) -> None:
    """Note rules behind one that stops every mail they could match."""
    stoppers = _Wide()
    for rule in rules:
        culprit = stoppers.taking_all(rule)
        if culprit is not None:
            same_file = culprit.place.path == rule.place.path
            where = f"line {culprit.place.line}" if same_file else str(culprit.place)
            by_stop = hasattr(culprit.outcome, "stop")
            way_out = ', or remove "stop" there' if by_stop else ""
            faults.warn(
                "W010",
                f'rule "{rule.id}" can never be reached',
                rule.place,
                f"every mail it could match is {'stopped' if by_stop else 'decided'} before it",
                (f'move it above "{culprit.id}" ({where}){way_out}',),
                (Mark(culprit.place, f'"{culprit.id}" {"stops" if by_stop else "decides"} first'),),
            )
        if stops(rule):
            stoppers.add(rule)


def _raised_and_capped(rules: Sequence[Rule[object]], faults: Faults) -> None:
    """Note a raise whose every ticket is capped below it."""
    priorities = [(rule, rule.outcome) for rule in rules if isinstance(rule.outcome, Priority)]
    caps: dict[int, _Wide] = {}
    for rule, outcome in priorities:
        if outcome.cap_at:
            caps.setdefault(outcome.cap_at, _Wide()).add(rule)
    for rule, outcome in priorities:
        over = (caps[cap_at].taking_all(rule) for cap_at in caps if 0 < outcome.raise_to < cap_at)
        cap = next((one for one in over if one is not None), None)
        if cap is not None and cap is not rule:
            faults.warn(
                "W011",
                f'rule "{rule.id}" can never act',
                rule.place,
                "what it raises is capped",
                (f'"{cap.id}" caps every ticket that this one raises; a cap always beats a raise',),
                (Mark(cap.place, f'"{cap.id}" caps'),),
            )


# --- whether one rule surely matches whatever another one matches ------------------------------------------


class _Wide:
    """Rules that may take all that another one matches, found without trying each: there may be 2,000 of both.

    Each is filed under one of its conditions: whatever it takes names the same fact and a part of the same values.
    """

    def __init__(self) -> None:
        self._filed: dict[tuple[str, object], list[tuple[int, Rule[object]]]] = {}
        self._size = 0

    def add(self, rule: Rule[object]) -> None:
        """Add a rule."""
        wanted = [one for one in rule.conditions if one.clause == "when"]
        chosen = max(wanted, key=lambda one: isinstance(one.test, (Mentions, Contains, Matches, Like)), default=None)
        keys = [("", None)] if chosen is None else _keys(chosen)
        for key in keys:
            self._filed.setdefault(key, []).append((self._size, rule))
        self._size += 1

    def taking_all(self, rule: Rule[object]) -> Rule[object] | None:
        """Return the first that was added of those that take all that a rule matches, None where none does."""
        wanted = [one for one in rule.conditions if one.clause == "when"]
        keys = {("", None), *((one.fact, None) for one in wanted), *(_keys(one)[0] for one in wanted)}
        found = (one for key in keys for one in self._filed.get(key, ()) if _takes_all(one[1], rule))
        return min(found, key=lambda one: one[0], default=(0, None))[1]


def _keys(condition: Condition) -> list[tuple[str, object]]:
    """Return what a condition is filed under: each of its parts, None where it has none, or where bounds may do."""
    parts = () if isinstance(condition.test, (Between, AmongNumbers)) else _parts(condition.test)
    return [(condition.fact, part) for part in parts] or [(condition.fact, None)]


def _takes_all(wide: Rule[object], narrow: Rule[object]) -> bool:
    """Return whether every mail that `narrow` matches is surely matched by `wide`, on any day."""
    if wide.starts is not None or wide.ends is not None or wide.on_reply is not narrow.on_reply:
        return False
    return all(any(_implies(theirs, asked) for theirs in narrow.conditions) for asked in wide.conditions)


def _implies(condition: Condition, other: Condition) -> bool:
    """Return whether a mail that passes one condition surely passes another one."""
    if condition.clause != other.clause or condition.fact != other.fact:
        return False
    if condition.clause == "when":
        return _is_within(condition.test, other.test)
    return _is_within(other.test, condition.test)


def _is_within(narrow: Test, wide: Test) -> bool:
    """Return whether one test surely holds wherever another one does."""
    return narrow == wide or _WITHIN.get((type(narrow), type(wide)), _cannot_be_said)(narrow, wide)


def _cannot_be_said(_narrow: Test, _wide: Test) -> bool:
    return False


def _parts(test: Test) -> frozenset[object]:
    """Return that of which any one is enough for a test to hold."""
    parts: Iterable[object]
    match test:
        case Mentions():
            parts = test.phrases.phrases
        case Contains():
            parts = map(str.casefold, test.pieces)
        case Matches():
            parts = test.patterns
        case OneOf():
            parts = test.names
        case Like():
            parts = test.globs
        case AmongNumbers():
            parts = test.numbers
        case InCalendar():
            parts = ((name, test.holidays) for name in test.calendars)
        case _:
            parts = ()
    return frozenset(parts)


def _fewer(narrow: Test, wide: Test) -> bool:
    return bool(_parts(narrow)) and _parts(narrow) <= _parts(wide)


def _narrower(narrow: Test, wide: Test) -> bool:
    if not isinstance(wide, Between):
        return False
    if isinstance(narrow, AmongNumbers):
        return all(wide.least <= number <= wide.most for number in narrow.numbers)
    return isinstance(narrow, Between) and wide.least <= narrow.least and narrow.most <= wide.most


_WITHIN: Mapping[tuple[type, type], Callable[[Test, Test], bool]] = {
    **{(kind, kind): _fewer for kind in (Mentions, Contains, Matches, OneOf, Like, AmongNumbers, InCalendar)},
    (Between, Between): _narrower,
    (AmongNumbers, Between): _narrower,
}
