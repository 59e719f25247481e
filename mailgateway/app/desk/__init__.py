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

__all__ = [
    "INVALID",
    "SPAM",
    "Act",
    "Held",
    "dismiss",
    "dismissed",
    "grant",
    "granted",
    "merge",
    "merged",
    "prioritised",
    "set_priority",
]
