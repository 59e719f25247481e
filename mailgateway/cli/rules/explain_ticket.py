"""`mailgateway rules explain --ticket`: recorded decisions, as they were made and by today's rules."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mailgateway.app.ports import RecordedDecision
from mailgateway.app.rules.explain import rule_named
from mailgateway.app.rules.recorded import ThenAndNow, opening, then_and_now
from mailgateway.app.rules.revisions import Revisions
from mailgateway.cli.output import print_json, print_text, warn
from mailgateway.cli.rules.revisions import revisions
from mailgateway.cli.rules.setting import loaded_rules
from mailgateway.cli.rules.source import found_files
from mailgateway.cli.stores import store_and_config
from mailgateway.errors import ConfigError, NotFoundError
from mailgateway.model.ticket import Ticket
from mailgateway.rules.explain import explanation, values, why_not
from mailgateway.rules.explained import Explained, head
from mailgateway.rules.program import PROGRAM_RULES
from mailgateway.rules.replay import matched
from mailgateway.rules.replayed import change_values, change_words
from mailgateway.rules.values import Rule, RuleSet

TicketName = Annotated[
    str,
    typer.Option(
        "--ticket",
        metavar="TICKET",
        help="Instead of files: the recorded decision on a ticket, number or ID, and what today's rules say of it.",
    ),
]
MessageNumber = Annotated[
    int | None,
    typer.Option(
        "--message", metavar="M", min=1, help="With --ticket: the M-th message that was decided, not the opening one."
    ),
]
AllMessages = Annotated[bool, typer.Option("--all", help="With --ticket: every message of it that was decided.")]

_DIFFERS = "*"


@dataclass(frozen=True, slots=True)
class AskedTicket:
    """What is asked about a ticket.

    Attributes:
        ticket: Its number or ID.
        message: The place of the message among those that were decided, from 1; None for the one that opened it.
        every: Whether all of them.
        rules: The folder of today's rules, None for the configured one.
        why_not: The rule of --why-not, "" for all.
        json: Whether for programs.
    """

    ticket: str
    message: int | None = None
    every: bool = False
    rules: Path | None = None
    why_not: str = ""
    json: bool = False


def explain_ticket(ctx: typer.Context, asked: AskedTicket) -> None:
    """Print the recorded decisions on a ticket.

    Raises:
        BadParameter: The ticket has no such message, or there is no such rule (exit code 2).
        NotFoundError: There is no such ticket, or nothing is recorded of it.
    """
    today = loaded_rules(found_files(ctx, asked.rules))
    rule = _rule(asked.why_not, today)
    with store_and_config(ctx) as (opened, config):
        ticket = opened.ticket(asked.ticket)
        decisions = opened.decisions(ticket.number)
        known = revisions(config, asked.rules)
    for place in _places(decisions, ticket, asked):
        one = decisions[place]
        both = then_and_now(one, _of_then(known, one), today)
        which = f"{ticket.ref}, message {place + 1} of {len(decisions)} that {_were(decisions)} decided"
        if asked.json:
            print_json(_values(both, ticket, place + 1, rule))
        else:
            print_text("\n".join(_block(both, which, rule)))


def _rule(name: str, rules: RuleSet) -> Rule[object] | None:
    try:
        return rule_named(name, rules) if name else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--why-not") from error


def _places(decisions: tuple[RecordedDecision, ...], ticket: Ticket, asked: AskedTicket) -> Iterable[int]:
    if not decisions:
        raise NotFoundError(f"no decision is recorded for {ticket.ref}")
    if asked.every:
        return range(len(decisions))
    if (asked.message or 0) > len(decisions):
        words = f"{ticket.ref} has {len(decisions)} messages that were decided"
        raise typer.BadParameter(words, param_hint="--message")
    return (asked.message - 1 if asked.message else opening(decisions, ticket),)


def _were(decisions: tuple[RecordedDecision, ...]) -> str:
    return "was" if len(decisions) == 1 else "were"


def _of_then(known: Revisions, one: RecordedDecision) -> RuleSet | None:
    """Return the rules that decided; None where they are not kept, or this program cannot use them any more."""
    try:
        return known.of(one.decision.revision)
    except ConfigError as error:
        warn(f"revision {one.decision.revision} cannot be used any more:\n{error}")
        return None


# --- text ------------------------------------------------------------------------------------------------------------


def _block(both: ThenAndNow, which: str, rule: Rule[object] | None) -> Iterator[str]:
    """Yield the lines of one message: how it was decided, what differs today, and today's decision where any does."""
    yield f"ticket     {which}"
    yield f"decided    {both.recorded.decided_at:%Y-%m-%d %H:%M} UTC   program {both.recorded.program or '(unknown)'}"
    yield from (f"note       {note}" for note in both.notes)
    yield from ("", "--- then " + "-" * 60, "", _explained(both.then, rule), "")
    if both.now is None:
        return
    yield f"--- by today's rules, revision {both.now.decision.revision} " + "-" * 30
    yield ""
    differing = matched(both.then.decision) ^ matched(both.now.decision)
    if not both.changes and not differing and rule is None:
        yield "the same"
    else:
        yield f"differs    {' · '.join(map(change_words, both.changes)) or 'nothing that was answered'}"
        yield from (f"because    {cause}" for cause in both.causes)
        yield ""
        yield _marked(_explained(both.now, rule), differing)
    yield ""


def _explained(explained: Explained, rule: Rule[object] | None) -> str:
    if rule is None or explained.rules is None:
        return explanation(explained)
    own = _same(rule, explained.rules)
    if own is None:
        return "\n".join((*head(explained), "", f"  {rule.id} is not in revision {explained.rules.revision}"))
    return why_not(own, explained)


def _same(rule: Rule[object] | None, rules: RuleSet | None) -> Rule[object] | None:
    """Return the rule of the same id in a set, None where it has none."""
    if rule is None or rules is None:
        return None
    return rules.rule(rule.id) or PROGRAM_RULES.get(rule.id)


def _marked(text: str, rules: frozenset[str]) -> str:
    """Return an explanation with a mark before each rule that matches today and did not then."""
    return "\n".join(_DIFFERS + line[1:] if _rule_of(line) in rules else line for line in text.splitlines())


def _rule_of(line: str) -> str:
    words = line.split()
    return words[1] if line.startswith("  MATCH ") and len(words) > 1 else ""


# --- values ----------------------------------------------------------------------------------------------------------


def _values(both: ThenAndNow, ticket: Ticket, place: int, rule: Rule[object] | None) -> dict[str, object]:
    return {
        "ticket": ticket.ref,
        "message": place,
        "mail": both.recorded.mail,
        "decided_at": both.recorded.decided_at,
        "program": both.recorded.program,
        "notes": both.notes,
        "then": values(both.then, _same(rule, both.then.rules)),
        "now": values(both.now, rule) if both.now else None,
        "changes": [change_values(one, "then", "now") for one in both.changes],
        "because": both.causes,
    }
