"""`mailgateway ticket split` and `unsplit` on the command line."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mailgateway.adapters.files import create_keyring
from mailgateway.adapters.rulefiles import KeptRules
from mailgateway.adapters.store.schema import upgrade
from mailgateway.app.rules.active import ActiveRules
from mailgateway.model.rulefiles import RuleFiles
from tests.app.filled import CONFIG, Filled, copied
from tests.app.parts import NOW, mail, open_desk
from tests.app.several import MORE, NEVER, ROUTING, RULES, SITE, THREE

CUSTOMER, AGENT = "carla@customer.example", "olga@acme.example"
FILES = {"site.toml": SITE, "routing.toml": ROUTING, "split.toml": NEVER}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Return a gateway with the mail THREE on ticket 1, the reply MORE on it, and a mail without items on ticket 2."""
    folder = tmp_path_factory.mktemp("split") / "gateway"
    state = folder / "state"
    state.mkdir(parents=True)
    (folder / "config.toml").write_text(f'{CONFIG}\n[rules]\nfolder = "rules"\n')
    (folder / "rules").mkdir()
    for name, written in FILES.items():
        (folder / "rules" / name).write_bytes(written)
    create_keyring(state / "keyring")
    url = f"sqlite:///{state / 'gateway.db'}"
    upgrade(url)
    desk = open_desk(url, state)
    with closing(desk.store):
        desk.arrive(mail("first", subject="Several things", text=THREE))
        desk.arrive(mail("more", "In-Reply-To: <first@customer.example>", text=MORE))
        desk.arrive(mail("plain", text="The printer burns.\nThe lamp is off."))
        desk.drain(replace(desk.work(), rules=ActiveRules(RULES)))
    return Filled(folder)


@pytest.fixture
def gateway(template: Filled, tmp_path: Path) -> Filled:
    return copied(template, tmp_path)


def opening(gateway: Filled) -> str:
    """Return the number of the mail that opened ticket 1."""
    return str(gateway.lines("ticket", "show", "1")[0]["messages"][0]["id"])


def sent(gateway: Filled, ticket: int) -> list[tuple[str, str]]:
    """Return to whom mails of a ticket went, and what they were."""
    messages = gateway.lines("ticket", "show", str(ticket))[0]["messages"]
    return [(one["recipients"][0], one["kind"]) for one in messages if not one["incoming"]]


def titles(gateway: Filled) -> list[tuple[str, str]]:
    tickets = gateway.lines("ticket", "list", "--all")
    return [(one["title"], one["queue"]) for one in sorted(tickets, key=lambda one: int(one["number"]))]


def test_split_makes_a_ticket_of_every_item(gateway: Filled) -> None:
    first = gateway.ref(1)

    result = gateway.run("ticket", "split", "1", "--message", opening(gateway), "--by", "olga")

    refs = f"{first}, {gateway.ref(3)}, {gateway.ref(4)}"
    said = f"{first} is 3 tickets now: {refs}\n{CUSTOMER} is told\n"
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", said)
    assert titles(gateway) == [
        ("The invoice of March names the wrong company.", "billing"),
        ("plain", "support"),
        ("Production down since noon on the second server.", "support"),
        ("How do I add a user to the team?", "support"),
    ]
    events = gateway.lines("ticket", "show", "3")[0]["events"]
    assert {(event["actor"], event["because"]) for event in events} == {
        ("agent:olga", "several issues"), ("agent:olga", "another part of the same mail"),
        ("agent:olga", "roles: support"),
    }  # fmt: skip
    assert sent(gateway, 1)[-2:] == [(CUSTOMER, "acknowledgement"), (AGENT, "notification")]


@pytest.mark.parametrize("command", ["split", "unsplit"])
def test_a_quiet_command_does_not_write_to_the_customer(gateway: Filled, command: str) -> None:
    if command == "unsplit":
        gateway.run("ticket", "split", "1", "--quiet")
    before = [one for one in sent(gateway, 1) if one[0] == CUSTOMER]

    result = gateway.run("ticket", command, "1", "--quiet")

    assert result.exit_code == 0
    assert result.stderr.splitlines()[1] == "the customer is not told: nobody was to be written to"
    assert [one for one in sent(gateway, 1) if one[0] == CUSTOMER] == before


def test_the_newest_mail_with_items_is_split_where_none_is_named(gateway: Filled) -> None:
    gateway.run("ticket", "split", "1", "--items", "1")

    assert titles(gateway)[2:] == [("The lamp in the cellar does not work any more.", "support")]


def test_lines_are_named_by_their_first_words(gateway: Filled) -> None:
    result = gateway.run("ticket", "split", "2", "--at", "the lamp")

    assert result.exit_code == 0
    assert titles(gateway)[1:] == [("plain", "support"), ("The lamp is off.", "support")]


