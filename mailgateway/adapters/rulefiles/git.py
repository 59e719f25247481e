"""Rule files as they are in a commit of a git repository, read with the `git` program. Only read.

What is checked out does not matter: a checkout under way, or a file somebody is editing, is never seen.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from mailgateway.adapters.rulefiles.folder import refuse_unusable
from mailgateway.errors import RulesUnreadableError, TemporaryError
from mailgateway.model.rulefiles import TESTS, RuleFiles, counted, name_fault

_TIMEOUT_S = 10.0
_SETTINGS = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",  # the files of the commit that is reported, and no others
    "GIT_NO_LAZY_FETCH": "1",
}
_NOT_FOLLOWED = {
    b"symlink": "a link that leads out of the folder; commit a copy in its place",
    b"dangling": "a link that leads nowhere; remove it, or commit a copy in its place",
    b"loop": "a link that leads to itself; remove it, or commit a copy in its place",
    b"notdir": "a link that leads nowhere; remove it, or commit a copy in its place",
}


@dataclass(frozen=True, slots=True)
class _Found:
    """What a name stands for in a tree, links followed."""

    id: str
    kind: str
    size_bytes: int


class GitSource:
    """Fulfils `RuleSource` with the commit of HEAD, and `RuleHistory` with any other.

    Args:
        folder: In a repository; it need not be checked out. A bare repository may be named, too.
        program: The git to run, a name in PATH or a file.
        timeout_s: For each time it runs.
    """

    settle_s = 0.0

    def __init__(self, folder: Path, program: str = "git", timeout_s: float = _TIMEOUT_S) -> None:
        self._folder = folder
        self._program = program
        self._timeout_s = timeout_s

    @property
    def described(self) -> str:
        """The kind and the place, in words."""
        return f"git {self._folder}"

    def fingerprint(self) -> str:
        """Return the commit id of HEAD; as `RuleSource` says."""
        return self._repository().commit("HEAD")

    def read(self) -> RuleFiles:
        """Return the files of the commit that HEAD names; as `RuleSource` says."""
        return self.read_at("HEAD")

    def read_at(self, revision_spec: str) -> RuleFiles:
        """Return the files of a commit; as `RuleHistory` says."""
        repository = self._repository()
        commit = repository.commit(revision_spec)
        place = f"{self._folder} in commit {commit[:12]}"
        found, faults = repository.found(repository.tree(commit))
        if faults:
            raise RulesUnreadableError("\n".join(f"{place}: {fault}" for fault in faults))
        refuse_unusable(place, {name: each.size_bytes for name, each in found.items()})
        contents = repository.contents([each.id for each in found.values()])
        return RuleFiles(tuple(zip(found, contents, strict=True)), commit, repository.author(commit))

    def _repository(self) -> "_Repository":
        folder = Path(os.path.realpath(self._folder))
        try:
            root = next(filter(_is_repository, (folder, *folder.parents)), None)
        except OSError as error:
            raise RulesUnreadableError(f"{self._folder}: {error.strerror or error}") from error
        if root is None:
            words = 'not in a git repository; make one with "git init", or set source = "folder"'
            raise RulesUnreadableError(f"{self._folder}: {words}")
        below = "" if root == folder else folder.relative_to(root).as_posix()
        return _Repository(root, below, self._program, self._timeout_s)


def _is_repository(root: Path) -> bool:
    """Return whether a folder is a repository with files checked out, or a bare one."""
    return (root / ".git").exists() or (
        (root / "HEAD").is_file() and (root / "objects").is_dir() and (root / "refs").is_dir()
    )


@dataclass(frozen=True, slots=True)
class _Repository:
    """A repository, and the folder in it that holds the rules.

    Attributes:
        root: Where git finds it, absolute, links followed.
        below: The folder relative to the root, "" for the root itself.
        program: The git to run.
        timeout_s: For each time it runs.
    """

    root: Path
    below: str
    program: str
    timeout_s: float

    def commit(self, revision_spec: str) -> str:
        """Return the id of a commit in full."""
        usable = revision_spec.isprintable() and not revision_spec.startswith("-")
        ran = self._run("rev-parse", "--verify", "--quiet", revision_spec + "^{commit}") if usable else None
        if ran is not None and ran.returncode == 0:
            return ran.stdout.decode("ascii").strip()
        if revision_spec == "HEAD":
            raise RulesUnreadableError(f"{self.root}: no commit yet; commit the rule files")
        raise RulesUnreadableError(
            f'{self.root}: no commit is called {revision_spec!r}; "git log" shows those there are'
        )

    def tree(self, commit: str) -> str:
        """Return the id of the folder as it is in a commit."""
        ran = self._run("rev-parse", "--verify", "--quiet", f"{commit}:{self.below}")
        if ran.returncode:
            raise RulesUnreadableError(f"{self.root}: commit {commit[:12]} has no folder {self.below}; commit it")
        return ran.stdout.decode("ascii").strip()

    def found(self, tree: str) -> tuple[dict[str, _Found], list[str]]:
        """Return what the names that count stand for, and what is wrong with them."""
        names = self._names(tree)
        if TESTS in names and isinstance(tests := self._looked_up(tree, [TESTS])[TESTS], _Found):
            names += [f"{TESTS}/{name}" for name in self._names(tests.id)] if tests.kind == "tree" else []
        found = {}
        faults = [fault for name in counted(names) if (fault := name_fault(name))]
        for name, each in self._looked_up(tree, [name for name in counted(names) if not name_fault(name)]).items():
            if isinstance(each, _Found) and each.kind == "blob":
                found[name] = each
            else:
                faults.append(f"{name}: {each if isinstance(each, str) else 'not a file; remove or rename it'}")
        return found, faults

    def contents(self, ids: Sequence[str]) -> Iterator[bytes]:
        """Yield the contents of files in their order."""
        answers = BytesIO(self._need("cat-file", "--batch", asked="".join(f"{each}\n" for each in ids).encode()))
        while head := answers.readline():
            yield answers.read(int(head.split()[2]))
            answers.read(1)  # the end of the line after each

    def author(self, commit: str) -> str:
        """Return the author of a commit as `Name <address>`, "" where it names none."""
        head, _, _ = self._need("cat-file", "commit", commit).partition(b"\n\n")
        line = next((line for line in head.splitlines() if line.startswith(b"author ")), b"")
        name, closed, _ = line.removeprefix(b"author ").rpartition(b">")
        return "".join(filter(str.isprintable, (name + closed).decode("utf-8", "replace")))

    def _names(self, tree: str) -> list[str]:
        raw = self._need("ls-tree", "-z", "--name-only", "--full-tree", tree)
        return [name.decode("utf-8", "surrogateescape") for name in raw.split(b"\0") if name]

    def _looked_up(self, tree: str, names: Sequence[str]) -> dict[str, _Found | str]:
        """Return for each name what it stands for, links followed within the tree, or what is wrong with it."""
        raw = "".join(f"{tree}:{name}\n" for name in names).encode()
        answers = BytesIO(self._need("cat-file", "--batch-check", "--follow-symlinks", asked=raw))
        return {name: _answer(answers) for name in names}

    def _need(self, *arguments: str, asked: bytes = b"") -> bytes:
        """Return what git prints; any failure is an error."""
        ran = self._run(*arguments, asked=asked)
        if ran.returncode:
            raise RulesUnreadableError(f"{self.root}: {_git_words(ran.stderr)}")
        return ran.stdout

    def _run(self, *arguments: str, asked: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        """Run git; its saying no (1) is an answer, its giving up (128) an error."""
        # The repository may be another user's, as a mounted one is: this one is believed. Nothing is ever fetched.
        trusting = ("-c", f"safe.directory={self.root}", "-c", "protocol.allow=never")
        command = (self.program, "-C", str(self.root), *trusting, *arguments)
        environment = {
            **_SETTINGS,
            "GIT_CEILING_DIRECTORIES": str(self.root.parent),
            "PATH": os.getenv("PATH", os.defpath),
        }
        try:
            ran = subprocess.run(  # noqa: S603 -- no shell; the one text of a person's, the commit, is no option
                command, input=asked, env=environment, capture_output=True, timeout=self.timeout_s, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise TemporaryError(f"{self.root}: git did not answer in {self.timeout_s:g} s") from error
        except OSError as error:
            words = f'git cannot be run ({error.strerror}): install it, or set source = "folder"'
            raise RulesUnreadableError(words) from error
        if ran.returncode not in {0, 1}:
            raise RulesUnreadableError(f"{self.root}: {_git_words(ran.stderr)}")
        return ran


def _answer(answers: BytesIO) -> _Found | str:
    """Return the next answer of `git cat-file --batch-check --follow-symlinks`."""
    line = answers.readline().rstrip(b"\n")
    if line.endswith(b" missing"):
        return "not a file; remove or rename it"  # a submodule is none of this repository's objects
    first, *rest = line.split(b" ")
    if first in _NOT_FOLLOWED:
        answers.read(int(rest[0]) + 1)
        return _NOT_FOLLOWED[first]
    return _Found(first.decode("ascii"), rest[0].decode("ascii"), int(rest[1]))


def _git_words(stderr: bytes) -> str:
    """Return what git says about why it failed, on one line."""
    lines = stderr.decode("utf-8", "replace").splitlines()
    said = next((line for line in lines if line.startswith(("fatal: ", "error: "))), "it gave no reason")
    return f"git says: {said.partition(': ')[2] or said}"
