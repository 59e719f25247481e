"""`mailgateway mail`: how mails in files are read. No database; a configuration only where there is one."""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from mailgateway.adapters.languages import LanguageModel
from mailgateway.app.present import presented
from mailgateway.app.understand import Surroundings, understood
from mailgateway.cli.options import Json, configuration, options
from mailgateway.cli.output import EXIT_ERROR, print_fields, print_json, print_text, warn
from mailgateway.config.site import channels_of
from mailgateway.model.message import Message
from mailgateway.parsers.authentication import authentication
from mailgateway.parsers.message import parse
from mailgateway.parsers.originator import Here
from mailgateway.parsers.scan import skeleton
from mailgateway.phrases import phrases

app = typer.Typer(no_args_is_help=True, help="Mails in files.")

_CHUNK = 64 * 1024
_STDIN = "-"


@app.callback()
def _group() -> None:
    """Mails in files."""


@app.command()
def show(
    ctx: typer.Context,
    files: Annotated[list[str], typer.Argument(help="Mails as they came, one a file; - is standard input.")],
    authserv_id: Annotated[
        str,
        typer.Option(
            help='The id of your mail server in Authentication-Results, "-" where it has none; no other is believed.'
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Show how mails are understood: sender, kind, new text, quote, attachments, what is wrong with them.

    With a configuration its channels and languages count. Without one every language is looked for, and what looks
    like a contact form or a chat is shown, while the sender stays who sent it.

    A file that cannot be read is reported, the others are shown all the same, and the exit code is 1.
    """
    around, known_id = _surroundings(ctx)
    unreadable = False
    for file in files:
        try:
            shown = _shown(file, around, authserv_id or known_id)
        except (OSError, ValueError) as error:  # ValueError: a name with a NUL
            unreadable = True
            _report(file, str(error), json=json)
            continue
        if json:
            print_json(shown)
        else:
            _print(shown)
    if unreadable:
        raise typer.Exit(EXIT_ERROR)


def _surroundings(ctx: typer.Context) -> tuple[Surroundings, str]:
    """Return what mails are understood with, and the id of our own mail server.

    Raises:
        ConfigError: A configuration is named, or lies here, and cannot be used.
    """
    source = ctx.find_root().get_parameter_source("config")
    if source is not None and source.name == "DEFAULT" and not options(ctx).config.exists():
        return Surroundings(None, _every_language(), LanguageModel()), ""
    config = configuration(ctx).config
    here = Here(channels_of(config), config.own_addresses, tuple(agent.name for agent in config.agents))
    known_id = next((mailbox.authserv_id for mailbox in config.mailbox if mailbox.authserv_id), "")
    return Surroundings(here, config.site.languages, LanguageModel()), known_id


def _every_language() -> tuple[str, ...]:
    """Return the languages that the phrases are written in; Norwegian as most people write its tag."""
    return tuple({"nb": "no"}.get(tag, tag) for tag in phrases("delimiters")["from"])


def _shown(file: str, around: Surroundings, authserv_id: str) -> dict[str, object]:
    if file == _STDIN:
        message = _read(sys.stdin.buffer)
    else:
        with Path(file).open("rb") as opened:
            message = _read(opened)
    results = authentication(message, authserv_id)
    found = understood(message, results.verdict, around)
    return presented(file, found.message, found.classification, results)


def _read(opened: BinaryIO) -> Message:
    """Read one mail of any size in bounded memory; large parts are measured and let go."""
    found = skeleton(_chunks(opened), _measured)
    return parse(found.raw, large=found.large, defects=found.defects).message


def _chunks(opened: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: opened.read(_CHUNK), b"")


def _measured(chunks: Iterable[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _report(file: str, problem: str, *, json: bool) -> None:
    if json:
        print_json({"file": file, "error": problem})
    else:
        warn(f"{file}: {problem}")


def _print(shown: dict[str, object]) -> None:
    long = ("text", "quoted", "signature", "full_text")
    print_fields({name: value for name, value in shown.items() if name not in long and value not in ("", [], None)})
    print_text(f"\n{shown['text']}\n")
