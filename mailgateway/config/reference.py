"""The reference of the configuration as Markdown, made from the models: docs/configuration.md.

`python -m mailgateway.config.reference > docs/configuration.md` writes it anew.
"""

import sys

from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

from mailgateway.config.models import ADDRESS_FORM, FILE_MARK, HOST_FORM, LANGUAGE_FORM, Config
from mailgateway.diagnostics.faults import NAME_FORM
from mailgateway.diagnostics.fields import Section, field_at, is_list, section_of, tables
from mailgateway.diagnostics.reference import HEAD, Types, in_order, keys_of, one_line, row

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
    rows = [row(name, field, _TYPES) for name, field in _ordered(table)]
    return "\n".join([f"## `{header(path)}`\n", one_line(table.__doc__) + "\n", *HEAD, *rows, ""])


def header(path: tuple[str, ...]) -> str:
    """Return the header that begins a table in the file, such as `[[mailbox]]` or `[mailbox.imap]`."""
    field = field_at(Config, path)
    name = ".".join(path)
    return f"[[{name}]]" if field and is_list(field) else f"[{name}]"


def _ordered(table: type[Section]) -> list[tuple[str, FieldInfo]]:
    """Return the keys that hold values or lists, required ones first; single tables have a section of their own."""
    return in_order((name, field) for name, field in keys_of(table).items() if is_list(field) or not section_of(field))


_TYPES: Types = (
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


if __name__ == "__main__":
    sys.stdout.write(configuration_reference())
