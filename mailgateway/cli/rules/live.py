"""`mailgateway rules status`, `reload` and `rollback`: the rules in force, and how to have them changed."""

import io
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from mailgateway import log as logs
from mailgateway.adapters.clock import SystemClock
from mailgateway.adapters.files import LoadedConfig, load_keyring, load_templates
from mailgateway.adapters.liveness import Liveness
from mailgateway.app.snapshot import snapshot
from mailgateway.cli.options import Json, configuration
from mailgateway.cli.output import EXIT_ERROR, note, print_fields, print_json, print_text
from mailgateway.cli.stores import now
from mailgateway.daemon.parts import rule_places
from mailgateway.daemon.rules import CHECK_S, POLL_S, RulePlaces, reload_of
from mailgateway.errors import ConfigError, NotFoundError, TemporaryError
from mailgateway.model.rulefiles import (
    KeptRevision,
    PendingAccept,
    Pinned,
    RulesAction,
    RulesAnswer,
    RulesRequest,
    RulesStatus,
)
from mailgateway.model.tokens import NOBODYS_KEYRING

ANSWER_S = CHECK_S + 5 * POLL_S
"""So long the daemon's answer is waited for."""
LOOK_S = 0.1
SAY_AFTER_S = 3.0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status")(_status)
    app.command("reload")(_reload)
    app.command("rollback")(_rollback)


# --- status ------------------------------------------------------------------------------------------------


def _status(ctx: typer.Context, json: Json = False) -> None:
    """Show which rules are in force, since when, and why the files are not where they were refused.

    Exit code 0: fine. 1: the last attempt to put the files in force was refused, or there was none yet.
    """
    loaded = configuration(ctx)
    places = rule_places(loaded)
    if places is None:
        print_json({"source": "shipped"}) if json else print_text("the shipped rules; [rules] names no folder")
        return
    status, pending, pinned = places.notes.status(), places.notes.pending(), places.notes.pinned()
    running = _is_running(loaded)
    if json:
        known = None if status is None else {**asdict(status), "successful": status.successful}
        print_json({"running": running, "status": known, "pending": pending, "pinned": pinned})
    else:
        _print_status(places, status, pending, pinned)
        note(
            "a daemon is running"
            if running
            else "no daemon is running: this is what the next one starts with, if nothing changes"
        )
    if status is None or not status.successful:
        raise typer.Exit(EXIT_ERROR)


def _print_status(
    places: RulePlaces, status: RulesStatus | None, pending: PendingAccept | None, pinned: Pinned | None
) -> None:
    if status is None:
        print_text(f"nothing is known yet: no daemon has used {places.source.described}")
        return
    print_fields(
        {
            "in force": status.revision or "the built-in rules: every mail is a ticket, tagged rules-missing",
            "since": _at(status.since),
            "origin": status.origin,
            "source": status.source,
            **({"commit": f"{status.commit[:12]} by {status.author}"} if status.commit else {}),
            "files agreed": _at(status.agreed_at) if status.agreed_at else "never",
            **({"pinned": f"{pinned.revision} since {_at(pinned.at)}, until the files change"} if pinned else {}),
            **({"waits for --accept": pending.revision} if pending else {}),
        }
    )
    if status.refused:
        of_commit = f", commit {status.refused.commit[:12]} by {status.refused.author}" if status.refused.commit else ""
        name = status.refused.revision or "the files"
        since = "" if not status.successful else " (not the last attempt: a later one was taken)"
        print_text(f"\nrefused {name} at {_at(status.refused.at)}{of_commit}{since}:\n\n{status.refused.text}")


def _at(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


# --- reload and rollback -----------------------------------------------------------------------------------


def _reload(
    ctx: typer.Context,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take the files that were refused because rules would vanish.")
    ] = False,
    json: Json = False,
) -> None:
    """Check the rule files and put them in force at once; ends a rollback.

    The running daemon is asked; where none runs, what is checked here is what the next one starts with.
    Exit code 1: they were refused, and why.
    """
    loaded = configuration(ctx)
    places = _places(loaded)
    pending = places.notes.pending()
    if accept and pending is None:
        note("nothing waits to be accepted: the files are checked as always")
    revision = pending.revision if accept and pending else ""
    request = RulesRequest(RulesAction.RELOAD, now(), revision, accept=bool(revision))
    _finish(_asked(loaded, places, request), json=json)


