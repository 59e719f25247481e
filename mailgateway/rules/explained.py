"""A decision on a few lines: the mail, the rules, what was decided and by whom, and what the mail was cut into."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailgateway.model.decision import Answer, Decision, Facts
from mailgateway.model.effects import (
    Acknowledge,
    CutMail,
    Effect,
    IgnoreMail,
    Inform,
    JoinParts,
    MarkBounce,
    OpenTicket,
    PostMessage,
    Refuse,
    StaySilent,
)
from mailgateway.model.ticket import Status
from mailgateway.rules.conditions import shown
from mailgateway.rules.cutting import cut_lines, parts_made
from mailgateway.rules.values import RuleSet

DEFAULT = "(default)"
"""Who decides an answer where no rule does."""
_NAME_RULES = frozenset({"counted", "used_up"})
"""Answers that are the names of the rules that gave them."""
_QUIET = frozenset({"uncapped", "silent"})
"""Answers that stand in other words on the line of the decision."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision with all that is needed to explain it.

    Attributes:
        name: What the mail is called: the file, or its number in the ledger.
        facts: What the rules saw.
        decision: What they said.
        rules: Those that decided; of another revision, or None, where they are not known any more.
        text: The new words of the mail; None where only its facts are known.
    """

    name: str
    facts: Facts
    decision: Decision
    rules: RuleSet | None
    text: str | None = None


def head(explained: Explained) -> tuple[str, ...]:
    """Return the mail, the rules with what they hang on, the answers with who gave them, and how the mail is cut.

    Three lines; more where items were found in the mail or rules of split were asked: the items with their features,
    why it was cut or not, what it would be whole, and a line for each part with its own answers.
    """
    facts, decision = explained.facts, explained.decision
    sender = shown(facts.get("sender.address")) or "nobody"
    mail = f"{explained.name}   from {sender}   subject '{shown(facts.get('subject'))}'"
    rules = [f"revision {decision.revision}", f"arrived {shown(facts.get('arrived'))}", _customer(facts)]
    return (
        f"mail       {mail}",
        f"rules      {'   '.join(rules)}",
        f"decision   {decision_line(decision, facts)}",
        *cut_lines(facts, decision, explained.rules),
        *_uncut(decision.effects),
        *(f"part {part:<6}{part_line(decision, facts, part)}" for part in parts_made(decision)),
    )


def _customer(facts: Facts) -> str:
    if facts.get("customer.known") is not True:
        return "customer unknown"
    plan = facts.get("customer.plan")
    return f"customer {shown(facts.get('customer.id'))}" + (f"   customer plan {shown(plan)}" if plan else "")


def decision_line(decision: Decision, facts: Facts) -> str:
    """Return what was decided on one line: what becomes of the mail, each answer with its rule, what is sent.

    Of a mail that is cut only what is about all of it: `part_line` says what becomes of each part.
    """
    cut = next((effect for effect in decision.effects if isinstance(effect, CutMail)), None)
    of_parts = {answer.name for answer in decision.answers if answer.part} | ({"split", "tickets"} if cut else set())
    becomes = (
        (f"cut into {len(parts_made(decision))} (by {cut.rule})",) if cut else tuple(_becomes(decision.effects, facts))
    )
    answers = (_answer(answer) for answer in decision.answers if not answer.part and answer.name not in of_parts)
    return _line(*becomes, *answers, *_sent(decision.effects))


def part_line(decision: Decision, facts: Facts, part: int) -> str:
    """Return what was decided on one part of a mail on one line: its ticket, and each answer with its rule.

    Args:
        decision: On the whole mail.
        facts: What the rules saw of it.
        part: From 1.
    """
    places = [one for one in decision.effects if isinstance(one, (OpenTicket, PostMessage)) and one.part == part]
    return _line(*_becomes(places, facts), *(_answer(answer) for answer in decision.answers if answer.part == part))


def _uncut(effects: Iterable[Effect]) -> Iterator[str]:
    """Yield the line of what a mail that is cut would be as one ticket; none for a reply, whose ticket is there."""
    for effect in effects:
        if isinstance(effect, CutMail) and effect.whole:
            whole, names = effect.whole, ("queue", "kind", "priority", "assignee", "tags")
            said = (f"{name} {shown(value)}" for name in names if (value := getattr(whole, name)))
            status = "" if whole.status is Status.NEW else f"status {whole.status}"
            counted = ", ".join(place.rule for place in effect.quota)
            yield f"uncut      {_line(*said, status, counted and f'counted {counted}')}"


def _line(*words: str) -> str:
    return " · ".join(word for word in words if word)


def _answer(answer: Answer) -> str:
    if answer.name in _QUIET or answer.value in {None, "", ()}:
        return ""
    by = answer.rule or ("" if isinstance(answer.value, tuple) else DEFAULT)
    is_said = not by or answer.name in _NAME_RULES
    return f"{answer.name} {shown(answer.value)}" + ("" if is_said else f" (by {by})")


def _becomes(effects: Iterable[Effect], facts: Facts) -> Iterator[str]:
    for effect in effects:
        if isinstance(effect, MarkBounce):
            yield f"marks what was not delivered (by {effect.rule})"
        elif isinstance(effect, IgnoreMail):
            yield f"ignored: {effect.because} (by {effect.rule})"
        elif isinstance(effect, OpenTicket):
            follows = f" that goes on from ticket {effect.follows}" if effect.follows else ""
            yield f"new ticket{follows} (by {effect.rule})"
        elif isinstance(effect, PostMessage):
            yield f"put on {shown(facts.get('ticket.ref'))} (by {effect.rule})"
        elif isinstance(effect, JoinParts):
            yield f"the tickets of its parts are one again (by {effect.rule})"


def _sent(effects: Iterable[Effect]) -> Iterator[str]:
    for effect in effects:
        if isinstance(effect, StaySilent):
            yield f"no answer{f': {effect.because}' if effect.because else ''} (by {effect.rule})"
        elif isinstance(effect, Acknowledge):
            yield "acknowledged"
        elif isinstance(effect, Refuse):
            yield f"answered with {effect.template} (by {effect.rule})"
        elif isinstance(effect, Inform):
            yield "the customer is told"
