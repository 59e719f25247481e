"""Options that commands share, and the way from the command line to the loaded configuration."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mailgateway.adapters.files import LoadedConfig, load_config
from mailgateway.cli.output import report_warnings

Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
"""The type of the parameter `json` of every command that prints something."""


DEFAULT_CONFIG = Path("config.toml")
"""The configuration file that is looked for where none is named."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options before the command.

    Attributes:
        config: The configuration file; need not exist until a command reads it.
    """

    config: Path


def options(ctx: typer.Context) -> Options:
    """Return the options that were given before the command."""
    found = ctx.find_root().obj
    if not isinstance(found, Options):
        raise TypeError("a command runs below the root command")
    return found


def configuration(ctx: typer.Context) -> LoadedConfig:
    """Return the configuration the command works with; warnings go to standard error.

    Raises:
        ConfigError: The file cannot be used.
    """
    loaded = load_config(options(ctx).config)
    report_warnings(loaded)
    return loaded
