"""Values as TOML, as plainly as can be: one key a line, tables inline. What tomllib reads of it is the same."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time


def printed(values: Mapping[str, object]) -> str:
    """Return values as the text of a TOML file."""
    return "".join(f"{_text(key)} = {_value(value)}\n" for key, value in values.items())


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case datetime() | date() | time():
            return value.isoformat()
        case Mapping():
            return "{" + ", ".join(f"{_text(str(key))} = {_value(inner)}" for key, inner in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            raise TypeError(f"{type(value).__name__} is nothing of TOML")


def _text(text: str) -> str:
    r"""Return a text in quotes; JSON writes all of them as TOML does but for DEL and what is beyond \uFFFF."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
