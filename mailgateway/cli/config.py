"""`mailgateway config`: look at the configuration before the daemon does."""

import typer

from mailgateway.cli.options import Json, configuration
from mailgateway.cli.output import print_fields, print_json

app = typer.Typer(no_args_is_help=True, help="Check and show the configuration.")


@app.command()
def check(ctx: typer.Context, json: Json = False) -> None:
    """Report every fault of the configuration file, each with its place."""
    loaded = configuration(ctx)
    result = {"file": str(loaded.path), "ok": True}
    if json:
        print_json(result)
    else:
        print_fields(result)
