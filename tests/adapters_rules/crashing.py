"""Kill a writing process before each thing it does to the file system, and look at what it left.

Run as a program: `python -m tests.adapters_rules.crashing CASE FOLDER`. It prints one line of JSON for each crash: what
the next start sees, what it sees after the work is done again, and what was reported. A process with threads must not
fork, so the tests start this one.
"""

import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from mailgateway.adapters.rulefiles import KeptRules, RulesInbox, RulesNotes
from mailgateway.model.rulefiles import Origin, RuleFiles, RulesAction, RulesAnswer, RulesRequest, RulesStatus

NOW = datetime(2026, 11, 7, 8, 20, tzinfo=UTC)
OLD = RuleFiles((("a.toml", b"old"),))
NEW = RuleFiles((("a.toml", b"new" * 200), ("tests/a.eml", b"mail")), "c0ffee", "Ada <ada@example.test>")
TOUCHING = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.listdir", "tempfile.mkdtemp"}
KILLED = 9


@dataclass
class Case:
    """Some work on a state folder.

    Attributes:
        folder: Where.
        reports: What was reported.
    """

    folder: Path
    reports: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        self.kept.keep(OLD, NOW - timedelta(days=1))

    def work(self) -> None:
        self.kept.keep(NEW, NOW)

    def seen(self) -> object:
        current = self.kept.current()
        names = [kept.revision for kept in self.kept.revisions()]
        return {"current": current and current.revision, "kept": names}

    @property
    def kept(self) -> KeptRules:
        return KeptRules(self.folder, self.reports.append)


class Again(Case):
    """The revision was in force before."""

    def prepare(self) -> None:
        self.kept.keep(NEW, NOW - timedelta(days=2))
        super().prepare()


class Damaged(Again):
    """It was, and its copy is damaged."""

    def prepare(self) -> None:
        super().prepare()
        (self.folder / NEW.revision / "a.toml").write_bytes(b"damaged")


class Status(Case):
    """The status is written anew."""

    def prepare(self) -> None:
        RulesNotes(self.folder, self.reports.append).write_status(RulesStatus("", Origin.SOURCE, OLD.revision, NOW))

    def work(self) -> None:
        RulesNotes(self.folder, self.reports.append).write_status(RulesStatus("", Origin.SOURCE, NEW.revision, NOW))

    def seen(self) -> object:
        status = RulesNotes(self.folder, self.reports.append).status()
        return status and status.revision


class Answer(Case):
    """A request is answered."""

    def prepare(self) -> None:
        self.inbox.prepare()
        request_id = self.inbox.ask(RulesRequest(RulesAction.RELOAD, NOW))
        (self.folder / "id").write_text(request_id)

    def work(self) -> None:
        request = RulesRequest(RulesAction.RELOAD, NOW, id=self.id)
        self.inbox.done(request, RulesAnswer(NOW, done=True, text="loaded"))

    def seen(self) -> object:
        answer = self.inbox.answer(self.id)
        return {"asked": len(self.inbox.requests()), "answer": answer and answer.text}

    @property
    def id(self) -> str:
        return (self.folder / "id").read_text()

    @property
    def inbox(self) -> RulesInbox:
        return RulesInbox(self.folder, self.reports.append)


def killed(work: Callable[[], None], arrange: Callable[[], None]) -> bool:
    """Work in a process of its own; return whether it was killed."""
    child = os.fork()
    if child == 0:
        arrange()
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status not in {0, signal.SIGXFSZ} and os.waitstatus_to_exitcode(status) != KILLED:
        raise SystemExit(f"the work itself failed: {status}")
    return status != 0


def dying_at(step: int) -> Callable[[], None]:
    """Return what makes a process die before the nth time it touches the file system."""
    steps = count(1)

    def die(event: str, _arguments: object) -> None:
        if event in TOUCHING and next(steps) == step:
            os._exit(KILLED)

    return lambda: sys.addaudithook(die)


def dying_after(size_bytes: int) -> Callable[[], None]:
    """Return what makes a process die in the midst of writing a file, after so many bytes."""

    def arrange() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))

    return arrange


def tried(case: Case, arrange: Callable[[], None]) -> bool:
    shutil.rmtree(case.folder, ignore_errors=True)
    case.prepare()
    died = killed(case.work, arrange)
    first = case.seen()
    case.work()
    print(json.dumps({"died": died, "seen": first, "then": case.seen(), "reports": case.reports}))  # noqa: T201 -- it is what the test reads
    case.reports.clear()
    return died


def main() -> None:
    case = {kind.__name__: kind for kind in (Case, Again, Damaged, Status, Answer)}[sys.argv[1]](Path(sys.argv[2]))
    for size_bytes in (0, 1, 4, 100):
        tried(case, dying_after(size_bytes))
    for step in count(1):
        if not tried(case, dying_at(step)):
            break


if __name__ == "__main__":
    main()
