"""What a person does to tickets by hand."""

from mailgateway.app.acts import Act
from mailgateway.app.desk.change import (
    INVALID,
    SPAM,
    Held,
    dismiss,
    dismissed,
    grant,
    granted,
    merge,
    merged,
    prioritised,
    set_priority,
)
from mailgateway.app.desk.mails import Answered
from mailgateway.app.desk.splitting import Split, Unsplit, Wanted, split, unsplit

__all__ = [
    "INVALID",
    "SPAM",
    "Act",
    "Answered",
    "Held",
    "Split",
    "Unsplit",
    "Wanted",
    "dismiss",
    "dismissed",
    "grant",
    "granted",
    "merge",
    "merged",
    "prioritised",
    "set_priority",
    "split",
    "unsplit",
]
