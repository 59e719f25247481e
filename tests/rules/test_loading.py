"""Sections 1 and 3, items 6 and 14: which files are read, what they must hold, and what happens where some do not."""

from datetime import date

import pytest

from mailgateway.diagnostics import DiagnosedError
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.checks import MAX_PHRASES, MAX_RULES
from mailgateway.rules.faults import MAX_FAULTS
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet
from tests.rules.rulesets import codes, decided, files, given, loaded, ruled

RULE = '[[rule]]\nid = "r"\nroute.queue = "sales"\n'


def read(*written: tuple[str, bytes]) -> RuleSet:
    return load(RuleFiles(tuple(sorted((*files().files, *written)))), starter_files()).rules


def ids(rules: RuleSet, kind: str) -> list[str]:
    return [rule.id for rule in rules.rules[kind]]


# --- which files


def test_the_key_kind_says_what_a_file_is_and_not_its_name() -> None:
    rules = read(("priority.toml", b'format = 1\nkind = "routing"\n' + RULE.encode()))

    assert (ids(rules, "routing"), ids(rules, "priority")) == (["r"], [])


@pytest.mark.parametrize("name", [".routing.toml", "routing.toml~", "routing.txt", "sub/routing.toml", "README.md"])
def test_what_is_no_rule_file_is_not_read(name: str) -> None:
    assert ids(read((name, b"no TOML [")), "routing") == []


def test_files_may_be_empty_but_for_their_head_and_a_site_is_enough() -> None:
    assert given(decided(ruled(routing="", priority="", quota="", lists="", calendars="")), "queue") == ("support", "")
    assert ids(ruled(), "routing") == []


def test_every_file_says_its_format() -> None:
    with pytest.raises(DiagnosedError) as wrong:
        read(("a.toml", b'kind = "routing"\n'), ("b.toml", b'format = 2\nkind = "routing"\n'))

    assert [(one.position.path, one.code) for one in wrong.value.diagnostics] == [
        ("a.toml", "E011"),
        ("b.toml", "E013"),
    ]


def test_a_file_of_wrong_form_hides_no_fault_in_its_conditions() -> None:
    rule = RULE + 'when.custmer.id = "x"\nwhen.text.mentions = "@nothing"\n'
    misshapen = '[[rule]]\nid = "q"\nroute.queu = "sales"\nwhen.list.itmes = 2\n'

    with pytest.raises(DiagnosedError) as wrong:
        read(("routing.toml", f'format = 1\nkind = "routing"\n{rule}{misshapen}'.encode()))

    assert [(one.code, one.position.line) for one in wrong.value.diagnostics] == [
        ("E110", 6),
        ("E201", 7),
        ("E010", 10),
        ("E110", 11),
    ]


@pytest.mark.parametrize(
    "when", ['when = "x"', "when = []", "when.text = 1", 'when.text.mentions = "@issues"', "rule = 1"]
)
def test_what_could_not_be_read_gives_no_further_fault(when: str) -> None:
    with pytest.raises(DiagnosedError) as wrong:
        read(
            ("lists.toml", b'format = 1\nkind = "lists"\nphrases = 1\n'),
            ("routing.toml", f'format = 1\nkind = "routing"\nrule = [1, {{ id = 7, {when} }}]\n'.encode()),
        )

    assert "E201" not in {one.code for one in wrong.value.diagnostics}


def test_a_byte_order_mark_and_line_ends_of_windows_are_no_fault() -> None:
    text = f'format = 1\nkind = "routing"\n{RULE}'.replace("\n", "\r\n")

    assert ids(read(("routing.toml", b"\xef\xbb\xbf" + text.encode())), "routing") == ["r"]


# --- all faults at once


def test_all_faults_of_all_files_are_told_at_once_in_the_order_of_the_files() -> None:
    with pytest.raises(DiagnosedError) as wrong:
        loaded(
            routing='[[rule]]\nid = "r"\nwhen.custmer.id = "x"\nroute.queue = "sale"\nwhen.text.mentions = "@no"\n',
            priority='[[rule]]\nid = "p"\npriority.cap_at = 0\n[[rule]]\nid = "P"\npriority.cap_at = 1\n',
            quota="[[quota]]\nid =\n",
        )

    assert [f"{one.position.path}:{one.position.line} {one.code}" for one in wrong.value.diagnostics] == [
        "priority.toml:5 E014",
        "priority.toml:7 E015",
        "quota.toml:4 E001",
        "routing.toml:3 W012",
        "routing.toml:5 E110",
        "routing.toml:6 E111",
        "routing.toml:7 E201",
    ]


def test_nothing_of_files_with_one_error_is_used() -> None:
    with pytest.raises(DiagnosedError):
        loaded(routing=RULE, priority='[[rule]]\nid = "p"\npriority.cap_at = 99\n')


