"""`mailgateway rules explain`: why mails in files are decided as they are, without a database."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mailgateway.app.rules.explain import explain, given_facts, rule_named
from mailgateway.app.snapshot import Snapshot
from mailgateway.cli.options import Json
from mailgateway.cli.output import EXIT_ERROR, print_json, print_text, warn
from mailgateway.cli.rules.explain_ticket import AllMessages, AskedTicket, MessageNumber, TicketName, explain_ticket
from mailgateway.cli.rules.setting import loaded_rules, setting
from mailgateway.cli.rules.source import RulesDir, found_files
from mailgateway.errors import one_line
from mailgateway.model.decision import Fact
from mailgateway.rules.explain import explanation, values, why_not
from mailgateway.rules.explained import Explained
from mailgateway.rules.values import Rule, RuleSet

STDIN = "-"
_MAILDIR = ("cur", "new")

Files = Annotated[
    list[str] | None,
    typer.Argument(help="Mails as they came: files, folders of *.eml, Maildirs; - is standard input.", metavar="FILE"),
]
GivenFacts = Annotated[
    list[str] | None,
    typer.Option(
        "--given",
        metavar="NAME=VALUE",
        help="A fact that the mail cannot show, such as customer.plan=basic; repeatable.",
    ),
]
WhyNot = Annotated[
    str, typer.Option("--why-not", metavar="RULE", help="Show this rule alone, whether it was tried or not.")
]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is explained with.

    Attributes:
        rules: The rules.
        given: Facts given besides.
        snapshot: The configuration, None where there is none.
        rule: The rule of --why-not, None for all.
        json: Whether for programs.
    """

    rules: RuleSet
    given: Sequence[tuple[str, Fact]]
    snapshot: Snapshot | None
    rule: Rule[object] | None
    json: bool


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(_explain)


def _explain(
    ctx: typer.Context,
    files: Files = None,
    given: GivenFacts = None,
    rules: RulesDir = None,
    why_not: WhyNot = "",
    ticket: TicketName = "",
    message: MessageNumber = None,
    every: AllMessages = False,
    json: Json = False,
) -> None:
    """Show why mails are decided as they are: who gave each answer, every rule tried, each condition with its evidence.

    Without a database: what the mail itself shows, and what is --given. Nothing is sent or written. Nobody is known:
    a customer is one with --given customer.plan=NAME, a reply is one with --given ticket.found=true. A mail arrives
    on a Wednesday at noon, UTC, unless --given arrived=TIME.

    A file that cannot be read is reported, the others are explained all the same, and the exit code is 1.

    With --ticket, and the database, a recorded decision: by the rules of that time, and next to it by today's.
    """
    if ticket:
        if files or given:
            raise typer.BadParameter("a ticket has its recorded facts: no files and no --given", param_hint="--ticket")
        explain_ticket(ctx, AskedTicket(ticket, message, every, rules, why_not, json))
        return
    if message or every:
        raise typer.BadParameter("they choose among the messages of a ticket", param_hint="--message, --all")
    if not files:
        raise typer.BadParameter("name mails in files, or a ticket with --ticket", param_hint="FILE...")
    found = found_files(ctx, rules)
    loaded = loaded_rules(found)
    facts, rule = _usable(loaded, given or (), why_not)
    asked = _Asked(loaded, facts, setting(ctx, found, loaded), rule, json)
    unreadable = [file for file in files if not _explained(file, asked)]
    if unreadable:
        raise typer.Exit(EXIT_ERROR)


def _usable(
    rules: RuleSet, given: Iterable[str], why_not: str
) -> tuple[tuple[tuple[str, Fact], ...], Rule[object] | None]:
    """Return the facts and the rule that were asked for by name.

    Raises:
        BadParameter: There is no such fact, value or rule.
    """
    try:
        facts = given_facts(given, rules)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--given") from error
    try:
        return facts, rule_named(why_not, rules) if why_not else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--why-not") from error


def _explained(file: str, asked: _Asked) -> bool:
    """Explain the mails of a file or folder, and return whether all could be read."""
    try:
        for name, raw in mails_of(file):
            _show(explain(name, raw, asked.given, asked.rules, asked.snapshot), asked)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL
        if asked.json:
            print_json({"file": file, "error": one_line(error)})
        else:
            warn(f"{file}: {one_line(error)}")
        return False
    return True


def mails_of(file: str) -> Iterator[tuple[str, bytes]]:
    """Yield the mails of a file, of standard input or of a folder with their names, in the order of the names.

    Raises:
        OSError: One cannot be read, or a folder has none.
        ValueError: The name is none.
    """
    path = Path(file)
    if file == STDIN:
        yield file, sys.stdin.buffer.read()
    elif path.is_dir():
        inside = _in_folder(path)
        if not inside:
            raise OSError("no mails in it: neither *.eml nor a Maildir")
        yield from ((str(one), one.read_bytes()) for one in inside)
    else:
        yield file, path.read_bytes()


def _in_folder(folder: Path) -> list[Path]:
    of_maildir = (one for name in _MAILDIR for one in (folder / name).glob("*"))
    return sorted(one for one in (*folder.glob("*.eml"), *of_maildir) if one.is_file() and one.name[0] != ".")


def _show(explained: Explained, asked: _Asked) -> None:
    if asked.json:
        print_json(values(explained, asked.rule))
    else:
        text = why_not(asked.rule, explained) if asked.rule else explanation(explained)
        print_text(f"{text}\n")
