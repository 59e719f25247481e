"""Mails in the ledger as a person sees and undoes them."""

from pathlib import Path

import pytest

from tests.app.filled import LARGE, Filled, copied, filled
from tests.app.parts import mail


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return filled(tmp_path_factory.mktemp("queue") / "gateway")


@pytest.fixture
def gateway(template: Filled, tmp_path: Path) -> Filled:
    return copied(template, tmp_path)


def test_list_shows_mails_newest_first_and_the_totals(template: Filled) -> None:
    result = template.run("queue", "list")

    heading, *rows = [line.split() for line in result.stdout.splitlines()]
    assert (result.exit_code, heading[:2]) == (0, ["mail", "state"])
    assert [row[:2] for row in rows] == [
        ["5", "processed"],
        ["4", "aside"],
        ["3", "ignored"],
        ["2", "processed"],
        ["1", "processed"],
    ]
    assert result.stderr == "mails: 0 received, 0 acknowledged, 1 aside; deliveries: 5 queued\n"


def test_list_as_json_is_one_object_a_line(template: Filled) -> None:
    entries = template.lines("queue", "list")

    assert [(entry["id"], entry["state"], entry["tickets"]) for entry in entries] == [
        (5, "processed", [2]),
        (4, "aside", []),
        (3, "ignored", []),
        (2, "processed", [1]),
        (1, "processed", [1]),
    ]
    assert entries[-1]["location"] == {"mailbox": "support", "folder": "INBOX", "uidvalidity": 7, "uid": 1}
    assert entries[-1]["received_at"] == "2026-03-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("options", "mails"),
    [
        (("--state", "aside"), [4]),
        (("-s", "aside", "-s", "ignored"), [4, 3]),
        (("--mailbox", "support", "--limit", "2"), [5, 4]),
        (("--mailbox", "sales"), []),
        (("--state", "duplicate"), []),
    ],
)
def test_list_shows_what_was_asked_for(template: Filled, options: tuple[str, ...], mails: list[int]) -> None:
    assert [entry["id"] for entry in template.lines("queue", "list", *options)] == mails


def test_show_tells_where_a_mail_came_from_and_its_last_failure(template: Filled) -> None:
    result = template.run("queue", "show", "4")

    fields = dict(line.split(maxsplit=1) for line in result.stdout.splitlines()[:4] if " " in line.strip())
    assert (result.exit_code, fields["state"].strip(), fields["reason"].strip()) == (0, "aside", "failed 3 times")
    assert "support, INBOX, UID 4 (UIDVALIDITY 7)" in result.stdout
    assert result.stdout.endswith("\n\nTraceback: a test\n")


def test_show_of_a_mail_without_a_failure_has_no_traceback(template: Filled) -> None:
    assert "Traceback" not in template.run("queue", "show", "1").stdout


def test_show_as_json_is_the_line_of_the_list_with_what_was_done(template: Filled) -> None:
    listed = template.lines("queue", "list")

    (shown,) = template.lines("queue", "show", "4")
    events = shown.pop("events")
    assert shown == listed[1]
    assert [(event["kind"], event["actor"], event["because"]) for event in events] == [
        ("set_aside", "gateway", "failed 3 times")
    ]


def test_show_has_what_was_done_with_a_mail(gateway: Filled) -> None:
    gateway.run("queue", "ignore", "4", "--because", "a test")

    shown = gateway.run("queue", "show", "4").stdout

    assert [line.split()[2:] for line in shown.splitlines() if line.startswith("2026-03-01 12:00:00  set")] == [
        ["set_aside", "gateway", "failed", "3", "times"]
    ]
    assert "ignored    admin    a test" in shown


@pytest.mark.parametrize(("number", "raw"), [("4", mail("bad")), ("5", LARGE)], ids=["row", "blob"])
def test_show_raw_prints_the_very_bytes(template: Filled, number: str, raw: bytes) -> None:
    result = template.run("queue", "show", number, "--raw")

    assert (result.exit_code, result.stdout_bytes) == (0, raw)


@pytest.mark.parametrize("arguments", [("show", "99"), ("retry", "99"), ("ignore", "99", "--because", "x")])
def test_a_mail_that_does_not_exist_is_an_error(gateway: Filled, arguments: tuple[str, ...]) -> None:
    result = gateway.run("queue", *arguments)

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "error: there is no mail 99\n")


@pytest.mark.parametrize(
    "arguments",
    [("show", "0"), ("show", "four"), ("list", "--state", "lost"), ("list", "-n", "0"), ("ignore", "4"), ("retry",)],
)
def test_wrong_usage_ends_with_2(template: Filled, arguments: tuple[str, ...]) -> None:
    assert template.run("queue", *arguments).exit_code == 2


def test_retry_puts_a_mail_back(gateway: Filled) -> None:
    result = gateway.run("queue", "retry", "4")

    assert (result.exit_code, result.stderr) == (0, "mail 4 will be processed again\n")
    (entry,) = gateway.lines("queue", "show", "4")
    assert (entry["state"], entry["attempts"], entry["reason"]) == ("acknowledged", 0, "")


def test_retry_of_an_ignored_mail_undoes_it(gateway: Filled) -> None:
    assert gateway.run("queue", "retry", "3").exit_code == 0
    assert gateway.lines("queue", "show", "3")[0]["state"] == "acknowledged"


def test_retry_of_a_mail_that_is_done_is_an_error(gateway: Filled) -> None:
    result = gateway.run("queue", "retry", "1")

    assert (result.exit_code, result.stderr) == (1, "error: mail 1 is processed, not aside or ignored\n")


def test_ignore_keeps_the_reason(gateway: Filled) -> None:
    result = gateway.run("queue", "ignore", "4", "--because", "  advertising ")

    assert (result.exit_code, result.stderr) == (0, "mail 4 is ignored: advertising\n")
    (entry,) = gateway.lines("queue", "show", "4")
    assert (entry["state"], entry["reason"]) == ("ignored", "advertising")


def test_ignore_without_words_is_wrong_usage_and_changes_nothing(gateway: Filled) -> None:
    result = gateway.run("queue", "ignore", "4", "--because", "  ")

    assert (result.exit_code, "say why" in result.stderr) == (2, True)
    assert gateway.lines("queue", "show", "4")[0]["state"] == "aside"


def test_ignore_of_a_mail_that_is_done_is_an_error(gateway: Filled) -> None:
    assert gateway.run("queue", "ignore", "1", "--because", "x").exit_code == 1


def test_a_database_that_was_never_made_is_told_with_what_to_do(gateway: Filled, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "config.toml").write_text((gateway.folder / "config.toml").read_text())
    result = Filled(empty).run("queue", "list")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: ")
