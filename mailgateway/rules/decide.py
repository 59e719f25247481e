"""Facts in, effects out: the one entry to the decision, and the built-in rules behind it.

Rules stand in stages; in a stage the first rule whose conditions all hold has its say, and the effects of all stages
together are the decision. A condition on an unknown fact (None) never holds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mailgateway.model.decision import Decision, Fact, Facts, Step
from mailgateway.model.effects import (
    Acknowledge,
    ChangeStatus,
    Effect,
    IgnoreMail,
    MarkBounce,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    StaySilent,
)
from mailgateway.model.message import MessageKind
from mailgateway.model.people import Role
from mailgateway.model.site import Defaults
from mailgateway.model.ticket import Status

REVISION = "built-in 1"
"""Which state of the rules decided, until rule files have revisions of their own."""
MAX_EVIDENCE = 60
"""Characters of evidence that a step of the trace keeps."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """Holds where a fact is known and one of these."""

    fact: str
    values: tuple[Fact, ...]

    def holds(self, facts: Mapping[str, Fact]) -> bool:
        """Return whether it does."""
        value = facts.get(self.fact)
        return value is not None and value in self.values


@dataclass(frozen=True, slots=True)
class Except:
    """Holds where a fact is known and none of these."""

    fact: str
    values: tuple[Fact, ...]

    def holds(self, facts: Mapping[str, Fact]) -> bool:
        """Return whether it does."""
        value = facts.get(self.fact)
        return value is not None and value not in self.values


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Holds where a fact is a number that is not below this one."""

    fact: str
    number: int

    def holds(self, facts: Mapping[str, Fact]) -> bool:
        """Return whether it does."""
        value = facts.get(self.fact)
        return isinstance(value, int) and value >= self.number


