"""Names and roles of attached files."""

import re

_SEPARATORS = re.compile(r"[/\\]")
# Controls, and marks that reverse the reading order: "exe.txt" must not be shown for what ends in .exe.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_MAX_NAME = 200


def safe_name(name: str) -> str:
    """Return a file name without folders, controls and reordering marks, at most 200 characters, "" where none is left.

    A name that is too long keeps its suffix.
    """
    name = _SEPARATORS.split(_UNSAFE.sub("", name))[-1].strip(' ."')
    if len(name) <= _MAX_NAME:
        return name
    _, dot, suffix = name.rpartition(".")
    suffix = (dot + suffix)[:20] if dot else ""
    return name[: _MAX_NAME - len(suffix)] + suffix
