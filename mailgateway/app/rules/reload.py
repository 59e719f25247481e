"""Hot reload: what becomes of a new state of the rule files. Whatever is wrong with them, the old set stays, whole.

Crash guarantee: a set is kept durably before it is in force, and what is in force is written down after it. A crash
between the two is found by the next start, which takes the kept set and looks at the source anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from mailgateway.app.ports import Clock
from mailgateway.app.ports.rules import RuleKeep, RuleNotes, RuleSource
from mailgateway.app.rules.active import ActiveRules
from mailgateway.app.rules.build import Build, Refusal, judged
from mailgateway.errors import MailgatewayError, NotFoundError, RulesChangingError, TemporaryError
from mailgateway.model.rulefiles import (
    Origin,
    PendingAccept,
    Pinned,
    Refused,
    RuleFiles,
    RulesAction,
    RulesAnswer,
    RulesRequest,
    RulesStatus,
    Settling,
)
from mailgateway.rules.shipped import built_in_rules
from mailgateway.rules.values import RuleSet

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Around:
    """What reloading works with.

    Attributes:
        source: The files as the admins have them.
        keep: Where good ones are kept.
        notes: What is written down.
        clock: The time.
        build: Makes a set of files, in bounded time.
        changed: Told of every change of the status.
        refused: Told once of each refused state that somebody has to mend: a mail to the admins, as a rule.
    """

    source: RuleSource
    keep: RuleKeep
    notes: RuleNotes
    clock: Clock
    build: Build
    changed: Callable[[RulesStatus], None] = lambda _: None
    refused: Callable[[Refused, RulesStatus], None] = lambda _refused, _status: None


@dataclass(slots=True)
class Reload:
    """The one that changes the rules in force. For one thread.

    Attributes:
        around: What it works with.
        active: The rules in force.
    """

    around: Around
    active: ActiveRules
    _status: RulesStatus = field(init=False)
    _digest: str = ""  # of the files in force, "" where there are none
    _settling: Settling | None = None
    _judged: str = ""  # the fingerprint that needs no second look
    _said: tuple[str, str] | None = None  # the refusal that the log has
    _told: set[tuple[str, str]] = field(default_factory=set)  # refusals that the admins were told
    _begun: datetime = field(init=False)  # the last attempt

    def __post_init__(self) -> None:
        self._begun = self.around.clock.now()

    @property
    def status(self) -> RulesStatus:
        """What is in force, and what became of the last attempt."""
        return self._status

    # --- the start -----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Put the last good set in force, then look at the source: called once, before anything is decided."""
        before = self.around.notes.status()
        if before and before.refused:
            self._told.add((before.refused.revision, before.refused.text))
        files, rules = self._last_good()
        origin = Origin.KEPT if files else Origin.BUILT_IN
        self._status = RulesStatus(
            source=self.around.source.described,
            origin=origin,
            revision=files.revision if files else "",
            since=self.around.clock.now(),
            commit=files.commit if files else "",
            author=files.author if files else "",
            agreed_at=before.agreed_at if before else None,
            refused=before.refused if before else None,
        )
        if before and before.revision == self._status.revision:
            self._status = replace(self._status, since=before.since)
        self._digest = files.digest if files else ""
        self.active.swap(rules)
        self.look(0.0, now=True)
        self._write()
        self._say_started()

    def _last_good(self) -> tuple[RuleFiles | None, RuleSet]:
        """Return the kept set that was in force last, else the one before it, else what is built in."""
        keep = self.around.keep
        previous = keep.previous
        for get in (keep.current, lambda: keep.get(kept.revision) if (kept := previous()) else None):
            files = get()
            if files is None:
                continue
            built = self.around.build(files, checked=False)
            if not isinstance(built, Refusal):
                return files, built
            log.error("rules.kept_unusable", revision=files.revision, problem=built.summary)
        return None, built_in_rules()

    def _say_started(self) -> None:
        status = self._status
        say = log.error if status.origin is Origin.BUILT_IN else log.info
        say(
            "rules.started",
            revision=self.active.rules.revision,
            origin=status.origin,
            source=status.source,
            rules=self._count(),
            took_ms=self._took_ms(),
        )

    # --- looks ---------------------------------------------------------------------------------------------

    def look(self, now_s: float, *, now: bool = False) -> None:
        """Look whether the files changed, and if they did and are at rest, judge them.

        Args:
            now_s: Seconds of a clock that never goes back.
            now: Whether to judge what is there at once, also where nothing seems to have changed.
        """
        source = self.around.source
        try:
            fingerprint = source.fingerprint()
            self._settling = self._settling.seen(fingerprint, now_s) if self._settling else Settling(fingerprint, now_s)
            is_due = fingerprint != self._judged and self._settling.settled(now_s, source.settle_s)
            if now or is_due:
                self._judged = fingerprint
                self._attempt()
        except RulesChangingError:
            self._judged = ""
        except MailgatewayError as error:
            self._judged = ""  # what was wrong may end without the files looking any different
            self._refuse(None, _unreadable(error))
        except Exception as bug:  # mail goes on, whatever the files made of the program
            log.exception("rules.bug")
            self._refuse(None, Refusal(f"{type(bug).__name__}: {bug}", f"the program failed: {bug}"))

    def _attempt(self, *, accepted: bool = False, wanted: str = "", unpin: bool = False) -> RulesAnswer:
        """Read the files and judge them; the answer says what came of it.

        Raises:
            MailgatewayError: They cannot be read.
        """
        self._begun = self.around.clock.now()
        files = self.around.source.read()
        pinned = self.around.notes.pinned()
        if accepted and wanted and files.revision != wanted:
            text = f"the files are revision {files.revision} by now, not {wanted}: look at them again"
            return self._answer(text, done=False)
        if pinned and not unpin and pinned.holds(files.revision) and self._status.revision == pinned.revision:
            return self._stay(pinned)
        if files.digest == self._digest:
            return self._agree(files)
        before = None if self._status.origin is Origin.BUILT_IN else self.active.rules
        verdict = judged(before, self.around.build(files, checked=True), accepted=accepted)
        return self._refuse(files, verdict) if isinstance(verdict, Refusal) else self._take(files, verdict)

    def _stay(self, pinned: Pinned) -> RulesAnswer:
        """Stay where a person went back to: the files are again, or still, what they were then."""
        if self._said:
            self._said = None
            self._status = replace(self._status, refused=None)
            self._write()
        return self._answer(f"revision {pinned.revision} stays until the files change", done=True)

    def _agree(self, files: RuleFiles) -> RulesAnswer:
        """Note that the source holds what is in force."""
        self.around.keep.keep(files, self.around.clock.now())
        was_good = self._status.successful and self._status.origin is Origin.SOURCE
        at = self._after(self._status.refused.at if self._status.refused else None)
        self._status = replace(
            self._status, origin=Origin.SOURCE, agreed_at=at, commit=files.commit, author=files.author
        )
        self._settled()
        if not was_good:
            log.info("rules.agreed", revision=files.revision)
        return self._answer(f"revision {files.revision} is in force; the files hold nothing else", done=True)

    def _take(self, files: RuleFiles, rules: RuleSet) -> RulesAnswer:
        """Keep a good set, put it in force and say so."""
        at = self._after(self._status.refused.at if self._status.refused else None)
        try:
            self.around.keep.keep(files, at)
        except TemporaryError as error:
            if self._status.origin is not Origin.BUILT_IN:
                return self._refuse(files, _unreadable(error))
            log.error("rules.not_kept", problem=str(error))  # noqa: TRY400 -- it is tried again
            self._judged = ""
        before = self._status
        self._put_in_force(files, rules)
        self._status = RulesStatus(
            before.source, Origin.SOURCE, files.revision, at, files.commit, files.author, at, before.refused
        )
        self._settled()
        log.info(
            "rules.loaded",
            revision=files.revision,
            before=before.revision or before.origin,
            rules=self._count(),
            files=rules.files,
            commit=files.commit,
            author=files.author,
            took_ms=self._took_ms(),
        )
        return self._answer(f"revision {files.revision} is in force: {self._count()} rules", done=True)

    def _put_in_force(self, files: RuleFiles, rules: RuleSet) -> None:
        self._digest = files.digest
        self.active.swap(rules)

    def _settled(self) -> None:
        """Write down that nothing waits and nothing is refused any more."""
        self._said = None
        self._note(lambda notes: notes.write_pending(None))
        self._note(lambda notes: notes.pin(None))
        self._write()

    def _refuse(self, files: RuleFiles | None, refusal: Refusal) -> RulesAnswer:
        """Leave what is in force, and say why: once in the log and to the admins, always in the status."""
        refused = Refused(
            self._after(self._status.agreed_at),
            refusal.text,
            files.revision if files else "",
            files.commit if files else "",
            files.author if files else "",
            refusal.summary,
        )
        key = (refused.revision, refused.text)
        if refusal.passing:
            self._judged = ""
        stays = f"revision {self._status.revision or '(none)'} stays in force"
        if key not in self._told and not refusal.passing:
            self._told.add(key)
            self.around.refused(refused, self._status)  # before it is written down: rather twice than never
        if self._said != key:
            self._said = key
            self._status = replace(self._status, refused=refused)
            pending = PendingAccept(refused.revision, refused.text, refused.at) if refusal.shrinks else None
            self._note(lambda notes: notes.write_pending(pending))
            self._write()
            log.error(
                "rules.refused",
                problem=refusal.summary,
                revision=refused.revision,
                what=stays,
                took_ms=self._took_ms(),
            )
        return self._answer(f"{refusal.text}\n\nrefused: {refusal.summary}; {stays}", done=False)

    # --- what people ask -----------------------------------------------------------------------------------

    def carry_out(self, request: RulesRequest) -> RulesAnswer:
        """Do what a person asks and return what to tell; doing it twice is as doing it once."""
        try:
            if request.action is RulesAction.ROLLBACK:
                return self._roll_back(request.revision)
            return self._attempt(accepted=request.accept, wanted=request.revision, unpin=True)
        except MailgatewayError as error:
            if request.action is RulesAction.ROLLBACK or isinstance(error, RulesChangingError):
                return self._answer(str(error), done=False)
            return self._refuse(None, _unreadable(error))
        except Exception as bug:  # the request would be there again after a restart
            log.exception("rules.bug")
            return self._answer(f"the program failed: {type(bug).__name__}: {bug}", done=False)

    def _roll_back(self, revision: str) -> RulesAnswer:
        """Go back to a kept revision and stay there until the files change.

        Raises:
            NotFoundError: It is not kept, or damaged.
            TemporaryError: The disk does not answer.
        """
        keep, at = self.around.keep, self.around.clock.now()
        files = keep.get(revision)
        if files is None:
            raise NotFoundError(f"revision {revision} is not kept, or its copy is damaged")
        built = self.around.build(files, checked=False)
        if isinstance(built, Refusal):
            return self._answer(f"{built.text}\n\nrevision {revision} cannot be used any more", done=False)
        self.around.notes.pin(Pinned(revision, self._source_revision(), at))
        keep.make_current(revision)
        self._put_in_force(files, built)
        self._status = replace(
            self._status,
            origin=Origin.KEPT,
            revision=revision,
            since=self._status.since if self._status.revision == revision else at,
            commit=files.commit,
            author=files.author,
        )
        self._note(lambda notes: notes.write_pending(None))
        self._write()
        log.warning("rules.rolled_back", revision=revision, rules=self._count())
        return self._answer(f"revision {revision} is in force until the files change", done=True)

    def _source_revision(self) -> str:
        try:
            return self.around.source.read().revision
        except MailgatewayError:
            return ""

    # --- notes ---------------------------------------------------------------------------------------------

    def _answer(self, text: str, *, done: bool) -> RulesAnswer:
        return RulesAnswer(self.around.clock.now(), done, text, self._status.revision)

    def _after(self, earlier: datetime | None) -> datetime:
        """Return the present moment, later than another also where somebody put the clock back."""
        now = self.around.clock.now()
        return now if earlier is None else max(now, earlier + timedelta.resolution)

    def _took_ms(self) -> int:
        return round((self.around.clock.now() - self._begun).total_seconds() * 1000)

    def _count(self) -> int:
        return sum(map(len, self.active.rules.rules.values()))

    def _write(self) -> None:
        self.around.changed(self._status)
        self._note(lambda notes: notes.write_status(self._status))

    def _note(self, write: Callable[[RuleNotes], None]) -> None:
        """Write something down; a disk that cannot take it changes nothing of what is in force."""
        try:
            write(self.around.notes)
        except TemporaryError as error:
            log.warning("rules.not_noted", problem=str(error))


def _unreadable(error: MailgatewayError) -> Refusal:
    text = str(error)
    return Refusal(text.splitlines()[0] if text else repr(error), text, passing=isinstance(error, TemporaryError))
