"""What in a mail's new text a person said, and what was pasted: code, logs, stack traces, tables, mail headers.

Doubt goes to the person: a line that is not surely pasted is prose, since a ticket that loses the customer's words is
worse than one whose rules see a line of a log.
"""

from mailgateway.triage.prose.kinds import LineKind, ProseLine
from mailgateway.triage.prose.lines import lines_of, prose

__all__ = ["LineKind", "ProseLine", "lines_of", "prose"]
