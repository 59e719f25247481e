"""The rules of a run: the thread that follows the files, and what the admins are told of them.

A crash leaves what `app.rules.reload` says. A mail to the admins is in the outbox before its reason is written down:
a crash between the two sends it twice.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue

import structlog

from mailgateway.app.health import Health
from mailgateway.app.ports import Clock, Store
from mailgateway.app.ports.rules import RuleKeep, RuleNotes, RuleRequests, RuleSource
from mailgateway.app.rules.active import ActiveRules
from mailgateway.app.rules.build import Checks, Refusal, build, checks_of, late
from mailgateway.app.rules.failing import Failing, RuleErrors
from mailgateway.app.rules.reload import Around, Reload
from mailgateway.app.snapshot import Snapshot
from mailgateway.compose.addresses import deliverable
from mailgateway.compose.admin_notice import AdminNotice, admin_notice
from mailgateway.config import Config
from mailgateway.errors import MailgatewayError, TemporaryError
from mailgateway.model.message import Address
from mailgateway.model.rulefiles import Origin, Refused, RuleFiles, RulesStatus
from mailgateway.rules.values import RuleSet

POLL_S = 2.0
"""Between two looks at the files, and at what people ask."""
CHECK_S = 60.0
"""So long a check with all examples may take."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RulePlaces:
    """Where the rules of a run come from, and where what became of them is kept.

    Attributes:
        folder: What stands before the names of files in places.
        source: The files as the admins have them.
        keep: Good ones.
        notes: What is written down.
        requests: What people ask.
        prepare: Makes the folder for requests; raises TemporaryError.
    """

    folder: str
    source: RuleSource
    keep: RuleKeep
    notes: RuleNotes
    requests: RuleRequests
    prepare: Callable[[], None]


class BoundedBuild:
    """Fulfils `Build` in a thread of its own, so that nobody waits for longer than CHECK_S.

    Python cannot end a thread: one that comes too late ends at its next example, and nobody looks at what it made.
    """

    def __init__(self, folder: str, checks: Checks) -> None:
        self._folder = folder
        self._checks = checks

    def __call__(self, files: RuleFiles, *, checked: bool) -> RuleSet | Refusal:
        """Return the set, or why there is none."""
        made: SimpleQueue[RuleSet | Refusal] = SimpleQueue()
        over = threading.Event()
        checks = self._checks if checked else None

        def work() -> None:
            made.put(build(files, self._folder, checks, over.is_set))

        threading.Thread(target=work, name="rules-check", daemon=True).start()
        try:
            return made.get(timeout=CHECK_S)
        except Empty:
            over.set()
            return late()


def reload_of(
    places: RulePlaces,
    snapshot: Snapshot,
    clock: Clock,
    changed: Callable[[RulesStatus], None] = lambda _: None,
    refused: Callable[[Refused, RulesStatus], None] = lambda _refused, _status: None,
) -> Reload:
    """Return what changes the rules of a configuration; it has not started."""
    checked = BoundedBuild(places.folder, checks_of(snapshot))
    around = Around(places.source, places.keep, places.notes, clock, checked, changed, refused)
    return Reload(around, ActiveRules(snapshot.rules))


