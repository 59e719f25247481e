"""What is said of what was seen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailgateway.app.doctor import (
    AddressSeen,
    DatabaseSeen,
    FileSeen,
    Finding,
    FolderSeen,
    Level,
    MailboxSeen,
    RelaySeen,
    Surroundings,
    database_finding,
    diagnose,
    file_finding,
    mailbox_findings,
    relay_findings,
    template_findings,
)
from mailgateway.config import Config, FolderConfig, ImapAccess, MailboxConfig, SmtpAccess
from mailgateway.errors import PermanentError, TemporaryError

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
OK, WARNING, ERROR = Level.OK, Level.WARNING, Level.ERROR
BOX = MailboxConfig(
    name="support",
    address="help@example.test",
    folders=(FolderConfig(name="INBOX"),),
    imap=ImapAccess(host="mail.example.test", user="help"),
)
CONFIG = Config(mailbox=(BOX,), smtp=SmtpAccess(host="smtp.example.test", user="relay"))
SEEN = MailboxSeen(
    certificate_until=NOW + timedelta(days=80, hours=1),
    capabilities=frozenset({"IDLE", "MOVE", "UIDPLUS"}),
    folders=(FolderSeen("INBOX", exists=True),),
    destinations=(FolderSeen("Processed", exists=True), FolderSeen("Oversize", exists=False)),
    takes_keywords=True,
)
ASKED = RelaySeen(NOW + timedelta(days=80), "", (AddressSeen("help@example.test", "", ""),))


def of(findings: list[Finding], check: str) -> Finding:
    return next(finding for finding in findings if finding.check == check)


def test_a_healthy_mailbox_needs_nothing() -> None:
    findings = list(mailbox_findings(BOX, SEEN, NOW))

    assert findings == [
        Finding(
            "mailbox support: connection", OK, "mail.example.test:993 by tls; its certificate is good for 80 more days"
        ),
        Finding("mailbox support: login", OK, "as help"),
        Finding("mailbox support: folder INBOX", OK, "no mail waits"),
        Finding("mailbox support: folder Processed", OK, "is there"),
        Finding("mailbox support: folder Oversize", OK, "is not there yet; it is made when a mail goes there"),
        Finding("mailbox support: news", OK, "told at once (IDLE), and asked for every 60 s"),
        Finding("mailbox support: putting away", OK, "mails are moved (MOVE)"),
    ]


@pytest.mark.parametrize(
    ("until", "level"), [(timedelta(days=13, hours=23), WARNING), (timedelta(days=14), OK), (timedelta(0), WARNING)]
)
def test_a_certificate_that_ends_soon_is_a_warning(until: timedelta, level: Level) -> None:
    findings = list(mailbox_findings(BOX, replace(SEEN, certificate_until=NOW + until), NOW))

    assert findings[0].level is level


def test_no_tls_is_told() -> None:
    findings = list(mailbox_findings(BOX, replace(SEEN, certificate_until=None), NOW))

    assert findings[0] == Finding(
        "mailbox support: connection", OK, "mail.example.test:993 without TLS, on this machine"
    )


@pytest.mark.parametrize(
    ("waits", "quiet", "level"),
    [(timedelta(days=2), None, WARNING), (timedelta(days=2), NOW, OK), (timedelta(hours=20), None, OK)],
)
def test_old_mail_without_a_quiet_start_is_a_warning(waits: timedelta, quiet: datetime | None, level: Level) -> None:
    seen = replace(SEEN, folders=(FolderSeen("INBOX", exists=True, waiting=7, oldest=NOW - waits),))

    findings = list(mailbox_findings(BOX.model_copy(update={"quiet_before": quiet}), seen, NOW))

    found = of(findings, "mailbox support: folder INBOX")
    assert found.level is level
    assert found.text == f"7 mails wait, the oldest since {NOW - waits:%Y-%m-%d %H:%M} UTC"
    assert ("quiet_before = 2024-06-01T12:00:00Z" in found.advice) is (level is WARNING)


@pytest.mark.parametrize(("name", "level"), [("INBOX", ERROR), ("Junk", WARNING)])
def test_a_missing_first_folder_is_an_error_and_a_missing_other_one_a_warning(name: str, level: Level) -> None:
    findings = list(mailbox_findings(BOX, replace(SEEN, folders=(FolderSeen(name, exists=False),)), NOW))

    assert of(findings, f"mailbox support: folder {name}") == Finding(
        f"mailbox support: folder {name}", level, "there is no such folder", "make it, or correct the name in `folders`"
    )


@pytest.mark.parametrize(
    ("capabilities", "takes_keywords", "levels", "words"),
    [
        ({"UIDPLUS", "IDLE"}, True, (OK, OK), "copied"),
        ({"IDLE"}, True, (OK, WARNING), "$MailgatewayDone"),
        (set[str](), False, (WARNING, WARNING), "unmarked"),
    ],
)
def test_what_follows_from_missing_capabilities_is_told(
    capabilities: set[str], takes_keywords: bool, levels: tuple[Level, Level], words: str
) -> None:
    seen = replace(SEEN, capabilities=frozenset(capabilities), takes_keywords=takes_keywords)

    *_, news, way_out = mailbox_findings(BOX, seen, NOW)

    assert (news.level, way_out.level) == levels
    assert words in way_out.text


def test_idle_that_is_turned_off_is_told() -> None:
    box = BOX.model_copy(update={"imap": ImapAccess(host="mail.example.test", user="help", idle=False)})

    findings = list(mailbox_findings(box, SEEN, NOW))

    assert of(findings, "mailbox support: news").text == "asked for every 60 s, as configured (idle = false)"


def test_a_healthy_relay_needs_nothing() -> None:
    findings = list(relay_findings(CONFIG, ASKED, NOW))

    assert [finding.level for finding in findings] == [OK] * 4
    assert findings[1] == Finding("relay: login", OK, "as relay")
    assert findings[3] == Finding(
        "relay: address help@example.test", OK, "taken; plus addresses are taken, though not used"
        " (plus_addressing = false)",
    )  # fmt: skip


@pytest.mark.parametrize(("configured", "level"), [(True, ERROR), (False, OK)])
def test_a_refused_null_sender_is_an_error_where_it_is_used(configured: bool, level: Level) -> None:
    smtp = SmtpAccess(host="smtp.example.test", null_sender=configured)

    findings = list(
        relay_findings(Config(mailbox=(BOX,), smtp=smtp), replace(ASKED, null_sender_refused="550 no"), NOW)
    )

    found = of(findings, "relay: null sender")
    assert found.level is level
    assert ("null_sender = false" in found.advice) is configured
    assert of(findings, "relay: login").text == "not configured"


@pytest.mark.parametrize(
    ("plus", "refused", "plus_refused", "level"),
    [
        (True, "", "", OK),
        (True, "", "550 who", ERROR),
        (False, "", "550 who", OK),
        (True, "550 who", "550 who", WARNING),
    ],
)
def test_plus_addresses_must_be_taken_where_they_are_used(
    plus: bool, refused: str, plus_refused: str, level: Level
) -> None:
    box = BOX.model_copy(update={"plus_addressing": plus})
    seen = replace(ASKED, addresses=(AddressSeen("help@example.test", refused, plus_refused),))

    *_, found = relay_findings(Config(mailbox=(box,), smtp=CONFIG.smtp), seen, NOW)

    assert found.level is level


@pytest.mark.parametrize(
    ("seen", "level", "words"),
    [
        (DatabaseSeen("gateway.db", exists=False), OK, "not there yet"),
        (DatabaseSeen("gateway.db", exists=True, current="0003"), OK, "schema step 0003"),
        (DatabaseSeen("gateway.db", exists=True, current="0001", pending=2), WARNING, "steps to go: 2"),
        (DatabaseSeen("gateway.db", exists=True, pending=3), WARNING, "empty"),
        (DatabaseSeen("gateway.db", exists=True, current="0009", known=False), ERROR, "newer"),
    ],
)
def test_the_database_must_be_at_our_schema(seen: DatabaseSeen, level: Level, words: str) -> None:
    found = database_finding(seen)

    assert found.level is level
    assert words in found.text


@pytest.mark.parametrize(
    ("seen", "finding"),
    [
        (FileSeen("keyring", "k", exists=True), Finding("keyring", OK, "k")),
        (
            FileSeen("keyring", "k", exists=False),
            Finding("keyring", OK, "k is not there yet; the first start makes it"),
        ),
        (FileSeen("keyring", "k", exists=True, problem="mode 0644"), Finding("keyring", ERROR, "k: mode 0644")),
    ],
)
def test_our_files_must_be_usable(seen: FileSeen, finding: Finding) -> None:
    assert file_finding(seen) == finding


def test_each_broken_template_is_a_warning() -> None:
    assert [finding.level for finding in template_findings(("one", "two"))] == [WARNING, WARNING]
    assert list(template_findings(())) == [Finding("templates", OK, "all can be used")]


def fails(error: Exception) -> Callable[..., None]:
    def raising(*_: object) -> None:
        raise error

    return raising


def around(**changes: object) -> Surroundings:
    seen = Surroundings(
        config=CONFIG,
        now=NOW,
        password_for=lambda _: "secret",
        files=lambda: (FileSeen("keyring", "k", exists=True),),
        database=lambda: DatabaseSeen("gateway.db", exists=True, current="0003"),
        templates=tuple,
        rules=lambda: None,
        mailbox=lambda _, __: SEEN,
        relay=lambda _: ASKED,
    )
    return replace(seen, **changes)  # type: ignore[arg-type]  # whatever a test breaks


def test_all_is_checked_and_the_password_is_handed_on() -> None:
    given: list[str] = []

    def mailbox(_: MailboxConfig, password: str) -> MailboxSeen:
        given.append(password)
        return SEEN

    findings = list(diagnose(around(mailbox=mailbox)))

    assert given == ["secret"]
    assert {finding.level for finding in findings} == {OK}
    assert [finding.check for finding in findings[:4]] == ["configuration", "keyring", "database", "templates"]
    assert findings[-1].check == "relay: address help@example.test"


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        ("files", "files"),
        ("database", "database"),
        ("templates", "templates"),
        ("mailbox", "mailbox support: connection"),
        ("relay", "relay: connection"),
    ],
)
def test_a_check_that_fails_is_one_error_and_stops_no_other(broken: str, check: str) -> None:
    findings = list(diagnose(around(**{broken: fails(TemporaryError("gone\n  away"))})))

    assert [finding for finding in findings if finding.level is not OK] == [Finding(check, ERROR, "gone away")]
    other = "mailbox support: login" if broken == "relay" else "relay: login"
    assert other in {finding.check for finding in findings}


def test_a_password_that_cannot_be_read_is_told_and_the_server_not_tried() -> None:
    changes = {"password_for": fails(PermanentError("not set")), "mailbox": fails(AssertionError("tried"))}

    findings = list(diagnose(around(**changes)))

    assert [finding for finding in findings if finding.level is ERROR] == [
        Finding("mailbox support: password", ERROR, "not set"),
        Finding("relay: password", ERROR, "not set"),
    ]
