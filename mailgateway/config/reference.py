"""The reference of the configuration as Markdown, made from the models: docs/configuration.md.

`python -m mailgateway.config.reference > docs/configuration.md` writes it anew.
"""

import json
import sys

from pydantic import AwareDatetime, StringConstraints
from pydantic.fields import FieldInfo

from mailgateway.config.models import ADDRESS_FORM, FILE_MARK, HOST_FORM, LANGUAGE_FORM, Config
from mailgateway.diagnostics.faults import NAME_FORM
from mailgateway.diagnostics.fields import Section, field_at, is_list, parts_of, range_of, section_of, tables, words_of

_HEAD = """\
# Configuration

<!-- Made from mailgateway/config/models.py: python -m mailgateway.config.reference > docs/configuration.md -->

One TOML file, `config.toml` in the working directory unless `--config FILE` or `MAILGATEWAY_CONFIG` names another.
`config.example.toml` holds every key. Keys without a default are required; unknown keys are errors. Relative file names
start at the folder of the configuration file.

- `mailgateway config check` reports every fault at once, as `file:line:column` with the line and what to do.
- `mailgateway config show` prints what is in force, defaults included.
- `mailgateway config schema > config.schema.json` is for editors: with `#:schema config.schema.json` as the first line
  of the file those that know the convention check and complete it.
- `mailgateway doctor` also tries the servers.

Passwords never stand in the file: `password_env` names an environment variable, `password_file` a file whose first line
is the password. They are read anew for each connection.
"""


def configuration_reference() -> str:
    """Return the text of docs/configuration.md: every table with every key, its type, default and meaning."""
    sections = [_section(path, table) for path, table in tables(Config)]
    return "\n".join([_HEAD, *sections])


def _section(path: tuple[str, ...], table: type[Section]) -> str:
    rows = [_row(name, field) for name, field in _ordered(table)]
    return "\n".join([f"## `{header(path)}`\n", _line(table.__doc__) + "\n", *_TABLE, *rows, ""])


_TABLE = ("| key | type | default | meaning |", "|---|---|---|---|")


def header(path: tuple[str, ...]) -> str:
    """Return the header that begins a table in the file, such as `[[mailbox]]` or `[mailbox.imap]`."""
    field = field_at(Config, path)
    name = ".".join(path)
    return f"[[{name}]]" if field and is_list(field) else f"[{name}]"


def _ordered(table: type[Section]) -> list[tuple[str, FieldInfo]]:
    """Return the keys that hold values or lists, required ones first; single tables have a section of their own."""
    fields = [(name, field) for name, field in table.model_fields.items() if is_list(field) or not section_of(field)]
    return sorted(fields, key=lambda named: not named[1].is_required())


def _row(name: str, field: FieldInfo) -> str:
    default = "required" if field.is_required() else f"`{_toml(field.default)}`" if field.default is not None else ""
    cells = (f"`{name}`", _type(field), default, _line(field.description))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _type(field: FieldInfo) -> str:
    words = words_of(field)
    if words:
        return " or ".join(f"`{word}`" for word in words)
    kinds = {_kind_key(part) for part in (*parts_of(field.annotation), *field.metadata)}
    name = "table" if section_of(field) else next(name for kind, name in _TYPES if kind in kinds)
    numbers = range_of(field)
    return (f"list of {name.replace('address', 'addresse')}s" if is_list(field) else name) + (
        f", {numbers}" if numbers else ""
    )


def _kind_key(part: object) -> object:
    """Return what tells the type of a value: the form of a text, the mark of a file name, or the Python type."""
    return part.pattern if isinstance(part, StringConstraints) else part if isinstance(part, (str, type)) else None


_TYPES: tuple[tuple[object, str], ...] = (
    (ADDRESS_FORM, "mail address"),
    (NAME_FORM, "short name"),
    (HOST_FORM, "host"),
    (LANGUAGE_FORM, "language tag"),
    (FILE_MARK, "file name"),
    (AwareDatetime, "date and time with zone"),
    (bool, "true or false"),
    (int, "whole number"),
    (float, "number"),
    (str, "text"),
)
"""What people call a value, the most special first."""


def _toml(value: object) -> str:
    """Return a default as it is written in the file."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, Section):
        written = (f"{name} = {_toml(getattr(value, name))}" for name in value.model_fields_set)
        return "{ " + ", ".join(written) + " }"
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


if __name__ == "__main__":
    sys.stdout.write(configuration_reference())