def _rollback(
    ctx: typer.Context,
    revision: Annotated[str, typer.Argument(help="A revision that was in force; else the one before.")] = "",
    json: Json = False,
) -> None:
    """Go back to rules that were in force before, until the files change or `rules reload` is run.

    Exit code 1: that cannot be done, and why.
    """
    loaded = configuration(ctx)
    places = _places(loaded)
    request = RulesRequest(RulesAction.ROLLBACK, now(), revision or _previous(places).revision)
    _finish(_asked(loaded, places, request), json=json)


def _places(loaded: LoadedConfig) -> RulePlaces:
    places = rule_places(loaded)
    if places is None:
        raise ConfigError(
            'the shipped rules are in force: "mailgateway rules init DIR" writes files, [rules] names them'
        )
    return places


def _previous(places: RulePlaces) -> KeptRevision:
    found = places.keep.previous()
    if found is None:
        raise NotFoundError("there is nothing to go back to: no other revision was in force yet")
    return found


def _finish(answer: RulesAnswer, *, json: bool) -> None:
    if json:
        print_json(answer)
    else:
        print_text(answer.text)
    if not answer.done:
        raise typer.Exit(EXIT_ERROR)


def _asked(loaded: LoadedConfig, places: RulePlaces, request: RulesRequest) -> RulesAnswer:
    """Return the running daemon's answer; where none runs, do it here: what is kept is what the next one starts with.

    Raises:
        TemporaryError: The daemon does not answer; the request is taken back.
    """
    if not _is_running(loaded):
        note("no daemon is running: this is what the next one starts with")
        return _done_here(loaded, places, request)
    asked = places.requests.ask(request)
    for waited_s in _waits():
        if answer := places.requests.answer(asked):
            return answer
        if waited_s >= SAY_AFTER_S and not _is_running(loaded) and places.requests.withdraw(asked):
            note("the daemon ended: this is what the next one starts with")
            return _done_here(loaded, places, request)
    places.requests.withdraw(asked)
    raise TemporaryError(f"the daemon did not answer within {ANSWER_S:.0f} s; its log says what it does")


def _waits() -> Iterator[float]:
    """Yield the seconds waited so far, until it is too long; say so once where it takes a while."""
    begun, said = time.monotonic(), False
    while (waited_s := time.monotonic() - begun) < ANSWER_S:
        if waited_s > SAY_AFTER_S and not said:
            said = True
            note(f"waiting for the daemon, at most {ANSWER_S:.0f} s ...")
        yield waited_s
        time.sleep(LOOK_S)


def _is_running(loaded: LoadedConfig) -> bool:
    return Liveness(loaded.state_folder / "owners").is_anybody_alive()


def _done_here(loaded: LoadedConfig, places: RulePlaces, request: RulesRequest) -> RulesAnswer:
    """Do what is asked, as the daemon would.

    Raises:
        ConfigError: What would be written here the daemon could not read.
    """
    folder = loaded.state_folder
    if folder.exists() and folder.stat().st_uid != os.geteuid():
        raise ConfigError(f"{folder} is another user's: run this as the user of the daemon, or start the daemon")
    logged = io.StringIO()  # the answer says why files are refused: the log would only say it again
    logs.configure(loaded.config.log.format, "error", logged)
    keyring = load_keyring(loaded.keyring_path) if loaded.keyring_path.exists() else NOBODYS_KEYRING
    reload = reload_of(places, snapshot(loaded.config, keyring, load_templates(loaded)), SystemClock())
    reload.start()
    answer = reload.carry_out(request)
    if answer.done:
        sys.stderr.write(logged.getvalue())
    return answer
