"""A throw-away OpenDKIM, the milter that verifies for Postfix, and a signer for the mails it verifies (RFC 6376).

Its keys come from a file: nothing is asked of any DNS server.
"""

import base64
import hashlib
import os
import re
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.servers.parts import HOST, eventually, fill_in, ports_of, run, wait_until_gone

AUTHSERV_ID = "mx.example.test"
SELECTOR = "test"
SIGNED = ("from", "to", "subject", "date", "message-id")


class OpenDkim:
    """The milter that lives in a folder; two objects on one folder are the same milter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = HOST
        self.port = ports_of(folder, "milter")["milter"]
        self._pid_file = folder / "opendkim.pid"
        self._log = folder / "opendkim.log"

    @staticmethod
    def missing() -> str:
        """Return one line that says how to get it to run; "" where it can."""
        if os.geteuid() != 0:
            return "OpenDKIM is started by root only; get it with: sudo make test"
        if shutil.which("opendkim"):
            return ""
        return "no OpenDKIM here; get it with: apt-get install opendkim (or: make setup-servers)"

    def start(self) -> None:
        """Start it; return once it runs.

        Raises:
            ServerError: It does not come up.
        """
        values = {"DIR": self.folder, "PORT": self.port, "HOST": HOST, "AUTHSERV_ID": AUTHSERV_ID}
        (self.folder / "internal-hosts").write_text("192.0.2.1\n")
        (self.folder / "keys").touch()
        (self.folder / "opendkim.conf").write_text(fill_in("opendkim.conf", values))
        shutil.chown(self.folder, "opendkim")
        run(["opendkim", "-x", str(self.folder / "opendkim.conf")], self._log)
        eventually(lambda: self._pid_file.exists() and self._pid_file.read_text().strip())

    def stop(self) -> None:
        """Stop it; return once it is gone."""
        if not self._pid_file.exists():
            return
        os.kill(int(self._pid_file.read_text()), signal.SIGTERM)
        wait_until_gone(self._pid_file, self._log, "OpenDKIM")

    def publish(self, signer: "Signer") -> None:
        """Let it know the public key of a signer; OpenDKIM reads the file for each signature."""
        with (self.folder / "keys").open("a") as keys:
            keys.write(f"{SELECTOR}._domainkey.{signer.domain}\tv=DKIM1; k=rsa; p={signer.public}\n")


@dataclass(frozen=True, slots=True)
class Signer:
    """A domain that signs its mail."""

    domain: str
    key: rsa.RSAPrivateKey

    @classmethod
    def of(cls, domain: str) -> "Signer":
        """Return a signer with a new key."""
        return cls(domain, rsa.generate_private_key(public_exponent=65537, key_size=2048))

    @property
    def public(self) -> str:
        """The public key as it stands in the record."""
        der = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def signed(self, raw: bytes) -> bytes:
        """Return a mail (CRLF line ends, no folded fields) with a DKIM-Signature above it, relaxed and relaxed."""
        header, _, body = raw.partition(b"\r\n\r\n")
        fields = {line.split(b":")[0].decode().lower(): line.decode() for line in header.split(b"\r\n")}
        names = [name for name in SIGNED if name in fields]
        unsigned = (
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={SELECTOR}; "
            f"h={':'.join(names)}; bh={_digest(body)}; b="
        )
        lines = "\r\n".join([*(_relaxed(fields[name]) for name in names), _relaxed(unsigned)])
        signature = self.key.sign(lines.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{unsigned}{base64.b64encode(signature).decode()}\r\n".encode() + raw


def _relaxed(field: str) -> str:
    """Return a header field as it is signed (RFC 6376 section 3.4.2)."""
    name, _, value = field.partition(":")
    return f"{name.strip().lower()}:{' '.join(value.split())}"


def _digest(body: bytes) -> str:
    """Return the hash of a body as it is signed (RFC 6376 section 3.4.4)."""
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    relaxed = b"\r\n".join(lines).rstrip(b"\r\n")
    return base64.b64encode(hashlib.sha256(relaxed + b"\r\n" if relaxed else b"").digest()).decode()
