"""Rule sets made of the text of files, and facts made of dictionaries: what tests of the rules begin with."""

from collections.abc import Mapping
from datetime import date

from mailgateway.diagnostics import DiagnosedError
from mailgateway.model.decision import Decision, Fact, Facts
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.decide import decide
from mailgateway.rules.load import Loaded, load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet

SITE = """
plans = ["basic", "professional", "enterprise"]
kinds = ["question", "incident", "upgrade"]
queues = ["support", "billing", "sales"]
templates = ["quota-used", "over", "instead", "capped"]
priorities = ["critical", "high", "normal", "low", "lowest"]
time_zone = "Europe/Berlin"
[default]
queue = "support"
kind = "question"
priority = 3
"""
NO_GUARDS = ""
"""A file of guards without any: else the shipped ones stand in."""

A_MAIL: Mapping[str, Fact] = {
    "text": "Volume is gone\n\nProduction is down since noon.",
    "subject": "Volume is gone",
    "mail.kind": "person",
    "mail.kind_reason": "",
    "mail.is_answer": False,
    "mail.no_answer": "",
    "mail.answerable": True,
    "mail.mailbox": "support@acme.example",
    "sender.address": "carla@customer.example",
    "sender.has_agents_address": False,
    "sender.role": "requester",
    "customer.known": True,
    "customer.id": "customer",
    "customer.plan": "professional",
    "customer.time_zone": None,
    "arrived": "2026-03-04T12:00:00+00:00",
    "ticket.found": False,
    "thread.verified": True,
    "thread.mentions": 0,
    "answers.recent": 0,
}
"""Facts of a person's mail that opens a ticket."""
ON_A_TICKET: Mapping[str, Fact] = {
    "ticket.found": True,
    "ticket.number": 1042,
    "ticket.ref": "SUP-1042-QX",
    "ticket.status": "open",
    "ticket.queue": "support",
    "ticket.kind": "question",
    "ticket.priority": 3,
    "ticket.is_priority": False,
    "ticket.priority_by_hand": False,
    "ticket.tags": (),
}
"""Facts that a customer's reply has besides."""


def files(**texts: str) -> RuleFiles:
    """Return files of the kinds by which they are named, `routing__b` for a second one; a site is there anyway."""
    named = {"site": SITE, **texts}
    written = {
        f"{name.replace('__', '-')}.toml": f'format = 1\nkind = "{name.partition("__")[0]}"\n{text}'.encode()
        for name, text in named.items()
    }
    return RuleFiles(tuple(sorted(written.items())))


def loaded(today: date | None = None, **texts: str) -> Loaded:
    """Return the rules of files, with their warnings; each text is what follows `kind = ...`."""
    return load(files(**texts), starter_files(), today=today)


def ruled(**texts: str) -> RuleSet:
    """Return the rules of files."""
    return loaded(**texts).rules


def codes(today: date | None = None, **texts: str) -> list[str]:
    """Return the codes of what is found in files; missing examples do not count."""
    try:
        found = loaded(today, **texts).warnings
    except DiagnosedError as error:
        found = error.diagnostics
    return [one.code for one in found if one.code != "W012"]


def seen(changes: Mapping[str, Fact] | None = None, *more: Mapping[str, Fact]) -> Facts:
    """Return the facts of a mail that opens a ticket, with changes."""
    values = dict(A_MAIL)
    for changed in (changes or {}, *more):
        values.update(changed)
    return Facts(tuple(values.items()))


def decided(rules: RuleSet, changes: Mapping[str, Fact] | None = None) -> Decision:
    """Return the decision on a mail that opens a ticket."""
    return decide(rules, seen(changes))


def replied(rules: RuleSet, changes: Mapping[str, Fact] | None = None) -> Decision:
    """Return the decision on a customer's reply."""
    return decide(rules, seen(ON_A_TICKET, changes or {}))


def given(decision: Decision, name: str) -> tuple[Fact, str]:
    """Return an answer and the rule that gave it, (None, "") where nothing was answered."""
    return next(((one.value, one.rule) for one in decision.answers if one.name == name), (None, ""))


def matched(decision: Decision, kind: str) -> list[str]:
    """Return the rules of a kind that matched."""
    return [step.rule for step in decision.trace if step.stage == kind and step.matched]
