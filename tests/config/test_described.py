"""The example, the reference and the schema say the same as the models."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic_core import to_jsonable_python

from mailgateway.config import config_schema, parse_config
from mailgateway.config.models import Config
from mailgateway.config.reference import configuration_reference
from mailgateway.diagnostics import KeyPath
from mailgateway.diagnostics.fields import Section, field_at, is_list, tables

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"
SECTIONS = [((), Config), *tables(Config)]


def keys_at(values: object, path: tuple[str, ...]) -> set[str]:
    """Return the keys that stand in a table, in the first element where it is a list."""
    for name in path:
        values = values[name] if isinstance(values, dict) else {}
        values = values[0] if isinstance(values, list) else values
    return set(values) if isinstance(values, dict) else set()


def test_example_is_a_configuration_without_warnings() -> None:
    config = parse_config(EXAMPLE.read_bytes(), "config.example.toml")

    assert config.mailbox[0].imap.host == "imap.example.org"


@pytest.mark.parametrize(
    ("path", "table"), SECTIONS, ids=lambda value: ".".join(value) if isinstance(value, tuple) else ""
)
def test_example_holds_every_key(path: tuple[str, ...], table: type[Section]) -> None:
    written = keys_at(tomllib.loads(EXAMPLE.read_text()), path)

    assert written == set(table.model_fields)


def test_example_explains_every_line() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if "=" in line and not line.startswith("  { name")]

    assert [line for line in lines if " # " not in line and not line.startswith("#")] == []


def test_example_shows_the_defaults_where_it_shows_nothing_of_its_own() -> None:
    own = {"site.name", "site.host", "mailbox.aliases", "mailbox.folders", "mailbox.quiet_before", "channel.addresses"}
    own |= {f"{table}.{key}" for table in ("smtp", "mailbox.imap") for key in ("user", "password_env")}
    written = tomllib.loads(EXAMPLE.read_text())

    different = {".".join(path) for path, value in leaves(written) if default_of(path) not in [value, ...]}

    assert different == own


def leaves(values: dict[str, object], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in values.items():
        inner = value[0] if value and isinstance(value, list) and (*path, name) != ("mailbox", "folders") else value
        if isinstance(inner, dict):
            yield from leaves(inner, (*path, name))
        else:
            yield (*path, name), tuple(value) if isinstance(value, list) else value


def default_of(path: KeyPath) -> object:
    """Return a key's default, ... where it is required."""
    field = field_at(Config, path)
    return ... if field is None or field.is_required() else field.default


def test_reference_is_up_to_date() -> None:
    assert (ROOT / "docs/configuration.md").read_text() == configuration_reference()


@pytest.mark.parametrize("table", [table for _, table in SECTIONS], ids=lambda table: table.__name__)
def test_every_table_and_key_is_described(table: type[Section]) -> None:
    undescribed = [name for name, field in table.model_fields.items() if not field.description]

    assert (undescribed, bool(table.__doc__)) == ([], True)


def test_example_fits_the_schema() -> None:
    schema = config_schema()

    Draft202012Validator.check_schema(schema)
    errors = list(Draft202012Validator(schema).iter_errors(to_jsonable_python(tomllib.loads(EXAMPLE.read_text()))))

    assert errors == []


def test_schema_refuses_what_the_program_refuses_and_describes_keys() -> None:
    schema = config_schema()
    values = to_jsonable_python(tomllib.loads(EXAMPLE.read_text()))
    values["smtp"]["port"] = "465"
    values["site"]["nmae"] = "x"

    errors = {error.json_path for error in Draft202012Validator(schema).iter_errors(values)}

    assert errors == {"$.smtp.port", "$.site"}
    assert "Seconds between attempts at most." in str(schema)


def test_lists_are_told_from_tables() -> None:
    assert {".".join(path) for path, _ in tables(Config) if is_list(Config.model_fields[path[0]])} == {
        "mailbox",
        "mailbox.folders",
        "mailbox.imap",
        "agent",
        "channel",
        "channel.labels",
    }
