"""`mailgateway keys`: the signing keys of ticket IDs, reply addresses and Message-IDs."""

import typer

from mailgateway.adapters.files import load_keyring, rotate_keyring
from mailgateway.cli.options import Json, configuration
from mailgateway.cli.output import note, print_json, print_table
from mailgateway.model.tokens import Keyring

app = typer.Typer(no_args_is_help=True, help="The signing keys of ticket IDs, reply addresses and Message-IDs.")


@app.command("list")
def list_keys(ctx: typer.Context, json: Json = False) -> None:
    """List the keys by id, the signing key first. Secrets are never shown."""
    _print(load_keyring(configuration(ctx).keyring_path), json=json)


@app.command()
def rotate(ctx: typer.Context, json: Json = False) -> None:
    """Put a new key in front: it signs from now on, the old ones still verify.

    A running daemon takes it up when it is told to read its files again (SIGHUP).
    """
    path = configuration(ctx).keyring_path
    keyring = rotate_keyring(path)
    note(f"{path}: new signing key {keyring.signing.id}; send SIGHUP to running daemons")
    _print(keyring, json=json)


def _print(keyring: Keyring, *, json: bool) -> None:
    rows = [{"id": key.id, "signs": key == keyring.signing} for key in keyring.keys]
    if json:
        print_json(*rows)
    else:
        print_table(("id", ""), [(row["id"], "signs" if row["signs"] else "verifies") for row in rows])
