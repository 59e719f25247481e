"""Mails come while the rule files change fifty times, every other time for the worse: no mail sees half a set.

Every good state of the files gives two answers in two files, the queue `qN` and the tag `tN`: a mix would show.
"""

import json
import smtplib
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mailgateway.adapters.rulefiles import GitSource
from mailgateway.daemon import Daemon, Parts
from mailgateway.daemon import rules as daemon_rules
from mailgateway.model.ledger import MailState
from tests.adapters_rules.repository import commit, git
from tests.app.parts import mail
from tests.daemon.house import House, running
from tests.rulebooks import write_rules
from tests.servers import PATIENCE_S, Dovecot, SmtpSink, eventually

CHANGES = 50
MANY_S = 120.0
SITE = """format = 1
kind = "site"
kinds = ["question"]
queues = [{queues}]
[default]
queue = "support"
kind = "question"
priority = 3
"""
RULES = 'format = 1\nkind = "routing"\n' + "".join(
    f'[[rule]]\nid = "{{name}}-{number}"\nwhen.text.mentions = "nothing says this {number}"\nroute.tags = ["never"]\n'
    for number in range(20)
)
QUEUE = '[[rule]]\nid = "queue"\nwhen.text.mentions = "burns"\nroute.queue = "{queue}"\n'
TAG = '[[rule]]\nid = "tag"\nwhen.text.mentions = "burns"\nroute.tags = ["{tag}"]\n'
WRONG_EXAMPLE = "[[rule.example]]\nmail = '''\nFrom: a@customer.example\nSubject: x\n\nIt burns.\n'''\n{expect}\n"


@dataclass(slots=True)
class Site:
    """The rule files, in a repository, and what each state of them must do.

    Attributes:
        good: The answers of each good state, by its revision.
    """

    folder: Path
    good: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def begin(self) -> None:
        write_rules(self.folder)
        queues = ", ".join(f'"{name}"' for name in ("support", *(f"q{number}" for number in range(CHANGES + 1))))
        (self.folder / "site.toml").write_text(SITE.format(queues=queues))
        git(self.folder, "init", "--quiet")
        self.change(0)

    def change(self, number: int) -> str:
        """Commit a good state; return its revision."""
        self._write(number)
        revision = self._committed()
        self.good[revision] = (f"q{number}", (f"t{number}",))
        return revision

    def spoil(self, number: int) -> str:
        """Commit a state that must not come in force, each time another kind of fault; return its revision."""
        self._write(number)
        tags = self.folder / "tags.toml"
        text = tags.read_text()
        tags.write_text(
            [
                text.replace("mentions", "mentoins"),
                text[:-9],
                text + WRONG_EXAMPLE.format(expect='expect.queue = "support"'),
                text[: text.index("[[rule]]")],
            ][number // 2 % 4]
        )
        return self._committed()

    def _write(self, number: int) -> None:
        (self.folder / "routing.toml").write_text(RULES.format(name="q") + QUEUE.format(queue=f"q{number}"))
        (self.folder / "tags.toml").write_text(RULES.format(name="t") + TAG.format(tag=f"t{number}"))

    def _committed(self) -> str:
        commit(self.folder)
        return GitSource(self.folder).read().revision


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, new_user: Callable[[], str]) -> House:
    return House(tmp_path, dovecot, smtp_sink, {"support": new_user()})


@pytest.fixture
def lmtp(dovecot: Dovecot) -> Iterator[smtplib.LMTP]:
    with smtplib.LMTP(dovecot.host, dovecot.lmtp_port, timeout=PATIENCE_S) as connected:
        yield connected


def health(daemon: Daemon) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.port}/healthz", timeout=PATIENCE_S) as answer:
        shown: dict[str, Any] = json.loads(answer.read())
        return shown


def told_truth(daemon: Daemon, in_force: str, refused: str) -> bool:
    """Return whether the health page says which revision is in force and, where one is, which was refused."""
    shown = health(daemon)
    rules = shown["rules"]
    if not refused:
        return (shown["status"], rules["revision"], rules["problem"]) == ("ok", in_force, "")
    told = rules["problem"].startswith(f"refused {refused}: ")
    return told and (shown["status"], rules["revision"]) == ("degraded", in_force)


def decided(parts: Parts) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return (revision, queue, tags) of every mail that came in, oldest first."""
    with parts.store._database.read() as connection:  # type: ignore[attr-defined]  # the decision's record itself
        rows = connection.exec_driver_sql(
            "SELECT m.revision, tm.ticket FROM message m JOIN ticket_message tm ON tm.message = m.id"
            " WHERE m.incoming ORDER BY m.id"
        ).all()
    tickets = {ticket.number: ticket for ticket in parts.store.tickets(limit=10_000)}  # read last: none is missing
    return [(row.revision, tickets[row.ticket].queue, tickets[row.ticket].tags) for row in rows]


@pytest.mark.parametrize("mails", [300, pytest.param(1000, marks=pytest.mark.soak)])
def test_every_mail_is_decided_by_one_whole_state_of_the_files_and_none_is_lost(
    house: House, lmtp: smtplib.LMTP, monkeypatch: pytest.MonkeyPatch, mails: int
) -> None:
    monkeypatch.setattr(daemon_rules, "POLL_S", 0.02)
    site = Site(house.folder / "rules")
    site.begin()
    house.more = '[rules]\nfolder = "rules"\nsource = "git"\n'
    names = iter(range(mails))

    with house.parts() as parts, running(parts) as daemon:
        in_force = next(iter(site.good))
        for number in range(1, CHANGES + 1):
            refused = site.spoil(number) if number % 2 else ""
            in_force = in_force if refused else site.change(number)
            for _ in range(mails // CHANGES):
                name = next(names)
                raw = mail(f"m{name}", sender=f"m{name}@customer.example")
                lmtp.sendmail("sender@example.test", [house.users["support"]], raw)
            eventually(lambda now=in_force, out=refused: told_truth(daemon, now, out), every_s=0.05)  # type: ignore[misc]
        eventually(
            lambda: dict(parts.store.backlog().mails).get("acknowledged") == 0 and len(decided(parts)) >= mails, MANY_S
        )
        entries = parts.store.entries(limit=10_000)
        found = decided(parts)
        house.sink.wait_for_mails(mails, MANY_S)

    assert [entry.state for entry in entries] == [MailState.PROCESSED] * mails
    assert [(queue, tags) for _, queue, tags in found] == [site.good[revision] for revision, _, _ in found]
    assert len({revision for revision, _, _ in found}) > CHANGES // 4
