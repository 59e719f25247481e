"""Hot reload on a real folder: what is in force after each kind of edit, and what people are told."""

from pathlib import Path

import pytest

from mailgateway.adapters.rulefiles import KeptRules
from mailgateway.app.rules.reload import Reload
from mailgateway.errors import TemporaryError
from mailgateway.model.rulefiles import Origin
from tests.app.parts import Instead, raising
from tests.app.rulefolder import PRIORITY, ROUTING, SITE, RuleFolder, raising_rule, with_example


@pytest.fixture
def rules(tmp_path: Path) -> RuleFolder:
    made = RuleFolder(tmp_path / "rules", tmp_path / "state" / "rules")
    made.good()
    return made


def in_force(reload: Reload) -> tuple[str, Origin, bool]:
    status = reload.status
    return status.revision, status.origin, status.successful


# --- the table of the design -----------------------------------------------------------------------------------


def test_a_start_puts_good_files_in_force_and_keeps_them(rules: RuleFolder) -> None:
    reload = rules.begin()

    kept = rules.kept.current()
    assert in_force(reload) == (rules.revision, Origin.SOURCE, True)
    assert kept is not None
    assert (kept.revision, reload.active.rules.revision) == (rules.revision, rules.revision)


def test_files_that_did_not_change_are_not_checked_again(rules: RuleFolder) -> None:
    reload = rules.begin()
    before = rules.examined, len(rules.statuses)

    rules.poll(reload)

    assert (rules.examined, len(rules.statuses)) == before


def test_good_files_take_the_place_of_good_files(rules: RuleFolder) -> None:
    reload = rules.begin()
    first = rules.revision

    rules.good("first", "second")

    assert rules.poll(reload) == rules.revision != first
    assert {kept.revision for kept in rules.kept.revisions()} == {first, rules.revision}


def test_a_typo_leaves_the_old_set_in_force(rules: RuleFolder) -> None:
    reload = rules.begin()
    good = rules.revision

    rules.write(priority=PRIORITY + raising_rule("first").replace("text", "txet"))

    assert rules.poll(reload) == good
    (told,) = rules.told
    assert (told.revision, 'unknown name "txet"' in told.text) == (rules.revision, True)
    assert "--> rules/priority.toml:5:6" in told.text
    assert in_force(reload) == (good, Origin.SOURCE, False)


def test_a_half_written_file_leaves_the_old_set_in_force(rules: RuleFolder) -> None:
    reload = rules.begin()
    good = rules.revision

    rules.write(priority=PRIORITY + raising_rule("first")[:20])

    assert rules.poll(reload) == good
    assert "not valid TOML" in rules.told[0].text


def test_a_failed_example_leaves_the_old_set_in_force(rules: RuleFolder) -> None:
    reload = rules.begin()
    good = rules.revision

    rules.write(priority=PRIORITY + with_example("first", priority=1))

    assert rules.poll(reload) == good
    assert [one.text for one in rules.told] == ["FAIL  first / example 1"]


def test_an_example_that_passes_lets_the_set_in(rules: RuleFolder) -> None:
    reload = rules.begin()

    rules.write(priority=PRIORITY + with_example("first", priority=2))

    assert rules.poll(reload) == rules.revision


def test_one_broken_file_keeps_the_good_change_in_another_out(rules: RuleFolder) -> None:
    reload = rules.begin()
    good = rules.revision

    rules.write(priority=PRIORITY + raising_rule("other"), routing="nonsense")

    assert rules.poll(reload) == good


def test_files_that_are_mended_come_in_force(rules: RuleFolder) -> None:
    reload = rules.begin()
    rules.write(priority="nonsense")
    rules.poll(reload)

    rules.good("mended")

    assert rules.poll(reload) == rules.revision
    assert in_force(reload) == (rules.revision, Origin.SOURCE, True)


def test_files_put_back_to_what_is_in_force_are_no_longer_refused(rules: RuleFolder) -> None:
    reload = rules.begin()
    rules.write(priority="nonsense")
    rules.poll(reload)

    rules.good()
    rules.poll(reload)

    assert in_force(reload) == (rules.revision, Origin.SOURCE, True)


def test_broken_files_at_a_start_leave_the_last_good_ones_in_force(rules: RuleFolder) -> None:
    rules.begin()
    good = rules.revision
    rules.write(priority="nonsense")

    reload = rules.begin()

    assert in_force(reload) == (good, Origin.KEPT, False)
    assert reload.active.rules.rule("first") is not None


def test_broken_files_and_a_damaged_copy_leave_the_one_before_in_force(rules: RuleFolder) -> None:
    reload = rules.begin()
    first = rules.revision
    rules.good("first", "second")
    second = rules.poll(reload)
    (rules.state / second / "priority.toml").write_text("")
    rules.write(priority="nonsense")

    reload = rules.begin()

    assert in_force(reload) == (first, Origin.KEPT, False)
    assert any(f"the copy of revision {second} is damaged" in one for one in rules.reports)


def test_broken_files_and_no_good_copy_start_with_what_is_built_in(rules: RuleFolder) -> None:
    rules.write(priority="nonsense")

    reload = rules.begin()

    assert in_force(reload) == ("", Origin.BUILT_IN, False)
    assert reload.active.rules.tags == ("rules-missing",)


