"""`mailgateway rules replay`: which recorded decisions other rules would change."""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from time import perf_counter
from typing import IO, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mailgateway.app.ports import Recorded, Window
from mailgateway.app.rules.replay import Replayed, Told
from mailgateway.app.rules.replay import replay as replay_recorded
from mailgateway.app.rules.revisions import LIVE
from mailgateway.cli.output import EXIT_ERROR, json_line
from mailgateway.cli.rules.revisions import revisions
from mailgateway.cli.rules.setting import loaded_rules
from mailgateway.cli.rules.source import RulesDir, found_files
from mailgateway.cli.stores import now, store_and_config
from mailgateway.diagnostics import printable
from mailgateway.model.calendar import Zone
from mailgateway.rules.replay import IgnoredMail, sides
from mailgateway.rules.replayed import (
    Shown,
    ignored_item,
    ignored_line,
    ignored_values,
    markdown,
    text,
    values,
)
from mailgateway.rules.values import RuleSet

_SPAN = re.compile(r"([0-9]{1,5})([hdw])", re.ASCII)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_SPOOLED_BYTES = 1024 * 1024


class ReplayFormat(StrEnum):
    """How a replay is printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


Since = Annotated[
    str, typer.Option("--since", metavar="SPAN|DATE", help="Mails that arrived since: 12h, 30d, 2w or 2026-10-01.")
]
Until = Annotated[
    str,
    typer.Option("--until", metavar="SPAN|DATE", help="Only until so long ago, or that day, which counts."),
]
Against = Annotated[
    str,
    typer.Option("--against", metavar="live|REV", help="The rules before: those in force, a kept revision, a commit."),
]
FailOnChange = Annotated[bool, typer.Option("--fail-on-change", help="Exit code 1 where any decision changes.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(replay)


def replay(
    ctx: typer.Context,
    rules: RulesDir = None,
    since: Since = "30d",
    until: Until = "",
    against: Against = LIVE,
    fail_on_change: FailOnChange = False,
    format: Annotated[ReplayFormat, typer.Option("--format", help="How it is printed.")] = ReplayFormat.TEXT,  # noqa: A002 -- the option's name
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show which decisions of the last days the rules would change, before they are in force.

    The recorded facts of each mail are decided under both rule sets, and what differs is printed, grouped by what
    changes and why. Quotas are counted anew for both, from the start of the oldest period that touches the window.
    Nothing is sent, nothing is written, and the daemon goes on meanwhile.

    Exit codes: 0 done, also where decisions change; 1 a rule set has errors, or with --fail-on-change something
    changes; 2 wrong usage.
    """
    found = found_files(ctx, rules)
    after = loaded_rules(found)
    with store_and_config(ctx) as (opened, config):
        before = revisions(config, rules).named(against)
        zone = Zone(after.site.time_zone)
        window = Window(*_window(since, until, zone))
        job = _Job(opened, window, before, after, against, zone)
        replayed = _PRINTED[ReplayFormat.JSON if json else format](job)
    if fail_on_change and replayed.tallied.changed:
        raise typer.Exit(EXIT_ERROR)


# --- the window ------------------------------------------------------------------------------------------------------


def _window(since: str, until: str, zone: Zone) -> tuple[datetime, datetime]:
    present = now()
    first = _moment(since, present, zone, "--since")
    last = _moment(until, present, zone, "--until", timedelta(days=1)) if until else present
    if first >= last:
        raise typer.BadParameter("no time is between --since and --until", param_hint="--since")
    return first, last


def _moment(written: str, present: datetime, zone: Zone, option: str, whole_day: timedelta = timedelta()) -> datetime:
    """Return the moment that a span before the present, or a day, stands for."""
    span = _SPAN.fullmatch(written)
    try:
        if span:
            return present - int(span[1]) * _UNITS[span[2]]
        day = datetime.strptime(written, "%Y-%m-%d").date()  # noqa: DTZ007 -- a day; its zone is the site's
        return datetime.combine(day + whole_day, time(), zone.tzinfo).astimezone(UTC)
    except (ValueError, OverflowError):
        words = f'"{written}": write a span such as 12h, 30d or 2w, or a day such as 2026-10-01'
        raise typer.BadParameter(words, param_hint=option) from None


# --- the work --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Job:
    """What is replayed, and what the rules are called."""

    recorded: Recorded
    window: Window
    before: RuleSet
    after: RuleSet
    against: str
    zone: Zone

    def run(self, ignored: Callable[[IgnoredMail], None]) -> tuple[Replayed, Shown]:
        """Replay, with progress on a terminal.

        Args:
            ignored: Takes every mail that the new rules ignore.
        """
        began = perf_counter()
        with _progress() as (total, seen):
            told = Told(ignored=ignored, total=total, seen=seen)
            replayed = replay_recorded(self.recorded, self.window, sides(self.before, self.after), told)
        return replayed, self._shown(replayed, perf_counter() - began)

    def _shown(self, replayed: Replayed, took_s: float) -> Shown:
        before = self.before.revision
        other = "the same" if self.after.revision == before else "edited"
        return Shown(
            tallied=replayed.tallied,
            before=before if self.against == before else f"{before} ({self.against})",
            after=f"{self.after.revision} ({other})",
            since=self.window.since,
            until=self.window.until,
            counted_from=replayed.counted_from if replayed.counts_quotas else None,
            zone=self.zone,
            took_s=took_s,
        )


@contextmanager
def _progress() -> Iterator[tuple[Callable[[int], None], Callable[[], None]]]:
    """Return how to say how many mails there are, and that one is done: a bar on a terminal, else nothing."""
    console = Console(stderr=True)
    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("replaying", total=None)
        yield (lambda total: bar.update(task, total=total)), (lambda: bar.advance(task))


@contextmanager
def _spool() -> Iterator[IO[str]]:
    """Open a place for lines that may be many: on the disk where they are, not in memory."""
    with tempfile.SpooledTemporaryFile(_SPOOLED_BYTES, "w+", encoding="utf-8", errors="surrogatepass") as spool:
        yield spool


def _lines(spool: IO[str]) -> Iterator[str]:
    spool.seek(0)
    return (line.rstrip("\n") for line in spool)


# --- the formats -----------------------------------------------------------------------------------------------------


def _text(job: _Job) -> Replayed:
    with _spool() as spool:
        replayed, shown = job.run(lambda one: print(ignored_line(one, job.zone), file=spool))
        for line in text(shown, _lines(spool)):
            sys.stdout.write(printable(line) + "\n")
    return replayed


def _github(job: _Job) -> Replayed:
    with _spool() as spool:
        replayed, shown = job.run(lambda one: print(ignored_item(one, job.zone), file=spool))
        sys.stdout.write(markdown(shown, _lines(spool)) + "\n")
    return replayed


def _json(job: _Job) -> Replayed:
    """Print one object; its last key is the list of ignored mails, written line by line."""
    with _spool() as spool:
        replayed, shown = job.run(lambda one: print(json_line(ignored_values(one)), file=spool))
        sys.stdout.write(f'{json_line(values(shown))[:-1]}, "ignored": [')
        for number, line in enumerate(_lines(spool)):
            sys.stdout.write(f"{', ' if number else ''}{line}")
        sys.stdout.write("]}\n")
    return replayed


_PRINTED: dict[ReplayFormat, Callable[[_Job], Replayed]] = {
    ReplayFormat.TEXT: _text,
    ReplayFormat.JSON: _json,
    ReplayFormat.GITHUB: _github,
}
