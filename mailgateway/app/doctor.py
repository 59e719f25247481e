"""What `mailgateway doctor` says: from what was seen of files, servers and database to findings with advice.

Nothing here changes anything. What looks at the outside world is handed in (`Surroundings`); what it saw becomes
findings in pure functions.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from mailgateway.config import Config, ImapAccess, MailboxConfig, ServerAccess, SmtpAccess
from mailgateway.diagnostics import DiagnosedError
from mailgateway.errors import MailgatewayError

RENEW_WITHIN = timedelta(days=14)
"""A certificate that ends sooner is worth a warning."""
OLD_AFTER = timedelta(days=1)
"""Mails that wait for longer were hardly meant to be answered by a machine now."""


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check, for a person.

    Attributes:
        check: What was looked at, such as `mailbox support: INBOX`.
        level: How it ended.
        text: What was found, on one line.
        advice: What to do; "" where nothing is to be done.
    """

    check: str
    level: Level
    text: str
    advice: str = ""


# --- what is seen ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FolderSeen:
    """A folder on the mail server.

    Attributes:
        name: As the configuration has it.
        exists: Whether it is there.
        waiting: How many mails are in it that we are not through with.
        oldest: When the oldest of them arrived, aware, UTC; None where there is none.
    """

    name: str
    exists: bool
    waiting: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class MailboxSeen:
    """An account on its server, once logged in.

    Attributes:
        certificate_until: The end of the server's certificate, None without TLS.
        capabilities: In upper case, as of after the login.
        folders: Those to poll, in the configuration's order.
        destinations: Those mails are put into.
        takes_keywords: Whether the first folder takes `$MailgatewayDone`; True where it does not matter.
    """

    certificate_until: datetime | None
    capabilities: frozenset[str]
    folders: tuple[FolderSeen, ...]
    destinations: tuple[FolderSeen, ...]
    takes_keywords: bool


@dataclass(frozen=True, slots=True)
class AddressSeen:
    """What a relay says of a support address as a recipient.

    Attributes:
        address: The address.
        refused: Its words where it refuses it, "" where it takes it.
        plus_refused: The same for `local+probe@domain`.
    """

    address: str
    refused: str
    plus_refused: str


@dataclass(frozen=True, slots=True)
class RelaySeen:
    """A relay, once logged in; nothing was sent.

    Attributes:
        certificate_until: The end of the server's certificate, None without TLS.
        null_sender_refused: Its words where it refuses MAIL FROM:<>, "" where it takes it.
        addresses: The support addresses, in the configuration's order.
    """

    certificate_until: datetime | None
    null_sender_refused: str
    addresses: tuple[AddressSeen, ...]


@dataclass(frozen=True, slots=True)
class DatabaseSeen:
    """The database.

    Attributes:
        where: Its place, without a password.
        exists: False for a file that is not there yet.
        current: The schema step it is at, "" for an empty one.
        pending: How many steps are missing.
        known: False where a newer program was here.
    """

    where: str
    exists: bool
    current: str = ""
    pending: int = 0
    known: bool = True


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file or folder of ours.

    Attributes:
        what: What it is, such as `state folder`.
        path: Where.
        exists: Whether it is there.
        problem: Why it cannot be used, "" where it can or could be made.
    """

    what: str
    path: str
    exists: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RulesSeen:
    """The rule files.

    Attributes:
        where: Their place.
        revision: What this state of them is called, "" where they cannot be read.
        rules: How many rules they have.
        problem: Why they cannot be used, in one line; "" where they can.
        in_force: The revision in force when a daemon last said so, "" where none did.
    """

    where: str
    revision: str
    rules: int = 0
    problem: str = ""
    in_force: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything that is looked at. A function that cannot tell raises a MailgatewayError.

    Attributes:
        config: As loaded.
        now: Aware, UTC.
        password_for: Reads a password.
        files: What we keep: the state folder, the blob folder, the keyring.
        database: Where the database stands.
        templates: What is wrong with each template that is not used.
        rules: What the rule files say; None where none are configured.
        mailbox: Logs in to a mailbox with a password, and looks.
        relay: Logs in to the relay with a password, and asks about the support addresses.
    """

    config: Config
    now: datetime
    password_for: Callable[[ServerAccess], str]
    files: Callable[[], tuple[FileSeen, ...]]
    database: Callable[[], DatabaseSeen]
    templates: Callable[[], tuple[str, ...]]
    rules: Callable[[], RulesSeen | None]
    mailbox: Callable[[MailboxConfig, str], MailboxSeen]
    relay: Callable[[str], RelaySeen]


# --- the checks --------------------------------------------------------------------------------------------


