"""`mailgateway mail`: how mails in files are read. No configuration, no database."""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from mailgateway.app.present import presented
from mailgateway.cli.options import Json
from mailgateway.cli.output import EXIT_ERROR, print_fields, print_json, print_text, warn
from mailgateway.model.message import Message
from mailgateway.parsers.authentication import authentication
from mailgateway.parsers.message import parse
from mailgateway.parsers.scan import skeleton
from mailgateway.triage.classify import classify

app = typer.Typer(no_args_is_help=True, help="Mails in files.")

_CHUNK = 64 * 1024
_STDIN = "-"


@app.callback()
def _group() -> None:
    """Mails in files."""


@app.command()
def show(
    files: Annotated[list[str], typer.Argument(help="Mails as they came, one a file; - is standard input.")],
    authserv_id: Annotated[
        str, typer.Option(help="The id of your mail server in Authentication-Results; none is believed without it.")
    ] = "",
    json: Json = False,
) -> None:
    """Show how mails are understood: sender, kind, new text, quote, attachments, what is wrong with them.

    A file that cannot be read is reported, the others are shown all the same, and the exit code is 1.
    """
    unreadable = False
    for file in files:
        try:
            shown = _shown(file, authserv_id)
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


def _shown(file: str, authserv_id: str) -> dict[str, object]:
    if file == _STDIN:
        message = _read(sys.stdin.buffer)
    else:
        with Path(file).open("rb") as opened:
            message = _read(opened)
    results = authentication(message, authserv_id)
    return presented(file, message, classify(message, frozenset(), results.verdict), results)


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
