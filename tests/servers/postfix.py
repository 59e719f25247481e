"""A throw-away Postfix: takes mail for every domain and hands it to a Dovecot's LMTP; STARTTLS is offered.

Mail that comes in at `verifying_port` goes by a milter first, such as OpenDKIM. Mail for refused.test is taken and
comes back as a delivery report: nobody there is known.
"""

import os
import shutil
import smtplib
from collections.abc import Sequence
from pathlib import Path

from tests.servers.certificates import Certificates, certificates_in
from tests.servers.parts import HOST, PATIENCE_S, fill_in, ports_of, run, wait_until_up


class Postfix:
    """The server that lives in a folder; two objects on one folder are the same server."""

    def __init__(
        self, folder: Path, lmtp_port: int, certificates: Certificates | None = None, milter_port: int = 0
    ) -> None:
        self.folder = folder
        self.host = HOST
        ports = ports_of(folder, "smtp", "refusing", "verifying")
        self.port, self._refusing_port = ports["smtp"], ports["refusing"]
        self.certificates = certificates or certificates_in(folder / "certificates")
        self.verifying_port = ports["verifying"]
        self._lmtp_port, self._milter_port = lmtp_port, milter_port
        self._log = folder / "mail.log"

    @staticmethod
    def missing() -> str:
        """Return one line that says how to get it to run; "" where it can."""
        if os.geteuid() != 0:
            return "Postfix is started by root only; get it with: sudo make test"
        if shutil.which("postfix"):
            return ""
        return "no Postfix here; get it with: apt-get install postfix (or: make setup-servers)"

    def start(self) -> None:
        """Start it; return once it answers.

        Raises:
            ServerError: It does not come up; the text has the end of its log.
        """
        values = {
            "DIR": self.folder,
            "PREFIX": self.folder,
            "CERTIFICATE": self.certificates.certificate_file,
            "KEY": self.certificates.key_file,
            "LMTP_PORT": self._lmtp_port,
            "SMTP_PORT": self.port,
            "REFUSING_PORT": self._refusing_port,
            "VERIFYING_PORT": self.verifying_port,
            "MILTER_PORT": self._milter_port,
        }
        (self.folder / "main.cf").write_text(fill_in("postfix-main.cf", values))
        (self.folder / "master.cf").write_text(fill_in("postfix-master.cf", values))
        (self.folder / "queue").mkdir(exist_ok=True)
        (self.folder / "data").mkdir(exist_ok=True)
        shutil.chown(self.folder / "data", "postfix")
        run(["postfix", "-c", str(self.folder), "start"], self._log)
        wait_until_up(self.port, self._log, "Postfix")

    def stop(self) -> None:
        """Stop it; return once it is gone (Postfix itself waits for that)."""
        run(["postfix", "-c", str(self.folder), "stop"], self._log)

    def send(self, sender: str, recipients: Sequence[str], raw: bytes, *, verify: bool = False) -> None:
        """Hand a mail to it by SMTP in the clear, as a customer's own server would; by the milter if `verify`."""
        with smtplib.SMTP(self.host, self.verifying_port if verify else self.port, timeout=PATIENCE_S) as smtp:
            smtp.sendmail(sender, list(recipients), raw)
