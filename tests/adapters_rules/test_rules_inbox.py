import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mailgateway.adapters.rulefiles import RulesInbox
from mailgateway.errors import NotFoundError, TemporaryError
from mailgateway.model.rulefiles import RulesAction, RulesAnswer, RulesRequest

NOW = datetime(2026, 11, 7, 8, 20, tzinfo=UTC)
RELOAD = RulesRequest(RulesAction.RELOAD, NOW, accept=True, revision="bbbbbbbb")
ROLLBACK = RulesRequest(RulesAction.ROLLBACK, NOW, revision="aaaaaaaa")
LOADED = RulesAnswer(NOW, done=True, text="loaded in 69 ms", revision="bbbbbbbb")
STRANGE_ID = "20261107T082000000000-0123abcd"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "rules"


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def inbox(folder: Path, reports: list[str]) -> RulesInbox:
    inbox = RulesInbox(folder, reports.append)
    inbox.prepare()
    return inbox


def test_a_request_travels_to_another_process_and_its_answer_back(
    inbox: RulesInbox, folder: Path, reports: list[str]
) -> None:
    daemon = RulesInbox(folder, reports.append)
    request_id = inbox.ask(RELOAD)
    before = inbox.answer(request_id)

    (request,) = daemon.requests()
    daemon.done(request, LOADED)

    assert request == replace(RELOAD, id=request_id)
    assert (before, inbox.answer(request_id), daemon.requests(), reports) == (None, LOADED, (), [])


def test_requests_come_in_the_order_they_were_asked_whatever_the_zone(inbox: RulesInbox) -> None:
    later, sooner = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
    times = [
        (NOW + timedelta(microseconds=2)).astimezone(sooner),
        NOW,
        (NOW + timedelta(microseconds=1)).astimezone(later),
    ]

    for time in times:
        inbox.ask(replace(ROLLBACK, asked_at=time))

    assert [request.asked_at for request in inbox.requests()] == sorted(times)


def test_a_request_is_given_out_again_until_it_is_done(inbox: RulesInbox) -> None:
    inbox.ask(RELOAD)

    assert inbox.requests() == inbox.requests() != ()


def test_a_withdrawn_request_is_not_carried_out(inbox: RulesInbox) -> None:
    request_id = inbox.ask(RELOAD)

    assert [inbox.withdraw(request_id), inbox.withdraw(request_id)] == [True, False]
    assert (inbox.requests(), inbox.answer(request_id)) == ((), None)


def test_nothing_can_be_asked_where_no_daemon_ever_ran(folder: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        RulesInbox(folder, print).ask(RELOAD)

    assert str(caught.value) == f"no daemon has used {folder} yet: start it first"
    assert not folder.exists()


def test_without_a_folder_nothing_is_asked(folder: Path) -> None:
    assert RulesInbox(folder, print).requests() == ()


def test_what_is_no_request_is_reported_answered_and_taken_away(
    inbox: RulesInbox, folder: Path, reports: list[str]
) -> None:
    path = folder / "requests" / f"{STRANGE_ID}.json"
    path.write_bytes(b'{"action": "explode"}')
    os.utime(path, times=(NOW.timestamp(),) * 2)
    request_id = inbox.ask(RELOAD)

    assert [request.id for request in inbox.requests()] == [request_id]
    assert reports == [f"{path} is not done: it is no request"]
    words = "the daemon cannot read the request: it is no request"
    assert inbox.answer(STRANGE_ID) == RulesAnswer(NOW, done=False, text=words)
    assert not path.exists()


@pytest.mark.parametrize("name", ["note.json", ".new-0123456789abcdef", f"{STRANGE_ID}.txt", "a\n.json"])
def test_a_file_that_nobody_asked_with_stays_and_does_nothing(
    inbox: RulesInbox, folder: Path, reports: list[str], name: str
) -> None:
    (folder / "requests" / name).write_bytes(b"{}")

    assert (inbox.requests(), reports) == ((), [])
    assert (folder / "requests" / name).exists()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_no_request_and_is_not_waited_for(
    make: Callable[[Path], None], inbox: RulesInbox, folder: Path
) -> None:
    make(folder / "requests" / f"{STRANGE_ID}.json")

    assert inbox.requests() == ()


@pytest.mark.parametrize("request_id", ["", "../current", STRANGE_ID + "\n", STRANGE_ID.upper()])
def test_no_id_leads_out_of_the_folder(inbox: RulesInbox, request_id: str) -> None:
    for method in (inbox.answer, inbox.withdraw):
        with pytest.raises(NotFoundError, match="is no request"):
            method(request_id)


def test_answers_nobody_fetched_are_kept_for_a_day(inbox: RulesInbox, folder: Path) -> None:
    answered = [inbox.ask(RELOAD) for _ in range(3)]
    hours = (25, 23, 0)
    for age, request_id in zip(hours, answered, strict=True):
        inbox.done(replace(RELOAD, id=request_id), LOADED)
        os.utime(folder / "answers" / f"{request_id}.json", times=((NOW - timedelta(hours=age)).timestamp(),) * 2)

    inbox.done(replace(RELOAD, id=answered[2]), LOADED)

    assert [inbox.answer(request_id) for request_id in answered] == [None, LOADED, LOADED]


def test_requests_can_be_read_by_a_daemon_of_another_user(inbox: RulesInbox, folder: Path) -> None:
    request_id = inbox.ask(RELOAD)
    inbox.done(replace(RELOAD, id=request_id), LOADED)
    inbox.ask(RELOAD)

    modes = [path.stat().st_mode & 0o777 for path in folder.rglob("*.json")]
    umask = os.umask(0)
    os.umask(umask)
    assert modes == [0o644 & ~umask] * 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_request_the_daemon_may_not_read_is_answered(inbox: RulesInbox, folder: Path) -> None:
    request_id = inbox.ask(RELOAD)
    (folder / "requests" / f"{request_id}.json").chmod(0o600)
    for path in (folder, folder / "requests", folder / "answers"):
        os.chown(path, 12345, 12345)
    code = """
import os, sys
from pathlib import Path
from mailgateway.adapters.rulefiles import RulesInbox
os.chdir(sys.argv[1])  # what is above it is root's alone
os.setuid(12345)
RulesInbox(Path(), print).requests()
"""
    run = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)

    assert run.stdout == f"requests/{request_id}.json is not done: Permission denied\n"
    assert inbox.requests() == ()
    assert getattr(inbox.answer(request_id), "text", "") == "the daemon cannot read the request: Permission denied"


def test_a_disk_that_cannot_be_written_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(TemporaryError, match="File exists"):
        RulesInbox(tmp_path / "file", print).prepare()
