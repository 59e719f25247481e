from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.rulefiles import (
    RULE_FILE_BYTES,
    RULE_FILES,
    TEST_FILES,
    TESTS_BYTES,
    Origin,
    Pinned,
    Refused,
    RuleFiles,
    RulesStatus,
    Settling,
    counted,
    name_fault,
    size_faults,
)

NOW = datetime(2026, 11, 7, 8, 20, tzinfo=UTC)
SETS = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), st.binary(max_size=3), max_size=3)


def test_only_rule_files_and_whole_mails_count() -> None:
    left_out = (
        ".hidden.toml", ".#priority.toml", "#priority.toml#", "priority.toml~", ".priority.toml.swp",
        "priority.toml.bak", "priority.TOML", ".toml", "README.md", ".schema/priority.json", "more/priority.toml",
        "tests/.a.eml", "tests/.eml", "tests/a.toml", "tests/a.txt", "tests/more/a.eml", "tests", "priority.toml\n",
    )  # fmt: skip
    counting = ("a b.toml", "priority.toml", "tests/a.eml", "tests/a.expect.toml", "ü.toml")

    assert counted((*left_out, *counting)) == counting


def test_revision_is_the_same_for_the_same_files_whatever_the_commit() -> None:
    files = (("a.toml", b"x"), ("b.toml", b""))

    plain, committed = RuleFiles(files), RuleFiles(files, commit="c0ffee", author="A <a@example.test>")

    assert plain.revision == committed.revision == plain.digest[:8]
    assert plain.revision == "0f3d67c7"  # stored with every decision: it must never change


@given(SETS, SETS)
def test_different_files_have_different_digests(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    digests = [RuleFiles(tuple(sorted(files.items()))).digest for files in (one, other)]

    assert (digests[0] == digests[1]) == (one == other)


def test_where_a_name_ends_and_a_content_begins_is_part_of_the_digest() -> None:
    assert RuleFiles((("a", b"b"),)).digest != RuleFiles((("ab", b""),)).digest
    assert RuleFiles((("a", b""), ("b", b""))).digest != RuleFiles((("a", b"b"),)).digest


@pytest.mark.parametrize("names", [("b", "a"), ("a", "a")])
def test_files_are_sorted_and_each_is_there_once(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="sorted"):
        RuleFiles(tuple((name, b"") for name in names))


def test_as_much_as_is_allowed_is_no_fault() -> None:
    rules = {f"{number:02}.toml": RULE_FILE_BYTES for number in range(RULE_FILES)}
    tests = {f"tests/{number:04}.eml": TESTS_BYTES // TEST_FILES for number in range(TEST_FILES)}

    assert size_faults(rules | tests) == ()


def test_every_limit_that_is_exceeded_is_told() -> None:
    rules = {f"{number:02}.toml": 1 for number in range(RULE_FILES)} | {"large.toml": RULE_FILE_BYTES + 1}
    tests = {f"tests/{number:04}.eml": 0 for number in range(TEST_FILES)} | {"tests/z.eml": TESTS_BYTES + 1}

    assert size_faults(rules | tests) == (
        "65 rule files, and 64 are allowed: put several into one",
        "large.toml: 1,048,577 bytes, and 1,048,576 (1 MB) are allowed: split the file",
        "1,001 files in tests/, and 1,000 are allowed: remove some",
        "31,457,281 bytes in tests/, and 31,457,280 (30 MB) are allowed: remove the largest",
    )


def test_a_name_nobody_can_print_is_a_fault() -> None:
    assert name_fault("grüße.toml") == ""
    assert name_fault("gr\udcfc.toml") == "gr\\xfc.toml: the name of the file is not UTF-8; rename it"
    assert (
        name_fault("a\n.toml") == r"'a\n.toml': the name of the file has characters that cannot be printed; rename it"
    )


def test_a_source_has_settled_once_it_looked_the_same_for_two_seconds() -> None:
    first = Settling("a", 10.0)

    assert first.seen("a", 11.9) == first
    assert [first.settled(now_s) for now_s in (10.0, 11.9, 12.0)] == [False, False, True]
    assert first.seen("b", 12.0) == Settling("b", 12.0)
    assert first.settled(10.0, settle_s=0.0)


def test_a_pin_holds_until_the_source_changes() -> None:
    pinned = Pinned("aaaaaaaa", source_revision="bbbbbbbb", at=NOW)

    assert [pinned.holds(revision) for revision in ("bbbbbbbb", "cccccccc", "aaaaaaaa")] == [True, False, False]


@pytest.mark.parametrize(
    ("agreed_s", "refused_s", "successful"),
    [(None, None, False), (None, 5, False), (5, None, True), (5, 6, False), (6, 5, True), (5, 5, True)],
)
def test_a_refusal_counts_until_the_source_agrees_again(
    agreed_s: int | None, refused_s: int | None, successful: bool
) -> None:
    agreed_at = None if agreed_s is None else NOW + timedelta(seconds=agreed_s)
    refused = None if refused_s is None else Refused(NOW + timedelta(seconds=refused_s), "no")

    status = RulesStatus("folder /rules", Origin.SOURCE, "aaaaaaaa", NOW, agreed_at=agreed_at, refused=refused)

    assert status.successful is successful
