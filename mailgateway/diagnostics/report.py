"""What a command found out about files, as one value that every format is made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from mailgateway.diagnostics.values import Diagnostic, Mark, Position, Severity


class Level(StrEnum):
    """How bad it is: an error ends with exit code 1, a note is only worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that people should look at: a fault of a file, a failed example, a changed decision.

    Attributes:
        level: How bad it is.
        code: Short and stable, such as `E110`.
        message: What is wrong, without a full stop.
        position: Where; None where it is at no place.
        label: What is said beside the place, "" for none.
        help: What to do, or more of what was seen, a line each.
        marks: Further places.
    """

    level: Level
    code: str
    message: str
    position: Position | None = None
    label: str = ""
    help: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def words(self) -> str:
        """The message with its label and helps, a line each."""
        first = f"{self.message}: {self.label}" if self.label else self.message
        return "\n".join((first, *self.help))


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that was looked at: a file, or an example.

    Attributes:
        name: Unique within the report.
        group: What it belongs to, such as the rule's id; "" for nothing.
        problems: What is wrong with it; () where all is well.
        time_s: How long it took, in seconds.
    """

    name: str
    group: str = ""
    problems: tuple[Problem, ...] = ()
    time_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """All that a command found.

    Attributes:
        command: Which one, such as `rules check`.
        cases: What was looked at, in order.
        counts: What else the JSON object says, such as the revision and how many files were read.
        meanings: By code: what such a problem is, for those formats that say it.
    """

    command: str
    cases: tuple[Case, ...]
    counts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    meanings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Those of all cases, in their order."""
        return tuple(problem for case in self.cases for problem in case.problems)

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return sum(problem.level is Level.ERROR for problem in self.problems)

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return sum(problem.level is Level.WARNING for problem in self.problems)

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not self.errors


def problem_of(diagnostic: Diagnostic) -> Problem:
    """Return a fault of a file as a problem."""
    level = Level.ERROR if diagnostic.severity is Severity.ERROR else Level.WARNING
    return Problem(
        level,
        diagnostic.code,
        diagnostic.message,
        diagnostic.position,
        diagnostic.label,
        diagnostic.help,
        diagnostic.marks,
    )


def cases_by_file(files: Iterable[str], diagnostics: Iterable[Diagnostic]) -> tuple[Case, ...]:
    """Return a case for each file with its faults; files that only a fault names come last."""
    problems: dict[str, list[Problem]] = {name: [] for name in files}
    for diagnostic in diagnostics:
        problems.setdefault(diagnostic.position.path, []).append(problem_of(diagnostic))
    return tuple(Case(name, problems=tuple(found)) for name, found in problems.items())
