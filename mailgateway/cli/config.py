"""`mailgateway config`: look at the configuration before the daemon does."""

import json as jsonlib
from pathlib import Path

import typer

from mailgateway.adapters.files import LoadedConfig, load_config
from mailgateway.cli.options import Json, configuration, options
from mailgateway.cli.output import EXIT_ERROR, note, print_json, print_table, report_warnings
from mailgateway.config import config_schema, shown
from mailgateway.diagnostics import DiagnosedError, Diagnostic
from mailgateway.errors import ConfigError

app = typer.Typer(no_args_is_help=True, help="Check, show and describe the configuration.")


@app.command()
def check(ctx: typer.Context, json: Json = False) -> None:
    """Report every fault of the configuration file, each with its place.

    Looks at the file alone; "mailgateway doctor" also tries the servers.
    """
    path = options(ctx).config
    if json:
        _check_for_programs(path)
        return
    loaded = load_config(path)
    report_warnings(loaded)
    note(f"{path}: {_summary(loaded)}")


def _summary(loaded: LoadedConfig) -> str:
    config = loaded.config
    parts = [(len(config.mailbox), "mailbox", "mailboxes"), (len(config.agent), "agent", "agents")]
    parts += [(len(loaded.warnings), "warning", "warnings")] if loaded.warnings else []
    return "fine: " + ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in parts)


def _check_for_programs(path: Path) -> None:
    """Print {file, ok, diagnostics} and end with exit code 1 where the file cannot be used."""
    result: dict[str, object] = {"file": str(path), "ok": False, "diagnostics": []}
    try:
        loaded = load_config(path)
    except DiagnosedError as error:
        result["diagnostics"] = [_flat(fault) for fault in error.diagnostics]
    except ConfigError as error:
        result["error"] = str(error)
    else:
        result |= {"ok": True, "diagnostics": [_flat(warning) for warning in loaded.warnings]}
    print_json(result)
    if not result["ok"]:
        raise typer.Exit(EXIT_ERROR)


def _flat(diagnostic: Diagnostic) -> dict[str, object]:
    position = diagnostic.position
    return {
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "label": diagnostic.label,
        "file": position.path,
        "line": position.line,
        "column": position.column,
        "length": position.length,
        "help": diagnostic.help,
        "marks": diagnostic.marks,
    }


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration, for editors."""
    typer.echo(jsonlib.dumps(config_schema(), indent=2))


@app.command()
def show(ctx: typer.Context, json: Json = False) -> None:
    """Print the configuration as the daemon sees it, defaults included; passwords are covered."""
    loaded = configuration(ctx)
    values = shown(loaded.config)
    if json:
        print_json(values)
        return
    written = {".".join(map(str, path)) for path in loaded.document.places}
    rows = [(key, value, "" if key in written else "default") for key, value in _leaves(values)]
    print_table(("key", "value", ""), rows)


def _leaves(value: object, key: str = "") -> list[tuple[str, object]]:
    """Return every single value with its dotted key; elements of lists are counted from 0."""
    if isinstance(value, dict):
        pairs = [(str(name), inner) for name, inner in value.items()]
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        pairs = [(str(index), inner) for index, inner in enumerate(value)]
    else:
        return [(key, str(value).lower() if isinstance(value, bool) else value)]
    return [leaf for name, inner in pairs for leaf in _leaves(inner, f"{key}.{name}" if key else name)]
