import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailgateway.adapters.rulefiles import FolderSource, KeptRules
from mailgateway.errors import NotFoundError, TemporaryError
from mailgateway.model.rulefiles import KeptRevision, RuleFiles

NOW = datetime(2026, 11, 7, 8, 20, tzinfo=UTC)
FIRST = RuleFiles((("a.toml", b"1"), ("tests/a.eml", b"\xff")), "c0ffee", "Ada <ada@example.test>")
SECOND = RuleFiles((("a.toml", b"2"),))
THIRD = RuleFiles((("a.toml", b"3"),))


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "rules"


@pytest.fixture
def kept(folder: Path, reports: list[str]) -> KeptRules:
    return KeptRules(folder, reports.append)


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def known(files: RuleFiles, minute: int) -> KeptRevision:
    return KeptRevision(files.revision, files.digest, files.commit, files.author, at(minute))


def test_nothing_is_kept_at_first(kept: KeptRules, reports: list[str]) -> None:
    assert (kept.current(), kept.previous(), kept.revisions(), kept.get("00000000"), reports) == (
        None,
        None,
        (),
        None,
        [],
    )


def test_what_is_kept_comes_back_with_commit_and_author_in_another_process_too(
    kept: KeptRules, folder: Path, reports: list[str]
) -> None:
    revision = kept.keep(FIRST, NOW)

    assert revision == FIRST.revision
    assert KeptRules(folder, reports.append).current() == kept.get(revision) == FIRST
    assert kept.revisions() == (known(FIRST, 0),)


def test_a_copy_is_a_rules_folder_like_any_other(kept: KeptRules, folder: Path) -> None:
    kept.keep(FIRST, NOW)

    assert FolderSource(folder / FIRST.revision).read().files == FIRST.files


def test_nobody_else_may_read_the_copies(kept: KeptRules, folder: Path) -> None:
    kept.keep(FIRST, NOW)

    paths = [folder, *folder.rglob("*")]
    assert {(path.is_dir(), path.stat().st_mode & 0o777) for path in paths} == {(True, 0o700), (False, 0o600)}


def test_revisions_come_newest_first_and_previous_is_the_one_before_the_current(kept: KeptRules) -> None:
    for minute, files in enumerate((FIRST, SECOND, THIRD)):
        kept.keep(files, at(minute))

    assert kept.current() == THIRD
    assert kept.revisions() == (known(THIRD, 2), known(SECOND, 1), known(FIRST, 0))
    assert kept.previous() == known(SECOND, 1)


def test_going_back_twice_goes_further_back_and_never_forth(kept: KeptRules) -> None:
    for minute, files in enumerate((FIRST, SECOND, THIRD)):
        kept.keep(files, at(minute))

    assert kept.make_current(SECOND.revision) == SECOND
    assert (kept.current(), kept.previous()) == (SECOND, known(FIRST, 0))
    assert kept.make_current(FIRST.revision) == FIRST
    assert (kept.current(), kept.previous()) == (FIRST, None)


def test_what_comes_into_force_again_is_the_newest_with_its_new_commit(kept: KeptRules) -> None:
    kept.keep(FIRST, at(0))
    kept.keep(SECOND, at(1))
    again = RuleFiles(FIRST.files, "decade", "Ben <ben@example.test>")

    kept.keep(again, at(2))

    assert kept.current() == again
    assert kept.revisions() == (known(again, 2), known(SECOND, 1))
    assert kept.previous() == known(SECOND, 1)