def test_no_folder_at_all_starts_with_what_is_built_in_and_a_new_one_is_taken(rules: RuleFolder) -> None:
    rules.folder.rename(rules.folder.with_name("away"))

    reload = rules.begin()
    without = in_force(reload)
    rules.folder.with_name("away").rename(rules.folder)
    rules.poll(reload)

    assert without == ("", Origin.BUILT_IN, False)
    assert in_force(reload) == (rules.revision, Origin.SOURCE, True)


def test_a_folder_that_went_and_came_back_the_same_is_no_longer_refused(rules: RuleFolder) -> None:
    reload = rules.begin()
    rules.folder.rename(rules.folder.with_name("away"))
    rules.poll(reload)
    without = in_force(reload)

    rules.folder.with_name("away").rename(rules.folder)
    rules.poll(reload)

    assert without == (reload.status.revision, Origin.SOURCE, False)
    assert in_force(reload) == (rules.revision, Origin.SOURCE, True)


def test_files_that_are_still_changing_are_left_alone(rules: RuleFolder) -> None:
    reload = rules.begin()
    good = rules.revision
    looks = []
    for number in range(5):
        rules.good(f"rule-{number}")
        looks.append(rules.poll(reload, seconds=0.5))

    assert looks == [good] * 5
    assert rules.poll(reload) == rules.revision


# --- who is told, and how often ----------------------------------------------------------------------------------


def test_a_refused_state_is_told_once_also_over_restarts_and_looks(rules: RuleFolder) -> None:
    reload = rules.begin()
    rules.write(priority="nonsense")

    rules.poll(reload)
    reload.look(rules.now_s, now=True)
    again = rules.begin()
    again.look(rules.now_s, now=True)

    assert len(rules.told) == 1


def test_every_other_refused_state_is_told(rules: RuleFolder) -> None:
    reload = rules.begin()
    for text in ("nonsense", "other nonsense"):
        rules.write(priority=text)
        rules.poll(reload)

    assert len({one.revision for one in rules.told}) == 2


def test_a_disk_that_is_away_for_a_moment_is_told_to_nobody_and_shows_in_the_status(rules: RuleFolder) -> None:
    reload = rules.begin()
    real = reload.around.source
    object.__setattr__(
        reload.around, "source", Instead(real, described="x", fingerprint=raising(TemporaryError("the drive is away")))
    )

    reload.look(10.0)
    during = reload.status
    object.__setattr__(reload.around, "source", real)
    rules.poll(reload)

    assert (during.successful, during.refused and during.refused.text) == (False, "the drive is away")
    assert (rules.told, reload.status.successful) == ([], True)


def test_a_bug_of_the_program_stops_no_mail(rules: RuleFolder) -> None:
    reload = rules.begin()
    good = rules.revision
    object.__setattr__(
        reload.around, "source", Instead(reload.around.source, fingerprint=raising(ZeroDivisionError("a bug")))
    )

    reload.look(10.0)

    assert in_force(reload) == (good, Origin.SOURCE, False)


# --- the disk of the state folder ----------------------------------------------------------------------------------


def full(kept: KeptRules) -> KeptRules:
    return Instead(kept, keep=raising(TemporaryError("cannot keep the rules: the disk is full")))  # type: ignore[return-value]


def test_a_set_that_cannot_be_kept_does_not_come_in_force_and_is_tried_again(rules: RuleFolder) -> None:
    reload = rules.begin()
    good = rules.revision
    real = reload.around.keep
    object.__setattr__(reload.around, "keep", full(rules.kept))
    rules.good("first", "second")

    rules.poll(reload)
    during = in_force(reload)
    object.__setattr__(reload.around, "keep", real)
    rules.poll(reload)

    assert during == (good, Origin.SOURCE, False)
    assert in_force(reload) == (rules.revision, Origin.SOURCE, True)


def test_at_a_start_without_a_good_copy_a_set_that_cannot_be_kept_is_better_than_none(rules: RuleFolder) -> None:
    rules.keep = full

    reload = rules.begin()
    started = reload.active.rules.revision
    rules.poll(reload)

    assert started == rules.revision
    assert in_force(reload) == (rules.revision, Origin.SOURCE, False)


def test_a_status_that_cannot_be_written_changes_nothing_of_what_is_in_force(rules: RuleFolder) -> None:
    reload = rules.begin()
    object.__setattr__(reload.around, "notes", Instead(rules.notes, write_status=raising(TemporaryError("full"))))
    rules.good("first", "second")

    assert rules.poll(reload) == rules.revision


def test_the_status_that_is_written_down_is_the_one_in_memory(rules: RuleFolder) -> None:
    reload = rules.begin()
    rules.write(priority="nonsense")
    rules.poll(reload)

    assert rules.notes.status() == reload.status == rules.statuses[-1]


def test_since_when_survives_a_restart(rules: RuleFolder) -> None:
    since = rules.begin().status.since
    rules.clock.advance(3600)

    again = rules.begin().status

    assert (again.since, again.origin) == (since, Origin.SOURCE)


# --- parts of a set that files may leave out -----------------------------------------------------------------------


def test_a_file_more_is_a_new_set(rules: RuleFolder) -> None:
    reload = rules.begin()

    rules.write(routing=ROUTING)

    assert rules.poll(reload) == rules.revision
    assert reload.active.rules.rule("tagged") is not None


def test_the_site_file_is_compulsory(rules: RuleFolder) -> None:
    reload = rules.begin()
    good = rules.revision

    rules.write(site=None)

    assert rules.poll(reload) == good
    rules.write(site=SITE)
    assert rules.poll(reload) == good
