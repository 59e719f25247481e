"""The rules that are in force: one whole set at any moment, replaced by one assignment."""

from mailgateway.rules.values import RuleSet


class ActiveRules:
    """Holds the one set in force. Read and swapped from several threads.

    A reader keeps what it got for all it decides together; a swap changes nothing of that.

    Args:
        rules: In force to begin with.
    """

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules

    @property
    def rules(self) -> RuleSet:
        """The set in force at this moment."""
        return self._rules

    def swap(self, rules: RuleSet) -> None:
        """Put another set in force, whole: assigning a reference is one step for every thread."""
        self._rules = rules
