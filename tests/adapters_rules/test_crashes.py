"""What a process leaves that is killed at any step of its work."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.adapters_rules.crashing import NEW, OLD


@dataclass(frozen=True)
class Crash:
    died: bool
    seen: object
    then: object
    reports: list[str]


def crashes(case: str, folder: Path) -> list[Crash]:
    command = [sys.executable, "-m", "tests.adapters_rules.crashing", case, str(folder / "rules")]
    root = Path(__file__).parents[2]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return [Crash(**json.loads(line)) for line in run.stdout.splitlines()]


def each(values: Iterable[object]) -> list[str]:
    """Return values as JSON, each once."""
    return sorted({json.dumps(value) for value in values})


def test_a_keeping_process_killed_at_any_step_leaves_the_old_rules_or_the_new_ones_in_force(tmp_path: Path) -> None:
    found = crashes("Case", tmp_path)

    assert [crash.died for crash in found] == [True] * (len(found) - 1) + [False]
    assert len(found) > 15
    assert each(crash.seen for crash in found) == each(
        [
            {"current": OLD.revision, "kept": [OLD.revision]},
            {"current": OLD.revision, "kept": [NEW.revision, OLD.revision]},
            {"current": NEW.revision, "kept": [NEW.revision, OLD.revision]},
        ]
    )
    assert each(crash.then for crash in found) == each([found[-1].seen])
    assert each(crash.reports for crash in found) == each([[]])


@pytest.mark.parametrize("case", ["Again", "Damaged"])
def test_keeping_again_what_was_kept_before_is_as_safe(tmp_path: Path, case: str) -> None:
    found = crashes(case, tmp_path)

    assert len(found) > 10
    assert {json.loads(json.dumps(crash.seen))["current"] for crash in found} == {OLD.revision, NEW.revision}
    assert each(crash.then for crash in found) == each(
        [
            {"current": NEW.revision, "kept": [NEW.revision, OLD.revision]},
        ]
    )
    assert all(crash.reports == [] for crash in found) == (case == "Again")


def test_a_status_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    found = crashes("Status", tmp_path)

    assert each(crash.seen for crash in found) == each([OLD.revision, NEW.revision])
    assert each(crash.then for crash in found) == each([NEW.revision])
    assert each(crash.reports for crash in found) == each([[]])


def test_a_request_is_never_gone_without_an_answer(tmp_path: Path) -> None:
    found = crashes("Answer", tmp_path)

    assert each(crash.seen for crash in found) == each(
        [
            {"asked": 1, "answer": None},
            {"asked": 1, "answer": "loaded"},
            {"asked": 0, "answer": "loaded"},
        ]
    )
    assert each(crash.then for crash in found) == each([{"asked": 0, "answer": "loaded"}])
    assert each(crash.reports for crash in found) == each([[]])
