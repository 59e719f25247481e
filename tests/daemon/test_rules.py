"""The daemon and the rule files: followed while it runs, told of on its pages and by mail."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError

import pytest

from mailgateway.adapters.rulefiles import FolderSource
from mailgateway.app.rules.build import Checks, Refusal, build, late
from mailgateway.daemon import Daemon, Parts, run_once
from mailgateway.daemon import rules as daemon_rules
from mailgateway.daemon.rules import BoundedBuild
from mailgateway.errors import TemporaryError
from mailgateway.model.rulefiles import RuleFiles, RulesAction, RulesRequest
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import Known, RuleSet
from tests.app.parts import Instead, mail
from tests.daemon.house import House, answered, running
from tests.rulebooks import write_rules
from tests.servers import PATIENCE_S, eventually

AGENTS = """
[[agent]]
id = "{id}"
name = "{id}"
addresses = ["{id}@gateway.test"]
roles = ["{role}"]
"""
TAGGED = 'format = 1\nkind = "routing"\n[[rule]]\nid = "all"\nwhen.mail.answerable = true\nroute.tags = ["{tag}"]\n'


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon_rules, "POLL_S", 0.02)
    monkeypatch.setattr(FolderSource, "settle_s", 0.05)


@pytest.fixture
def house(house: House) -> House:
    """Return a house with a folder of rules, and one agent whose role is admin."""
    write_rules(house.folder / "rules")
    tagged(house, "first")
    house.more = '[rules]\nfolder = "rules"\n' + AGENTS.format(id="olga", role="support")
    house.more += AGENTS.format(id="adam", role="admin")
    return house


def tagged(house: House, tag: str) -> None:
    write(house, TAGGED.format(tag=tag))


def write(house: House, text: str) -> None:
    """Put a file in place of the routing in one step."""
    aside = house.folder / "aside"
    aside.write_text(text)
    aside.replace(house.folder / "rules" / "routing.toml")


def page(daemon: Daemon, name: str) -> bytes:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.port}/{name}", timeout=PATIENCE_S) as answer:
            return bytes(answer.read())
    except HTTPError as refusal:
        with refusal:
            return bytes(refusal.read())


def health(daemon: Daemon) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(page(daemon, "healthz"))
    return shown


def tags(parts: Parts) -> list[tuple[str, ...]]:
    return [ticket.tags for ticket in sorted(parts.store.tickets(), key=lambda ticket: ticket.number)]


@contextmanager
def alive(house: House, **wrapped: object) -> Iterator[tuple[Parts, Daemon]]:
    with house.parts() as parts, running(parts, **wrapped) as daemon:
        yield parts, daemon


def test_an_edit_decides_the_next_mail_without_a_restart(house: House) -> None:
    with alive(house) as (parts, daemon):
        house.deliver(mail("m1"))
        eventually(lambda: len(tags(parts)) == 1)
        before = health(daemon)["rules"]["revision"]

        tagged(house, "second")
        eventually(lambda: health(daemon)["rules"]["revision"] != before)
        house.deliver(mail("m2"))
        eventually(lambda: len(tags(parts)) == 2)

        assert tags(parts) == [("first",), ("second",)]


def test_a_broken_edit_is_degraded_and_never_down_and_mail_goes_on_with_the_old_rules(house: House) -> None:
    with alive(house) as (parts, daemon):
        eventually(lambda: json.loads(page(daemon, "readyz"))["status"] == "ok")
        good = health(daemon)["rules"]["revision"]

        write(house, "nonsense")
        eventually(lambda: health(daemon)["status"] == "degraded")
        shown, ready = health(daemon), json.loads(page(daemon, "readyz"))
        metrics = page(daemon, "metrics").decode().splitlines()
        house.deliver(mail("m1"))
        eventually(lambda: len(tags(parts)) == 1)

        assert tags(parts) == [("first",)]
        assert (shown["rules"]["revision"], ready["status"]) == (good, "degraded")
        assert shown["rules"]["problem"].endswith(f"not valid TOML; {good} stays in force")
        assert "mailgateway_rules_last_reload_successful 0.0" in metrics
        assert f'mailgateway_rules_active_revision{{origin="source",revision="{good}"}} 1.0' in metrics


def test_the_admins_get_one_mail_with_what_check_prints(house: House) -> None:
    with alive(house):
        write(house, "nonsense")
        (recipients,) = answered(house.sink, 1)

    (sent,) = house.sink.mails
    text = sent.raw.decode()
    assert recipients == ("adam@gateway.test",)
    assert "Subject: Rules refused: revision " in text
    assert "Auto-Submitted: auto-generated" in text
    assert "error[" in text
    assert "routing.toml:1:" in text.replace("=\r\n", "")


def test_where_nobody_is_admin_those_are_told_who_are_told_of_mail(house: House) -> None:
    house.more = house.more.replace('"admin"', '"sales"')
    with alive(house):
        write(house, "nonsense")

        assert answered(house.sink, 1) == [("olga@gateway.test",)]


def test_a_mail_to_the_admins_that_the_database_cannot_take_waits(house: House) -> None:
    down = threading.Event()
    down.set()

    with house.parts() as parts:

        def post(*arguments: Any) -> None:  # noqa: ANN401 -- passed on
            if down.is_set():
                raise TemporaryError("the database is gone")
            parts.store.post(*arguments)

        with running(parts, store=Instead(parts.store, post=post)) as daemon:
            write(house, "nonsense")
            eventually(lambda: health(daemon)["status"] == "degraded")
            down.clear()

            assert answered(house.sink, 1) == [("adam@gateway.test",)]


def test_a_start_with_broken_files_and_no_copy_takes_every_mail_and_says_so(house: House) -> None:
    write(house, "nonsense")
    with alive(house) as (parts, daemon):
        house.deliver(mail("m1"))
        eventually(lambda: len(tags(parts)) == 1)

        assert tags(parts) == [("rules-missing",)]
        assert (health(daemon)["status"], health(daemon)["rules"]["origin"]) == ("degraded", "built-in")


def test_a_round_begins_with_the_files_as_they_are(house: House) -> None:
    house.deliver(mail("m1"))
    with house.parts() as parts:
        first = run_once(parts), tags(parts)
        house.deliver(mail("m2"))
        write(house, "nonsense")
        second = run_once(parts), tags(parts)

    assert first == ((), [("first",)])
    assert second == ((), [("first",), ("first",)])
    assert {one for sent in house.sink.mails for one in sent.recipients} >= {"adam@gateway.test"}


def test_without_a_folder_the_shipped_rules_decide_and_all_is_well(house: House) -> None:
    house.more = ""
    with alive(house) as (_, daemon):
        shown = health(daemon)

    assert (shown["status"], shown["rules"]["problem"], shown["rules"]["origin"]) == ("ok", "", "source")


def test_a_request_is_answered_by_the_running_daemon(house: House) -> None:
    with alive(house) as (parts, daemon):
        rules = parts.rules
        assert rules is not None
        first = health(daemon)["rules"]["revision"]
        tagged(house, "second")
        eventually(lambda: health(daemon)["rules"]["revision"] != first)

        asked = rules.requests.ask(RulesRequest(RulesAction.ROLLBACK, parts.clock.now(), first))
        answer = eventually(lambda: rules.requests.answer(asked))

        assert answer is not None
        assert (answer.done, answer.revision, health(daemon)["rules"]["revision"]) == (True, first, first)


def test_a_look_in_a_hurry_does_not_wait_for_the_next_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon_rules, "POLL_S", 3600.0)
    with alive(house) as (_, daemon):
        before = health(daemon)["rules"]["revision"]
        tagged(house, "second")

        daemon.look_at_rules()

        eventually(lambda: health(daemon)["rules"]["revision"] != before)


def test_the_trail_of_a_decision_names_revision_and_versions(house: House) -> None:
    house.deliver(mail("m1"))
    with house.parts() as parts:
        run_once(parts)
        rules = parts.rules
        assert rules is not None
        with parts.store._database.read() as connection:  # type: ignore[attr-defined]  # the table itself is the trail
            (row,) = connection.exec_driver_sql(
                "SELECT revision, program, tzdata FROM message WHERE incoming = 1"
            ).all()

        assert row.revision == rules.source.read().revision
        assert all(row)


# --- the limit of a check --------------------------------------------------------------------------------------


def files() -> RuleFiles:
    return starter_files()


def test_nobody_waits_for_longer_than_a_check_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon_rules, "CHECK_S", 0.05)
    over = threading.Event()

    def examples(_: RuleSet) -> list[str]:
        over.wait(PATIENCE_S)
        return []

    made = BoundedBuild("rules/", Checks(examples, Known()))(files(), checked=True)
    over.set()

    assert isinstance(made, Refusal)
    assert made.summary == "not checked in time"


def test_a_check_that_is_too_late_ends_at_its_next_example() -> None:
    run: list[int] = []

    def examples(_: RuleSet) -> Iterator[str]:
        for number in range(10):
            run.append(number)
            yield ""

    made = build(files(), "rules/", Checks(examples, Known()), lambda: len(run) == 3)

    assert (made, run) == (late(), [0, 1, 2])


def test_files_that_were_in_force_are_not_examined_again() -> None:
    def examples(_: RuleSet) -> list[str]:
        return ["FAIL  this one"]

    built = BoundedBuild("rules/", Checks(examples, Known()))

    assert isinstance(built(files(), checked=False), RuleSet)
    assert isinstance(built(files(), checked=True), Refusal)


def test_a_check_in_which_the_program_fails_refuses_the_files() -> None:
    def examples(_: RuleSet) -> list[str]:
        raise ZeroDivisionError("a bug")

    made = BoundedBuild("rules/", Checks(examples, Known()))(files(), checked=True)

    assert isinstance(made, Refusal)
    assert made.summary == "the check itself failed: ZeroDivisionError: a bug"
