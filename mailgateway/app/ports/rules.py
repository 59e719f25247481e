"""Where rule files come from, where good ones are kept, and how a person asks the running daemon for something."""

from datetime import datetime
from typing import Protocol

from mailgateway.model.rulefiles import (
    KeptRevision,
    PendingAccept,
    Pinned,
    RuleFiles,
    RulesAnswer,
    RulesRequest,
    RulesStatus,
)


class RuleSource(Protocol):
    """The files as the admins have them. It never waits for anything but the disk."""

    @property
    def described(self) -> str:
        """The kind and the place, in words."""

    @property
    def settle_s(self) -> float:
        """How long the fingerprint must have stayed the same before `read` is asked (`Settling`); 0 for at once."""

    def fingerprint(self) -> str:
        """Return a text that changes with the files; cheap, for every other second.

        Raises:
            RulesUnreadableError: As for `read`.
            TemporaryError: As for `read`.
        """

    def read(self) -> RuleFiles:
        """Return all files, of one moment.

        Raises:
            RulesUnreadableError: Somebody has to do something; the text says what.
            RulesChangingError: The files changed meanwhile: read again.
            TemporaryError: The disk or git does not answer.
        """


class RuleHistory(Protocol):
    """A source that knows earlier states."""

    def read_at(self, revision_spec: str) -> RuleFiles:
        """Return all files of a commit, named as git allows it (`main`, `v1.2`, `HEAD~3`, an id).

        Raises:
            RulesUnreadableError: There is no such commit, or its files cannot be used.
            TemporaryError: The disk or git does not answer.
        """


class RuleKeep(Protocol):
    """Every revision that was ever in force, and which one is. Durable once a method returns.

    A copy that is damaged counts as none, and is reported.
    """

    def keep(self, files: RuleFiles, at: datetime) -> str:
        """Keep files that were checked and make them the current ones; return their revision.

        Keeping the current ones again changes nothing.

        Raises:
            TemporaryError: The disk is full or gone; the current ones are still those of before.
        """

    def make_current(self, revision: str) -> RuleFiles:
        """Go back to a kept revision and return its files.

        Raises:
            NotFoundError: It is not kept, or damaged.
            TemporaryError: The disk does not answer.
        """

    def current(self) -> RuleFiles | None:
        """Return the files that were last in force, None where there are none or they are damaged."""

    def get(self, revision: str) -> RuleFiles | None:
        """Return the files of a revision, None where it is not kept or damaged."""

    def revisions(self) -> tuple[KeptRevision, ...]:
        """Return all that are kept, the one that the source put in force last first."""

    def previous(self) -> KeptRevision | None:
        """Return what a rollback goes back to: the last one before the current one that is undamaged."""


class RuleNotes(Protocol):
    """What the daemon writes down about its rules, for other processes and for its own next start."""

    def write_status(self, status: RulesStatus) -> None:
        """Replace the status.

        Raises:
            TemporaryError: The disk is full or gone.
        """

    def status(self) -> RulesStatus | None:
        """Return the status, None where no daemon wrote one."""

    def write_pending(self, pending: PendingAccept | None) -> None:
        """Note what waits for a person to accept it, None for nothing.

        Raises:
            TemporaryError: The disk is full or gone.
        """

    def pending(self) -> PendingAccept | None:
        """Return what waits for a person to accept it."""

    def pin(self, pinned: Pinned | None) -> None:
        """Note that a person went back to a kept revision, None for "follow the source again".

        Raises:
            TemporaryError: The disk is full or gone.
        """

    def pinned(self) -> Pinned | None:
        """Return where a person went back to."""


class RuleRequests(Protocol):
    """What people ask of the daemon, and what it answers. Durable once a method returns.

    A request may be given out again after a crash: carrying it out twice must be as carrying it out once.
    """

    def ask(self, request: RulesRequest) -> str:
        """Leave a request and return its id.

        Raises:
            NotFoundError: No daemon has used this state folder yet.
            TemporaryError: The disk is full or gone, or the folder is not ours to write to.
        """

    def requests(self) -> tuple[RulesRequest, ...]:
        """Return what is asked and not done, in the order it was asked."""

    def done(self, request: RulesRequest, answer: RulesAnswer) -> None:
        """Answer a request and take it away.

        Raises:
            TemporaryError: The disk is full or gone.
        """

    def answer(self, request_id: str) -> RulesAnswer | None:
        """Return the answer, None where there is none yet."""

    def withdraw(self, request_id: str) -> bool:
        """Take back a request that nobody answered; return whether it was still there."""
