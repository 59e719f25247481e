"""A connection to a relay that is ready for mail: TLS first, then the password."""

import ipaddress
import smtplib
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mailgateway.adapters.smtp.envelope import Reply
from mailgateway.config import SmtpAccess
from mailgateway.errors import MailgatewayError, PermanentError, TemporaryError, one_line

PROTOCOL_ERRORS = (smtplib.SMTPException, OSError, ValueError, AssertionError)
"""What smtplib, ssl and socket raise when a server is gone or sends nonsense."""
_LOGGED_IN = 235
_CHALLENGE = 334
_QUIT_S = 2.0


class LostError(Exception):
    """The connection ended, timed out or answered nonsense in the middle of a mail."""


class _Smtp(smtplib.SMTP):
    """smtplib on a socket with TLS from the first byte where wanted."""

    def __init__(self, access: SmtpAccess, context: ssl.SSLContext | None, host_name: str) -> None:
        self._context = context
        super().__init__(access.host, access.port, local_hostname=host_name, timeout=access.timeout_s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context is None:
            return plain
        return self._context.wrap_socket(plain, server_hostname=host)


class Connection:
    """Commands and replies, as octets, on a connection that is logged in. See `open_connection`."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        self.features = {name.lower(): words for name, words in smtp.esmtp_features.items()}
        self.mails = 0
        self.used_at = time.monotonic()

    @property
    def socket(self) -> socket.socket:
        """The socket below.

        Raises:
            LostError: It is closed.
        """
        if self._smtp.sock is None:
            raise LostError("the connection is closed")
        return self._smtp.sock

    def write(self, commands: bytes) -> None:
        """Send octets as they are.

        Raises:
            LostError: They could not be sent; a reply may wait all the same.
        """
        try:
            self.socket.sendall(commands)
        except OSError as error:
            raise LostError(one_line(error)) from error

    def reply(self) -> Reply:
        """Return the next reply.

        Raises:
            LostError: There is none, or it is none of SMTP.
        """
        try:
            reply = _reply(self._smtp.getreply())
        except PROTOCOL_ERRORS as error:
            raise LostError(one_line(error)) from error
        if not 200 <= reply.code < 600:  # noqa: PLR2004  # RFC 5321 section 4.2.1
            raise LostError(f"the server answered nonsense: {reply.code} {reply.text}")
        return reply

    def command(self, line: bytes) -> Reply:
        """Send one command and return its reply.

        Raises:
            LostError: The connection ended.
        """
        self.write(line + b"\r\n")
        return self.reply()

    @contextmanager
    def patience(self, at_least_s: float) -> Iterator[None]:
        """Wait longer for what is answered inside.

        Raises:
            LostError: The connection ended.
        """
        usual = self.socket.gettimeout()
        self.socket.settimeout(max(at_least_s, usual or 0))
        try:
            yield
        finally:
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(usual)

    def close(self, *, politely: bool = True) -> None:
        """Say QUIT where wanted and possible; never raises."""
        if politely:
            with suppress(LostError, *PROTOCOL_ERRORS):
                self.socket.settimeout(_QUIT_S)
                self.command(b"QUIT")
        self._smtp.close()


def open_connection(access: SmtpAccess, password: str, host_name: str = "") -> Connection:
    """Return a connection that is ready for mail.

    Args:
        access: Where and how.
        password: For `access.user`; not used where that is empty.
        host_name: What we call ourselves in EHLO; this machine's name where empty.

    Raises:
        TemporaryError: Not now.
        PermanentError: A person must change something: certificate, STARTTLS, user or password.
    """
    with errors_of(access):
        context = _tls_context(access)
        smtp = _Smtp(access, context if access.security == "tls" else None, host_name or _own_name())
        try:
            _greet(smtp)
            if access.security == "starttls":
                _secure(smtp, context)
            if access.user:
                _log_in(smtp, access, password)
        except BaseException:
            smtp.close()
            raise
        return Connection(smtp)


@contextmanager
def errors_of(access: SmtpAccess) -> Iterator[None]:
    """Turn whatever a server or a network can do into one error with one line that names the server."""
    where = f"SMTP {access.host}:{access.port}"
    try:
        yield
    except MailgatewayError as error:
        raise type(error)(f"{where}: {error}") from error
    except ssl.SSLCertVerificationError as error:
        text = f"{where}: its certificate is not accepted ({error.verify_message}); check host and ca_file"
        raise PermanentError(text) from error
    except smtplib.SMTPResponseException as error:
        reply = _reply((error.smtp_code, error.smtp_error))
        raise TemporaryError(f"{where}: it does not serve us now ({reply.code} {reply.text})") from error
    except (LostError, *PROTOCOL_ERRORS) as error:
        raise TemporaryError(f"{where}: {one_line(error)}") from error


def _reply(answer: tuple[int, bytes | str]) -> Reply:
    code, words = answer
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    visible = "".join(letter if letter.isprintable() else " " for letter in text)
    return Reply(code, " ".join(visible.split())[:500])


def _own_name() -> str:
    # RFC 5321 section 4.1.4: a name with a dot, else an address literal. No look-up: it may take many seconds.
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _tls_context(access: SmtpAccess) -> ssl.SSLContext | None:
    if access.security == "none":
        return None
    try:
        return ssl.create_default_context(cafile=access.ca_file or None)
    except OSError as error:
        raise PermanentError(f"ca_file {access.ca_file} cannot be used: {one_line(error)}") from error


def _greet(smtp: smtplib.SMTP) -> None:
    reply = _reply(smtp.ehlo())
    if not reply.is_good:
        reply = _reply(smtp.helo())  # RFC 5321 section 3.2: servers that do not know EHLO
    if not reply.is_good:
        raise TemporaryError(f"it does not greet us ({reply.code} {reply.text})")


def _secure(smtp: smtplib.SMTP, context: ssl.SSLContext | None) -> None:
    if not smtp.has_extn("starttls"):
        raise PermanentError('it does not offer STARTTLS, so nothing was sent; try security = "tls"')
    smtp.starttls(context=context)
    _greet(smtp)  # RFC 3207 section 4.2: what was offered in clear text is forgotten


def _log_in(smtp: smtplib.SMTP, access: SmtpAccess, password: str) -> None:
    if access.security == "none":
        _only_on_this_machine(smtp)
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        reply = _say(smtp, "AUTH PLAIN " + _encoded(f"\0{access.user}\0{password}"))
    elif "LOGIN" in offered:
        reply = _say(smtp, "AUTH LOGIN", _encoded(access.user), _encoded(password))
    else:
        raise PermanentError("it offers no login with a password here (AUTH PLAIN or LOGIN)")
    if reply.code == _LOGGED_IN:
        return
    refused = f"the login of {access.user!r} is refused ({reply.code} {reply.text})"
    if reply.code // 100 == 4:  # noqa: PLR2004  # RFC 4954 section 6: 454 is a passing failure
        raise TemporaryError(refused)
    raise PermanentError(f"{refused}; check user and password")


def _say(smtp: smtplib.SMTP, first: str, *answers: str) -> Reply:
    reply = _reply(smtp.docmd(first))
    for answer in answers:
        if reply.code != _CHALLENGE:
            break
        reply = _reply(smtp.docmd(answer))
    return reply


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _only_on_this_machine(smtp: smtplib.SMTP) -> None:
    peer = smtp.sock.getpeername()[0] if smtp.sock else ""
    if not ipaddress.ip_address(peer.partition("%")[0]).is_loopback:
        raise PermanentError('a password goes to another machine under TLS only: security = "none" was refused')
