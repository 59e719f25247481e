"""`rules replay`, and `rules explain --ticket`: recorded decisions by other rules."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import Result

from mailgateway.adapters.rulefiles import KeptRules, RulesNotes
from mailgateway.model.rulefiles import Origin, RuleFiles, RulesStatus
from mailgateway.rules.shipped import default_rules
from tests.adapters_rules.repository import commit, git
from tests.app.filled import Filled, copied, filled
from tests.rulebooks import write_rules

NOW = datetime(2026, 11, 7, 8, 20, tzinfo=UTC)
WINDOW = ("--since", "2026-02-01", "--until", "2026-03-31")
SHIPPED = default_rules().revision
ROUTING = """format = 1
kind = "routing"
[[rule]]
id = "printer"
when.text.mentions = "printer"
route.tags = ["printer"]
[[rule]]
id = "large"
when.subject.contains = "large"
route.ignore = true
route.because = "too large"
"""
UNMATCHED = "stated, stated-critical, not-production, closed-too-long, reopen"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Return a gateway whose four mails the shipped rules decided."""
    return filled(tmp_path_factory.mktemp("replay") / "gateway")


@pytest.fixture
def gateway(template: Filled, tmp_path: Path) -> Filled:
    return copied(template, tmp_path / "gateway")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a folder of rules that tag one mail and ignore another; no guards."""
    folder = write_rules(tmp_path / "rules")
    (folder / "routing.toml").write_text(ROUTING)
    return folder


def replay(gateway: Filled, rules: Path, *arguments: str) -> Result:
    return gateway.run("rules", "replay", "--rules", str(rules), *WINDOW, *arguments)


def plain(result: Result) -> str:
    """Return what was printed, without how long it took."""
    return re.sub(r"\d+\.\d s", "0.0 s", result.stdout)


def revision(gateway: Filled, rules: Path) -> str:
    return str(json.loads(replay(gateway, rules, "--json").stdout)["after"]).split()[0]


def use_folder(gateway: Filled, rules: Path) -> KeptRules:
    """Configure a folder of rules, and return where the daemon keeps good ones."""
    config = gateway.folder / "config.toml"
    config.write_text(f'{config.read_text()}\n[rules]\nfolder = "{rules}"\n')
    return KeptRules(gateway.folder / "state" / "rules", print)


def files_of(folder: Path) -> RuleFiles:
    return RuleFiles(tuple(sorted((path.name, path.read_bytes()) for path in folder.glob("*.toml"))))


# --- replay


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


# --- explain --ticket


def explain(gateway: Filled, rules: Path, *arguments: str) -> Result:
    return gateway.run("rules", "explain", "--rules", str(rules), "--ticket", *arguments)


def headings(result: Result) -> list[str]:
    """Return the lines that name a message, what differs and why, and the rules that match today alone."""
    marks = ("ticket ", "decided ", "note ", "differs ", "because ", "the same", "---", "* MATCH", "rules ")
    return [line.rstrip("- ") for line in result.stdout.splitlines() if line.startswith(marks)]


def test_a_ticket_is_explained_by_the_rules_of_that_time_beside_todays(gateway: Filled, rules: Path) -> None:
    result = explain(gateway, rules, "1")

    today, ref = revision(gateway, rules), gateway.ref(1)
    assert (result.exit_code, result.stderr) == (0, "")
    assert headings(result) == [
        f"ticket     {ref}, message 1 of 2 that were decided",
        "decided    2026-03-01 12:00 UTC   program 0.1.0",
        "--- then",
        f"rules      revision {SHIPPED}   arrived 2026-03-01T12:00:00+00:00   customer acme   customer plan gold",
        f"--- by today's rules, revision {today}",
        'differs    tags [] -> ["printer"]',
        "because    printer matches",
        f"rules      revision {today}   arrived 2026-03-01T12:00:00+00:00   customer acme   customer plan gold",
        f"* MATCH printer                      {rules}/routing.toml:3",
    ]


def test_every_message_or_a_certain_one(gateway: Filled, rules: Path) -> None:
    ref = gateway.ref(1)

    every = [line for line in headings(explain(gateway, rules, "1", "--all")) if line.startswith(("ticket", "the "))]
    second = headings(explain(gateway, rules, ref, "--message", "2"))

    first_line, second_line = (f"ticket     {ref}, message {number} of 2 that were decided" for number in (1, 2))
    assert every == [first_line, second_line, "the same"]
    assert second[0] == second_line


def test_a_ticket_for_programs_is_one_object_a_message(gateway: Filled, rules: Path) -> None:
    lines = explain(gateway, rules, "1", "--all", "--json").stdout.splitlines()

    first, second = map(json.loads, lines)
    assert (first["message"], first["mail"], first["notes"]) == (1, 1, [])
    assert first["then"]["decision"]["revision"] == SHIPPED
    assert first["changes"] == [{"answer": "tags", "then": [], "now": ["printer"]}]
    assert first["because"] == ["printer matches"]
    assert (second["changes"], second["because"]) == ([], [])


def test_where_the_rules_of_that_time_are_gone_the_stored_trace_is_shown(gateway: Filled, rules: Path) -> None:
    with closing(sqlite3.connect(gateway.folder / "state" / "gateway.db")) as connection, connection:
        connection.execute("UPDATE message SET revision = '12345678' WHERE mail = 1")

    result = explain(gateway, rules, "1")

    assert "note       revision 12345678 is not there any more: the trace is as it was stored" in result.stdout
    assert "  MATCH new-ticket" in result.stdout
    assert 'differs    tags [] -> ["printer"]' in result.stdout


def test_where_the_rules_of_that_time_decide_otherwise_now_the_stored_trace_is_shown(
    gateway: Filled, rules: Path
) -> None:
    with closing(sqlite3.connect(gateway.folder / "state" / "gateway.db")) as connection, connection:
        connection.execute("UPDATE message SET program = '0.0.9', answers = '[]' WHERE mail = 1")

    result = explain(gateway, rules, "1")

    assert "note       this program decides otherwise by the same rules (0.0.9 then, 0.1.0 now)" in result.stdout


def test_where_the_facts_were_removed_nothing_is_said_of_today(gateway: Filled, rules: Path) -> None:
    with closing(sqlite3.connect(gateway.folder / "state" / "gateway.db")) as connection, connection:
        connection.execute("UPDATE message SET facts = '' WHERE mail = 1")

    result = explain(gateway, rules, "1")

    assert "note       the facts were removed" in result.stdout
    assert "by today's rules" not in result.stdout


def test_a_quota_of_today_that_nobody_counted_then_is_named(gateway: Filled, rules: Path) -> None:
    quota = 'format = 1\nkind = "quota"\n[[quota]]\nid = "all"\nallow = 5\nper = "calendar month"\n'
    (rules / "quota.toml").write_text(quota)

    result = explain(gateway, rules, "1")

    assert "note       today's rules see as unused what was not counted then: all" in result.stdout


def test_why_not_asks_both_sides(gateway: Filled, rules: Path) -> None:
    result = explain(gateway, rules, "2", "--why-not", "large")

    assert f"  large is not in revision {SHIPPED}" in result.stdout
    assert "  large matched; it decided ignore" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--ticket", "99"), 1, "there is no ticket 99"),
        (("--ticket", "1", "--message", "3"), 2, "has 2 messages that were decided"),
        (("--ticket", "1", "--why-not", "printr"), 2, 'did you mean "printer"?'),
        (("--ticket", "1", "a.eml"), 2, "no files and no --given"),
        (("--all", "a.eml"), 2, "they choose among the messages of a ticket"),
        ((), 2, "name mails in files, or a ticket with --ticket"),
    ],
)
def test_what_cannot_be_explained_is_said(
    gateway: Filled, rules: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    result = gateway.run("rules", "explain", "--rules", str(rules), *arguments)

    assert result.exit_code == code
    assert says in result.stderr
