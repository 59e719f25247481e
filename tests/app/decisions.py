"""Assessments and plans for tests: of a message by the built-in rules, or with a decision made up."""

from dataclasses import replace

from mailgateway.app.assess import Assessment, assess, prepare, read_message
from mailgateway.app.plan import needed_ids, plan
from mailgateway.app.snapshot import Snapshot
from mailgateway.config import AgentConfig
from mailgateway.model.decision import Decision, Known, Outcome, ReservedIds
from mailgateway.model.effects import Effect, OpenTicket
from mailgateway.model.ledger import FetchedMail, Location, PendingMail
from mailgateway.model.message import Message
from mailgateway.model.ticket import Event, EventKind
from mailgateway.model.tokens import ticket_ref
from tests.app.parts import MAILBOX, NOW, OLGA, config, snapshot_of
from tests.factories import (
    KEYRING,
    known,
    message,
)

PAUL = AgentConfig(id="paul", name="Paul", addresses=("paul@acme.example",), roles=("sales",))
RITA = AgentConfig(id="rita", name="Rita", addresses=("rita@acme.example",), roles=("support", "sales"))
NOBODY_CAN_WRITE = AgentConfig(id="typo", name="Typo", addresses=("two..dots@acme.example",))
SNAPSHOT = snapshot_of(config(agent=(OLGA, PAUL, RITA)))
FETCHED = FetchedMail(Location(MAILBOX, "INBOX", 7, 1), NOW, 100, b"")
MAIL = PendingMail(12, FETCHED, 1)
IDS = ReservedIds(tuple(range(77, 89)), (501, 502, 503))
REF = ticket_ref(KEYRING, "SUP", 77)
OPEN = OpenTicket("new-ticket", "support", "question", 3)


def assessed(read: Message, found: Known | None = None, **fetched: object) -> Assessment:
    """Return the assessment of a message by the built-in rules."""
    pending = replace(MAIL, fetched=replace(FETCHED, **fetched))  # type: ignore[arg-type]  # the fields of FetchedMail
    rules = SNAPSHOT.rules
    return assess(prepare(read_message(read, pending.fetched, SNAPSHOT), pending, found or known(), rules), (), rules)


def asked_for(*effects: Effect, read: Message | None = None, **changes: object) -> Assessment:
    """Return an assessment whose decision has these effects; what was prepared as the test says."""
    plain = assessed(read or message())
    prepared = replace(plain.prepared, **changes)  # type: ignore[arg-type]  # the fields of Prepared
    return replace(plain, prepared=prepared, decision=Decision(effects, (), "a test"))


def planned(assessment: Assessment, snapshot: Snapshot = SNAPSHOT) -> Outcome:
    """Return the plan, made with exactly the ids it asked for."""
    tickets, outbox = needed_ids(assessment, snapshot)
    ids = ReservedIds(IDS.tickets[:tickets], tuple(range(501, 501 + outbox)))
    return plan(assessment, ids, snapshot, NOW)


def happened(kind: EventKind, rule: str, because: str, number: int | None, *details: tuple[str, str]) -> Event:
    return Event(NOW, kind, f"rule:{rule}", because, number, 12, details)
