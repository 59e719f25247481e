"""`mailgateway keys`: the signing keys of ticket IDs, reply addresses and Message-IDs."""

import typer

app = typer.Typer(no_args_is_help=True, help="The signing keys.")


@app.callback()
def _keys() -> None:
    """The signing keys."""
