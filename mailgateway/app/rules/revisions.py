"""Sets of rules by what people call them: the one in force, a kept revision, a commit."""

from dataclasses import dataclass

from mailgateway.app.ports.rules import RuleHistory, RuleKeep, RuleNotes
from mailgateway.errors import NotFoundError, RulesUnreadableError
from mailgateway.model.rulefiles import Origin, RuleFiles
from mailgateway.rules.load import load
from mailgateway.rules.shipped import built_in_rules, default_rules
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet

LIVE = "live"
"""What the set in force is called."""


@dataclass(frozen=True, slots=True)
class Revisions:
    """Where other sets of rules than the files at hand are found.

    Attributes:
        keep: The revisions that were in force.
        notes: What the daemon wrote down.
        history: The commits of the files at hand, None where they are in no repository.
        is_configured: Whether a folder of rules is configured; without one the shipped set is in force.
    """

    keep: RuleKeep
    notes: RuleNotes
    history: RuleHistory | None
    is_configured: bool

    def named(self, name: str) -> RuleSet:
        """Return the set that a person names.

        Args:
            name: `live`, a kept revision, or a commit as git takes it.

        Raises:
            NotFoundError: There is none.
            ConfigError: It has faults by what this program knows, or cannot be read.
        """
        if name == LIVE:
            return self._in_force()
        known = self.of(name)
        if known is not None:
            return known
        if self.history is None:
            raise NotFoundError(f"revision {name} is not kept, and the rule files are in no git repository")
        try:
            files = self.history.read_at(name)
        except RulesUnreadableError as error:
            raise NotFoundError(f"revision {name} is not kept; {error}") from error
        return _loaded(files, f"{name}:")

    def of(self, revision: str) -> RuleSet | None:
        """Return the set that a decision names as its revision, None where it is not kept.

        Raises:
            ConfigError: It has faults by what this program knows.
        """
        for shipped in (default_rules(), built_in_rules()):
            if shipped.revision == revision:
                return shipped
        files = self.keep.get(revision)
        return None if files is None else _loaded(files, f"{revision}/")

    def _in_force(self) -> RuleSet:
        if not self.is_configured:
            return default_rules()
        status = self.notes.status()
        if status is not None and status.origin is Origin.BUILT_IN:
            return built_in_rules()
        files = self.keep.current()
        if files is None:
            words = "name a kept revision or a commit with --against"
            raise NotFoundError(f"no rules were in force yet in this state folder; {words}")
        return _loaded(files, f"{files.revision}/")


def _loaded(files: RuleFiles, folder: str) -> RuleSet:
    return load(files, starter_files(), folder=folder).rules
