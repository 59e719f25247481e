"""The files of the rules as values: which files count, how much may be there, which revision they are.

What is in the files is nothing to this module: the rules read them.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MB = 1024 * 1024
RULE_FILES = 64
RULE_FILE_BYTES = MB
TEST_FILES = 1000
TESTS_BYTES = 30 * MB
REVISION_DIGITS = 8
SETTLE_S = 2.0
"""How long nothing may have changed in a folder before its files are taken for a whole."""

TESTS = "tests"
_RULE_FILE = re.compile(r"[^./][^/]*\.toml", re.DOTALL)
_TEST_FILE = re.compile(TESTS + r"/[^./][^/]*(\.eml|\.expect\.toml)", re.DOTALL)


def is_rule_file(name: str) -> bool:
    """Return whether a name relative to the folder is one of a rule file: `*.toml` in the folder itself, not hidden."""
    return bool(_RULE_FILE.fullmatch(name))


def is_test_file(name: str) -> bool:
    """Return whether a name is one of a whole mail for tests: `tests/*.eml` or `tests/*.expect.toml`, not hidden."""
    return bool(_TEST_FILE.fullmatch(name))


def counted(names: Iterable[str]) -> tuple[str, ...]:
    """Return those names that count, sorted; what editors, git and `.schema` leave beside them does not."""
    return tuple(sorted(name for name in names if is_rule_file(name) or is_test_file(name)))


def name_fault(name: str) -> str:
    """Return what is wrong with a name that counts, in words; "" where nothing is.

    Args:
        name: As the file system has it; bytes that are no UTF-8 as lone surrogates (PEP 383).
    """
    shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if shown != name:
        return f"{shown}: the name of the file is not UTF-8; rename it"
    if not name.isprintable():
        return f"{name!r}: the name of the file has characters that cannot be printed; rename it"
    return ""


def size_faults(sizes_bytes: Mapping[str, int]) -> tuple[str, ...]:
    """Return every limit that files exceed, in words; () where they may be read.

    Args:
        sizes_bytes: The size of each file that counts, by its name.
    """
    return tuple(_size_faults(sizes_bytes))


def _size_faults(sizes_bytes: Mapping[str, int]) -> Iterator[str]:
    rules = [name for name in sizes_bytes if is_rule_file(name)]
    tests = [size for name, size in sizes_bytes.items() if is_test_file(name)]
    if len(rules) > RULE_FILES:
        yield f"{len(rules)} rule files, and {RULE_FILES} are allowed: put several into one"
    for name in rules:
        if sizes_bytes[name] > RULE_FILE_BYTES:
            yield f"{name}: {sizes_bytes[name]:,} bytes, and {RULE_FILE_BYTES:,} (1 MB) are allowed: split the file"
    if len(tests) > TEST_FILES:
        yield f"{len(tests):,} files in {TESTS}/, and {TEST_FILES:,} are allowed: remove some"
    if sum(tests) > TESTS_BYTES:
        yield f"{sum(tests):,} bytes in {TESTS}/, and {TESTS_BYTES:,} (30 MB) are allowed: remove the largest"


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """One state of all rule files.

    Attributes:
        files: (name relative to the folder, content), sorted by name, each name once.
        commit: The commit they are of, in full; "" where they are of none.
        author: Its author as `Name <address>`, "" likewise.
    """

    files: tuple[tuple[str, bytes], ...]
    commit: str = ""
    author: str = ""

    def __post_init__(self) -> None:
        names = [name for name, _ in self.files]
        if names != sorted(set(names)):
            raise ValueError("the files are not sorted by name, or a name is there twice")

    @property
    def digest(self) -> str:
        """The SHA-256 over names and contents in hex, whatever the commit; reckoned with each call."""
        whole = hashlib.sha256()
        for name, content in self.files:
            raw = name.encode()
            whole.update(b"%d %d\n" % (len(raw), len(content)))  # lengths first: no two sets read the same
            whole.update(raw)
            whole.update(content)
        return whole.hexdigest()

    @property
    def revision(self) -> str:
        """What this state is called: the first 8 digits of the digest."""
        return self.digest[:REVISION_DIGITS]


@dataclass(frozen=True, slots=True)
class Settling:
    """How long a source has looked the same; times are seconds of a clock that never goes back.

    Attributes:
        fingerprint: How it looked last.
        since_s: When it looked like this for the first time.
    """

    fingerprint: str
    since_s: float

    def seen(self, fingerprint: str, now_s: float) -> "Settling":
        """Return what is known after another look."""
        return self if fingerprint == self.fingerprint else Settling(fingerprint, now_s)

    def settled(self, now_s: float, settle_s: float = SETTLE_S) -> bool:
        """Return whether it has looked the same for long enough to be read."""
        return now_s - self.since_s >= settle_s


# --- what is kept ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptRevision:
    """A revision that was in force once.

    Attributes:
        revision: Its name.
        digest: The SHA-256 of its files.
        commit: As in `RuleFiles`.
        author: Likewise.
        kept_at: When the source last put it in force; aware, UTC.
    """

    revision: str
    digest: str
    commit: str
    author: str
    kept_at: datetime


class Origin(StrEnum):
    """Where the rules in force come from."""

    SOURCE = "source"
    KEPT = "kept"
    BUILT_IN = "built-in"


@dataclass(frozen=True, slots=True)
class Refused:
    """Files that were not taken.

    Attributes:
        at: When; aware, UTC.
        text: Why, as `check` prints it.
        revision: Of the refused files, "" where they could not even be read.
        commit: As in `RuleFiles`.
        author: Likewise.
        summary: Why, in one line.
    """

    at: datetime
    text: str
    revision: str = ""
    commit: str = ""
    author: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class RulesStatus:
    """What `rules status` tells.

    Attributes:
        source: In words: what kind, and where.
        origin: Where the rules in force come from.
        revision: The one in force, "" for the built-in defaults.
        since: Since when; aware, UTC.
        commit: As in `RuleFiles`.
        author: Likewise.
        agreed_at: When the source last held what is in force, None if never; aware, UTC.
        refused: The last refused attempt, also where a later one was taken; None if there was none.
    """

    source: str
    origin: Origin
    revision: str
    since: datetime
    commit: str = ""
    author: str = ""
    agreed_at: datetime | None = None
    refused: Refused | None = None

    @property
    def successful(self) -> bool:
        """Whether nothing was refused since the source last held what is in force."""
        return self.agreed_at is not None and (self.refused is None or self.refused.at <= self.agreed_at)


@dataclass(frozen=True, slots=True)
class PendingAccept:
    """Files that the shrink guard holds back until a person accepts them.

    Attributes:
        revision: Theirs; only this one is accepted.
        text: What would vanish.
        at: When they were held back; aware, UTC.
    """

    revision: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pinned:
    """A person went back to a kept revision.

    Attributes:
        revision: The kept one.
        source_revision: What the source held then, "" where it could not be read.
        at: When; aware, UTC.
    """

    revision: str
    source_revision: str
    at: datetime

    def holds(self, source_revision: str) -> bool:
        """Return whether to stay on the kept revision: as long as the source holds what it held then."""
        return source_revision == self.source_revision


# --- what is asked of the daemon ---------------------------------------------------------------------------


class RulesAction(StrEnum):
    """What a person may ask of the running daemon."""

    RELOAD = "reload"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class RulesRequest:
    """What a person asks.

    Attributes:
        action: What.
        asked_at: When; aware, UTC.
        revision: For a rollback the one to go back to, always named, so that doing it twice is doing it once; for an
            accepted reload the one the person saw refused, "" for any.
        accept: Whether a reload may make the rules shrink.
        id: "" until it is asked.
    """

    action: RulesAction
    asked_at: datetime
    revision: str = ""
    accept: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class RulesAnswer:
    """What came of a request.

    Attributes:
        at: When; aware, UTC.
        done: Whether what was asked for is so now.
        text: What to print.
        revision: The one in force after it, "" for the built-in defaults.
    """

    at: datetime
    done: bool
    text: str
    revision: str = ""
