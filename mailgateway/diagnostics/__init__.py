"""Faults in files that people edit: where they are, what to do, and how they are printed.

For the configuration and the rule files alike. `values` holds places and diagnostics, `render` prints them, `toml`
reads TOML and finds the place of every key. Pure: text in, values out; no file is opened here.
"""

from mailgateway.diagnostics.render import printable, render
from mailgateway.diagnostics.suggest import did_you_mean
from mailgateway.diagnostics.toml import Document, locate, read_toml
from mailgateway.diagnostics.values import DiagnosedError, Diagnostic, KeyPath, Mark, Place, Position, Severity

__all__ = [
    "DiagnosedError",
    "Diagnostic",
    "Document",
    "KeyPath",
    "Mark",
    "Place",
    "Position",
    "Severity",
    "did_you_mean",
    "locate",
    "printable",
    "read_toml",
    "render",
]
