"""One mailbox's thread: look at every folder, wait for news, come back after a failure with growing patience."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import structlog
import tenacity

from mailgateway.app.health import Health
from mailgateway.app.intake import Intake, move_set_aside, poll_folder
from mailgateway.app.ports import Lease, MailServer
from mailgateway.config import FolderConfig, MailboxConfig
from mailgateway.daemon.leases import Leases
from mailgateway.errors import FencedError, MailgatewayError, NotFoundError

LONGEST_WAIT_S = 60.0
"""Between two tries to reach a server that does not answer."""
AGAIN_AFTER_S = 1.0
"""Between the end of a connection that had worked and the next one: a server that ends each is not stormed."""
WAIT_FOR_LEASE_S = 1.0
"""Between two looks whether the mailbox is ours."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Poller:
    """What a mailbox's thread works with.

    Attributes:
        missing: The folders that were said to be missing, each once until it is there.
    """

    intake: Intake
    leases: Leases
    health: Health
    connect: Callable[[MailboxConfig], MailServer]
    new_mail: Callable[[], None]
    stop: threading.Event
    missing: set[str] = field(default_factory=set)

    @property
    def mailbox(self) -> MailboxConfig:
        """The mailbox."""
        return self.intake.mailbox


def poll_until_stopped(poller: Poller) -> None:
    """Poll a mailbox until the stop event is set; a server that fails is waited for, longer each time."""
    while not poller.stop.is_set():
        lease = poller.leases.held(poller.mailbox.name)
        if lease is None:
            poller.stop.wait(WAIT_FOR_LEASE_S)
            continue
        tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(MailgatewayError),
            wait=tenacity.wait_exponential_jitter(initial=1.0, max=LONGEST_WAIT_S, jitter=2.0),
            stop=tenacity.stop_when_event_set(poller.stop),
            sleep=tenacity.sleep_using_event(poller.stop),
            retry_error_callback=lambda _state: None,
        )
        tries(_session, poller)


def poll_once(poller: Poller, server: MailServer, lease: Lease) -> int:
    """Look at every folder of a mailbox once; return the number of new mails.

    The first folder comes first, so that no other one keeps it from being looked at, and once more at the end: it stays
    selected, and what arrives there from now on is news for `wait`.

    Raises:
        MailgatewayError: As `poll_folder`; a folder other than the first may be missing.
    """
    first, *others = poller.mailbox.folders
    new = _told(poller, poll_folder(poller.intake, server, lease, first))
    move_set_aside(poller.intake, server)
    new += sum(_poll_if_there(poller, server, lease, folder) for folder in others)
    new += _told(poller, poll_folder(poller.intake, server, lease, first))
    poller.health.polled(poller.mailbox.name, poller.intake.clock.now())
    return new


def _poll_if_there(poller: Poller, server: MailServer, lease: Lease, folder: FolderConfig) -> int:
    try:
        new = _told(poller, poll_folder(poller.intake, server, lease, folder))
    except NotFoundError:
        if folder.name not in poller.missing:
            log.warning("folder.missing", mailbox=poller.mailbox.name, folder=folder.name)
            poller.missing.add(folder.name)
        return 0
    poller.missing.discard(folder.name)
    return new


def _told(poller: Poller, new: int) -> int:
    if new:
        poller.new_mail()
    return new


def _session(poller: Poller) -> None:
    """Keep one connection as long as it lasts.

    Raises:
        MailgatewayError: It failed before the first good look; after one the caller begins anew after a moment.
    """
    looked = False
    try:
        with closing(poller.connect(poller.mailbox)) as server:
            while not poller.stop.is_set() and (lease := poller.leases.held(poller.mailbox.name)):
                poll_once(poller, server, lease)
                looked = True
                _wait(poller, server)
    except FencedError:
        poller.leases.lost(poller.mailbox.name)
    except MailgatewayError as error:
        _say_failed(poller, str(error))
        if not looked:
            raise
        poller.stop.wait(AGAIN_AFTER_S)
    except Exception as error:
        _say_failed(poller, repr(error))
        log.exception("mailbox.bug", mailbox=poller.mailbox.name)
        raise MailgatewayError(str(error)) from error


def _say_failed(poller: Poller, problem: str) -> None:
    poller.health.failed(poller.mailbox.name, problem)
    log.warning("mailbox.failed", mailbox=poller.mailbox.name, problem=problem)


def _wait(poller: Poller, server: MailServer) -> None:
    """Wait for news in the first folder, which is selected, at most until the next look at all of them is due."""
    access = poller.mailbox.imap
    if access.idle and server.can_idle:
        server.wait(access.poll_every_s, poller.stop.is_set)
    else:
        poller.stop.wait(access.poll_every_s)
