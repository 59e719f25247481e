"""The tutorial as somebody follows it: every command is run, in order, and prints what the page says.

`python -m tests.docs.test_tutorial` writes the outputs into the page anew.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from typer.testing import CliRunner

from mailgateway.cli import app
from tests.docs.pages import PAGES, Block, blocks

PAGE = PAGES / "tutorial.md"
BEGIN = "make demo\ncd demo-state\nPATH=$PWD/../.venv/bin:$PATH\n"
"""What a person does first; here the demo is run in a folder of its own."""
HERE = "/home/you/mailgateway/demo-state"
"""What the page calls the folder."""
TIMEOUT_S = 120
_VARIABLE = (
    (re.compile(r"\b[0-9a-f]{8}\b"), "REVISION"),
    (re.compile(r"\bSUP-(\d+)-[A-Z]{2}\b"), r"SUP-\1-XX"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?"), "TIME"),
    (re.compile(r"\b\d{1,2} [A-Z][a-z]{2} \d{4}\b"), "DAY"),
    (re.compile(r"\b\d+ ms\b"), "N ms"),
    (re.compile(r"\b\d+\.\d s\b"), "N s"),
    (re.compile(r" +$", re.MULTILINE), ""),
)


@dataclass(frozen=True, slots=True)
class Ran:
    """A command of the page, what it says there, and what it printed."""

    command: str
    said: str
    printed: str


def usual(text: str) -> str:
    """Return an output without what is different each time; revisions that differ stay different."""
    revisions = list(dict.fromkeys(_VARIABLE[0][0].findall(text)))
    for number, revision in enumerate(revisions, 1):
        text = text.replace(revision, f"REVISION{number}")
    for pattern, instead in _VARIABLE[1:]:
        text = pattern.sub(instead, text)
    return text


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Yield the commands of a block, each with its output."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def followed(folder: Path) -> Iterator[tuple[Block, tuple[Ran, ...]]]:
    """Do what the page says in a folder; yield each block with commands and what they printed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAILGATEWAY_")}
    environment |= {"COLUMNS": "100"}
    subprocess.run(
        [sys.executable, "-m", "mailgateway.demo"], cwd=folder, env=environment, check=True, timeout=TIMEOUT_S,
        capture_output=True,
    )  # fmt: skip
    for block in blocks(PAGE):
        if block.kind == "add":
            _edit(folder / "demo-state", block)
        elif block.language == "console":
            yield (
                block,
                tuple(
                    Ran(command, said, _output(command, folder / "demo-state", environment))
                    for command, said in commands(block)
                ),
            )


def _edit(folder: Path, block: Block) -> None:
    """Do what a person does with an editor: add to the end of a file, or change one line."""
    path, key = folder / block.info[2], block.info[3:]
    text = path.read_text("utf-8")
    changed, found = re.subn(rf"^{key[0]}\b.*\n", lambda _: block.text, text, flags=re.MULTILINE) if key else ("", 0)
    assert found == len(key)
    path.write_text(changed if key else f"{text}\n{block.text}", "utf-8")


def _output(command: str, folder: Path, environment: dict[str, str]) -> str:
    """Return what a command of the page prints; our own program is run in this process, which is ten times as quick."""
    before, _, last = command.rpartition(" | ")
    ours = last.startswith("mailgateway ")
    printed = _shell(before if ours else command, folder, environment)
    if ours:
        with chdir(folder):
            result = CliRunner().invoke(app, shlex.split(last)[1:], input=printed, env=environment)
        assert isinstance(result.exception, SystemExit | None), result.exception
        printed = result.output
    lines = printed.strip("\n").replace(str(folder), HERE).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _shell(command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, check=False, timeout=TIMEOUT_S, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.stdout


def test_the_tutorial_is_what_happens(tmp_path: Path) -> None:
    first = next(block for block in blocks(PAGE) if block.language == "sh")

    ran = [one for _, of_block in followed(tmp_path) for one in of_block]

    assert first.text == BEGIN
    assert len(ran) > 15
    assert usual("".join(f"$ {one.command}\n{one.said}" for one in ran)) == usual(
        "".join(f"$ {one.command}\n{one.printed}" for one in ran)
    ), "python -m tests.docs.test_tutorial writes them anew"


def _write() -> None:
    with TemporaryDirectory() as folder:
        found = list(followed(Path(folder)))
    lines = PAGE.read_text("utf-8").splitlines()
    for block, ran in reversed(found):
        text = "".join(f"$ {one.command}\n{one.printed}" for one in ran)
        lines[block.line : block.line + block.text.count("\n")] = text.splitlines()
    PAGE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    _write()
