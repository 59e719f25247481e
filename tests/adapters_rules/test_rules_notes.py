from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailgateway.adapters.rulefiles import RulesNotes
from mailgateway.errors import TemporaryError
from mailgateway.model.rulefiles import Origin, PendingAccept, Pinned, Refused, RulesStatus

NOW = datetime(2026, 11, 7, 8, 20, tzinfo=UTC)
REFUSED = Refused(NOW, "error[E110]: unknown name\n  ^^^ grüße", "bbbbbbbb", "c0ffee", "Ada <ada@example.test>")
STATUS = RulesStatus("git /rules", Origin.KEPT, "aaaaaaaa", NOW, "decade", "Ben <ben@example.test>", NOW, REFUSED)
WRITERS: list[Callable[[RulesNotes], None]] = [
    lambda notes: notes.write_status(STATUS),
    lambda notes: notes.write_pending(PendingAccept("bbbbbbbb", "12 of 40 rules would vanish", NOW)),
    lambda notes: notes.pin(Pinned("aaaaaaaa", "bbbbbbbb", NOW)),
]


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def notes(tmp_path: Path, reports: list[str]) -> RulesNotes:
    return RulesNotes(tmp_path / "state" / "rules", reports.append)


def all_of(notes: RulesNotes) -> tuple[object, ...]:
    return notes.status(), notes.pending(), notes.pinned()


def test_nothing_is_noted_at_first(notes: RulesNotes, reports: list[str]) -> None:
    assert (all_of(notes), reports) == ((None, None, None), [])


def test_notes_come_back_in_another_process(notes: RulesNotes, tmp_path: Path, reports: list[str]) -> None:
    for write in WRITERS:
        write(notes)

    assert all_of(RulesNotes(tmp_path / "state" / "rules", reports.append)) == (
        STATUS,
        PendingAccept("bbbbbbbb", "12 of 40 rules would vanish", NOW),
        Pinned("aaaaaaaa", "bbbbbbbb", NOW),
    )


def test_marks_are_taken_away_also_where_there_are_none(notes: RulesNotes) -> None:
    for _ in range(2):
        notes.write_pending(None)
        notes.pin(None)
        assert all_of(notes) == (None, None, None)
        for write in WRITERS[1:]:
            write(notes)


def test_a_damaged_note_counts_as_none_and_is_reported(notes: RulesNotes, tmp_path: Path, reports: list[str]) -> None:
    folder = tmp_path / "state" / "rules"
    folder.mkdir(parents=True)
    for name in ("status", "pending", "pinned"):
        (folder / f"{name}.json").write_bytes(b'{"revision": ')

    assert all_of(notes) == (None, None, None)
    assert reports == [
        f"{folder}/{name}.json is damaged: nothing in it is used" for name in ("status", "pending", "pinned")
    ]


def test_a_note_that_cannot_be_read_counts_as_none_and_is_reported(
    notes: RulesNotes, tmp_path: Path, reports: list[str]
) -> None:
    path = tmp_path / "state" / "rules" / "status.json"
    path.mkdir(parents=True)

    assert notes.status() is None
    assert reports == [f"{path} cannot be read: Is a directory"]


@pytest.mark.parametrize("write", WRITERS)
def test_a_disk_that_cannot_be_written_is_temporary(tmp_path: Path, write: Callable[[RulesNotes], None]) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(TemporaryError, match="File exists"):
        write(RulesNotes(tmp_path / "file" / "rules", print))
