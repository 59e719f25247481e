"""Small files that the daemon writes and other processes read, each a value as JSON."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from mailgateway.adapters.rulefiles.durable import (
    READABLE,
    disk_trouble_is_temporary,
    make_folder,
    sync_folder,
    write_whole,
)
from mailgateway.model.rulefiles import PendingAccept, Pinned, RulesStatus

AnyNote = TypeVar("AnyNote")


class RulesNotes:
    """Fulfils `RuleNotes` with three files. What cannot be read counts as absent, and is reported.

    Args:
        folder: The folder of the rules in the state folder; made where it is missing.
        report: Takes one sentence for a person.
    """

    def __init__(self, folder: Path, report: Callable[[str], None]) -> None:
        self._status = Note(folder / "status.json", TypeAdapter(RulesStatus), report)
        self._pending = Note(folder / "pending.json", TypeAdapter(PendingAccept), report)
        self._pinned = Note(folder / "pinned.json", TypeAdapter(Pinned), report)

    def write_status(self, status: RulesStatus) -> None:
        """Replace the status; as `RuleNotes` says."""
        self._status.write(status)

    def status(self) -> RulesStatus | None:
        """Return the status, None where no daemon wrote one."""
        return self._status.read()

    def write_pending(self, pending: PendingAccept | None) -> None:
        """Note what waits for a person to accept it, None for nothing; as `RuleNotes` says."""
        self._pending.write(pending)

    def pending(self) -> PendingAccept | None:
        """Return what waits for a person to accept it."""
        return self._pending.read()

    def pin(self, pinned: Pinned | None) -> None:
        """Note that a person went back, None for "follow the source again"; as `RuleNotes` says."""
        self._pinned.write(pinned)

    def pinned(self) -> Pinned | None:
        """Return where a person went back to."""
        return self._pinned.read()


class Note(Generic[AnyNote]):
    """One value in one file, or none."""

    def __init__(self, path: Path, form: TypeAdapter[AnyNote], report: Callable[[str], None]) -> None:
        self._path = path
        self._form = form
        self._report = report

    def write(self, value: AnyNote | None) -> None:
        """Replace the value; with None take the file away.

        Raises:
            TemporaryError: The disk is full or gone; the old value is still there.
        """
        with disk_trouble_is_temporary(f"write {self._path}"):
            if value is None and self._path.exists():
                self._path.unlink(missing_ok=True)
                sync_folder(self._path.parent)
            elif value is not None:
                make_folder(self._path.parent)
                write_whole(self._path, self._form.dump_json(value, indent=1) + b"\n", READABLE)

    def read(self) -> AnyNote | None:
        """Return the value, None where there is none or it cannot be read."""
        try:
            return self._form.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            self._report(f"{self._path} cannot be read: {error.strerror or error}")
        except ValidationError:
            self._report(f"{self._path} is damaged: nothing in it is used")
        return None