def test_warnings_make_no_files_unusable_and_are_returned_with_the_texts_to_show_them_in() -> None:
    found = loaded(routing=RULE)

    assert [(one.code, one.position.path, one.position.line) for one in found.warnings] == [("W012", "routing.toml", 3)]
    assert found.texts["routing.toml"].endswith(RULE)


def test_faults_are_told_up_to_a_number_and_warnings_hide_no_errors() -> None:
    many = "".join(f'[[rule]]\nid = "r{n}"\nroute.queue = "{n}"\n' for n in range(MAX_FAULTS + 50))

    with pytest.raises(DiagnosedError) as wrong:
        loaded(routing=many)

    assert sum(one.code == "E111" for one in wrong.value.diagnostics) == MAX_FAULTS
    assert sum(one.code == "W012" for one in wrong.value.diagnostics) == MAX_FAULTS


# --- between files


def test_a_missing_lists_file_is_an_error_where_a_list_is_used_and_no_other() -> None:
    assert codes(routing='[[rule]]\nid = "r"\nwhen.text.mentions = "@outage"\nroute.queue = "sales"') == ["E201"]
    assert codes(routing=RULE) == []


def test_lists_and_calendars_of_several_files_are_known_everywhere() -> None:
    rules = {
        "routing": '[[rule]]\nid = "r"\nwhen.text.mentions = ["@a", "@b"]\nwhen.arrived.in_hours = ["c", "d"]',
        "lists": '[phrases]\na = ["production"]',
        "lists__more": '[phrases]\nb = ["burns"]',
        "calendars": '[[calendar]]\nid = "c"\nopen.always = "00:00-24:00"',
        "calendars__more": '[[calendar]]\nid = "d"\nopen.always = "00:00-24:00"',
    }

    assert codes(**rules) == []


def test_an_id_is_unique_over_all_files_and_kinds_those_switched_off_included() -> None:
    quota = '[[quota]]\nid = "r"\nallow = 1\nper = "calendar day"\noff = true'

    assert codes(routing=RULE, quota=quota) == ["E401"]
    assert codes(routing=RULE + RULE) == ["E401"]


def test_rules_of_a_site_may_not_have_the_ids_of_shipped_ones_that_stand_in() -> None:
    assert codes(routing=RULE.replace('"r"', '"ping-pong"')) == ["E401"]
    assert codes(routing=RULE.replace('"r"', '"ping-pong"'), guards="") == ["W050"]


def test_a_list_that_is_in_a_file_with_faults_is_not_said_to_be_missing() -> None:
    assert codes(routing='[[rule]]\nid = "r"\nwhen.text.mentions = "@a"', lists='[phrases]\na = ["x y"') == ["E001"]


# --- limits


def test_over_the_limit_of_rules_the_files_cannot_be_used() -> None:
    def rules(count: int) -> str:
        return "".join(f'[[rule]]\nid = "r{n}"\nroute.tags = ["t{n}"]\n' for n in range(count))

    assert codes(routing=rules(MAX_RULES)) == []
    assert codes(routing=rules(MAX_RULES + 1)) == ["E501"]


def test_over_the_limit_of_phrases_the_files_cannot_be_used() -> None:
    def lists(count: int) -> str:
        return "[phrases]\na = [" + ", ".join(f'"word{n}"' for n in range(count)) + "]"

    assert codes(lists=lists(MAX_PHRASES)) == []
    assert codes(lists=lists(MAX_PHRASES + 1)) == ["E501"]


def test_a_pattern_that_needs_too_much_memory_cannot_be_used() -> None:
    assert codes(routing="[[rule]]\nid = 'r'\nwhen.text.matches = '((\\w{100}){10}){1000}'") == ["E301"]


# --- what a set is


def test_a_set_knows_its_revision_commit_files_and_rules() -> None:
    written = files(routing=RULE)
    commit = "0" * 40

    rules = load(RuleFiles(written.files, commit=commit), starter_files()).rules

    assert (rules.revision, rules.commit, rules.files) == (written.revision, commit, 2)
    assert rules.rule("r") is rules.rules["routing"][0]
    assert rules.rule("none") is None


def test_the_revision_changes_with_any_byte_of_a_file_that_counts() -> None:
    assert ruled(routing=RULE).revision != ruled(routing=RULE + " ").revision


def test_a_decision_records_the_revision() -> None:
    rules = ruled(routing=RULE)

    assert decided(rules).revision == rules.revision


def test_days_are_looked_at_only_where_the_day_is_said() -> None:
    over = RULE + "until = 2025-12-31\n"

    assert codes(routing=over) == []
    assert codes(date(2025, 12, 31), routing=over) == []
    assert codes(date(2026, 1, 1), routing=over) == ["W014"]


def test_a_holiday_is_over_on_the_day_after_it() -> None:
    office = '[[calendar]]\nid = "office"\nopen.always = "00:00-24:00"\nholidays = [2026-03-06]'

    assert codes(date(2026, 3, 6), calendars=office) == []
    assert codes(date(2026, 3, 7), calendars=office) == ["W031"]
