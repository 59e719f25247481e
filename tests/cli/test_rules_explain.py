"""`mailgateway rules explain`: why mails in files are decided as they are, without a database."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from mailgateway.cli import app

MAIL = b"From: Carla <carla@customer.example>\nSubject: The lab is down\n\nPriority: high\n\nSince noon.\n"
CONFIG = """
[[mailbox]]
name = "support"
address = "help@acme.example"
imap = { host = "imap.acme.example", user = "help" }
[smtp]
host = "smtp.acme.example"
[[agent]]
id = "olga"
name = "Olga"
addresses = ["carla@customer.example"]
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory: no configuration lies there, so the shipped rules decide."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m1.eml").write_bytes(MAIL)
    return tmp_path


def ran(*options: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["rules", "explain", *options], input=stdin)


def said(done: Result) -> str:
    """Return an error without its frame."""
    return " ".join(done.stderr.replace("│", "").split())


def test_a_mail_is_explained_from_its_head_to_the_last_guard() -> None:
    done = ran("m1.eml")

    lines = done.stdout.splitlines()
    assert (done.exit_code, done.stderr) == (0, "")
    assert lines[0] == "mail       m1.eml   from carla@customer.example   subject 'The lab is down'"
    assert lines[1].endswith("   arrived 2026-03-04T12:00:00+00:00   customer unknown")
    assert lines[2].startswith("decision   new ticket (by new-ticket) · queue support (by (default)) · ")
    assert [line.partition(":")[0] for line in lines if " tried, " in line and line[0] != " "] == [
        *("program", "routing", "split", "priority", "guards"),
    ]
    assert any("MATCH not-production               shipped/priority.toml:" in line for line in lines)


def test_given_facts_count() -> None:
    done = ran("m1.eml", "--given", "customer.known=true", "--given", "arrived=2026-11-07T03:00:00+03:00")

    assert "   arrived 2026-11-07T03:00:00+03:00   customer a-customer" in done.stdout
    assert "  MATCH stated " in done.stdout


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("custmer.plan=basic", 'there is no fact "custmer.plan"; did you mean "customer.plan"?'),
        ("zzz=1", 'there is no fact "zzz"; mailgateway rules fields lists them'),
        ("customer.plan", "write NAME=VALUE, such as customer.plan=basic"),
        ("customer.plan=gold", 'customer.plan cannot be "gold"; site.toml names no plans'),
        ("ticket.kind=incidents", 'ticket.kind cannot be "incidents"; did you mean "incident"?'),
        ("mail.kind=zzz", 'mail.kind cannot be "zzz"; there are: person, '),
        ("answers.recent=many", 'answers.recent is a number, and "many" is none'),
        ("sender.typed=maybe", 'sender.typed is true or false, and "maybe" is none'),
        ("arrived=2026-11-07T03:00:00", "arrived is a time with its offset"),
        ("arrived=noon", "arrived is a time with its offset"),
    ],
)
def test_a_fact_that_cannot_be_given_is_wrong_usage(given: str, words: str) -> None:
    done = ran("m1.eml", "--given", given)

    assert done.exit_code == 2
    assert words in said(done)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("attachments.names=a.log, b.zip", "attachments.names"),
        ("usage.some-quota=3", "usage.some-quota"),
        ("mail.header.x-product=storage", "mail.header.x-product"),
        ("ticket.ref=SUP-7-XX", "ticket.ref"),
        ("sender.free_mail=no", "sender.free_mail"),
    ],
)
def test_facts_of_every_type_can_be_given(given: str, shown: str) -> None:
    done = ran("m1.eml", "--given", given)

    assert (done.exit_code, shown in given) == (0, True)


def test_one_rule_is_shown_alone_and_why_it_did_not_match() -> None:
    done = ran("m1.eml", "--why-not", "stated")

    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert lines[3] == "split      no items are found in it"
    assert lines[5].startswith("  -     stated                       shipped/priority.toml:")
    assert lines[6].split() == ["NO", "when", "customer.known", "is", "true", "false"]
    assert lines[8] == "  stated did not match: customer.known is true: false"


