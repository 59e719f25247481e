"""An SMTP server in a thread that keeps every mail it takes, and answers as a test tells it to."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import Certificates
from tests.servers.parts import HOST, PATIENCE_S, START_TIMEOUT_S, ServerError, free_port

MAIL_BYTES = 128 * 1024 * 1024
HANG_UP = ""

Command = Literal["MAIL", "RCPT", "DATA"]
Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class SunkMail:
    """A mail as it was taken: what the envelope said, the octets after DATA, and how the client came."""

    sender: str
    """The address of MAIL FROM; "" for the null sender."""
    recipients: tuple[str, ...]
    """The addresses of RCPT TO that were taken."""
    raw: bytes
    tls: bool = False
    login: str = ""
    """The name the client logged in with; "" for none."""


@dataclass(slots=True)
class Order:
    """What to answer to a command, and how many times more; None for always."""

    reply: str
    times: int | None


class _Connection(SMTP):
    """One connection that can be cut."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._lost = asyncio.Event()
        self._socket: socket.socket = transport.get_extra_info("socket")
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._lost.set()

    async def cut(self) -> None:
        """Cut it and wait for its end; nothing happens where it has ended or not yet begun."""
        if self.transport is None:
            return
        # By the socket: a transport whose TLS is half closed can be neither aborted nor asked in Python 3.11.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        await self._lost.wait()


class SmtpSink:
    """The server; its port is its own for life, also while it is stopped.

    Args:
        certificates: What it shows in TLS; needed for every security but `none`.
        security: `starttls` offers it, `tls` speaks TLS from the first byte.
        login: Name and password; where given, no mail is taken without AUTH.
    """

    def __init__(
        self,
        certificates: Certificates | None = None,
        security: Security = "none",
        login: tuple[str, str] | None = None,
    ) -> None:
        self.host = HOST
        self.port = free_port()
        self._security = security
        self._login = login
        self._tls = _tls_context(certificates) if certificates and security != "none" else None
        self._orders: dict[tuple[Command, str], Order] = {}
        self._mails: list[SunkMail] = []
        self._changed = threading.Condition()
        self._listener: _Listener | None = None

    def start(self) -> None:
        """Take connections.

        Raises:
            ServerError: The port cannot be had.
        """
        self._listener = _Listener(self)

    def stop(self) -> None:
        """Cut every connection and refuse new ones; what was taken is kept. Nothing happens where it does not run."""
        if self._listener:
            self._listener.end()
            self._listener = None

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections for a while."""
        self.stop()
        yield
        self.start()

    def answer(self, command: Command, reply: str, about: str = "", times: int | None = None) -> None:
        """Answer a command with a reply of its own instead of taking the mail.

        Args:
            command: MAIL, RCPT, or DATA (the reply then comes after the last octet).
            reply: Such as `451 4.3.0 later`. HANG_UP cuts the connection instead of a reply; after DATA the mail
                is kept all the same, so that the client cannot know that it arrived.
            about: The sender for MAIL ("" is the null sender), the recipient for RCPT; nothing for DATA.
            times: How often; None for always.
        """
        self._orders[command, about] = Order(reply, times)

    @property
    def mails(self) -> tuple[SunkMail, ...]:
        """Every mail taken so far, in order of arrival."""
        return tuple(self._mails)

    def wait_for_mails(self, count: int, timeout_s: float = PATIENCE_S) -> tuple[SunkMail, ...]:
        """Return the mails once there are at least so many.

        Raises:
            AssertionError: There are fewer in the end.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._mails) >= count, timeout_s):
                raise AssertionError(f"{len(self._mails)} mails, not {count}, within {timeout_s:g} s")
            return self.mails

    def ordered(self, command: Command, about: str = "") -> str | None:
        """Return what a test wants answered this time; None for the usual."""
        order = self._orders.get((command, about))
        if order is None or order.times == 0:
            return None
        if order.times is not None:
            order.times -= 1
        return order.reply

    def keep(self, mail: SunkMail) -> None:
        """Add a mail to those taken."""
        with self._changed:
            self._mails.append(mail)
            self._changed.notify_all()

    def connection(self) -> _Connection:
        """Return the protocol of one connection."""
        smtp = _Connection(
            _Handler(self),
            data_size_limit=MAIL_BYTES,
            enable_SMTPUTF8=True,
            hostname="sink.example.test",
            tls_context=self._tls if self._security == "starttls" else None,
            auth_require_tls=self._security == "starttls",
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )
        # Not by the constructor: it warns of AUTH without STARTTLS, which a test may well want.
        smtp._auth_required = self._login is not None
        return smtp

    @property
    def implicit_tls(self) -> ssl.SSLContext | None:
        """The context for TLS from the first byte; None where there is none."""
        return self._tls if self._security == "tls" else None

    def _authenticate(self, *asked: object) -> AuthResult:
        given = asked[-1]
        right = isinstance(given, LoginPassword) and (given.login.decode(), given.password.decode()) == self._login
        return AuthResult(success=right, handled=False, auth_data=self._login[0] if right and self._login else None)


class _Handler:
    """What aiosmtpd asks at each command."""

    def __init__(self, sink: SmtpSink) -> None:
        self._sink = sink

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._sink.ordered("MAIL", _bare(address))
        if reply is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return _said(server, reply)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._sink.ordered("RCPT", address)
        if reply is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return _said(server, reply)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (likewise)
        reply = self._sink.ordered("DATA")
        if reply in {None, HANG_UP}:
            self._sink.keep(
                SunkMail(
                    sender=_bare(envelope.mail_from or ""),
                    recipients=tuple(envelope.rcpt_tos),
                    raw=bytes(envelope.original_content or b""),
                    tls=session.ssl is not None or self._sink.implicit_tls is not None,
                    login=str(session.auth_data or ""),
                )
            )
        return _said(server, reply)


def _bare(sender: str) -> str:
    return "" if sender == "<>" else sender


def _said(server: SMTP, reply: str | None) -> str:
    if reply == HANG_UP and isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    return reply or "250 2.0.0 OK"


class _Listener:
    """One life of a sink: a thread with an event loop, from start to stop."""

    def __init__(self, sink: SmtpSink) -> None:
        self._sink = sink
        self._ready = threading.Event()
        self._problem: OSError | None = None
        self._connections: list[_Connection] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="smtp-sink", daemon=True)
        self._thread.start()
        if not self._ready.wait(START_TIMEOUT_S) or self._problem:
            raise ServerError(f"the SMTP sink cannot listen on port {sink.port}: {self._problem}")

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        sink = self._sink
        try:
            server = await self._loop.create_server(self._connect, sink.host, sink.port, ssl=sink.implicit_tls)
        except OSError as error:
            self._problem = error
            return
        finally:
            self._ready.set()
        await self._ended.wait()
        server.close()
        await asyncio.wait_for(asyncio.gather(*(connection.cut() for connection in self._connections)), PATIENCE_S)

    def _connect(self) -> _Connection:
        connection = self._sink.connection()
        self._connections.append(connection)
        return connection


def _tls_context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.certificate_file, certificates.key_file)
    return context
