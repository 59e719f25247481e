"""The command line: `mailgateway [--config FILE] GROUP COMMAND [--json]`.

One module for each group of commands, and it is added to the program in the table at the end of this file:

- `mailgateway/cli/NAME.py` makes `app = typer.Typer(no_args_is_help=True, help="One line.")` for a group with commands
  below it (`ticket list`), and `GROUPS` gets the line `"NAME": NAME.app`.
- A module whose commands stand alone (`run`, `doctor`) has `register(app: typer.Typer) -> None`, which adds them, and
  `SINGLES` gets the line `NAME.register`.

What every command keeps to:

- It takes `ctx: typer.Context` and gets the configuration from `cli.options.configuration(ctx)`, which gives a
  `LoadedConfig` and prints warnings.
- It takes `json: Json = False` (from `cli.options`) and prints with `cli.output`: `print_json` for one object a line,
  `print_table` and `print_fields` for people. Results go to standard output, everything else (`warn`, `note`) to
  standard error.
- It raises `MailgatewayError` for what a person can be told; the root command turns that into one message and exit
  code 1. Wrong usage found later than by typer: `raise typer.BadParameter(...)`, exit code 2. Any other exception is
  a bug and shows its traceback.
- It holds no decision of its own: it calls a use case of `app` or an adapter and prints values.
- Nothing here is imported from `mailgateway.cli` itself, only from its modules.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from mailgateway import __version__
from mailgateway.cli import config, customers, db, doctor, keys, mail, queue, rules, run, ticket
from mailgateway.cli.options import DEFAULT_CONFIG, Options
from mailgateway.cli.output import errors_told


class _Root(TyperGroup):
    """The root command: what a person can be told is told here, once for all commands."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 -- typer declares types of its private package
        """Run the command; a MailgatewayError becomes a message and exit code 1."""
        with errors_told():
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mailgateway {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    ctx: typer.Context,
    config: Annotated[
        Path,
        typer.Option("--config", "-c", envvar="MAILGATEWAY_CONFIG", help="The configuration file."),
    ] = DEFAULT_CONFIG,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """The help desk that is nothing but mail."""
    ctx.obj = Options(config)


GROUPS = {
    "ticket": ticket.app,
    "queue": queue.app,
    "customers": customers.app,
    "mail": mail.app,
    "rules": rules.app,
    "config": config.app,
    "keys": keys.app,
    "db": db.app,
}
"""The groups of commands by name, in the order of the help page."""

SINGLES: tuple[Callable[[typer.Typer], None], ...] = (run.register, doctor.register)
"""Functions that add commands without a group."""

for _name, _group in GROUPS.items():
    app.add_typer(_group, name=_name)
for _register in SINGLES:
    _register(app)
