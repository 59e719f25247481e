"""A certificate authority for one test run, and the certificate of this machine's loopback names."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM: the authority clients trust, and what a server on localhost / 127.0.0.1 shows."""

    ca_file: Path
    certificate_file: Path
    key_file: Path


def certificates_in(folder: Path, *names: str) -> Certificates:
    """Return the certificates of a folder, made at the first call; for this machine unless other names are given."""
    files = Certificates(folder / "ca.pem", folder / "certificate.pem", folder / "key.pem")
    if not files.ca_file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        server = authority.issue_cert(*(names or ("localhost", "127.0.0.1")))
        server.private_key_pem.write_to_path(files.key_file)
        files.certificate_file.write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))
        authority.cert_pem.write_to_path(files.ca_file)
    return files
