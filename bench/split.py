"""Score splitting: `python -m bench.split [FOLDER ...] [--json] [--failures]`, with the starter rules.

Without a folder it takes every one of tests/corpus/split. A mail goes through the whole pipeline without a store:
parsing, facts, decision. `--failures` names the mails that come out wrong; it is for the sets that are open, not for
the sealed one.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.scoring import Json, Score, folded, wilson
from mailgateway.app.rules.given import facts_of
from mailgateway.model.decision import Decision
from mailgateway.rules.decide import decide
from mailgateway.rules.kinds.split import SUGGEST
from mailgateway.rules.parts import parts_of
from mailgateway.rules.shipped import default_rules
from mailgateway.triage.split.vocabulary import words_of

CORPUS = Path(__file__).parents[1] / "tests" / "corpus" / "split"
FOUND = 0.6
"""So many of the words of an expected part stand in the part that is it."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One mail: what it should become and what it became.

    Attributes:
        name: Of its file.
        expected: What a person says: language, style, tickets, parts.
        tickets: How many it became.
        parts: Their texts; none where it was not cut.
        suggested: Whether an agent was told that it may be several.
        rule: Which rule decided, "" where none did.
    """

    name: str
    expected: Json
    tickets: int
    parts: tuple[str, ...]
    suggested: bool
    rule: str

    @property
    def wanted(self) -> int:
        """How many tickets it should become."""
        return int(str(self.expected["tickets"]))


def sets(corpus: Path = CORPUS) -> tuple[Path, ...]:
    """Return the folders that have mails, by name."""
    return tuple(sorted({mail.parent for mail in corpus.glob("*/*.eml")}))


def cut(mail: Path) -> Cut:
    """Return what the starter rules make of a mail."""
    rules = default_rules()
    facts = facts_of(mail.read_bytes(), (), rules)
    decision = decide(rules, facts)
    answers = {one.name: one for one in decision.answers if not one.part}
    tickets = tickets_of(decision)
    texts = tuple(part.text for part in parts_of(dict(facts.values))) if tickets > 1 else ()
    split = answers.get("split")
    expected = json.loads(mail.with_suffix(".json").read_text("utf-8"))
    is_suggested = split is not None and split.value == SUGGEST
    return Cut(mail.stem, expected, tickets, texts, is_suggested, split.rule if split else "")


def tickets_of(decision: Decision) -> int:
    """Return how many tickets a mail becomes."""
    answer = decision.answer("tickets")
    value = getattr(answer, "value", answer)
    return value if isinstance(value, int) else 1


def exact_count(cuts: Iterable[Cut]) -> Score:
    """Measure: as many tickets as there should be."""
    return _score(cuts, lambda _: True, lambda one: one.tickets == one.wanted)


def multi_exact(cuts: Iterable[Cut]) -> Score:
    """Measure: likewise, of the mails with several issues."""
    return _score(cuts, _is_multi, lambda one: one.tickets == one.wanted)


def multi_seen(cuts: Iterable[Cut]) -> Score:
    """Measure: mails with several issues that were cut or suggested."""
    return _score(cuts, _is_multi, lambda one: one.tickets > 1 or one.suggested)


def false_splits(cuts: Iterable[Cut]) -> Score:
    """Measure: mails with one issue that were cut."""
    return _score(cuts, lambda one: not _is_multi(one), lambda one: one.tickets > 1)


def false_suggestions(cuts: Iterable[Cut]) -> Score:
    """Measure: mails with one issue that were suggested."""
    return _score(cuts, lambda one: not _is_multi(one), lambda one: one.suggested)


def _is_multi(one: Cut) -> bool:
    return one.wanted > 1


def _score(cuts: Iterable[Cut], counts: Callable[[Cut], bool], hits: Callable[[Cut], bool]) -> Score:
    tried = [one for one in cuts if counts(one)]
    return sum(map(hits, tried)), len(tried)


def part_f1(cuts: Iterable[Cut]) -> tuple[float, int, int, int]:
    """Return F1, right parts, made parts and wanted parts, of the mails that have or became several."""
    right = made = wanted = 0
    for one in cuts:
        if _is_multi(one) or one.tickets > 1:
            expected = _expected_parts(one.expected)
            right += right_parts(one.expected, one.parts)
            made += len(one.parts)
            wanted += max(len(expected), one.wanted) if _is_multi(one) else 0
    return 2 * right / (made + wanted) if made + wanted else 1.0, right, made, wanted


def _expected_parts(expected: Json) -> list[str]:
    parts = expected.get("parts")
    if not isinstance(parts, list):
        return []
    return [str(one.get("text") or one.get("title") or "") if isinstance(one, dict) else str(one) for one in parts]


def right_parts(expected: Json, parts: Sequence[str]) -> int:
    """Return how many parts are the one that somebody expected, and no other."""
    best: dict[int, list[int]] = defaultdict(list)
    for at, words in enumerate(words_of(folded(one)) for one in _expected_parts(expected)):
        shares = [sum(word in set(words_of(part)) for word in words) / max(1, len(words)) for part in parts]
        if shares and max(shares) >= FOUND:
            best[shares.index(max(shares))].append(at)
    return sum(len(found) == 1 for found in best.values())


MEASURES: dict[str, Callable[[Iterable[Cut]], Score]] = {
    "exact count": exact_count,
    "several issues cut exactly": multi_exact,
    "several issues cut or suggested": multi_seen,
    "one issue, cut (false splits)": false_splits,
    "one issue, suggested": false_suggestions,
}
GROUPED = ("several issues cut exactly", "one issue, cut (false splits)")


def summary(cuts: Sequence[Cut]) -> dict[str, object]:
    """Return all figures, ready for JSON."""
    f1, right, made, wanted = part_f1(cuts)
    return {
        "mails": len(cuts),
        "part_f1": {"f1": round(f1, 4), "right": right, "made": made, "wanted": wanted},
        **{name: _figures(measure(cuts)) for name, measure in MEASURES.items()},
        **{
            key: {
                group: {name: _figures(MEASURES[name](found)) for name in GROUPED}
                for group, found in grouped(cuts, key).items()
            }
            for key in ("style", "language")
        },
    }


def _figures(score: Score) -> dict[str, object]:
    low, high = wilson(*score)
    return {"hits": score[0], "tries": score[1], "low": round(low, 4), "high": round(high, 4)}


def grouped(cuts: Iterable[Cut], key: str) -> dict[str, list[Cut]]:
    """Return the mails by a key of what was expected."""
    groups: dict[str, list[Cut]] = defaultdict(list)
    for one in cuts:
        groups[str(one.expected.get(key, "-"))].append(one)
    return dict(sorted(groups.items()))


def print_summary(name: str, cuts: Sequence[Cut]) -> None:
    """Print the figures of a set as tables."""
    print(f"{len(cuts)} mails of {name}; share and 95 % Wilson interval\n")
    for words, measure in MEASURES.items():
        print(f"{words:34} {_share(measure(cuts))}")
    f1, right, made, wanted = part_f1(cuts)
    print(f"{'part F1':34} {f1:12.3f}  ({right} right, {made} made, {wanted} wanted)")
    for key in ("style", "language"):
        print(f"\n{key:26} {GROUPED[0]:>40}   {GROUPED[1]:>40}")
        for group, found in grouped(cuts, key).items():
            print(f"{group:26} " + "   ".join(f"{_share(MEASURES[each](found)):>40}" for each in GROUPED))
    print()


def _share(score: Score) -> str:
    low, high = wilson(*score)
    return f"{score[0]:4}/{score[1]:<4} {score[0] / score[1]:7.1%}  [{low:.1%}, {high:.1%}]" if score[1] else "-"


def print_failures(cuts: Iterable[Cut]) -> None:
    """Name the mails that came out wrong."""
    for one in cuts:
        if one.tickets != one.wanted or right_parts(one.expected, one.parts) < len(one.parts):
            print(f"{one.name} {one.expected.get('style')}: {one.wanted} -> {one.tickets} by {one.rule or 'no rule'}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=sets())
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--failures", action="store_true")
    given = parser.parse_args()
    for folder in given.folders:
        cuts = [cut(mail) for mail in sorted(folder.glob("*.eml"))]
        if not cuts:
            sys.exit(f"no mails in {folder}")
        if given.json:
            print(json.dumps({folder.name: summary(cuts)}, ensure_ascii=False))
            continue
        print_summary(folder.name, cuts)
        if given.failures:
            print_failures(cuts)


if __name__ == "__main__":
    main()
