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
from mailgateway.app.desk.splitting import Deciders, Wanted, split, unsplit

__all__ = [
    "INVALID",
    "SPAM",
    "Act",
    "Deciders",
    "Held",
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
