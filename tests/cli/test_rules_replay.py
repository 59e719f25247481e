"""`rules replay`: recorded decisions by other rules."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mailgateway.adapters.rulefiles import RulesNotes
from mailgateway.model.rulefiles import Origin, RulesStatus
from tests.adapters_rules.repository import commit, git
from tests.app.filled import Filled, copied, filled
from tests.cli.replayed import (
    NOW,
    ROUTING,
    SHIPPED,
    UNMATCHED,
    WINDOW,
    edited_rules,
    files_of,
    plain,
    replay,
    revision,
    use_folder,
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Return a gateway whose four mails the shipped rules decided."""
    return filled(tmp_path_factory.mktemp("replay") / "gateway")


@pytest.fixture
def gateway(template: Filled, tmp_path: Path) -> Filled:
    return copied(template, tmp_path / "gateway")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return edited_rules(tmp_path / "rules")


def test_replay_shows_what_changes_grouped_with_examples_and_the_ignored_mails(gateway: Filled, rules: Path) -> None:
    result = replay(gateway, rules)

    assert (result.exit_code, result.stderr) == (0, "")
    assert plain(result) == (
        f"replay of 4 mails, 01 Feb 2026 to 31 Mar 2026: rules {SHIPPED} (live) -> {revision(gateway, rules)} (edited)"
        "   [0.0 s]\n"
        "2 decisions change (50.0 %), 2 stay the same\n"
        "\n"
        '   1  tags [] -> ["printer"]     because: printer matches\n'
        "        M-1  2026-03-01T12:00  acme       Printer\n"
        '   1  ignore none -> "too large" · priority 3 -> none     because: large matches\n'
        "        M-5  2026-03-01T12:00  acme       large\n"
        "\n"
        "the new rules ignore 1 mail:\n"
        "  new   M-5  2026-03-01T12:00  acme       large   (large: too large)\n"
        "\n"
        f"rules that matched nothing in this window: {UNMATCHED}\n"
    )


def test_replay_as_json_is_one_object(gateway: Filled, rules: Path) -> None:
    result = replay(gateway, rules, "--format", "json")

    (line,) = result.stdout.splitlines()
    values = json.loads(line)
    example = {"mail": 5, "arrived": "2026-03-01T12:00:00+00:00", "customer": "acme", "subject": "large"}
    assert (values["mails"], values["changed"], values["quotas_from"]) == (4, 2, None)
    assert values["groups"][1] == {
        "count": 1,
        "changes": [
            {"answer": "ignore", "before": None, "after": "too large"},
            {"answer": "priority", "before": 3, "after": None},
        ],
        "because": ["large matches"],
        "examples": [example],
    }
    assert values["ignored"] == [{**example, "rule": "large", "because": "too large", "is_new": True}]


def test_replay_as_a_comment(gateway: Filled, rules: Path) -> None:
    lines = plain(replay(gateway, rules, "--format", "github")).splitlines()

    assert lines[0] == "### Rules replay: 2 decisions change (50.0 %), 2 stay the same"
    assert lines[-3] == "- **new** M-5  2026-03-01T12&#58;00  acme       large &#40;large&#58; too large&#41;"


def test_the_shipped_rules_against_themselves_change_nothing(gateway: Filled) -> None:
    result = gateway.run("rules", "replay", *WINDOW, "--fail-on-change")

    assert result.exit_code == 0
    assert plain(result).splitlines()[:2] == [
        f"replay of 4 mails, 01 Feb 2026 to 31 Mar 2026: rules {SHIPPED} (live) -> {SHIPPED} (the same)   [0.0 s]",
        "0 decisions change (0.0 %), 4 stay the same",
    ]


def test_changes_fail_only_where_that_is_asked_for(gateway: Filled, rules: Path) -> None:
    assert replay(gateway, rules).exit_code == 0
    assert replay(gateway, rules, "--fail-on-change").exit_code == 1


def test_mails_outside_the_window_are_not_replayed(gateway: Filled, rules: Path) -> None:
    result = gateway.run("rules", "replay", "--rules", str(rules), "--since", "2026-03-02", "--until", "2026-03-03")

    assert "replay of 0 mails, 02 Mar 2026 to 03 Mar 2026" in result.stdout


def test_mails_whose_facts_were_removed_are_counted(gateway: Filled, rules: Path) -> None:
    with closing(sqlite3.connect(gateway.folder / "state" / "gateway.db")) as connection, connection:
        connection.execute("UPDATE message SET facts = '' WHERE mail = 5")

    result = replay(gateway, rules)

    assert "1 decision changes (33.3 %), 2 stay the same\n1 mail more is not comparable" in result.stdout


