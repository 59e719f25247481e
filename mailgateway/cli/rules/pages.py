"""The tables in docs/rules that are made from the code: `python -m mailgateway.cli.rules.pages docs/rules/*.md`.

A page marks the place: `<!-- made from the code: kind routing -->`, `<!-- end of what is made -->`. The rest of the
page is written by hand and stays.
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from mailgateway.rules.fields import fields_reference, kind_reference, rule_reference

_END = "<!-- end of what is made -->"
_MADE = re.compile(rf"^<!-- made from the code: (\w+) ?(\w*) -->\n(.*?)^{_END}$", re.MULTILINE | re.DOTALL)
_MAKERS: Mapping[str, Callable[[str], str]] = MappingProxyType({
    "fields": lambda _: fields_reference(),
    "rule": lambda _: rule_reference(),
    "kind": kind_reference,
})  # fmt: skip


def with_made(page: str) -> str:
    """Return the text of a page with the tables that are made from the code as they are now.

    Raises:
        KeyError: A mark names what cannot be made.
    """
    return _MADE.sub(_made, page)


def _made(mark: re.Match[str]) -> str:
    what, which, _ = mark.groups()
    first = mark[0].partition("\n")[0]
    return f"{first}\n\n{_MAKERS[what](which).strip()}\n\n{_END}"


def main(names: list[str]) -> None:
    """Write the tables of some pages anew."""
    for name in names:
        path = Path(name)
        path.write_text(with_made(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
