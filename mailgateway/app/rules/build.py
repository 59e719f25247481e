"""From rule files to a set that may go live, or to the reason why not. Nothing is put in force here."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from mailgateway.app.rules.check import known_to
from mailgateway.app.rules.examples import ExampleResult, run_example
from mailgateway.app.rules.examples_report import failure_text
from mailgateway.app.snapshot import Snapshot
from mailgateway.diagnostics import DiagnosedError, Severity
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import Known, RuleSet

SHRINK_PERCENT = 20
"""More than so much of the rules gone at once is rather a file cut off than an edit."""
SHOWN = 10
"""So many rules that would vanish are named."""
NOT_IN_TIME = "not checked in time"

Examples = Callable[[RuleSet], Iterable[str]]
"""Runs every example of a set and yields what each that fails prints, "" for one that passes, as they are run."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What files have to pass that were never in force.

    Attributes:
        examples: Runs their examples.
        known: What the configuration knows of the names in rules.
    """

    examples: Examples
    known: Known


def checks_of(snapshot: Snapshot) -> Checks:
    """Return the checks of a configuration."""
    known = known_to(snapshot.config, snapshot.templates)
    return Checks(lambda rules: (_printed(run_example(one, rules, snapshot), rules) for one in rules.examples), known)


def _printed(result: ExampleResult, rules: RuleSet) -> str:
    """Return what an example that failed prints, "" for one that passed."""
    return "" if result.passed else failure_text(result, rules)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why files are not taken.

    Attributes:
        summary: In one line, for the log.
        text: In full, as `rules check` prints it.
        shrinks: Whether a person may accept them all the same.
        passing: Whether it may be otherwise in a moment, with the same files.
    """

    summary: str
    text: str
    shrinks: bool = False
    passing: bool = False


class Build(Protocol):
    """Makes a set of files, in bounded time."""

    def __call__(self, files: RuleFiles, *, checked: bool) -> RuleSet | Refusal:
        """Return the set, or why there is none; with `checked` it is one that was never in force."""


def build(
    files: RuleFiles, folder: str, checks: Checks | None = None, is_late: Callable[[], bool] = lambda: False
) -> RuleSet | Refusal:
    """Return the rules of files that pass every check and, where they are run, every example; else why not.

    Args:
        files: All files of one moment.
        folder: What stands before their names in places, such as `rules/`.
        checks: What they have to pass; None where they were in force before and need only be usable.
        is_late: Asked between two examples; once it is true the rest is not run.
    """
    try:
        rules = load(files, starter_files(), folder=folder, known=checks.known if checks else None).rules
        if is_late():
            return late()
        return rules if checks is None else _examined(rules, checks.examples(rules), is_late)
    except DiagnosedError as error:
        return _faults(error)
    except Exception as bug:  # noqa: BLE001 -- whatever the files hold, the rules in force go on
        words = f"the check itself failed: {type(bug).__name__}: {bug}"[:300]
        return Refusal(words, f"{words}\nThis is a fault of the program: please report it, with the files.")


def late() -> Refusal:
    """Return the refusal of files whose check took too long."""
    return Refusal(NOT_IN_TIME, f"{NOT_IN_TIME}: the examples take too long; remove some, or make their mails smaller")


def _examined(rules: RuleSet, results: Iterable[str], is_late: Callable[[], bool]) -> RuleSet | Refusal:
    failed: list[str] = []
    for result in results:
        if result:
            failed.append(result)
        if is_late():
            return late()
    if not failed:
        return rules
    first = failed[0].splitlines()[0].removeprefix("FAIL").strip()
    return Refusal(f"{len(failed)} example(s) fail, first: {first}", "\n\n".join(failed))


def _faults(error: DiagnosedError) -> Refusal:
    errors = [fault for fault in error.diagnostics if fault.severity is Severity.ERROR]
    first = errors[0]
    where = f"{first.position.path}:{first.position.line}"
    return Refusal(f"{len(errors)} error(s), first: {where} {first.message}", error.render(color=False))


def shrinking(before: RuleSet, after: RuleSet) -> str:
    """Return what would vanish, as text for a person, where it is too much to be believed; "" where it is not.

    Rules are counted by number, so that renaming them is no loss; those that come with the program do not count.
    """
    had, has = _own(before), _own(after)
    lost_kinds = [kind for kind in had if kind not in has]
    many, few = sum(map(len, had.values())), sum(map(len, has.values()))
    if not lost_kinds and (many - few) * 100 <= many * SHRINK_PERCENT:
        return ""
    return "\n".join(_loss(had, has, lost_kinds, (many, few)))


def _own(rules: RuleSet) -> dict[str, list[str]]:
    """Return the ids of the site's own rules by kind; kinds without any are left out."""
    own = {kind: [rule.id for rule in of_kind if not rule.is_shipped] for kind, of_kind in rules.rules.items()}
    return {kind: ids for kind, ids in own.items() if ids}


def _loss(
    had: dict[str, list[str]], has: dict[str, list[str]], lost_kinds: list[str], counts: tuple[int, int]
) -> Iterator[str]:
    many, few = counts
    yield f"{many - few} of {many} rules would vanish at once: is a file cut off or missing?"
    if lost_kinds:
        yield f"no rule would be left of: {', '.join(lost_kinds)}"
    left = {rule for ids in has.values() for rule in ids}
    gone = [rule for ids in had.values() for rule in ids if rule not in left]
    more = f" and {len(gone) - SHOWN} more" if len(gone) > SHOWN else ""
    if gone:
        yield f"gone: {', '.join(gone[:SHOWN])}{more}"
    yield 'If this is meant: "mailgateway rules reload --accept"'


def judged(before: RuleSet | None, built: RuleSet | Refusal, *, accepted: bool) -> RuleSet | Refusal:
    """Return what was built, or the refusal that it would make the rules shrink.

    Args:
        before: In force so far, None where there is nothing that could shrink.
        built: The new set, or why there is none.
        accepted: Whether a person looked at the loss and wants it.
    """
    if isinstance(built, Refusal) or before is None or accepted:
        return built
    loss = shrinking(before, built)
    return Refusal(loss.splitlines()[0], loss, shrinks=True) if loss else built
