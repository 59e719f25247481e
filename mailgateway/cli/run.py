"""`mailgateway run`: the daemon, and one round of it."""

import signal
import threading
from typing import Annotated

import structlog
import typer

from mailgateway import log as logs
from mailgateway.cli.options import configuration
from mailgateway.cli.output import EXIT_ERROR, warn
from mailgateway.daemon import Daemon, Parts, open_parts, run_once
from mailgateway.errors import MailgatewayError

LOOK_S = 0.2
"""How often the main thread looks what it was told and whether the others live."""

log = structlog.get_logger()


def register(app: typer.Typer) -> None:
    """Add `run` to the program."""
    app.command()(run)


def run(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Fetch, process and send what there is, then end.")] = False,
) -> None:
    """Poll the mailboxes, make tickets and send the answers, until SIGTERM; SIGHUP reads the configuration again."""
    if once:
        _run_once(ctx)
        return
    signals = _Signals()
    daemon: Daemon | None = _daemon(ctx)
    while daemon:
        daemon = _run_until_told(ctx, daemon, signals)


class _Signals:
    """What the process was told from outside.

    Plain flags: a handler runs in the middle of whatever the main thread does, and `Event.set` would wait for a lock
    that the main thread itself may hold in that moment.
    """

    def __init__(self) -> None:
        self.end = False
        self.reload = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_end)
        signal.signal(signal.SIGHUP, self._on_reload)

    def _on_end(self, _number: int, _frame: object) -> None:
        self.end = True

    def _on_reload(self, _number: int, _frame: object) -> None:
        self.reload = True


def _open(ctx: typer.Context) -> Parts:
    loaded = configuration(ctx)
    logs.configure(loaded.config.log.format, loaded.config.log.level)
    return open_parts(loaded)


def _daemon(ctx: typer.Context, former: Daemon | None = None) -> Daemon:
    """Return a daemon of the configuration as it is now, which only needs to be started."""
    parts = _open(ctx)
    try:
        return Daemon(parts, former)
    except BaseException:
        parts.close()
        raise


def _run_until_told(ctx: typer.Context, daemon: Daemon, signals: _Signals) -> Daemon | None:
    """Run until a signal; return what to run next, None at the end.

    Raises:
        typer.Exit: A thread died: exit code 1, so that a supervisor starts a clean run.
    """
    try:
        daemon.start()
        following = _wait(ctx, daemon, signals)
        broken = not daemon.is_alive
        daemon.stop()
    finally:
        daemon.parts.close()
    if broken:
        raise typer.Exit(EXIT_ERROR)
    return following


def _wait(ctx: typer.Context, daemon: Daemon, signals: _Signals) -> Daemon | None:
    """Wait for the end, for a thread that dies, or for a configuration that can be used: return its daemon."""
    pause = threading.Event()
    while daemon.is_alive and not signals.end:
        pause.wait(LOOK_S)
        if signals.reload and not signals.end:
            signals.reload = False
            if following := _reload(ctx, daemon):
                return following
            daemon.look_at_rules()
    return None


def _reload(ctx: typer.Context, daemon: Daemon) -> Daemon | None:
    """Return a daemon of the configuration as it is now, None where it cannot be used: then nothing changes.

    It has all that may be refused, the health port too, before the one that runs is ended.
    """
    try:
        return _daemon(ctx, daemon)
    except MailgatewayError as error:
        log.error("config.refused", problem=str(error))  # noqa: TRY400 -- a fault of the file, no traceback helps
        return None


def _run_once(ctx: typer.Context) -> None:
    parts = _open(ctx)
    try:
        problems = run_once(parts)
    finally:
        parts.close()
    for problem in problems:
        warn(problem)
    if problems:
        raise typer.Exit(EXIT_ERROR)
