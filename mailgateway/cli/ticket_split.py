"""`mailgateway ticket split` and `unsplit`: one ticket into several, and back."""

from dataclasses import replace
from typing import Annotated

import typer

from mailgateway.adapters.files import LoadedConfig, load_keyring, load_templates
from mailgateway.app import desk
from mailgateway.app.snapshot import Snapshot, snapshot
from mailgateway.cli.by_hand import Because, By, Name, at_desk
from mailgateway.cli.options import Json
from mailgateway.cli.output import note
from mailgateway.cli.rules.setting import loaded_rules
from mailgateway.cli.rules.source import found_files
from mailgateway.daemon.parts import rule_places
from mailgateway.rules.load import load
from mailgateway.rules.shipped import default_rules
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet

At = Annotated[
    list[str] | None,
    typer.Option("--at", metavar="WORDS", help="A new ticket begins at the line that begins so; can be repeated."),
]

Quiet = Annotated[bool, typer.Option("--quiet", help="Do not write to the customer.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("split")(_split)
    app.command("unsplit")(_unsplit)


def _split(
    ctx: typer.Context,
    ticket: Name,
    items: Annotated[
        str | None,
        typer.Option("--items", metavar="1,3", help="These items get tickets of their own, and all else stays."),
    ] = None,
    at: At = None,
    message: Annotated[
        int | None,
        typer.Option("--message", metavar="N", min=1, help="The message to cut; else the newest that can be."),
    ] = None,
    because: Because = "several issues",
    by: By = "",
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Make several tickets of one mail.

    The customer gets one mail that lists the tickets, where the rules have such mails acknowledged, and agents get a
    notice of each. Without --items and --at the first item that was found in the mail stays on this ticket, and
    each of the others gets one of its own. Each part is decided by the rules in force, and places of quotas are counted
    anew. `unsplit` takes it back.
    """
    if items is not None and at:
        raise typer.BadParameter("--items and --at cannot be combined", param_hint="--items")
    wanted = desk.Wanted(() if items is None else _numbers(items), tuple(at or ()), message or 0, quiet)
    with at_desk(ctx, ticket, because, by) as work:
        done = desk.split(work.store, work.ticket.number, wanted, _snapshot(ctx, work.config), work.act)
        if json:
            work.print_json()
    refs = (work.ticket.ref, *(one.ref for one in done.tickets))
    note(f"{work.ticket.ref} is {len(refs)} tickets now: {', '.join(refs)}")
    _say_who_is_told(done.answered)


def _say_who_is_told(answered: desk.Answered) -> None:
    note(f"{answered.to} is told" if answered.to else f"the customer is not told: {answered.because}")


def _numbers(items: str) -> tuple[int, ...]:
    """Return the items that are named.

    Raises:
        BadParameter: They are no numbers.
    """
    words = items.replace(",", " ").split()
    if not all(word.isdecimal() for word in words) or not words:
        raise typer.BadParameter(f'"{items}" is no list of numbers, such as 1,3', param_hint="--items")
    return tuple(int(word) for word in words)


def _snapshot(ctx: typer.Context, loaded: LoadedConfig) -> Snapshot:
    """Return what decides and tells: the rules in force, the configuration and the templates.

    Raises:
        ConfigError: The keys, the templates or the rule files cannot be used.
    """
    written = snapshot(loaded.config, load_keyring(loaded.keyring_path), load_templates(loaded))
    return replace(written, rules=_rules_in_force(ctx, loaded))


def _rules_in_force(ctx: typer.Context, loaded: LoadedConfig) -> RuleSet:
    """Return the rules that the daemon took last; where none took any, those of the files."""
    places = rule_places(loaded)
    if places is None:
        return default_rules()
    kept = places.keep.current()
    if kept is None:
        return loaded_rules(found_files(ctx, None))
    return load(kept, starter_files(), folder=places.folder).rules


def _unsplit(
    ctx: typer.Context,
    ticket: Name,
    because: Because = "one issue",
    by: By = "",
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Make one ticket of a cut mail again.

    The other tickets become part of the first, which is again what it was, but for what was changed since; places of
    quotas are made as they were. Replies to the other tickets arrive on the first. The customer is told, where the
    rules have such mails answered.
    """
    with at_desk(ctx, ticket, because, by) as work:
        told_with = None if quiet else _snapshot(ctx, work.config)
        done = desk.unsplit(work.store, work.ticket.number, work.act, told_with)
        if json:
            work.print_json()
        first = work.store.ticket(str(done.cut.first))
    note(f"{first.ref} is one ticket again, of {len(done.cut.pieces)}")
    _say_who_is_told(done.answered)
