"""Rule sets and recorded mails for tests of replay: small texts of rule files, and decisions recorded in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mailgateway.app.ports import RecordedDecision, RecordedFacts, Window
from mailgateway.model.decision import Decision, Fact, Facts
from mailgateway.model.effects import OpenTicket, PostMessage, TakeQuota
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.decide import decide
from mailgateway.rules.kinds.quota import usage_facts
from mailgateway.rules.load import load
from mailgateway.rules.parts import quota_keys_of_mail
from mailgateway.rules.recount import HandAct
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet

AT = datetime(2026, 10, 19, 23, 12, tzinfo=UTC)
SITE = """
kinds = ["question"]
queues = ["support", "billing"]
plans = ["basic", "enterprise"]
templates = ["priority-quota-used"]
[default]
queue = "support"
kind = "question"
priority = 3
"""
QUOTA = """
[[quota]]
id = "enterprise-priority"
when.customer.plan = "enterprise"
when.ticket.is_priority = true
allow = 1
per = "calendar month"
used_up.priority.cap_at = 3
used_up.tell = "priority-quota-used"
"""


def rule_set(**kinds: str) -> RuleSet:
    """Return the rules of files without their heads, by kind; kinds that are not named have no rules."""
    texts = {"site": SITE, "routing": "", "priority": "", "quota": "", "guards": "", "lifecycle": "", **kinds}
    files = [(f"{kind}.toml", f'format = 1\nkind = "{kind}"\n{text}'.encode()) for kind, text in texts.items()]
    return load(RuleFiles(tuple(sorted(files))), starter_files()).rules


def facts(number: int = 1, **changed: Fact) -> Facts:
    """Return what the rules see of a person's mail of the customer acme; changes are named with "__" for the dot."""
    plain: dict[str, Fact] = {
        "text": "outage in the lab",
        "subject": "outage in the lab",
        "mail.kind": "person",
        "mail.no_answer": "",
        "mail.answerable": True,
        "sender.address": "ops@acme.example",
        "sender.domain": "acme.example",
        "sender.role": "stranger",
        "customer.known": True,
        "customer.id": "acme",
        "customer.plan": "enterprise",
        "arrived": (AT + timedelta(minutes=number)).isoformat(),
        "ticket.found": False,
        "thread.verified": True,
    }
    return Facts(tuple((plain | {name.replace("__", "."): value for name, value in changed.items()}).items()))


@dataclass(slots=True)
class Ledger:
    """Decisions recorded in order, as the pipeline makes them: what is used is summed up from a list of entries."""

    rules: RuleSet
    mails: list[RecordedFacts] = field(default_factory=list)
    made: list[Decision] = field(default_factory=list)
    acts: list[HandAct] = field(default_factory=list)
    entries: list[tuple[QuotaKey, str, int]] = field(default_factory=list)

    def used(self, key: QuotaKey) -> Usage:
        sums: dict[str, int] = {}
        for of_key, ticket, amount in self.entries:
            if of_key == key:
                sums[ticket] = sums.pop(ticket, 0) + amount if amount < 0 else sums.get(ticket, 0) + amount
        tickets = tuple(ticket for ticket, places in sums.items() if places > 0)
        return Usage(key, len(tickets), tickets)

    def record(self, seen: Facts, at: datetime | None = None) -> Decision:
        """Decide a mail, and write down its facts, its ticket and the places it takes."""
        number = len(self.mails) + 1
        keys = quota_keys_of_mail(self.rules, dict(seen.values))
        whole = Facts((*seen.values, *usage_facts([self.used(key) for key in keys])))
        decision = decide(self.rules, whole)
        tickets = tuple(_names(decision, number, str(seen.get("ticket.ref") or "")))
        at_ticket = -1
        for effect in decision.effects:
            at_ticket += isinstance(effect, (OpenTicket, PostMessage))
            if isinstance(effect, TakeQuota):
                self.entries.append((QuotaKey(effect.rule, effect.holder, effect.period), tickets[at_ticket], 1))
        arrived = datetime.fromisoformat(str(seen.get("arrived")))
        first, parts = tickets[0] if tickets else "", tickets if len(tickets) > 1 else ()
        self.mails.append(RecordedFacts(number, number, at or arrived, arrived, first, whole, parts=parts))
        self.made.append(decision)
        return decision

    def give_back(self, ticket: str, at: datetime) -> None:
        """Let a person mark a ticket as spam."""
        self.acts.append(HandAct(at, ticket))
        for key in {key for key, of_ticket, _ in self.entries if of_ticket == ticket}:
            if ticket in self.used(key).tickets:
                self.entries.append((key, ticket, -1))

    # --- the port -----------------------------------------------------------------------------------------

    def count_decided(self, window: Window) -> int:
        return len(list(self.decided(window)))

    def decided(self, window: Window) -> Iterator[RecordedFacts]:
        return (one for one in self.mails if window.since <= one.received_at < window.until)

    def hand_acts(self, window: Window) -> Iterator[HandAct]:
        return (act for act in self.acts if act.at >= window.since)

    def decisions(self, ticket: int) -> tuple[RecordedDecision, ...]:
        raise NotImplementedError


def _names(decision: Decision, number: int, replied_to: str) -> Iterator[str]:
    """Yield what the tickets are called that a mail is on, in the order of the decision."""
    for effect in decision.effects:
        if isinstance(effect, OpenTicket):
            yield f"SUP-{number}-QX" if effect.part <= 1 else f"SUP-{number}{effect.part:02}-QX"
        elif isinstance(effect, PostMessage):
            yield replied_to


def recorded_with(rules: RuleSet, mails: Iterable[Facts]) -> Ledger:
    """Return mails as they were decided, one after the other."""
    ledger = Ledger(rules)
    for one in mails:
        ledger.record(one)
    return ledger
