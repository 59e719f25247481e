"""From the bytes of a configuration file to values, or to all of its faults at once."""

import re
from dataclasses import dataclass, replace

from pydantic import ValidationError

from mailgateway.config.checks import doubts, faults, password_in
from mailgateway.config.models import Config
from mailgateway.config.shapes import FORM
from mailgateway.diagnostics import DiagnosedError, Diagnostic, Document, read_toml
from mailgateway.diagnostics.faults import diagnosed
from mailgateway.diagnostics.toml import frozen

# `password = "x"` as a mistaken admin may write it; password_env and password_file hold no secret.
_SECRET = re.compile(r"""(?i)((?:password|passwd|secret|token|api_?key)["']?[ \t]*=[ \t]*)([^\n\r,}]+)""")
_URL_PASSWORD = re.compile(r"(://[^\s:/@\"']*:)([^\s@\"']+)(?=@)")


@dataclass(frozen=True, slots=True)
class ParsedConfig:
    """A configuration that can be used.

    Attributes:
        config: The values.
        document: The file, with passwords covered in its text.
        warnings: What is probably not meant.
    """

    config: Config
    document: Document
    warnings: tuple[Diagnostic, ...]


def parse_config(raw: bytes, path: str) -> Config:
    """Return the configuration a file holds.

    Args:
        raw: The file's content.
        path: As it is to be shown.

    Raises:
        DiagnosedError: A ConfigError whose text is every fault with its place, and whose `diagnostics` are the same as
            values.
    """
    return read_config(raw, path).config


def read_config(raw: bytes, path: str) -> ParsedConfig:
    """Return the configuration a file holds, the file's own text and places, and warnings.

    Args:
        raw: The file's content.
        path: As it is to be shown.

    Raises:
        DiagnosedError: As for `parse_config`.
    """
    document = _read(raw, path)
    between = faults(document)
    try:
        config = Config.model_validate(frozen(document.values), strict=True)
    except ValidationError as error:
        raise _failed([*diagnosed(error.errors(), document, FORM), *between], document) from error
    if between:
        raise _failed(between, document)
    return ParsedConfig(config, document, tuple(doubts(document)))


def _read(raw: bytes, path: str) -> Document:
    try:
        document = read_toml(raw, path)
    except DiagnosedError as error:
        shown = {name: covered(text) for name, text in error.texts.items()}
        raise DiagnosedError(error.diagnostics, shown) from error
    return replace(document, text=covered(document.text))


def _failed(found: list[Diagnostic], document: Document) -> DiagnosedError:
    ordered = sorted(dict.fromkeys(found), key=lambda fault: (fault.position.line, fault.position.column))
    return DiagnosedError(ordered, document.texts)


def covered(text: str) -> str:
    """Return a configuration's text with passwords replaced by as many `*`: it is shown in errors and logs."""
    for pattern in (_SECRET, _URL_PASSWORD):
        text = pattern.sub(lambda found: found[1] + "*" * len(found[2]), text)
    return text


def shown(config: Config) -> dict[str, object]:
    """Return a configuration as plain values to show to people, with passwords covered."""
    values = config.model_dump(mode="json")
    password = password_in(config.state.database)
    if password:
        values["state"]["database"] = config.state.database.replace(f":{password}@", ":***@")
    return values
