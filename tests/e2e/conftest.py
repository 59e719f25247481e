from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.gateway import Gateway, Setting

MakeGateway = Callable[[Setting], Gateway]


@pytest.fixture
def make_gateway(tmp_path: Path) -> Iterator[MakeGateway]:
    """Return a maker of gateways, not yet running; all of them are stopped in the end, and must end well."""
    with ExitStack() as ending:

        def make(setting: Setting) -> Gateway:
            gateway = Gateway(tmp_path / setting.address, setting)
            ending.callback(gateway.close)
            return gateway

        yield make
