"""Revisions of the rule files that were in force, as copies in the state folder.

    REVISION/            the files as they were, a rules folder like any other, with about.json beside them
    current              the name of the one in force, a file of one line: drives from elsewhere may have no links
    .damaged-REVISION-*  a copy that was found damaged when the same revision was kept again

What a crash leaves: before a copy has its name, a `.new-*` that the next `keep` sweeps; after it, a copy that is not
the current one, which does no harm; `current` names the old one or the new one, never half of either.
"""

import errno
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from mailgateway.adapters.rulefiles.durable import (
    UNFINISHED,
    disk_trouble_is_temporary,
    make_folder,
    sweep,
    sync_folder,
    write_new,
    write_whole,
)
from mailgateway.adapters.rulefiles.folder import listed
from mailgateway.errors import NotFoundError, TemporaryError
from mailgateway.model.rulefiles import REVISION_DIGITS, KeptRevision, RuleFiles, counted

_REVISION = re.compile(rf"[0-9a-f]{{{REVISION_DIGITS}}}")
_ABOUT = "about.json"
_FORM = TypeAdapter(KeptRevision)
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}
_TRIES = 5
_UNFINISHED_AGE = timedelta(hours=1)


class KeptRules:
    """Fulfils `RuleKeep` with a folder. Several processes may keep at once: the last one's is current.

    Args:
        folder: The folder of the rules in the state folder; made where it is missing.
        report: Takes one sentence for a person, about a damaged copy.
    """

    def __init__(self, folder: Path, report: Callable[[str], None]) -> None:
        self._folder = folder
        self._report = report

    def keep(self, files: RuleFiles, at: datetime) -> str:
        """Keep files that were checked and make them the current ones; as `RuleKeep` says.

        Args:
            files: What to keep.
            at: The present moment, aware.
        """
        revision = files.revision
        with disk_trouble_is_temporary("keep the rules"):
            make_folder(self._folder)
            sweep(self._folder, at, _UNFINISHED_AGE)
            kept = self._holds(files)
            if kept and self._pointed() == revision:
                return revision
            about = KeptRevision(revision, files.digest, files.commit, files.author, at)
            if kept:
                write_whole(self._folder / revision / _ABOUT, _about_bytes(about))
            else:
                self._store(files, about)
            self._point(revision)
        return revision

    def make_current(self, revision: str) -> RuleFiles:
        """Go back to a kept revision and return its files; as `RuleKeep` says."""
        files = self.get(revision)
        if files is None:
            raise NotFoundError(f"revision {revision} is not kept, or its copy is damaged")
        with disk_trouble_is_temporary(f"go back to revision {revision}"):
            self._point(revision)
        return files

    def current(self) -> RuleFiles | None:
        """Return the files that were last in force, None where there are none or they are damaged."""
        revision = self._pointed()
        if not revision:
            return None
        files = self.get(revision)
        if files is None and not (self._folder / revision).exists():
            self._report(f"the rules of revision {revision} were in force, and their copy is gone")
        return files

    def get(self, revision: str) -> RuleFiles | None:
        """Return the files of a revision, None where it is not kept or damaged."""
        place = self._folder / revision
        try:
            return _whole_copy(place) if _REVISION.fullmatch(revision) and place.exists() else None
        except FileNotFoundError as error:
            self._report(f"the copy of revision {revision} is damaged: {error.filename} is not there")
        except OSError as error:
            self._report(f"the copy of revision {revision} cannot be read: {error.strerror or error}")
        except ValueError as error:
            why = f"{_ABOUT} cannot be understood" if isinstance(error, ValidationError) else str(error)
            self._report(f"the copy of revision {revision} is damaged: {why}")
        return None

    def revisions(self) -> tuple[KeptRevision, ...]:
        """Return all that are kept, the one that the source put in force last first.

        Only what is known about each is read; a damaged copy is found by `get`.
        """
        known = []
        for place in self._folder.glob("[0-9a-f]" * REVISION_DIGITS):
            with suppress(OSError, ValidationError):
                known.append(_FORM.validate_json((place / _ABOUT).read_bytes()))
        return tuple(sorted(known, key=lambda kept: (kept.kept_at, kept.revision), reverse=True))

    def previous(self) -> KeptRevision | None:
        """Return what a rollback goes back to: the last one before the current one that is undamaged."""
        current = self._pointed()
        known = self.revisions()
        names = [kept.revision for kept in known]
        before = known[names.index(current) + 1 :] if current in names else known
        return next((kept for kept in before if kept.revision != current and self.get(kept.revision)), None)

    def _pointed(self) -> str:
        """Return the revision that `current` names, "" where it names none."""
        path = self._folder / "current"
        try:
            named = path.read_bytes().decode("ascii", "replace").strip()
        except FileNotFoundError:
            return ""
        except OSError as error:
            self._report(f"{path} cannot be read: {error.strerror or error}")
            return ""
        if _REVISION.fullmatch(named):
            return named
        self._report(f"{path} is damaged: it names no revision")
        return ""

    def _point(self, revision: str) -> None:
        write_whole(self._folder / "current", f"{revision}\n".encode())

    def _holds(self, files: RuleFiles) -> bool:
        """Return whether exactly these files are kept, undamaged."""
        try:
            return _whole_copy(self._folder / files.revision).files == files.files
        except (OSError, ValueError):
            return False

    def _store(self, files: RuleFiles, about: KeptRevision) -> None:
        """Write a copy aside and give it its name, durably."""
        aside = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self._folder))
        try:
            for name, content in files.files:
                (aside / name).parent.mkdir(exist_ok=True, mode=0o700)
                write_new(aside / name, content)
            write_new(aside / _ABOUT, _about_bytes(about))
            for folder in {(aside / name).parent for name, _ in files.files} | {aside}:
                sync_folder(folder)
            self._give_name(aside, files)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        sync_folder(self._folder)

    def _give_name(self, aside: Path, files: RuleFiles) -> None:
        """Rename a finished copy; a damaged one in its place goes aside, another process's good one stays."""
        place = self._folder / files.revision
        for _ in range(_TRIES):
            try:
                aside.rename(place)
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
            else:
                return
            if self._holds(files):
                return
            away = self._folder / f".damaged-{files.revision}-{secrets.token_hex(4)}"
            with suppress(FileNotFoundError):
                place.rename(away)
                self._report(f"the copy of revision {files.revision} was damaged: it is now in {away}")
        raise TemporaryError(f"cannot keep the rules: {place} is in the way")


def _about_bytes(about: KeptRevision) -> bytes:
    return _FORM.dump_json(about, indent=1) + b"\n"


def _whole_copy(place: Path) -> RuleFiles:
    """Return the files of a copy.

    Raises:
        OSError: Something cannot be read.
        ValueError: It is not what was kept under this name.
    """
    about = _FORM.validate_json((place / _ABOUT).read_bytes())
    contents = tuple((name, (place / name).read_bytes()) for name in counted(listed(place)))
    files = RuleFiles(contents, about.commit, about.author)
    if files.digest != about.digest or files.revision != place.name:
        raise ValueError("its files are not those that were kept")
    return files
