"""`mailgateway rules init`: a commented starter set to begin with."""

from pathlib import Path
from typing import Annotated

import typer

from mailgateway.cli.output import note
from mailgateway.cli.rules.describe import SCHEMA_FOLDER, write_schemas
from mailgateway.errors import ConfigError
from mailgateway.rules.names import names_in
from mailgateway.rules.starter import starter_files


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(_init)


def _init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write the files.")] = Path("rules"),
) -> None:
    """Write a commented starter set of rule files with the schemas for editors; no file is ever overwritten."""
    files = starter_files()
    there = [name for name, _ in files.files if (folder / name).exists()]
    if there:
        raise ConfigError(f"{folder}: {', '.join(there)} exist already; nothing was written. Name another folder")
    write_files(folder, files.files)
    write_schemas(folder / SCHEMA_FOLDER, names_in(files))
    note(_next_steps(folder, len(files.files)))


def write_files(folder: Path, files: tuple[tuple[str, bytes], ...]) -> None:
    """Write files that do not exist yet; the folder is made where it is missing.

    Raises:
        ConfigError: They cannot be written, or one is there by now.
    """
    for name, raw in files:
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(raw)
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror or error}") from error


def _next_steps(folder: Path, number: int) -> str:
    return f"""\
{number} files written to {folder}, and in {folder / SCHEMA_FOLDER} the schemas for editors. Next:

1. Write your plans, kinds and queues into {folder / "site.toml"}.
2. mailgateway rules check --rules {folder}
   mailgateway rules test --rules {folder}
   mailgateway rules schema --rules {folder}   (editors then know your words)
3. Keep the folder in git.
4. Name it in the configuration, and the daemon follows every change of it:

   [rules]
   folder = "{folder}"
   source = "folder"   # or "git": only what is committed counts"""
