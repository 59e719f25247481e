"""Editors complete and check rule files: shown with tombi, the TOML language server."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mailgateway.cli import app
from mailgateway.rules.starter import starter_files
from tests.conftest import cannot_run
from tests.servers.parts import PATIENCE_S, eventually

LONGEST_S = 120.0
Message = dict[str, object]


def program() -> str:
    """The server, where it is installed."""
    beside = Path(sys.executable).parent / "tombi"
    found = str(beside) if beside.exists() else shutil.which("tombi")
    return found or cannot_run("tombi is not installed; get it with: make setup")


class Editor:
    """Speaks with a language server over its standard input and output (LSP 3.17), a request at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server = subprocess.Popen(
            [program(), "lsp", "--offline"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._id = 0
        self._deadline = threading.Timer(LONGEST_S, self._server.kill)  # who waits for an answer then sees the end
        self._deadline.start()

    def start(self) -> None:
        place = {"uri": self.folder.as_uri(), "name": "rules"}
        abilities = {"textDocument": {"diagnostic": {}, "completion": {"completionItem": {}}}}
        started = {"processId": None, "rootUri": self.folder.as_uri(), "capabilities": abilities}
        self.ask("initialize", {**started, "workspaceFolders": [place]})
        self._send({"method": "initialized", "params": {}})

    def end(self) -> None:
        self.ask("shutdown", None)
        self._send({"method": "exit"})
        self._server.communicate(timeout=PATIENCE_S)

    def kill(self) -> None:
        self._deadline.cancel()
        self._server.kill()
        self._server.communicate()

    def ask(self, method: str, params: object) -> object:
        self._id += 1
        self._send({"id": self._id, "method": method, "params": params})
        while (message := self._message()).get("id") != self._id or "method" in message:
            if "method" in message and "id" in message:  # the server asks the editor: there is nothing to say
                self._send({"id": message["id"], "result": None})
        return message["result"]

    def open(self, name: str, text: str) -> dict[str, str]:
        document = {"uri": (self.folder / name).as_uri()}
        self._send(
            {
                "method": "textDocument/didOpen",
                "params": {"textDocument": {**document, "languageId": "toml", "version": 1, "text": text}},
            }
        )
        return document

    def offers(self, name: str, text: str) -> list[str]:
        """What is offered at the end of a text."""
        lines = text.split("\n")
        place = {"line": len(lines) - 1, "character": len(lines[-1])}
        asked = {"textDocument": self.open(name, text), "position": place}
        # A busy server answers null while it still reads the file or its schema.
        found = eventually(lambda: self.ask("textDocument/completion", asked), LONGEST_S / 4)
        items = found["items"] if isinstance(found, dict) else found
        assert isinstance(items, list)
        return [item["label"] for item in items]

    def marks(self, name: str, text: str) -> list[tuple[int, str]]:
        """(line, message) of what is marked in a text."""
        found = self.ask("textDocument/diagnostic", {"textDocument": self.open(name, text)})
        assert isinstance(found, dict)
        return [(item["range"]["start"]["line"] + 1, item["message"]) for item in found["items"]]

    def _send(self, message: Message) -> None:
        raw = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._server.stdin
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(raw), raw))
        self._server.stdin.flush()

    def _message(self) -> Message:
        assert self._server.stdout
        size = 0
        while line := self._server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        if not size:
            raise EOFError("the server ended")
        message: Message = json.loads(self._server.stdout.read(size))
        return message


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    """An editor in a folder that `rules init` made."""
    folder = tmp_path / "rules"
    made = CliRunner().invoke(app, ["rules", "init", str(folder)])
    assert made.exit_code == 0, made.output
    editor = Editor(folder)
    try:
        editor.start()
        yield editor
        editor.end()
    finally:
        editor.kill()


def rule(name: str, *lines: str) -> str:
    """A file of priority with a rule; the schema is named as the starter set does."""
    first = dict(starter_files().files)["priority.toml"].decode().partition("\n")[0]
    return "\n".join((first, "format = 1", 'kind = "priority"', "", "[[rule]]", f'id = "{name}"', *lines))


def test_an_editor_offers_keys_facts_and_the_words_of_the_site(editor: Editor) -> None:
    offered = {
        line: editor.offers(f"{number}.toml", rule("a", line))
        for number, line in enumerate(["when.", "when.customer.", "when.text.", "when.text.mentions = ", "priority."])
    }

    assert {"text", "customer", "stated", "arrived", "ticket"} <= set(offered["when."])
    assert {"known", "id", "plan", "open_tickets"} <= set(offered["when.customer."])
    assert {"mentions", "contains", "matches"} <= set(offered["when.text."])
    assert {'"@outage"', '"@not-production"'} <= set(offered["when.text.mentions = "])
    assert {"raise_to", "cap_at", "as_stated"} <= set(offered["priority."])


def test_an_editor_marks_a_wrong_name_and_a_wrong_value_and_nothing_else(editor: Editor) -> None:
    good = rule("a", "when.customer.known = true", "from = 2026-11-01", "priority.raise_to = 2", "")
    bad = rule("a", "when.custmer.known = true", "priority.raise_to = 7", "")

    marked = editor.marks("bad.toml", bad)

    assert [line for line, _ in marked] == [7, 8]
    assert "custmer" in marked[0][1]
    assert editor.marks("good.toml", good) == []


def test_an_editor_marks_nothing_in_the_starter_set(editor: Editor) -> None:
    files = sorted(editor.folder.glob("*.toml"))

    assert len(files) == len(starter_files().files)
    assert {path.name: editor.marks(path.name, path.read_text("utf-8")) for path in files} == {
        path.name: [] for path in files
    }
