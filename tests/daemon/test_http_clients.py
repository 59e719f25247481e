"""What clients of the health port can do to it: nothing that lasts."""

import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from mailgateway.adapters import http
from mailgateway.adapters.http import MOST_CONNECTIONS, HealthPort
from mailgateway.errors import PermanentError
from tests.daemon.test_http import OBSERVED
from tests.servers import PATIENCE_S, eventually, free_port


@pytest.fixture
def port() -> Iterator[HealthPort]:
    opened = HealthPort("127.0.0.1", 0, OBSERVED)
    opened.start()
    yield opened
    opened.stop()


def connected(port: HealthPort) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port.port), timeout=PATIENCE_S)


def answers(port: HealthPort) -> bool:
    with (
        suppress(OSError),
        urllib.request.urlopen(f"http://127.0.0.1:{port.port}/healthz", timeout=PATIENCE_S) as answer,
    ):
        return bool(answer.status == 200)
    return False


def threads_of_clients() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "process_request_thread" in thread.name]


def test_a_client_that_says_nothing_is_hung_up_on(port: HealthPort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LONGEST_S", 0.1)

    with connected(port) as client:
        heard = client.recv(1)

    assert heard == b""
    eventually(lambda: not threads_of_clients())


def test_a_client_that_talks_for_ever_is_hung_up_on(port: HealthPort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LONGEST_S", 0.5)

    with connected(port) as client:
        client.settimeout(0.05)
        client.sendall(b"GET /healthz HTTP/1.0\r\nX: ")
        eventually(lambda: hung_up_on(client, b"y"))

    eventually(lambda: not threads_of_clients())


def hung_up_on(client: socket.socket, said: bytes) -> bool:
    """Say something; return whether the other side hung up, after a moment."""
    try:
        client.sendall(said)
        return client.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_more_clients_than_are_answered_at_once_are_hung_up_on(
    port: HealthPort, capfd: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as silent:
        for _ in range(MOST_CONNECTIONS):
            silent.enter_context(connected(port))
        with connected(port) as one_more:
            heard = one_more.recv(1)

    assert heard == b""
    eventually(lambda: answers(port))
    assert capfd.readouterr().err == ""


def test_a_port_is_handed_over_so_that_nobody_else_can_take_it() -> None:
    number = free_port()
    first = HealthPort("127.0.0.1", number, OBSERVED)
    first.start()

    second = HealthPort("127.0.0.1", number, OBSERVED, first)
    first.stop()
    with pytest.raises(PermanentError):
        HealthPort("127.0.0.1", number, OBSERVED)
    second.start()

    assert answers(second)
    second.stop()
    with pytest.raises(ConnectionRefusedError):
        connected(second)


def test_any_free_port_and_another_one_are_not_handed_over() -> None:
    first = HealthPort("127.0.0.1", 0, OBSERVED)
    others = [HealthPort("127.0.0.1", number, OBSERVED, first) for number in (0, free_port())]

    assert first.port not in {other.port for other in others}
    for opened in (first, *others):
        opened.stop()
