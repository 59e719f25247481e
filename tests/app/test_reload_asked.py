"""What people ask of the rules: accept a loss, reload now, go back."""

from pathlib import Path

import pytest

from mailgateway.app.rules.reload import Reload
from mailgateway.model.rulefiles import Origin, RulesAction, RulesRequest
from tests.app.parts import NOW, Instead, raising
from tests.app.rulefolder import PRIORITY, ROUTING, RuleFolder, raising_rule

TEN = tuple(f"rule-{number}" for number in range(10))


@pytest.fixture
def rules(tmp_path: Path) -> RuleFolder:
    made = RuleFolder(tmp_path / "rules", tmp_path / "state" / "rules")
    made.good(*TEN)
    return made


def asked(reload: Reload, action: RulesAction, revision: str = "", *, accept: bool = False) -> tuple[bool, str]:
    answer = reload.carry_out(RulesRequest(action, NOW, revision, accept=accept, id="x"))
    return answer.done, answer.text


def accepted(reload: Reload, revision: str) -> bool:
    return asked(reload, RulesAction.RELOAD, revision, accept=True)[0]


# --- shrink guard ----------------------------------------------------------------------------------------------


def test_a_file_cut_off_between_two_rules_is_refused_until_somebody_accepts_it(rules: RuleFolder) -> None:
    reload = rules.begin()
    whole = rules.revision
    rules.good(*TEN[:7])
    cut = rules.revision

    assert rules.poll(reload) == whole
    pending = rules.notes.pending()
    assert pending is not None
    assert (pending.revision, pending.text.splitlines()) == (
        cut,
        [
            "3 of 10 rules would vanish at once: is a file cut off or missing?",
            "gone: rule-7, rule-8, rule-9",
            'If this is meant: "mailgateway rules reload --accept"',
        ],
    )

    assert accepted(reload, cut)
    assert (reload.active.rules.revision, rules.notes.pending()) == (cut, None)


def test_a_fifth_of_the_rules_may_go(rules: RuleFolder) -> None:
    reload = rules.begin()

    rules.good(*TEN[:8])

    assert rules.poll(reload) == rules.revision


def test_rules_that_are_renamed_are_no_loss(rules: RuleFolder) -> None:
    reload = rules.begin()

    rules.good(*(f"new-{rule}" for rule in TEN))

    assert rules.poll(reload) == rules.revision


def test_a_whole_kind_that_is_gone_is_refused_however_small(rules: RuleFolder) -> None:
    rules.write(routing=ROUTING)
    reload = rules.begin()
    whole = rules.revision

    rules.write(routing=None)

    assert rules.poll(reload) == whole
    assert "no rule would be left of: routing" in rules.told[0].text


def test_rules_that_come_with_the_program_are_no_loss(rules: RuleFolder) -> None:
    reload = rules.begin()  # the shipped guards and lifecycle stand in

    rules.write(guards='format = 1\nkind = "guards"\n')

    assert rules.poll(reload) == rules.revision


def test_only_the_very_revision_that_was_seen_is_accepted(rules: RuleFolder) -> None:
    reload = rules.begin()
    whole = rules.revision
    rules.good(*TEN[:7])
    seen = rules.revision
    rules.poll(reload)
    rules.good(TEN[0])

    done, text = asked(reload, RulesAction.RELOAD, seen, accept=True)

    assert (done, reload.active.rules.revision) == (False, whole)
    assert text == f"the files are revision {rules.revision} by now, not {seen}: look at them again"


def test_what_is_accepted_must_still_be_right(rules: RuleFolder) -> None:
    reload = rules.begin()
    whole = rules.revision
    rules.write(priority="nonsense")

    assert not accepted(reload, rules.revision)
    assert reload.active.rules.revision == whole


def test_the_guard_holds_over_a_restart(rules: RuleFolder) -> None:
    rules.begin()
    whole = rules.revision
    rules.good(*TEN[:2])

    reload = rules.begin()

    assert (reload.active.rules.revision, reload.status.origin) == (whole, Origin.KEPT)
    assert accepted(reload, rules.revision)


def test_the_first_files_of_a_site_take_the_place_of_what_is_built_in_without_asking(tmp_path: Path) -> None:
    rules = RuleFolder(tmp_path / "rules", tmp_path / "state" / "rules")
    rules.write(site="nonsense")
    reload = rules.begin()

    rules.good("only")

    assert rules.poll(reload) == rules.revision


def test_what_waits_for_a_person_waits_no_longer_once_the_files_are_otherwise(rules: RuleFolder) -> None:
    reload = rules.begin()
    rules.good(*TEN[:7])
    rules.poll(reload)

    rules.good(*TEN)
    rules.poll(reload)

    assert (rules.notes.pending(), reload.status.successful) == (None, True)


# --- reload ----------------------------------------------------------------------------------------------------


