"""A TCP proxy that breaks connections on purpose: cut, or fall silent, after so many octets from the server."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.servers.parts import HOST, PATIENCE_S

CHUNK_BYTES = 4096


class Proxy:
    """Stands between a client and a server on this machine. A context manager; `port` is where clients go.

    Nothing is broken until `cut_after` or `stall_after` says so; that holds for one connection, open or next.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._left: int | None = None
        self._stall = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def cut_after(self, size_bytes: int) -> None:
        """Cut the connection once so many more octets came from the server."""
        with self._lock:
            self._left, self._stall = size_bytes, False

    def stall_after(self, size_bytes: int) -> None:
        """Pass nothing on, and close nothing, once so many more octets came from the server."""
        with self._lock:
            self._left, self._stall = size_bytes, True

    def cut(self) -> None:
        """Cut every connection now."""
        for end in self._sockets:
            _break(end)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _break(self._listener)
        self.cut()
        for thread in self._threads:
            thread.join(PATIENCE_S)
        for end in (self._listener, *self._sockets):
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                server = socket.create_connection((HOST, self._target), timeout=PATIENCE_S)
                server.settimeout(None)
                self._sockets += [client, server]
                for work in (lambda c=client, s=server: self._up(c, s), lambda c=client, s=server: self._down(c, s)):
                    thread = threading.Thread(target=work, daemon=True)
                    self._threads.append(thread)
                    thread.start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while octets := client.recv(CHUNK_BYTES):
                server.sendall(octets)
        _break(server)

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while octets := server.recv(CHUNK_BYTES):
                passed, goes_on = self._passed(octets)
                client.sendall(passed)
                if not goes_on:
                    break
        _break(server)
        _break(client)

    def _passed(self, octets: bytes) -> tuple[bytes, bool]:
        """Return what is passed on of some octets, and whether the connection lives."""
        with self._lock:
            if self._left is None:
                return octets, True
            passed = octets[: self._left]
            self._left -= len(passed)
            if self._left or self._stall:
                return passed, True
            self._left = None
            return passed, False


def _break(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
