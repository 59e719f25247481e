"""A logged-in IMAP connection: TLS first, then the password, then the capabilities."""

import ipaddress
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError, LoginError

from mailgateway.adapters.imap.wire import Wire
from mailgateway.config import ImapAccess
from mailgateway.errors import PermanentError, TemporaryError, one_line

# What imapclient, imaplib, ssl and socket raise when a server is gone or sends nonsense: beside their own errors the
# parsers fail in the ways of parsers (a number that is none, a tuple too short, an assertion, deep nesting).
PROTOCOL_ERRORS = (
    IMAPClientError,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)
# RFC 5530 section 3: a refused login that passes by itself.
_PASSING = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN|OVERQUOTA)\b", re.IGNORECASE)
_ATOM = re.compile(r"[^\x00-\x20\x7f-\U0010ffff(){%*\"\\\]]+")


class Session(IMAPClient):  # type: ignore[misc]  # published without types
    """imapclient on our wire.

    Args:
        access: Where; the password is not needed yet.
        context: How certificates are checked, None for no TLS at all.
    """

    def __init__(self, access: ImapAccess, context: ssl.SSLContext | None) -> None:
        self._access = access
        at_once = access.security == "tls"
        super().__init__(access.host, access.port, ssl=at_once, ssl_context=context, timeout=access.timeout_s)
        self.normalise_times = False  # INTERNALDATE with its own offset
        self._imap.debug = 0  # imapclient puts every line into the log otherwise, mails included

    def taken_copyuid(self) -> list[bytes]:
        """Return the COPYUID answers since the last call."""
        return list(self._imap.untagged_responses.pop("COPYUID", ()))

    def _create_IMAP4(self) -> Wire:  # noqa: N802  # imapclient's name
        at_once = self.ssl_context if self.ssl else None
        return Wire(self._access.host, self._access.port, self._access.timeout_s, at_once)

    @property
    def wire(self) -> Wire:
        """The connection below."""
        return self._imap  # type: ignore[no-any-return]  # made by _create_IMAP4

    @property
    def offers(self) -> frozenset[str]:
        """What the server said it can do, in upper case, as of the last time it was asked."""
        return frozenset(self.wire.capabilities)

    def secure(self, context: ssl.SSLContext) -> None:
        """Go over to TLS (RFC 3501 section 6.2.1); whatever the server said before is forgotten.

        Raises:
            PermanentError: The server does not offer STARTTLS.
        """
        if "STARTTLS" not in self.offers or self.wire.state != "NONAUTH":
            raise PermanentError('it does not offer STARTTLS, so no password was sent; try security = "tls"')
        self.starttls(context)
        self.wire.untagged_responses.clear()

    def log_in(self, user: str, password: str) -> None:
        """Log in and learn what the server can do for this user.

        AUTHENTICATE PLAIN where offered, since it takes any character; else LOGIN.

        Raises:
            TemporaryError: The server cannot say now.
            PermanentError: The login is refused.
        """
        if self.wire.state == "NONAUTH":
            self._authenticate(user, password)
        _, lines = self.wire.capability()
        self._cached_capabilities = tuple(lines[-1].upper().split())
        self.wire.capabilities = tuple(word.decode("ascii") for word in self._cached_capabilities)

    def _authenticate(self, user: str, password: str) -> None:
        try:
            if "AUTH=PLAIN" in self.offers:
                self.plain_login(user, password)
            else:
                self._plain_command(user, password)
        except LoginError as error:
            refused = f"the login of {user!r} is refused ({one_line(error)})"
            # imapclient makes a LoginError of a lost connection, too
            if isinstance(error.__context__, IMAPClientAbortError) or _PASSING.search(str(error)):
                raise TemporaryError(refused) from error
            raise PermanentError(f"{refused}; check user and password") from error

    def _plain_command(self, user: str, password: str) -> None:
        if "LOGINDISABLED" in self.offers:
            raise PermanentError("it allows no login with a password here")
        if not _ATOM.fullmatch(user) or not password.isascii() or not password.isprintable():
            raise PermanentError("it has no AUTH=PLAIN, and LOGIN cannot carry this user name or password")
        self.login(user, password)


def tls_context(access: ImapAccess) -> ssl.SSLContext | None:
    """Return how certificates are checked: host name always, the system's authorities or those of `ca_file`.

    Returns:
        None where the access is without TLS.

    Raises:
        PermanentError: `ca_file` cannot be read.
    """
    if access.security == "none":
        return None
    try:
        return ssl.create_default_context(cafile=access.ca_file or None)
    except OSError as error:
        raise PermanentError(f"ca_file {access.ca_file} cannot be used: {one_line(error)}") from error


@contextmanager
def errors_of(access: ImapAccess) -> Iterator[None]:
    """Turn whatever a server or a network can do into one error with one line that names the server."""
    where = f"IMAP {access.host}:{access.port}"
    try:
        yield
    except (TemporaryError, PermanentError) as error:
        raise type(error)(f"{where}: {error}") from error
    except ssl.SSLCertVerificationError as error:
        text = f"{where}: its certificate is not accepted ({error.verify_message}); check host and ca_file"
        raise PermanentError(text) from error
    except IMAPClientReadOnlyError as error:
        raise PermanentError(f"{where}: the folder is read-only for this user; mails could not be moved") from error
    except PROTOCOL_ERRORS as error:
        raise TemporaryError(f"{where}: {one_line(error)}") from error


def open_session(access: ImapAccess, password: str) -> Session:
    """Return a session that is logged in.

    Raises:
        TemporaryError: Not now.
        PermanentError: A person must change something: certificate, STARTTLS, user or password. A daemon backs
            off from this too; the class is for `doctor` and the log.
    """
    with errors_of(access):
        context = tls_context(access)
        session = Session(access, context)
        try:
            if access.security == "starttls" and context is not None:
                session.secure(context)
            elif context is None:
                _only_on_this_machine(session)
            session.log_in(access.user, password)
        except BaseException:
            drop(session)
            raise
        return session


def _only_on_this_machine(session: Session) -> None:
    peer = session.wire.sock.getpeername()[0]
    if not ipaddress.ip_address(peer.partition("%")[0]).is_loopback:
        raise PermanentError('security = "none" is for a server on this machine; no password was sent')


def drop(session: Session) -> None:
    """Close the connection without a word; never raises."""
    with suppress(*PROTOCOL_ERRORS):
        session.shutdown()