def test_keeping_the_current_ones_again_changes_nothing(kept: KeptRules, folder: Path) -> None:
    kept.keep(FIRST, at(0))
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}

    kept.keep(FIRST, at(5))

    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "changed": (lambda copy: (copy / "a.toml").write_bytes(b"9"), "its files are not those that were kept"),
    "cut off": (lambda copy: os.truncate(copy / "tests/a.eml", 0), "its files are not those that were kept"),
    "file gone": (lambda copy: (copy / "tests/a.eml").unlink(), "its files are not those that were kept"),
    "file more": (lambda copy: (copy / "b.toml").write_bytes(b""), "its files are not those that were kept"),
    "odd name": (lambda copy: os.mknod(os.fsencode(copy) + b"/\xff.toml"), "'utf-8' codec can't encode"),
    "about cut off": (lambda copy: os.truncate(copy / "about.json", 5), "about.json cannot be understood"),
    "about gone": (lambda copy: (copy / "about.json").unlink(), "about.json is not there"),
    "renamed": (lambda copy: copy.with_name(SECOND.revision).rename(copy), "its files are not those that were kept"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_copy_counts_as_none_and_is_reported(
    kept: KeptRules, folder: Path, reports: list[str], damage: str
) -> None:
    kept.keep(SECOND, at(0))
    kept.keep(FIRST, at(1))
    if damage == "renamed":
        (folder / FIRST.revision).rename(folder / "away")

    DAMAGES[damage][0](folder / FIRST.revision)

    assert kept.current() is None
    (report,) = reports
    assert report.startswith(f"the copy of revision {FIRST.revision} is damaged: ")
    assert DAMAGES[damage][1] in report


def test_a_damaged_copy_is_replaced_when_the_same_files_are_kept_again(
    kept: KeptRules, folder: Path, reports: list[str]
) -> None:
    kept.keep(FIRST, at(0))
    (folder / FIRST.revision / "a.toml").write_bytes(b"9")

    kept.keep(FIRST, at(1))

    assert (kept.current(), kept.revisions()) == (FIRST, (known(FIRST, 1),))
    (aside,) = folder.glob(".damaged-*")
    assert reports == [f"the copy of revision {FIRST.revision} was damaged: it is now in {aside}"]
    assert (aside / "a.toml").read_bytes() == b"9"


def test_a_file_in_the_place_of_a_copy_is_put_aside(kept: KeptRules, folder: Path, reports: list[str]) -> None:
    folder.mkdir(parents=True)
    (folder / FIRST.revision).write_bytes(b"")

    kept.keep(FIRST, NOW)

    assert kept.current() == FIRST
    assert len(reports) == 1


def test_previous_passes_over_a_damaged_copy(kept: KeptRules, folder: Path, reports: list[str]) -> None:
    for minute, files in enumerate((FIRST, SECOND, THIRD)):
        kept.keep(files, at(minute))

    (folder / SECOND.revision / "a.toml").write_bytes(b"9")

    assert kept.previous() == known(FIRST, 0)
    assert len(reports) == 1


def test_where_the_current_copy_is_damaged_previous_is_another_one(kept: KeptRules, folder: Path) -> None:
    kept.keep(FIRST, at(0))
    kept.keep(SECOND, at(1))

    (folder / SECOND.revision / "about.json").unlink()

    assert (kept.current(), kept.previous()) == (None, known(FIRST, 0))


@pytest.mark.parametrize("content", [b"", b"17a1", b"../../..\n", b"\xff"])
def test_a_damaged_name_of_the_current_one_is_reported(
    kept: KeptRules, folder: Path, reports: list[str], content: bytes
) -> None:
    kept.keep(FIRST, NOW)

    (folder / "current").write_bytes(content)

    assert kept.current() is None
    assert reports == [f"{folder}/current is damaged: it names no revision"]
    assert kept.previous() == known(FIRST, 0)


def test_a_current_copy_that_is_gone_is_reported(kept: KeptRules, folder: Path, reports: list[str]) -> None:
    kept.keep(FIRST, NOW)

    (folder / FIRST.revision).rename(folder / "away")

    assert kept.current() is None
    assert reports == [f"the rules of revision {FIRST.revision} were in force, and their copy is gone"]


@pytest.mark.parametrize("revision", ["00000000", "", "..", "../rules", "current"])
def test_no_rollback_to_what_is_not_kept(kept: KeptRules, revision: str) -> None:
    kept.keep(FIRST, NOW)

    with pytest.raises(NotFoundError, match="is not kept"):
        kept.make_current(revision)
    assert kept.current() == FIRST


def test_what_a_crash_left_is_swept_after_an_hour_and_not_before(kept: KeptRules, folder: Path) -> None:
    for name, age in ((".new-old", 61), (".new-young", 59)):
        (folder / name).mkdir(parents=True)
        (folder / name / "a.toml").write_bytes(b"")
        os.utime(folder / name, times=(at(-age).timestamp(),) * 2)

    kept.keep(FIRST, NOW)

    assert sorted(path.name for path in folder.iterdir()) == sorted([".new-young", FIRST.revision, "current"])


def test_a_disk_that_cannot_be_written_is_temporary(tmp_path: Path, reports: list[str]) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(TemporaryError) as caught:
        KeptRules(tmp_path / "file" / "rules", reports.append).keep(FIRST, NOW)
    assert str(caught.value) == f"cannot keep the rules: File exists: {tmp_path}/file"


def test_a_full_disk_is_temporary_and_leaves_the_old_rules_in_force(folder: Path, kept: KeptRules) -> None:
    kept.keep(FIRST, NOW)
    code = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from mailgateway.adapters.rulefiles import KeptRules
from mailgateway.errors import TemporaryError
from mailgateway.model.rulefiles import RuleFiles
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    KeptRules(Path(sys.argv[1]), print).keep(RuleFiles((("a.toml", b"x" * 2001),)), datetime.now(UTC))
except TemporaryError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)

    assert run.stdout == "cannot keep the rules: File too large (the disk is full)\n"
    assert kept.current() == FIRST
    assert sorted(path.name for path in folder.iterdir()) == sorted([FIRST.revision, "current"])


