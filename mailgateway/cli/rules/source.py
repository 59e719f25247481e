"""The rule files a command works with: those of --rules, else the configured ones, else the shipped starter set."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mailgateway.adapters.files import LoadedConfig, load_config
from mailgateway.adapters.rulefiles import FolderSource, GitSource
from mailgateway.cli.options import DEFAULT_CONFIG, options
from mailgateway.errors import RulesChangingError
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.starter import starter_files

RulesDir = Annotated[
    Path | None,
    typer.Option(
        "--rules",
        metavar="DIR",
        help="A folder of rule files, read as it is; else the configured one, else the shipped starter set.",
        show_default=False,
    ),
]
"""The type of the parameter `rules` of every command that reads rule files."""

SHIPPED = "shipped/"
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """Rule files, and what to call them.

    Attributes:
        files: Their names and contents.
        folder: What stands before the names of files in places, such as `rules/`; "" for the working directory.
        where: Where they come from, in words.
        config: The configuration that names them, None where they were given, or there is none.
        path: The folder, None for the shipped starter set.
    """

    files: RuleFiles
    folder: str
    where: str
    config: LoadedConfig | None = None
    path: Path | None = None


def found_files(ctx: typer.Context, rules: Path | None) -> FoundFiles:
    """Return the rule files a command works with; as `rule_files`."""
    return rule_files(rules, options(ctx).config)


def rule_files(rules: Path | None, config: Path) -> FoundFiles:
    """Return the files of a folder that was named, else those of the configuration, else the shipped starter set.

    Of `source = "git"` the committed state counts; a folder that was named is read as it is.

    Args:
        rules: The folder named with --rules, None where none is.
        config: The configuration file; the one that is looked for without being asked for need not exist.

    Raises:
        BadParameter: There is no such folder (exit code 2).
        ConfigError: The files cannot be read, or the configuration not be used.
        TemporaryError: The disk or git does not answer, or the files do not stop changing.
    """
    if rules is not None:
        return _of_folder(rules, "--rules", None)
    if config == DEFAULT_CONFIG and not config.exists():
        return FoundFiles(starter_files(), SHIPPED, "the shipped starter set")
    loaded = load_config(config)
    folder = Path(loaded.config.rules.folder) if loaded.config.rules.folder else None
    if folder is None:
        return FoundFiles(starter_files(), SHIPPED, "the shipped starter set", loaded)
    if loaded.config.rules.source == "git":
        source = GitSource(folder)
        return FoundFiles(source.read(), _shown(folder), source.described, loaded, folder)
    return _of_folder(folder, f"folder in {config}", loaded)


def _of_folder(folder: Path, named_by: str, config: LoadedConfig | None) -> FoundFiles:
    if not folder.is_dir():
        words = "not a folder" if folder.exists() else "no such folder"
        raise typer.BadParameter(f'{folder}: {words}; "mailgateway rules init" writes one', param_hint=named_by)
    source = FolderSource(folder)
    return FoundFiles(_at_rest(source), _shown(folder), source.described, config, folder)


def _at_rest(source: FolderSource) -> RuleFiles:
    """Return the files of a folder, also where somebody is just saving one."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return source.read()
        except RulesChangingError:
            continue
    return source.read()


def _shown(folder: Path) -> str:
    """Return a folder as it stands before names: relative where it lies below the working directory."""
    here = Path.cwd()
    near = folder.relative_to(here) if folder.is_relative_to(here) else folder
    return "" if near == Path() else os.path.join(near, "")  # noqa: PTH118 -- with a slash at its end