def test_a_rule_that_matched_says_so() -> None:
    done = ran("m1.eml", "--why-not", "not-production")

    assert done.stdout.rstrip().splitlines()[-1] == "  not-production matched"


def test_a_rule_that_does_not_exist_is_wrong_usage() -> None:
    done = ran("m1.eml", "--why-not", "not-prodction")

    assert done.exit_code == 2
    assert 'there is no rule "not-prodction"; did you mean "not-production"?' in said(done)


def test_json_is_one_object_a_line() -> None:
    done = ran("--json", "m1.eml", "-", stdin=b"\x00\xff no mail")

    made = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [list(one) for one in made] == [["file", "decision", "trace", "split"]] * 2
    assert [one["file"] for one in made] == ["m1.eml", "-"]
    assert all(one["decision"]["answers"] for one in made)


def test_many_files_in_one_call_say_under_split_what_each_is_cut_into(here: Path) -> None:
    items = ("Node 17 does not come back after the reboot.", "How do we add a second administrator account?")
    text = f"We have two issues:\n1. {items[0]}\n2. {items[1]}"
    (here / "m2.eml").write_text(f"From: a@b.example\nSubject: Two\n\n{text}\n", "utf-8")

    made = [json.loads(line)["split"] for line in ran("--json", "m1.eml", "m2.eml").stdout.splitlines()]

    whole = {
        "title": "The lab is down",
        "text": "Priority: high\n\nSince noon.",
        "attachments": [],
        "start": 0,
        "end": 27,
    }
    nothing = {"parts": [whole], "suggested": False, "reason": "no items are found in it"}
    assert made[0] == {**nothing, "score": None, "score_reasons": []}
    assert list(made[1]) == ["parts", "suggested", "reason", "score", "score_reasons"]
    assert [one["text"] for one in made[1]["parts"]] == list(items)
    assert [text[one["start"] : one["end"]] for one in made[1]["parts"]] == [f"1. {items[0]}", f"2. {items[1]}"]


def test_json_of_one_rule_has_its_conditions_and_why() -> None:
    made = json.loads(ran("--json", "m1.eml", "--why-not", "stated").stdout)

    assert [step["rule"] for step in made["trace"]] == ["stated"]
    assert made["why"] == "stated did not match: customer.known is true: false"


def test_folders_and_maildirs_are_read_in_the_order_of_their_names(here: Path) -> None:
    for name in ("box/cur/2:2,S", "box/new/1", "box/tmp/3", "mails/b.eml", "mails/a.eml", "mails/notes.txt"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(MAIL)

    done = ran("--json", "mails", "box")

    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == [
        *("mails/a.eml", "mails/b.eml", "box/cur/2:2,S", "box/new/1"),
    ]


def test_what_cannot_be_read_is_reported_and_the_others_are_explained(here: Path) -> None:
    (here / "empty").mkdir()

    done = ran("--json", "missing.eml", "empty", "m1.eml")
    told = ran("missing.eml")

    made = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.exit_code, told.exit_code) == (1, 1)
    assert [list(one)[:2] for one in made] == [["file", "error"], ["file", "error"], ["file", "decision"]]
    assert told.stderr == "warning: missing.eml: No such file or directory\n"


def test_a_configuration_knows_the_mailbox_and_the_agents(here: Path) -> None:
    (here / "config.toml").write_text(CONFIG)

    done = ran("m1.eml", "--json", "--why-not", "silent-agent")

    made = json.loads(done.stdout)
    assert made["why"] == "silent-agent matched"
    assert [one["effect"] for one in made["decision"]["effects"]] == ["OpenTicket", "StaySilent", "NotifyAgents"]


def test_a_configuration_that_is_named_must_exist() -> None:
    done = CliRunner().invoke(app, ["--config", "missing.toml", "rules", "explain", "m1.eml"])

    assert done.exit_code == 1
    assert "missing.toml" in done.stderr
