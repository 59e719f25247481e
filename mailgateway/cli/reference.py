"""The page of all commands, made from the program itself: `python -m mailgateway.cli.reference > docs/commands.md`."""

import sys

import typer
import typer.main
from typer.cli import get_docs_for_click

from mailgateway.cli import app

TITLE = "Commands"


def command_reference() -> str:
    """Return docs/commands.md: every command with its arguments and options, in Markdown."""
    command = typer.main.get_command(app)
    context = typer.Context(command)
    page = get_docs_for_click(obj=command, ctx=context, name="mailgateway", title=TITLE)
    return "\n".join(line.rstrip() for line in page.strip().splitlines()) + "\n"


if __name__ == "__main__":
    sys.stdout.write(command_reference())