class Rules:
    """The rules of one run: in force from `start` on, followed by `follow_until_stopped`."""

    def __init__(self, places: RulePlaces | None, snapshot: Snapshot, admins: "Admins", health: Health) -> None:
        self.errors = RuleErrors()
        self._snapshot = snapshot
        self._places = places
        self._admins = admins
        self._health = health
        self._hurry = threading.Event()
        self._reload = reload_of(places, snapshot, admins.clock, health.rules_are, self._refused) if places else None
        self.active = self._reload.active if self._reload else ActiveRules(snapshot.rules)

    def start(self) -> None:
        """Put rules in force; never fails because of them."""
        if self._reload is None or self._places is None:
            at = self._admins.clock.now()
            shipped = self._snapshot.rules.revision
            self._health.rules_are(RulesStatus("shipped with the program", Origin.SOURCE, shipped, at, agreed_at=at))
            return
        try:
            self._places.prepare()
        except TemporaryError as error:
            log.warning("rules.no_requests", problem=str(error))
        self._reload.start()

    def look_now(self) -> None:
        """Have the files looked at at once, whatever they look like; from any thread."""
        self._hurry.set()

    def follow_until_stopped(self, stop: threading.Event) -> None:
        """Look at the files, at what people ask and at failing rules, until the stop event is set."""
        while not stop.is_set():
            now = self._hurry.is_set()
            if now:
                self._hurry.clear()
            if self._reload is not None and self._places is not None:
                self._reload.look(time.monotonic(), now=now)
                self._serve(self._reload, self._places.requests)
            self.tell()
            self._pause(stop)

    def _pause(self, stop: threading.Event) -> None:
        """Wait for the next look, or until somebody is in a hurry."""
        until = time.monotonic() + POLL_S
        while not stop.is_set() and not self._hurry.is_set() and (left := until - time.monotonic()) > 0:
            self._hurry.wait(min(left, 0.2))

    def tell(self) -> None:
        """Tell the admins of rules that keep failing, and what they could not be told before."""
        for failing in self.errors.due():
            log.error("rules.failing", rule=failing.rule, problem=failing.error, revision=failing.revision)
            self._admins.tell(_failing(failing))
        self._admins.flush()

    def _refused(self, refused: Refused, status: RulesStatus) -> None:
        self._admins.tell(_refusal(refused, status))
        self._admins.flush()

    def _serve(self, reload: Reload, requests: RuleRequests) -> None:
        try:
            for request in requests.requests():
                requests.done(request, reload.carry_out(request))
        except TemporaryError as error:
            log.warning("rules.not_answered", problem=str(error))


def _refusal(refused: Refused, status: RulesStatus) -> AdminNotice:
    name = f"revision {refused.revision}" if refused.revision else "the rule files"
    stays = f"revision {status.revision}" if status.revision else "the rules built into the program"
    of_commit = f"Commit {refused.commit[:12]} by {refused.author}.\n" if refused.commit else ""
    return AdminNotice(
        f"Rules refused: {name}",
        f"The rule files ({status.source}) were not taken. Mail goes on as before: in force is {stays}.\n{of_commit}"
        f"\n{refused.text}\n\nThis is said once. To see where things stand: mailgateway rules status\n",
    )


def _failing(failing: Failing) -> AdminNotice:
    return AdminNotice(
        f"Rule {failing.rule} keeps failing",
        f'The rule "{failing.rule}" of revision {failing.revision} failed five times within ten minutes. It counts as '
        f"not matched, the other rules decide, and the tickets have the tag rules-error.\n\n{failing.error}\n\n"
        "This is said once for each revision of the rules.\n",
    )


@dataclass(slots=True)
class Admins:
    """Those who are told of faults, by mail through the outbox. For one thread.

    Attributes:
        store: Where the outbox is.
        snapshot: Who they are, and whose support address the mail comes from.
        clock: The time.
        wake: Called once something waits to be sent.
    """

    store: Store
    snapshot: Snapshot
    clock: Clock
    wake: Callable[[], None] = lambda: None
    _waiting: list[AdminNotice] = field(default_factory=list)

    def tell(self, notice: AdminNotice) -> None:
        """Take a notice; `flush` sends it."""
        self._waiting.append(notice)

    def flush(self) -> None:
        """Put what waits into the outbox; what the database cannot take now waits on."""
        while self._waiting:
            try:
                self._post(self._waiting[0])
            except TemporaryError as error:
                log.warning("admins.not_told", problem=str(error))
                return
            except MailgatewayError as error:
                log.error("admins.not_told", problem=str(error))  # noqa: TRY400 -- words, and nobody's bug
            del self._waiting[0]

    def _post(self, notice: AdminNotice) -> None:
        to = admins(self.snapshot.config)
        if not to:
            log.warning("admins.nobody", subject=notice.subject)
            return
        site = self.snapshot.sites[self.snapshot.config.mailbox[0].name]
        now = self.clock.now()
        self.store.post(lambda number: admin_notice(site, to, notice, number, now), now)
        log.info("admins.told", subject=notice.subject, to=len(to))
        self.wake()


def admins(config: Config) -> tuple[Address, ...]:
    """Return whom to tell: who has a role of `rules.notify_roles`, where nobody has, one of `notify.roles`."""
    have = partial(_with_roles, config)
    return have(config.rules.notify_roles) or have(config.notify.roles)


def _with_roles(config: Config, roles: tuple[str, ...]) -> tuple[Address, ...]:
    agents = (agent.mailbox for agent in config.agents if set(agent.roles) & set(roles))
    return tuple(address for address in agents if deliverable(address.address))
