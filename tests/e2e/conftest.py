from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.gateway import Gateway, Setting
from tests.e2e.spawner import Spawner

MakeGateway = Callable[[Setting], Gateway]


@pytest.fixture(scope="session")
def spawner() -> Iterator[Spawner]:
    started = Spawner.start()
    yield started
    started.close()


@pytest.fixture
def make_gateway(tmp_path: Path, spawner: Spawner) -> Iterator[MakeGateway]:
    """Return a maker of gateways, not yet running; all of them are stopped in the end, and must end well."""
    with ExitStack() as ending:

        def make(setting: Setting) -> Gateway:
            gateway = Gateway(tmp_path / setting.address, setting, spawner)
            ending.callback(gateway.close)
            return gateway

        yield make
