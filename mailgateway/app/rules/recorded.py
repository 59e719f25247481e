"""A recorded decision explained: the rules of that time, and next to it what today's rules say of the same facts."""

from dataclasses import dataclass

from mailgateway import __version__
from mailgateway.app.ports import RecordedDecision
from mailgateway.model.decision import Decision, Facts, Step
from mailgateway.model.effects import OpenTicket
from mailgateway.model.ticket import Ticket
from mailgateway.rules.decide import decide
from mailgateway.rules.explained import Explained
from mailgateway.rules.parts import quota_keys_of_mail
from mailgateway.rules.replay import Change, causes, changes, sides
from mailgateway.rules.values import RuleSet

_NO_FACTS = Facts(())


@dataclass(frozen=True, slots=True)
class ThenAndNow:
    """One decision, as it was and as it would be.

    Attributes:
        recorded: What is stored of it.
        then: How it was made; without the rules, and so without conditions, where they cannot be shown any more.
        now: How today's rules decide, None where the facts were removed.
        notes: What has to be known of the two, a sentence each.
        changes: The answers that are others today.
        causes: Why; () where the rules of that time are not known.
    """

    recorded: RecordedDecision
    then: Explained
    now: Explained | None
    notes: tuple[str, ...]
    changes: tuple[Change, ...]
    causes: tuple[str, ...]


def then_and_now(recorded: RecordedDecision, of_then: RuleSet | None, of_now: RuleSet) -> ThenAndNow:
    """Return a decision as it was made, beside what today's rules say.

    Args:
        recorded: What is stored of it.
        of_then: The rules that decided, None where they are not kept.
        of_now: Today's rules.
    """
    name = f"mail {recorded.mail}"
    facts = recorded.facts
    if facts is None:
        then = Explained(name, _NO_FACTS, recorded.decision, None)
        words = "the facts were removed: the trace is as it was stored, and what today's rules say is not known"
        return ThenAndNow(recorded, then, None, (words,), (), ())
    again = decide(of_then, facts) if of_then else None
    note = _why_stored(recorded, again)
    shown = recorded.decision if note or again is None else again
    then = Explained(name, facts, shown, None if note else of_then)
    now = Explained(name, facts, decide(of_now, facts), of_now)
    changed = changes(then.decision, now.decision)
    because = causes(sides(of_then, of_now), then.decision, now.decision) if changed and of_then else ()
    notes = tuple(one for one in (note, _uncounted(facts, of_now)) if one)
    return ThenAndNow(recorded, then, now, notes, changed, because)


def _why_stored(recorded: RecordedDecision, again: Decision | None) -> str:
    """Return why only the stored trace can be shown, "" where the rules of that time decide the same again."""
    if again is None:
        return f"revision {recorded.decision.revision} is not there any more: the trace is as it was stored"
    if _comparable(again) == _comparable(recorded.decision):
        return ""
    versions = f"{recorded.program or '(unknown)'} then, {__version__} now"
    return f"this program decides otherwise by the same rules ({versions}): the trace is as it was stored"


def _comparable(decision: Decision) -> tuple[object, ...]:
    """Return what must come out again; the words of the evidence may be others."""
    steps = tuple(_bare(step) for step in decision.trace)
    return steps, decision.answers, decision.effects


def _bare(step: Step) -> tuple[str, bool, bool]:
    return step.rule, step.matched, bool(step.error)


def _uncounted(facts: Facts, rules: RuleSet) -> str:
    """Return which of today's quotas nobody counted then, in words, "" where there is none."""
    recorded = {name for name, _ in facts.values}
    missing = [
        key.quota for key in quota_keys_of_mail(rules, dict(facts.values)) if f"usage.{key.quota}" not in recorded
    ]
    return f"today's rules see as unused what was not counted then: {', '.join(missing)}" if missing else ""


def opening(decisions: tuple[RecordedDecision, ...], ticket: Ticket) -> int:
    """Return the place, from 0, of the decision that opened a ticket; 0 where it is not recorded.

    A ticket that took others over has their messages too.
    """
    return next(
        (
            place
            for place, one in enumerate(decisions)
            if one.decided_at == ticket.created_at
            and any(isinstance(effect, OpenTicket) for effect in one.decision.effects)
        ),
        0,
    )
