"""A mail server of one's own, in this process: IMAP by pymap and SMTP by aiosmtpd, on free loopback ports."""

import asyncio
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import imapclient
from aiosmtpd.smtp import SMTP, Envelope, Session
from proxyprotocol.result import ProxyResultLocal
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import DictBackend
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer

HOST = "127.0.0.1"
START_S = 10.0
"""How long a server may take to answer."""


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail that the SMTP server accepted."""

    envelope_sender: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass(slots=True)
class Sink:
    """Accepts every mail and keeps it."""

    mails: list[SentMail] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """Keep one mail."""
        raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        self.mails.append(SentMail((envelope.mail_from or "").strip("<>"), tuple(envelope.rcpt_tos), raw))
        return "250 kept"


@dataclass(frozen=True, slots=True)
class MailServers:
    """Where the two servers listen, and what was sent.

    Attributes:
        imap_port: The port of the IMAP server, without TLS.
        smtp_port: The port of the SMTP server, without TLS.
        user: The one account's name.
        password: Its password.
        sink: What the SMTP server accepted.
    """

    imap_port: int
    smtp_port: int
    user: str
    password: str
    sink: Sink

    def deliver(self, raw: bytes) -> None:
        """Put a mail into the account's INBOX, as a mail system would."""
        with imapclient.IMAPClient(HOST, self.imap_port, ssl=False) as client:
            client.login(self.user, self.password)
            client.append("INBOX", raw)


@contextmanager
def mail_servers(user: str = "support", password: str = "secret") -> Iterator[MailServers]:  # noqa: S107 -- of a demo
    """Run both servers, in an event loop of their own thread, until the context ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mail-servers", daemon=True)
    thread.start()
    stack = AsyncExitStack()
    sink = Sink()
    try:
        starting = asyncio.run_coroutine_threadsafe(_start(stack, sink, user, password), loop)
        imap_port, smtp_port = starting.result(START_S)
        yield MailServers(imap_port, smtp_port, user, password, sink)
    finally:
        asyncio.run_coroutine_threadsafe(_stop(stack), loop).result(START_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_S)
        loop.close()


async def _start(stack: AsyncExitStack, sink: Sink, user: str, password: str) -> tuple[int, int]:
    imap = await _imap_server(user, password)
    stack.callback(imap.close)
    smtp = await asyncio.get_running_loop().create_server(lambda: SMTP(sink, enable_SMTPUTF8=True), HOST, 0)
    stack.callback(smtp.close)
    return _port(imap), _port(smtp)


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def _stop(stack: AsyncExitStack) -> None:
    """Close the servers and end what still talks to them."""
    await stack.aclose()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _imap_server(user: str, password: str) -> asyncio.Server:
    """Start pymap with one empty account."""
    options = Namespace(
        demo_data=False, demo_user=user, demo_password=password, host=HOST, port=0, tls=False, proxy_protocol=None,
        passlib_cfg=None, debug=False, cert=None, key=None, inherited_sockets=None,
    )  # fmt: skip
    # Without pymap's pool of threads for passwords: it would outlive the loop, and what it frees then is the loop's.
    backend, config = await DictBackend.init(options, secure_auth=False, cpu_subsystem=Subsystem.for_asyncio())
    config.apply_context()
    server = IMAPServer(backend.login, config)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # proxyprotocol's own callback starts a task that nobody holds: the garbage collector ends live connections
        await server(reader, writer, SocketInfo.get(writer, ProxyResultLocal(), unique_id=uuid4().bytes))

    return await asyncio.start_server(connected, HOST, 0)
