"""A folder with a configuration and a store that holds a few mails, for tests of the commands."""

import json
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from mailgateway.adapters.store.schema import upgrade
from mailgateway.cli import app
from mailgateway.model.people import Customer
from tests.app.parts import Desk, large_mail, mail, open_desk

CONFIG = """\
[smtp]
host = "localhost"
[[mailbox]]
name = "support"
address = "support@acme.example"
imap = { host = "imap", user = "a" }
[[agent]]
id = "olga"
name = "Olga"
addresses = ["olga@acme.example"]
"""
LARGE = large_mail("large", 10_000)
"""Mail 5: in the blob store."""


@dataclass(frozen=True, slots=True)
class Filled:
    """Where the store is, and how a command is run on it.

    Mail 1 opened ticket 1, mail 2 is the reply, mail 3 was ignored, mail 4 is set aside, mail 5 is large and opened
    ticket 2.
    """

    folder: Path

    def run(self, *arguments: str, words: str = "") -> Result:
        command = ["-c", str(self.folder / "config.toml"), *arguments]
        return CliRunner().invoke(app, command, input=words, env={"COLUMNS": "200"})

    def lines(self, *arguments: str) -> list[Any]:
        """Return what a command prints with --json, one value a line."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def ref(self, number: int) -> str:
        return str(self.lines("ticket", "show", str(number))[0]["ticket"]["ref"])


def filled(folder: Path) -> Filled:
    """Make such a folder."""
    state = folder / "state"
    state.mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG)
    url = f"sqlite:///{state / 'gateway.db'}"
    upgrade(url)
    desk = open_desk(url, state)
    with closing(desk.store):
        _fill(desk)
    return Filled(folder)


def copied(source: Filled, folder: Path) -> Filled:
    """Return a copy that a test may change."""
    shutil.copytree(source.folder, folder, dirs_exist_ok=True)
    return Filled(folder)


def _fill(desk: Desk) -> None:
    desk.store.import_customers(
        [Customer("acme", "Acme Ltd", "gold", ("customer.example",))], [("Carla", "carla@customer.example", "acme")]
    )
    desk.arrive(mail("first", subject="Printer"))
    desk.arrive(mail("reply", "In-Reply-To: <first@customer.example>", text="Still burning."))
    desk.arrive(mail("away", "Auto-Submitted: auto-replied"))
    desk.drain()
    desk.arrive(mail("bad"))
    (bad,) = desk.store.begin(desk.lease(), desk.clock.now(), 1)
    desk.store.set_aside(bad.id, "failed 3 times", "Traceback: a test", desk.clock.now())
    digest, _ = desk.blobs.put([LARGE])
    desk.arrive(b"", blob=digest, size_bytes=len(LARGE))
    desk.drain()
