"""The words by which mails give themselves away, by language: TOML files beside this module, read once.

They are constants that happen to be written in TOML, where people who know a language can mend them: nothing at run
time changes them. So modules take them at import (`PHRASES = phrases("machines")`) instead of passing them through
every function of the parsers. This is the only place that reads them.
"""

import tomllib
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import TypeAlias

Table: TypeAlias = dict[str, tuple[str, ...]]
"""Phrases by language (BCP 47) or by another name the file explains."""


@cache
def phrases(name: str) -> dict[str, Table]:
    """Return the tables of a phrase file: table name -> language -> phrases, as they stand there.

    Args:
        name: The file's name without `.toml`. A file that is missing or wrong is a fault of this package.
    """
    read = tomllib.loads((files(__name__) / f"{name}.toml").read_text("utf-8"))
    return {table: {language: tuple(words) for language, words in rows.items()} for table, rows in read.items()}


def all_of(table: Table) -> tuple[str, ...]:
    """Return the phrases of every language, each once, in the order of the file."""
    return tuple(dict.fromkeys(chain.from_iterable(table.values())))
