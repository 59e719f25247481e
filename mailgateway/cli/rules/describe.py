"""`mailgateway rules schema` and `fields`: what may stand in rule files, for editors and for people."""

import json as jsonlib
from pathlib import Path
from typing import Annotated

import typer

from mailgateway.cli.options import Json
from mailgateway.cli.output import note, print_fields, print_json, print_table
from mailgateway.cli.rules.check import known_names
from mailgateway.cli.rules.source import FoundFiles, RulesDir, found_files
from mailgateway.errors import ConfigError, NotFoundError
from mailgateway.rules.fields import TYPE_MEANINGS, Entry, entries, likeliest
from mailgateway.rules.kinds.all import FILES
from mailgateway.rules.names import Names, names_in
from mailgateway.rules.schema import OPERATOR_MEANINGS, file_schema

SCHEMA_FOLDER = ".schema"
"""Where editors look, below the folder of the rules: each file begins with `#:schema .schema/KIND.json`."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("schema")(_schema)
    app.command("fields")(_fields)


# --- schema ------------------------------------------------------------------------------------------------


def _schema(
    ctx: typer.Context,
    rules: RulesDir = None,
    kind: Annotated[str, typer.Option("--kind", help="Print the schema of this kind, and write nothing.")] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where to write them; else .schema in the folder of the rules.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write JSON Schemas for editors: they complete and check rule files with the words of your site.

    One file for each kind, which rule files name in their first line: #:schema .schema/KIND.json. Write them anew when
    site.toml, lists, calendars or quotas have other names.
    """
    if kind and kind not in FILES:
        raise typer.BadParameter(f"there are {', '.join(FILES)}", param_hint="--kind")
    found = found_files(ctx, rules)
    names = _names(found)
    if kind:
        typer.echo(schema_text(kind, names), nl=False)
        return
    folder = out or (found.path / SCHEMA_FOLDER if found.path else None)
    if folder is None:
        raise typer.BadParameter("name a folder: the shipped rules have none of their own", param_hint="--out")
    for path in write_schemas(folder, names):
        note(f"{path} written")


def schema_text(kind: str, names: Names) -> str:
    """Return the text of a schema, with a line end at the end."""
    return jsonlib.dumps(file_schema(kind, names), indent=2) + "\n"


def write_schemas(folder: Path, names: Names) -> list[Path]:
    """Write the schema of every kind and return the files; the folder is made where it is missing.

    Raises:
        ConfigError: They cannot be written.
    """
    paths = []
    for kind in FILES:
        path = folder / f"{kind}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(schema_text(kind, names), encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror or error}") from error
        paths.append(path)
    return paths


def _names(found: FoundFiles) -> Names:
    return names_in(found.files, known_names(found.config))


# --- fields ------------------------------------------------------------------------------------------------


def _fields(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(help="A fact (customer.plan) or a group (customer); all of them where missing.")
    ] = "",
    rules: RulesDir = None,
    json: Json = False,
) -> None:
    """List the facts that conditions may use, with their types, meanings and examples."""
    found = entries(_names(found_files(ctx, rules)), name)
    if not found:
        near = likeliest(name)
        raise NotFoundError(f'there is no fact "{name}"' + (f'; did you mean "{near}"?' if near else ""))
    if json:
        print_json(*found)
    elif len(found) == 1:
        _print_one(found[0])
    else:
        print_table(("fact", "type", "meaning", "example"), ((e.name, e.type, e.meaning, e.example) for e in found))


def _print_one(entry: Entry) -> None:
    print_fields(
        {
            "fact": entry.name,
            "type": f"{entry.type}: {TYPE_MEANINGS[entry.type]}".replace("`", ""),
            "meaning": entry.meaning,
            "example": entry.example,
            **{f".{name}": OPERATOR_MEANINGS[name] for name in entry.asked},
            "names": entry.names or "any",
            "known": entry.known,
        }
    )
