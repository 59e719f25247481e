"""What people ask of the running daemon, as files in a folder that both see: no port and no signal is needed.

A request is a file in `requests`, named by the time it was asked; its answer is the file of that name in `answers`.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from mailgateway.adapters.rulefiles.durable import (
    READABLE,
    disk_trouble_is_temporary,
    make_folder,
    sweep,
    sync_folder,
    write_whole,
)
from mailgateway.adapters.rulefiles.notes import Note
from mailgateway.errors import NotFoundError
from mailgateway.model.rulefiles import RulesAnswer, RulesRequest

_ID = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}")
_REQUEST = TypeAdapter(RulesRequest)
_ANSWER = TypeAdapter(RulesAnswer)
_ANSWER_AGE = timedelta(days=1)
_UNFINISHED_AGE = timedelta(hours=1)


class RulesInbox:
    """Fulfils `RuleRequests` with two folders.

    The daemon makes them (`prepare`), and they are its own; whoever asks only puts a file in, so that a request left by
    root can be answered by a daemon that is not.

    Args:
        folder: The folder of the rules in the state folder.
        report: Takes one sentence for a person.
    """

    def __init__(self, folder: Path, report: Callable[[str], None]) -> None:
        self._requests = folder / "requests"
        self._answers = folder / "answers"
        self._report = report

    def prepare(self) -> None:
        """Make the folders where they are missing: done by the daemon that will look into them.

        Raises:
            TemporaryError: The disk is full or gone.
        """
        with disk_trouble_is_temporary(f"make {self._requests}"):
            make_folder(self._requests)
            make_folder(self._answers)

    def ask(self, request: RulesRequest) -> str:
        """Leave a request and return its id; as `RuleRequests` says."""
        if not self._requests.is_dir():
            raise NotFoundError(f"no daemon has used {self._requests.parent} yet: start it first")
        request_id = f"{request.asked_at.astimezone(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        with disk_trouble_is_temporary("leave a request for the daemon"):
            raw = _REQUEST.dump_json(replace(request, id=request_id))
            write_whole(self._request_path(request_id), raw + b"\n", READABLE)
        return request_id

    def requests(self) -> tuple[RulesRequest, ...]:
        """Return what is asked and not done, in the order it was asked.

        What is no request is reported, answered and taken away.
        """
        with disk_trouble_is_temporary(f"read {self._requests}"):
            return tuple(self._read())

    def done(self, request: RulesRequest, answer: RulesAnswer) -> None:
        """Answer a request and take it away; as `RuleRequests` says.

        Answers nobody fetched within a day are taken away, too.
        """
        with disk_trouble_is_temporary("answer a request"):
            self._answer(request.id, answer)
            sweep(self._answers, answer.at, _ANSWER_AGE, "*")
            sweep(self._requests, answer.at, _UNFINISHED_AGE)

    def answer(self, request_id: str) -> RulesAnswer | None:
        """Return the answer, None where there is none yet."""
        return Note(self._answer_path(request_id), _ANSWER, self._report).read()

    def withdraw(self, request_id: str) -> bool:
        """Take back a request that nobody answered; return whether it was still there."""
        with disk_trouble_is_temporary("take back a request"):
            try:
                self._request_path(request_id).unlink()
            except FileNotFoundError:
                return False
            sync_folder(self._requests)
            return True

    def _read(self) -> Iterator[RulesRequest]:
        for path in sorted(self._requests.glob("*.json")):
            if not _ID.fullmatch(path.stem) or not path.is_file():
                continue  # nobody waits for its answer, and it may be anything
            try:
                yield replace(_REQUEST.validate_json(path.read_bytes()), id=path.stem)
            except FileNotFoundError:
                continue  # withdrawn
            except (PermissionError, ValidationError) as error:
                self._refuse(path, error)

    def _refuse(self, path: Path, error: Exception) -> None:
        words = error.strerror if isinstance(error, OSError) else "it is no request"
        self._report(f"{path} is not done: {words}")
        at = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
        self._answer(path.stem, RulesAnswer(at, done=False, text=f"the daemon cannot read the request: {words}"))

    def _answer(self, request_id: str, answer: RulesAnswer) -> None:
        """Write the answer first: whoever waits for it must not see the request gone and nothing in its place."""
        write_whole(self._answer_path(request_id), _ANSWER.dump_json(answer) + b"\n", READABLE)
        self._request_path(request_id).unlink(missing_ok=True)
        sync_folder(self._requests)

    def _request_path(self, request_id: str) -> Path:
        return self._requests / f"{_checked(request_id)}.json"

    def _answer_path(self, request_id: str) -> Path:
        return self._answers / f"{_checked(request_id)}.json"


def _checked(request_id: str) -> str:
    if not _ID.fullmatch(request_id):
        raise NotFoundError(f"{request_id!r} is no request")
    return request_id
