"""`rules explain --ticket`: recorded decisions by the rules of their time beside today's."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import Result

from mailgateway.model.rulefiles import RuleFiles
from tests.app.filled import Filled, copied, filled
from tests.cli.replayed import (
    NOW,
    SHIPPED,
    edited_rules,
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


def test_kept_rules_that_this_program_cannot_use_are_named_and_the_stored_trace_is_shown(
    gateway: Filled, rules: Path
) -> None:
    kept = use_folder(gateway, rules)
    broken = kept.keep(RuleFiles((("a.toml", b'format = 1\nkind = "of another time"\n'),)), NOW)
    with closing(sqlite3.connect(gateway.folder / "state" / "gateway.db")) as connection, connection:
        connection.execute("UPDATE message SET revision = ? WHERE mail = 1", (broken,))

    result = explain(gateway, rules, "1")

    assert f"warning: revision {broken} cannot be used any more" in result.stderr
    assert f"note       revision {broken} is not there any more" in result.stdout


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