def diagnose(around: Surroundings) -> Iterator[Finding]:
    """Yield a finding for each check, as they are made; a check that fails stops no other."""
    config = around.config
    yield Finding("configuration", Level.OK, f"mailboxes: {len(config.mailbox)}, agents: {len(config.agent)}")
    yield from _checked("files", lambda: (file_finding(seen) for seen in around.files()))
    yield from _checked("database", lambda: (database_finding(around.database()),))
    yield from _checked("templates", lambda: template_findings(around.templates()))
    yield from _checked("rules", lambda: (rules_finding(around.rules()),))
    for mailbox in config.mailbox:
        yield from _server(f"mailbox {mailbox.name}", mailbox.imap, around, partial(_mailbox, around, mailbox))
    yield from _server("relay", config.smtp, around, partial(_relay, around))


def _mailbox(around: Surroundings, mailbox: MailboxConfig, password: str) -> Iterator[Finding]:
    return mailbox_findings(mailbox, around.mailbox(mailbox, password), around.now)


def _relay(around: Surroundings, password: str) -> Iterator[Finding]:
    return relay_findings(around.config, around.relay(password), around.now)


def _checked(check: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except MailgatewayError as error:
        yield Finding(check, Level.ERROR, _one_line(error))


def _server(
    name: str, access: ServerAccess, around: Surroundings, look: Callable[[str], Iterable[Finding]]
) -> Iterator[Finding]:
    """Yield what is found at a server; one whose password cannot be read is not tried."""
    try:
        password = around.password_for(access)
    except MailgatewayError as error:
        yield Finding(f"{name}: password", Level.ERROR, _one_line(error))
        return
    yield from _checked(f"{name}: connection", lambda: look(password))


def _one_line(error: MailgatewayError) -> str:
    if isinstance(error, DiagnosedError):
        return "; ".join(f"{fault.position}: {fault.message}: {fault.label}" for fault in error.diagnostics)
    return " ".join(str(error).split())


def file_finding(seen: FileSeen) -> Finding:
    """Return what is to be said of a file or folder."""
    if seen.problem:
        return Finding(seen.what, Level.ERROR, f"{seen.path}: {seen.problem}")
    if not seen.exists:
        return Finding(seen.what, Level.OK, f"{seen.path} is not there yet; the first start makes it")
    return Finding(seen.what, Level.OK, seen.path)


def database_finding(seen: DatabaseSeen) -> Finding:
    """Return what is to be said of the database."""
    if not seen.exists:
        return Finding("database", Level.OK, f"{seen.where} is not there yet; the first start makes it")
    if not seen.known:
        text = f"{seen.where} is at schema step {seen.current}, which a newer mailgateway made"
        return Finding("database", Level.ERROR, text, "install that one, or restore a backup made before")
    if seen.pending:
        step = f"at schema step {seen.current}" if seen.current else "empty"
        text = f"{seen.where} is {step}; steps to go: {seen.pending}"
        return Finding("database", Level.WARNING, text, "run `mailgateway db upgrade`, or let the next start do it")
    return Finding("database", Level.OK, f"{seen.where} is at schema step {seen.current}")


def template_findings(problems: Iterable[str]) -> Iterator[Finding]:
    """Yield a warning for each template that cannot be used; the shipped one is used in its place."""
    broken = False
    for problem in problems:
        broken = True
        yield Finding("templates", Level.WARNING, problem, "the shipped one is used; correct the site's")
    if not broken:
        yield Finding("templates", Level.OK, "all can be used")


def rules_finding(seen: RulesSeen | None) -> Finding:
    """Return what is to be said of the rule files; broken ones never stop mail, so they are no more than a warning."""
    if seen is None:
        return Finding("rules", Level.OK, "the shipped ones; [rules] names no folder")
    if seen.problem:
        last = f"; {seen.in_force} was in force last" if seen.in_force else ""
        advice = "see `mailgateway rules check`; mail goes on with the last good rules"
        return Finding("rules", Level.WARNING, f"{seen.where} cannot be used: {seen.problem}{last}", advice)
    text = f"{seen.where}: revision {seen.revision} can be used, {seen.rules} rules"
    if seen.in_force and seen.in_force != seen.revision:
        advice = "see `mailgateway rules status`"
        return Finding("rules", Level.WARNING, f"{text}, but {seen.in_force} was in force last", advice)
    return Finding("rules", Level.OK, text)


def mailbox_findings(mailbox: MailboxConfig, seen: MailboxSeen, now: datetime) -> Iterator[Finding]:
    """Yield what is to be said of an account that could be logged in to."""
    name = f"mailbox {mailbox.name}"
    yield certificate_finding(f"{name}: connection", mailbox.imap, seen.certificate_until, now)
    yield Finding(f"{name}: login", Level.OK, f"as {mailbox.imap.user}")
    for folder in seen.folders:
        yield _polled(f"{name}: folder {folder.name}", mailbox, folder, now)
    for folder in seen.destinations:
        there = "is there" if folder.exists else "is not there yet; it is made when a mail goes there"
        yield Finding(f"{name}: folder {folder.name}", Level.OK, there)
    yield _news(name, mailbox, seen)
    yield _way_out(name, seen)


def certificate_finding(check: str, access: ImapAccess | SmtpAccess, until: datetime | None, now: datetime) -> Finding:
    """Return what is to be said of a connection that was made."""
    where = f"{access.host}:{access.port}"
    if until is None:
        return Finding(check, Level.OK, f"{where} without TLS, on this machine")
    days = (until - now).days
    text = f"{where} by {access.security}; its certificate is good for {days} more days"
    if until - now < RENEW_WITHIN:
        return Finding(check, Level.WARNING, text, "have the certificate renewed")
    return Finding(check, Level.OK, text)


def _polled(check: str, mailbox: MailboxConfig, seen: FolderSeen, now: datetime) -> Finding:
    if not seen.exists:
        # As in the daemon: without its first folder a mailbox fails, another one is polled once it is there.
        level = Level.ERROR if seen.name == mailbox.folders[0].name else Level.WARNING
        return Finding(check, level, "there is no such folder", "make it, or correct the name in `folders`")
    if seen.oldest is None:
        return Finding(check, Level.OK, "no mail waits")
    text = f"{seen.waiting} mails wait, the oldest since {seen.oldest:%Y-%m-%d %H:%M} UTC"
    if now - seen.oldest > OLD_AFTER and mailbox.quiet_before is None:
        advice = f"set quiet_before = {now:%Y-%m-%dT%H:%M:%SZ} and what came before becomes tickets without any answer"
        return Finding(check, Level.WARNING, text, advice)
    return Finding(check, Level.OK, text)


def _news(name: str, mailbox: MailboxConfig, seen: MailboxSeen) -> Finding:
    check, every = f"{name}: news", f"every {mailbox.imap.poll_every_s:g} s"
    if not mailbox.imap.idle:
        return Finding(check, Level.OK, f"asked for {every}, as configured (idle = false)")
    if "IDLE" in seen.capabilities:
        return Finding(check, Level.OK, f"told at once (IDLE), and asked for {every}")
    return Finding(check, Level.WARNING, f"the server has no IDLE: asked for {every}", "lower poll_every_s if you like")


def _way_out(name: str, seen: MailboxSeen) -> Finding:
    check = f"{name}: putting away"
    if "MOVE" in seen.capabilities:
        return Finding(check, Level.OK, "mails are moved (MOVE)")
    if "UIDPLUS" in seen.capabilities:
        return Finding(check, Level.OK, "mails are copied, then expunged one by one (UIDPLUS)")
    text = "the server has neither MOVE nor UIDPLUS: mails stay in their folder"
    if seen.takes_keywords:
        return Finding(check, Level.WARNING, f"{text} and get the keyword $MailgatewayDone", "clear the folder by hand")
    return Finding(check, Level.WARNING, f"{text}, unmarked, since it takes no keywords", "clear the folder by hand")


def relay_findings(config: Config, seen: RelaySeen, now: datetime) -> Iterator[Finding]:
    """Yield what is to be said of a relay that could be logged in to."""
    yield certificate_finding("relay: connection", config.smtp, seen.certificate_until, now)
    login = f"as {config.smtp.user}" if config.smtp.user else "not configured"
    yield Finding("relay: login", Level.OK, login)
    yield _null_sender(config.smtp, seen.null_sender_refused)
    for mailbox, address in zip(config.mailbox, seen.addresses, strict=True):
        yield _address(mailbox, address)


def _null_sender(smtp: SmtpAccess, refused: str) -> Finding:
    check = "relay: null sender"
    if not refused:
        return Finding(check, Level.OK, "taken (MAIL FROM:<>)")
    if smtp.null_sender:
        return Finding(check, Level.ERROR, f"refused ({refused})", "set null_sender = false in [smtp]")
    return Finding(check, Level.OK, "refused, and not used (null_sender = false)")


def _address(mailbox: MailboxConfig, seen: AddressSeen) -> Finding:
    check = f"relay: address {seen.address}"
    if seen.refused:
        return Finding(check, Level.WARNING, f"refused as a recipient ({seen.refused})", "check the mailbox's address")
    if not mailbox.plus_addressing:
        taken = "not taken" if seen.plus_refused else "taken, though not used (plus_addressing = false)"
        return Finding(check, Level.OK, f"taken; plus addresses are {taken}")
    if seen.plus_refused:
        text = f"plus addresses are refused ({seen.plus_refused}), so answers to ours would not arrive"
        return Finding(check, Level.ERROR, text, "set plus_addressing = false, or have them allowed")
    return Finding(check, Level.OK, "taken, plus addresses too; that they are delivered shows with the first reply")
