"""One decision while it is made: rules are tried stage by stage, answers are noted with who gave them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from mailgateway.model.calendar import Zone
from mailgateway.model.decision import Answer, Fact, Step, Tried
from mailgateway.model.effects import Effect, Told
from mailgateway.rules.kind import Kind
from mailgateway.rules.seen import Seen, WorkLimitError
from mailgateway.rules.times import local_date
from mailgateway.rules.values import Rule, RuleSet, SiteWords
from mailgateway.rules.words import valid_text

O = TypeVar("O")  # noqa: E741 -- the outcome of a kind

P = TypeVar("P")

MAX_EVIDENCE = 60
"""Characters of evidence that a step of the trace keeps."""
MAX_ERROR = 200
"""Characters of an error that a step of the trace keeps."""
TAG_ERROR = "rules-error"
TAG_LIMIT = "rules-limit"
TAG_CUT = "text-cut"


@dataclass(slots=True)
class Evaluation:
    """What one decision has come to so far.

    Attributes:
        rules: The rules.
        seen: The facts, and the answers given so far.
        on_reply: Whether the mail is put on a ticket; else it opens one.
        steps: Rules tried so far.
        answers: Answers given so far.
        tags: To be put on the ticket, each once.
        told: What the customer is told.
        effects: What the stages ask for besides the answers.
        is_over: Whether the decision cost too much: the remaining stages take their defaults.
    """

    rules: RuleSet
    seen: Seen
    on_reply: bool
    steps: list[Step] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    is_over: bool = False

    def matching(self, kind: Kind[O], *, on_reply: bool) -> Iterator[Rule[O]]:
        """Yield the rules of a kind that match, in their order, and note every one that was tried.

        A rule in which something goes wrong counts as not matched; it is noted, and the ticket gets a tag.

        Args:
            kind: Of the rules.
            on_reply: Whether those for replies are tried, or those for mails that open a ticket.
        """
        today = day_of(self.seen, self.rules.site)
        for rule in self.rules.rules.get(kind.name, ()):
            if self.is_over:
                return
            if rule.on_reply is on_reply and is_in_force(rule, today) and self._try(rule):
                yield kind.own(rule)

    def first(self, rules: tuple[Rule[P], ...]) -> Rule[P] | None:
        """Return the first of some rules that matches, None where none does; the later ones are not tried.

        They are the program's: they hold whatever the rules of files cost before, and take nothing of what these may.
        """
        self.seen.begin_anew()
        found = next((rule for rule in rules if self._try(rule)), None)
        self.seen.begin_anew()
        return found

    def _try(self, rule: Rule[P]) -> bool:
        tried: list[Tried] = []
        failed: Tried | None = None
        error = ""
        try:
            for condition in rule.conditions:
                one = condition.tried(self.seen)
                tried.append(one)
                if failed is None and not condition.lets_through(one):
                    failed = one
        except WorkLimitError as limit:
            self.is_over = True
            self.tag(TAG_LIMIT)
            error = str(limit)
        except Exception as bug:  # noqa: BLE001 -- a fact's plug-in, or a bug of ours: never "matched", and told
            self.tag(TAG_ERROR)
            error = error_words(bug)
        matched = failed is None and not error
        evidence = failed.evidence if failed else "; ".join(one.evidence for one in tried if one.held)[:MAX_EVIDENCE]
        self.steps.append(Step(rule.id, matched, evidence, rule.kind, error, tuple(tried)))
        return matched

    def begin_anew(self) -> None:
        """Let the stage to come cost as much as all before it together."""
        self.is_over = False
        self.seen.begin_anew()

    def answer(self, name: str, value: Fact, rule: str, unused: tuple[str, ...] = ()) -> None:
        """Note an answer; rule "" stands for the site's default."""
        self.answers.append(Answer(name, value, rule, unused))

    def answered(self, name: str) -> Answer | None:
        """Return an answer by its name, None where nothing was answered."""
        return next((answer for answer in self.answers if answer.name == name), None)

    def decided_by(self, name: str) -> str:
        """Return the rule that gave an answer, "" for the site's default and where nothing was answered."""
        answer = self.answered(name)
        return answer.rule if answer else ""

    def text(self, name: str) -> str:
        """Return an answer as text, "" where nothing was answered."""
        answer = self.answered(name)
        return str(answer.value) if answer else ""

    def text_by(self, name: str) -> str:
        """Return the rule that gave an answer, "" where nothing was answered."""
        answer = self.answered(name)
        return answer.rule if answer else ""

    def priority(self) -> int:
        """Return the priority as it was answered, the site's default before that."""
        answer = self.answered("priority")
        return answer.value if answer and isinstance(answer.value, int) else self.rules.site.priority

    def tell(self, template: str, rule: Rule[object], *values: tuple[str, str]) -> None:
        """Note what the customer is told by a rule; every text may say why."""
        self.told.append(Told(template, rule.id, (*values, ("why", rule.why))))

    def tag(self, *tags: str) -> None:
        """Note tags, each once."""
        self.tags.extend(tag for tag in dict.fromkeys(tags) if tag and tag not in self.tags)


def error_words(bug: Exception) -> str:
    """Return what went wrong as the decision keeps it, without the surrogates that nothing can store."""
    return valid_text(f"{type(bug).__name__}: {bug}"[:MAX_ERROR])


def day_of(seen: Seen, site: SiteWords) -> date | None:
    """Return the day a mail arrived, in the site's zone; None where that is unknown."""
    at = seen.time("arrived")
    return None if at is None else local_date(at, Zone(site.time_zone))


def is_in_force(rule: Rule[object], today: date | None) -> bool:
    """Return whether a rule counts on a day; where the day is unknown one with dates does not."""
    if rule.starts is None and rule.ends is None:
        return True
    return today is not None and (rule.starts or today) <= today <= (rule.ends or today)
