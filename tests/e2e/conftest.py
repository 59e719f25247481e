from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.circle import Circle, MakeCircle
from tests.e2e.gateway import Gateway, Setting
from tests.e2e.spawner import Spawner
from tests.servers import Certificates, Dovecot, Postfix, Postgres

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


@pytest.fixture
def make_circle(
    make_gateway: MakeGateway,
    dovecot: Dovecot,
    postfix: Postfix,
    certificates: Certificates,
    new_user: Callable[[], str],
) -> MakeCircle:
    """Return a maker of circles: STARTTLS to both servers, and IDLE, since the next poll comes after ten minutes."""

    def make(database: str = "", agent: str = "", *, by_command: bool = False, **setting: object) -> Circle:
        support, agent = new_user(), agent or new_user()
        whole = Setting(
            support,
            dovecot.imap_port,
            postfix.port,
            database,
            str(certificates.ca_file),
            imap_security="starttls",
            smtp_security="starttls",
            agents=(("anna", agent),),
            **setting,  # type: ignore[arg-type]  # the names are checked when it runs
        )
        gateway = make_gateway(whole)
        gateway.start(by_command=by_command)
        return Circle(gateway, postfix, dovecot, support, agent, new_user())

    return make


@pytest.fixture(params=["sqlite", "postgres"])
def circle(request: pytest.FixtureRequest, make_circle: MakeCircle) -> Circle:
    if request.param == "sqlite":
        return make_circle(by_command=True)
    postgres: Postgres = request.getfixturevalue("postgres")
    return make_circle(postgres.create_database(), by_command=True)
