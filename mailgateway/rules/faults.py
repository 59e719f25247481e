"""Faults of rule files while they are collected: every file is read to its end, and all faults are told at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mailgateway.diagnostics import Diagnostic, Document, KeyPath, Mark, Position, Severity, did_you_mean

MAX_FAULTS = 200
"""So many errors and so many warnings are told; whoever has more mends these first."""


@dataclass(slots=True)
class Faults:
    """Faults found so far, and where the next one stands."""

    found: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, message: str, position: Position, label: str = "", helps: Sequence[str] = ()) -> None:
        """Note what makes the files unusable."""
        self.add(Diagnostic(Severity.ERROR, code, message, position, label, tuple(helps)))

    def unknown_word(self, word: str, position: Position, label: str, known: Iterable[str]) -> None:
        """Note a word that is none of those that may stand there."""
        self.error("E111", f'"{word}" is not known', position, label, near(word, known))

    def warn(  # noqa: PLR0913, PLR0917 -- the parts of a diagnostic
        self,
        code: str,
        message: str,
        position: Position,
        label: str = "",
        helps: Sequence[str] = (),
        marks: Sequence[Mark] = (),
    ) -> None:
        """Note what is probably not meant."""
        self.add(Diagnostic(Severity.WARNING, code, message, position, label, tuple(helps), tuple(marks)))

    def add(self, diagnostic: Diagnostic) -> None:
        """Note a fault."""
        same = sum(fault.severity is diagnostic.severity for fault in self.found)
        if same < MAX_FAULTS:
            self.found.append(diagnostic)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Those that make the files unusable."""
        return tuple(fault for fault in self.found if fault.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True)
class At:
    """A key of a file: where faults in it stand."""

    document: Document
    path: KeyPath

    def __truediv__(self, part: str | int) -> "At":
        """Return the key below."""
        return At(self.document, (*self.path, part))

    @property
    def key(self) -> Position:
        """Where the key itself stands."""
        return self.document.place(self.path).key

    @property
    def value(self) -> Position:
        """Where its value stands."""
        return self.document.place(self.path).value


def near(word: str, known: Iterable[str], what: str = "known here") -> tuple[str, ...]:
    """Return helps for a word that is not known: the likeliest one, and all there are."""
    words = list(known)
    likely = did_you_mean(word, words)
    all_of_them = ", ".join(words[:40]) + (", ..." if len(words) > 40 else "")  # noqa: PLR2004 -- about three lines
    return (*((f'did you mean "{likely}"?',) if likely else ()), *((f"{what}: {all_of_them}",) if words else ()))
