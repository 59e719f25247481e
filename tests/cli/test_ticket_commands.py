"""Tickets as agents and operators see and change them."""

from pathlib import Path

import pytest

from tests.app.filled import Filled, copied, filled


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return filled(tmp_path_factory.mktemp("ticket") / "gateway")


@pytest.fixture
def gateway(template: Filled, tmp_path: Path) -> Filled:
    return copied(template, tmp_path)


def status(gateway: Filled, number: int) -> str:
    return str(gateway.lines("ticket", "show", str(number))[0]["ticket"]["status"])


def test_list_shows_tickets_latest_change_first(template: Filled) -> None:
    result = template.run("ticket", "list")

    heading, *rows = result.stdout.splitlines()
    assert (result.exit_code, heading.split()) == (
        0, ["ticket", "status", "prio", "changed", "requester", "customer", "title"]
    )  # fmt: skip
    assert [row.split()[0] for row in rows] == [template.ref(2), template.ref(1)]
    assert rows[1].split()[1:] == ["new", "3", "2026-03-01", "12:00", "carla@customer.example", "acme", "Printer"]


def test_list_as_json_is_one_object_a_line(template: Filled) -> None:
    tickets = template.lines("ticket", "list")

    assert [(ticket["number"], ticket["title"], ticket["status"]) for ticket in tickets] == [
        (2, "large", "new"),
        (1, "Printer", "new"),
    ]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ((), [2]),
        (("--all",), [1, 2]),
        (("--status", "closed"), [1]),
        (("-s", "closed", "-s", "new"), [1, 2]),
        (("--customer", "acme", "--limit", "1", "--all"), [1]),
        (("--customer", "other", "--all"), []),
    ],
)
def test_list_shows_what_was_asked_for(gateway: Filled, options: tuple[str, ...], numbers: list[int]) -> None:
    gateway.run("ticket", "close", "1")

    assert [ticket["number"] for ticket in gateway.lines("ticket", "list", *options)] == numbers


def test_show_has_messages_and_history(template: Filled) -> None:
    result = template.run("ticket", "show", "1")

    assert result.exit_code == 0
    first = template.lines("ticket", "show", "1")[0]["messages"][0]["id"]
    heading = f"carla@customer.example (message {first}, person, public)"
    for words in ("Printer", "It burns.", "Still burning.", heading, "opened"):
        assert words in result.stdout


@pytest.mark.parametrize("form", ["{}", "[{}]"])
@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_show_takes_every_form_of_the_id(template: Filled, form: str, change: object) -> None:
    name = form.format(change(template.ref(1)))  # type: ignore[operator]  # a method of str

    assert template.lines("ticket", "show", name) == template.lines("ticket", "show", "1")


def test_show_as_json_is_one_object_with_messages_and_events(template: Filled) -> None:
    (shown,) = template.lines("ticket", "show", "1")

    assert shown["ticket"]["customer"] == "acme"
    assert [message["kind"] for message in shown["messages"] if message["incoming"]] == ["person", "person"]
    assert [event["kind"] for event in shown["events"]] == [
        "opened", "acknowledged", "notified", "message", "notified"
    ]  # fmt: skip


def test_close_and_reopen_are_events_with_their_reason(gateway: Filled) -> None:
    closed = gateway.run("ticket", "close", "1", "--because", "sold the printer")
    states = [status(gateway, 1)]
    reopened = gateway.run("ticket", "reopen", "1")
    states.append(status(gateway, 1))

    events = gateway.lines("ticket", "show", "1")[0]["events"][-2:]
    assert states == ["closed", "open"]
    assert [closed.stderr, reopened.stderr] == [f"{gateway.ref(1)} is {state} now\n" for state in states]
    assert [(event["actor"], event["because"], event["details"]) for event in events] == [
        ("admin", "sold the printer", [["from", "new"], ["to", "closed"]]),
        ("admin", "reopened by hand", [["from", "closed"], ["to", "open"]]),
    ]


def test_closing_twice_is_an_error(gateway: Filled) -> None:
    gateway.run("ticket", "close", "1")

    result = gateway.run("ticket", "close", "1")

    assert (result.exit_code, result.stderr) == (1, f"error: {gateway.ref(1)} is closed already\n")


@pytest.mark.parametrize(("text", "words"), [("call them", ""), ("-", "\ncall them\n")], ids=["argument", "stdin"])
def test_note_is_kept_inside(gateway: Filled, text: str, words: str) -> None:
    result = gateway.run("ticket", "note", "1", text, words=words)

    note = gateway.lines("ticket", "show", "1")[0]["messages"][-1]
    assert (result.exit_code, result.stderr) == (0, f"noted on {gateway.ref(1)}\n")
    assert (note["text"], note["visibility"]) == ("call them", "inside")


@pytest.mark.parametrize(("text", "words"), [("  ", ""), ("-", " \n")], ids=["argument", "stdin"])
def test_an_empty_note_is_wrong_usage(gateway: Filled, text: str, words: str) -> None:
    result = gateway.run("ticket", "note", "1", text, words=words)

    assert (result.exit_code, "the note is empty" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "arguments", [("show", "99"), ("close", "SUP-99-XX"), ("reopen", "nonsense"), ("note", "99", "words")]
)
def test_a_ticket_that_does_not_exist_is_an_error(template: Filled, arguments: tuple[str, ...]) -> None:
    result = template.run("ticket", *arguments)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: there is no ticket {arguments[1]}\n"


@pytest.mark.parametrize("arguments", [("list", "--status", "gone"), ("show",), ("note", "1"), ("list", "-n", "0")])
def test_wrong_usage_ends_with_2(template: Filled, arguments: tuple[str, ...]) -> None:
    assert template.run("ticket", *arguments).exit_code == 2


def test_without_a_configuration_nothing_works(tmp_path: Path) -> None:
    result = Filled(tmp_path).run("ticket", "list")

    assert (result.exit_code, "no such file" in result.stderr) == (1, True)


def test_a_ticket_of_nobodys_customer_and_strange_words_is_shown_safely(gateway: Filled) -> None:
    gateway.run("ticket", "note", "2", "bell \x07 and escape \x1b[31m")

    assert "\x1b" not in gateway.run("ticket", "show", "2").stdout
