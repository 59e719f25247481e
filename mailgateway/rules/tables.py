"""What every rule file and every rule has, whatever its kind: the models that read them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from mailgateway.diagnostics.faults import NAME_FORM
from mailgateway.diagnostics.fields import Section

LINE_FORM = r"^[^\x00-\x1f\x7f]*$"
TAG_FORM = r"^[^\s\x00-\x1f\x7f,]+$"

Name = Annotated[str, StringConstraints(pattern=NAME_FORM, max_length=60)]
"""An id, or a word that other files use."""
Line = Annotated[str, StringConstraints(pattern=LINE_FORM, max_length=300)]
"""Text on one line, for people."""
Tag = Annotated[str, StringConstraints(pattern=TAG_FORM, max_length=60)]
"""A word put on a ticket."""
Word = Annotated[str, StringConstraints(pattern=LINE_FORM, min_length=1, max_length=60)]
"""A name of the site's own, such as a queue's."""

NAMES = "x-names"
"""In the JSON Schema of a value: which of the site's own names it may have; `schema` puts them in its place."""
QueueName = Annotated[Word, Field(json_schema_extra={NAMES: "queues"})]
KindName = Annotated[Word, Field(json_schema_extra={NAMES: "kinds"})]
TemplateName = Annotated[Name, Field(json_schema_extra={NAMES: "templates"})]
RoleName = Annotated[Name, Field(json_schema_extra={NAMES: "roles"})]
AgentName = Annotated[Name, Field(json_schema_extra={NAMES: "agents"})]
PriorityNumber = Annotated[int, Field(ge=1, le=9, json_schema_extra={NAMES: "priorities"})]
"""1 is most urgent; there are as many as site.toml names."""

Conditions = dict[str, object]
"""Tables of facts, as they were written: `conditions` reads them with the vocabulary."""


class Table(Section):
    """A table of a rule file: its keys may stand under names that Python keeps for itself, such as `from`."""

    model_config = ConfigDict(populate_by_name=True)


class ExampleTable(Table):
    """A mail that the rule must match (`example`) or must not match (`counterexample`): it runs as a test."""

    name: Line = ""
    """What it shows."""
    mail: str = ""
    """The mail as text: header fields, an empty line, the body. A missing From or date is filled in."""
    given: dict[str, object] = Field(default_factory=dict)
    """Facts that the mail cannot show: the customer's plan, the time of arrival, what is used of a quota."""
    expect: dict[str, object] = Field(default_factory=dict)
    """Answers that must come out, such as `expect.priority = 1`."""


class RuleTable(Table):
    """What every rule may have, whatever its kind."""

    id: Name
    """Unique over all files: it stands in explain, replay, the ticket's history and the metrics."""
    why: Line = ""
    """The reason, for colleagues and for the customer."""
    off: bool = False
    """Whether the rule is switched off."""
    from_: date | None = Field(default=None, alias="from")
    """The first day it counts, in the site's time zone."""
    until: date | None = None
    """The last day it counts, in the site's time zone."""
    on: Literal["new", "reply"] = "new"
    """Whether it looks at mails that open a ticket or at replies to one."""
    when: Conditions = Field(default_factory=dict)
    """All of these must hold."""
    unless: Conditions = Field(default_factory=dict)
    """None of these may hold."""
    example: tuple[ExampleTable, ...] = ()
    """Mails that the rule must match."""
    counterexample: tuple[ExampleTable, ...] = ()
    """Mails that the rule must not match."""


class RuleFile(Table):
    """What every rule file has."""

    format: Literal[1]
    """The format of the file: 1."""
    kind: str
    """What the file holds; its name says nothing."""
