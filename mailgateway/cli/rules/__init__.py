"""`mailgateway rules`: check, describe, test and follow the rule files.

A module makes one command or two and has `register(app: typer.Typer) -> None`, which adds them; `COMMANDS` gets the
line `NAME.register`. `source.rule_files` finds the files a command works with.

Exit codes are those of promtool: 0 fine, 1 errors or failed examples, 2 wrong usage, 3 warnings with `--strict`.
"""

from collections.abc import Callable

import typer

from mailgateway.cli.rules import check, describe, explain, init, live, replay, test

app = typer.Typer(no_args_is_help=True, help="Check, test, explain and replay the rule files.")

COMMANDS: tuple[Callable[[typer.Typer], None], ...] = (
    check.register,
    test.register,
    explain.register,
    replay.register,
    live.register,
    describe.register,
    init.register,
)
"""Functions that add commands, in the order of the help page."""

for _register in COMMANDS:
    _register(app)