KEEPING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from mailgateway.adapters.rulefiles import KeptRules
from mailgateway.model.rulefiles import RuleFiles
kept = KeptRules(Path(sys.argv[1]), print)
for number in range(60):
    kept.keep(RuleFiles((("a.toml", b"%d" % (number // 2)),)), datetime.now(UTC))
    files = kept.current()
    assert files is not None and files.files[0][1].isdigit(), files
"""


def test_two_processes_may_keep_the_same_revisions_at_once(folder: Path, kept: KeptRules, reports: list[str]) -> None:
    command = [sys.executable, "-c", KEEPING, str(folder)]

    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
    said = [process.communicate()[0] for process in running]

    assert ([process.returncode for process in running], said) == ([0, 0], [b"", b""])
    assert kept.current() == RuleFiles((("a.toml", b"29"),))
    assert {kept.get(each.revision) for each in kept.revisions()} == {
        RuleFiles((("a.toml", b"%d" % number),)) for number in range(30)
    }
    assert reports == []
    assert not list(folder.glob(".*"))


def test_a_name_of_the_current_one_that_cannot_be_read_is_reported(
    kept: KeptRules, folder: Path, reports: list[str]
) -> None:
    (folder / "current").mkdir(parents=True)

    assert kept.current() is None
    assert reports == [f"{folder}/current cannot be read: Is a directory"]


def test_a_good_copy_that_another_process_named_first_stays(kept: KeptRules, folder: Path, reports: list[str]) -> None:
    kept.keep(FIRST, at(0))
    (folder / "aside").mkdir()

    kept._give_name(folder / "aside", FIRST)

    assert (kept.revisions(), reports) == ((known(FIRST, 0),), [])
    assert not list(folder.glob(".damaged-*"))


def test_a_revision_of_other_files_with_the_same_name_gives_way(kept: KeptRules, folder: Path) -> None:
    kept.keep(FIRST, at(0))
    (folder / SECOND.revision).mkdir()
    (folder / SECOND.revision / "about.json").write_bytes((folder / FIRST.revision / "about.json").read_bytes())

    kept.keep(SECOND, at(1))

    assert (kept.current(), kept.previous()) == (SECOND, known(FIRST, 0))
