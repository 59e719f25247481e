"""A throw-away Dovecot: IMAP with STARTTLS, IMAPS, LMTP; any user exists and has the password `secret`."""

import os
import shutil
import signal
import smtplib
from pathlib import Path

import imapclient

from tests.servers.certificates import Certificates, certificates_in
from tests.servers.parts import (
    HOST,
    PATIENCE_S,
    eventually,
    fill_in,
    ports_of,
    run,
    wait_until_gone,
    wait_until_up,
)

PASSWORD = "secret"
LMTP_PROGRAM = Path("/usr/lib/dovecot/lmtp")


class Dovecot:
    """The server that lives in a folder; two objects on one folder are the same server."""

    def __init__(self, folder: Path, certificates: Certificates | None = None) -> None:
        ports = ports_of(folder, "imap", "imaps", "lmtp")
        self.folder = folder
        self.host = HOST
        self.password = PASSWORD
        self.certificates = certificates or certificates_in(folder / "certificates")
        self.imap_port, self.imaps_port, self.lmtp_port = ports["imap"], ports["imaps"], ports["lmtp"]
        self._log = folder / "dovecot.log"
        self._config = folder / "dovecot.conf"

    @staticmethod
    def missing() -> str:
        """Return one line that says how to get it to run; "" where it can."""
        if os.geteuid() != 0:
            return "Dovecot is started by root only; get it with: sudo make test"
        if shutil.which("dovecot") and shutil.which("doveadm") and LMTP_PROGRAM.exists():
            return ""
        return "no Dovecot here; get it with: apt-get install dovecot-imapd dovecot-lmtpd (or: make setup-servers)"

    def start(self) -> None:
        """Start it; return once it answers.

        Raises:
            ServerError: It does not come up; the text has the end of its log.
        """
        values = {
            "DIR": self.folder,
            "CERTIFICATE": self.certificates.certificate_file,
            "KEY": self.certificates.key_file,
            "IMAP_PORT": self.imap_port,
            "IMAPS_PORT": self.imaps_port,
            "LMTP_PORT": self.lmtp_port,
        }
        self._config.write_text(fill_in("dovecot.conf", values))
        mail = self.folder / "mail"
        mail.mkdir(exist_ok=True)
        shutil.chown(mail, "mail", "mail")
        run(["dovecot", "-c", str(self._config)], self._log)
        for port in (self.imap_port, self.lmtp_port):
            wait_until_up(port, self._log, "Dovecot")

    def stop(self) -> None:
        """Stop it and cut every connection; return once it is gone. Nothing happens where it does not run."""
        pid_file = self.folder / "run" / "master.pid"
        if pid_file.exists():
            os.kill(int(pid_file.read_text()), signal.SIGTERM)  # "doveadm stop" only looks again after seconds
            wait_until_gone(pid_file, self._log, "Dovecot")

    def imap(self, user: str) -> imapclient.IMAPClient:
        """Return a logged-in connection, a context manager that logs out."""
        connection = imapclient.IMAPClient(self.host, self.imap_port, ssl=False, timeout=PATIENCE_S)
        connection.login(user, self.password)
        return connection

    def deliver(self, user: str, raw: bytes, sender: str = "sender@example.test") -> None:
        """Put a mail into the user's INBOX, by LMTP."""
        with smtplib.LMTP(self.host, self.lmtp_port, timeout=PATIENCE_S) as lmtp:
            lmtp.sendmail(sender, [user], raw)

    def make_mailbox(self, user: str) -> None:
        """Make the user's INBOX, which else the first mail or the first login does."""
        with self.imap(user) as connection:
            connection.select_folder("INBOX")

    def plant(self, user: str, name: str, raw: bytes) -> None:
        """Put a mail into an INBOX that is there, as a file of that name: for bytes that no protocol carries."""
        folder = self.folder / "mail" / user
        written = folder / "tmp" / name
        written.write_bytes(raw)
        shutil.chown(written, "mail", "mail")
        written.rename(folder / "new" / name)

    def mails(self, user: str, folder: str = "INBOX") -> tuple[bytes, ...]:
        """Return every mail of a folder, oldest first, without touching flags; () where there is no such folder."""
        with self.imap(user) as connection:
            if not connection.folder_exists(folder):
                return ()
            connection.select_folder(folder, readonly=True)
            fetched = connection.fetch(connection.search("ALL"), ["BODY.PEEK[]"])
            return tuple(fetched[uid][b"BODY[]"] for uid in sorted(fetched))

    def wait_for_mails(
        self, user: str, count: int, folder: str = "INBOX", timeout_s: float = PATIENCE_S
    ) -> tuple[bytes, ...]:
        """Return the mails of a folder once there are at least so many.

        Raises:
            AssertionError: There are fewer in the end.
        """

        def enough() -> tuple[bytes, ...]:
            mails = self.mails(user, folder)
            return mails if len(mails) >= count else ()

        return eventually(enough, timeout_s, every_s=0.05)

    def cut(self, user: str) -> None:
        """Cut every IMAP connection of a user, as a dying server would."""
        self._doveadm("kick", user)

    def renumber(self, user: str, folder: str, uidvalidity: int) -> None:
        """Give a folder another UIDVALIDITY, as after a restored backup."""
        self._doveadm("mailbox", "update", "-u", user, "--uid-validity", str(uidvalidity), folder)

    def _doveadm(self, *arguments: str) -> None:
        run(["doveadm", "-c", str(self._config), *arguments], self._log)