Condition = OneOf | Except | AtLeast


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what must hold, and what follows.

    Attributes:
        id: Stands in the trace and in every effect.
        when: All must hold.
        effects: Makes the effects; gets the rule's id and the facts.
    """

    id: str
    when: tuple[Condition, ...]
    effects: Callable[[str, Facts], tuple[Effect, ...]]


def decide(rules: Defaults, facts: Facts) -> Decision:
    """Return what to do with a message, and why. The same facts give the same decision.

    Args:
        rules: What the built-in rules are filled with.
        facts: What is to be seen of the message.

    Returns:
        The effects in the order in which they are carried out, and a step for each rule that was tried: those of
        each stage up to the one that held.
    """
    effects: list[Effect] = []
    trace: list[Step] = []
    seen = dict(facts.values)
    for stage in _stages(rules):
        for rule in stage:
            failed = next((condition for condition in rule.when if not condition.holds(seen)), None)
            trace.append(Step(rule.id, failed is None, _evidence(rule.when if failed is None else (failed,), seen)))
            if failed is None:
                effects.extend(rule.effects(rule.id, facts))
                break
    return Decision(tuple(effects), tuple(trace), REVISION)


def _evidence(conditions: tuple[Condition, ...], facts: Mapping[str, Fact]) -> str:
    """Return the facts that conditions looked at: all that held, or the one that did not."""
    text = " ".join(f"{condition.fact}={_shown(facts.get(condition.fact))}" for condition in conditions)
    return text if len(text) <= MAX_EVIDENCE else text[: MAX_EVIDENCE - 1] + "…"


def _shown(fact: Fact) -> str:
    if fact is None:
        return "unknown"
    return str(fact).lower() if isinstance(fact, bool) else str(fact)


# --- the built-in rules ----------------------------------------------------------------------------------------

_PERSON = OneOf("mail.kind", (MessageKind.PERSON.value,))
_MACHINE = Except("mail.kind", (MessageKind.PERSON.value,))
_BOUNCE = OneOf("mail.kind", (MessageKind.BOUNCE.value,))
# The customer does not get our mails, not before somebody proves to be a person, or does not want them.
_NOT_REACHED = OneOf("mail.kind", (MessageKind.BOUNCE.value, MessageKind.CHALLENGE.value, MessageKind.FEEDBACK.value))
_ON_TICKET = OneOf("ticket.found", (True,))
_WITHOUT_TICKET = OneOf("ticket.found", (False,))
_VERIFIED = OneOf("thread.verified", (True,))
_BY_AGENT = OneOf("sender.role", (Role.AGENT.value,))
_BY_CUSTOMER = Except("sender.role", (Role.AGENT.value,))
_RESTING = OneOf("ticket.status", (Status.WAITING.value, Status.RESOLVED.value, Status.CLOSED.value))
_AGENTS_ADDRESS = OneOf("sender.has_agents_address", (True,))
_TYPED = OneOf("sender.typed", (True,))
_NEW_OF_PERSON = (_PERSON, _WITHOUT_TICKET)


@lru_cache(maxsize=8)  # compiled once for a configuration, not for each mail
def _stages(rules: Defaults) -> tuple[tuple[Rule, ...], ...]:
    """Return the built-in rules: deliveries, the mail's place, the ticket's status, an answer, who is told."""
    return (
        (Rule("bounce", (_BOUNCE,), lambda rule, _: (MarkBounce(rule),)),),
        _places(rules),
        # On a closed ticket too, however long it is closed: the window is a rule of lifecycle (step 3).
        (Rule("reopen", (_PERSON, _ON_TICKET, _VERIFIED, _BY_CUSTOMER, _RESTING), _reopen),),
        _answers(rules),
        _notices(rules),
    )


def _places(rules: Defaults) -> tuple[Rule, ...]:
    """Return the rules that say where a mail goes; one of them holds for every mail."""

    def new_ticket(rule: str, _: Facts) -> tuple[Effect, ...]:
        return (OpenTicket(rule, rules.queue, rules.kind, rules.priority),)

    def alert(rule: str, facts: Facts) -> tuple[Effect, ...]:
        opened = OpenTicket(rule, rules.queue, rules.kind, rules.priority, ("machine",))
        return (opened, StaySilent(rule, _text(facts, "mail.no_answer")), NotifyAgents(rule, rules.notify_roles))

    return (
        Rule("machine-on-ticket", (_MACHINE, _ON_TICKET), _record),
        Rule("machine-ignored", (_MACHINE, OneOf("mail.is_answer", (True,))), _ignore("a machine's answer")),
        # A responder without any mark still quotes the ticket ID: a ticket for that would be one turn of a loop.
        Rule("machine-names-ticket", (_MACHINE, AtLeast("thread.mentions", 1)), _ignore("a machine names a ticket")),
        # Agents are told of new tickets: what their mailboxes answer must not open the next one.
        Rule("machine-of-agent", (_MACHINE, _AGENTS_ADDRESS), _ignore("an agent's machine")),
        Rule("machine-alert", (_MACHINE,), alert),
        Rule("unverified", (_ON_TICKET, OneOf("thread.verified", (False,))), _post),
        Rule("agent-reply", (_ON_TICKET, _BY_AGENT), _post),
        Rule("reply", (_ON_TICKET,), _post),
        Rule("new-ticket", (), new_ticket),
    )


def _answers(rules: Defaults) -> tuple[Rule, ...]:
    """Return the rules that say whether a person who opened a ticket gets the acknowledgement."""
    return (
        Rule("silence", (*_NEW_OF_PERSON, Except("mail.no_answer", ("",))), _stay_silent),
        Rule("silent-agent", (*_NEW_OF_PERSON, _AGENTS_ADDRESS), _agent_is_told),
        Rule("silent-folder", (*_NEW_OF_PERSON, OneOf("mail.answerable", (False,))), _folder_is_silent),
        Rule("form-budget", (*_NEW_OF_PERSON, _TYPED, AtLeast("answers.recent", rules.form_answers_per_hour)), _used),
        Rule("budget", (*_NEW_OF_PERSON, AtLeast("answers.recent", rules.answers_per_hour)), _used),
        Rule("acknowledge", _NEW_OF_PERSON, lambda rule, _: (Acknowledge(rule),)),
    )


def _notices(rules: Defaults) -> tuple[Rule, ...]:
    """Return the rules that say whether agents are told of a person's words or of a bounce."""

    def notify(rule: str, _: Facts) -> tuple[Effect, ...]:
        return (NotifyAgents(rule, rules.notify_roles),)

    return (
        Rule("notify-new", _NEW_OF_PERSON, notify),
        Rule("notify-reply", (_PERSON, _ON_TICKET, _BY_CUSTOMER), notify),
        # A notice that bounced must not make notices that bounce.
        Rule("notify-bounce", (_NOT_REACHED, _ON_TICKET, OneOf("bounce.to_customer", (True,))), notify),
    )


def _text(facts: Facts, name: str) -> str:
    return str(facts.get(name))


def _post(rule: str, _: Facts) -> tuple[Effect, ...]:
    return (PostMessage(rule),)


def _record(rule: str, facts: Facts) -> tuple[Effect, ...]:
    return (PostMessage(rule), StaySilent(rule, _text(facts, "mail.no_answer")))


def _reopen(rule: str, _: Facts) -> tuple[Effect, ...]:
    return (ChangeStatus(rule, Status.OPEN),)


def _stay_silent(rule: str, facts: Facts) -> tuple[Effect, ...]:
    return (StaySilent(rule, _text(facts, "mail.no_answer")),)


def _agent_is_told(rule: str, _: Facts) -> tuple[Effect, ...]:
    return (StaySilent(rule, "an agent's address: agents get notices, not acknowledgements"),)


def _folder_is_silent(rule: str, _: Facts) -> tuple[Effect, ...]:
    return (StaySilent(rule, "mail of this folder or age is not answered, or nobody is there to answer"),)


def _used(rule: str, facts: Facts) -> tuple[Effect, ...]:
    return (StaySilent(rule, f"{_text(facts, 'answers.recent')} answers to this address within an hour"),)


def _ignore(because: str) -> Callable[[str, Facts], tuple[Effect, ...]]:
    """Return the effect of ignoring a mail, with the proof of the machine in the reason."""

    def ignore(rule: str, facts: Facts) -> tuple[Effect, ...]:
        return (IgnoreMail(rule, f"{because}: {_text(facts, 'mail.kind')}, {_text(facts, 'mail.kind_reason')}"),)

    return ignore