def test_unsplit_makes_one_ticket_again(gateway: Filled) -> None:
    before = titles(gateway)
    gateway.run("ticket", "split", "1", "--message", opening(gateway))

    result = gateway.run("ticket", "unsplit", gateway.ref(4), "--because", "one call", "--by", "olga")

    first = gateway.ref(1)
    said = f"{first} is one ticket again, of 3\n{CUSTOMER} is told\n"
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", said)
    assert sent(gateway, 1)[-1] == (CUSTOMER, "information")
    assert titles(gateway)[:2] == before
    assert [gateway.lines("ticket", "show", number)[0]["ticket"]["merged_into"] for number in "34"] == [1, 1]
    joined = [one for one in gateway.lines("ticket", "show", "1")[0]["events"] if one["kind"] == "joined"]
    assert [(one["actor"], one["because"]) for one in joined] == [("agent:olga", "one call")]


def test_show_tells_the_parts(gateway: Filled) -> None:
    gateway.run("ticket", "split", "1", "--message", opening(gateway))

    lines = gateway.run("ticket", "show", "3").stdout.splitlines()

    heading = next(
        at for at, line in enumerate(lines) if line.split() == ["message", "part", "ticket", "status", "title"]
    )
    message = opening(gateway)
    assert [line.split()[:6] for line in lines[heading + 1 : heading + 4]] == [
        [message, str(part), "of", "3", ref, "new"]
        for part, ref in enumerate((gateway.ref(1), gateway.ref(3), gateway.ref(4)), start=1)
    ]
    assert any(line.startswith("--- ") and f"(message {message}, person, public, part 2)" in line for line in lines)


@pytest.mark.parametrize("command", ["split", "unsplit"])
def test_json_is_the_ticket_as_it_is_now_with_its_parts(gateway: Filled, command: str) -> None:
    if command == "unsplit":
        gateway.run("ticket", "split", "1")

    (printed,) = gateway.lines("ticket", command, "1")

    (now,) = gateway.lines("ticket", "show", "1")
    now.pop("messages")
    assert printed == now
    assert [(one["part"], one["of"], one["ticket"], one["first"]) for one in printed["parts"]] == (
        [(1, 2, gateway.ref(1), gateway.ref(1)), (2, 2, gateway.ref(3), gateway.ref(1))] if command == "split" else []
    )


def test_the_rules_that_the_daemon_took_last_decide(gateway: Filled) -> None:
    kept = {**FILES, "routing.toml": ROUTING.replace(b'queue = "billing"', b'queue = "support"')}
    KeptRules(gateway.folder / "state" / "rules", pytest.fail).keep(RuleFiles(tuple(sorted(kept.items()))), NOW)

    gateway.run("ticket", "split", "1", "--message", opening(gateway))

    assert titles(gateway)[0] == ("The invoice of March names the wrong company.", "support")


def test_without_a_folder_of_rules_the_shipped_ones_decide(gateway: Filled) -> None:
    (gateway.folder / "config.toml").write_text(CONFIG)

    result = gateway.run("ticket", "split", "2", "--at", "the lamp")

    assert result.exit_code == 0
    assert titles(gateway)[2][0] == "The lamp is off."


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("split", "9"), "there is no ticket 9"),
        (("split", "1", "--items", "1,7"), "there is no item 7: 2 were found in this mail"),
        (("split", "2", "--at", "The cellar"), 'no line of the mail begins with "The cellar"'),
        (("split", "2", "--at", "The"), '2 lines of the mail begin with "The": give more of the one that is meant'),
        (
            ("split", "1", "--message", "99"),
            "message 99 is none that can be cut: no customer's words on {}, or cut already",
        ),
        (("split", "1", "--by", "olge"), "there is no agent olge; did you mean olga?"),
        (("unsplit", "1"), "{} is no part of a mail that was cut"),
        (("unsplit", "SUP-9-XX"), "there is no ticket SUP-9-XX"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_says_why(template: Filled, command: tuple[str, ...], words: str) -> None:
    result = template.run("ticket", *command)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {words.format(template.ref(1))}\n"


@pytest.mark.parametrize(
    "command",
    [
        ("split", "1", "--items", "one"),
        ("split", "1", "--items", ","),
        ("split", "1", "--items", ""),
        ("split", "1", "--items", "1", "--at", "The lamp"),
        ("split", "1", "--message", "0"),
        ("split", "1", "--because", " "),
        ("unsplit", "1", "--because", ""),
        ("unsplit",),
    ],
)
def test_without_a_reason_or_with_half_a_command_nothing_happens(template: Filled, command: tuple[str, ...]) -> None:
    before = titles(template)

    assert template.run("ticket", *command).exit_code == 2
    assert titles(template) == before


def test_without_a_keyring_nothing_is_split(gateway: Filled) -> None:
    (gateway.folder / "state" / "keyring").unlink()

    result = gateway.run("ticket", "split", "1")

    assert (result.exit_code, "keyring" in result.stderr, len(titles(gateway))) == (1, True, 2)