def test_nothing_is_written(gateway: Filled, rules: Path) -> None:
    def tables() -> list[str]:
        with closing(sqlite3.connect(gateway.folder / "state" / "gateway.db")) as connection:
            return list(connection.iterdump())

    before = tables()
    replay(gateway, rules)

    assert tables() == before
    assert not (gateway.folder / "state" / "rules").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--since", "soon"), '"soon": write a span such as 12h, 30d or 2w, or a day such as 2026-10-01'),
        (("--since", "2026-02-30"), '"2026-02-30": write a span'),
        (("--until", "yesterday"), '"yesterday": write a span'),
        (("--since", "1h", "--until", "2h"), "no time is between --since and --until"),
        (("--format", "sarif"), "'sarif' is not one of"),
        (("--rules", "nowhere"), "nowhere: no such folder"),
    ],
)
def test_wrong_usage_ends_with_2(gateway: Filled, arguments: tuple[str, ...], says: str) -> None:
    result = gateway.run("rules", "replay", *arguments)

    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize("since", ["12h", "30d", "2w", "2026-01-01"])
def test_since_takes_a_span_or_a_day(gateway: Filled, since: str) -> None:
    assert gateway.run("rules", "replay", "--since", since).exit_code == 0


def test_rules_with_errors_end_with_1(gateway: Filled, rules: Path) -> None:
    (rules / "priority.toml").write_text('format = 1\nkind = "priority"\n[[rule]]\nid = "x"\nwhen.custmer.id = "a"\n')

    result = replay(gateway, rules)

    assert (result.exit_code, result.stdout) == (1, "")
    assert 'unknown name "custmer"' in result.stderr


# --- against what


def test_live_is_what_the_daemon_keeps_as_in_force(gateway: Filled, rules: Path) -> None:
    kept = use_folder(gateway, rules)
    kept.keep(files_of(rules), NOW)
    (rules / "routing.toml").write_text(ROUTING.replace("printer", "scanner"))

    result = gateway.run("rules", "replay", *WINDOW)

    assert result.exit_code == 0
    assert '   1  tags ["printer"] -> []     because: printer no longer matches' in result.stdout


def test_live_is_what_is_built_in_where_the_daemon_had_to_start_with_that(gateway: Filled, rules: Path) -> None:
    use_folder(gateway, rules)
    notes = RulesNotes(gateway.folder / "state" / "rules", print)
    notes.write_status(RulesStatus(f"folder {rules}", Origin.BUILT_IN, "", NOW))

    result = gateway.run("rules", "replay", *WINDOW)

    assert "rules built-in (live) -> " in result.stdout


def test_where_no_rules_were_in_force_yet_the_command_says_what_to_name(gateway: Filled, rules: Path) -> None:
    use_folder(gateway, rules)

    result = gateway.run("rules", "replay", *WINDOW)

    assert (result.exit_code, result.stderr) == (
        1,
        "error: no rules were in force yet in this state folder; name a kept revision or a commit with --against\n",
    )


def test_against_a_kept_revision(gateway: Filled, rules: Path) -> None:
    kept = use_folder(gateway, rules)
    first = kept.keep(files_of(rules), NOW)

    result = replay(gateway, rules, "--against", first, "--fail-on-change")

    assert result.exit_code == 0
    assert f"rules {first} -> {first} (the same)" in result.stdout


def test_against_a_commit(gateway: Filled, rules: Path) -> None:
    git(rules, "init", "--quiet")
    commit(rules)
    (rules / "routing.toml").write_text(ROUTING.replace('route.tags = ["printer"]', 'route.tags = ["paper"]'))

    result = replay(gateway, rules, "--against", "main")

    assert result.exit_code == 0
    assert "(main) -> " in result.stdout
    assert '   1  tags ["printer"] -> ["paper"]     because: edited: printer' in result.stdout


@pytest.mark.parametrize("in_git", [True, False])
def test_against_what_nobody_knows(gateway: Filled, rules: Path, in_git: bool) -> None:
    if in_git:
        git(rules, "init", "--quiet")
        commit(rules)

    result = replay(gateway, rules, "--against", "nope")

    assert result.exit_code == 1
    assert result.stderr.startswith("error: revision nope is not kept; ")
    assert ("no commit is called 'nope'" if in_git else "not in a git repository") in result.stderr
