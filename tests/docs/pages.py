"""The fenced blocks of a page, and rule files made of them on top of the starter set.

The first word after the fence is the language; for TOML the second is the kind of file the block belongs to, as in
```` ```toml routing ````. A block that begins with `format = 1` is a whole file and stands in for the starter's of that
kind; any other one is added: words to site.toml, lists to lists.toml, rules above those of the starter set.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.starter import starter_files

ROOT = Path(__file__).parent.parent.parent
PAGES = ROOT / "docs/rules"

_FENCE = re.compile(r"^( *)(```+)(.*)$")
_HEADING = re.compile(r"^##+ +(.*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page.

    Attributes:
        page: The name of its file.
        line: The line of its fence, from 1.
        heading: The last heading above it, "" for none.
        info: The words after the fence.
        text: What is in it, with a line end after each line.
    """

    page: str
    line: int
    heading: str
    info: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        """Return where it stands."""
        return f"{self.page}:{self.line}"

    @property
    def language(self) -> str:
        """The first word after the fence, "" for none."""
        return self.info[0] if self.info else ""

    @property
    def kind(self) -> str:
        """The kind of rule file it belongs to, "" for none."""
        return self.info[1] if self.language == "toml" and len(self.info) > 1 else ""

    @property
    def name(self) -> str:
        """The name of the file that it is as a whole, of the folder `tests`; "" for others."""
        return {"eml": "tests/a.eml", "expect": "tests/a.expect.toml"}.get(self.kind or self.language, "")

    @property
    def is_wrong(self) -> bool:
        """Whether it shows a mistake."""
        return "wrong" in self.info


def pages() -> tuple[Path, ...]:
    """Return every page about rules."""
    return tuple(sorted(PAGES.glob("*.md")))


def blocks(page: Path) -> tuple[Block, ...]:
    """Return the fenced blocks of a page, in order."""
    found: list[Block] = []
    heading, opened, lines = "", None, list[str]()
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if opened is None:
            heading = match[1] if (match := _HEADING.match(line)) else heading
            if fence:
                opened, lines = (number, fence[2], tuple(fence[3].split())), []
        elif fence and fence[2] == opened[1] and not fence[3]:
            found.append(Block(page.name, opened[0], heading, opened[2], "".join(f"{one}\n" for one in lines)))
            opened = None
        else:
            lines.append(line)
    assert opened is None, f"{page.name}: the block of line {opened and opened[0]} has no end"
    return tuple(found)


def sections(page: Path) -> Mapping[str, tuple[Block, ...]]:
    """Return the blocks of each section of a page by its heading."""
    found: dict[str, list[Block]] = {}
    for block in blocks(page):
        found.setdefault(block.heading, []).append(block)
    return {heading: tuple(of_section) for heading, of_section in found.items()}


def files_with(added: Iterable[Block]) -> RuleFiles:
    """Return the starter set with what some blocks add to it."""
    files = {name: raw.decode() for name, raw in starter_files().files}
    for block in added:
        if block.name:
            files[block.name] = block.text
        else:
            files[f"{block.kind}.toml"] = _with(files[f"{block.kind}.toml"], block)
    return RuleFiles(tuple(sorted((name, text.encode()) for name, text in files.items())))


def wrong_file(block: Block) -> RuleFiles:
    """Return the starter set with a mistake: its file holds nothing but that block and what every file begins with."""
    files = dict(starter_files().files)
    name = f"{block.kind}.toml"
    head = f'format = 1\nkind = "{block.kind}"\n\n'
    lists = files["lists.toml"].decode().partition("[phrases]\n")
    text = f"{head}{lists[1]}{block.text}{lists[2]}" if block.kind == "lists" else f"{head}{block.text}"
    files[name] = (block.text if block.text.startswith("format = 1") else text).encode()
    return RuleFiles(tuple(sorted(files.items())))


def _with(file: str, block: Block) -> str:
    if block.text.startswith(("format = 1", "#:schema")):
        return block.text
    if block.kind == "site":
        return _with_words(file, block)
    if block.kind in {"lists", "calendars"}:
        return f"{file}\n{block.text}"
    head, mark, rest = file.partition(f'kind = "{block.kind}"\n')
    assert mark, f"{block}: no kind in the starter's file"
    return f"{head}{mark}\n{block.text}\n{rest}"


def _with_words(file: str, block: Block) -> str:
    """Return site.toml with other values for some keys."""
    for key, value in tomllib.loads(block.text).items():
        line = f"{key} = {json.dumps(value)}"
        file, found = re.subn(rf"^{key}\b.*$", lambda _, line=line: line, file, count=1, flags=re.MULTILINE)  # type: ignore[misc]  # a default is no argument
        if not found:
            file = file.replace("[default]", f"{line}\n\n[default]", 1)
    return file
