"""A folder of rule files and what reloads it: the real adapters on a disk, a clock that is set."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mailgateway.adapters.rulefiles import FolderSource, KeptRules, RulesNotes
from mailgateway.app.rules.active import ActiveRules
from mailgateway.app.rules.build import Checks, Refusal, build
from mailgateway.app.rules.examples import run_example
from mailgateway.app.rules.reload import Around, Reload
from mailgateway.model.rulefiles import Refused, RuleFiles, RulesStatus
from mailgateway.rules.shipped import default_rules
from mailgateway.rules.values import Known, RuleSet
from tests.app.parts import SetClock

SITE = """format = 1
kind = "site"
kinds = ["question"]
queues = ["support"]
[default]
queue = "support"
kind = "question"
priority = 3
"""
PRIORITY = 'format = 1\nkind = "priority"\n'
ROUTING = (
    'format = 1\nkind = "routing"\n[[rule]]\nid = "tagged"\nwhen.text.mentions = "invoice"\nroute.tags = ["money"]\n'
)


def raising_rule(rule: str, to: int = 2) -> str:
    return f'[[rule]]\nid = "{rule}"\nwhen.text.mentions = "outage"\npriority.raise_to = {to}\n'


def with_example(rule: str, priority: int) -> str:
    """Return a rule that raises to 2, with an example that expects a priority."""
    mail = "[[rule.example]]\nmail = '''\nFrom: a@customer.example\nSubject: outage\n\nThe outage goes on.\n'''\n"
    return raising_rule(rule) + mail + f"expect.priority = {priority}\n"


@dataclass(slots=True)
class RuleFolder:
    """A site's rule files.

    Attributes:
        settle_s: What the source asks for.
        told: What the admins were told.
        statuses: Every status, as it changed.
        steps: How often the examples were run.
        before_build: Called before a set is built.
    """

    folder: Path
    state: Path
    clock: SetClock = field(default_factory=SetClock)
    told: list[Refused] = field(default_factory=list)
    statuses: list[RulesStatus] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    examined: int = 0
    keep: Callable[[KeptRules], KeptRules] = lambda real: real
    now_s: float = 0.0

    def write(self, **contents: str | None) -> None:
        """Write files by name without `.toml`; None removes one."""
        self.folder.mkdir(exist_ok=True)
        for name, text in contents.items():
            path = self.folder / f"{name}.toml"
            path.unlink() if text is None else path.write_text(text)

    def good(self, *rules: str) -> None:
        """Write a set that can be used."""
        self.write(site=SITE, priority=PRIORITY + "".join(map(raising_rule, rules or ("first",))))

    @property
    def notes(self) -> RulesNotes:
        return RulesNotes(self.state, self.reports.append)

    @property
    def kept(self) -> KeptRules:
        return KeptRules(self.state, self.reports.append)

    def begin(self) -> Reload:
        """Start as a new process would."""
        around = Around(
            FolderSource(self.folder),
            self.keep(self.kept),
            self.notes,
            self.clock,
            self._build,
            self.statuses.append,
            lambda refused, _: self.told.append(refused),
        )
        reload = Reload(around, ActiveRules(default_rules()))
        reload.start()
        return reload

    def _build(self, files: RuleFiles, *, checked: bool) -> RuleSet | Refusal:
        def run(rules: RuleSet) -> list[str]:
            self.examined += 1
            results = [run_example(one, rules) for one in rules.examples]
            return [f"FAIL  {one.title}" for one in results if not one.passed]

        return build(files, "rules/", Checks(run, Known()) if checked else None)

    def poll(self, reload: Reload, seconds: float = 3.0) -> str:
        """Let a change come to rest and be looked at; return the revision in force."""
        for _ in range(2):
            reload.look(self.now_s)
            self.now_s += seconds
            self.clock.advance(seconds)
        return reload.active.rules.revision

    @property
    def revision(self) -> str:
        """The revision of the files as they lie there."""
        return FolderSource(self.folder).read().revision
