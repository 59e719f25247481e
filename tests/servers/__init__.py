"""Real servers for tests and benchmarks: throw-away instances on the loopback address, on free ports."""

from tests.servers.certificates import Certificates, certificates_in
from tests.servers.dovecot import Dovecot
from tests.servers.opendkim import AUTHSERV_ID, OpenDkim, Signer
from tests.servers.parts import PATIENCE_S, PROGRAM_S, ServerError, eventually, free_port
from tests.servers.postfix import Postfix
from tests.servers.postgres import Postgres
from tests.servers.sink import HANG_UP, SmtpSink, SunkMail

__all__ = [
    "AUTHSERV_ID",
    "HANG_UP",
    "PATIENCE_S",
    "PROGRAM_S",
    "Certificates",
    "Dovecot",
    "OpenDkim",
    "Postfix",
    "Postgres",
    "ServerError",
    "Signer",
    "SmtpSink",
    "SunkMail",
    "certificates_in",
    "eventually",
    "free_port",
]
