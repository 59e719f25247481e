"""A mailbox on a real Dovecot, and the desk its mails are taken to."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from mailgateway.adapters import imap
from mailgateway.adapters.imap import ImapServer
from mailgateway.app.intake import Intake, poll_folder
from mailgateway.app.ports import Lease
from mailgateway.config import FolderConfig, ImapAccess, LimitsConfig, MailboxConfig
from tests.app.parts import (
    MAILBOX,
    SUPPORT,
    Desk,
    config,
    real_now,
    small_limits,
    subjects,
)
from tests.servers import Dovecot

INBOX = FolderConfig(name="INBOX")
JUNK = FolderConfig(name="Junk", acknowledge=False)
ROW_BYTES = 64 * 1024
MAIL_BYTES = 256 * 1024


@dataclass(slots=True)
class Account:
    """A mailbox on Dovecot and the desk it is taken to."""

    desk: Desk
    dovecot: Dovecot
    user: str
    server: ImapServer
    mailbox: MailboxConfig
    limits: LimitsConfig

    @property
    def lease(self) -> Lease:
        return self.desk.lease()

    def deliver(self, *raws: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        with self.dovecot.imap(self.user) as connection:
            if folder != "INBOX" and not connection.folder_exists(folder):
                connection.create_folder(folder)
            for raw in raws:
                connection.append(folder, raw, msg_time=at)

    def lie_in(self, folder: str) -> list[str]:
        """Return the subjects of what is in a folder."""
        return subjects(self.dovecot.mails(self.user, folder))

    def poll(self, folder: FolderConfig = INBOX, **wrapped: object) -> int:
        intake = Intake(self.mailbox, self.limits, self.desk.store, self.desk.blobs, self.desk.clock)
        server = wrapped.pop("server", self.server)
        return poll_folder(replace(intake, **wrapped), server, self.lease, folder)  # type: ignore[arg-type]  # wrappers

    def take_and_process(self) -> None:
        self.poll()
        self.desk.written = config(mailbox=(self.mailbox,), limits=self.limits)
        self.desk.drain()


@contextmanager
def open_account(desk: Desk, dovecot: Dovecot, unique_user: str) -> Iterator[Account]:
    """Open an empty account of that user, with limits that small mails reach."""
    access = ImapAccess(host=dovecot.host, port=dovecot.imap_port, security="none", user=unique_user)
    mailbox = MailboxConfig(name=MAILBOX, address=SUPPORT, folders=(INBOX, JUNK), imap=access)
    limits = small_limits(row_bytes=ROW_BYTES, mail_bytes=MAIL_BYTES)
    desk.clock.at = real_now().replace(microsecond=0)  # as INTERNALDATE
    with closing(imap.connect(access, dovecot.password)) as server:
        yield Account(desk, dovecot, unique_user, server, mailbox, limits)
