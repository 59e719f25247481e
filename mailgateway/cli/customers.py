"""`mailgateway customers`: who has a contract, and which people belong to it."""

from pathlib import Path
from typing import Annotated

import typer

from mailgateway.app.directory import read_directory
from mailgateway.cli.options import Json
from mailgateway.cli.output import note, print_fields, print_json, print_table
from mailgateway.cli.stores import store
from mailgateway.errors import ConfigError

app = typer.Typer(no_args_is_help=True, help="Customers and their people: import, list, show.")


@app.command("import")
def import_customers(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A .csv or .toml file (docs/operation.md shows both).")],
    json: Json = False,
) -> None:
    """Create customers and contacts, or update those that exist. Nothing is removed; a fault changes nothing."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from error
    directory = read_directory(raw, str(file))
    with store(ctx) as opened:
        customers, contacts = opened.import_customers(directory.customers, directory.contacts)
    if json:
        print_json({"customers": customers, "contacts": contacts})
        return
    note(f"{customers} customers and {contacts} contacts are new or changed")


@app.command("list")
def list_customers(ctx: typer.Context, json: Json = False) -> None:
    """List all customers."""
    with store(ctx) as opened:
        customers = opened.customers()
    if json:
        print_json(*customers)
        return
    rows = ((c.id, c.name, c.plan, c.domains, c.language, c.time_zone) for c in customers)
    print_table(("customer", "name", "plan", "domains", "language", "time zone"), rows)


@app.command()
def show(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(help="The customer's short name (see `customers list`).")],
    json: Json = False,
) -> None:
    """Show a customer with its contacts."""
    with store(ctx) as opened:
        found, contacts = opened.customer(customer)
    if json:
        print_json({"customer": found, "contacts": contacts})
        return
    print_fields(
        {
            "customer": found.id,
            "name": found.name,
            "plan": found.plan,
            "domains": found.domains,
            "language": found.language,
            "time zone": found.time_zone,
        }
    )
    print_table(("name", "address", "undeliverable"), ((c.name, c.address, c.undeliverable) for c in contacts))
