"""Servers, names and hypothesis profiles for all tests.

`dovecot`, `postfix` and `postgres` run once for the whole test run and are shared by all its processes: a test keeps to
users (`unique_user`) and databases of its own. A test that stops a server takes `own_dovecot` or `own_postgres`.
"""

import logging
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import pytest
import structlog
from hypothesis import HealthCheck, settings
from xdist.workermanage import WorkerController

from tests.servers import Certificates, Dovecot, OpenDkim, Postfix, Postgres, SmtpSink, certificates_in
from tests.servers.shared import AnyServer, Server, end_shared, locked, make_run_folder, remove, shared

RUN_FOLDER = pytest.StashKey[Path]()

ON_CI = os.environ.get("CI") == "true"
SLOW = HealthCheck.too_slow  # says as much of the machine as of the test
settings.register_profile("default", max_examples=50, deadline=None, suppress_health_check=[SLOW])
settings.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, print_blob=True, suppress_health_check=[SLOW]
)
settings.register_profile(
    "soak", max_examples=5000, deadline=None, suppress_health_check=[SLOW, HealthCheck.data_too_large]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if ON_CI else "default"))


def pytest_configure(config: pytest.Config) -> None:
    given: dict[str, str] = getattr(config, "workerinput", {})  # only a process of pytest-xdist has it
    config.stash[RUN_FOLDER] = Path(given["run_folder"]) if given else make_run_folder()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    node.workerinput["run_folder"] = str(node.config.stash[RUN_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        end_shared(config.stash[RUN_FOLDER], MAKERS)


def make_dovecot(run_folder: Path) -> Dovecot:
    return Dovecot(run_folder / "dovecot", certificates_in(run_folder / "certificates"))


def make_postfix(run_folder: Path) -> Postfix:
    dovecot = make_dovecot(run_folder)
    milter = make_opendkim(run_folder)
    return Postfix(run_folder / "postfix", dovecot.lmtp_port, dovecot.certificates, milter.port)


def make_opendkim(run_folder: Path) -> OpenDkim:
    return OpenDkim(run_folder / "opendkim")


def make_postgres(run_folder: Path) -> Postgres:
    return Postgres(run_folder / "postgres")


MAKERS: Mapping[str, Callable[[Path], Server]] = {
    "dovecot": make_dovecot,
    "postfix": make_postfix,
    "opendkim": make_opendkim,
    "postgres": make_postgres,
}


def require(kind: type[Dovecot | OpenDkim | Postfix | Postgres]) -> None:
    """Skip the test where the server cannot run here; on CI that is a failure."""
    reason = kind.missing()
    if reason:
        cannot_run(reason)


def cannot_run(reason: str) -> NoReturn:
    """Skip the test; on CI that is a failure, so that nothing is silently untested."""
    if ON_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.stash[RUN_FOLDER]


@pytest.fixture(scope="session")
def certificates(run_folder: Path) -> Certificates:
    with locked(run_folder):
        return certificates_in(run_folder / "certificates")


@pytest.fixture(scope="session")
def dovecot(run_folder: Path) -> Dovecot:
    require(Dovecot)
    return shared(run_folder, "dovecot", make_dovecot)


@pytest.fixture(scope="session")
def postfix(run_folder: Path, dovecot: Dovecot) -> Postfix:  # noqa: ARG001 (its mail ends in the running Dovecot)
    require(Postfix)
    return shared(run_folder, "postfix", make_postfix)


@pytest.fixture(scope="session")
def opendkim(run_folder: Path, postfix: Postfix) -> OpenDkim:  # noqa: ARG001 (the mail it verifies goes through it)
    require(OpenDkim)
    return shared(run_folder, "opendkim", make_opendkim)


@pytest.fixture(scope="session")
def postgres(run_folder: Path) -> Postgres:
    require(Postgres)
    return shared(run_folder, "postgres", make_postgres)


@pytest.fixture(autouse=True)
def usual_log() -> Iterator[None]:
    """Forget how an earlier test of this process set up the log: this one may look for a warning.

    Tracebacks are plain: with the values of all variables, as structlog shows them, one takes seconds.
    """
    root = logging.getLogger()
    level = root.level
    structlog.reset_defaults()
    *others, _ = structlog.get_config()["processors"]
    structlog.configure([*others, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])
    yield
    root.setLevel(level)
    for handler in [known for known in root.handlers if known.get_name() == "mailgateway"]:
        root.removeHandler(handler)


@pytest.fixture
def own_folder() -> Iterator[Path]:
    folder = make_run_folder()
    yield folder
    remove(folder)


@pytest.fixture
def own_dovecot(own_folder: Path, certificates: Certificates) -> Iterator[Dovecot]:
    require(Dovecot)
    yield from running(Dovecot(own_folder / "dovecot", certificates))


@pytest.fixture
def own_postgres(own_folder: Path) -> Iterator[Postgres]:
    require(Postgres)
    yield from running(Postgres(own_folder / "postgres"))


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    yield from running(SmtpSink())


@pytest.fixture
def tls_sink(certificates: Certificates) -> Iterator[SmtpSink]:
    """Give a sink that offers STARTTLS and demands a login after it."""
    yield from running(SmtpSink(certificates, "starttls", ("gateway", "secret")))


def running(server: AnyServer) -> Iterator[AnyServer]:
    """Yield the started server; stop it in the end, also where it came up by half."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def unique_user(new_user: Callable[[], str]) -> str:
    """Return the address of a mailbox no other test knows."""
    return new_user()


@pytest.fixture
def new_user() -> Callable[[], str]:
    """Return a maker of such addresses, for tests with several people."""
    return lambda: f"u{secrets.token_hex(6)}@example.test"