def test_a_reload_takes_files_at_once(rules: RuleFolder) -> None:
    reload = rules.begin()
    rules.good(*TEN, "new")

    assert asked(reload, RulesAction.RELOAD) == (True, f"revision {rules.revision} is in force: 17 rules")


def test_a_reload_of_broken_files_says_why_they_are_refused(rules: RuleFolder) -> None:
    reload = rules.begin()
    whole = rules.revision
    rules.write(priority="nonsense")

    done, text = asked(reload, RulesAction.RELOAD)

    assert not done
    assert text.startswith("error[")
    assert text.endswith(
        f"refused: 1 error(s), first: rules/priority.toml:1 not valid TOML; revision {whole} stays in force"
    )


def test_a_reload_of_a_folder_that_is_gone_says_so(rules: RuleFolder) -> None:
    reload = rules.begin()
    rules.folder.rename(rules.folder.with_name("away"))

    done, text = asked(reload, RulesAction.RELOAD)

    assert (done, "no such folder" in text) == (False, True)


# --- rollback --------------------------------------------------------------------------------------------------


def edited(rules: RuleFolder, reload: Reload) -> tuple[str, str]:
    """Put a second set in force; return the revisions of both."""
    first = rules.revision
    rules.good(*TEN, "second")
    return first, rules.poll(reload)


def test_a_rollback_stays_until_the_files_change(rules: RuleFolder) -> None:
    reload = rules.begin()
    first, _ = edited(rules, reload)

    assert asked(reload, RulesAction.ROLLBACK, first) == (True, f"revision {first} is in force until the files change")
    assert rules.poll(reload) == first
    reload.look(rules.now_s, now=True)
    assert (reload.active.rules.revision, reload.status.origin) == (first, Origin.KEPT)

    rules.good(*TEN, "third")
    assert rules.poll(reload) == rules.revision
    assert rules.notes.pinned() is None


def test_a_rollback_holds_over_a_restart(rules: RuleFolder) -> None:
    first, second = edited(rules, reload := rules.begin())
    asked(reload, RulesAction.ROLLBACK, first)

    again = rules.begin()

    assert (again.active.rules.revision, again.status.origin, again.status.successful) == (first, Origin.KEPT, True)
    assert rules.revision == second


def test_a_reload_ends_a_rollback(rules: RuleFolder) -> None:
    first, second = edited(rules, reload := rules.begin())
    asked(reload, RulesAction.ROLLBACK, first)

    done, _ = asked(reload, RulesAction.RELOAD)

    assert (done, reload.active.rules.revision, rules.notes.pinned()) == (True, second, None)


def test_broken_files_do_not_end_a_rollback(rules: RuleFolder) -> None:
    first, _ = edited(rules, reload := rules.begin())
    asked(reload, RulesAction.ROLLBACK, first)
    good = (rules.folder / "priority.toml").read_text()
    rules.write(priority="nonsense")
    broken = rules.poll(reload), reload.status.successful

    rules.write(priority=good)

    assert (*broken, rules.poll(reload), reload.status.successful) == (first, False, first, True)


def test_a_rollback_done_twice_is_a_rollback_done_once(rules: RuleFolder) -> None:
    first, _ = edited(rules, reload := rules.begin())

    once = asked(reload, RulesAction.ROLLBACK, first), reload.status
    twice = asked(reload, RulesAction.ROLLBACK, first), reload.status

    assert once == twice


@pytest.mark.parametrize("revision", ["00000000", "../../etc", ""])
def test_a_revision_that_is_not_kept_cannot_be_gone_back_to(rules: RuleFolder, revision: str) -> None:
    reload = rules.begin()
    whole = rules.revision

    done, text = asked(reload, RulesAction.ROLLBACK, revision)

    assert (done, text) == (False, f"revision {revision} is not kept, or its copy is damaged")
    assert reload.active.rules.revision == whole


def test_a_rollback_while_the_files_are_broken_works_and_leaves_the_refusal_to_be_seen(rules: RuleFolder) -> None:
    first, _ = edited(rules, reload := rules.begin())
    rules.write(priority=PRIORITY + raising_rule("x").replace("id", "di"))
    rules.poll(reload)

    done, _ = asked(reload, RulesAction.ROLLBACK, first)

    assert (done, reload.active.rules.revision, reload.status.successful) == (True, first, False)


@pytest.mark.parametrize("action", RulesAction)
def test_a_request_that_meets_a_bug_of_the_program_is_answered_and_stops_no_mail(
    rules: RuleFolder, action: RulesAction
) -> None:
    reload = rules.begin()
    around, fault = reload.around, raising(ZeroDivisionError("a bug"))
    object.__setattr__(around, "source", Instead(around.source, read=fault))
    object.__setattr__(around, "keep", Instead(around.keep, get=fault))

    done, text = asked(reload, action, rules.revision)

    assert (done, text) == (False, "the program failed: ZeroDivisionError: a bug")
